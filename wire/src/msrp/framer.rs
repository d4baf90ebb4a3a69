//! Cutting a stream into MSRP messages (RFC 4975 sections 5 and 7.1): the end-line with the transaction's own id ends
//! a message, whatever its body holds.

use super::message::{Field, Flag, Kind, Message, Method};
use bytes::{Bytes, BytesMut};
use memchr::{memchr, memmem};
use std::ops::Range;

/// The longest head that is read.
pub const MAX_HEAD: usize = 16 * 1024;
/// The longest chunk that is read.
pub const MAX_CHUNK: usize = 16 * 1024 * 1024;

/// A stream that is not MSRP; it is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The first line is not `MSRP id METHOD` nor `MSRP id 200 comment`.
    #[error("the first line is not one of MSRP: {0:?}")]
    StartLine(String),
    /// A header line has no colon.
    #[error("a header line is not `Name: value`: {0:?}")]
    HeaderLine(String),
    /// The head is not UTF-8.
    #[error("the head is not UTF-8")]
    NotUtf8,
    /// The head or the chunk is too long.
    #[error("the {0} is longer than is read")]
    TooLong(&'static str),
}

#[derive(Debug)]
struct Head {
    transaction: String,
    kind: Kind,
    fields: Vec<Field>,
    /// Where the body begins; None when the end-line follows the head at once.
    body_at: Option<usize>,
    /// `-------id`, what the end-line begins with.
    end_line: Vec<u8>,
}

/// Cuts a stream into messages without copying bodies more than once.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    head: Option<Head>,
    /// So many octets were searched for an end already.
    searched: usize,
    failed: bool,
}

impl Framer {
    /// Takes octets of the stream, cut anywhere.
    pub fn push(&mut self, octets: Bytes) {
        if self.failed {
            return;
        }
        if self.buffer.is_empty() {
            // Octets that nobody else holds are taken over as they are.
            match octets.try_into_mut() {
                Ok(own) => self.buffer = own,
                Err(shared) => self.buffer.extend_from_slice(&shared),
            }
        } else {
            self.buffer.extend_from_slice(&octets);
        }
    }

    /// The next whole message, if it is there. After an error nothing follows.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Result<Message, FrameError>> {
        if self.failed {
            return None;
        }
        let next = self.message().transpose();
        if matches!(next, Some(Err(_))) {
            self.failed = true;
            self.buffer.clear();
        }
        next
    }

    /// The octets that wait for more.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    fn message(&mut self) -> Result<Option<Message>, FrameError> {
        if self.head.is_none() {
            self.head = read_head(&self.buffer)?;
            self.searched = self.head.as_ref().and_then(|head| head.body_at).unwrap_or_default();
        }
        let Some(head) = &self.head else {
            return if self.buffer.len() > MAX_HEAD { Err(FrameError::TooLong("head")) } else { Ok(None) };
        };
        let Some(end) = find_end(&self.buffer, head, self.searched) else {
            // An end-line may be cut: its beginning is looked at again.
            self.searched =
                self.buffer.len().saturating_sub(head.end_line.len() + 5).max(head.body_at.unwrap_or_default());
            return if self.buffer.len() > MAX_CHUNK { Err(FrameError::TooLong("chunk")) } else { Ok(None) };
        };
        let octets = self.buffer.split_to(end.stop).freeze();
        let Some(head) = self.head.take() else { return Ok(None) };
        let body = head.body_at.map(|start| start..end.body_end.max(start));
        Ok(Some(Message {
            octets,
            transaction: head.transaction,
            kind: head.kind,
            fields: head.fields,
            body,
            flag: end.flag,
        }))
    }
}

struct End {
    body_end: usize,
    stop: usize,
    flag: Flag,
}

/// Finds the end-line of the head's own transaction, from octet `from` on.
fn find_end(buffer: &[u8], head: &Head, from: usize) -> Option<End> {
    let mut at = from;
    loop {
        let found = at + memmem::find(buffer.get(at..)?, &head.end_line)?;
        let after = found + head.end_line.len();
        let flag = match buffer.get(after)? {
            b'$' => Some(Flag::Complete),
            b'+' => Some(Flag::More),
            b'#' => Some(Flag::Abort),
            _ => None,
        };
        let tail = buffer.get(after + 1..after + 3);
        let at_line_start = match head.body_at {
            // After a body a line end comes first; a body may be empty.
            Some(start) => found >= start + 2 && buffer.get(found - 2..found) == Some(b"\r\n") || found == start,
            None => true,
        };
        match (flag, tail) {
            (Some(_), None) => return None,
            (Some(flag), Some(b"\r\n")) if at_line_start => {
                let body_end = head.body_at.map_or(found, |start| found.saturating_sub(2).max(start));
                return Some(End { body_end, stop: after + 3, flag });
            }
            _ => at = found + 1,
        }
    }
}

fn read_head(buffer: &[u8]) -> Result<Option<Head>, FrameError> {
    let mut lines = Lines { buffer, at: 0 };
    let Some(first) = lines.next() else {
        check_beginning(buffer)?;
        return Ok(None);
    };
    let (transaction, kind) = start_line(text(buffer, &first)?)?;
    let end_line = format!("-------{transaction}").into_bytes();
    let mut fields = Vec::with_capacity(8);
    loop {
        let Some(line) = lines.next() else { return Ok(None) };
        if line.end > MAX_HEAD {
            return Err(FrameError::TooLong("head"));
        }
        if line.is_empty() {
            return Ok(Some(Head { transaction, kind, fields, body_at: Some(lines.at), end_line }));
        }
        if buffer.get(line.clone()).is_some_and(|line| line.starts_with(&end_line)) {
            // The end-line follows the head: there is no body.
            return Ok(Some(Head { transaction, kind, fields, body_at: None, end_line }));
        }
        fields.push(field(buffer, &line)?);
    }
}

/// What waits for its first line end must at least begin as MSRP does.
fn check_beginning(buffer: &[u8]) -> Result<(), FrameError> {
    let begin = buffer.get(..buffer.len().min(5)).unwrap_or_default();
    if b"MSRP ".starts_with(begin) { Ok(()) } else { Err(FrameError::StartLine(lossy(buffer))) }
}

struct Lines<'a> {
    buffer: &'a [u8],
    at: usize,
}

impl Lines<'_> {
    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let rest = self.buffer.get(start..)?;
        let feed = start + memchr(b'\n', rest)?;
        self.at = feed + 1;
        let end = if feed > start && self.buffer.get(feed - 1) == Some(&b'\r') { feed - 1 } else { feed };
        Some(start..end)
    }
}

fn text<'a>(buffer: &'a [u8], range: &Range<usize>) -> Result<&'a str, FrameError> {
    std::str::from_utf8(buffer.get(range.clone()).unwrap_or_default()).map_err(|_| FrameError::NotUtf8)
}

fn lossy(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets.get(..octets.len().min(60)).unwrap_or_default()).into_owned()
}

fn start_line(line: &str) -> Result<(String, Kind), FrameError> {
    let bad = || FrameError::StartLine(line.chars().take(60).collect());
    let rest = line.strip_prefix("MSRP ").ok_or_else(bad)?;
    let (transaction, rest) = rest.split_once(' ').ok_or_else(bad)?;
    let good = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'+' | b'%' | b'=');
    if transaction.is_empty() || transaction.len() > 32 || !transaction.bytes().all(good) {
        return Err(bad());
    }
    let (word, comment) = rest.split_once(' ').unwrap_or((rest, ""));
    let kind = if word.len() == 3 && word.bytes().all(|octet| octet.is_ascii_digit()) {
        Kind::Response { status: word.parse().map_err(|_| bad())?, comment: comment.to_owned() }
    } else if word.is_empty() || !comment.is_empty() || !word.bytes().all(|octet| octet.is_ascii_uppercase()) {
        return Err(bad());
    } else {
        let method = match word {
            "SEND" => Method::Send,
            "REPORT" => Method::Report,
            other => Method::Other(other.to_owned()),
        };
        Kind::Request { method }
    };
    Ok((transaction.to_owned(), kind))
}

fn field(buffer: &[u8], line: &Range<usize>) -> Result<Field, FrameError> {
    let whole = text(buffer, line)?;
    let bad = || FrameError::HeaderLine(whole.chars().take(60).collect());
    let (name, value) = whole.split_once(':').ok_or_else(bad)?;
    let good = |octet: u8| {
        octet.is_ascii_alphanumeric()
            || matches!(octet, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
    };
    if name.is_empty() || !name.bytes().all(good) {
        return Err(bad());
    }
    let lead = value.len() - value.trim_start().len();
    let start = line.start + name.len() + 1 + lead;
    Ok(Field { name: line.start..line.start + name.len(), value: start..start + value.trim().len() })
}
