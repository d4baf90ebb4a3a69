//! Multipart bodies (RFC 2046 section 5.1), as SIP messages carry them.

use crate::sip::MediaType;
use bytes::{BufMut, Bytes, BytesMut};
use memchr::{memchr, memmem};
use std::ops::Range;

/// A multipart body that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The boundary is empty or longer than 70 octets.
    #[error("the boundary is empty or longer than 70 octets")]
    Boundary,
    /// No part begins.
    #[error("no line with the boundary begins a part")]
    NoPart,
    /// The last part has no end.
    #[error("the closing boundary is missing")]
    NoEnd,
    /// A header line of a part has no colon, or is not UTF-8.
    #[error("a header line of a part is not `Name: value`")]
    Header,
    /// More parts than are read.
    #[error("there are more than {MOST_PARTS} parts")]
    TooMany,
}

/// The most parts that are read.
const MOST_PARTS: usize = 1000;

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    headers: Vec<(String, String)>,
    body: Bytes,
    /// Where the part stands in the body that it was read from.
    pub span: Range<usize>,
}

impl Part {
    /// A part of this type.
    pub fn new(content_type: &str, body: Bytes) -> Part {
        Part { headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body, span: 0..0 }
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: &str) -> Part {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The header fields.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The value of a header field; names are compared without case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Content-Type with its parameters.
    pub fn content_type(&self) -> Option<&str> {
        self.get("Content-Type")
    }

    /// The content.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The content, sharing octets.
    pub fn body_octets(&self) -> Bytes {
        self.body.clone()
    }
}

/// Reads the parts of a body.
///
/// # Errors
/// See [`MultipartError`].
pub fn parse(body: &[u8], boundary: &str) -> Result<Vec<Part>, MultipartError> {
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(MultipartError::Boundary);
    }
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while let Some(line) = find_delimiter(body, delimiter.as_bytes(), at) {
        if let Some(start) = open {
            if parts.len() == MOST_PARTS {
                return Err(MultipartError::TooMany);
            }
            parts.push(part(body, start..line.content_end.max(start))?);
        }
        if line.closing {
            return if open.is_some() { Ok(parts) } else { Err(MultipartError::NoPart) };
        }
        open = Some(line.next);
        at = line.next;
    }
    Err(if open.is_some() { MultipartError::NoEnd } else { MultipartError::NoPart })
}

struct Delimiter {
    /// Where the content before it ends: its line end belongs to the delimiter.
    content_end: usize,
    /// Where the next line begins.
    next: usize,
    closing: bool,
}

fn find_delimiter(body: &[u8], delimiter: &[u8], from: usize) -> Option<Delimiter> {
    let mut at = from;
    loop {
        let found = at + memmem::find(body.get(at..)?, delimiter)?;
        let begins_line = found == 0 || body.get(found - 1) == Some(&b'\n');
        let rest = body.get(found + delimiter.len()..)?;
        let closing = rest.starts_with(b"--");
        let tail = if closing { rest.get(2..).unwrap_or_default() } else { rest };
        let white = tail.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        let end = match tail.get(white..).unwrap_or_default() {
            [b'\r', b'\n', ..] => Some(2),
            [b'\n', ..] => Some(1),
            [] if closing => Some(0),
            _ => None,
        };
        if let (true, Some(end)) = (begins_line, end) {
            let content_end = match found.checked_sub(2).and_then(|before| body.get(before..found)) {
                Some(b"\r\n") => found - 2,
                _ => found.saturating_sub(1),
            };
            let next = found + delimiter.len() + usize::from(closing) * 2 + white + end;
            return Some(Delimiter { content_end, next, closing });
        }
        at = found + 1;
    }
}

fn part(body: &[u8], span: Range<usize>) -> Result<Part, MultipartError> {
    let mut rest = body.get(span.clone()).unwrap_or_default();
    let mut headers: Vec<(String, String)> = Vec::new();
    // The empty line ends the header fields; a part may begin with it, or consist of fields alone.
    while let Some((line, after)) = first_line(rest)? {
        rest = after;
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            let (_, value) = headers.last_mut().ok_or(MultipartError::Header)?;
            value.push(' ');
            value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once(':').ok_or(MultipartError::Header)?;
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Ok(Part { headers, body: Bytes::copy_from_slice(rest), span })
}

/// The first line without its end, and what follows; None where nothing is left.
fn first_line(octets: &[u8]) -> Result<Option<(&str, &[u8])>, MultipartError> {
    if octets.is_empty() {
        return Ok(None);
    }
    let (line, rest) = match memchr(b'\n', octets) {
        Some(feed) => octets.split_at_checked(feed + 1).unwrap_or((octets, &[])),
        None => (octets, &[][..]),
    };
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Some((std::str::from_utf8(line).map_err(|_| MultipartError::Header)?, rest)))
}

/// Multipart bodies within multipart bodies are followed so deep.
const DEPTH: usize = 8;

/// The first content of this media type, given in lower case: the body itself, or a part of it at any depth. A part may
/// be a multipart body itself (RFC 2046 section 5.1, RFC 5621 section 3.1).
pub fn find(content_type: &str, body: &Bytes, wanted: &str) -> Option<Bytes> {
    find_within(content_type, body, wanted, DEPTH)
}

fn find_within(content_type: &str, body: &Bytes, wanted: &str, depth: usize) -> Option<Bytes> {
    let kind = MediaType::parse(content_type).ok()?;
    let essence = kind.essence();
    if essence == wanted {
        return Some(body.clone());
    }
    let boundary = kind.param("boundary").filter(|_| essence.starts_with("multipart/") && depth > 0)?;
    let parts = parse(body, &boundary).ok()?;
    let within = |part: &Part| find_within(part.content_type()?, &part.body, wanted, depth - 1);
    parts.iter().find_map(within)
}

/// Writes parts into one body: its content type, with a boundary that stands in none of them, and its octets.
pub fn build(parts: &[Part]) -> (String, Bytes) {
    let boundary = free_boundary(parts);
    let mut octets = BytesMut::new();
    for part in parts {
        octets.put_slice(format!("--{boundary}\r\n").as_bytes());
        for (name, value) in &part.headers {
            octets.put_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        octets.put_slice(b"\r\n");
        octets.put_slice(&part.body);
        octets.put_slice(b"\r\n");
    }
    octets.put_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/mixed;boundary=\"{boundary}\""), octets.freeze())
}

/// A boundary that no part holds: there are more than the parts have octets.
fn free_boundary(parts: &[Part]) -> String {
    let is_free = |boundary: &String| parts.iter().all(|part| memmem::find(&part.body, boundary.as_bytes()).is_none());
    let octets: usize = parts.iter().map(|part| part.body.len()).sum();
    (0..=octets).map(|n| format!("cpm-part-{n:x}-")).find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn preamble_and_epilogue_are_passed_over() {
        let body = b"preamble\r\n--b1\r\nContent-Type: text/plain\r\n\r\none\r\n--b1\r\n\r\ntwo\r\n--b1x is text\r\n--b1--  \r\nepilogue";
        let parts = parse(body, "b1").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].content_type(), parts[0].body()), (Some("text/plain"), &b"one"[..]));
        assert_eq!((parts[1].content_type(), parts[1].body()), (None, &b"two\r\n--b1x is text"[..]));
    }

    #[test]
    fn what_has_no_end_is_refused() {
        assert_eq!(parse(b"--b\r\n\r\nx\r\n", "b"), Err(MultipartError::NoEnd));
        assert_eq!(parse(b"nothing", "b"), Err(MultipartError::NoPart));
        assert_eq!(parse(b"--b\r\nbad line\r\n\r\nx\r\n--b--", "b"), Err(MultipartError::Header));
        assert_eq!(parse(b"", ""), Err(MultipartError::Boundary));
        assert_eq!(parse("--b\r\n\r\n".repeat(1002).as_bytes(), "b"), Err(MultipartError::TooMany));
    }

    #[test]
    fn header_fields_end_at_the_first_empty_line() {
        let body = b"--b\nContent-Type: a/b;\n c=d\n\nx\r\n\r\ny\r\n--b\r\nContent-Type: c/d\r\n--b--\r\n";
        let parts = parse(body, "b").unwrap();
        assert_eq!((parts[0].content_type(), parts[0].body()), (Some("a/b; c=d"), &b"x\r\n\r\ny"[..]));
        assert_eq!((parts[1].content_type(), parts[1].body()), (Some("c/d"), &b""[..]));
        assert_eq!(&body[parts[1].span.clone()], b"Content-Type: c/d");
    }

    #[test]
    fn parts_may_hold_parts() {
        let (inner_type, inner) = build(&[Part::new("text/plain", Bytes::from_static(b"cpm-part-1-"))]);
        let (outer_type, outer) = build(&[Part::new(&inner_type, inner.clone())]);
        let boundary = outer_type.split('"').nth(1).unwrap();
        let outer = parse(&outer, boundary).unwrap();
        assert_eq!((outer[0].content_type(), outer[0].body()), (Some(inner_type.as_str()), inner.as_ref()));
    }

    #[test]
    fn content_is_found_at_any_depth_whatever_its_type_looks_like() {
        let parts = [
            Part::new("text/plain", Bytes::from_static(b"x")),
            Part::new("Application/SDP", Bytes::from_static(b"v=0")),
        ];
        let (mut kind, mut body) = build(&parts);
        for _ in 0..3 {
            assert_eq!(find(&kind, &body, "application/sdp").unwrap().as_ref(), b"v=0");
            assert_eq!(find(&kind, &body, "image/png"), None);
            (kind, body) = build(&[Part::new(&kind, body)]);
        }
        let odd = kind.replace("multipart/mixed;boundary=\"", "MULTIPART / mixed ; x ; Boundary = \"\\");
        assert_eq!(find(&odd, &body, "application/sdp").unwrap().as_ref(), b"v=0");
        let alone = find("application / sdp", &Bytes::from_static(b"v=0"), "application/sdp");
        assert_eq!(alone.unwrap().as_ref(), b"v=0");
    }

    #[test]
    fn there_is_an_end_to_depth() {
        let (mut kind, mut body) = ("text/plain".to_owned(), Bytes::from_static(b"x"));
        for _ in 0..DEPTH + 1 {
            (kind, body) = build(&[Part::new(&kind, body)]);
        }
        assert_eq!(find(&kind, &body, "text/plain"), None);
    }

    proptest! {
        #[test]
        fn what_is_built_reads_back(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..4)) {
            let parts: Vec<Part> = bodies.iter().map(|body| Part::new("a/b", Bytes::from(body.clone())).header("X", "y; z")).collect();
            let (content_type, octets) = build(&parts);
            let boundary = content_type.split('"').nth(1).unwrap();
            let read = parse(&octets, boundary).unwrap();
            prop_assert_eq!(read.len(), parts.len());
            for (read, body) in read.iter().zip(&bodies) {
                prop_assert_eq!(read.body(), body.as_slice());
                prop_assert_eq!(read.get("x"), Some("y; z"));
            }
        }

        #[test]
        fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&noise, "b");
            let mut framed = b"--b\r\n".to_vec();
            framed.extend(noise);
            let _ = parse(&framed, "b");
        }
    }
}
