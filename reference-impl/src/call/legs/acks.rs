//! The ACKs of a leg: a 2xx that comes again gets the same once more (RFC 3261 section 13.2.2.4).

use bytes::Bytes;
use cpm_wire::sip::Message;

/// The octets of the last ACKs with the CSeq that they acknowledge, the older one first: no INVITE follows another so fast that
/// more than two matter.
#[derive(Debug, Default)]
pub(in crate::call) struct Acks([Option<(u32, Box<[u8]>)>; 2]);

impl Acks {
    /// Keeps a copy: the message itself has room to spare, and a session may stand for days.
    pub fn keep(&mut self, cseq: u32, ack: &Message) {
        self.0.rotate_left(1);
        let [_, last] = &mut self.0;
        *last = Some((cseq, ack.octets().as_ref().into()));
    }

    /// The ACK of the INVITE with this CSeq.
    pub fn of(&self, cseq: u32) -> Option<Bytes> {
        let kept = self.0.iter().flatten().find(|(number, _)| *number == cseq);
        kept.map(|(_, octets)| Bytes::copy_from_slice(octets))
    }

    /// True when nothing was acknowledged.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::sip::{Builder, Method};
    use pretty_assertions::assert_eq;

    fn ack(uri: &str) -> Message {
        Builder::request(Method::Ack, uri).build()
    }

    #[test]
    fn the_last_two_are_kept_as_they_were_sent() {
        let mut acks = Acks::default();
        assert!(acks.is_empty());
        let sent = ["sip:a@e", "sip:b@e", "sip:c@e"].map(ack);
        for (cseq, ack) in (1..).zip(&sent) {
            acks.keep(cseq, ack);
        }
        let kept = [1, 2, 3].map(|cseq| acks.of(cseq));
        assert_eq!(kept, [None, Some(sent[1].octets().clone()), Some(sent[2].octets().clone())]);
        assert!(!acks.is_empty());
    }
}
