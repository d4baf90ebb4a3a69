//! What goes through joined sessions, put together for whoever keeps it: a message is whole once its last chunk has been taken.

use super::event::{MediaEvent, Passed};
use super::{Media, MediaId};
use bytes::{Bytes, BytesMut};
use cpm_wire::msrp::{FailureReport, Flag, Message};
use std::collections::HashMap;

/// The largest message that is put together; a larger one goes on all the same.
const MOST_OCTETS: usize = 16 * 1024 * 1024;
/// The most messages of one session of which more is to come.
const MOST_UNFINISHED: usize = 64;

/// What has come of the messages of one session.
#[derive(Default)]
pub(super) struct Watch {
    unfinished: HashMap<String, Unfinished>,
    /// By the transaction of the last chunk, which is not answered yet.
    unanswered: HashMap<String, Passed>,
}

struct Unfinished {
    content_type: String,
    octets: BytesMut,
}

impl Watch {
    /// A chunk has come. Gives the message if it is whole and nobody will say what becomes of it.
    fn take(&mut self, send: &Message) -> Option<Passed> {
        let message_id = send.message_id()?.to_owned();
        let content_type = send.header("Content-Type").unwrap_or_default();
        let body = send.body().unwrap_or_default();
        let start = send.byte_range().map_or(1, |range| range.start);
        if start <= 1 && !content_type.is_empty() && self.unfinished.len() < MOST_UNFINISHED {
            let anew = Unfinished { content_type: content_type.to_owned(), octets: BytesMut::new() };
            self.unfinished.insert(message_id.clone(), anew);
        }
        let known = self.unfinished.get_mut(&message_id)?;
        let before = known.octets.len();
        let follows = body.is_empty() || start.checked_sub(1).is_some_and(|before_it| before_it == before as u64);
        if !follows || before + body.len() > MOST_OCTETS || send.flag == Flag::Abort {
            self.unfinished.remove(&message_id);
            return None;
        }
        known.octets.extend_from_slice(&body);
        if send.flag == Flag::More {
            return None;
        }
        let Unfinished { content_type, octets } = self.unfinished.remove(&message_id)?;
        let passed = Passed { content_type, octets: Bytes::from(octets) };
        if passed.octets.is_empty() {
            return None;
        }
        if send.failure_report() != FailureReport::Yes {
            return Some(passed);
        }
        if self.unanswered.len() < MOST_UNFINISHED {
            self.unanswered.insert(send.transaction.clone(), passed);
        }
        None
    }

    /// A chunk is answered. Gives the message that it has completed.
    fn answered(&mut self, transaction: &str, status: u16) -> Option<Passed> {
        self.unanswered.remove(transaction).filter(|_| status == 200)
    }
}

impl Media {
    /// What comes over a session, and is sent on by another, is to be told when it is whole ([`MediaEvent::Passed`]).
    pub fn watch(&mut self, id: MediaId) {
        if let Some(hosted) = self.sessions.get_mut(&id) {
            hosted.watch.get_or_insert_default();
        }
    }

    pub(super) fn watch_chunk(&mut self, id: MediaId, send: &Message) {
        let watch = self.sessions.get_mut(&id).and_then(|hosted| hosted.watch.as_mut());
        if let Some(passed) = watch.and_then(|watch| watch.take(send)) {
            self.tell(id, MediaEvent::Passed(Box::new(passed)));
        }
    }

    pub(super) fn watch_answer(&mut self, id: MediaId, transaction: &str, status: u16) {
        let watch = self.sessions.get_mut(&id).and_then(|hosted| hosted.watch.as_mut());
        if let Some(passed) = watch.and_then(|watch| watch.answered(transaction, status)) {
            self.tell(id, MediaEvent::Passed(Box::new(passed)));
        }
    }
}
