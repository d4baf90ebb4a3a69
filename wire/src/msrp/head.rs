//! The head of an MSRP message: start line and header lines, up to the empty line before a body or to the end-line
//! (RFC 4975 section 9).

use super::framer::{FrameError, MAX_HEAD};
use super::message::{Field, Flag, Kind, Method};
use crate::search::{cut, every};
use memchr::memchr;
use std::ops::Range;

/// What begins every end-line.
pub(super) const HYPHENS: &str = "-------";

/// A head, read.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) transaction: String,
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
    pub(super) after: After,
}

/// What follows the head.
#[derive(Clone, Copy, Debug)]
pub(super) enum After {
    /// A body, from this octet on.
    Body(usize),
    /// Nothing: the end-line stood there, and the message stops at this octet.
    End { flag: Flag, stop: usize },
}

/// Reads the head at the beginning of `buffer`; None while it is not all there.
pub(super) fn read(buffer: &[u8]) -> Result<Option<Head>, FrameError> {
    let mut lines = Lines { buffer, at: 0 };
    let Some(first) = lines.next()? else {
        check_beginning(buffer)?;
        return Ok(None);
    };
    let (transaction, kind) = start_line(text(buffer, &first)?)?;
    let mut fields = Vec::with_capacity(8);
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            return Ok(Some(Head { transaction, kind, fields, after: After::Body(lines.at) }));
        }
        let whole = text(buffer, &line)?;
        if let Some(flag) = end_line(whole, &transaction) {
            return Ok(Some(Head { transaction, kind, fields, after: After::End { flag, stop: lines.at } }));
        }
        fields.push(field(whole, line.start)?);
    }
    Ok(None)
}

/// What waits for its first line end must at least begin as MSRP does.
fn check_beginning(buffer: &[u8]) -> Result<(), FrameError> {
    let begin = buffer.get(..buffer.len().min(5)).unwrap_or_default();
    let shown = || String::from_utf8_lossy(buffer.get(..buffer.len().min(60)).unwrap_or_default()).into_owned();
    if b"MSRP ".starts_with(begin) { Ok(()) } else { Err(FrameError::StartLine(shown())) }
}

/// The lines of a head, without their ends.
struct Lines<'a> {
    buffer: &'a [u8],
    at: usize,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Range<usize>>, FrameError> {
        let start = self.at;
        let rest = self.buffer.get(start..).unwrap_or_default();
        let Some(length) = memchr(b'\n', rest) else { return Ok(None) };
        if start + length > MAX_HEAD {
            return Err(FrameError::TooLong("head"));
        }
        let Some(line) = rest.get(..length).and_then(|line| line.strip_suffix(b"\r")) else {
            return Err(FrameError::LineEnd);
        };
        self.at = start + length + 1;
        Ok(Some(start..start + line.len()))
    }
}

fn text<'a>(buffer: &'a [u8], range: &Range<usize>) -> Result<&'a str, FrameError> {
    std::str::from_utf8(buffer.get(range.clone()).unwrap_or_default()).map_err(|_| FrameError::NotUtf8)
}

fn end_line(line: &str, transaction: &str) -> Option<Flag> {
    match line.strip_prefix(HYPHENS)?.strip_prefix(transaction)?.as_bytes() {
        [flag] => Flag::read(*flag),
        _ => None,
    }
}

fn start_line(line: &str) -> Result<(String, Kind), FrameError> {
    let bad = || FrameError::StartLine(line.chars().take(60).collect());
    let rest = line.strip_prefix("MSRP ").ok_or_else(bad)?;
    let (transaction, rest) = cut(rest, b' ').ok_or_else(bad)?;
    let mark = |octet: u8| (octet == b'.') | (octet == b'+') | (octet == b'%') | (octet == b'=');
    let good = |octet: u8| is_plain(octet) | mark(octet);
    if transaction.is_empty() || transaction.len() > 32 || !every(transaction.as_bytes(), good) {
        return Err(bad());
    }
    let (word, comment) = cut(rest, b' ').unwrap_or((rest, ""));
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

fn field(line: &str, at: usize) -> Result<Field, FrameError> {
    let bad = || FrameError::HeaderLine(line.chars().take(60).collect());
    let (name, value) = cut(line, b':').ok_or_else(bad)?;
    if name.is_empty() || !every(name.as_bytes(), is_plain) && !name.bytes().all(is_token) {
        return Err(bad());
    }
    let from = at + name.len() + 1;
    let value = match value.as_bytes() {
        // As nearly all write it: one space before, and none after.
        [b' ', b'!'..=b'~', .., b'!'..=b'~'] => from + 1..from + value.len(),
        _ => {
            let start = from + value.len() - value.trim_start().len();
            start..start + value.trim().len()
        }
    };
    Ok(Field { name: at..at + name.len(), value })
}

const fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() | (octet == b'-')
}

const fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~' | b'#' | b'$' | b'&' | b'^' | b'|'
        )
}
