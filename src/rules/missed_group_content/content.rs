//! What arrives is what was sent, once, and what cannot be stored does no harm.

use std::collections::BTreeSet;

use super::chat::{flowing, same_content};
use super::findings::difference;
use super::{CONV_058, CONV_058A, Chat, fail, harness, outside, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::{Envelope, Kind};
use crate::story::{Carriage, Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, FindingVerdict, Level};
use serde::{Deserialize, Serialize};

pub(super) const UNCHANGED: RuleEntry = RuleEntry {
    id: "missed_group_content.unchanged",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L04"],
    stage3: false,
    what: "Delivered messages keep author, instant, imdn.Message-ID, requested dispositions, media type and octets.",
    source: "CPM-CONV-058, RFC 3862 section 2, RFC 5438 section 6",
};

/// Every message that reaches the person is what the focus sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unchanged {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for Unchanged {
    fn entry(&self) -> &'static RuleEntry {
        &UNCHANGED
    }

    fn expects(&self) -> String {
        format!("the messages of \"{}\" reach {} unchanged", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut checks = 0;
        for item in chat.delivered(None) {
            match compared(&chat, item) {
                Some(None) => checks += 1,
                Some(Some((expected, observed))) => {
                    return Judgement::Broken(fail(&UNCHANGED, expected, observed, item)).into();
                }
                None => {}
            }
        }
        decided_when_delivered(&chat, &UNCHANGED, checks, moment, self.expects()).into()
    }
}

/// Judges what is true of all delivered messages: certain when all are there, or when no more will come.
pub(super) fn decided_when_delivered(
    chat: &Chat<'_>,
    entry: &RuleEntry,
    checks: usize,
    moment: Moment,
    expected: String,
) -> Judgement {
    match moment {
        Moment::Open if checks > 0 && chat.all_delivered() => Judgement::Met { checks },
        Moment::Open => Judgement::Undecided,
        Moment::Closed if checks > 0 => Judgement::Met { checks },
        Moment::Closed if chat.owed().is_empty() => chat.nothing_owed(entry),
        Moment::Closed => chat.missing(entry, expected, format!("nothing of it reached {}", chat.person), None),
    }
}

/// The difference between a delivered message and its original; None when it has none to be compared with.
fn compared(chat: &Chat<'_>, item: &Item) -> Option<Option<(String, String)>> {
    let came = item.content.chat()?;
    let id = came.message_id.as_deref()?;
    let Some(original) = chat.original(id).and_then(|original| original.content.chat()) else {
        let renamed = renamed(chat, came)?;
        let expected = format!("{} keeps its imdn.Message-ID", chat.name(renamed));
        return Some(Some((expected, format!("it came with imdn.Message-ID {id} (frame {})", item.frame))));
    };
    let difference = difference(original, came);
    Some(difference.map(|(expected, observed)| {
        let name = chat.name(id);
        (format!("{name} keeps {expected}"), format!("it came with {observed} (frame {})", item.frame))
    }))
}

/// The id of the owed message that came under another name: same author, type and octets, and never under its own.
fn renamed<'a>(chat: &Chat<'a>, came: &Envelope) -> Option<&'a str> {
    let owed = chat.owed().into_iter().filter(|item| item.content.chat().is_some_and(|sent| same_content(sent, came)));
    owed.filter_map(Item::chat_id).find(|id| !chat.delivered(None).any(|item| item.chat_id() == Some(id)))
}

pub(super) const ONCE: RuleEntry = RuleEntry {
    id: "missed_group_content.once",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L14"],
    stage3: false,
    what: "No message comes under two imdn.Message-IDs; the same one twice on a device is a warning.",
    source: "CPM-CONV-058a, RFC 5438 section 6.3",
};

/// No message of the group reaches the person under two names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Once {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for Once {
    fn entry(&self) -> &'static RuleEntry {
        &ONCE
    }

    fn expects(&self) -> String {
        format!("no message of \"{}\" reaches {} under two names", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut seen: Vec<&Item> = Vec::new();
        let mut warnings = Vec::new();
        for item in chat.delivered(None) {
            if let Some(first) =
                seen.iter().find(|first| first.chat_id() == item.chat_id() && first.device == item.device)
            {
                warnings.push(repeated(&chat, first, item));
            } else if let Some(finding) = two_names(&chat, &seen, item) {
                return Assessment { judgement: Judgement::Broken(finding), warnings };
            }
            seen.push(item);
        }
        let judgement = decided_when_delivered(&chat, &ONCE, seen.len(), moment, self.expects());
        Assessment { judgement, warnings }
    }
}

fn repeated(chat: &Chat<'_>, first: &Item, again: &Item) -> Finding {
    let name = chat.name(again.chat_id().unwrap_or_default());
    let expected = format!("{name} comes once");
    let observed = format!("it came in frame {} and again in frame {}", first.frame, again.frame);
    warning(&ONCE, "L14", expected, observed, again)
}

/// A name that the focus never used, for a content that also came under its own.
fn two_names(chat: &Chat<'_>, seen: &[&Item], item: &Item) -> Option<Finding> {
    let came = item.content.chat()?;
    let twin = seen.iter().find(|twin| {
        twin.chat_id() != item.chat_id() && twin.content.chat().is_some_and(|known| same_content(known, came))
    })?;
    let (id, other) = (item.chat_id()?, twin.chat_id()?);
    if chat.original(id).is_some() && chat.original(other).is_some() {
        return None;
    }
    let expected = format!("{} comes under one imdn.Message-ID", chat.name(other));
    let observed =
        format!("the same content came as {other} (frame {}) and as {id} (frame {})", twin.frame, item.frame);
    Some(fail(&ONCE, expected, observed, item))
}

pub(super) const NOT_TWICE: RuleEntry = RuleEntry {
    id: "missed_group_content.not_twice",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L01", "L14"],
    stage3: false,
    what: "What a device had acknowledged is not delivered to it again at the next trigger.",
    source: "CPM-CONV-058a",
};

/// What a device of the person had taken before a frame does not come to it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotTwice {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// The frame of the second trigger.
    pub since: u64,
}

impl Rule for NotTwice {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_TWICE
    }

    fn expects(&self) -> String {
        format!("no message of \"{}\" that {} had taken comes again", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let taken = |item: &&Item| item.answer.map_or(item.frame, |answer| answer.frame) < self.since;
        let before = chat.delivered(None).filter(taken).collect::<Vec<_>>();
        let same = |a: &Item, b: &Item| a.chat_id() == b.chat_id() && a.device == b.device;
        let later: Vec<&Item> = chat.came(None).filter(|item| item.first > self.since).collect();
        let again: Vec<&Item> = later.into_iter().filter(|item| before.iter().any(|taken| same(taken, item))).collect();
        // One that comes again under its own id may be one whose acknowledgement was lost on the way (L14); when
        // several were taken and every one of them comes again, it is a second delivery.
        let all = before.iter().all(|taken| again.iter().any(|item| same(taken, item)));
        if let (true, true, Some(first)) = (all, distinct(&before) > 1, again.first()) {
            return Judgement::Broken(self.repeated(&chat, first)).into();
        }
        let judgement = match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if before.is_empty() => {
                harness(format!("{} had taken nothing of \"{}\" before", self.person, self.group))
            }
            Moment::Closed => Judgement::Met { checks: before.len() },
        };
        let tolerated = |finding: Finding| Finding {
            verdict: FindingVerdict::Warning,
            interpretation: Some("L14".to_owned()),
            ..finding
        };
        let warnings = again.iter().map(|item| tolerated(self.repeated(&chat, item))).collect();
        Assessment { judgement, warnings }
    }
}

impl NotTwice {
    fn repeated(&self, chat: &Chat<'_>, again: &Item) -> Finding {
        let name = chat.name(again.chat_id().unwrap_or_default());
        let expected = format!("{name}, acknowledged before frame {}, is not delivered again", self.since);
        fail(&NOT_TWICE, expected, format!("it came again (frame {})", again.frame), again)
    }
}

/// How many different messages there are.
fn distinct(items: &[&Item]) -> usize {
    items.iter().filter_map(|item| item.chat_id()).collect::<BTreeSet<_>>().len()
}

pub(super) const INPUT_TOLERATED: RuleEntry = RuleEntry {
    id: "missed_group_content.input_tolerated",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L19"],
    stage3: true,
    what: "A SEND without content is answered 200, one of a type not offered is refused or dropped; neither is an item.",
    source: "CPM-CONV-058, RFC 4975 sections 5.4, 7.3.1 and 8.6",
};

/// SENDs that cannot be stored are answered well and never come to a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputTolerated {
    /// Towards whom they were sent.
    pub person: String,
    /// In which group.
    pub group: String,
    /// Their MSRP Message-IDs.
    pub message_ids: Vec<String>,
}

impl Rule for InputTolerated {
    fn entry(&self) -> &'static RuleEntry {
        &INPUT_TOLERATED
    }

    fn expects(&self) -> String {
        format!("the odd items sent to \"{}\" for {} are handled well", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut judgements = self.message_ids.iter().map(|id| self.one(&chat, id, moment)).collect::<Vec<_>>();
        let worst = judgements.iter().position(|judgement| matches!(judgement, Judgement::Broken(_)));
        let worst = worst.or_else(|| judgements.iter().position(|j| !matches!(j, Judgement::Met { .. })));
        match worst {
            Some(at) => judgements.swap_remove(at).into(),
            None if judgements.is_empty() => harness("no odd item is named".to_owned()).into(),
            None => Judgement::Met { checks: judgements.len() }.into(),
        }
    }
}

impl InputTolerated {
    fn one(&self, chat: &Chat<'_>, id: &str, moment: Moment) -> Judgement {
        let mut sent = chat.story.from_network(chat.person, chat.group);
        let Some(item) =
            sent.find(|item| matches!(&item.carriage, Carriage::Session { message_id, .. } if message_id == id))
        else {
            return match moment {
                Moment::Open => Judgement::Undecided,
                Moment::Closed => harness(format!("no whole SEND with Message-ID {id} was sent for {}", chat.person)),
            };
        };
        if let Some(finding) = self.delivered(chat, id, item) {
            return Judgement::Broken(finding);
        }
        match (item.refusal().or(item.answer), moment) {
            (Some(answer), _) => self.answered(chat, id, item, answer),
            (None, Moment::Open) => Judgement::Undecided,
            (None, Moment::Closed) if !item.expects_answer => Judgement::Met { checks: 1 },
            (None, Moment::Closed) => {
                let observed = format!("the SEND {id} (frame {}) was not answered", item.frame);
                chat.missing(&INPUT_TOLERATED, "every SEND is answered".to_owned(), observed, item)
            }
        }
    }

    fn answered(&self, chat: &Chat<'_>, id: &str, item: &Item, answer: crate::story::Answer) -> Judgement {
        if item.content.kind == Kind::Bodiless && !answer.is_success() {
            let expected = "a SEND without content is answered 200".to_owned();
            let observed = format!("the SEND {id} (frame {}) was answered {}", item.frame, answer.status);
            return Judgement::Broken(fail(&INPUT_TOLERATED, expected, observed, Some(answer.frame)));
        }
        if !answer.is_success() && item.content.kind != Kind::Bodiless && answer.status < 400 {
            let expected = format!("a SEND for {} of a type not offered is refused or dropped", chat.person);
            let observed = format!("the SEND {id} (frame {}) was answered {}", item.frame, answer.status);
            return Judgement::Broken(outside(&INPUT_TOLERATED, "L19", expected, observed, Some(answer.frame)));
        }
        Judgement::Met { checks: 1 }
    }

    /// An odd item that came to a device. One that the target did offer to take may come, whole.
    fn delivered(&self, chat: &Chat<'_>, id: &str, item: &Item) -> Option<Finding> {
        let came = flowing(chat.story, Flow::TargetToDevice).find(|came| {
            came.person.as_deref() == Some(chat.person) && came.first > item.frame && same_odd(item, came, id)
        })?;
        let observed = format!("the SEND {id} (frame {}) came to a device (frame {})", item.frame, came.frame);
        if item.content.kind == Kind::Bodiless {
            let expected = "a SEND without content is no item and is not delivered as one".to_owned();
            return Some(fail(&INPUT_TOLERATED, expected, observed, came));
        }
        if chat.takes(item) {
            return None;
        }
        let expected =
            format!("content of the type {}, not offered by the target, is not delivered", item.content.content_type);
        Some(outside(&INPUT_TOLERATED, "L19", expected, observed, came))
    }
}

/// Whether what came is the odd item. A SEND without content only binds a connection; it is an item when it has a type.
fn same_odd(item: &Item, came: &Item, id: &str) -> bool {
    let same_id = matches!(&came.carriage, Carriage::Session { message_id, .. } if message_id == id);
    if item.content.kind == Kind::Bodiless {
        return same_id && came.content.kind == Kind::Bodiless && !came.content.content_type.is_empty();
    }
    let same_chat_id = item.chat_id().is_some() && item.chat_id() == came.chat_id();
    same_chat_id || item.content.body == came.content.body
}
