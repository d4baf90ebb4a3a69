//! The format of Wireshark, `.pcapng`: blocks in sections, each section with an order of octets and interfaces of its own
//! (draft-ietf-opsawg-pcapng sections 3 and 4).

use std::io::Read;

use cpm_wire::time::Time;

use super::input::Input;
use super::{Head, MAX_PACKET, What};
use crate::capture::error::CaptureError;
use crate::capture::order::Order;

/// The type of a section header: the same in either order.
pub(super) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const INTERFACE: u32 = 1;
/// Obsolete.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// The key log of TLS, among the kinds of secrets.
const TLS_KEY_LOG: u32 = 0x544c_534b;

const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const MAJOR: u16 = 1;
/// Type and length before, length again behind.
const FRAME: usize = 12;
/// A block that is read as a whole and longer than this is taken for damage: a packet and its options.
const MAX_BLOCK: usize = MAX_PACKET + (1 << 20);
const MAX_INTERFACES: usize = 65_536;

/// How an interface tells time.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// So many ticks are a second.
    ticks: u64,
    /// Seconds to be added.
    offset: i64,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    /// Packets are cut to this length, unless it is 0.
    snap: u32,
    clock: Clock,
}

#[derive(Debug)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
    /// The time of the last packet, for those that have none.
    last: Time,
}

impl Default for Pcapng {
    fn default() -> Pcapng {
        Pcapng { order: Order::Little, interfaces: Vec::new(), last: Time::ZERO }
    }
}

impl Pcapng {
    /// What is said of the next packet, whose block is ahead as a whole then.
    pub fn next<R: Read>(&mut self, input: &mut Input<R>) -> Result<Option<Head>, CaptureError> {
        while let Some((kind, length)) = self.block(input)? {
            match kind {
                PACKET | SIMPLE_PACKET | ENHANCED_PACKET => return self.packet(input, kind, length).map(Some),
                INTERFACE => self.interface(input, length)?,
                DECRYPTION_SECRETS if length <= MAX_BLOCK => {
                    if let Some(head) = self.secrets(input, length)? {
                        return Ok(Some(head));
                    }
                }
                _ => self.skip(input, length)?,
            }
        }
        Ok(None)
    }

    /// The type and the length of the block that is next. A section header has set the order of octets by then.
    fn block<R: Read>(&mut self, input: &mut Input<R>) -> Result<Option<(u32, usize)>, CaptureError> {
        if !input.need(FRAME)? && input.ahead().is_empty() {
            return Ok(None);
        }
        input.whole("a block", FRAME)?;
        if input.ahead().starts_with(&SECTION) {
            self.section(input)?;
        }
        let kind = self.u32(input, 0);
        let length = self.u32(input, 4) as usize;
        let known = matches!(kind, INTERFACE | PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
        if length < FRAME || !length.is_multiple_of(4) || known && length > MAX_BLOCK {
            return Err(corrupt(input, format!("a block whose length is {length}")));
        }
        if known {
            input.whole("a block", length)?;
            self.same_length(input, length - 4, length)?;
        }
        Ok(Some((kind, length)))
    }

    /// The length of a block stands at its end again.
    fn same_length<R: Read>(&self, input: &Input<R>, at: usize, length: usize) -> Result<(), CaptureError> {
        match self.u32(input, at) as usize {
            again if again == length => Ok(()),
            again => Err(corrupt(input, format!("a block whose length is {length} before it and {again} behind it"))),
        }
    }

    fn section<R: Read>(&mut self, input: &mut Input<R>) -> Result<(), CaptureError> {
        input.whole("a section header", 16)?;
        let marked = |order: &Order| order.u32(input.ahead(), 8) == Some(BYTE_ORDER);
        self.order = [Order::Little, Order::Big]
            .into_iter()
            .find(marked)
            .ok_or_else(|| corrupt(input, "a section header without its byte-order magic".to_owned()))?;
        self.interfaces.clear();
        match self.order.u16(input.ahead(), 12) {
            Some(MAJOR) => Ok(()),
            major => Err(CaptureError::Version {
                at: input.offset() + 12,
                major: major.unwrap_or_default(),
                format: "pcapng",
            }),
        }
    }

    fn skip<R: Read>(&self, input: &mut Input<R>, length: usize) -> Result<(), CaptureError> {
        let at = input.offset();
        let body = length as u64 - 4;
        let passed = input.skip(body)?;
        if passed < body || !input.need(4)? {
            let left = passed + input.ahead().len() as u64;
            return Err(CaptureError::Cut { what: "a block", at, needs: length as u64, left });
        }
        self.same_length(input, 0, length)?;
        input.take(4);
        Ok(())
    }

    fn interface<R: Read>(&mut self, input: &mut Input<R>, length: usize) -> Result<(), CaptureError> {
        if length < FRAME + 8 {
            return Err(corrupt(input, format!("an interface description of {length} octets")));
        }
        if self.interfaces.len() == MAX_INTERFACES {
            return Err(corrupt(input, format!("more than {MAX_INTERFACES} interfaces")));
        }
        let link = self.order.u16(input.ahead(), 8).unwrap_or_default();
        let snap = self.u32(input, 12);
        let clock = clock(self.order, input.ahead().get(16..length - 4).unwrap_or_default());
        self.interfaces.push(Interface { link, snap, clock });
        input.take(length);
        Ok(())
    }

    /// A key log (section 4.8), or secrets of another kind, which are passed over.
    fn secrets<R: Read>(&self, input: &mut Input<R>, length: usize) -> Result<Option<Head>, CaptureError> {
        const BEFORE: usize = 16;
        input.whole("a block", length)?;
        self.same_length(input, length - 4, length)?;
        let held = self.u32(input, 12) as usize;
        let fits = length.checked_sub(BEFORE + 4).is_some_and(|room| held <= room);
        if !fits {
            return Err(corrupt(input, format!("secrets of {held} octets in a block of {length}")));
        }
        if self.u32(input, 8) != TLS_KEY_LOG {
            input.take(length);
            return Ok(None);
        }
        let after = length - BEFORE - held;
        Ok(Some(Head { what: What::Secrets, at: self.last, link: 0, before: BEFORE, length: held, after }))
    }

    fn packet<R: Read>(&mut self, input: &mut Input<R>, kind: u32, length: usize) -> Result<Head, CaptureError> {
        let number = |at| self.u32(input, at);
        let (interface, before) = match kind {
            SIMPLE_PACKET => (0, 12),
            PACKET => (u32::from(self.order.u16(input.ahead(), 8).unwrap_or_default()), 28),
            _ => (number(8), 28),
        };
        let room =
            length.checked_sub(before + 4).ok_or_else(|| corrupt(input, "a packet block too short".to_owned()))?;
        let Some(interface) = self.interfaces.get(interface as usize) else {
            return Err(corrupt(input, format!("a packet of interface {interface}, which is not described before it")));
        };
        let captured = match kind {
            // How much was captured is said nowhere.
            SIMPLE_PACKET if interface.snap == 0 => number(8),
            SIMPLE_PACKET => number(8).min(interface.snap),
            _ => number(20),
        } as usize;
        if captured > room || captured > MAX_PACKET {
            return Err(corrupt(input, format!("a packet of {captured} octets in a block of {length}")));
        }
        let at = match kind {
            SIMPLE_PACKET => self.last,
            _ => interface.clock.time(u64::from(number(12)) << 32 | u64::from(number(16))),
        };
        let link = interface.link;
        self.last = at;
        Ok(Head { what: What::Packet, at, link, before, length: captured, after: length - before - captured })
    }

    fn u32<R: Read>(&self, input: &Input<R>, at: usize) -> u32 {
        self.order.u32(input.ahead(), at).unwrap_or_default()
    }
}

impl Clock {
    fn time(self, ticks: u64) -> Time {
        const SECOND: u64 = 1_000_000_000;
        let (seconds, rest) = (ticks / self.ticks.max(1), ticks % self.ticks.max(1));
        let fraction = match rest.checked_mul(SECOND) {
            Some(product) => product / self.ticks.max(1),
            // Finer than a nanosecond.
            None => (u128::from(rest) * u128::from(SECOND) / u128::from(self.ticks.max(1))) as u64,
        };
        let seconds = seconds.saturating_add_signed(self.offset);
        Time::from_nanos(seconds.saturating_mul(SECOND).saturating_add(fraction))
    }
}

/// Reads `if_tsresol` and `if_tsoffset` of the options of an interface. A power of ten, or of two where the highest bit is
/// set (section 4.2).
fn clock(order: Order, mut options: &[u8]) -> Clock {
    const RESOLUTION: u16 = 9;
    const OFFSET: u16 = 14;
    let mut clock = Clock { ticks: 1_000_000, offset: 0 };
    while let (Some(code), Some(length)) = (order.u16(options, 0), order.u16(options, 2)) {
        let value = options.get(4..4 + usize::from(length)).unwrap_or_default();
        match (code, value) {
            (0, _) => break,
            (RESOLUTION, [power]) if power & 0x80 == 0 => clock.ticks = 10_u64.saturating_pow(u32::from(*power)),
            (RESOLUTION, [power]) => clock.ticks = 2_u64.saturating_pow(u32::from(power & 0x7f)),
            (OFFSET, value) => clock.offset = order.u64(value, 0).unwrap_or_default() as i64,
            _ => {}
        }
        options = options.get(4 + usize::from(length).next_multiple_of(4)..).unwrap_or_default();
    }
    clock
}

fn corrupt<R: Read>(input: &Input<R>, why: String) -> CaptureError {
    CaptureError::Corrupt { at: input.offset(), why }
}
