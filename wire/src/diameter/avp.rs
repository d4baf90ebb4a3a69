//! Attribute-value pairs (RFC 6733 section 4).

use super::dictionary::{self, Definition};
use super::error::DiameterError;

/// The flags of an AVP, as they stand on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AvpFlags(pub u8);

impl AvpFlags {
    /// V: a Vendor-ID follows.
    pub const VENDOR: u8 = 0x80;
    /// M: who does not know it refuses the message.
    pub const MANDATORY: u8 = 0x40;
    /// P: reserved for protection from end to end.
    pub const PROTECTED: u8 = 0x20;
    /// The bits that are zero.
    pub const RESERVED: u8 = 0x1F;

    /// Whether one of these bits is set.
    #[must_use]
    pub const fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// One AVP, where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avp<'a> {
    /// Its code.
    pub code: u32,
    /// Its flags.
    pub flags: AvpFlags,
    /// Whose code that is; none for the IETF's.
    pub vendor: Option<u32>,
    /// Its value, without padding.
    pub data: &'a [u8],
}

impl<'a> Avp<'a> {
    /// Whether it is the one that the definition is of.
    #[must_use]
    pub fn is(&self, definition: &Definition) -> bool {
        self.code == definition.code && self.vendor == definition.vendor
    }

    /// What the dictionary says of it.
    #[must_use]
    pub fn definition(&self) -> Option<&'static Definition> {
        dictionary::lookup(self.vendor, self.code)
    }

    /// The AVPs inside, for one of type Grouped (section 4.4).
    #[must_use]
    pub fn group(&self) -> Avps<'a> {
        Avps::new(self.data)
    }
}

/// Reads AVPs one by one, up to the first that is cut or has a wrong length.
#[derive(Clone, Debug)]
pub struct Avps<'a> {
    octets: &'a [u8],
    at: usize,
    failed: bool,
}

impl<'a> Avps<'a> {
    /// The AVPs of these octets: a message without its header, or a value of type Grouped.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Avps<'a> {
        Avps { octets, at: 0, failed: false }
    }

    /// The first AVP of this definition before any fault.
    #[must_use]
    pub fn find(self, definition: &Definition) -> Option<Avp<'a>> {
        self.map_while(Result::ok).find(|avp| avp.is(definition))
    }

    /// Whether every AVP is whole. Those inside groups are not looked at.
    pub fn check(self) -> Result<(), DiameterError> {
        self.into_iter().try_for_each(|avp| avp.map(|_| ()))
    }

    fn read(&self) -> Result<(Avp<'a>, usize), DiameterError> {
        let at = self.at;
        let rest = self.octets.get(at..).unwrap_or_default();
        let (head, body) = rest.split_first_chunk::<8>().ok_or(DiameterError::AvpCut { at })?;
        let [c0, c1, c2, c3, flags, l0, l1, l2] = *head;
        let flags = AvpFlags(flags);
        let (vendor, body, header) = match flags.has(AvpFlags::VENDOR) {
            false => (None, body, 8),
            true => {
                let (vendor, body) = body.split_first_chunk::<4>().ok_or(DiameterError::AvpCut { at })?;
                (Some(u32::from_be_bytes(*vendor)), body, 12)
            }
        };
        let said = u32::from_be_bytes([0, l0, l1, l2]);
        let wrong = DiameterError::AvpLength { at, said };
        let length = said as usize;
        let data = length.checked_sub(header).and_then(|length| body.get(..length)).ok_or(wrong)?;
        // Padding is part of what holds the AVP, not of its own length.
        let next = at + length.next_multiple_of(4);
        if next > self.octets.len() {
            return Err(wrong);
        }
        Ok((Avp { code: u32::from_be_bytes([c0, c1, c2, c3]), flags, vendor, data }, next))
    }
}

impl<'a> Iterator for Avps<'a> {
    type Item = Result<Avp<'a>, DiameterError>;

    fn next(&mut self) -> Option<Result<Avp<'a>, DiameterError>> {
        if self.failed || self.at == self.octets.len() {
            return None;
        }
        let read = self.read();
        match read {
            Ok((_, next)) => self.at = next,
            Err(_) => self.failed = true,
        }
        Some(read.map(|(avp, _)| avp))
    }
}
