//! Nothing is lost: what the focus sent towards a user is what the user's devices get.

use super::chat::{flowing, same_content};
use super::{CONV_058, CONV_058A, Chat, harness, outside, standing_in};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Carriage, Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const COMPLETE: RuleEntry = RuleEntry {
    id: "missed_group_content.complete",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L02", "L03", "L07"],
    stage3: false,
    what: "Every chat message that a user missed reaches a device of the user.",
    source: "CPM-CONV-058, CPM-CONV-058a",
};

/// Which messages a user has missed (L03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// All from the user's invitation on; the SENDs are answered 200.
    Invitation,
    /// Those that no device had acknowledged when the connection was lost.
    Loss,
    /// Those that the target acknowledged.
    Acknowledged,
}

/// Every message that the person missed of the group reaches the device, or any device of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Complete {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// On this device; on any, when none is named.
    pub device: Option<String>,
    /// Which messages.
    pub since: Since,
}

impl Rule for Complete {
    fn entry(&self) -> &'static RuleEntry {
        &COMPLETE
    }

    fn expects(&self) -> String {
        let what = match self.since {
            Since::Invitation => "since the invitation",
            Since::Loss => "that was missed",
            Since::Acknowledged => "that was acknowledged",
        };
        format!("every message of \"{}\" {what} reaches {}", self.group, self.receiver())
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let judgement = match self.missed(&chat) {
            Err(judgement) => *judgement,
            Ok(missed) => self.compare(&chat, &missed),
        };
        if moment == Moment::Open && !matches!(judgement, Judgement::Met { .. }) {
            return Judgement::Undecided.into();
        }
        let warnings = match judgement {
            Judgement::Met { .. } if self.since == Since::Invitation => {
                standing_in::differing(&COMPLETE, &chat, statement)
            }
            _ => Vec::new(),
        };
        Assessment { judgement, warnings }
    }
}

impl Complete {
    fn receiver(&self) -> String {
        match &self.device {
            Some(device) => format!("{}'s {device}", self.person),
            None => self.person.clone(),
        }
    }

    fn missed<'a>(&self, chat: &Chat<'a>) -> Result<Vec<&'a Item>, Box<Judgement>> {
        let owed = chat.owed();
        if owed.is_empty() {
            return Err(chat.nothing_owed(&COMPLETE).into());
        }
        let missed: Vec<&Item> = match self.since {
            Since::Invitation => owed,
            Since::Acknowledged => owed.into_iter().filter(|item| item.accepted()).collect(),
            Since::Loss => {
                let Some(loss) = first_loss(chat) else {
                    return Err(harness(format!("{} never lost a connection", self.person)).into());
                };
                owed.into_iter().filter(|item| !acknowledged_before(chat, item, loss)).collect()
            }
        };
        if missed.is_empty() {
            let why = match self.since {
                Since::Acknowledged => chat.nothing_acknowledged(&COMPLETE),
                _ => chat.unsent(&COMPLETE, format!("{} missed no message of \"{}\"", self.person, self.group)),
            };
            return Err(why.into());
        }
        Ok(missed)
    }

    fn compare(&self, chat: &Chat<'_>, missed: &[&Item]) -> Judgement {
        let device = self.device.as_deref();
        let expected = || self.expects() + &format!(" ({} in all)", missed.len());
        let lost = missed.iter().filter(|item| !chat.delivered(device).any(|came| came.chat_id() == item.chat_id()));
        let lost = lost.copied().collect::<Vec<_>>();
        if let Some(first) = lost.first() {
            let id = first.chat_id().unwrap_or_default();
            let observed = format!(
                "{} of {} did not: {}, sent towards the target (frame {}, {}), {}",
                lost.len(),
                missed.len(),
                chat.name(id),
                first.frame,
                answered(first),
                self.whereabouts(chat, id),
            );
            if lost.iter().all(|item| paged(chat, item)) {
                return Judgement::Broken(outside(&COMPLETE, "L07", expected(), observed, *first));
            }
            return chat.missing(&COMPLETE, expected(), observed, *first);
        }
        if self.since == Since::Invitation
            && let Some(refused) = missed.iter().find(|item| unanswered_or_refused(chat, item))
        {
            let id = refused.chat_id().unwrap_or_default();
            let observed = format!("{} (frame {}) was {}", chat.name(id), refused.frame, answered(refused));
            let expected = "each SEND of a type that the target takes is answered 200".to_owned();
            return chat.missing(&COMPLETE, expected, observed, *refused);
        }
        Judgement::Met { checks: missed.len() }
    }

    /// What is known of a message that was not delivered as it should.
    fn whereabouts(&self, chat: &Chat<'_>, id: &str) -> String {
        let elsewhere = flowing(chat.story, Flow::TargetToDevice).filter(|item| item.chat_id() == Some(id));
        match elsewhere.last() {
            None => renamed(chat, id).unwrap_or_else(|| "never came to a device".to_owned()),
            Some(item) if item.group.as_deref() != Some(&self.group) => {
                format!("came in a session of another contribution (frame {})", item.frame)
            }
            Some(item) if matches!(item.carriage, Carriage::Pager(_)) => {
                format!("came as a MESSAGE outside the chat (frame {})", item.frame)
            }
            Some(item) if item.person.as_deref() != Some(&self.person) => {
                format!("came to another user (frame {})", item.frame)
            }
            Some(item) if self.device.is_some() && item.device != self.device => {
                format!("came to another device (frame {})", item.frame)
            }
            Some(item) => format!("came (frame {}), and no device acknowledged it", item.frame),
        }
    }
}

/// The first loss after a device of the person had come into the chat.
fn first_loss(chat: &Chat<'_>) -> Option<u64> {
    let legs = chat.story.device_legs(chat.person, chat.group);
    let joined =
        legs.filter_map(|leg| leg.answer.filter(|answer| answer.is_success())).map(|answer| answer.frame).min()?;
    chat.story.cast().losses(chat.person).into_iter().find(|loss| *loss > joined)
}

fn acknowledged_before(chat: &Chat<'_>, item: &Item, frame: u64) -> bool {
    chat.delivered(None)
        .any(|came| came.chat_id() == item.chat_id() && came.answer.map_or(came.frame, |answer| answer.frame) < frame)
}

/// The same content under an imdn.Message-ID that the focus never sent.
fn renamed(chat: &Chat<'_>, id: &str) -> Option<String> {
    let original = chat.original(id)?.content.chat()?;
    let unknown = |item: &&Item| item.chat_id().is_some_and(|other| chat.original(other).is_none());
    let same = |item: &&Item| item.content.chat().is_some_and(|came| same_content(original, came));
    let item = chat.came(None).filter(unknown).find(same)?;
    Some(format!("came as {} (frame {})", item.chat_id()?, item.frame))
}

fn paged(chat: &Chat<'_>, item: &Item) -> bool {
    flowing(chat.story, Flow::TargetToDevice).any(|came| {
        came.chat_id() == item.chat_id()
            && came.person.as_deref() == Some(chat.person)
            && matches!(came.carriage, Carriage::Pager(_))
    })
}

/// A refused SEND may be sent anew; one without an answer is none that the tester itself cut off.
fn unanswered_or_refused(chat: &Chat<'_>, item: &Item) -> bool {
    let mut again = chat.story.from_network(chat.person, chat.group).filter(|sent| sent.chat_id() == item.chat_id());
    if item.accepted() || again.any(Item::accepted) {
        return false;
    }
    let cut_off = chat.story.closing_of(item).is_some_and(|(frame, by_target)| !by_target && frame > item.frame);
    item.refusal().is_some() || !cut_off
}

fn answered(item: &Item) -> String {
    match item.refusal().or(item.answer) {
        Some(answer) => format!("answered {} in frame {}", answer.status, answer.frame),
        None if item.expects_answer => "not answered".to_owned(),
        None => "no answer due".to_owned(),
    }
}

pub(super) const ARRIVES: RuleEntry = RuleEntry {
    id: "missed_group_content.arrives",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L07"],
    stage3: false,
    what: "A certain message of a chat reaches a device of the user.",
    source: "CPM-CONV-058a",
};

/// This one message reaches a device of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrives {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Its imdn.Message-ID.
    pub message_id: String,
}

impl Rule for Arrives {
    fn entry(&self) -> &'static RuleEntry {
        &ARRIVES
    }

    fn expects(&self) -> String {
        format!("the message {} of \"{}\" reaches {}", self.message_id, self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        if chat.delivered(None).any(|item| item.chat_id() == Some(&self.message_id)) {
            return Judgement::Met { checks: 1 }.into();
        }
        if moment == Moment::Open {
            return Judgement::Undecided.into();
        }
        let Some(item) = chat.original(&self.message_id) else { return chat.nothing_owed(&ARRIVES).into() };
        let name = chat.name(&self.message_id);
        let expected = format!("{name} reaches {}", self.person);
        let observed = format!("{name}, sent towards the target (frame {}, {}), never did", item.frame, answered(item));
        chat.missing(&ARRIVES, expected, observed, item).into()
    }
}

pub(super) const FIRST_DRAIN_BROUGHT: RuleEntry = RuleEntry {
    id: "missed_group_content.first_drain_brought",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L14"],
    stage3: false,
    what: "The first delivery, the one that was interrupted, had brought the messages that were acknowledged in it.",
    source: "CPM-CONV-058a",
};

/// The first leg that brought anything of the group to the person brought this many messages at least.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstDrainBrought {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How many messages were acknowledged in it.
    pub messages: usize,
}

impl Rule for FirstDrainBrought {
    fn entry(&self) -> &'static RuleEntry {
        &FIRST_DRAIN_BROUGHT
    }

    fn expects(&self) -> String {
        format!("the first delivery of \"{}\" to {} brings {} messages", self.group, self.person, self.messages)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let first = chat.delivered(None).next();
        let brought = first.map_or(0, |first| chat.delivered(None).filter(|item| item.leg() == first.leg()).count());
        if self.messages > 0 && brought >= self.messages {
            return Judgement::Met { checks: brought }.into();
        }
        if moment == Moment::Open {
            return Judgement::Undecided.into();
        }
        if chat.owed().is_empty() {
            return chat.nothing_owed(&FIRST_DRAIN_BROUGHT).into();
        }
        let observed = format!("it brought {brought}");
        chat.missing(&FIRST_DRAIN_BROUGHT, self.expects(), observed, first.map(|item| item.frame)).into()
    }
}
