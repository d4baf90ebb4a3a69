//! Reading the two header sections of an envelope (RFC 3862): the message headers, one a line and
//! never folded, and the MIME headers of the content.

use super::{CpimError, CpimFault, Field, IMDN_NAMESPACE, Known, Message, Space};
use crate::search::{every, find, marks32};
use bytes::Bytes;
use bytestring::ByteString;
use memchr::memrchr;
use std::ops::Range;

/// The longest header section that is read.
const MAX_HEAD: usize = 64 * 1024;

/// Reads an envelope.
pub(super) fn message(octets: Bytes) -> Result<Message, CpimError> {
    let mut fields = Vec::with_capacity(12);
    let section = envelope(&octets, &mut fields)?;
    let content_from = fields.len();
    let body_from = content(&octets, section, &mut fields)?;
    let head = text(&octets, body_from)?;
    resolve(&octets, fields.get_mut(..content_from).unwrap_or_default());
    Ok(Message { octets, head, fields, content_from, body_from })
}

/// The octets before `end` as text, and more than them where that is sooner looked at.
fn text(octets: &Bytes, end: usize) -> Result<ByteString, CpimError> {
    // Whether all is ASCII is seen block by block, and octet by octet in a last block that is not full.
    const BLOCK: usize = 64;
    let full = end.next_multiple_of(BLOCK).min(octets.len());
    let fills = octets.get(end..full).is_some_and(|content| every(content, |octet| octet.is_ascii()));
    ByteString::try_from(octets.slice(..if fills { full } else { end })).map_err(|fault| {
        let before = octets.get(..fault.valid_up_to()).unwrap_or_default();
        CpimError { at: memrchr(b'\n', before).map_or(0, |end| end + 1), why: CpimFault::NotUtf8 }
    })
}

/// Finds the namespaces of the message headers: [`Message::namespace`] for all of them.
fn resolve(octets: &[u8], fields: &mut [Field]) {
    for number in 0..fields.len() {
        let Some((before, [ns, ..])) = fields.split_at_checked(number) else { return };
        let Some((own, uri)) = declared(octets, ns) else { continue };
        let again = || before.iter().filter_map(|field| declared(octets, field)).any(|(prefix, _)| prefix == own);
        // Some stacks declare a prefix after they used it.
        let from = if own.is_empty() || again() { number + 1 } else { 0 };
        let space = Space::of(uri);
        for field in fields.iter_mut().skip(from) {
            if field.prefix_is(octets, own) {
                field.space = space;
            }
        }
    }
}

/// What a header declares if it is one that does: a prefix and its namespace.
#[inline(always)]
fn declared<'a>(octets: &'a [u8], field: &Field) -> Option<(&'a [u8], &'a [u8])> {
    if field.declares() { declaration(octets.get(field.value.clone())?) } else { None }
}

/// Reads the message headers. The end of their section.
#[inline(never)]
fn envelope(octets: &[u8], fields: &mut Vec<Field>) -> Result<usize, CpimError> {
    let mut at = 0;
    while let Some(line) = Line::of(octets, at, MAX_HEAD)? {
        if line.octets.is_empty() {
            return Ok(line.end);
        }
        fields.push(message_header(&line)?);
        at = line.end;
    }
    Err(CpimError { at, why: CpimFault::NoEnd })
}

/// Reads the MIME headers in the section that begins at `section`. There may be none, and content may end with them. The
/// end of their section.
#[inline(never)]
fn content(octets: &[u8], section: usize, fields: &mut Vec<Field>) -> Result<usize, CpimError> {
    let mut at = section;
    while let Some(line) = Line::of(octets, at, section + MAX_HEAD)? {
        match line.octets {
            [] => return Ok(line.end),
            [b' ' | b'\t', ..] => {
                // MIME headers may be folded; none is before the first.
                let last = fields.last_mut().filter(|last| last.name.start >= section);
                let last = last.ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
                last.value.end = at + trimmed_end(line.octets).len();
            }
            _ => fields.push(content_header(&line)?),
        }
        at = line.end;
    }
    if at < octets.len() { Err(CpimError { at, why: CpimFault::NoEnd }) } else { Ok(at) }
}

/// A line of a header section.
struct Line<'a> {
    /// Where it begins.
    at: usize,
    /// Without its end.
    octets: &'a [u8],
    /// Marks colons among its first octets and what follows it; none if there are none so soon.
    colons: u32,
    /// Where the next line begins.
    end: usize,
}

impl<'a> Line<'a> {
    /// The line that begins at `at`, and ends before `limit`; None when no line ends any more.
    #[inline(always)]
    fn of(octets: &'a [u8], at: usize, limit: usize) -> Result<Option<Line<'a>>, CpimError> {
        let Some(rest) = octets.get(at..) else { return Ok(None) };
        // Nearly every line ends within so many octets, and its name within half of them.
        let (feeds, colons) = match rest.first_chunk::<64>().map(|near| near.as_chunks().0) {
            Some([first, second]) => {
                let feeds = u64::from(marks32([b'\n'], first)) | u64::from(marks32([b'\n'], second)) << 32;
                (feeds, marks32([b':'], first))
            }
            _ => (0, 0),
        };
        let feed = match feeds {
            0 => far(b'\n', rest),
            _ => feeds.trailing_zeros() as usize,
        };
        let Some((line, [_, ..])) = rest.split_at_checked(feed) else { return Ok(None) };
        let octets = if let [before @ .., b'\r'] = line { before } else { line };
        if at + octets.len() > limit {
            return Err(CpimError { at, why: CpimFault::TooLong });
        }
        Ok(Some(Line { at, octets, colons, end: at + feed + 1 }))
    }

    /// What stands before and after its colon.
    #[inline(always)]
    fn halves(&self) -> Result<(&'a [u8], &'a [u8]), CpimError> {
        // A colon that stands beyond the line splits nothing.
        let colon = match self.colons {
            0 => far(b':', self.octets),
            _ => self.colons.trailing_zeros() as usize,
        };
        match self.octets.split_at_checked(colon) {
            Some((name @ [_, ..], [_, after @ ..])) => Ok((name, after)),
            _ => Err(self.bad()),
        }
    }

    /// That the line is no header.
    const fn bad(&self) -> CpimError {
        CpimError { at: self.at, why: CpimFault::HeaderLine }
    }
}

/// Where an octet stands, or the end: for what is seldom looked for.
#[cold]
#[inline(never)]
fn far(octet: u8, octets: &[u8]) -> usize {
    find([octet], octets).unwrap_or(octets.len())
}

/// `Name:;param=value the value`: parameters begin right at the colon and end at a space.
#[inline(always)]
fn message_header(line: &Line<'_>) -> Result<Field, CpimError> {
    let (name, mut after) = line.halves()?;
    // The prefix that nearly all write, whatever it stands for here.
    let (prefix, own) = name.strip_prefix(b"imdn.").map_or((0, name), |own| (5, own));
    let (prefix, known) = match Known::of(own) {
        Known::Other => prefixed(name).ok_or(line.bad())?,
        known => (prefix, known),
    };
    // Until a namespace is declared, names without a prefix are those of RFC 3862.
    let space = if prefix == 0 { Space::Core } else { Space::Other };
    let name = line.at..line.at + name.len();
    let start = name.end + 1;
    let mut end = start;
    if let [b';', ..] = after {
        let length = params(after);
        (after, end) = (after.get(length..).unwrap_or_default(), start + length);
    }
    Ok(Field { name, params: start..end, value: trimmed(after, end), prefix, space, known })
}

/// How many octets of a name are prefix, the dot included, and what it is the name of. None when white space is in it.
#[inline(never)]
fn prefixed(name: &[u8]) -> Option<(usize, Known)> {
    let Some(stop) = find([b'.', b' ', b'\t'], name) else { return Some((0, Known::Other)) };
    let [b'.', own @ ..] = name.get(stop..)? else { return None };
    if has_space(own) { None } else { Some((stop + 1, Known::of(own))) }
}

fn has_space(name: &[u8]) -> bool {
    find([b' ', b'\t'], name).is_some()
}

/// A MIME header.
#[inline(always)]
fn content_header(line: &Line<'_>) -> Result<Field, CpimError> {
    let (name, after) = line.halves()?;
    let known = Known::of_content(name);
    if known == Known::Other && has_space(name) {
        return Err(line.bad());
    }
    let name = line.at..line.at + name.len();
    let start = name.end + 1;
    Ok(Field { name, params: start..start, value: trimmed(after, start), prefix: 0, space: Space::Other, known })
}

/// How long the parameters are: up to the first space that is in no quotes.
#[inline(never)]
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
#[inline(always)]
fn trimmed(whole: &[u8], start: usize) -> Range<usize> {
    match whole {
        // As nearly all write it: one space before, and none after.
        [b' ', first, .., last] if *first > b' ' && *last > b' ' => start + 1..start + whole.len(),
        _ => trimmed_more(whole, start),
    }
}

#[inline(never)]
fn trimmed_more(whole: &[u8], start: usize) -> Range<usize> {
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
#[inline]
pub(super) fn declaration(value: &[u8]) -> Option<(&[u8], &[u8])> {
    // As nearly all write it.
    if value == b"imdn <urn:ietf:params:imdn>" {
        return Some((b"imdn", IMDN_NAMESPACE.as_bytes()));
    }
    let (open, close) = (find([b'<'], value)?, find([b'>'], value)?);
    let uri = value.get(open + 1..close)?;
    Some((trimmed_end(value.get(..open)?), uri))
}
