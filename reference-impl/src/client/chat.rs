//! A chat as the client knows it: what was said, who takes part, and what is known of the user's own messages.
//! [CPM-CONV-058c], [CPM-CONV-058d].
//!
//! Several sessions may carry one chat; the Contribution-ID tells that it is one.

use super::control::{ShownChange, ShownChat, ShownMember, ShownMessage};
use cpm_wire::conference_info::{Document, EndpointStatus, Roster};
use cpm_wire::sip::identity_key;
use std::collections::{BTreeMap, HashSet, VecDeque};

/// Messages kept of one chat; the oldest give way.
const MOST_MESSAGES: usize = 10_000;
/// Changes of the members kept of one chat.
const MOST_CHANGES: usize = 10_000;
/// Members kept of one chat: more are no group of people.
const MOST_MEMBERS: usize = 10_000;

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

#[derive(Clone, Debug)]
struct Known {
    entity: String,
    status: &'static str,
}

/// A chat.
#[derive(Debug, Default)]
pub struct Chat {
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
    ids: HashSet<String>,
    subscribed: Source,
    delivered: Source,
    /// The focus tells who is there, and will tell what changes.
    watched: bool,
    members: BTreeMap<String, Known>,
    changes: Vec<ShownChange>,
}

/// The lists that came one way. Each way counts its versions by itself.
#[derive(Debug, Default)]
struct Source {
    roster: Roster,
    /// A list has come, against which the next one tells of changes.
    known: Option<BTreeMap<String, Known>>,
}

/// Which way a list came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By notification of the focus, or of who answers for it.
    Subscription,
    /// In a session, among what was kept for the user.
    Session,
}

/// What a document did to the list of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was understood.
    Understood,
    /// It cannot be read, or does not fit: nothing has changed.
    Skipped,
    /// Documents before it are missing: full state is to be asked for.
    Incomplete,
}

impl Chat {
    /// A chat of which nothing is known but its names.
    pub fn new(contribution: &str, conversation: &str) -> Chat {
        Chat { contribution: contribution.to_owned(), conversation: conversation.to_owned(), ..Chat::default() }
    }

    /// Adds a message; false when it is there already.
    pub fn add(&mut self, entry: Entry) -> bool {
        if !self.ids.insert(entry.message_id.clone()) {
            return false;
        }
        self.entries.push_back(entry);
        if self.entries.len() > MOST_MESSAGES
            && let Some(oldest) = self.entries.pop_front()
        {
            self.ids.remove(&oldest.message_id);
            self.dropped += 1;
        }
        true
    }

    /// A notification tells of one of the user's own messages. What is known already is not taken back.
    pub fn report(&mut self, message_id: &str, state: State) {
        let own = |entry: &&mut Entry| entry.message_id == message_id && entry.state != State::Received;
        if let Some(entry) = self.entries.iter_mut().find(own) {
            entry.state = entry.state.max(state);
        }
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

    /// An invitation names the participants: all that is known until a document comes.
    pub fn invited_with(&mut self, list: &[String]) {
        if self.members.is_empty() {
            let known = list
                .iter()
                .take(MOST_MEMBERS)
                .map(|entity| (identity_key(entity), Known { entity: entity.clone(), status: "connected" }));
            self.members = known.collect();
        }
    }

    /// A subscription begins, or begins anew: versions are counted from its first document.
    pub fn watched_anew(&mut self) {
        self.subscribed.roster.subscribed_anew();
    }

    /// The subscription has ended.
    pub fn unwatched(&mut self) {
        self.watched = false;
    }

    /// A session is open in which lists may come: versions are counted from its first document.
    pub fn delivered_anew(&mut self) {
        self.delivered = Source::default();
    }

    /// A list of members, or a change of one. With `history` changes are remembered, from the second list on: what changed
    /// before the first one has no place among the messages.
    pub fn told(&mut self, by: By, document: &[u8], history: bool) -> Told {
        let Ok(document) = Document::parse(document) else { return Told::Skipped };
        let source = match by {
            By::Subscription => &mut self.subscribed,
            By::Session => &mut self.delivered,
        };
        let mut folded = source.roster.clone();
        if folded.apply(&document).is_err() {
            return Told::Incomplete;
        }
        if folded.members().len() > MOST_MEMBERS {
            return Told::Skipped;
        }
        source.roster = folded;
        let now: BTreeMap<String, Known> = source
            .roster
            .members()
            .iter()
            .map(|(entity, member)| {
                (identity_key(entity), Known { entity: entity.clone(), status: word(member.status()) })
            })
            .collect();
        let before = source.known.replace(now.clone());
        if let Some(before) = before.filter(|_| history) {
            self.remember(&before, &now);
        }
        // What the focus tells now counts for more than what was kept of former times.
        if by == By::Subscription || !self.watched {
            self.members = now;
        }
        self.watched |= by == By::Subscription;
        Told::Understood
    }

    fn remember(&mut self, before: &BTreeMap<String, Known>, now: &BTreeMap<String, Known>) {
        let after_messages = self.dropped + self.entries.len();
        let here = |known: Option<&Known>| known.is_some_and(|known| known.status != "departed");
        let keys: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        for key in keys {
            let (before, after) = (before.get(key), now.get(key));
            let what = match (here(before), here(after)) {
                (false, true) => "joined",
                (true, false) => "left",
                _ => continue,
            };
            let Some(entity) = after.or(before).map(|known| known.entity.clone()) else { continue };
            if self.changes.len() < MOST_CHANGES {
                self.changes.push(ShownChange { entity, what, after_messages });
            }
        }
    }

    /// Those who are in the chat or on their way into it, as their public identities.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        self.members.values().filter(|known| known.status != "departed").map(|known| known.entity.as_str())
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
        ShownChat {
            contribution: self.contribution.clone(),
            focus: self.focus.clone(),
            members: self.members.values().map(member).collect(),
            messages: self.entries.iter().map(message).collect(),
            changes: self.changes.clone(),
        }
    }
}

fn word(status: Option<&EndpointStatus>) -> &'static str {
    match status {
        Some(EndpointStatus::Disconnected | EndpointStatus::Disconnecting) => "departed",
        Some(status) if status.is_in() => "connected",
        Some(_) => "invited",
        None => "connected",
    }
}
