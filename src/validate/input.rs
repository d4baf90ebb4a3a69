//! What a file is: evidence of this suite, a capture, a log of SIPp, or messages as they are.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::PathBuf;

use super::follow::{Following, Stop};
use crate::capture::SippLog;
use crate::evidence::pcapng;

/// Something to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Standard,
}

/// The octets of an input, and what they are.
pub enum Source {
    /// What a run of this suite recorded.
    Evidence(Vec<u8>),
    /// pcap or pcapng.
    Capture(Octets),
    /// The message log of SIPp.
    Sipp(Vec<u8>),
    /// Anything else: messages, one after the other, without a capture around them.
    Messages(Vec<u8>),
}

/// The octets of an input from its beginning on.
pub type Octets = Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// So much of a file tells what it is.
const HEAD: usize = 64 * 1024;

/// No file of messages is longer: what is, is something else.
const LONGEST_MESSAGES: u64 = 64 * 1024 * 1024;

/// The octets that captures begin with: pcapng, and pcap in micro- and nanoseconds and both byte orders.
const CAPTURES: [[u8; 4]; 5] = [
    [0x0a, 0x0d, 0x0d, 0x0a],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
];

impl Input {
    /// `-` is standard input.
    #[must_use]
    pub fn named(name: &str) -> Input {
        if name == "-" { Input::Standard } else { Input::File(PathBuf::from(name)) }
    }

    /// The name as given.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Standard => "-".to_owned(),
        }
    }

    /// Opens it and looks what it is.
    ///
    /// # Errors
    /// It could not be opened or read, is empty, or is too long to be messages.
    pub fn open(&self) -> io::Result<Source> {
        let mut octets: Box<dyn Read + Send> = match self {
            Input::File(path) => Box::new(File::open(path)?),
            Input::Standard => Box::new(io::stdin()),
        };
        let mut head = Vec::with_capacity(HEAD);
        octets.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        if head.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty"));
        }
        let captured = is_capture(&head);
        let logged = SippLog::is_one(&head);
        let recorded = pcapng::is_evidence(&head);
        if head.starts_with(&[0x1f, 0x8b]) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is compressed: gunzip it first"));
        }
        let mut whole = Cursor::new(head).chain(octets);
        if recorded {
            let mut evidence = Vec::new();
            whole.read_to_end(&mut evidence)?;
            return Ok(Source::Evidence(evidence));
        }
        if captured {
            return Ok(Source::Capture(whole));
        }
        let mut messages = Vec::new();
        whole.take(LONGEST_MESSAGES + 1).read_to_end(&mut messages)?;
        if messages.len() as u64 > LONGEST_MESSAGES {
            let why = "it is no capture, and too long to be messages (more than 64 MiB)";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(if logged { Source::Sipp(messages) } else { Source::Messages(messages) })
    }

    /// Opens a capture that is still being written, and waits for its beginning.
    ///
    /// # Errors
    /// It could not be opened or read, ends before it has begun, or is no capture.
    pub fn follow(&self, stop: &Stop) -> io::Result<Octets> {
        let mut octets = match self {
            Input::File(path) => Following::new(Box::new(File::open(path)?), path.is_file(), stop),
            Input::Standard => Following::new(Box::new(io::stdin()), false, stop),
        };
        let mut head = vec![0; 4];
        octets.read_exact(&mut head)?;
        if !is_capture(&head) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "only captures (pcap, pcapng) can be followed"));
        }
        Ok(Cursor::new(head).chain(Box::new(octets)))
    }
}

fn is_capture(head: &[u8]) -> bool {
    CAPTURES.iter().any(|magic| head.starts_with(magic))
}
