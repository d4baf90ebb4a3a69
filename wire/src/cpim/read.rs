//! Reading the two header sections of an envelope (RFC 3862): the message headers, one a line and
//! never folded, and the MIME headers of the content.

use super::{CpimError, CpimFault, Field, Message, Space};
use crate::search::{Line, Lines, find};
use bytes::Bytes;
use bytestring::ByteString;
use memchr::memrchr;
use std::ops::Range;

/// The longest header section that is read.
const MAX_HEAD: usize = 64 * 1024;

/// Reads an envelope.
pub(super) fn message(octets: Bytes) -> Result<Message, CpimError> {
    let mut fields = Vec::with_capacity(12);
    let mut lines = Lines::of(&octets);
    envelope(&mut lines, &mut fields)?;
    let content_from = fields.len();
    content(&mut lines, octets.len(), &mut fields)?;
    let start = lines.at();
    let head = ByteString::try_from(octets.slice(..start)).map_err(|fault| {
        let before = octets.get(..fault.valid_up_to()).unwrap_or_default();
        CpimError { at: memrchr(b'\n', before).map_or(0, |end| end + 1), why: CpimFault::NotUtf8 }
    })?;
    let body = start..octets.len();
    resolve(&octets, fields.get_mut(..content_from).unwrap_or_default());
    Ok(Message { octets, head, fields, content_from, body })
}

/// Finds the namespaces of the message headers: [`Message::namespace`] for all of them.
fn resolve(octets: &[u8], fields: &mut [Field]) {
    let declared = |field: &Field| {
        let is = octets.get(field.name.clone()) == Some(b"NS");
        is.then(|| declaration(octets.get(field.value.clone())?)).flatten()
    };
    for number in 0..fields.len() {
        let (before, after) = fields.split_at_mut(number);
        let Some(((own, uri), after)) = after.split_first_mut().and_then(|(ns, after)| Some((declared(ns)?, after)))
        else {
            continue;
        };
        let again = before.iter().any(|field| declared(field).is_some_and(|(prefix, _)| prefix == own));
        // Some stacks declare a prefix after they used it.
        let used_before = if again || own.is_empty() { &mut [] } else { before };
        let named = used_before.iter_mut().chain(after).filter(|field| prefix(octets, field) == own);
        named.for_each(|field| field.space = Space::of(uri));
    }
}

/// The prefix of the name of a header, without the dot.
pub(super) fn prefix<'a>(octets: &'a [u8], field: &Field) -> &'a [u8] {
    let start = field.name.start;
    octets.get(start..start + field.prefix.saturating_sub(1)).unwrap_or_default()
}

/// Reads the message headers.
fn envelope(lines: &mut Lines<'_>, fields: &mut Vec<Field>) -> Result<(), CpimError> {
    loop {
        let at = lines.at();
        let line = next_line(lines, 0)?.ok_or(CpimError { at, why: CpimFault::NoEnd })?;
        if line.octets.is_empty() {
            return Ok(());
        }
        fields.push(message_header(line.octets, at)?);
    }
}

/// Reads the MIME headers of a text of that length. There may be none, and content may end with them.
fn content(lines: &mut Lines<'_>, length: usize, fields: &mut Vec<Field>) -> Result<(), CpimError> {
    let from = lines.at();
    while let Some(Line { at, octets: line, .. }) = next_line(lines, from)? {
        match line {
            [] => return Ok(()),
            [b' ' | b'\t', ..] => {
                // MIME headers may be folded; none is before the first.
                let last = fields.last_mut().filter(|last| last.name.start >= from);
                let last = last.ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
                last.value.end = at + trimmed_end(line).len();
            }
            _ => {
                let colon = colon(line, 0).ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
                let (name, start) = (at..at + colon, at + colon + 1);
                let value = trimmed(line.get(colon + 1..).unwrap_or_default(), start);
                fields.push(Field { name, params: start..start, value, prefix: 0, space: Space::Other });
            }
        }
    }
    let at = lines.at();
    if at < length { Err(CpimError { at, why: CpimFault::NoEnd }) } else { Ok(()) }
}

/// The next line of the section that begins at `section`; None when no line ends any more.
#[inline(always)]
fn next_line<'a>(lines: &mut Lines<'a>, section: usize) -> Result<Option<Line<'a>>, CpimError> {
    let Some(line) = lines.next() else { return Ok(None) };
    if line.at + line.octets.len() - section > MAX_HEAD {
        return Err(CpimError { at: line.at, why: CpimFault::TooLong });
    }
    Ok(Some(line))
}

/// Where the colon after the name of a header stands, no sooner than the octet with the number `from`.
#[inline]
fn colon(line: &[u8], from: usize) -> Option<usize> {
    let stop = match line.get(from) {
        Some(b':') => from,
        _ => from + find([b':', b' ', b'\t'], line.get(from..)?)?,
    };
    (stop > 0 && line.get(stop) == Some(&b':')).then_some(stop)
}

/// `Name:;param=value the value`: parameters begin right at the colon and end at a space.
fn message_header(line: &[u8], at: usize) -> Result<Field, CpimError> {
    // Most names have no prefix, so that the first stop is the colon.
    let first = find([b':', b' ', b'\t', b'.'], line).unwrap_or_default();
    let prefix = if line.get(first) == Some(&b'.') { first + 1 } else { 0 };
    let colon = colon(line, first).ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
    let (mut after, start) = (line.get(colon + 1..).unwrap_or_default(), at + colon + 1);
    let mut end = start;
    if let [b';', ..] = after {
        let length = params(after);
        (after, end) = (after.get(length..).unwrap_or_default(), start + length);
    }
    // Until a namespace is declared, names without a prefix are those of RFC 3862.
    let space = if prefix == 0 { Space::Core } else { Space::Other };
    Ok(Field { name: at..at + colon, params: start..end, value: trimmed(after, end), prefix, space })
}

/// How long the parameters are: up to the first space that is in no quotes.
fn params(text: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    let end = text.iter().position(|&octet| {
        let ends = octet == b' ' && !quoted;
        quoted ^= octet == b'"' && !escaped;
        escaped = octet == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// Where a value stands without the white space around it; `whole` begins at `start`.
#[inline]
fn trimmed(whole: &[u8], start: usize) -> Range<usize> {
    // As nearly all write it: one space before, and none after.
    if let [b' ', first, .., last] = whole
        && *first > b' '
        && *last > b' '
    {
        return start + 1..start + whole.len();
    }
    let mut value = whole;
    while let [b' ' | b'\t' | b'\r' | b'\n', after @ ..] = value {
        value = after;
    }
    let first = start + whole.len() - value.len();
    first..first + trimmed_end(value).len()
}

fn trimmed_end(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = line {
        line = rest;
    }
    line
}

/// The declaration of a namespace, `prefix <uri>`, or `<uri>` for names without prefix: its prefix and its URI.
pub(super) fn declaration(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let (open, close) = (find([b'<'], value)?, find([b'>'], value)?);
    let uri = value.get(open + 1..close)?;
    Some((trimmed_end(value.get(..open)?), uri))
}
