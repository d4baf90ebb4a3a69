//! The splitter: from octets to start line, fields and body (RFC 3261 sections 7 and 25.1). It knows where things
//! stand, and not yet what they mean.

use super::message::{Field, Message, Span, StartLine};
use super::name::Name;
use bytes::{Buf, Bytes};
use memchr::{memchr, memchr_iter};

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
    /// Content-Length is no number, or given twice with different values.
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
pub(super) struct Head {
    pub start: StartLine,
    pub fields: Vec<Field>,
    pub body_at: usize,
}

pub(super) fn datagram(mut octets: Bytes) -> Result<Message, ParseError> {
    // Empty lines before the first line are ignored (RFC 3261 section 7.5).
    let lead = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    octets.advance(lead);
    let head = head(&octets)?;
    let rest = octets.len().saturating_sub(head.body_at);
    let length = match content_length(&octets, &head.fields)? {
        None => rest,
        Some(length) if length <= rest => length,
        Some(_) => return Err(error(ParseErrorKind::ShortBody, head.body_at, octets.len())),
    };
    Ok(assemble(octets, head, length))
}

/// Puts a message together whose octets are complete; what follows the body is cut off.
pub(super) fn assemble(mut octets: Bytes, head: Head, body_length: usize) -> Message {
    let end = head.body_at + body_length;
    octets.truncate(end);
    Message { octets, start: head.start, fields: head.fields, body: Span::new(head.body_at, end) }
}

/// The value of Content-Length, if there is one.
pub(super) fn content_length(octets: &[u8], fields: &[Field]) -> Result<Option<usize>, ParseError> {
    let mut found = None;
    for field in fields.iter().filter(|field| field.name == Name::ContentLength) {
        let bad = || error(ParseErrorKind::ContentLength, field.value.start as usize, field.value.end as usize);
        let digits = octets.get(field.value.range()).unwrap_or_default();
        let length = decimal(digits).ok_or_else(bad)?;
        if found.is_some_and(|found| found != length) {
            return Err(bad());
        }
        found = Some(length);
    }
    Ok(found)
}

fn decimal(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Reads the head. `octets` begins with the first line.
pub(super) fn head(octets: &[u8]) -> Result<Head, ParseError> {
    let mut lines = Lines { octets, at: 0, ends: memchr_iter(b'\n', octets) };
    let Some((start, end)) = lines.next() else { return Err(error(ParseErrorKind::NoEnd, 0, octets.len())) };
    let start_line = start_line(octets, start, end)?;
    let mut fields: Vec<Field> = Vec::with_capacity(32);
    loop {
        let Some((start, end)) = lines.next() else {
            return Err(error(ParseErrorKind::NoEnd, octets.len(), octets.len()));
        };
        if start == end {
            break;
        }
        if end > MAX_HEAD {
            return Err(error(ParseErrorKind::TooLong, start, end));
        }
        let line = octets.get(start..end).unwrap_or_default();
        if matches!(line.first(), Some(b' ' | b'\t')) {
            let Some(last) = fields.last_mut() else { return Err(error(ParseErrorKind::HeaderLine, start, end)) };
            last.value = continued(octets, last.value, start, end);
            continue;
        }
        fields.push(field(line, start)?);
    }
    let body_at = lines.at;
    if let Err(fault) = std::str::from_utf8(octets.get(..body_at).unwrap_or_default()) {
        return Err(error(ParseErrorKind::NotUtf8, fault.valid_up_to(), fault.valid_up_to() + 1));
    }
    Ok(Head { start: start_line, fields, body_at })
}

/// Lines with their ends, without line terminators. A lone LF ends a line too: seen in the field, and never ambiguous.
struct Lines<'a> {
    octets: &'a [u8],
    at: usize,
    ends: memchr::Memchr<'a>,
}

impl Lines<'_> {
    fn next(&mut self) -> Option<(usize, usize)> {
        let feed = self.ends.next()?;
        let start = self.at;
        self.at = feed + 1;
        let end = match feed.checked_sub(1).filter(|before| *before >= start) {
            Some(before) if self.octets.get(before) == Some(&b'\r') => before,
            _ => feed,
        };
        Some((start, end))
    }
}

fn continued(octets: &[u8], value: Span, start: usize, end: usize) -> Span {
    let trimmed = trim(octets, start, end);
    if trimmed.start == trimmed.end {
        return value;
    }
    let begin = if value.start == value.end { trimmed.start } else { value.start };
    Span { start: begin, end: trimmed.end }
}

fn field(line: &[u8], start: usize) -> Result<Field, ParseError> {
    let bad = || error(ParseErrorKind::HeaderLine, start, start + line.len());
    let colon = memchr(b':', line).ok_or_else(bad)?;
    let before = line.get(..colon).ok_or_else(bad)?;
    // White space before the colon is legal (RFC 3261 section 7.3.1).
    let name_length = before.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |last| last + 1);
    let name = before.get(..name_length).ok_or_else(bad)?;
    let name = Name::known(name).or_else(|| unknown(name)).ok_or_else(bad)?;
    let value = trim(line, colon + 1, line.len());
    let shift = Span::new(start, start).start;
    Ok(Field {
        name,
        name_span: Span::new(start, start + name_length),
        value: Span { start: value.start + shift, end: value.end + shift },
    })
}

/// A name that this stack has no word for, if it is a name at all.
fn unknown(name: &[u8]) -> Option<Name> {
    let good = !name.is_empty() && name.iter().copied().all(is_token);
    good.then(|| std::str::from_utf8(name).ok()).flatten().map(|name| Name::Other(name.into()))
}

fn trim(octets: &[u8], start: usize, end: usize) -> Span {
    let part = octets.get(start..end).unwrap_or_default();
    let white = |octet: &u8| matches!(octet, b' ' | b'\t');
    let lead = part.iter().take_while(|octet| white(octet)).count();
    let tail = part.iter().rev().take_while(|octet| white(octet)).count();
    if lead == part.len() { Span::new(start, start) } else { Span::new(start + lead, end - tail) }
}

fn start_line(octets: &[u8], start: usize, end: usize) -> Result<StartLine, ParseError> {
    let bad = || error(ParseErrorKind::StartLine, start, end);
    let line = octets.get(start..end).ok_or_else(bad)?;
    if let Some(rest) = line.strip_prefix(b"SIP/2.0 ") {
        let code = rest.get(..3).filter(|code| code.iter().all(u8::is_ascii_digit)).ok_or_else(bad)?;
        let code = decimal(code).and_then(|code| u16::try_from(code).ok()).ok_or_else(bad)?;
        let reason = match rest.get(3) {
            None => Span::new(end, end),
            Some(b' ') => Span::new(start + 12, end),
            Some(_) => return Err(bad()),
        };
        return if (100..700).contains(&code) { Ok(StartLine::Status { code, reason }) } else { Err(bad()) };
    }
    let space = memchr(b' ', line).ok_or_else(bad)?;
    let last = memchr::memrchr(b' ', line).filter(|last| *last > space).ok_or_else(bad)?;
    let (method, uri, version) = (line.get(..space), line.get(space + 1..last), line.get(last + 1..));
    let (Some(method), Some(uri), Some(version)) = (method, uri, version) else { return Err(bad()) };
    // A URI holds no white space, and is not bracketed here (RFC 3261 section 7.1).
    let bad_uri = uri.is_empty() || uri.iter().any(|octet| matches!(octet, b' ' | b'\t' | b'<' | b'>' | b'"'));
    if method.is_empty() || !method.iter().copied().all(is_token) || bad_uri {
        return Err(bad());
    }
    if !version.eq_ignore_ascii_case(b"SIP/2.0") {
        let is_sip = version.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"SIP/"));
        let kind = if is_sip { ParseErrorKind::Version } else { ParseErrorKind::StartLine };
        return Err(error(kind, start + last + 1, end));
    }
    Ok(StartLine::Request { method: Span::new(start, start + space), uri: Span::new(start + space + 1, start + last) })
}

/// An octet of a token (RFC 3261 section 25.1).
pub(super) const fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}
