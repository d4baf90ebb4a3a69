//! Files of packets: from octets to packets, in either format, which the first octets tell.

mod input;
mod pcap;
mod pcapng;

use std::io::Read;

use cpm_wire::time::Time;

use super::error::CaptureError;
use input::Input;
use pcap::Pcap;
use pcapng::Pcapng;

/// A packet longer than this is taken for damage. Ethernet jumbo frames and offloaded segments are far below.
const MAX_PACKET: usize = 1 << 20;

/// A packet of a file.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    /// Its number, from 1.
    pub frame: u64,
    pub at: Time,
    /// Which header it begins with, as the registry of link types numbers them.
    pub link: u16,
    pub octets: &'a [u8],
}

/// What stands next in a file.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Packet(Packet<'a>),
    /// A key log of TLS.
    Secrets(&'a [u8]),
}

/// What a format says of a packet or of secrets, whose octets are next in the input.
#[derive(Clone, Copy, Debug)]
struct Head {
    what: What,
    at: Time,
    link: u16,
    /// The octets before it and after it that belong to the format.
    before: usize,
    length: usize,
    after: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Packet,
    Secrets,
}

#[derive(Debug)]
enum Format {
    /// Nothing was read yet.
    Unknown,
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// The packets of a file.
#[derive(Debug)]
pub(super) struct Packets<R> {
    input: Input<R>,
    format: Format,
    frame: u64,
}

impl<R: Read> Packets<R> {
    pub fn new(input: R) -> Packets<R> {
        Packets { input: Input::new(input), format: Format::Unknown, frame: 0 }
    }

    /// The next packet, or secrets before it. After an error nothing may be asked for.
    pub fn next(&mut self) -> Result<Option<Item<'_>>, CaptureError> {
        if let Format::Unknown = self.format {
            self.format = begin(&mut self.input)?;
        }
        let head = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.input)?,
            Format::Pcapng(pcapng) => pcapng.next(&mut self.input)?,
            Format::Unknown => None,
        };
        let Some(Head { what, at, link, before, length, after }) = head else { return Ok(None) };
        let octets = self.input.take(before + length + after).get(before..before + length).unwrap_or_default();
        if what == What::Secrets {
            return Ok(Some(Item::Secrets(octets)));
        }
        self.frame += 1;
        Ok(Some(Item::Packet(Packet { frame: self.frame, at, link, octets })))
    }
}

fn begin<R: Read>(input: &mut Input<R>) -> Result<Format, CaptureError> {
    if !input.need(4)? && input.ahead().is_empty() {
        return Err(CaptureError::Empty);
    }
    if input.ahead().starts_with(&pcapng::SECTION) {
        return Ok(Format::Pcapng(Pcapng::default()));
    }
    match Pcap::begin(input)? {
        Some(pcap) => Ok(Format::Pcap(pcap)),
        None => Err(CaptureError::Strange { hint: hint(input.ahead()) }),
    }
}

fn hint(octets: &[u8]) -> &'static str {
    match octets {
        [0x1f, 0x8b, ..] => ", but as gzip does: unpack it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => ", but as zstd does: unpack it first",
        [b'P', b'K', ..] => ", but as zip does: unpack it first",
        _ => "",
    }
}
