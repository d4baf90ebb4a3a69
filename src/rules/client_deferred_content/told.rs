//! The lists of participants that a client was given, by whichever carrier, and what they come to (L11).

use std::collections::BTreeSet;

use cpm_wire::conference_info::{EndpointStatus, Roster};

use super::chat::{Chat, is_present};
use super::fail;
use crate::rules::{Judgement, Moment, RuleEntry};
use crate::story::Answer;
use crate::story::client::Notice;
use crate::story::content::Kind;
use crate::story::subscriptions::Subscription;
use crate::story::told::{Telling, Told};

/// A document that was sent to the client.
pub(super) struct Sent {
    pub frame: u64,
    pub in_session: bool,
    pub answer: Option<Answer>,
    /// Whether an answer is due at all.
    pub due: bool,
}

impl<'a> Chat<'a> {
    /// Every document that was sent to the client, in order.
    pub fn lists_sent(self) -> Vec<Sent> {
        let by_notice = self.notices().filter_map(|notice| {
            notice.document.as_ref()?;
            let in_passing = self.refused_in_passing(notice);
            let answer = notice.answer.filter(|_| !in_passing);
            Some(Sent { frame: notice.frame, in_session: false, answer, due: !in_passing })
        });
        let in_session = self.sent().filter_map(|item| match &item.content.kind {
            Kind::Participants(_) => {
                let answer = item.refusal().or(item.answer);
                Some(Sent { frame: item.frame, in_session: true, answer, due: item.expects_answer })
            }
            _ => None,
        });
        let mut sent = by_notice.chain(in_session).collect::<Vec<_>>();
        sent.sort_by_key(|sent| sent.frame);
        sent
    }

    /// Whether a NOTIFY was refused after another one was sent, which may have come first: then it is out of order, or the
    /// subscription is over, and the refusal is right (RFC 3261 section 12.2.2).
    fn refused_in_passing(self, notice: &Notice) -> bool {
        let Some(answer) = notice.answer.filter(|answer| !answer.is_success()) else { return false };
        self.notices().any(|other| other.frame > notice.frame && other.frame < answer.frame)
    }

    /// Subscriptions of the client to the roster of the chat.
    pub fn subscriptions(self) -> impl Iterator<Item = &'a Subscription> {
        self.story.subscriptions().iter().filter(move |subscription| {
            subscription.by_target
                && subscription.person.as_deref() == Some(self.person)
                && subscription.group.as_deref() == Some(self.group)
        })
    }

    /// Whether the client still answers the notifications of its subscription, or has subscribed anew.
    pub fn subscription_lives(self, entry: &RuleEntry, moment: Moment) -> Result<usize, Judgement> {
        let Some(last) = self.notices().last() else { return Ok(0) };
        let expected = format!("the subscription of {} to \"{}\" lives", self.person, self.group);
        match last.answer {
            Some(answer) if answer.is_success() => Ok(1),
            _ if self.subscriptions().any(|subscription| subscription.frame > last.frame) => Ok(0),
            Some(answer) => {
                let observed = format!("the notification in frame {} was answered {}", last.frame, answer.status);
                Err(Judgement::Broken(fail(entry, expected, observed, answer.frame)))
            }
            None if moment == Moment::Open => Err(Judgement::Undecided),
            None => {
                let observed = format!("the notification in frame {} was never answered", last.frame);
                Err(self.missing(entry, expected, observed, last.frame))
            }
        }
    }

    /// Who of the others is present in the roster of the focus in a frame.
    pub fn present_at(self, frame: u64) -> BTreeSet<String> {
        let members = self.roster_at(frame).unwrap_or_default().iter();
        let present = members.filter(|member| is_present(member.status)).map(|member| self.name_of(&member.entity));
        present.filter(|name| name != self.person).collect()
    }

    /// The lists that the client could put together of what it was notified, in order.
    pub fn notified(self) -> Vec<&'a Telling> {
        self.subscriptions().flat_map(|subscription| understood(&subscription.told)).collect()
    }

    /// The same, of what came in sessions.
    pub fn told_in_session(self) -> Vec<&'a Telling> {
        let own = self.story.session_rosters().iter().filter(move |told| {
            told.person.as_deref() == Some(self.person) && told.group.as_deref() == Some(self.group)
        });
        own.flat_map(|session| understood(&session.told)).collect()
    }

    /// Whether a carrier told the client, before a frame, that these and no others are present. What the client has not
    /// acknowledged by then may still have been under way.
    pub fn was_told(self, present: &BTreeSet<String>, before: u64) -> bool {
        let sent = self.lists_sent();
        let heard = |told: &&Telling| {
            let answered = |sent: &Sent| sent.answer.is_some_and(|answer| answer.frame < before);
            sent.iter().any(|sent| sent.frame == told.frame && (!sent.due || answered(sent)))
        };
        let last = |told: Vec<&'a Telling>| {
            let last = told.into_iter().rfind(|told| told.frame < before && heard(told));
            last.map(|told| self.present_in(&told.held.by_schema))
        };
        let listed = self.deliveries().filter(|leg| leg.invited < before).filter_map(|leg| leg.list.as_ref()).last();
        let listed = listed.map(|list| list.iter().map(|uri| self.name_of(uri)).filter(|name| name != self.person));
        let carriers = [last(self.notified()), last(self.told_in_session()), listed.map(Iterator::collect)];
        carriers.iter().flatten().any(|told| told == present)
    }

    /// Who of the others is present in a list.
    pub fn present_in(self, roster: &Roster) -> BTreeSet<String> {
        let gone =
            |status: &EndpointStatus| matches!(status, EndpointStatus::Disconnected | EndpointStatus::Disconnecting);
        let present = roster.members().iter().filter(|(_, member)| !member.status().is_some_and(gone));
        present.map(|(entity, _)| self.name_of(entity)).filter(|name| name != self.person).collect()
    }
}

/// Documents that could be folded in.
fn understood(told: &Told) -> impl Iterator<Item = &Telling> {
    told.documents.iter().filter(|document| document.gap.is_none())
}

/// The first difference between those who are present and those who are named.
pub(super) fn difference(present: &BTreeSet<String>, named: &BTreeSet<String>) -> Option<String> {
    let lacking = present.difference(named).next().map(|name| format!("{name} is present, and is missing"));
    lacking.or_else(|| named.difference(present).next().map(|name| format!("{name} is named, and is not present")))
}
