//! A chat as the client knows it: what was said, who takes part, and what is known of the user's own messages.
//! [CPM-CONV-058c], [CPM-CONV-058d].
//!
//! Several sessions may carry one chat; the Contribution-ID tells that it is one.

use super::control::{ShownChange, ShownChat, ShownMember, ShownMessage};
use super::lists::{Known, Members};
use std::collections::{HashSet, VecDeque};

/// Messages kept of one chat; the oldest give way.
const MOST_MESSAGES: usize = 10_000;
/// Changes of the members kept of one chat.
const MOST_CHANGES: usize = 10_000;
/// Octets of all that was said in one chat; the oldest messages give way.
const MOST_OCTETS: usize = 4 << 20;

/// A message that came, or that the user sent.
#[derive(Clone, Debug)]
pub struct Entry {
    /// imdn.Message-ID.
    pub message_id: String,
    /// Who wrote it.
    pub author: String,
    /// The text; empty for what is no text.
    pub text: String,
    /// When it was written, as it said.
    pub date_time: String,
    /// What has become of it.
    pub state: State,
    /// The author wants to know when it is displayed, and does not yet.
    pub display_wanted: bool,
    /// The session in which it came.
    pub leg: Option<u64>,
}

impl Entry {
    fn octets(&self) -> usize {
        self.message_id.len() + self.author.len() + self.text.len() + self.date_time.len()
    }
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Of somebody else.
    Received,
    /// Of the user, and sent.
    Sent,
    /// Of the user, and could not be delivered.
    Failed,
    /// Of the user, and with somebody.
    Delivered,
    /// Of the user, and seen by somebody.
    Displayed,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            State::Received => "received",
            State::Sent => "sent",
            State::Failed => "failed",
            State::Delivered => "delivered",
            State::Displayed => "displayed",
        }
    }
}

/// A chat.
#[derive(Debug, Default)]
pub struct Chat {
    /// How many chats of the user are older.
    pub number: u64,
    /// Contribution-ID.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// The identity of the group session; empty in a chat of two.
    pub focus: String,
    /// The subject.
    pub subject: String,
    entries: VecDeque<Entry>,
    dropped: usize,
    octets: usize,
    ids: HashSet<String>,
    members: Members,
    changes: VecDeque<ShownChange>,
}

impl Chat {
    /// A chat of which nothing is known but its names.
    pub fn new(number: u64, contribution: &str, conversation: &str) -> Chat {
        let (contribution, conversation) = (contribution.to_owned(), conversation.to_owned());
        Chat { number, contribution, conversation, ..Chat::default() }
    }

    /// True when nothing was said in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a message; false when it is there already.
    pub fn add(&mut self, entry: Entry) -> bool {
        if !self.ids.insert(entry.message_id.clone()) {
            return false;
        }
        self.octets += entry.octets();
        self.entries.push_back(entry);
        while self.entries.len() > MOST_MESSAGES || self.octets > MOST_OCTETS {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.octets -= oldest.octets();
            self.ids.remove(&oldest.message_id);
            self.dropped += 1;
        }
        true
    }

    /// A notification tells of one of the user's own messages; false when there is no such message. What is known already
    /// is not taken back.
    pub fn report(&mut self, message_id: &str, state: State) -> bool {
        let own = |entry: &&mut Entry| entry.message_id == message_id && entry.state != State::Received;
        let found = self.entries.iter_mut().find(own);
        found.map(|entry| entry.state = entry.state.max(state)).is_some()
    }

    /// The user looks at the chat: the messages whose authors want to know are given, once.
    pub fn open(&mut self) -> Vec<Entry> {
        let unseen = self.entries.iter_mut().filter(|entry| entry.display_wanted);
        unseen
            .map(|entry| {
                entry.display_wanted = false;
                entry.clone()
            })
            .collect()
    }

    /// True when nobody has told who takes part.
    pub fn is_unlisted(&self) -> bool {
        self.members.is_empty()
    }

    /// Who takes part, as somebody told just now.
    pub fn listed(&mut self, members: Members) {
        self.members = members;
    }

    /// Some came and went after the messages that are here; the oldest changes give way.
    pub fn remember(&mut self, changes: Vec<ShownChange>) {
        let after_messages = self.dropped + self.entries.len();
        self.changes.extend(changes.into_iter().map(|change| ShownChange { after_messages, ..change }));
        let surplus = self.changes.len().saturating_sub(MOST_CHANGES);
        self.changes.drain(..surplus);
    }

    /// The others who are in the chat or on their way into it.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        let others = self.members.values().filter(|known| known.is_here() && !known.own);
        others.map(|known| known.entity.as_str()).filter(|entity| !entity.ends_with("@anonymous.invalid"))
    }

    /// What the client shows of it.
    pub fn shown(&self) -> ShownChat {
        let member = |known: &Known| ShownMember { entity: known.entity.clone(), status: known.status };
        let message = |entry: &Entry| ShownMessage {
            message_id: entry.message_id.clone(),
            author: entry.author.clone(),
            text: entry.text.clone(),
            state: entry.state.as_str(),
        };
        let change = |change: &ShownChange| ShownChange {
            after_messages: change.after_messages.saturating_sub(self.dropped),
            ..change.clone()
        };
        ShownChat {
            contribution: self.contribution.clone(),
            focus: self.focus.clone(),
            members: self.members.values().map(member).collect(),
            messages: self.entries.iter().map(message).collect(),
            changes: self.changes.iter().map(change).collect(),
        }
    }
}
