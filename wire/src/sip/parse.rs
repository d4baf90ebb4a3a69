//! The splitter: from octets to start line, fields and body (RFC 3261 sections 7 and 25.1). It knows where things
//! stand, and not yet what they mean.

use super::grammar;
use super::message::{Field, Message, Span, StartLine};
use super::name::Name;
use bytes::Bytes;
use memchr::{memchr, memchr_iter, memrchr};

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
    pub fields: Vec<Field>,
    pub body_at: usize,
}

/// Reads a message whose end is known: that of the datagram.
pub(super) fn datagram(octets: Bytes) -> Result<Message, ParseError> {
    // Empty lines before the first line are ignored (RFC 3261 section 7.5).
    let lead = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    let octets = octets.slice(lead..);
    let head = head(&octets)?;
    let rest = octets.len().saturating_sub(head.body_at);
    // Where Content-Length is unusable the datagram still ends somewhere, and the request can be refused with a 400.
    let length = match content_length(&octets, &head.fields) {
        Ok(None) | Err(_) => rest,
        Ok(Some(length)) if length <= rest => length,
        Ok(Some(_)) => return Err(error(ParseErrorKind::ShortBody, head.body_at, octets.len())),
    };
    Ok(assemble(octets, head, length))
}

/// Puts a message together whose octets are complete; what follows the body is cut off.
pub(super) fn assemble(octets: Bytes, head: Head, body_length: usize) -> Message {
    let end = head.body_at.saturating_add(body_length).min(octets.len());
    let surplus = Span::new(0, octets.len() - end).end;
    let octets = octets.slice(..end);
    Message { octets, start: head.start, fields: head.fields, body: Span::new(head.body_at, end), surplus }
}

/// The value of Content-Length, if there is one.
pub(super) fn content_length(octets: &[u8], fields: &[Field]) -> Result<Option<usize>, ParseError> {
    let mut found = None;
    for field in fields.iter().filter(|field| field.name == Name::ContentLength) {
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
    let text = std::str::from_utf8(digits).ok()?;
    grammar::digits(text).then(|| text.parse().ok()).flatten()
}

/// Reads the head. `octets` begins with the first line.
pub(super) fn head(octets: &[u8]) -> Result<Head, ParseError> {
    let mut lines = Lines { octets, at: 0, ends: memchr_iter(b'\n', octets) };
    let no_end = || error(ParseErrorKind::NoEnd, octets.len(), octets.len());
    let (start, end) = lines.next().ok_or_else(no_end)?;
    let start_line = start_line(octets.get(start..end).unwrap_or_default())?;
    let mut fields: Vec<Field> = Vec::with_capacity(32);
    loop {
        let (start, end) = lines.next().ok_or_else(no_end)?;
        if start == end {
            break;
        }
        if end > MAX_HEAD {
            return Err(error(ParseErrorKind::TooLong, start, end));
        }
        let line = octets.get(start..end).unwrap_or_default();
        if matches!(line.first(), Some(b' ' | b'\t')) {
            let last = fields.last_mut().ok_or_else(|| error(ParseErrorKind::HeaderLine, start, end))?;
            last.value = continued(octets, last.value, start, end);
        } else {
            fields.push(field(line, start).ok_or_else(|| error(ParseErrorKind::HeaderLine, start, end))?);
        }
    }
    let body_at = lines.at;
    match std::str::from_utf8(octets.get(..body_at).unwrap_or_default()) {
        Ok(_) => Ok(Head { start: start_line, fields, body_at }),
        Err(fault) => Err(error(ParseErrorKind::NotUtf8, fault.valid_up_to(), fault.valid_up_to() + 1)),
    }
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
        let start = std::mem::replace(&mut self.at, feed + 1);
        let before = feed.checked_sub(1).filter(|before| *before >= start && self.octets.get(*before) == Some(&b'\r'));
        Some((start, before.unwrap_or(feed)))
    }
}

/// The value of a field, continued by a folded line.
fn continued(octets: &[u8], value: Span, start: usize, end: usize) -> Span {
    let more = trim(octets, start, end);
    if more.start == more.end {
        return value;
    }
    let start = if value.start == value.end { more.start } else { value.start };
    Span { start, end: more.end }
}

/// Reads one line, which begins at `start`.
fn field(line: &[u8], start: usize) -> Option<Field> {
    let colon = memchr(b':', line)?;
    let mut name = line.get(..colon)?;
    // White space before the colon is legal (RFC 3261 section 7.3.1).
    while let [before @ .., b' ' | b'\t'] = name {
        name = before;
    }
    let Span { start: from, end } = trim(line, colon + 1, line.len());
    let Span { start: shift, end: name_end } = Span::new(start, start + name.len());
    Some(Field {
        name: Name::of_octets(name)?,
        name_span: Span { start: shift, end: name_end },
        value: Span { start: from + shift, end: end + shift },
    })
}

fn trim(octets: &[u8], start: usize, end: usize) -> Span {
    let part = octets.get(start..end).unwrap_or_default();
    let white = |octet: &u8| matches!(octet, b' ' | b'\t');
    let lead = part.iter().take_while(|octet| white(octet)).count();
    let tail = part.iter().rev().take_while(|octet| white(octet)).count();
    if lead == part.len() { Span::new(start, start) } else { Span::new(start + lead, end - tail) }
}

/// Reads the first line, which begins at 0.
fn start_line(line: &[u8]) -> Result<StartLine, ParseError> {
    let bad = |kind| error(kind, 0, line.len());
    if line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"SIP/")) {
        return status_line(line).map_err(bad);
    }
    let not_one = || bad(ParseErrorKind::StartLine);
    let space = memchr(b' ', line).ok_or_else(not_one)?;
    let last = memrchr(b' ', line).filter(|last| *last > space).ok_or_else(not_one)?;
    let method = line.get(..space).unwrap_or_default();
    let uri = line.get(space + 1..last).unwrap_or_default();
    let version = line.get(last + 1..).unwrap_or_default();
    // A URI holds no white space, and is not bracketed here (RFC 3261 section 7.1).
    let in_uri = |octet: &u8| *octet > b' ' && !matches!(octet, b'<' | b'>' | b'"' | 0x7f);
    let good_method = !method.is_empty() && grammar::TOKEN.run(method, 0) == method.len();
    if !good_method || uri.is_empty() || !uri.iter().all(in_uri) {
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
