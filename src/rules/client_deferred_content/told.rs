//! The lists of participants that a client was given, by whichever carrier, and what they come to (L11).

use std::collections::BTreeSet;

use bytes::Bytes;
use cpm_wire::conference_info::{Document, EndpointStatus, Roster};

use super::chat::{Chat, is_present};
use super::fail;
use crate::rules::{Judgement, Moment, RuleEntry};
use crate::story::Answer;
use crate::story::content::Kind;
use crate::story::subscriptions::Subscription;

/// A document that was sent to the client.
pub(super) struct Told<'a> {
    pub frame: u64,
    pub octets: &'a Bytes,
    /// The subscription that it came for; none when it came in a session.
    pub subscribed: Option<u64>,
    pub answer: Option<Answer>,
    /// Whether an answer is due at all.
    pub due: bool,
}

impl<'a> Chat<'a> {
    /// Every document that was sent to the client, in order.
    pub fn told(self) -> Vec<Told<'a>> {
        let by_notice = self.notices().filter_map(|notice| {
            let octets = notice.document.as_ref()?;
            let subscribed = Some(notice.subscribed);
            Some(Told { frame: notice.frame, octets, subscribed, answer: notice.answer, due: true })
        });
        let in_session = self.sent().filter_map(|item| match &item.content.kind {
            Kind::Participants(octets) => {
                let answer = item.refusal().or(item.answer);
                Some(Told { frame: item.frame, octets, subscribed: None, answer, due: item.expects_answer })
            }
            _ => None,
        });
        let mut told = by_notice.chain(in_session).collect::<Vec<_>>();
        told.sort_by_key(|told| told.frame);
        told
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

    /// Whether a carrier told the client, before a frame, that these and no others are present.
    pub fn was_told(self, present: &BTreeSet<String>, before: u64) -> bool {
        let told = self.told();
        let told = told.iter().filter(|told| told.frame < before);
        let (notified, in_session): (Vec<_>, Vec<_>) = told.partition(|told| told.subscribed.is_some());
        let listed = self.deliveries().filter(|leg| leg.invited < before).filter_map(|leg| leg.list.as_ref()).last();
        let listed = listed.map(|list| list.iter().map(|uri| self.name_of(uri)).filter(|name| name != self.person));
        self.fold(&notified).as_ref() == Some(present)
            || self.fold(&in_session).as_ref() == Some(present)
            || listed.map(Iterator::collect).as_ref() == Some(present)
    }

    /// Who is present once these documents are read; none without a document that can be.
    fn fold(self, documents: &[&Told<'_>]) -> Option<BTreeSet<String>> {
        let (mut roster, mut subscribed, mut read) = (Roster::new(), None, false);
        for told in documents {
            if subscribed != told.subscribed {
                roster.subscribed_anew();
                subscribed = told.subscribed;
            }
            read |= Document::parse(told.octets).is_ok_and(|document| roster.apply(&document).is_ok());
        }
        read.then(|| self.present_in(&roster))
    }

    /// Who of the others is present in a list.
    pub fn present_in(self, roster: &Roster) -> BTreeSet<String> {
        let gone =
            |status: &EndpointStatus| matches!(status, EndpointStatus::Disconnected | EndpointStatus::Disconnecting);
        let present = roster.members().iter().filter(|(_, member)| !member.status().is_some_and(gone));
        present.map(|(entity, _)| self.name_of(entity)).filter(|name| name != self.person).collect()
    }
}

/// The first difference between those who are present and those who are named.
pub(super) fn difference(present: &BTreeSet<String>, named: &BTreeSet<String>) -> Option<String> {
    let lacking = present.difference(named).next().map(|name| format!("{name} is present, and is missing"));
    lacking.or_else(|| named.difference(present).next().map(|name| format!("{name} is named, and is not present")))
}
