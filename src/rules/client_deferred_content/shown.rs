//! What the client shows its user, as an observer tells it: messages, states and chats.

use super::chat::Chat;
use super::{CONV_058C, harness};
use crate::evidence::ShownChat;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

/// States that somebody's report brings about.
const REPORTED: [&str; 3] = ["delivered", "displayed", "failed"];

/// As long as somebody may look again, what is not shown as it should be is not decided.
pub(super) fn seen(shown: Result<usize, Judgement>, moment: Moment) -> Judgement {
    match (shown, moment) {
        (Ok(checks), _) => Judgement::Met { checks },
        (Err(_), Moment::Open) => Judgement::Undecided,
        (Err(judgement), Moment::Closed) => judgement,
    }
}

/// Messages of the client itself.
fn said(chat: Chat<'_>) -> impl Iterator<Item = &Item> {
    chat.story.items().iter().filter(move |item| {
        item.flow == Flow::FromClient && item.person.as_deref() == Some(chat.person) && item.chat_id().is_some()
    })
}

/// The states that reports to the client give a message of its own, and since when it knew.
fn reported<'a>(chat: Chat<'a>, id: &'a str) -> impl Iterator<Item = (u64, String)> + 'a {
    let told = super::chat::to_client(chat.story, chat.person).filter(|item| item.accepted());
    told.flat_map(|item| item.content.reports().iter().map(move |report| (item.frame, report)))
        .filter(move |(_, report)| report.about == id)
        .map(|(frame, report)| (frame, report.disposition.to_string()))
}

/// imdn.Message-IDs of the messages that the client took before a frame, each once.
pub(super) fn taken(chat: Chat<'_>, before: u64) -> Vec<&str> {
    let mut ids = Vec::new();
    for item in chat.messages().filter(|item| item.accepted() && item.frame < before) {
        let id = item.chat_id().unwrap_or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Whether all these messages are shown in the chat.
pub(super) fn all_shown(
    entry: &RuleEntry,
    chat: Chat<'_>,
    shown: &ShownChat,
    ids: &[&str],
    frame: u64,
) -> Result<(), Judgement> {
    let is_shown = |id: &str| shown.messages.iter().any(|message| message.message_id == id);
    let Some(lost) = ids.iter().find(|id| !is_shown(id)) else { return Ok(()) };
    let expected = format!("{}, which the client took, is shown", chat.name(lost));
    Err(chat.missing(entry, expected, "it is not".to_owned(), frame))
}

pub(super) const SHOWS_STATE: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_state",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L04"],
    stage3: false,
    what: "A report changes the state of the message that it is about, and of no other.",
    source: "CPM-CONV-058c",
};

/// The person's client shows this state of a message of the user's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowsState {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
    /// The message, by its label.
    pub label: String,
    /// `delivered`, `displayed`, `failed`.
    pub state: String,
}

impl Rule for ShowsState {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_STATE
    }

    fn expects(&self) -> String {
        format!("the client of {} shows {} of \"{}\" as {}", self.person, self.label, self.group, self.state)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        seen(self.shown(chat), moment).into()
    }
}

impl ShowsState {
    fn shown(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let Some(id) = chat.id_of(&self.label) else {
            return Err(harness(format!("there is no message \"{}\" in \"{}\"", self.label, self.group)));
        };
        let told = reported(chat, id).filter(|(_, state)| *state == self.state).map(|(frame, _)| frame).min();
        if told.is_none() && REPORTED.contains(&self.state.as_str()) {
            return Err(harness(format!("nobody reported {} to {} as {}", chat.name(id), self.person, self.state)));
        }
        let look = chat.look_after(told)?;
        let one = chat.one(&SHOWS_STATE, &look)?;
        let broken =
            |expected: String, observed: String| Err(chat.missing(&SHOWS_STATE, expected, observed, look.frame));
        let expected = format!("{} is shown as {}", chat.name(id), self.state);
        match one.messages.iter().find(|message| message.message_id == id) {
            Some(message) if message.state == self.state => {}
            Some(message) => return broken(expected, format!("it is shown as {}", message.state)),
            None => return broken(expected, "it is not shown".to_owned()),
        }
        // A state that nobody reported belongs to another message.
        let own = |id: &str| said(chat).any(|item| item.chat_id() == Some(id));
        let unreported = one.messages.iter().filter(|message| own(&message.message_id)).find(|message| {
            REPORTED.contains(&message.state.as_str()) && reported(chat, &message.message_id).next().is_none()
        });
        if let Some(other) = unreported {
            let expected = format!("{}, on which nobody reported, is shown as sent", chat.name(&other.message_id));
            return broken(expected, format!("it is shown as {}", other.state));
        }
        Ok(1)
    }
}

pub(super) const SHOWN_ONCE: RuleEntry = RuleEntry {
    id: "client_deferred_content.shown_once",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L14"],
    stage3: false,
    what: "A message is shown once, however often it comes under one imdn.Message-ID.",
    source: "CPM-CONV-058c",
};

/// The person's client shows a message once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownOnce {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
    /// The message, by its label.
    pub label: String,
}

impl Rule for ShownOnce {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWN_ONCE
    }

    fn expects(&self) -> String {
        format!("the client of {} shows {} of \"{}\" once", self.person, self.label, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        seen(self.shown(chat), moment).into()
    }
}

impl ShownOnce {
    fn shown(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let id = chat.id_of(&self.label);
        let copies = || chat.messages().filter(|item| id.is_some() && item.chat_id() == id);
        let (Some(id), Some(last)) = (id, copies().map(|item| item.frame).max()) else {
            return Err(harness(format!("nobody sent {} \"{}\" in \"{}\"", self.person, self.label, self.group)));
        };
        let acknowledged = chat.acknowledged_of(&SHOWN_ONCE, Moment::Closed, copies())?;
        let look = chat.look_after(Some(last))?;
        let shown = look.all.iter().flat_map(|chat| &chat.messages).filter(|message| message.message_id == id).count();
        if shown == 1 {
            return Ok(acknowledged + 1);
        }
        let expected = format!("{} is shown once", chat.name(id));
        let observed = match shown {
            0 => "it is not shown".to_owned(),
            times => format!("it is shown {times} times"),
        };
        Err(chat.missing(&SHOWN_ONCE, expected, observed, look.frame))
    }
}

pub(super) const KEEPS_HISTORY: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_history",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "Whatever was delivered is still shown later.",
    source: "CPM-CONV-058c",
};

/// The person's client still shows what was delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeepsHistory {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsHistory {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_HISTORY
    }

    fn expects(&self) -> String {
        format!("the client of {} still shows what was delivered of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        seen(self.kept(chat), moment).into()
    }
}

impl KeepsHistory {
    fn kept(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let ids = taken(chat, u64::MAX);
        if ids.is_empty() {
            return Err(chat.nothing_taken(&KEEPS_HISTORY));
        }
        let first = chat.messages().find(|item| item.accepted()).map(|item| item.frame);
        let look = chat.look_after(chat.acts(&["restart"]).max().max(first))?;
        let one = chat.one(&KEEPS_HISTORY, &look)?;
        let ids = taken(chat, look.frame);
        all_shown(&KEEPS_HISTORY, chat, one, &ids, look.frame)?;
        Ok(ids.len())
    }
}

pub(super) const SHOWS_ONE_CHAT: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_one_chat",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L07"],
    stage3: false,
    what: "The sessions of one chat are shown as one chat.",
    source: "CPM-CONV-058c",
};

/// The person's client shows one chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowsOneChat {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ShowsOneChat {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_ONE_CHAT
    }

    fn expects(&self) -> String {
        format!("the client of {} shows \"{}\" as one chat", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        seen(self.shown(chat), moment).into()
    }
}

impl ShowsOneChat {
    fn shown(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let last = chat.legs().filter(|leg| leg.established()).map(|leg| leg.invited).max();
        if last.is_none() {
            return Err(chat.nothing_taken(&SHOWS_ONE_CHAT));
        }
        let look = chat.look_after(last)?;
        let one = chat.one(&SHOWS_ONE_CHAT, &look)?;
        let ids = taken(chat, look.frame);
        all_shown(&SHOWS_ONE_CHAT, chat, one, &ids, look.frame)?;
        let strays = look.all.iter().filter(|other| !chat.is_called(&other.contribution));
        let stray = strays.flat_map(|other| &other.messages).find(|message| ids.contains(&message.message_id.as_str()));
        if let Some(stray) = stray {
            let expected = format!("{} is shown in one chat", chat.name(&stray.message_id));
            let observed = "it is shown in another as well".to_owned();
            return Err(chat.missing(&SHOWS_ONE_CHAT, expected, observed, look.frame));
        }
        Ok(1 + ids.len())
    }
}
