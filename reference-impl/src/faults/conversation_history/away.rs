//! Faults while the message store cannot be had.

use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::messages::is_pager;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use cpm_wire::sip::Message;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("gives-up-what-the-store-refuses", "What the store refuses counts as stored", || {
        Box::new(GivesUp)
    }),
    Fault::of_function("waits-for-the-store", "While the store refuses, messages are refused", || {
        Box::new(Waits::default())
    }),
];

const NO: &[u8] = b" NO ";

fn says_no(octets: &[u8]) -> bool {
    octets.windows(NO.len()).any(|part| part == NO)
}

struct GivesUp;

impl Mischief for GivesUp {
    fn other(&mut self, _: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        if way == Way::Out || !says_no(&octets) {
            return octets;
        }
        String::from_utf8_lossy(&octets).replacen(" NO ", " OK ", 1).into_bytes().into()
    }
}

/// The store's answer to an object, or to a login, tells how it does; a folder that is there already is refused, too.
#[derive(Default)]
struct Waits {
    asked: bool,
    refuses: bool,
}

impl Mischief for Waits {
    fn other(&mut self, _: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        let said = |words: &[u8]| octets.windows(words.len()).any(|part| part == words);
        match way {
            Way::Out => self.asked = !said(b" CREATE "),
            Way::In if self.asked => self.refuses = says_no(&octets) || self.refuses && !said(b" OK "),
            Way::In => {}
        }
        octets
    }

    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match way == Way::In && self.refuses && is_pager(message) {
            true => Fate::Answered(answer(message, 503)),
            false => Fate::Pass,
        }
    }
}
