//! What a device asks of the focus or the factory passes the target, and so does the answer.

use cpm_wire::sip::identity_key;

use super::devices::settled;
use super::restart::onward;
use super::{CONV_058A, Chat, fail, harness, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg};
use crate::story::{Answer, Referral, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const ANSWERED: RuleEntry = RuleEntry {
    id: "missed_group_content.answered",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L11", "L19"],
    stage3: false,
    what: "A request of a returned device reaches the newest focus, or the factory, and the answer reaches the device.",
    source: "CPM-CONV-058a, RFC 4579 section 5",
};

/// What a device asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// To add a member, by REFER.
    Add,
    /// To start an ended chat anew, at the factory.
    Restart,
    /// To come back into the chat, at its focus.
    Rejoin,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A 2xx.
    Granted,
    /// Any other final answer.
    Refused,
}

/// A request of the person passes the target, and the answer comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// Who asks.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// What is asked.
    pub what: Asked,
    /// What the focus or the factory answers.
    pub outcome: Reply,
}

impl Rule for Answered {
    fn entry(&self) -> &'static RuleEntry {
        &ANSWERED
    }

    fn expects(&self) -> String {
        format!(
            "what {} asks of \"{}\" ({:?}) passes the target, and the answer comes back",
            self.person, self.group, self.what
        )
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = match self.asked(&chat) {
            None => harness(format!("no device of {} asked for it", self.person)),
            Some(asked) => self.answered(&chat, &asked, &mut warnings),
        };
        settled(judgement, warnings, moment)
    }
}

/// A request of a device, and where it went on to.
struct Request {
    frame: u64,
    answer: Option<Answer>,
    onward: Option<Onward>,
}

/// The request as the target sent it on.
struct Onward {
    frame: u64,
    to: String,
    answer: Option<Answer>,
    changed: Option<String>,
}

impl Answered {
    fn asked(&self, chat: &Chat<'_>) -> Option<Request> {
        match self.what {
            Asked::Add => added(chat),
            Asked::Restart => {
                let restarts = chat.story.device_legs(chat.person, chat.group);
                let sent = restarts.filter(|leg| !leg.by_target && leg.list.is_some()).last()?;
                Some(request(sent, onward(chat.story, sent)))
            }
            Asked::Rejoin => {
                let at_focus = |leg: &&Leg| chat.story.cast().group_at(&leg.request_uri).is_some();
                let rejoins = chat.story.device_legs(chat.person, chat.group).filter(|leg| !leg.by_target);
                let sent = rejoins.filter(|leg| leg.list.is_none()).filter(at_focus).last()?;
                let mut onward = chat.story.network_legs(chat.person, chat.group);
                Some(request(sent, onward.find(|leg| leg.by_target && leg.invited > sent.invited)))
            }
        }
    }

    fn answered(&self, chat: &Chat<'_>, asked: &Request, warnings: &mut Vec<Finding>) -> Judgement {
        let Some(answer) = asked.answer else {
            let observed = format!("the request in frame {} was not answered", asked.frame);
            return chat.missing(&ANSWERED, self.expects(), observed, Some(asked.frame));
        };
        let granted = self.outcome == Reply::Granted;
        match &asked.onward {
            Some(onward) => {
                if let Some(judgement) = self.passed(chat, onward) {
                    return judgement;
                }
                if let Some(theirs) = onward.answer
                    && theirs.is_success() == answer.is_success()
                    && theirs.status != answer.status
                {
                    let expected = format!("the answer {} reaches the device", theirs.status);
                    let observed = format!("it got {} (frame {})", answer.status, answer.frame);
                    warnings.push(warning(&ANSWERED, "L19", expected, observed, Some(answer.frame)));
                }
            }
            None if granted && !self.stands_in_it(chat, asked.frame) => {
                let observed = format!("answered {} (frame {}) and not sent on", answer.status, answer.frame);
                return chat.missing(&ANSWERED, self.expects(), observed, Some(answer.frame));
            }
            None if !granted => {
                let observed = format!("the target answered {} by itself (frame {})", answer.status, answer.frame);
                warnings.push(warning(&ANSWERED, "L19", self.expects(), observed, Some(answer.frame)));
            }
            None => {}
        }
        if answer.is_success() == granted {
            return Judgement::Met { checks: 1 + usize::from(asked.onward.is_some()) };
        }
        let expected = format!("the device learns that it is {}", if granted { "granted" } else { "refused" });
        let observed = format!("it got {} (frame {})", answer.status, answer.frame);
        Judgement::Broken(fail(&ANSWERED, expected, observed, Some(answer.frame)))
    }

    /// What is wrong with the request as it went on; and whether the answer was the one that the scenario is about.
    fn passed(&self, chat: &Chat<'_>, onward: &Onward) -> Option<Judgement> {
        if let Some(changed) = &onward.changed {
            return Some(Judgement::Broken(fail(&ANSWERED, self.expects(), changed.clone(), Some(onward.frame))));
        }
        let newest = chat.story.cast().group(chat.group).and_then(|group| group.foci.last());
        if self.what != Asked::Restart && newest.is_some_and(|newest| *newest != identity_key(&onward.to)) {
            let expected = format!("the request reaches the newest focus, {}", newest.map_or("", String::as_str));
            let observed = format!("it went to {} (frame {})", onward.to, onward.frame);
            return Some(Judgement::Broken(fail(&ANSWERED, expected, observed, Some(onward.frame))));
        }
        let theirs = onward.answer.map(Answer::is_success);
        (theirs != Some(self.outcome == Reply::Granted))
            .then(|| harness(format!("the request in frame {} was not {:?} by the tester", onward.frame, self.outcome)))
    }

    /// Whether the target itself stands in the newest focus for the person, so that a rejoin needs no other leg.
    fn stands_in_it(&self, chat: &Chat<'_>, frame: u64) -> bool {
        let opened = chat.story.cast().group(chat.group).and_then(|group| group.opened.last().copied());
        let mut legs = chat.story.network_legs(chat.person, chat.group);
        self.what == Asked::Rejoin
            && legs
                .any(|leg| leg.established() && leg.alive_at(frame) && opened.is_none_or(|opened| leg.invited > opened))
    }
}

fn request(sent: &Leg, onward: Option<&Leg>) -> Request {
    let contribution = |leg: &Leg| leg.contribution.clone().unwrap_or_else(|| "(none)".to_owned());
    Request {
        frame: sent.invited,
        answer: sent.answer,
        onward: onward.map(|onward| Onward {
            frame: onward.invited,
            to: onward.request_uri.clone(),
            answer: onward.answer,
            changed: (onward.contribution != sent.contribution)
                .then(|| format!("it went on with Contribution-ID {}", contribution(onward))),
        }),
    }
}

/// The latest REFER of a device of the person that is to bring somebody in.
fn added(chat: &Chat<'_>) -> Option<Request> {
    let of_chat = |known: &&Referral| {
        known.person.as_deref().is_none_or(|person| person == chat.person)
            && known.group.as_deref().is_none_or(|group| group == chat.group)
            && !known.out
    };
    let all = || chat.story.referrals().iter().filter(of_chat);
    let sent = all().rfind(|known| !known.by_target && known.end == End::Device)?;
    let whom = |known: &Referral| known.whom.iter().map(|uri| identity_key(uri)).collect::<Vec<_>>();
    let onward = all().find(|known| known.by_target && known.frame > sent.frame);
    Some(Request {
        frame: sent.frame,
        answer: sent.answer,
        onward: onward.map(|onward| Onward {
            frame: onward.frame,
            to: onward.request_uri.clone(),
            answer: onward.answer,
            changed: (whom(onward) != whom(sent)).then(|| format!("it went on for {}", onward.whom.join(", "))),
        }),
    })
}
