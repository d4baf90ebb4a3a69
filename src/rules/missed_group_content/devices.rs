//! Several devices of one user, and one device that calls while it is called (L14, L16).

use super::carriers::{Brought, declared_carriers, final_list};
use super::{CONV_058A, Chat, fail, harness, outside, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const EACH_DEVICE: RuleEntry = RuleEntry {
    id: "missed_group_content.each_device",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L14", "L15", "L16"],
    stage3: false,
    what: "Each device gets the content once, or the first alone, as declared; never one device twice; both hold the list.",
    source: "CPM-CONV-058a",
};

/// Both devices of the person are served as declared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EachDevice {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// The device that returned first.
    pub first: String,
    /// The other.
    pub second: String,
}

impl Rule for EachDevice {
    fn entry(&self) -> &'static RuleEntry {
        &EACH_DEVICE
    }

    fn expects(&self) -> String {
        format!("the {} and the {} of {} get \"{}\" as declared", self.first, self.second, self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = self.served(&chat, statement, moment, &mut warnings);
        settled(judgement, warnings, moment)
    }
}

impl EachDevice {
    fn served(&self, chat: &Chat<'_>, statement: &Statement, moment: Moment, warnings: &mut Vec<Finding>) -> Judgement {
        let (Some(first), Some(second)) = (chat.reachable(Some(&self.first)), chat.reachable(Some(&self.second)))
        else {
            return harness(format!("not both devices of {} were reachable", self.person));
        };
        if chat.owed().is_empty() {
            return chat.nothing_owed(&EACH_DEVICE);
        }
        let missed_by_first = before(chat, first);
        if missed_by_first.is_empty() {
            return harness(format!("nothing of \"{}\" was waiting for {}'s {}", self.group, self.person, self.first));
        }
        if let Some(lost) = lacking(chat, &self.first, &missed_by_first).first() {
            return self.lost(chat, &self.first, lost);
        }
        let missed_by_second = before(chat, second);
        let lacking = lacking(chat, &self.second, &missed_by_second);
        let word = if lacking.len() < missed_by_second.len() { "each" } else { "first" };
        match lacking.first() {
            Some(lost) if word == "each" && statement.has("drain_devices", "first") => {
                let observed = format!(
                    "{} of {} came to the {}",
                    missed_by_second.len() - lacking.len(),
                    missed_by_second.len(),
                    self.second
                );
                return Judgement::Broken(outside(&EACH_DEVICE, "L16", self.expects(), observed, *lost));
            }
            Some(lost) if word == "each" => return self.lost(chat, &self.second, lost),
            _ => {}
        }
        // What comes to the second device may still be on its way.
        if word == "first" && moment == Moment::Open {
            return Judgement::Undecided;
        }
        let spot = missed_by_second.last().map(|item| item.frame);
        warnings.extend(undeclared(&EACH_DEVICE, statement, ("drain_devices", word), "L16", spot));
        let devices: &[&String] = if word == "each" { &[&self.first, &self.second] } else { &[&self.first] };
        let mut checks = missed_by_first.len();
        for device in devices {
            match never_twice(&EACH_DEVICE, chat, device) {
                Ok(repeated) => warnings.extend(repeated),
                Err(finding) => return Judgement::Broken(*finding),
            }
            match self.listed(chat, statement, (device, moment), warnings) {
                Ok(equal) => checks += equal,
                Err(judgement) => return *judgement,
            }
        }
        Judgement::Met { checks }
    }

    fn lost(&self, chat: &Chat<'_>, device: &str, lost: &Item) -> Judgement {
        let name = chat.name(lost.chat_id().unwrap_or_default());
        let expected = format!("{name} reaches {}'s {device}", self.person);
        chat.missing(
            &EACH_DEVICE,
            expected,
            format!("sent towards the target in frame {}, it never did", lost.frame),
            lost,
        )
    }

    /// Whether a carrier brought this device the final list.
    fn listed(
        &self,
        chat: &Chat<'_>,
        statement: &Statement,
        (device, moment): (&str, Moment),
        warnings: &mut Vec<Finding>,
    ) -> Result<usize, Box<Judgement>> {
        match final_list(chat, statement, &declared_carriers(statement), Some(device), moment) {
            Brought::Right { equal, warnings: remarks } => {
                warnings.extend(remarks);
                Ok(equal.checks)
            }
            Brought::Nothing(judgement) => Err(judgement.into()),
            Brought::Wrong(observed, frame) => {
                let expected = format!("{}'s {device} holds the final list of \"{}\"", self.person, self.group);
                Err(chat.missing(&EACH_DEVICE, expected, observed, frame).into())
            }
        }
    }
}

/// What can be said before the end is that all is well.
pub(super) fn settled(judgement: Judgement, warnings: Vec<Finding>, moment: Moment) -> Assessment {
    let judgement = match (judgement, moment) {
        (met @ Judgement::Met { .. }, _) => met,
        (_, Moment::Open) => Judgement::Undecided,
        (judgement, Moment::Closed) => judgement,
    };
    let warnings = if matches!(judgement, Judgement::Met { .. }) { warnings } else { Vec::new() };
    Assessment { judgement, warnings }
}

/// The messages that were sent towards the person before a frame.
fn before<'a>(chat: &Chat<'a>, frame: u64) -> Vec<&'a Item> {
    chat.owed().into_iter().filter(|item| item.frame < frame).collect()
}

/// Those that a device did not take.
fn lacking<'a>(chat: &Chat<'a>, device: &'a str, items: &[&'a Item]) -> Vec<&'a Item> {
    items.iter().filter(|item| !item.chat_id().is_some_and(|id| chat.has(Some(device), id))).copied().collect()
}

/// A warning for each message that a device got more than once; a finding when it got all of several once more (L14).
fn never_twice(entry: &RuleEntry, chat: &Chat<'_>, device: &str) -> Result<Vec<Finding>, Box<Finding>> {
    let on = |item: &&Item| item.device.as_deref() == Some(device);
    let mut once: Vec<&Item> = Vec::new();
    let mut again: Vec<&Item> = Vec::new();
    for item in chat.delivered(None).filter(on) {
        let known = once.iter().any(|known| known.chat_id() == item.chat_id());
        if known { &mut again } else { &mut once }.push(item);
    }
    let told = |item: &Item| {
        let expected = format!("{} comes to the {device} once", chat.name(item.chat_id().unwrap_or_default()));
        (expected, format!("it came again in frame {}", item.frame))
    };
    let all = once.len() > 1 && once.iter().all(|item| again.iter().any(|twice| twice.chat_id() == item.chat_id()));
    match again.first() {
        Some(first) if all => {
            let (expected, observed) = told(first);
            Err(fail(entry, expected, format!("{observed}, as did all others"), *first).into())
        }
        _ => Ok(again
            .iter()
            .map(|item| {
                let (expected, observed) = told(item);
                warning(entry, "L14", expected, observed, *item)
            })
            .collect()),
    }
}

pub(super) const RETURNS_BY_PREFERENCE: RuleEntry = RuleEntry {
    id: "missed_group_content.returns_by_preference",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L16"],
    stage3: false,
    what: "A device that was live saw everything; one that returns gets what it missed, or nothing, as declared.",
    source: "CPM-CONV-058a",
};

/// One device was in the chat while the other was away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReturnsByPreference {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// The device that was in the chat.
    pub live: String,
    /// The one that was away.
    pub returning: String,
}

impl Rule for ReturnsByPreference {
    fn entry(&self) -> &'static RuleEntry {
        &RETURNS_BY_PREFERENCE
    }

    fn expects(&self) -> String {
        format!(
            "the {} of {} saw all of \"{}\", and the {} gets it as declared",
            self.live, self.person, self.group, self.returning
        )
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = self.served(&chat, statement, moment, &mut warnings);
        settled(judgement, warnings, moment)
    }
}

impl ReturnsByPreference {
    fn served(&self, chat: &Chat<'_>, statement: &Statement, moment: Moment, warnings: &mut Vec<Finding>) -> Judgement {
        let legs = chat.story.device_legs(chat.person, chat.group);
        let mut joined = legs.filter(|leg| leg.device.as_ref() == Some(&self.live) && leg.established());
        let Some(joined) = joined.next() else {
            return harness(format!("{}'s {} was never in \"{}\"", self.person, self.live, self.group));
        };
        let away = self.away(chat);
        let Some(returned) = chat
            .story
            .cast()
            .reachability(&self.person)
            .find(|change| change.yes && change.device == self.returning && change.frame > away)
        else {
            return harness(format!("{}'s {} never returned", self.person, self.returning));
        };
        let since = |item: &&Item| item.frame > joined.answer.map_or(joined.invited, |answer| answer.frame);
        let live = chat.owed().into_iter().filter(since).collect::<Vec<_>>();
        if live.is_empty() {
            return chat.nothing_acknowledged(&RETURNS_BY_PREFERENCE);
        }
        if let Some(lost) = lacking(chat, &self.live, &live).first() {
            return self.lost(chat, &self.live, lost);
        }
        let missed = chat.owed().into_iter().filter(|item| item.frame > away && item.frame < returned.frame);
        let missed = missed.collect::<Vec<_>>();
        if missed.is_empty() {
            return harness(format!("{}'s {} missed nothing of \"{}\"", self.person, self.returning, self.group));
        }
        let lacking = lacking(chat, &self.returning, &missed);
        let word = if lacking.len() < missed.len() { "each" } else { "first" };
        match lacking.first() {
            Some(lost) if word == "each" && statement.has("drain_devices", "first") => {
                let observed =
                    format!("{} of {} came to the {}", missed.len() - lacking.len(), missed.len(), self.returning);
                Judgement::Broken(outside(&RETURNS_BY_PREFERENCE, "L16", self.expects(), observed, *lost))
            }
            Some(lost) if word == "each" => self.lost(chat, &self.returning, lost),
            // What comes to the device that returned may still be on its way.
            _ if word == "first" && moment == Moment::Open => Judgement::Undecided,
            _ => {
                let spot = Some(returned.frame);
                warnings.extend(undeclared(&RETURNS_BY_PREFERENCE, statement, ("drain_devices", word), "L16", spot));
                Judgement::Met { checks: live.len() + missed.len() }
            }
        }
    }

    /// The frame from which the returning device was away: its latest loss before it came back, or the beginning.
    fn away(&self, chat: &Chat<'_>) -> u64 {
        let lost = chat.story.cast().losses_of(&self.person, &self.returning);
        lost.first().copied().unwrap_or_default()
    }

    fn lost(&self, chat: &Chat<'_>, device: &str, lost: &Item) -> Judgement {
        let name = chat.name(lost.chat_id().unwrap_or_default());
        let expected = format!("{name} reaches {}'s {device}", self.person);
        let observed = format!("sent towards the target in frame {}, it never did", lost.frame);
        chat.missing(&RETURNS_BY_PREFERENCE, expected, observed, lost)
    }
}

pub(super) const ONE_STREAM: RuleEntry = RuleEntry {
    id: "missed_group_content.one_stream",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L06", "L07", "L14"],
    stage3: false,
    what: "A rejoin that crosses the delivery ends in one stream: complete, and no item twice.",
    source: "CPM-CONV-058a",
};

/// The device gets the group complete and once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneStream {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Which device.
    pub device: String,
}

impl Rule for OneStream {
    fn entry(&self) -> &'static RuleEntry {
        &ONE_STREAM
    }

    fn expects(&self) -> String {
        format!("the {} of {} gets every message of \"{}\" once", self.device, self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let owed = chat.owed();
        let judgement = match lacking(&chat, &self.device, &owed).first() {
            _ if owed.is_empty() => chat.nothing_owed(&ONE_STREAM),
            Some(lost) => {
                let name = chat.name(lost.chat_id().unwrap_or_default());
                let expected = format!("{name} reaches {}'s {}", self.person, self.device);
                let observed = format!("sent towards the target in frame {}, it never did", lost.frame);
                chat.missing(&ONE_STREAM, expected, observed, *lost)
            }
            None => Judgement::Met { checks: owed.len() },
        };
        match never_twice(&ONE_STREAM, &chat, &self.device) {
            Err(finding) => Judgement::Broken(*finding).into(),
            Ok(mut warnings) => {
                warnings.extend(self.two_streams(&chat));
                settled(judgement, warnings, moment)
            }
        }
    }
}

impl OneStream {
    /// Two sessions of the chat that both brought messages while the other stood.
    fn two_streams(&self, chat: &Chat<'_>) -> Option<Finding> {
        let came = chat.delivered(None).filter(|item| item.device.as_ref() == Some(&self.device)).collect::<Vec<_>>();
        let crossing = came.windows(3).find_map(|three| match three {
            [one, two, three] if one.leg() == three.leg() && one.leg() != two.leg() => Some(*three),
            _ => None,
        })?;
        let expected = "one session at a time brings the messages of a chat".to_owned();
        let observed = format!("messages came in turn in two sessions (frame {})", crossing.frame);
        Some(warning(&ONE_STREAM, "L07", expected, observed, crossing))
    }
}
