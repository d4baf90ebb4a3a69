//! The message log of SIPp (`sipp -trace_msg`): a line of dashes with a date, a line that says what was sent or received over
//! what and how long it is, an empty line, and the message. SIPp names no addresses.

use std::net::SocketAddr;

use bytes::Bytes;
use cpm_wire::time::Time;
use memchr::memmem;

use super::seen::{Octets, Protocol, Transport};

/// A line of dashes has this many of them at least.
const DASHES: &[u8] = b"--------------------";

/// The messages of a log.
#[derive(Debug)]
pub struct SippLog {
    rest: Bytes,
    frame: u64,
    /// Who wrote it, and whom it talked to.
    near: SocketAddr,
    far: SocketAddr,
}

/// What stands before a message.
struct Entry {
    at: Time,
    sent: bool,
    transport: Transport,
    /// As long as the log says, which is not to be trusted.
    length: usize,
}

impl SippLog {
    /// Whether a file that begins so is such a log.
    #[must_use]
    pub fn is_one(head: &[u8]) -> bool {
        entry(head).is_some()
    }

    /// The messages of a log that `near` wrote while it talked to `far`.
    #[must_use]
    pub fn new(octets: Bytes, near: SocketAddr, far: SocketAddr) -> SippLog {
        SippLog { rest: octets, frame: 0, near, far }
    }
}

impl Iterator for SippLog {
    type Item = Octets;

    fn next(&mut self) -> Option<Octets> {
        let (entry, begin) = loop {
            if let Some(found) = entry(&self.rest) {
                break found;
            }
            // What is no entry is passed over up to the next line of dashes.
            let next = separator(self.rest.get(1..)?)?;
            self.rest = self.rest.slice(next + 1..);
        };
        let message = self.rest.slice(begin..);
        let end = end(&message, entry.length);
        self.rest = message.slice(end..);
        let octets = message.slice(..end);
        self.frame += 1;
        let (source, destination) = if entry.sent { (self.near, self.far) } else { (self.far, self.near) };
        Some(Octets {
            frame: self.frame,
            at: entry.at,
            source,
            destination,
            transport: entry.transport,
            protocol: Protocol::Sip,
            connection: (entry.transport == Transport::Tcp).then_some(1),
            octets: Bytes::copy_from_slice(&octets),
        })
    }
}

/// The entry at the beginning of these octets, and where its message begins.
fn entry(octets: &[u8]) -> Option<(Entry, usize)> {
    let start = octets.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
    let text = octets.get(start..)?;
    if !text.starts_with(DASHES) {
        return None;
    }
    let (date, after) = line(text)?;
    let (head, after) = line(after)?;
    let (empty, message) = line(after)?;
    let at = time(date.trim_start_matches('-').trim())?;
    // `UDP message sent [511] bytes:`, with brackets or parentheses, by version.
    let (transport, rest) = head.split_once(" message ")?;
    let (way, rest) = rest.split_once([' ', '[', '('])?;
    let sent = match way {
        "sent" => true,
        "received" => false,
        _ => return None,
    };
    let digits = rest.trim_start_matches([' ', '[', '(']);
    let length = digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let datagrams = transport.split_ascii_whitespace().next_back()?.eq_ignore_ascii_case("UDP");
    let transport = if datagrams { Transport::Udp } else { Transport::Tcp };
    empty.is_empty().then_some((Entry { at, sent, transport, length }, octets.len() - message.len()))
}

/// A line without its end, and what follows it.
fn line(octets: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memchr(b'\n', octets)?;
    let text = std::str::from_utf8(octets.get(..end)?).ok()?;
    Some((text.trim_end_matches('\r'), octets.get(end + 1..)?))
}

/// Older versions write local time with a space in it; what matters is how far moments are apart.
fn time(text: &str) -> Option<Time> {
    let mut words = text.split([' ', '\t', 'T']).filter(|word| !word.is_empty());
    let (day, clock) = (words.next()?, words.next()?.trim_end_matches('Z'));
    Time::parse_rfc3339(&format!("{day}T{clock}Z")).ok()
}

/// Where the message ends: where the log says if the log goes on there, else before the next entry.
fn end(message: &[u8], length: usize) -> usize {
    let goes_on = |rest: &[u8]| {
        let blank = rest.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        rest.len() == blank || blank > 0 && rest.get(blank..).is_some_and(|rest| rest.starts_with(DASHES))
    };
    if message.get(length..).is_some_and(goes_on) {
        return length;
    }
    let end = separator(message).unwrap_or(message.len());
    // SIPp ends every entry with a line end of its own.
    end - usize::from(message.get(..end).is_some_and(|message| message.ends_with(b"\n")))
}

/// Where the next line of dashes begins that is followed by an entry.
fn separator(octets: &[u8]) -> Option<usize> {
    let mut lines = memmem::find_iter(octets, b"\n-----");
    lines.find(|place| octets.get(place + 1..).is_some_and(|rest| entry(rest).is_some())).map(|place| place + 1)
}
