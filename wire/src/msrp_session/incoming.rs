//! Receiving: chunks put together by Message-ID and byte range, in any order, overlapping or interleaved
//! (RFC 4975 section 7.3.1).

use super::{MOST_ASSEMBLIES, MOST_RECEIVED, Reply, Session, SessionEvent};
use crate::msrp::{ByteRange, Flag, Message};
use bytes::{Bytes, BytesMut};

/// A message that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    octets: BytesMut,
    /// Ranges present, from 0, sorted and apart.
    present: Vec<(usize, usize)>,
    total: Option<usize>,
    content_type: String,
    success_report: bool,
}

impl Assembly {
    fn put(&mut self, start: usize, body: &[u8]) {
        let end = start + body.len();
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        if let Some(place) = self.octets.get_mut(start..end) {
            place.copy_from_slice(body);
        }
        self.present.push((start, end));
        self.present.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::with_capacity(self.present.len());
        for (start, end) in self.present.drain(..) {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        self.present = merged;
    }

    fn is_complete(&self) -> bool {
        match (self.total, self.present.as_slice()) {
            (Some(0), _) => true,
            (Some(total), [(0, end)]) => *end == total,
            _ => false,
        }
    }
}

impl Session {
    pub(super) fn incoming(&mut self, message: Message) {
        let Some(id) = message.message_id().filter(|id| !id.is_empty()).map(str::to_owned) else {
            self.refuse(&message, 400);
            return;
        };
        if message.flag == Flag::Abort {
            self.assemblies.remove(&id);
            self.respond(&message, 200);
            self.event(SessionEvent::Aborted { message_id: id });
            return;
        }
        let range = match message.header("Byte-Range") {
            None => ByteRange { start: 1, end: None, total: None },
            Some(text) => match ByteRange::parse(text).filter(|range| range.start > 0) {
                Some(range) => range,
                None => {
                    self.refuse(&message, 400);
                    return;
                }
            },
        };
        let Some(body) = message.body() else {
            self.without_body(&message, id);
            return;
        };
        self.chunk_in(&message, id, range, &body);
    }

    fn without_body(&mut self, message: &Message, id: String) {
        // The last chunk of a message may be empty; anything else without a body is a sign of life.
        if message.flag == Flag::Complete && self.assemblies.contains_key(&id) {
            let at = self.assemblies.get(&id).map_or(0, |assembly| assembly.octets.len());
            let start = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
            self.chunk_in(message, id, ByteRange { start, end: None, total: None }, &Bytes::new());
            return;
        }
        self.respond(message, 200);
        self.event(SessionEvent::Bodiless { message_id: id });
    }

    fn chunk_in(&mut self, message: &Message, id: String, range: ByteRange, body: &Bytes) {
        let largest = self.config.max_message_octets;
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let end = (range.start - 1).saturating_add(length);
        if end > largest || range.total.is_some_and(|total| total > largest) {
            self.assemblies.remove(&id);
            self.refuse(message, 413);
            return;
        }
        // A range that contradicts itself or its total cannot be put anywhere.
        let said_end = range.end.is_some_and(|said| said != end && !(message.flag != Flag::Complete && said > end));
        if said_end || range.total.is_some_and(|total| end > total) {
            self.refuse(message, 400);
            return;
        }
        if !self.assemblies.contains_key(&id) && self.assemblies.len() >= MOST_ASSEMBLIES {
            self.refuse(message, 413);
            return;
        }
        let whole = range.start == 1 && message.flag == Flag::Complete && !self.assemblies.contains_key(&id);
        if whole && range.total.is_none_or(|total| total == end) {
            let content_type = message.content_type().unwrap_or_default().to_owned();
            self.complete(message, id, content_type, body.clone(), message.success_report());
            return;
        }
        let Ok(start) = usize::try_from(range.start - 1) else { return };
        let assembly = self.assemblies.entry(id.clone()).or_default();
        if let Some(content_type) = message.content_type() {
            assembly.content_type = content_type.to_owned();
        }
        assembly.success_report |= message.success_report();
        assembly.put(start, body);
        if let Some(total) = range.total.and_then(|total| usize::try_from(total).ok()) {
            assembly.total = Some(total);
        } else if message.flag == Flag::Complete {
            // Without a total the last chunk tells where the message ends.
            assembly.total = Some(start + body.len());
        }
        if assembly.is_complete() {
            if let Some(assembly) = self.assemblies.remove(&id) {
                let octets = assembly.octets.freeze();
                self.complete(message, id, assembly.content_type, octets, assembly.success_report);
            }
        } else {
            self.respond(message, 200);
        }
    }

    fn complete(&mut self, message: &Message, id: String, content_type: String, octets: Bytes, success_report: bool) {
        if self.received.len() >= MOST_RECEIVED {
            self.received.pop_first();
        }
        self.received.insert(id.clone(), u64::try_from(octets.len()).unwrap_or(u64::MAX));
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
