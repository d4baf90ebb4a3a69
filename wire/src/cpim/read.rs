//! Reading the two header sections of an envelope (RFC 3862): the message headers, one a line and
//! never folded, and the MIME headers of the content.

use super::{CpimError, CpimFault, Declaration, Field};
use memchr::memchr;
use std::ops::Range;

/// The longest header section that is read.
const MAX_HEAD: usize = 64 * 1024;

/// The text of a range.
pub(super) fn text<'a>(octets: &'a [u8], range: &Range<usize>) -> &'a str {
    octets.get(range.clone()).and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
}

/// Reads the message headers, and tells where the content begins.
pub(super) fn envelope(octets: &[u8]) -> Result<(Vec<Field>, usize), CpimError> {
    let mut fields = Vec::with_capacity(12);
    let mut at = 0;
    loop {
        let (line, next) = line(octets, at, 0)?.ok_or(CpimError { at, why: CpimFault::NoEnd })?;
        if line.is_empty() {
            return Ok((fields, next));
        }
        fields.push(message_header(line, at)?);
        at = next;
    }
}

/// Reads the MIME headers, and tells where the body begins. There may be none, and content may end with them.
pub(super) fn content(octets: &[u8], from: usize) -> Result<(Vec<Field>, usize), CpimError> {
    let mut fields: Vec<Field> = Vec::with_capacity(4);
    let mut at = from;
    while let Some((line, next)) = line(octets, at, from)? {
        if line.is_empty() {
            return Ok((fields, next));
        }
        if line.starts_with([' ', '\t']) {
            // MIME headers may be folded.
            let last = fields.last_mut().ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
            last.value.end = at + line.trim_end().len();
        } else {
            let (name, value) = name(line, at)?;
            fields.push(Field { params: value.start..value.start, name, value: trimmed(line, at, value.start) });
        }
        at = next;
    }
    if at < octets.len() { Err(CpimError { at, why: CpimFault::NoEnd }) } else { Ok((fields, at)) }
}

/// The line at `at` without its end, and where the next begins; None when no line ends there.
fn line(octets: &[u8], at: usize, section: usize) -> Result<Option<(&str, usize)>, CpimError> {
    let rest = octets.get(at..).unwrap_or_default();
    let Some(length) = memchr(b'\n', rest) else { return Ok(None) };
    if at - section + length > MAX_HEAD {
        return Err(CpimError { at, why: CpimFault::TooLong });
    }
    let line = rest.get(..length).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = std::str::from_utf8(line).map_err(|_| CpimError { at, why: CpimFault::NotUtf8 })?;
    Ok(Some((line, at + length + 1)))
}

/// The name of a header line, and what follows its colon.
fn name(line: &str, at: usize) -> Result<(Range<usize>, Range<usize>), CpimError> {
    let colon = line.find(':').filter(|colon| *colon > 0).ok_or(CpimError { at, why: CpimFault::HeaderLine })?;
    let name = line.get(..colon).unwrap_or_default();
    if name.contains([' ', '\t']) {
        return Err(CpimError { at, why: CpimFault::HeaderLine });
    }
    Ok((at..at + colon, at + colon + 1..at + line.len()))
}

/// `Name:;param=value the value`: parameters begin right at the colon and end at a space.
fn message_header(line: &str, at: usize) -> Result<Field, CpimError> {
    let (name, rest) = name(line, at)?;
    let after = line.get(rest.start - at..).unwrap_or_default();
    let length = if after.starts_with(';') { params(after) } else { 0 };
    let params = rest.start..rest.start + length;
    Ok(Field { name, value: trimmed(line, at, params.end), params })
}

/// How long the parameters are: up to the first space that is in no quotes.
fn params(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    let end = text.bytes().position(|octet| {
        let ends = octet == b' ' && !quoted;
        quoted ^= octet == b'"' && !escaped;
        escaped = octet == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// What stands from `start` on, without white space around it.
fn trimmed(line: &str, at: usize, start: usize) -> Range<usize> {
    let rest = line.get(start - at..).unwrap_or_default();
    let start = start + rest.len() - rest.trim_start().len();
    start..start + rest.trim().len()
}

/// The declarations of namespaces: `NS: prefix <uri>`, or `NS: <uri>` for names without prefix.
pub(super) fn declarations(octets: &[u8], fields: &[Field]) -> Vec<Declaration> {
    let named = fields.iter().enumerate().filter(|(_, field)| text(octets, &field.name) == "NS");
    named.filter_map(|(number, field)| declaration(text(octets, &field.value), number, field.value.start)).collect()
}

fn declaration(value: &str, field: usize, at: usize) -> Option<Declaration> {
    let open = value.find('<')?;
    let close = value.find('>').filter(|close| *close > open)?;
    let prefix = value.get(..open)?.trim();
    Some(Declaration { field, prefix: at..at + prefix.len(), uri: at + open + 1..at + close })
}
