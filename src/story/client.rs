//! What is told of a client under test besides its legs and messages: what its user did, what it shows, and how it
//! answered the notifications of its subscriptions (RFC 6665).

use bytes::Bytes;
use cpm_wire::sip::Message;

use super::legs::part;
use super::session::Answer;
use super::subscriptions::Subscription;
use crate::evidence::{Event, ShownChat};

/// Notifications kept of one scenario.
const NOTICES: usize = 4096;

/// Something that the user of a client did.
#[derive(Clone, Debug)]
pub struct Act {
    /// When.
    pub frame: u64,
    /// Whose client.
    pub person: String,
    /// What: `open`, `restart`.
    pub act: String,
    /// In which chat, by its Contribution-ID.
    pub chat: Option<String>,
}

/// What a client showed at one time.
#[derive(Clone, Debug)]
pub struct Shown {
    /// When.
    pub frame: u64,
    /// Whose client.
    pub person: String,
    /// Every chat.
    pub chats: Vec<ShownChat>,
}

/// A NOTIFY of a conference subscription.
#[derive(Clone, Debug)]
pub struct Notice {
    /// When.
    pub frame: u64,
    /// Whose subscription.
    pub person: Option<String>,
    /// Of which chat.
    pub group: Option<String>,
    /// The conference-info document that it carries.
    pub document: Option<Bytes>,
    /// The answer to it.
    pub answer: Option<Answer>,
}

/// All that is told of clients.
#[derive(Debug, Default)]
pub(super) struct Clients {
    acts: Vec<Act>,
    shown: Vec<Shown>,
    notices: Vec<Notice>,
}

impl Clients {
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub fn event(&mut self, frame: u64, event: &Event) {
        match event.clone() {
            Event::Acted { person, act, chat, .. } => self.acts.push(Act { frame, person, act, chat }),
            Event::Shown { person, chats, .. } => self.shown.push(Shown { frame, person, chats }),
            _ => {}
        }
    }

    /// A NOTIFY of this subscription. None when there are too many.
    pub fn notify(&mut self, frame: u64, message: &Message, subscription: &Subscription) -> Option<usize> {
        if self.notices.len() >= NOTICES {
            return None;
        }
        self.notices.push(Notice {
            frame,
            person: subscription.person.clone(),
            group: subscription.group.clone(),
            document: part(message, "application/conference-info+xml"),
            answer: None,
        });
        Some(self.notices.len() - 1)
    }

    pub fn answered(&mut self, at: usize, answer: Answer) {
        if let Some(notice) = self.notices.get_mut(at) {
            notice.answer.get_or_insert(answer);
        }
    }
}
