//! One connection over TLS: its records in both directions, from the hellos to what is said.

use super::agreed::Agreed;
use super::direction::Direction;
use super::handshake::{CLIENT_HELLO, FINISHED, KEY_UPDATE, Message, SERVER_HELLO};
use super::hello::{ClientHello, ServerHello};
use super::key_log::KeyLog;
use super::record::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Record};
use super::sealed::Sealed;
use crate::capture::seen::Moment;
use crate::capture::side::{Both, Side};

/// So many octets of records wait for what the other side has said before.
const MAX_WAITING: usize = 128 << 10;
/// The level of an alert that ends the connection.
const FATAL: u8 = 2;

/// What was said under the protection of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::capture) struct Plain {
    pub side: Side,
    pub moment: Moment,
    pub octets: Vec<u8>,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Done,
    /// The other side's hello must come first.
    Wait,
}

#[derive(Debug, Default)]
pub(in crate::capture) struct Session {
    directions: Both<Direction>,
    client: Option<(Side, ClientHello)>,
    server: Option<ServerHello>,
    /// Another ClientHello was asked for.
    retried: bool,
    agreed: bool,
    /// Nothing more is read.
    over: bool,
    /// Early data was passed over.
    early: bool,
}

impl Session {
    /// Takes octets of a direction, and adds what is said with them. After an error nothing more is read.
    pub fn octets(
        &mut self,
        side: Side,
        moment: Moment,
        octets: &[u8],
        keys: &KeyLog,
        plain: &mut Vec<Plain>,
    ) -> Result<(), Sealed> {
        if self.over {
            return Ok(());
        }
        let taken = self.take(side, moment, octets, keys, plain);
        taken.map_err(|why| self.ends(why, keys))
    }

    /// Octets are missing, or are not waited for any more.
    pub fn lost(&mut self, keys: &KeyLog) -> Result<(), Sealed> {
        if self.over {
            return Ok(());
        }
        let why = if self.agreed { Sealed::Gap } else { Sealed::NoHandshake };
        Err(self.ends(why, keys))
    }

    /// Nothing follows. Where a client has greeted and nobody answered nothing was said.
    pub fn finish(&mut self, keys: &KeyLog) -> Result<(), Sealed> {
        let waits = [Side::Low, Side::High].into_iter().any(|side| !self.directions.of(side).waiting.is_empty());
        if self.over || self.agreed || !waits && self.server.is_none() {
            self.over = true;
            return Ok(());
        }
        Err(self.ends(Sealed::NoHandshake, keys))
    }

    /// How many octets it keeps.
    pub fn waiting(&self) -> usize {
        self.directions.low.waiting() + self.directions.high.waiting()
    }

    /// Whether early data was passed over, asked once.
    pub fn takes_early(&mut self) -> bool {
        std::mem::take(&mut self.early)
    }

    fn ends(&mut self, why: Sealed, keys: &KeyLog) -> Sealed {
        self.over = true;
        self.directions = Both::default();
        // Whatever else is wrong, nothing could have been read.
        if keys.is_empty() { Sealed::NoKeyLog } else { why }
    }

    fn take(
        &mut self,
        side: Side,
        moment: Moment,
        octets: &[u8],
        keys: &KeyLog,
        plain: &mut Vec<Plain>,
    ) -> Result<(), Sealed> {
        let direction = self.directions.of_mut(side);
        direction.records.push(octets);
        let mut broken = false;
        loop {
            match direction.records.next() {
                Ok(Some(record)) => direction.waiting.push_back((moment, record)),
                Ok(None) => break,
                Err(_) => {
                    broken = true;
                    break;
                }
            }
        }
        while self.reads_on(Side::Low, keys, plain)? || self.reads_on(Side::High, keys, plain)? {}
        match self.waiting() {
            _ if broken => Err(Sealed::Malformed),
            waiting if waiting > MAX_WAITING => Err(Sealed::NoHandshake),
            _ => Ok(()),
        }
    }

    /// Reads the records of a direction as far as it can be, and tells whether any was.
    fn reads_on(&mut self, side: Side, keys: &KeyLog, plain: &mut Vec<Plain>) -> Result<bool, Sealed> {
        let mut any = false;
        while let Some((moment, record)) = self.directions.of_mut(side).waiting.pop_front() {
            let step = match self.directions.of(side).opener {
                None => self.in_the_clear(side, &record, keys)?,
                Some(_) => self.protected(side, moment, &record, keys, plain)?,
            };
            if step == Step::Wait {
                self.directions.of_mut(side).waiting.push_front((moment, record));
                break;
            }
            any = true;
        }
        Ok(any)
    }

    fn in_the_clear(&mut self, side: Side, record: &Record, keys: &KeyLog) -> Result<Step, Sealed> {
        let direction = self.directions.of_mut(side);
        let begins = matches!(record.fragment.first(), Some(&(CLIENT_HELLO | SERVER_HELLO)));
        match record.kind {
            ALERT => refusal(record)?,
            HANDSHAKE if direction.greeted || begins => {
                direction.greeted = true;
                self.handshake(side, &record.fragment, keys)?;
            }
            _ if !direction.greeted => return Err(Sealed::NoHandshake),
            // RFC 8446 appendix D.4: means nothing there.
            CHANGE_CIPHER_SPEC if self.retried || direction.ahead.is_tls13() => {}
            APPLICATION_DATA if self.retried => self.early = true,
            _ if !self.agreed => return Ok(Step::Wait),
            CHANGE_CIPHER_SPEC if direction.next_keys() => {}
            _ => return Err(Sealed::Malformed),
        }
        Ok(Step::Done)
    }

    fn protected(
        &mut self,
        side: Side,
        moment: Moment,
        record: &Record,
        keys: &KeyLog,
        plain: &mut Vec<Plain>,
    ) -> Result<Step, Sealed> {
        let direction = self.directions.of_mut(side);
        let tls13 = direction.ahead.is_tls13();
        if tls13 && record.kind != APPLICATION_DATA {
            refusal(record)?;
            return Ok(Step::Done);
        }
        let Some(text) = direction.opener.as_mut().and_then(|opener| opener.open(record)) else {
            self.early |= direction.early;
            return if direction.early { Ok(Step::Done) } else { Err(Sealed::Undecryptable) };
        };
        direction.early = false;
        let (kind, octets) = if tls13 { inner(text).ok_or(Sealed::Malformed)? } else { (record.kind, text) };
        match kind {
            HANDSHAKE => self.handshake(side, &octets, keys)?,
            APPLICATION_DATA if !octets.is_empty() => plain.push(Plain { side, moment, octets }),
            CHANGE_CIPHER_SPEC if !direction.next_keys() => return Err(Sealed::Malformed),
            _ => {}
        }
        Ok(Step::Done)
    }

    fn handshake(&mut self, side: Side, fragment: &[u8], keys: &KeyLog) -> Result<(), Sealed> {
        let messages = self.directions.of_mut(side).messages.push(fragment).map_err(|_| Sealed::Malformed)?;
        messages.into_iter().try_for_each(|message| self.message(side, &message, keys))
    }

    fn message(&mut self, side: Side, message: &Message, keys: &KeyLog) -> Result<(), Sealed> {
        let direction = self.directions.of_mut(side);
        match message.kind {
            CLIENT_HELLO => {
                let hello = ClientHello::read(&message.body).ok_or(Sealed::Malformed)?;
                self.client = Some((side, hello));
                // One that comes again is answered again.
                self.server = self.server.take().filter(|_| !self.agreed);
                self.agree(keys)
            }
            SERVER_HELLO => {
                let hello = ServerHello::read(&message.body).ok_or(Sealed::Malformed)?;
                self.retried |= hello.is_retry();
                self.server = Some(hello).filter(|hello| !hello.is_retry());
                self.agree(keys)
            }
            FINISHED if direction.ahead.is_tls13() && !direction.finished => {
                direction.finished = true;
                direction.next_keys().then_some(()).ok_or(Sealed::NoSecret)
            }
            KEY_UPDATE if direction.finished => direction.next_keys().then_some(()).ok_or(Sealed::NoSecret),
            _ => Ok(()),
        }
    }

    /// Once both hellos are there.
    fn agree(&mut self, keys: &KeyLog) -> Result<(), Sealed> {
        let (Some((side, client)), Some(server)) = (&self.client, &self.server) else { return Ok(()) };
        let agreed = Agreed::new(client, server, keys)?;
        self.directions.of_mut(*side).agree(agreed.client, client.early);
        self.directions.of_mut(side.other()).agree(agreed.server, false);
        self.agreed = true;
        Ok(())
    }
}

/// An alert in the clear that ends the connection.
fn refusal(record: &Record) -> Result<(), Sealed> {
    let fatal = record.kind == ALERT && record.fragment.first() == Some(&FATAL);
    if fatal { Err(Sealed::Refused) } else { Ok(()) }
}

/// Type and content, without the zeros behind them (RFC 8446 section 5.4).
fn inner(mut text: Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let end = text.iter().rposition(|octet| *octet != 0)?;
    text.truncate(end + 1);
    Some((text.pop()?, text))
}
