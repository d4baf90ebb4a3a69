//! The form of MIME entities: headers, folded or not, and the parts of a multipart body (RFC 2045, RFC 2046 section 5.1).

use std::sync::LazyLock;

use cpm_wire::search::{cut, find};
use memchr::memmem::Finder;

use super::grammar::is_token;
use super::piece::Piece;

/// A header of a part, RFC 2045.
#[derive(Clone, Copy, Debug)]
pub(super) struct MimeHeader<'a> {
    pub name: Piece<'a>,
    pub value: Piece<'a>,
}

/// Type and subtype, if they are tokens.
pub(super) fn essence(content_type: &str) -> Option<(&str, &str)> {
    let end = find([b';'], content_type.as_bytes()).unwrap_or(content_type.len());
    let (kind, sub) = cut(content_type.get(..end)?, b'/')?;
    let tokens = |kind, sub| (is_token(kind) && is_token(sub)).then_some((kind, sub));
    // White space stands there seldom.
    tokens(kind, sub).or_else(|| tokens(kind.trim(), sub.trim()))
}

/// A part with its headers read, and its place in what it was taken from.
pub(super) struct Part<'a> {
    pub content_type: &'a str,
    pub disposition: &'a str,
    pub id: Option<&'a str>,
    pub octets: &'a [u8],
    pub at: usize,
}

/// The parts between the lines of a boundary.
pub(super) fn parts<'a>(octets: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, &'static str> {
    let mut parts = Vec::new();
    let mut opened: Option<usize> = None;
    for (start, end, closes) in delimiters(octets, boundary) {
        if let Some(begin) = opened {
            parts.push(part(octets.get(begin..start).unwrap_or_default(), begin)?);
        }
        if closes {
            return if parts.is_empty() { Err("there is no part") } else { Ok(parts) };
        }
        opened = Some(end);
    }
    Err(if opened.is_some() { "the closing line is missing" } else { "the boundary is nowhere in the body" })
}

/// The lines of a boundary: where the part before ends, where the next one begins, and whether it is the closing one.
fn delimiters<'a>(octets: &'a [u8], boundary: &str) -> impl Iterator<Item = (usize, usize, bool)> + use<'a> {
    let dashes = format!("--{boundary}");
    let places: Vec<usize> = memchr::memmem::find_iter(octets, dashes.as_bytes()).collect();
    let length = dashes.len();
    places.into_iter().filter_map(move |place| {
        let before = octets.get(..place)?;
        if !before.is_empty() && !before.ends_with(b"\r\n") {
            return None;
        }
        let rest = octets.get(place + length..)?;
        let (closes, rest) = rest.strip_prefix(b"--").map_or((false, rest), |rest| (true, rest));
        let padding = rest.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        let rest = rest.get(padding..)?;
        let ended = rest.starts_with(b"\r\n") || closes && rest.is_empty();
        let end = octets.len() - rest.len() + 2;
        ended.then(|| (place.saturating_sub(2), end, closes))
    })
}

fn part(octets: &[u8], at: usize) -> Result<Part<'_>, &'static str> {
    let (headers, body) = headers(octets).ok_or("a part has no blank line after its headers")?;
    let octets = octets.get(body..).unwrap_or_default();
    let mut part = Part { content_type: "text/plain", disposition: "", id: None, octets, at: at + body };
    for header in headers {
        let is = |name: &str| header.name.text.eq_ignore_ascii_case(name);
        if is("Content-Type") {
            part.content_type = header.value.text;
        } else if is("Content-Disposition") {
            part.disposition = header.value.text.split(';').next().unwrap_or_default().trim();
        } else if is("Content-ID") {
            part.id = Some(header.value.text);
        }
    }
    Ok(part)
}

/// Where the line ends before the first empty line.
pub(super) fn blank_line(octets: &[u8]) -> Option<usize> {
    static BLANK_LINE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\r\n\r\n"));
    BLANK_LINE.find(octets)
}

/// Headers up to a blank line, folded or not, and where the body begins. Lines that are no headers are left out.
pub(super) fn headers(octets: &[u8]) -> Option<(impl Iterator<Item = MimeHeader<'_>>, usize)> {
    let (head, body) = match octets.starts_with(b"\r\n") {
        true => (0, 2),
        false => blank_line(octets).map(|end| (end + 2, end + 4))?,
    };
    let head = std::str::from_utf8(octets.get(..head)?).ok()?;
    let headers = unfolded(head).filter_map(|line| line.split_once(':'));
    Some((headers.map(|(name, value)| MimeHeader { name, value: value.trim() }), body))
}

/// The lines, each with those that begin with white space and so belong to it (RFC 822 section 3.1.1).
fn unfolded(head: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = Piece::new(head, 0);
    std::iter::from_fn(move || {
        if rest.text.is_empty() {
            return None;
        }
        let octets = rest.text.as_bytes();
        let ends = memchr::memchr_iter(b'\n', octets);
        let end = ends.map(|end| end + 1).find(|end| !matches!(octets.get(*end), Some(b' ' | b'\t')));
        let line = rest.to(end.unwrap_or(octets.len()));
        rest = rest.from(line.text.len());
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::grammar::media_type;

    #[test]
    fn a_folded_header_is_one() {
        let part = b"Content-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-Disposition:\r\n render\r\n\r\nhello";
        let (headers, body) = headers(part).unwrap();
        let headers: Vec<_> = headers.collect();
        let [kind, disposition] = headers.as_slice() else { panic!("{headers:?}") };
        let (essence, parameters) = media_type(kind.value).unwrap();
        assert_eq!((essence.as_str(), parameters.len()), ("text/plain", 1));
        assert_eq!((disposition.value.text, &part[body..]), ("render", &b"hello"[..]));
    }
}
