//! Reading the two header sections of an envelope (RFC 3862): the message headers, one a line and
//! never folded, and the MIME headers of the content.

use super::{CpimError, CpimFault, Field, Message, Space};
use crate::search::{Places, find};
use bytes::Bytes;
use bytestring::ByteString;
use memchr::memrchr;
use std::ops::Range;

/// The longest header section that is read.
const MAX_HEAD: usize = 64 * 1024;

/// Reads an envelope.
pub(super) fn message(octets: Bytes) -> Result<Message, CpimError> {
    let mut fields = Vec::with_capacity(12);
    let mut feeds = Places::of([b'\n'], &octets);
    let next = envelope(&octets, &mut feeds, &mut fields)?;
    let content_from = fields.len();
    let start = content(&octets, next, &mut feeds, &mut fields)?;
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

/// Reads the message headers, and tells where the content begins.
fn envelope(octets: &[u8], feeds: &mut Places<'_, 1>, fields: &mut Vec<Field>) -> Result<usize, CpimError> {
    let mut at = 0;
    loop {
        let (line, next) = line(octets, at, 0, feeds)?.ok_or(CpimError { at, why: CpimFault::NoEnd })?;
        if line.is_empty() {
            return Ok(next);
        }
        fields.push(message_header(line, at)?);
        at = next;
    }
}

/// Reads the MIME headers, and tells where the body begins. There may be none, and content may end with them.
fn content(octets: &[u8], from: usize, feeds: &mut Places<'_, 1>, fields: &mut Vec<Field>) -> Result<usize, CpimError> {
    let mut at = from;
    while let Some((line, next)) = line(octets, at, from, feeds)? {
        match line {
            [] => return Ok(next),
            [b' ' | b'\t', ..] => {
                // MIME headers may be folded; none is before the first.
                let last = fields.last_mut().filter(|last| last.name.start >= from);
                let last = last.ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
                last.value.end = at + trimmed_end(line).len();
            }
            _ => {
                let (name, value) = name(line, at, 0)?;
                let params = value..value;
                fields.push(Field { name, params, value: trimmed(line, at, value), prefix: 0, space: Space::Other });
            }
        }
        at = next;
    }
    if at < octets.len() { Err(CpimError { at, why: CpimFault::NoEnd }) } else { Ok(at) }
}

/// The line at `at` without its end, and where the next begins; None when no line ends there.
#[inline(always)]
fn line<'a>(
    octets: &'a [u8],
    at: usize,
    section: usize,
    feeds: &mut Places<'_, 1>,
) -> Result<Option<(&'a [u8], usize)>, CpimError> {
    let Some(feed) = feeds.next() else { return Ok(None) };
    if feed - section > MAX_HEAD {
        return Err(CpimError { at, why: CpimFault::TooLong });
    }
    let line = octets.get(at..feed).unwrap_or_default();
    Ok(Some((line.strip_suffix(b"\r").unwrap_or(line), feed + 1)))
}

/// The name of a header line, and what follows its colon. The colon is no sooner than the octet with the number `from`.
fn name(line: &[u8], at: usize, from: usize) -> Result<(Range<usize>, usize), CpimError> {
    let stop = match line.get(from..).unwrap_or_default() {
        [b':', ..] => Some(from),
        rest => find([b':', b' ', b'\t'], rest).map(|stop| from + stop),
    };
    let colon = stop.filter(|stop| *stop > 0 && line.get(*stop) == Some(&b':'));
    let colon = colon.ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
    Ok((at..at + colon, at + colon + 1))
}

/// `Name:;param=value the value`: parameters begin right at the colon and end at a space.
fn message_header(line: &[u8], at: usize) -> Result<Field, CpimError> {
    // Most names have no prefix, so that the first stop is the colon.
    let first = find([b':', b' ', b'\t', b'.'], line).unwrap_or_default();
    let prefix = if line.get(first) == Some(&b'.') { first + 1 } else { 0 };
    let (name, start) = name(line, at, first)?;
    let end = match line.get(start - at..) {
        Some(after @ [b';', ..]) => start + params(after),
        _ => start,
    };
    // Until a namespace is declared, names without a prefix are those of RFC 3862.
    let space = if prefix == 0 { Space::Core } else { Space::Other };
    Ok(Field { name, params: start..end, value: trimmed(line, at, end), prefix, space })
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

/// What stands from `start` on, without white space around it.
fn trimmed(line: &[u8], at: usize, start: usize) -> Range<usize> {
    let whole = line.get(start - at..).unwrap_or_default();
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
