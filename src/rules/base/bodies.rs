//! What a message carries: multipart bodies taken apart (RFC 2046 section 5.1), and each part handed to the rules of
//! its type.

use super::grammar::{media_type, unquoted, value_of};
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, must, shown};
use super::{conference_info, cpim, imdn, resource_lists, sdp, xml};

static MULTIPART: BaseRule = must(
    "base.mime.multipart",
    "RFC 2046 section 5.1.1",
    "A multipart body has a boundary, a line with it before each part, and a closing one after the last.",
);

pub(super) static RULES: &[&BaseRule] = &[&MULTIPART];

/// Multipart bodies within multipart bodies are followed so deep.
const DEPTH: usize = 4;

/// A body with its type.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub content_type: String,
    pub octets: Vec<u8>,
    /// Where it begins in its record, if it stands there in one piece.
    pub at: Option<usize>,
}

/// A part that is not made of parts.
#[derive(Clone, Debug)]
pub(super) struct Leaf<'a> {
    /// Type and subtype in small letters.
    pub essence: String,
    /// What its Content-Disposition says first; empty when the part has none.
    pub disposition: String,
    pub octets: &'a [u8],
    /// Where it begins in what it was taken from.
    pub at: usize,
}

/// A header of a part, RFC 2045.
#[derive(Clone, Copy, Debug)]
pub(super) struct MimeHeader<'a> {
    pub name: Piece<'a>,
    pub value: Piece<'a>,
}

/// Checks a body and everything in it.
pub(super) fn check(sheet: &mut Sheet<'_>, content_type: &str, octets: &[u8]) {
    for leaf in leaves(content_type, octets, Some(sheet)) {
        let sheet = &mut sheet.inside(Some(leaf.at));
        match leaf.essence.as_str() {
            "application/sdp" => sdp::check(sheet, leaf.octets),
            "message/cpim" => cpim::check(sheet, leaf.octets),
            "message/imdn+xml" => imdn::check(sheet, leaf.octets),
            "application/conference-info+xml" => conference_info::check(sheet, leaf.octets),
            resource_lists::TYPE => resource_lists::check(sheet, leaf.octets),
            essence if essence.ends_with("+xml") => xml::check(sheet, leaf.octets),
            _ => {}
        }
    }
}

/// The parts of a body that are not made of parts. With a sheet, what is wrong with the way in which they are put
/// together is written down.
pub(super) fn leaves<'a>(content_type: &str, octets: &'a [u8], mut sheet: Option<&mut Sheet<'_>>) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    let mut open = vec![(Part { kind: content_type.to_owned(), disposition: String::new(), octets, at: 0 }, 0)];
    while let Some((Part { kind: content_type, disposition, octets, at }, depth)) = open.pop() {
        let Ok((essence, parameters)) = media_type(Piece::new(&content_type, 0)) else { continue };
        if !essence.starts_with("multipart/") || depth == DEPTH {
            found.push(Leaf { essence, disposition, octets, at });
            continue;
        }
        let boundary = value_of(&parameters, "boundary").flatten().map(|value| unquoted(value.text));
        let parts = match boundary.filter(|boundary| !boundary.is_empty()) {
            Some(boundary) => parts(octets, &boundary),
            None => Err("there is no boundary"),
        };
        match (parts, &mut sheet) {
            (Ok(parts), _) => {
                let inner = parts.into_iter().map(|part| (Part { at: at + part.at, ..part }, depth + 1));
                open.extend(inner.rev());
            }
            (Err(why), Some(sheet)) => {
                let span = Some((at, at + octets.len()));
                sheet.find(
                    &MULTIPART,
                    span,
                    "parts between lines of the boundary",
                    format!("{why}: {}", shown(&content_type)),
                );
            }
            (Err(_), None) => {}
        }
    }
    found
}

/// A part with its headers read, and its place in what it was taken from.
struct Part<'a> {
    kind: String,
    disposition: String,
    octets: &'a [u8],
    at: usize,
}

fn parts<'a>(octets: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, &'static str> {
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
    let value = |name: &str| {
        let header = headers.iter().find(|header| header.name.text.eq_ignore_ascii_case(name));
        header.map(|header| header.value.text)
    };
    let kind = value("Content-Type").unwrap_or("text/plain").to_owned();
    let disposition = value("Content-Disposition").unwrap_or_default().split(';').next().unwrap_or_default();
    let disposition = disposition.trim().to_owned();
    Ok(Part { kind, disposition, octets: octets.get(body..).unwrap_or_default(), at: at + body })
}

/// Headers up to a blank line, folded or not, and where the body begins. Lines that are no headers are left out.
pub(super) fn headers(octets: &[u8]) -> Option<(Vec<MimeHeader<'_>>, usize)> {
    let (head, body) = match octets.starts_with(b"\r\n") {
        true => (0, 2),
        false => memchr::memmem::find(octets, b"\r\n\r\n").map(|end| (end + 2, end + 4))?,
    };
    let head = std::str::from_utf8(octets.get(..head)?).ok()?;
    let headers = unfolded(head).into_iter().filter_map(|line| line.split_once(':'));
    Some((headers.map(|(name, value)| MimeHeader { name, value: value.trim() }).collect(), body))
}

/// The lines, each with those that begin with white space and so belong to it (RFC 822 section 3.1.1).
fn unfolded(head: &str) -> Vec<Piece<'_>> {
    let mut lines: Vec<Piece<'_>> = Vec::new();
    for line in Piece::new(head, 0).split('\n') {
        match lines.last_mut().filter(|_| line.text.starts_with([' ', '\t'])) {
            Some(last) => *last = Piece::new(head.get(last.at..line.span().1).unwrap_or(last.text), last.at),
            None => lines.push(line),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b \r\n\r\nplain\r\n--b--\r\n";

    #[test]
    fn parts_are_found_with_their_places() {
        let found = leaves("multipart/mixed;boundary=\"b\"", TWO.as_bytes(), None);
        let shown: Vec<_> = found.iter().map(|leaf| (leaf.essence.as_str(), leaf.octets, leaf.at)).collect();
        assert_eq!(shown[0], ("application/sdp", b"v=0\r\n".as_slice(), 38));
        assert_eq!(shown[1].1, b"plain");
        assert_eq!(&TWO[shown[1].2..shown[1].2 + 5], "plain");
    }

    #[test]
    fn a_folded_header_is_one() {
        let part = b"Content-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-Disposition:\r\n render\r\n\r\nhello";
        let (headers, body) = headers(part).unwrap();
        let [kind, disposition] = headers.as_slice() else { panic!("{headers:?}") };
        let (essence, parameters) = media_type(kind.value).unwrap();
        assert_eq!((essence.as_str(), parameters.len()), ("text/plain", 1));
        assert_eq!((disposition.value.text, &part[body..]), ("render", &b"hello"[..]));
    }

    #[test]
    fn a_body_that_is_not_made_of_parts_is_one_itself() {
        assert_eq!(leaves("text/plain", b"x", None).len(), 1);
        assert!(leaves("multipart/mixed;boundary=c", TWO.as_bytes(), None).is_empty());
        assert!(leaves("multipart/mixed", TWO.as_bytes(), None).is_empty());
    }
}
