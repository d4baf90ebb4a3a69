//! Reading of captures: a `.pcap` or `.pcapng` file becomes the messages that crossed the wire, in order.
//!
//! packets -> IP (fragments put together) -> UDP, or TCP put together -> messages, found by their content and by no port.
//! Octets are handed over as they are, and never judged here. Reading streams: memory does not grow with the file, and
//! every buffer has a bound. What does not belong to the protocols sought is skipped, and counted in the [`Tally`].
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cpm_conformance::capture::{Capture, Seen};
//!
//! let mut capture = Capture::new(std::fs::File::open("trace.pcapng")?);
//! for seen in &mut capture {
//!     // An error comes last: all that stands before it in the file has been seen.
//!     if let Seen::Octets(octets) = seen? {
//!         println!("{} {:?} {} octets", octets.frame, octets.protocol, octets.octets.len());
//!     }
//! }
//! println!("{:?}", capture.tally());
//! # Ok(())
//! # }
//! ```

mod error;
mod file;
mod ip;
mod link;
mod lone;
mod order;
mod recognise;
mod seen;
mod side;
mod sipp;
mod tally;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;
mod traffic;

use std::io::Read;

pub use error::CaptureError;
pub use seen::{Connection, ConnectionWhat, Lost, Octets, Protocol, Seen, Transport};
pub use sipp::SippLog;
pub use tally::{Skip, Tally};
pub use tls::{KeyLog, KeyLogError, Sealed, SealedAt};

use file::{Item, Packets};
use traffic::Traffic;

/// A capture that is being read. An error comes last.
#[derive(Debug)]
pub struct Capture<R> {
    packets: Packets<R>,
    traffic: Traffic,
    /// How reading ended, until that is told.
    end: Option<Result<(), CaptureError>>,
}

impl<R: Read> Capture<R> {
    /// Reads a capture from the beginning of `input`, which needs no buffer of its own.
    pub fn new(input: R) -> Capture<R> {
        Capture::with_secrets(input, KeyLog::default())
    }

    /// Reads also what is said over TLS, as far as the secrets are here, or in the capture itself.
    pub fn with_secrets(input: R, secrets: KeyLog) -> Capture<R> {
        Capture { packets: Packets::new(input), traffic: Traffic::new(secrets), end: None }
    }

    /// What was read so far, counted.
    pub fn tally(&self) -> &Tally {
        &self.traffic.output.tally
    }

    /// Reads packets until something is seen, or the file ends.
    fn read_on(&mut self) {
        while self.traffic.output.seen.is_empty() && self.end.is_none() {
            match self.packets.next() {
                Ok(Some(Item::Packet(packet))) => self.traffic.packet(&packet),
                Ok(Some(Item::Secrets(log))) => self.traffic.secrets(log),
                Ok(None) => self.end = Some(Ok(())),
                Err(error) => self.end = Some(Err(error)),
            }
            if self.end.is_some() {
                self.traffic.end();
            }
        }
    }
}

impl<R: Read> Iterator for Capture<R> {
    type Item = Result<Seen, CaptureError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_on();
        if let Some(seen) = self.traffic.output.seen.pop_front() {
            return Some(Ok(seen));
        }
        match self.end.replace(Ok(())) {
            Some(Err(error)) => Some(Err(error)),
            _ => None,
        }
    }
}
