//! Another hop takes the place of the next or of the previous one. A new next hop gets every message that the old one did not
//! acknowledge as a whole, from its beginning and under the same Message-ID; so the chunks of a message are kept that long,
//! up to a bound.

use super::{Act, Chunk, Passage, is_owed};
use bytes::Bytes;
use cpm_wire::msrp::FailureReport;
use std::collections::VecDeque;

/// Octets of acknowledged chunks that are kept while their messages are not.
const KEPT_OCTETS: usize = 1024 * 1024;

/// The chunks of a message that the next hop has acknowledged; none when they are too many to be kept.
pub(super) type Acknowledged = Option<Vec<(Chunk, Bytes)>>;

impl Passage {
    /// Keeps a chunk that is acknowledged while its message is not.
    pub(super) fn keep(&mut self, chunk: Chunk, rest: Bytes) {
        let of_this = |(waiting, _): &(Chunk, Bytes)| waiting.message_id == chunk.message_id;
        if chunk.last {
            return self.forget(&chunk.message_id);
        }
        if !self.unfinished.contains_key(&chunk.message_id) && !self.waiting.iter().chain(&self.held).any(of_this) {
            return;
        }
        let has_room = self.kept_octets + chunk.size <= KEPT_OCTETS;
        let parts = self.acknowledged.entry(chunk.message_id.clone()).or_insert_with(|| Some(Vec::new()));
        match parts {
            Some(parts) if has_room => {
                self.kept_octets += chunk.size;
                parts.push((Chunk { answered: true, ..chunk }, rest));
            }
            parts => {
                let lost = parts.take().unwrap_or_default();
                self.kept_octets -= lost.iter().map(|(chunk, _)| chunk.size).sum::<usize>();
            }
        }
    }

    pub(super) fn forget(&mut self, message_id: &str) {
        if let Some(parts) = self.acknowledged.remove(message_id) {
            self.kept_octets -= parts.unwrap_or_default().iter().map(|(chunk, _)| chunk.size).sum::<usize>();
        }
    }

    /// The previous hop leaves. What has gone on whole is none of its cares any more; what is unfinished ends.
    pub(in crate::call::media) fn leave(&mut self) {
        let gone: Vec<&mut Chunk> =
            self.waiting.iter_mut().map(|(chunk, _)| chunk).filter(|chunk| is_owed(chunk)).collect();
        let mut owed = Vec::new();
        for chunk in gone {
            if !self.unfinished.contains_key(&chunk.message_id) {
                chunk.answered = true;
                owed.push(chunk.transaction.clone());
            }
        }
        self.acts.extend(owed.into_iter().map(|transaction| Act::Answer { transaction, status: 200 }));
        self.waiting.retain(|(chunk, _)| !chunk.answered);
        self.close(481);
    }

    /// There is another next hop, which gets what the first did not acknowledge as a whole.
    pub(in crate::call::media) fn begin_again(&mut self) {
        let mut begun: Vec<(String, Acknowledged)> = std::mem::take(&mut self.acknowledged).into_iter().collect();
        begun.sort_by_key(|(_, parts)| parts.iter().flatten().next().map(|(chunk, _)| chunk.since));
        let waiting = std::mem::take(&mut self.waiting);
        (self.in_flight, self.watched, self.kept_octets) = (0, 0, 0);
        let mut again: VecDeque<(Chunk, Bytes)> = VecDeque::new();
        let mut torn = Vec::new();
        for (message_id, parts) in begun {
            match parts {
                Some(parts) => again.extend(parts),
                None => torn.push(message_id),
            }
        }
        // Of a chunk without a success to be told nobody knows whether it arrived: it is not sent twice.
        again.extend(waiting.into_iter().filter(|(chunk, _)| chunk.failure_report == FailureReport::Yes));
        again.append(&mut self.held);
        self.held_octets = again.iter().map(|(chunk, _)| chunk.size).sum();
        self.held = again;
        for message_id in torn {
            if let Some(message) = self.unfinished.get_mut(&message_id) {
                message.refused = Some(481);
            }
            self.drop_held(&message_id, 481);
        }
    }
}
