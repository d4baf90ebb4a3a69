//! One MSRP message, or one chunk: its octets, and where everything stands in them.

use bytes::Bytes;
use std::ops::Range;

/// SEND, REPORT, or something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// SEND.
    Send,
    /// REPORT.
    Report,
    /// Any other.
    Other(String),
}

/// Request or response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request.
    Request {
        /// Its method.
        method: Method,
    },
    /// A response.
    Response {
        /// Its status.
        status: u16,
        /// Its comment; empty if there is none.
        comment: String,
    },
}

/// How a chunk goes on: the last octet of its end-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `$`: the last chunk.
    Complete,
    /// `+`: more follow.
    More,
    /// `#`: the message is aborted.
    Abort,
}

impl Flag {
    /// The octet on the wire.
    pub const fn octet(self) -> u8 {
        match self {
            Flag::Complete => b'$',
            Flag::More => b'+',
            Flag::Abort => b'#',
        }
    }

    /// Reads the octet on the wire.
    pub const fn read(octet: u8) -> Option<Flag> {
        match octet {
            b'$' => Some(Flag::Complete),
            b'+' => Some(Flag::More),
            b'#' => Some(Flag::Abort),
            _ => None,
        }
    }
}

/// Failure-Report (RFC 4975 section 7.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailureReport {
    /// Every failure is told, and the sender waits for responses: the default.
    #[default]
    Yes,
    /// Nothing is told.
    No,
    /// Errors are told, success and time-outs are not.
    Partial,
}

/// Byte-Range (RFC 4975 section 7.1.1): octets `start` to `end` of `total`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The first octet, from 1.
    pub start: u64,
    /// The last octet; None for `*`.
    pub end: Option<u64>,
    /// The octets in all; None for `*`.
    pub total: Option<u64>,
}

impl ByteRange {
    /// Reads `start-end/total`.
    pub fn parse(text: &str) -> Option<ByteRange> {
        let (range, total) = text.trim().split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
            digits.then(|| text.parse::<u64>().ok()).flatten()
        };
        let or_star = |text: &str| if text == "*" { Some(None) } else { number(text).map(Some) };
        Some(ByteRange { start: number(start)?, end: or_star(end)?, total: or_star(total)? })
    }
}

impl std::fmt::Display for ByteRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let star = |n: Option<u64>| n.map_or_else(|| "*".to_owned(), |n| n.to_string());
        write!(f, "{}-{}/{}", self.start, star(self.end), star(self.total))
    }
}

/// A header field, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Octets of the name.
    pub name: Range<usize>,
    /// Octets of the value, trimmed.
    pub value: Range<usize>,
}

/// An MSRP message. Cloning copies no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub(super) octets: Bytes,
    /// The transaction id.
    pub transaction: String,
    /// Request or response.
    pub kind: Kind,
    pub(super) fields: Vec<Field>,
    pub(super) body: Option<Range<usize>>,
    /// How it goes on.
    pub flag: Flag,
}

impl Message {
    /// The octets, end-line included.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The header fields in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The text of a range of the head; empty for one outside it.
    pub fn text(&self, range: &Range<usize>) -> &str {
        self.octets.get(range.clone()).and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
    }

    /// The value of the first field of that name; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| self.text(&field.name).eq_ignore_ascii_case(name))?;
        Some(self.text(&field.value))
    }

    /// The body; None for a message without one, which is not the same as an empty one.
    pub fn body(&self) -> Option<Bytes> {
        let range = self.body.clone()?;
        (range.end <= self.octets.len() && range.start <= range.end).then(|| self.octets.slice(range))
    }

    /// Where the body stands.
    pub fn body_range(&self) -> Option<Range<usize>> {
        self.body.clone()
    }

    /// True for a request of this method.
    pub fn is(&self, wanted: &Method) -> bool {
        matches!(&self.kind, Kind::Request { method } if method == wanted)
    }

    /// The status of a response.
    pub fn status(&self) -> Option<u16> {
        match self.kind {
            Kind::Response { status, .. } => Some(status),
            Kind::Request { .. } => None,
        }
    }

    /// The path towards the receiver.
    pub fn to_path(&self) -> Vec<&str> {
        self.header("To-Path").map(|path| path.split_ascii_whitespace().collect()).unwrap_or_default()
    }

    /// The path back to the sender.
    pub fn from_path(&self) -> Vec<&str> {
        self.header("From-Path").map(|path| path.split_ascii_whitespace().collect()).unwrap_or_default()
    }

    /// What follows To-Path and From-Path, end-line included: what a hop leaves as it is. None unless these two are the
    /// first header fields, as RFC 4975 section 9 has it.
    pub fn after_paths(&self) -> Option<Bytes> {
        let [to, from, next, ..] = self.fields.as_slice() else { return None };
        let named = |field: &Field, name: &str| self.text(&field.name).eq_ignore_ascii_case(name);
        let at = next.name.start;
        (named(to, "To-Path") && named(from, "From-Path") && at <= self.octets.len()).then(|| self.octets.slice(at..))
    }

    /// The session id of the receiver, in the leftmost To-Path.
    pub fn local_session_id(&self) -> Option<&str> {
        let path = self.header("To-Path")?.split_ascii_whitespace().next()?;
        super::MsrpUri::parse(path).ok()?.session_id
    }

    /// Message-ID.
    pub fn message_id(&self) -> Option<&str> {
        self.header("Message-ID")
    }

    /// Byte-Range.
    pub fn byte_range(&self) -> Option<ByteRange> {
        self.header("Byte-Range").and_then(ByteRange::parse)
    }

    /// True when a report of success is asked for.
    pub fn success_report(&self) -> bool {
        self.header("Success-Report").is_some_and(|value| value.eq_ignore_ascii_case("yes"))
    }

    /// Which failures are to be told.
    pub fn failure_report(&self) -> FailureReport {
        match self.header("Failure-Report") {
            Some(value) if value.eq_ignore_ascii_case("no") => FailureReport::No,
            Some(value) if value.eq_ignore_ascii_case("partial") => FailureReport::Partial,
            _ => FailureReport::Yes,
        }
    }

    /// The code in the Status field of a REPORT, `000 200 OK`.
    pub fn status_header(&self) -> Option<u16> {
        let mut words = self.header("Status")?.split_ascii_whitespace();
        (words.next()? == "000").then(|| words.next()?.parse().ok()).flatten()
    }

    /// Content-Type.
    pub fn content_type(&self) -> Option<&str> {
        self.header("Content-Type")
    }
}
