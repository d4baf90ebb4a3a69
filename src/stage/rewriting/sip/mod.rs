//! A SIP message said otherwise (RFC 3261 sections 7.3 and 25): other octets, and the same message.
//!
//! What is sent again is said the same way again, for a retransmission is a copy: chance comes from the octets. By the
//! same means a CANCEL and an ACK write their addresses and their Via as the INVITE did.

mod body;
mod codes;
mod draft;
mod fields;
mod params;
mod spacing;
#[cfg(test)]
mod tests;
mod value;

use super::chance::Chance;
use super::freedoms::{Freedom, Freedoms, Licence, Uses};
use bytes::Bytes;
use cpm_wire::sip::{Message, Name};
use draft::{Draft, Line};
use std::hash::{DefaultHasher, Hash, Hasher};
use value::Value;

/// A request may be larger only over TCP (RFC 3261 section 18.1.1).
const LARGEST_REQUEST_BY_UDP: usize = 1300;
/// No datagram is larger.
const LARGEST_DATAGRAM: usize = 65_000;
/// So often another way is looked for that fits into a datagram: one with short names, and without what is only added.
const ATTEMPTS: u64 = 100;

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A datagram.
    Datagram,
    /// A stream.
    Stream,
}

/// The message in other octets; in its own where no other way fits its carrier.
pub fn rewrite(message: &Message, carrier: Carrier, freedoms: &Freedoms, seed: u64, uses: &mut Uses) -> Bytes {
    let largest = match carrier {
        Carrier::Stream => usize::MAX,
        Carrier::Datagram if message.is_request() => LARGEST_REQUEST_BY_UDP,
        Carrier::Datagram => LARGEST_DATAGRAM,
    };
    for attempt in 0..ATTEMPTS {
        let mut own = Uses::default();
        let mut chance = Chance::new(seeded(seed.wrapping_add(attempt), message.octets()));
        let mut licence = Licence { freedoms, chance: &mut chance, uses: &mut own };
        let octets = say(&mut licence, message, carrier, seed);
        if octets.len() <= largest {
            uses.add(&own);
            return octets;
        }
    }
    // A description is said the same way in whatever message it stands, for it has one version.
    let octets = described(message, freedoms, seed, uses);
    if octets.len() <= largest { octets } else { message.octets().clone() }
}

/// The message with its body said otherwise, and all else as it is.
fn described(message: &Message, freedoms: &Freedoms, seed: u64, uses: &mut Uses) -> Bytes {
    let mut chance = Chance::new(seeded(seed, message.octets()));
    let mut licence = Licence { freedoms, chance: &mut chance, uses };
    let mut draft = Draft::of(message);
    body::rewrite(&mut licence, &mut draft, seed);
    draft.write(&mut Licence { freedoms: &Freedoms::default(), ..licence }, |_| None)
}

fn say(licence: &mut Licence<'_>, message: &Message, carrier: Carrier, seed: u64) -> Bytes {
    let mut draft = Draft::of(message);
    first_line(licence, &mut draft);
    body::rewrite(licence, &mut draft, seed);
    fields::add(licence, &mut draft);
    vary(licence, &mut draft, seed);
    // The first octets of a written field are decided as those of its value were.
    let written = |line: &Line| steady(seed.wrapping_add(1), line);
    if carrier == Carrier::Datagram && licence.takes(Freedom::SipNoContentLength) {
        licence.note(Freedom::SipNoContentLength, draft.line(&Name::ContentLength).is_some());
        draft.remove(&Name::ContentLength);
    }
    fields::join(licence, &mut draft);
    fields::split(licence, &mut draft);
    fields::reorder(licence, &mut draft);
    fields::rename(licence, &mut draft);
    let octets = draft.write(licence, written);
    lines_before(licence, carrier, octets)
}

fn vary(licence: &mut Licence<'_>, draft: &mut Draft, seed: u64) {
    // The Vias and addresses of others are passed on as they are, but for white space: those of the request in a
    // response, and those of a request that comes from elsewhere.
    let is_own = draft.is_request() && draft.lines.iter().filter(|line| line.name == Name::Via).count() == 1;
    for line in draft.lines.iter_mut().filter(|line| is_own || !params::is_of_origin(&line.name)) {
        match steady(seed, line) {
            Some(mut chance) => {
                let mut own = Licence { freedoms: licence.freedoms, chance: &mut chance, uses: licence.uses };
                params::vary(&mut own, line);
            }
            None => params::vary(licence, line),
        }
    }
}

/// A seed of its own for each text.
pub(super) fn seeded(seed: u64, text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, text).hash(&mut hasher);
    hasher.finish()
}

/// Chance for what is to be said the same way in every message that says it: by such values transactions and dialogs
/// are told apart.
fn steady(seed: u64, line: &Line) -> Option<Chance> {
    let told = match (&line.name, &line.value) {
        (Name::From | Name::To | Name::CallId | Name::Via, value) => format!("{value:?}"),
        (Name::CSeq, Value::CSeq(number, _)) => number.trim_start_matches('0').to_owned(),
        _ => return None,
    };
    Some(Chance::new(seeded(seed, told.as_bytes())))
}

/// Words of a response that nobody may rely on, UTF-8 and none at all among them.
const PHRASES: [&str; 6] = ["", "As you wish", "Très bien; voilà", "50%25 of it\tall", "结果 (result) 200 OK", "ok"];

fn first_line(licence: &mut Licence<'_>, draft: &mut Draft) {
    let Some(code) = draft.status else { return };
    let reliable = draft.line(&Name::RSeq).is_some();
    draft.start.0 = format!("SIP/2.0 {} ", codes::other(licence, &draft.method, code, reliable));
    if licence.takes(Freedom::SipReasonPhrase) {
        let phrase = licence.chance.pick(&PHRASES).copied().unwrap_or_default();
        licence.note(Freedom::SipReasonPhrase, draft.start.1 != phrase);
        draft.start.1 = phrase.to_owned();
    }
}

/// One empty line: two would be a keep-alive, to which an answer comes (RFC 5626 section 3.5.1).
fn lines_before(licence: &mut Licence<'_>, carrier: Carrier, octets: Bytes) -> Bytes {
    if carrier == Carrier::Datagram || !licence.takes(Freedom::SipLeadingLines) {
        return octets;
    }
    licence.note(Freedom::SipLeadingLines, true);
    [b"\r\n", octets.as_ref()].concat().into()
}
