//! The client takes what is delivered: it accepts the session and acknowledges what comes in it (L07, L29).

use super::chat::Chat;
use super::taking::Offer;
use super::{CONV_058C, fail, harness, outside, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{Leg, MediaDirection};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const ACCEPTS_DELIVERY: RuleEntry = RuleEntry {
    id: "client_deferred_content.accepts_delivery",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L07", "L29"],
    stage3: true,
    what: "A session with missed content is accepted, its media can be reached, and every message in it is acknowledged.",
    source: "CPM-CONV-058c, RFC 4975 sections 5.4 and 7.2",
};

/// The person's client takes the delivery of a chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AcceptsDelivery {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for AcceptsDelivery {
    fn entry(&self) -> &'static RuleEntry {
        &ACCEPTS_DELIVERY
    }

    fn expects(&self) -> String {
        format!("the client of {} takes the delivery of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match self.taken(chat, moment) {
            Ok(checks) => Assessment { judgement: Judgement::Met { checks }, warnings: self.remarks(chat, statement) },
            Err(judgement) => judgement.into(),
        }
    }
}

impl AcceptsDelivery {
    fn taken(&self, chat: Chat<'_>, moment: Moment) -> Result<usize, Judgement> {
        let mut sessions = chat.legs().filter(|leg| leg.by_target && leg.established()).count();
        for offer in chat.deliveries().map(Offer::of) {
            match offer {
                Offer::Taken(leg) => {
                    self.usable(chat, leg)?;
                    sessions += 1;
                }
                Offer::Withdrawn => {}
                // Who refused once may have been asked at a bad time; the last offer counts.
                Offer::Refused(leg, answer) => {
                    if !chat.deliveries().any(|later| later.invited > leg.invited) {
                        return Err(chat.refused(&ACCEPTS_DELIVERY, leg, answer));
                    }
                }
                Offer::Open(_) if moment == Moment::Open => return Err(Judgement::Undecided),
                Offer::Open(leg) => return Err(chat.unanswered(&ACCEPTS_DELIVERY, leg)),
            }
        }
        if let Some(broken_off) = chat.broken_off(&ACCEPTS_DELIVERY) {
            return Err(broken_off);
        }
        let acknowledged = chat.acknowledged(&ACCEPTS_DELIVERY, moment)?;
        match (sessions.min(acknowledged), moment) {
            (0, Moment::Open) => Err(Judgement::Undecided),
            (0, Moment::Closed) => Err(chat.nothing_taken(&ACCEPTS_DELIVERY)),
            _ => Ok(sessions + acknowledged),
        }
    }

    /// The client's description names a path, and leaves the tester the direction to send in.
    fn usable(&self, chat: Chat<'_>, leg: &Leg) -> Result<(), Judgement> {
        let frame = leg.answer.map_or(leg.invited, |answer| answer.frame);
        let Some(media) = &leg.target else {
            let expected = format!("the client of {} answers with its MSRP path", chat.person);
            let observed = "its answer has no usable MSRP description".to_owned();
            return Err(Judgement::Broken(fail(&ACCEPTS_DELIVERY, expected, observed, frame)));
        };
        if media.direction == MediaDirection::Inactive {
            let expected = "a direction in which messages can come".to_owned();
            let finding = outside(&ACCEPTS_DELIVERY, "L29", expected, "inactive".to_owned(), frame);
            return Err(Judgement::Broken(finding));
        }
        Ok(())
    }

    /// What stage 3 knows of the answer: its direction, and that notifications are taken.
    fn remarks(&self, chat: Chat<'_>, statement: &Statement) -> Vec<Finding> {
        let mut warnings = Vec::new();
        for leg in chat.deliveries().filter(|leg| leg.established()) {
            let (Some(own), Some(media)) = (&leg.own, &leg.target) else { continue };
            let frame = leg.answer.map(|answer| answer.frame);
            if own.direction == MediaDirection::SendOnly {
                let answered = match media.direction {
                    MediaDirection::SendOnly => "mirror",
                    other => other.as_str(),
                };
                let declared = ("client_drain_answer", answered);
                warnings.extend(undeclared(&ACCEPTS_DELIVERY, statement, declared, "L29", frame));
            }
            if !media.takes_reports() {
                let expected = "the wrapped types that the client takes include message/imdn+xml".to_owned();
                let observed = "they do not".to_owned();
                warnings.push(warning(&ACCEPTS_DELIVERY, "L29", expected, observed, frame));
            }
        }
        warnings
    }
}

pub(super) const KEEPS_CHAT: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_chat",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L14"],
    stage3: false,
    what: "Whatever odd thing came, the session and the subscription live on and later messages are acknowledged.",
    source: "CPM-CONV-058c, RFC 4975 section 7.2",
};

/// The person's client goes on with a chat, whatever came in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeepsChat {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsChat {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_CHAT
    }

    fn expects(&self) -> String {
        format!("the client of {} goes on with \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        self.kept(Chat::new(story, &self.person, &self.group), moment).into()
    }
}

impl KeepsChat {
    fn kept(&self, chat: Chat<'_>, moment: Moment) -> Result<usize, Judgement> {
        if let Some(given_up) = chat.given_up(&KEEPS_CHAT) {
            return Err(given_up);
        }
        let acknowledged = chat.acknowledged(&KEEPS_CHAT, moment)?;
        let subscription = chat.subscription_lives(&KEEPS_CHAT, moment)?;
        match acknowledged {
            0 if moment == Moment::Open => Err(Judgement::Undecided),
            0 => Err(chat.nothing_taken(&KEEPS_CHAT)),
            acknowledged => Ok(acknowledged + subscription),
        }
    }
}

pub(super) const KEEPS_BOTH_LEGS: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_both_legs",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L07"],
    stage3: false,
    what: "A session with missed content and the live session of one chat stand side by side.",
    source: "CPM-CONV-058c",
};

/// The person's client keeps two sessions of one chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeepsBothLegs {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsBothLegs {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_BOTH_LEGS
    }

    fn expects(&self) -> String {
        format!("the client of {} keeps both sessions of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        self.kept(Chat::new(story, &self.person, &self.group), moment).into()
    }
}

impl KeepsBothLegs {
    fn kept(&self, chat: Chat<'_>, moment: Moment) -> Result<usize, Judgement> {
        if let Some(given_up) = chat.given_up(&KEEPS_BOTH_LEGS) {
            return Err(given_up);
        }
        for offer in chat.deliveries().map(Offer::of) {
            match offer {
                Offer::Refused(leg, answer) => return Err(chat.refused(&KEEPS_BOTH_LEGS, leg, answer)),
                Offer::Open(_) if moment == Moment::Open => return Err(Judgement::Undecided),
                Offer::Open(leg) => return Err(chat.unanswered(&KEEPS_BOTH_LEGS, leg)),
                Offer::Taken(_) | Offer::Withdrawn => {}
            }
        }
        self.reports_allowed(chat)?;
        let acknowledged = chat.acknowledged(&KEEPS_BOTH_LEGS, moment)?;
        match (self.side_by_side(chat), moment) {
            (Some(2), _) => Ok(2 + acknowledged),
            (_, Moment::Open) => Err(Judgement::Undecided),
            (None, _) => Err(harness(format!("there never were two sessions of \"{}\" at a time", chat.group))),
            (Some(_), _) => {
                Err(harness(format!("not in both sessions of \"{}\" was something sent while both stood", chat.group)))
            }
        }
    }

    /// Of two sessions that stood at the same time, in how many the client acknowledged something from then on.
    fn side_by_side(&self, chat: Chat<'_>) -> Option<usize> {
        let standing = || chat.legs().filter(|leg| leg.established());
        let both = standing().flat_map(|first| standing().map(move |second| (first, second)));
        let both = both.filter_map(|(first, second)| {
            let from = second.answer?.frame;
            (first.invited < second.invited && first.alive_at(from)).then_some((first, second, from))
        });
        let used = |leg: &Leg, from: u64| {
            let of_leg = |item: &&Item| chat.story.leg_of(item).is_some_and(|own| std::ptr::eq(own, leg));
            chat.sent().filter(of_leg).any(|item| item.frame > from && item.accepted())
        };
        both.map(|(first, second, from)| usize::from(used(first, from)) + usize::from(used(second, from))).max()
    }

    /// Reports go in a session whose other side takes them.
    fn reports_allowed(&self, chat: Chat<'_>) -> Result<(), Judgement> {
        let takes_none = |leg: &Leg| leg.own.as_ref().is_some_and(|media| !media.takes_reports());
        let Some((item, _)) = chat.reports().find(|(item, _)| chat.story.leg_of(item).is_some_and(takes_none)) else {
            return Ok(());
        };
        let expected = "reports go in a session that takes them, or as MESSAGE".to_owned();
        let observed = "one came in a session whose description does not list message/imdn+xml".to_owned();
        Err(Judgement::Broken(fail(&KEEPS_BOTH_LEGS, expected, observed, item)))
    }
}
