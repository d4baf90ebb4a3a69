//! One session on several devices at once: who is in it, and what is said reaches everybody.

use super::attempt::{Attempt, asked, spot};
use super::{
    DEV_05, Judged, after_loss, device, harness, let_go, missing, own_accord, said, settled, stood_at, to_device,
    unkept,
};

use crate::rules::findings::{difference, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const ALL_JOINED: RuleEntry = RuleEntry {
    id: "multi_device.all_joined",
    requirement: DEV_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "Every device that accepts is in the session, and the caller gets one acceptance.",
    source: "PF-DEV-05",
};

/// Each of these devices is in the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AllJoined {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The devices.
    pub devices: Vec<String>,
}

impl Rule for AllJoined {
    fn entry(&self) -> &'static RuleEntry {
        &ALL_JOINED
    }

    fn expects(&self) -> String {
        format!("{}'s {} are in \"{}\" together", self.person, self.devices.join(" and "), self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl AllJoined {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let calling = attempt.calling;
        let missing = |observed, frame: u64| missing(story, &ALL_JOINED, self.expects(), observed, frame);
        for name in &self.devices {
            let own = |leg: &&&Leg| leg.device.as_deref() == Some(name);
            let Some(leg) = attempt.called.iter().find(|leg| own(leg) && leg.established()) else {
                let called = attempt.called.iter().any(|leg| own(&leg));
                let observed =
                    format!("the {name} {}", if called { "did not come to be in it" } else { "was never called" });
                return Err(missing(observed, calling.invited));
            };
            if leg.acknowledged.is_none() {
                return Err(missing(format!("the acceptance of the {name} was never acknowledged"), spot(leg)));
            }
            if let Some(ending) = own_accord(story, leg) {
                return Err(missing(format!("the {name} was sent away in frame {}", ending.frame), ending.frame));
            }
        }
        match calling.answer {
            Some(answer) if answer.is_success() => Ok(attempt.met(&ALL_JOINED, statement, 1 + 2 * self.devices.len())),
            Some(answer) => Err(missing(format!("the caller got {}", answer.status), answer.frame)),
            None => Err(missing("the caller was never answered".to_owned(), calling.invited)),
        }
    }
}

pub(super) const REACHES_ALL: RuleEntry = RuleEntry {
    id: "multi_device.reaches_all",
    requirement: DEV_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L14", "L16", "L29"],
    stage3: false,
    what: "What the other side says reaches every device in the session, and what a device says the others and the other side.",
    source: "PF-DEV-05, RFC 4975 section 7, RFC 3862 section 2",
};

/// What was said in a session reaches each of these devices, and if a device said it, the other side too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReachesAll {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What it is called.
    pub label: String,
    /// The devices that are to get it.
    pub devices: Vec<String>,
}

impl Rule for ReachesAll {
    fn entry(&self) -> &'static RuleEntry {
        &REACHES_ALL
    }

    fn expects(&self) -> String {
        format!(
            "\"{}\" reaches everybody in \"{}\", also {}'s {}",
            self.label,
            self.session,
            self.person,
            self.devices.join(" and ")
        )
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let warnings =
            said(story, &self.session, &self.label).map(|sent| self.repeated(story, sent)).unwrap_or_default();
        settled(self.judged(story, statement), warnings, moment)
    }
}

impl ReachesAll {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let missing = |observed, frame: u64| missing(story, &REACHES_ALL, self.expects(), observed, frame);
        if let Some(over) = broken_off(&attempt) {
            return Err(missing(format!("the target had ended the session in frame {over}"), over));
        }
        for name in &self.devices {
            let last = to_device(&attempt, name).into_iter().rfind(|leg| leg.established());
            if let Some(ending) = last.and_then(|leg| own_accord(story, leg)) {
                return Err(missing(format!("the {name} was sent away in frame {}", ending.frame), ending.frame));
            }
        }
        let sent = said(story, &self.session, &self.label)?;
        let places = self.devices.iter().map(|name| (Flow::TargetToDevice, Some(name.as_str())));
        let back = (sent.flow == Flow::DeviceToTarget).then_some((Flow::TargetToNetwork, None));
        let places: Vec<_> = places.chain(back).collect();
        for (flow, name) in &places {
            let there = name.map_or("the other side".to_owned(), |name| format!("the {name}"));
            if name
                .is_some_and(|name| !attempt.called.iter().any(|leg| device(leg) == name && stood_at(leg, sent.first)))
            {
                return Err(missing(format!("{there} was not in the session when it was said"), sent.first));
            }
            let Some(came) = came(story, sent, *flow, *name).next() else {
                return Err(missing(format!("sent in frame {}, it never came to {there}", sent.frame), sent.frame));
            };
            if let (Some(original), Some(copy)) = (sent.content.chat(), came.content.chat())
                && let Some((expected, observed)) = difference(original, copy)
            {
                let (expected, observed) =
                    (format!("it comes with {expected}"), format!("{there} got it with {observed}"));
                return Err(unkept(&REACHES_ALL, expected, observed, came));
            }
        }
        match sent.accepted() {
            true => Ok(attempt.met(&REACHES_ALL, statement, 1 + places.len())),
            false => {
                Err(missing(format!("its sender was not told that it was taken (frame {})", sent.frame), sent.frame))
            }
        }
    }

    /// Back at the device that said it, or twice at another.
    fn repeated(&self, story: &Story, sent: &Item) -> Vec<Finding> {
        let at_devices: Vec<&Item> = came(story, sent, Flow::TargetToDevice, None).collect();
        let again = at_devices.iter().enumerate().filter(|(at, item)| {
            let own = sent.flow == Flow::DeviceToTarget && item.device == sent.device;
            own || at_devices.iter().take(*at).any(|first| first.device == item.device)
        });
        let told = |(_, item): (usize, &&Item)| {
            let observed =
                format!("it came to the {} in frame {}", item.device.as_deref().unwrap_or("device"), item.frame);
            warning(
                &REACHES_ALL,
                "L14",
                format!("\"{}\" comes once, and not to who said it", self.label),
                observed,
                *item,
            )
        };
        again.map(told).collect()
    }
}

/// What came of a message, in this direction, and at this device.
fn came<'a>(story: &'a Story, sent: &'a Item, flow: Flow, name: Option<&'a str>) -> impl Iterator<Item = &'a Item> {
    story.items().iter().filter(move |item| {
        item.flow == flow
            && item.group == sent.group
            && item.chat_id() == sent.chat_id()
            && item.frame > sent.first
            && name.is_none_or(|name| item.device.as_deref() == Some(name))
    })
}

/// The frame in which the target ended the session towards its caller without having been asked to.
fn broken_off(attempt: &Attempt<'_>) -> Option<u64> {
    own_accord(attempt.story, attempt.calling).map(|ending| ending.frame)
}

pub(super) const ONLY_THERE: RuleEntry = RuleEntry {
    id: "multi_device.only_there",
    requirement: DEV_05,
    level: Level::Shall,
    absence: true,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "A user who wants sessions on one device alone is called at no other.",
    source: "PF-DEV-05",
};

/// The session came to be at this device, and no other device was called for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OnlyThere {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The device.
    pub device: String,
}

impl Rule for OnlyThere {
    fn entry(&self) -> &'static RuleEntry {
        &ONLY_THERE
    }

    fn expects(&self) -> String {
        format!("\"{}\" is on {}'s {}, and no other device is called", self.session, self.person, self.device)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story, statement), moment) {
            // What is not there yet may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl OnlyThere {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let elsewhere =
            |leg: &&&Leg| leg.end == End::Device && (leg.at_large || leg.device.as_deref() != Some(&self.device));
        if let Some(other) = attempt.called.iter().filter(|leg| !after_loss(&attempt, leg)).find(elsewhere) {
            let observed = match other.at_large {
                true => "the invitation is for every device".to_owned(),
                false => format!("the {} was called too", device(other)),
            };
            return Err(unkept(&ONLY_THERE, self.expects(), observed, other.invited));
        }
        let there = attempt.taken().find(|leg| leg.device.as_deref() == Some(&self.device) && !let_go(story, leg));
        match (there, attempt.called.is_empty()) {
            (Some(_), _) if attempt.calling.established() => Ok(attempt.met(&ONLY_THERE, statement, 2)),
            (None, false) if attempt.called.iter().all(|leg| leg.answer.is_some_and(|answer| !answer.is_success())) => {
                Err(harness(format!("the {} did not accept", self.device)))
            }
            _ => {
                let observed = format!("it did not come to be on the {}", self.device);
                Err(missing(story, &ONLY_THERE, self.expects(), observed, spot(attempt.calling)))
            }
        }
    }
}
