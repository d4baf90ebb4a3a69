//! One direction of a connection, cut into messages. From what is no MSRP on, it is passed on as it comes.

use bytes::{Bytes, BytesMut};
use cpm_wire::msrp::{Framer, Message};

/// What stands next in the stream.
#[derive(Debug)]
pub enum Piece {
    Message(Message),
    /// Octets that no message was found in.
    Raw(Bytes),
}

/// Cuts a direction into messages.
#[derive(Debug, Default)]
pub struct Cutter {
    framer: Framer,
    /// What was not cut yet, as it came.
    waiting: BytesMut,
    blind: bool,
}

impl Cutter {
    pub fn push(&mut self, octets: &Bytes) {
        self.waiting.extend_from_slice(octets);
        if !self.blind {
            self.framer.push(octets.clone());
        }
    }

    /// The next piece, if one is whole.
    pub fn next_piece(&mut self) -> Option<Piece> {
        if !self.blind {
            match self.framer.next() {
                None => return None,
                Some(Ok(message)) => {
                    let length = message.octets().len().min(self.waiting.len());
                    drop(self.waiting.split_to(length));
                    return Some(Piece::Message(message));
                }
                Some(Err(_)) => self.blind = true,
            }
        }
        (!self.waiting.is_empty()).then(|| Piece::Raw(self.waiting.split().freeze()))
    }
}
