//! Diameter (RFC 6733) as a charging function speaks it: offline over Rf (base accounting), online over Ro (credit
//! control, RFC 8506), both with the AVPs of 3GPP TS 32.299. Octets, and the connection between two peers ([`peer`]):
//! what is charged, and when, is known elsewhere.
//!
//! A [`Message`] is read where it lies, strictly as to lengths, and nothing of it is copied. Bits and padding that a
//! receiver has to ignore are let through, for a judge to see them.

mod address;
mod avp;
mod build;
pub mod dictionary;
mod error;
mod framer;
mod header;
mod message;
pub mod peer;
pub mod result;
#[cfg(test)]
mod tests;
mod value;

pub use address::Address;
pub use avp::{Avp, AvpFlags, Avps};
pub use build::{Builder, Group};
pub use error::DiameterError;
pub use framer::{Framer, MAX_MESSAGE};
pub use header::{CommandFlags, HEADER_LENGTH, Header};
pub use message::Message;
pub use value::Value;

/// Command codes (RFC 6733 section 3.1, RFC 8506 section 3).
pub mod command {
    /// CER and CEA.
    pub const CAPABILITIES_EXCHANGE: u32 = 257;
    /// RAR and RAA.
    pub const RE_AUTH: u32 = 258;
    /// ACR and ACA.
    pub const ACCOUNTING: u32 = 271;
    /// CCR and CCA.
    pub const CREDIT_CONTROL: u32 = 272;
    /// ASR and ASA.
    pub const ABORT_SESSION: u32 = 274;
    /// STR and STA.
    pub const SESSION_TERMINATION: u32 = 275;
    /// DWR and DWA.
    pub const DEVICE_WATCHDOG: u32 = 280;
    /// DPR and DPA.
    pub const DISCONNECT_PEER: u32 = 282;

    /// What a command is called for short: `CCR`, `CCA`.
    #[must_use]
    pub const fn name(code: u32, request: bool) -> Option<&'static str> {
        let (asked, answered) = match code {
            CAPABILITIES_EXCHANGE => ("CER", "CEA"),
            RE_AUTH => ("RAR", "RAA"),
            ACCOUNTING => ("ACR", "ACA"),
            CREDIT_CONTROL => ("CCR", "CCA"),
            ABORT_SESSION => ("ASR", "ASA"),
            SESSION_TERMINATION => ("STR", "STA"),
            DEVICE_WATCHDOG => ("DWR", "DWA"),
            DISCONNECT_PEER => ("DPR", "DPA"),
            _ => return None,
        };
        Some(if request { asked } else { answered })
    }
}

/// Application identifiers (RFC 6733 section 2.4, RFC 8506 section 1.3).
pub mod application {
    /// What all applications share: capabilities, watchdog, disconnection.
    pub const COMMON: u32 = 0;
    /// Rf: base accounting.
    pub const ACCOUNTING: u32 = 3;
    /// Ro: credit control.
    pub const CREDIT_CONTROL: u32 = 4;
    /// A relay speaks for every application.
    pub const RELAY: u32 = 0xFFFF_FFFF;
}
