//! Messages made.

use super::avp::AvpFlags;
use super::dictionary::{self, Definition, Mandatory};
use super::error::DiameterError;
use super::header::{CommandFlags, HEADER_LENGTH, Header, MAX_LENGTH};
use super::message::Message;
use super::value::Value;
use bytes::{BufMut, BytesMut};

/// AVPs one after another: those of a message, or those inside a group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    octets: BytesMut,
}

impl Group {
    /// Adds an AVP as the dictionary has it. The type of the value is the caller's to choose.
    #[must_use]
    pub fn avp<'v>(self, definition: &Definition, value: impl Into<Value<'v>>) -> Group {
        let value = value.into();
        self.framed(definition.code, flags(definition), definition.vendor, |to| value.write(to))
    }

    /// Adds an AVP of type Grouped.
    #[must_use]
    pub fn group(self, definition: &Definition, inside: impl FnOnce(Group) -> Group) -> Group {
        let inside = inside(Group::default());
        self.framed(definition.code, flags(definition), definition.vendor, |to| to.put_slice(&inside.octets))
    }

    /// Adds an AVP that no dictionary knows. The V bit follows the vendor.
    #[must_use]
    pub fn raw(self, code: u32, flags: AvpFlags, vendor: Option<u32>, data: &[u8]) -> Group {
        self.framed(code, flags, vendor, |to| to.put_slice(data))
    }

    fn framed(mut self, code: u32, flags: AvpFlags, vendor: Option<u32>, data: impl FnOnce(&mut BytesMut)) -> Group {
        let start = self.octets.len();
        let vendor_bit = if vendor.is_some() { AvpFlags::VENDOR } else { 0 };
        self.octets.put_u32(code);
        self.octets.put_u8(flags.0 & !AvpFlags::VENDOR | vendor_bit);
        self.octets.put_uint(0, 3);
        if let Some(vendor) = vendor {
            self.octets.put_u32(vendor);
        }
        data(&mut self.octets);
        let length = self.octets.len() - start;
        self.octets.put_bytes(0, length.next_multiple_of(4) - length);
        if let (Some(place), [_, said @ ..]) =
            (self.octets.get_mut(start + 5..start + 8), (length as u32).to_be_bytes())
        {
            place.copy_from_slice(&said);
        }
        self
    }
}

fn flags(definition: &Definition) -> AvpFlags {
    AvpFlags(if definition.mandatory == Mandatory::Must { AvpFlags::MANDATORY } else { 0 })
}

/// Builds one message.
#[derive(Clone, Debug)]
pub struct Builder {
    header: Header,
    avps: Group,
    /// The Proxy-Info of the request, which comes last.
    proxies: Group,
}

impl Builder {
    pub(super) fn request(command: u32, application: u32) -> Builder {
        let flags = CommandFlags(CommandFlags::REQUEST);
        let header = Header { length: 0, flags, command, application, hop_by_hop: 0, end_to_end: 0 };
        Builder { header, avps: Group::default(), proxies: Group::default() }
    }

    pub(super) fn answer(request: &Message) -> Builder {
        let proxiable = request.header().flags.0 & CommandFlags::PROXIABLE;
        let header = Header { flags: CommandFlags(proxiable), ..*request.header() };
        let copy = |group: Group, definition: &Definition| {
            let avps = request.avps().filter(|avp| avp.is(definition));
            avps.fold(group, |group, avp| group.raw(avp.code, avp.flags, avp.vendor, avp.data))
        };
        let avps = copy(Group::default(), &dictionary::SESSION_ID);
        Builder { header, avps, proxies: copy(Group::default(), &dictionary::PROXY_INFO) }
    }

    /// Sets the P bit.
    #[must_use]
    pub fn proxiable(self) -> Builder {
        self.flag(CommandFlags::PROXIABLE)
    }

    /// Sets the E bit.
    #[must_use]
    pub fn error(self) -> Builder {
        self.flag(CommandFlags::ERROR)
    }

    /// Sets the T bit.
    #[must_use]
    pub fn retransmitted(self) -> Builder {
        self.flag(CommandFlags::RETRANSMITTED)
    }

    fn flag(mut self, bit: u8) -> Builder {
        self.header.flags.0 |= bit;
        self
    }

    /// Sets the two identifiers.
    #[must_use]
    pub fn identifiers(mut self, hop_by_hop: u32, end_to_end: u32) -> Builder {
        (self.header.hop_by_hop, self.header.end_to_end) = (hop_by_hop, end_to_end);
        self
    }

    /// Adds an AVP as the dictionary has it.
    #[must_use]
    pub fn avp<'v>(mut self, definition: &Definition, value: impl Into<Value<'v>>) -> Builder {
        self.avps = self.avps.avp(definition, value);
        self
    }

    /// Adds an AVP of type Grouped.
    #[must_use]
    pub fn group(mut self, definition: &Definition, inside: impl FnOnce(Group) -> Group) -> Builder {
        self.avps = self.avps.group(definition, inside);
        self
    }

    /// Adds an AVP that no dictionary knows.
    #[must_use]
    pub fn raw(mut self, code: u32, flags: AvpFlags, vendor: Option<u32>, data: &[u8]) -> Builder {
        self.avps = self.avps.raw(code, flags, vendor, data);
        self
    }

    /// The message, unless it is longer than its length can say.
    pub fn build(self) -> Result<Message, DiameterError> {
        let length = HEADER_LENGTH + self.avps.octets.len() + self.proxies.octets.len();
        if length > MAX_LENGTH {
            return Err(DiameterError::TooLong(length));
        }
        let mut octets = BytesMut::with_capacity(length);
        Header { length: length as u32, ..self.header }.write(&mut octets);
        octets.put_slice(&self.avps.octets);
        octets.put_slice(&self.proxies.octets);
        Message::parse(octets.freeze())
    }
}
