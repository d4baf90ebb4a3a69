//! The splitter: from octets to start line, fields and body (RFC 3261 sections 7 and 25.1). It knows where things
//! stand, and not yet what they mean.

use super::fields::Fields;
use super::grammar;
use super::message::{Field, Message, Span, StartLine};
use super::name::Name;
use super::storage::Storage;
use crate::search::{Line, Lines, every, find, uri_end};
use bytes::{Buf, Bytes};
use memchr::memrchr;

/// The longest header section that is read.
pub const MAX_HEAD: usize = 64 * 1024;
/// The longest body that is read from a stream.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// What keeps octets from being a SIP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// No empty line ends the header section.
    #[error("the header section has no end: no empty line follows it")]
    NoEnd,
    /// The header section is too long.
    #[error("the header section is longer than 64 KiB")]
    TooLong,
    /// The first line is neither that of a request nor that of a response.
    #[error("the first line is neither `METHOD URI SIP/2.0` nor `SIP/2.0 CODE REASON`")]
    StartLine,
    /// The version is not SIP/2.0.
    #[error("the version is not SIP/2.0")]
    Version,
    /// A header line has no colon, or no good name before it.
    #[error("a header line is not `Name: value`")]
    HeaderLine,
    /// The header section is not UTF-8.
    #[error("the header section is not UTF-8")]
    NotUtf8,
    /// Content-Length is no number, or given twice with different values, on a stream.
    #[error("Content-Length is not one number")]
    ContentLength,
    /// The body is shorter than Content-Length says.
    #[error("the body is shorter than Content-Length says")]
    ShortBody,
}

/// Octets that are not a SIP message, and where it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (octets {} to {})", at.start, at.end)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Where.
    pub at: Span,
}

fn error(kind: ParseErrorKind, start: usize, end: usize) -> ParseError {
    ParseError { kind, at: Span::new(start, end) }
}

/// The head of a message, and where its body begins.
#[derive(Debug)]
pub(super) struct Head {
    pub start: StartLine,
    pub fields: Fields,
    pub body_at: usize,
}

/// Reads a message whose end is known: that of the datagram.
pub(super) fn datagram(mut octets: Bytes) -> Result<Message, ParseError> {
    // Empty lines before the first line are ignored (RFC 3261 section 7.5).
    let lead = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    octets.advance(lead);
    let head = split(&octets)?;
    let (body_at, rest) = (head.body_at, octets.len().saturating_sub(head.body_at));
    // Where Content-Length is unusable the datagram still ends somewhere, and the request can be refused with a 400.
    let length = match content_length(&octets, &head.fields) {
        Ok(None) | Err(_) => rest,
        Ok(Some(length)) if length <= rest => length,
        Ok(Some(_)) => {
            check_text(octets.get(..body_at).unwrap_or_default())?;
            return Err(error(ParseErrorKind::ShortBody, body_at, octets.len()));
        }
    };
    let message = assemble(octets, head, length);
    // Where all of it is text, so is the head.
    if !message.octets.is_text() {
        check_text(message.octets.get(..body_at).unwrap_or_default())?;
    }
    Ok(message)
}

/// Puts a message together whose octets are complete; what follows the body is cut off.
pub(super) fn assemble(mut octets: Bytes, head: Head, body_length: usize) -> Message {
    let end = head.body_at.saturating_add(body_length).min(octets.len());
    let surplus = Span::new(0, octets.len() - end).end;
    octets.truncate(end);
    Message {
        octets: Storage::of(octets),
        start: head.start,
        fields: head.fields,
        body: Span::new(head.body_at, end),
        surplus,
    }
}

/// The value of Content-Length, if there is one.
pub(super) fn content_length(octets: &[u8], fields: &Fields) -> Result<Option<usize>, ParseError> {
    let mut found = None;
    for field in fields.named(&Name::ContentLength) {
        let length = octets.get(field.value.range()).and_then(decimal);
        if length.is_none() || found.is_some_and(|found| Some(found) != length) {
            let Span { start, end } = field.value;
            return Err(error(ParseErrorKind::ContentLength, start as usize, end as usize));
        }
        found = length;
    }
    Ok(found)
}

fn decimal(digits: &[u8]) -> Option<usize> {
    let more = |number: usize, octet: &u8| {
        let digit = char::from(*octet).to_digit(10)?;
        number.checked_mul(10)?.checked_add(usize::try_from(digit).ok()?)
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, more) }
}

/// Reads the head. `octets` begins with the first line.
pub(super) fn head(octets: &[u8]) -> Result<Head, ParseError> {
    let head = split(octets)?;
    check_text(octets.get(..head.body_at).unwrap_or_default())?;
    Ok(head)
}

/// That a head is UTF-8.
fn check_text(head: &[u8]) -> Result<(), ParseError> {
    match std::str::from_utf8(if head.is_ascii() { &[] } else { head }) {
        Ok(_) => Ok(()),
        Err(fault) => Err(error(ParseErrorKind::NotUtf8, fault.valid_up_to(), fault.valid_up_to() + 1)),
    }
}

/// Tells the fields of a head apart, which may hold any octets. A lone LF ends a line too: seen in the field, and never
/// ambiguous.
fn split(octets: &[u8]) -> Result<Head, ParseError> {
    let no_end = || error(ParseErrorKind::NoEnd, octets.len(), octets.len());
    let mut lines = Lines::of(octets);
    let start = start_line(lines.next().ok_or_else(no_end)?.octets)?;
    let mut fields = Fields::with_capacity(32);
    loop {
        let Line { at, octets: line, rest } = lines.next().ok_or_else(no_end)?;
        if line.is_empty() {
            return Ok(Head { start, fields, body_at: lines.at() });
        }
        if at + line.len() > MAX_HEAD {
            return Err(error(ParseErrorKind::TooLong, at, at + line.len()));
        }
        // No known name holds a line end, so that it is this line's.
        match Name::plain(rest) {
            Some((name, colon)) if is_plain_value(line.get(colon + 1..)) => fields.push(Field {
                name,
                name_span: Span::of_head(at, at + colon),
                value: Span::of_head(at + colon + 2, at + line.len()),
            }),
            _ => any_line(&mut fields, line, at)?,
        }
    }
}

/// One space and more, with none at the end: as nearly all write what follows the colon.
#[inline(always)]
fn is_plain_value(part: Option<&[u8]>) -> bool {
    matches!(part, Some([b' ', first, .., last]) if *first > b' ' && *last > b' ')
}

/// Takes a line in, however it is written.
#[cold]
#[inline(never)]
fn any_line(fields: &mut Fields, line: &[u8], at: usize) -> Result<(), ParseError> {
    let bad = || error(ParseErrorKind::HeaderLine, at, at + line.len());
    match line {
        [b' ' | b'\t', ..] => {
            let last = fields.last_mut().ok_or_else(bad)?;
            last.value = continued(line, last.value, at);
        }
        // Nor does a name begin with another control octet.
        _ => {
            let (name, length, colon) = Name::of_line(line).ok_or_else(bad)?;
            let value = trimmed(line.get(colon + 1..).unwrap_or_default(), at + colon + 1);
            fields.push(Field { name, name_span: Span::of_head(at, at + length), value });
        }
    }
    Ok(())
}

/// The value of a field, continued by a folded line.
fn continued(line: &[u8], value: Span, at: usize) -> Span {
    let more = trimmed(line, at);
    if more.start == more.end {
        return value;
    }
    let start = if value.start == value.end { more.start } else { value.start };
    Span { start, end: more.end }
}

/// Without white space at its end.
#[inline]
pub(super) fn without_space_after(mut part: &[u8]) -> &[u8] {
    while let Some((b' ' | b'\t', before)) = part.split_last() {
        part = before;
    }
    part
}

/// Where a value stands without the white space around it; `part` begins at `start`.
#[inline]
fn trimmed(part: &[u8], start: usize) -> Span {
    let part = without_space_after(part);
    let mut value = part;
    while let [b' ' | b'\t', after @ ..] = value {
        value = after;
    }
    let end = start + part.len();
    if value.is_empty() { Span::of_head(start, start) } else { Span::of_head(end - value.len(), end) }
}

/// Reads the first line, which begins at 0.
fn start_line(line: &[u8]) -> Result<StartLine, ParseError> {
    let bad = |kind| error(kind, 0, line.len());
    if line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"SIP/")) {
        return status_line(line).map_err(bad);
    }
    let not_one = || bad(ParseErrorKind::StartLine);
    let space = find([b' '], line).ok_or_else(not_one)?;
    let before = line.strip_suffix(b" SIP/2.0").map(<[u8]>::len);
    let last = before.or_else(|| memrchr(b' ', line)).filter(|last| *last > space).ok_or_else(not_one)?;
    let method = line.get(..space).unwrap_or_default();
    let uri = line.get(space + 1..last).unwrap_or_default();
    let version = line.get(last + 1..).unwrap_or_default();
    // A URI holds no white space, and is not bracketed here (RFC 3261 section 7.1).
    let in_uri = |octet| (octet > b' ') & (octet != b'<') & (octet != b'>') & (octet != b'"') & (octet != 0x7f);
    let good_method = !method.is_empty() && grammar::TOKEN.run(method, 0) == method.len();
    // Nearly every URI is of ASCII alone, which is seen sooner.
    let good_uri = || uri_end(uri).is_none() || every(uri, in_uri);
    if !good_method || uri.is_empty() || !good_uri() {
        return Err(not_one());
    }
    if !version.eq_ignore_ascii_case(b"SIP/2.0") {
        let is_sip = version.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"SIP/"));
        let kind = if is_sip { ParseErrorKind::Version } else { ParseErrorKind::StartLine };
        return Err(error(kind, last + 1, line.len()));
    }
    Ok(StartLine::Request { method: Span::new(0, space), uri: Span::new(space + 1, last) })
}

/// `SIP/2.0 CODE REASON`. A reason phrase may be empty; the space before it is sometimes forgotten with it.
fn status_line(line: &[u8]) -> Result<StartLine, ParseErrorKind> {
    let (version, rest) = line.split_at_checked(8).ok_or(ParseErrorKind::StartLine)?;
    if !version.eq_ignore_ascii_case(b"SIP/2.0 ") {
        return Err(ParseErrorKind::Version);
    }
    let (digits, rest) = rest.split_at_checked(3).ok_or(ParseErrorKind::StartLine)?;
    let code = decimal(digits).and_then(|code| u16::try_from(code).ok()).filter(|code| (100..700).contains(code));
    let reason = match rest {
        [] => Span::new(line.len(), line.len()),
        [b' ', ..] => Span::new(12, line.len()),
        _ => return Err(ParseErrorKind::StartLine),
    };
    code.map(|code| StartLine::Status { code, reason }).ok_or(ParseErrorKind::StartLine)
}
