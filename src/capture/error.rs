//! What keeps a file from being read, or from being read on.

use std::io;

/// Why a capture cannot be read, or cannot be read on. Offsets count the octets of the file from 0.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// There is nothing in it.
    #[error("not a capture: the file is empty")]
    Empty,
    /// It does not begin as a capture does.
    #[error("not a capture: the file begins neither as pcap nor as pcapng does{hint}")]
    Strange {
        /// What it may be instead.
        hint: &'static str,
    },
    /// A version of the format that is not read.
    #[error("octet {at}: version {major} of {format} is not read")]
    Version {
        /// Where the version stands.
        at: u64,
        /// Its first number.
        major: u16,
        /// Of which format.
        format: &'static str,
    },
    /// The file ends too early.
    #[error("the file is cut: {what} that begins at octet {at} needs {needs} octets, and {left} are there")]
    Cut {
        /// What is incomplete.
        what: &'static str,
        /// Where it begins.
        at: u64,
        /// How long it is.
        needs: u64,
        /// How much of it is there.
        left: u64,
    },
    /// Something that no writer of captures writes: what follows cannot be told apart any more.
    #[error("octet {at}: {why}")]
    Corrupt {
        /// Where it begins.
        at: u64,
        /// What is wrong.
        why: String,
    },
    /// Reading itself failed.
    #[error("cannot read on at octet {at}: {source}")]
    Read {
        /// How much was read before.
        at: u64,
        /// Why.
        source: io::Error,
    },
}
