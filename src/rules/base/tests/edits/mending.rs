//! What depends on the length of a message is put right after an edit, unless the edit is about it: Content-Length
//! (RFC 3261 section 20.14), the Byte-Range of a message in one chunk and the end-line (RFC 4975 section 7.1), and the
//! lengths of Diameter.

use std::ops::Range;

use super::avps;
use crate::evidence::Protocol;

/// A message, and what of it became other octets.
type Replaced<'a> = (&'a [u8], &'a Range<usize>);

const HEAD_END: &[u8] = b"\r\n\r\n";

/// The changed message with its lengths mended; `span` is where it was changed, and moves with the octets.
pub(super) fn mended(
    protocol: Protocol,
    (old, replaced): Replaced<'_>,
    new: Vec<u8>,
    span: &mut Range<usize>,
) -> Vec<u8> {
    match protocol {
        Protocol::Sip => with_length(old, new, span),
        Protocol::Msrp => with_range(old, with_end_line(old, new), span),
        Protocol::Diameter => avps::mended(old, replaced, new),
        Protocol::Imap | Protocol::Http | Protocol::X2x3 => new,
    }
}

/// Whether it is a message from its start to its end-line.
pub(super) fn is_one_message(octets: &[u8]) -> bool {
    let Some(end_line) = end_line(octets) else { return false };
    let rest = octets.get(octets.len().saturating_sub(3)..).unwrap_or_default();
    let ends: Vec<usize> = memchr::memmem::find_iter(octets, &end_line).collect();
    ends == [octets.len().saturating_sub(end_line.len() + 3)] && rest.ends_with(b"\r\n")
}

/// Seven hyphens and the transaction id of the start line.
fn end_line(octets: &[u8]) -> Option<Vec<u8>> {
    let rest = octets.strip_prefix(b"MSRP ")?;
    let id = &rest[..rest.iter().position(|octet| *octet == b' ')?];
    Some([b"-------", id].concat())
}

fn body_at(octets: &[u8]) -> Option<usize> {
    memchr::memmem::find(octets, HEAD_END).map(|place| place + HEAD_END.len())
}

/// Where the decimal number after the name of a header stands.
fn number_after(octets: &[u8], name: &str) -> Option<Range<usize>> {
    let start = memchr::memmem::find(octets, name.as_bytes())? + name.len();
    let digits = octets[start..].iter().take_while(|octet| octet.is_ascii_digit()).count();
    (digits > 0).then_some(start..start + digits)
}

fn replace(mut octets: Vec<u8>, at: Range<usize>, with: &str, span: &mut Range<usize>) -> Vec<u8> {
    if span.start >= at.end {
        *span = span.start + with.len() - at.len()..span.end + with.len() - at.len();
    }
    octets.splice(at, with.bytes());
    octets
}

/// Unless the number itself was changed.
fn with_length(old: &[u8], new: Vec<u8>, span: &mut Range<usize>) -> Vec<u8> {
    let length = |octets: &[u8]| number_after(&octets[..body_at(octets)?], "\r\nContent-Length: ");
    let (Some(was), Some(is), Some(body)) = (length(old), length(&new), body_at(&new)) else { return new };
    if old[was] != new[is.clone()] {
        return new;
    }
    let octets = (new.len() - body).to_string();
    replace(new, is, &octets, span)
}

/// Only where the change is in the body, and the body is the whole message. The end may be an asterisk.
fn with_range(old: &[u8], mut new: Vec<u8>, span: &mut Range<usize>) -> Vec<u8> {
    let Some(body) = body_at(old).filter(|body| span.start >= *body) else { return new };
    let tail = end_line(old).map_or(0, |end| end.len() + 5);
    let (was, is) = (old.len().saturating_sub(body + tail), new.len().saturating_sub(body + tail));
    let head = &old[..body];
    for end in [format!("Byte-Range: 1-{was}/"), "Byte-Range: 1-*/".to_owned()] {
        let total = number_after(head, &end).filter(|total| head[total.clone()] == *was.to_string().as_bytes());
        let Some(total) = total else { continue };
        let at = total.start - end.len() + "Byte-Range: 1-".len();
        let last = if end.contains('*') { "*".to_owned() } else { is.to_string() };
        new = replace(new, at..total.end, &format!("{last}/{is}"), span);
        break;
    }
    new
}

/// Where the transaction id was changed in the start line.
fn with_end_line(old: &[u8], mut new: Vec<u8>) -> Vec<u8> {
    let (Some(was), Some(is)) = (end_line(old), end_line(&new)) else { return new };
    if let Some(place) = memchr::memmem::rfind(&new, &was).filter(|_| was != is) {
        new.splice(place..place + was.len(), is);
    }
    new
}
