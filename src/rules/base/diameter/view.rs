//! A message of Diameter as a judge reads it: by itself, tolerant, with the place of everything.

use cpm_wire::diameter::dictionary::Definition;
use cpm_wire::diameter::{AvpFlags, CommandFlags};

/// The octets of the header (RFC 6733 section 3).
pub(super) const HEADER: usize = 20;

/// One AVP and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub code: u32,
    pub flags: u8,
    pub vendor: Option<u32>,
    pub data: &'a [u8],
    /// The first octet of the AVP, of its value, and the one after its value.
    pub at: usize,
    pub data_at: usize,
    pub end: usize,
    /// The one after its padding.
    pub next: usize,
}

/// An AVP that cannot be read, and with it all that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The octets that are wrong.
    pub span: (usize, usize),
    /// What is wrong with them.
    pub observed: Lack,
}

/// What is wrong with the length of an AVP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// So many octets are left, and no header fits.
    Header(usize),
    /// It says so many octets, and this many are there.
    Length(usize, usize),
    /// So many octets of padding are missing.
    Padding(usize),
}

impl<'a> Seen<'a> {
    pub fn is(&self, definition: &Definition) -> bool {
        self.code == definition.code && self.vendor == definition.vendor
    }

    pub fn span(&self) -> (usize, usize) {
        (self.at, self.end)
    }

    pub fn data_span(&self) -> (usize, usize) {
        (self.data_at, self.end)
    }

    /// Where its flags stand.
    pub fn flags_span(&self) -> (usize, usize) {
        (self.at + 4, self.at + 5)
    }

    pub fn word(&self) -> Option<u32> {
        self.data.try_into().ok().map(u32::from_be_bytes)
    }

    /// The AVP at an octet of the message; what holds it ends at another.
    pub fn read(octets: &'a [u8], at: usize, end: usize) -> Result<Seen<'a>, Fault> {
        let there = end.saturating_sub(at);
        let cut = Fault { span: (at, end), observed: Lack::Header(there) };
        let (code, second) = word(octets, at).zip(word(octets, at + 4)).filter(|_| there >= 8).ok_or(cut)?;
        let flags = (second >> 24) as u8;
        let said = (second & 0x00FF_FFFF) as usize;
        let has_vendor = flags & AvpFlags::VENDOR != 0;
        let header = if has_vendor { 12 } else { 8 };
        let wrong = |observed| Fault { span: (at + 5, at + 8), observed };
        if said < header || said > there {
            return Err(wrong(Lack::Length(said, there)));
        }
        let next = at + said.next_multiple_of(4);
        if next > end {
            return Err(wrong(Lack::Padding(next - end)));
        }
        let data = octets.get(at + header..at + said).unwrap_or_default();
        let vendor = if has_vendor { word(octets, at + 8) } else { None };
        Ok(Seen { code, flags, vendor, data, at, data_at: at + header, end: at + said, next })
    }
}

/// A whole message.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub octets: &'a [u8],
    pub flags: u8,
    pub command: u32,
    pub application: u32,
    pub hop_by_hop: u32,
    pub end_to_end: u32,
    /// Its AVPs, up to the first that cannot be read.
    pub avps: Vec<Seen<'a>>,
    pub fault: Option<Fault>,
}

/// Most messages have fewer AVPs.
const MANY: usize = 24;

impl<'a> View<'a> {
    /// Reads a message, if there is room for its header.
    pub fn read(octets: &'a [u8]) -> Option<View<'a>> {
        let mut view = View {
            octets,
            flags: octets.get(4).copied()?,
            command: word(octets, 4)? & 0x00FF_FFFF,
            application: word(octets, 8)?,
            hop_by_hop: word(octets, 12)?,
            end_to_end: word(octets, 16)?,
            avps: Vec::with_capacity(MANY),
            fault: None,
        };
        let mut at = HEADER;
        while at < octets.len() {
            match Seen::read(octets, at, octets.len()) {
                Ok(avp) => {
                    at = avp.next;
                    view.avps.push(avp);
                }
                Err(fault) => {
                    view.fault = Some(fault);
                    break;
                }
            }
        }
        Some(view)
    }

    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub fn is_request(&self) -> bool {
        self.has(CommandFlags::REQUEST)
    }

    pub fn find(&self, definition: &Definition) -> Option<&Seen<'a>> {
        self.all(definition).next()
    }

    pub fn all(&self, definition: &Definition) -> impl Iterator<Item = &Seen<'a>> {
        let definition = *definition;
        self.avps.iter().filter(move |avp| avp.is(&definition))
    }
}

/// Four octets of a message as a number.
pub(super) fn word(octets: &[u8], at: usize) -> Option<u32> {
    octets.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}
