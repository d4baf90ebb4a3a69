//! Receiving: what becomes of a SEND (RFC 4975 section 7.3).

use super::assembly::{Assembly, Misfit, Place};
use super::{Reply, Session, SessionEvent};
use crate::msrp::{Flag, Message};
use bytes::Bytes;

/// Unfinished messages kept at a time; more are refused.
const MOST_ASSEMBLIES: usize = 256;
/// Unfinished messages together may hold as much as so many of the largest.
const MOST_LARGEST: u64 = 4;
/// Messages remembered for reports, and refused ones for their further chunks.
const MOST_REMEMBERED: usize = 1024;

impl Session {
    pub(super) fn incoming(&mut self, message: Message) {
        let Some(id) = message.message_id().filter(|id| !id.is_empty()).map(str::to_owned) else {
            self.respond(&message, 400);
            return;
        };
        if message.flag == Flag::Abort {
            self.assemblies.remove(&id);
            self.refused.retain(|(refused, _)| *refused != id);
            self.respond(&message, 200);
            self.event(SessionEvent::Aborted { message_id: id });
            return;
        }
        if let Some(status) = self.refused_before(&message, &id) {
            self.respond(&message, status);
            return;
        }
        match message.body() {
            // A SEND without a body, of a message that nothing came of yet, binds the connection to the session.
            None if !self.assemblies.contains_key(&id) => self.bodiless_in(&message, id),
            body => self.chunk_in(&message, id, &body.unwrap_or_default()),
        }
    }

    fn bodiless_in(&mut self, message: &Message, id: String) {
        // Byte-Range says 1-0/0, or nothing at all; a range that does not read is wrong here too.
        if message.header("Byte-Range").is_some() && message.byte_range().is_none() {
            self.respond(message, 400);
            return;
        }
        self.respond(message, 200);
        self.event(SessionEvent::Bodiless { message_id: id });
    }

    /// Chunks that were under way when their message was refused get the same answer (RFC 4975 section 10.5).
    fn refused_before(&mut self, message: &Message, id: &str) -> Option<u16> {
        let at = self.refused.iter().position(|(refused, _)| refused == id)?;
        // A message that begins anew is a new one, even under an id that was used.
        let anew = message.byte_range().is_none_or(|range| range.start <= 1);
        let status = self.refused.get(at).map(|(_, status)| *status);
        if anew || message.flag == Flag::Complete {
            self.refused.remove(at);
        }
        status.filter(|_| !anew)
    }

    fn chunk_in(&mut self, message: &Message, id: String, body: &Bytes) {
        let next = self.assemblies.get(&id).map_or(0, Assembly::next);
        let Some(place) = Place::of(message, body, next) else {
            self.refuse_message(message, id, 400);
            return;
        };
        let largest = usize::try_from(self.config.max_message_octets).unwrap_or(usize::MAX);
        if place.end > largest || place.total.is_some_and(|total| total > largest) {
            self.refuse_message(message, id, 413);
            return;
        }
        // The ordinary message is one chunk, and its octets are shared with the chunk.
        if place.start == 0 && place.total == Some(place.end) && !self.assemblies.contains_key(&id) {
            let content_type = message.content_type().unwrap_or_default().to_owned();
            self.complete(message, id, content_type, body.clone(), message.success_report());
            return;
        }
        if !self.has_room(&id, body.len()) {
            self.refuse_message(message, id, 413);
            return;
        }
        self.assemble(message, id, place, body);
    }

    fn assemble(&mut self, message: &Message, id: String, place: Place, body: &[u8]) {
        let assembly = self.assemblies.entry(id.clone()).or_default();
        if let Some(content_type) = message.content_type() {
            content_type.clone_into(&mut assembly.content_type);
        }
        assembly.success_report |= message.success_report();
        match assembly.add(place, body) {
            Err(Misfit::Contradiction) => self.refuse_message(message, id, 400),
            Err(Misfit::TooManyPieces) => self.refuse_message(message, id, 413),
            Ok(()) if !assembly.is_complete() => self.respond(message, 200),
            Ok(()) => {
                let Some(assembly) = self.assemblies.remove(&id) else { return };
                let (content_type, success_report) = (assembly.content_type.clone(), assembly.success_report);
                self.complete(message, id, content_type, assembly.into_octets(), success_report);
            }
        }
    }

    /// What a peer leaves unfinished must not fill the memory.
    fn has_room(&self, id: &str, octets: usize) -> bool {
        let known = self.assemblies.contains_key(id);
        let held: usize = self.assemblies.values().map(Assembly::held).sum();
        let most = usize::try_from(self.config.max_message_octets.saturating_mul(MOST_LARGEST)).unwrap_or(usize::MAX);
        (known || self.assemblies.len() < MOST_ASSEMBLIES) && held.saturating_add(octets) <= most
    }

    fn refuse_message(&mut self, message: &Message, id: String, status: u16) {
        self.assemblies.remove(&id);
        self.respond(message, status);
        if message.flag == Flag::More {
            if self.refused.len() >= MOST_REMEMBERED {
                self.refused.pop_front();
            }
            self.refused.push_back((id, status));
        }
    }

    fn complete(&mut self, message: &Message, id: String, content_type: String, octets: Bytes, success_report: bool) {
        if self.received.len() >= MOST_REMEMBERED {
            self.received.pop_front();
        }
        self.received.push_back((id.clone(), u64::try_from(octets.len()).unwrap_or(u64::MAX)));
        self.event(SessionEvent::Received {
            message_id: id,
            content_type,
            octets,
            success_report,
            failure_report: message.failure_report(),
            reply: Reply(message.clone()),
        });
    }
}
