//! Bodies: session descriptions, documents, and multipart bodies around them (RFC 5621, RFC 2046).

use super::super::chance::Chance;
use super::super::freedoms::{Freedom, Licence};
use super::super::{documents, sdp};
use super::draft::{Draft, Line};
use super::seeded;
use super::value::{Element, Head, Value};
use bytes::Bytes;
use cpm_wire::multipart::{self, Part};
use cpm_wire::sip::{MediaType, Method, Name};
use memchr::memmem;

/// Says the body otherwise, and makes the fields right that describe it.
pub(super) fn rewrite(licence: &mut Licence<'_>, draft: &mut Draft, seed: u64) {
    let Some(kind) = content_type(draft) else { return };
    let before = draft.body.clone();
    draft.body = documents::rewrite(&kind, &draft.body, licence.freedoms, licence.chance, licence.uses);
    draft.body = described(licence, &kind, &draft.body, seed);
    if let Some(boundary) = boundary(&kind) {
        if let Ok(parts) = multipart::parse(&draft.body, &boundary) {
            let parts = parts.iter().map(|part| with_description(licence, part, seed)).collect();
            compose(licence, draft, parts, Some(&boundary));
        }
    } else if is_offer(draft, &kind) && licence.takes(Freedom::SipBodyInMultipart) {
        licence.note(Freedom::SipBodyInMultipart, true);
        let part = draft
            .line(&Name::ContentDisposition)
            .map(text_of)
            .into_iter()
            .fold(Part::new(&kind, draft.body.clone()), |part, disposition| {
                part.header("Content-Disposition", &disposition)
            });
        draft.remove(&Name::ContentDisposition);
        compose(licence, draft, vec![part], None);
    }
    if draft.body != before {
        let length = draft.body.len().to_string();
        replace(draft, Name::ContentLength, &length);
    }
}

/// An offer in a request. An answer has to be of a type that the request accepts, and that is a session description
/// where nothing is said (RFC 3261 section 20.1).
fn is_offer(draft: &Draft, kind: &str) -> bool {
    draft.is_request() && matches!(draft.method, Method::Invite | Method::Update) && essence(kind) == "application/sdp"
}

fn content_type(draft: &Draft) -> Option<String> {
    draft.line(&Name::ContentType).filter(|_| !draft.body.is_empty()).map(text_of)
}

/// The value as a sender without fancies writes it.
fn text_of(line: &Line) -> String {
    let Value::List(elements) = &line.value else { return String::new() };
    elements.iter().map(plain).collect::<Vec<_>>().join(", ")
}

fn plain(element: &Element) -> String {
    let mut text = match &element.head {
        Head::Word(word) => word.clone(),
        Head::MediaType(kind, subtype) => format!("{kind}/{subtype}"),
        Head::Via { .. } | Head::Address { .. } => String::new(),
    };
    for (name, value) in &element.params {
        text.push_str(&format!(";{name}"));
        text.extend(value.iter().flat_map(|value| ["=", value]));
    }
    text
}

fn essence(kind: &str) -> String {
    MediaType::parse(kind).map(|kind| kind.essence()).unwrap_or_default()
}

fn boundary(kind: &str) -> Option<String> {
    let kind = MediaType::parse(kind).ok().filter(|kind| kind.essence() == "multipart/mixed")?;
    kind.param("boundary").map(|boundary| boundary.into_owned())
}

fn replace(draft: &mut Draft, name: Name, text: &str) {
    match draft.lines.iter_mut().find(|line| line.name == name) {
        Some(line) => line.value = Value::of(&name, text),
        None => draft.lines.push(Line::new(name, text)),
    }
}

/// A session description is said the same way as long as it is the same (RFC 3264 section 8).
fn described(licence: &mut Licence<'_>, kind: &str, octets: &Bytes, seed: u64) -> Bytes {
    if essence(kind) != "application/sdp" {
        return octets.clone();
    }
    let mut chance = Chance::new(seeded(seed, octets));
    let mut own = Licence { freedoms: licence.freedoms, chance: &mut chance, uses: licence.uses };
    sdp::rewrite(&mut own, octets, seed)
}

fn with_description(licence: &mut Licence<'_>, part: &Part, seed: u64) -> Part {
    let Some(kind) = part.content_type() else { return part.clone() };
    let body = described(licence, kind, &part.body_octets(), seed);
    let others = part.headers().iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Type"));
    others.fold(Part::new(kind, body), |part, (name, value)| part.header(name, value))
}

/// Boundaries: short, long, and with all signs that may stand in one (RFC 2046 section 5.1.1).
const BOUNDARIES: [&str; 3] =
    ["b", "=_'(next)+part,-./:=? 7", "0123456789012345678901234567890123456789012345678901234567890123456789"];

/// Writes the parts into the body.
fn compose(licence: &mut Licence<'_>, draft: &mut Draft, parts: Vec<Part>, usual: Option<&str>) {
    let (mut kind, mut body) = mixed(licence, &parts, usual);
    if licence.takes(Freedom::SipMultipartNested) && draft.is_request() && draft.method == Method::Invite {
        licence.note(Freedom::SipMultipartNested, true);
        (kind, body) = mixed(licence, &[Part::new(&kind, body)], None);
    }
    draft.body = body;
    replace(draft, Name::ContentType, &kind);
}

fn mixed(licence: &mut Licence<'_>, parts: &[Part], usual: Option<&str>) -> (String, Bytes) {
    let parts: Vec<Part> = parts.iter().enumerate().map(|(place, part)| named(licence, part, place)).collect();
    let boundary = a_boundary(licence, &parts, usual);
    let quoted = !boundary.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        || !licence.takes(Freedom::SipMultipartBoundary);
    let kind = if quoted {
        format!("multipart/mixed;boundary=\"{boundary}\"")
    } else {
        licence.note(Freedom::SipMultipartBoundary, true);
        format!("multipart/mixed;boundary={boundary}")
    };
    (kind, written(licence, &parts, &boundary))
}

/// One that stands in no part: of the usual ones there is always one that does not.
fn a_boundary(licence: &mut Licence<'_>, parts: &[Part], usual: Option<&str>) -> String {
    let free = |boundary: &str| {
        let delimiter = format!("--{boundary}");
        let absent = |octets: &[u8]| memmem::find(octets, delimiter.as_bytes()).is_none();
        let in_heads = |part: &Part| part.headers().iter().any(|(_, value)| value.contains(boundary));
        parts.iter().all(|part| absent(part.body()) && !in_heads(part))
    };
    if licence.takes(Freedom::SipMultipartBoundary)
        && let Some(other) = licence.chance.pick(&BOUNDARIES).copied().filter(|other| free(other))
    {
        licence.note(Freedom::SipMultipartBoundary, true);
        return other.to_owned();
    }
    let numbered = (0..1000).map(|n| format!("cpm-mixed-{n}-"));
    usual.map(str::to_owned).into_iter().chain(numbered).find(|boundary| free(boundary)).unwrap_or_default()
}

fn named(licence: &mut Licence<'_>, part: &Part, place: usize) -> Part {
    if part.get("Content-ID").is_some() || !licence.takes(Freedom::SipMultipartContentId) {
        return part.clone();
    }
    licence.note(Freedom::SipMultipartContentId, true);
    // No other part has it, at whatever depth (RFC 2045 section 7).
    let chosen = licence.chance.below(usize::MAX);
    part.clone().header("Content-ID", &format!("<part-{place}-{chosen:x}@cpm.example>"))
}

fn written(licence: &mut Licence<'_>, parts: &[Part], boundary: &str) -> Bytes {
    let mut octets = Vec::new();
    if licence.takes(Freedom::SipMultipartPreamble) {
        licence.note(Freedom::SipMultipartPreamble, true);
        octets.extend_from_slice(b"This is a message with several parts.\r\n-- not one of them\r\n");
    }
    for part in parts {
        octets.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        for (name, value) in part.headers() {
            octets.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        octets.extend_from_slice(b"\r\n");
        octets.extend_from_slice(part.body());
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(format!("--{boundary}--").as_bytes());
    if licence.takes(Freedom::SipMultipartPreamble) {
        licence.note(Freedom::SipMultipartPreamble, true);
        octets.extend_from_slice(b" \r\nThis is behind all parts.");
    } else {
        octets.extend_from_slice(b"\r\n");
    }
    octets.into()
}
