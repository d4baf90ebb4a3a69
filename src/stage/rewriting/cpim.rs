//! CPIM envelopes (RFC 3862) said otherwise. Names of message headers keep their case, and content that users wrote its
//! octets.

use super::freedoms::{Freedom, Licence};
use super::{documents, mime};
use bytes::Bytes;
use cpm_wire::cpim::{Field, IMDN_NAMESPACE, Message};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The namespace of a header that nobody knows.
const UNKNOWN: &str = "urn:example:of-no-meaning";
const PREFIXES: [&str; 5] = ["imdn", "n1", "notify", "x-i", "I"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Header {
    name: String,
    params: String,
    value: String,
}

impl Header {
    fn new(name: &str, value: &str) -> Header {
        Header { name: name.to_owned(), params: String::new(), value: value.to_owned() }
    }

    /// The prefix, and the name of its own.
    fn split(&self) -> (&str, &str) {
        self.name.split_once('.').unwrap_or(("", &self.name))
    }

    /// What an `NS` header declares: prefix and namespace.
    fn declares(&self) -> Option<(&str, &str)> {
        let (prefix, uri) = self.value.strip_suffix('>').filter(|_| self.name == "NS")?.split_once('<')?;
        Some((prefix.trim(), uri))
    }
}

/// The envelope said otherwise; as it was, when it is of an unusual build.
pub fn rewrite(licence: &mut Licence<'_>, octets: &Bytes) -> Bytes {
    let Ok(message) = Message::parse(octets.clone()) else { return octets.clone() };
    let body = message.body_range();
    let two_heads = octets.get(..body.start).is_some_and(|head| head.ends_with(b"\r\n\r\n"));
    if !two_heads || body.end != octets.len() || message.content_fields().is_empty() {
        return octets.clone();
    }
    let headers = envelope(licence, message.fields().iter().map(|field| header(&message, field)).collect());
    let head: String =
        headers.iter().map(|Header { name, params, value }| format!("{name}:{params} {value}\r\n")).collect();
    let content = content(licence, &message);
    let of_content = content_headers(licence, &message, content.len());
    let mut other = format!("{head}\r\n{}\r\n", mime::headers(licence, of_content)).into_bytes();
    other.extend_from_slice(&content);
    other.into()
}

fn header(message: &Message, field: &Field) -> Header {
    let text = |range| message.text(range).to_owned();
    Header { name: text(&field.name), params: text(&field.params), value: text(&field.value) }
}

/// Disposition notifications are written by whoever sends them; all else is a user's.
fn content(licence: &mut Licence<'_>, message: &Message) -> Bytes {
    let content_type = message.content_type().unwrap_or_default();
    let encoded = message
        .content_fields()
        .iter()
        .any(|field| message.text(&field.name).to_ascii_lowercase().ends_with("encoding"));
    if encoded || !documents::is_notification(content_type, message.body()) {
        return message.body_octets();
    }
    documents::with(licence, content_type, &message.body_octets())
}

/// The MIME headers, with a Content-Length that is right, or with none.
fn content_headers(licence: &mut Licence<'_>, message: &Message, length: usize) -> Vec<mime::Header> {
    let unfolded = |value: &str| value.replace("\r\n", "");
    let read = message.content_fields().iter().map(|field| (message.text(&field.name), message.text(&field.value)));
    let (lengths, mut headers): (Vec<mime::Header>, Vec<mime::Header>) = read
        .map(|(name, value)| (name.to_owned(), unfolded(value)))
        .partition(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
    let turned = licence.takes(Freedom::MimeContentLength);
    licence.note(Freedom::MimeContentLength, turned);
    if lengths.is_empty() == turned {
        headers.push(("Content-Length".to_owned(), length.to_string()));
    }
    headers
}

fn envelope(licence: &mut Licence<'_>, mut headers: Vec<Header>) -> Vec<Header> {
    let declared: Vec<(String, String)> =
        headers.iter().filter_map(Header::declares).map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect();
    let prefixes: BTreeSet<&String> = declared.iter().map(|(prefix, _)| prefix).collect();
    // Names without prefix mean something else where a default namespace is declared, and so do prefixes after another
    // declaration of theirs.
    if prefixes.len() != declared.len() || prefixes.iter().any(|prefix| prefix.is_empty()) {
        return headers;
    }
    for header in &mut headers {
        value_form(licence, header, &declared);
    }
    prefix(licence, &mut headers, &declared);
    unknown(licence, &mut headers);
    order(licence, headers)
}

fn value_form(licence: &mut Licence<'_>, header: &mut Header, declared: &[(String, String)]) {
    let (prefix, own) = header.split();
    let of_imdn = declared.iter().any(|(known, uri)| known == prefix && uri == IMDN_NAMESPACE);
    match own {
        "From" | "To" | "cc" if prefix.is_empty() => formal_name(licence, &mut header.value),
        "DateTime" if prefix.is_empty() => date_time(licence, &mut header.value),
        "Disposition-Notification" if of_imdn => wishes(licence, &mut header.value),
        _ => {}
    }
}

/// `MR SANDERS <im:piglet@example.com>` or `"MR SANDERS"<im:piglet@example.com>`.
fn formal_name(licence: &mut Licence<'_>, value: &mut String) {
    let Some((name, uri)) = value.rsplit_once('<') else { return };
    let name = name.trim();
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    let other = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) if inner.split(' ').all(is_word) => format!("{inner} <{uri}"),
        None if !name.is_empty() && !name.contains(['"', '\\']) => format!("\"{name}\"<{uri}"),
        _ => return,
    };
    if licence.takes(Freedom::CpimFormalName) {
        licence.note(Freedom::CpimFormalName, true);
        *value = other;
    }
}

fn wishes(licence: &mut Licence<'_>, value: &mut String) {
    let mut wishes: Vec<&str> = value.split(',').map(str::trim).collect();
    let before = wishes.clone();
    licence.shuffle(Freedom::CpimWishOrder, &mut wishes);
    if wishes != before {
        let mark = if licence.chance.one_in(2) { "," } else { ", " };
        *value = wishes.join(mark);
    }
}

fn date_time(licence: &mut Licence<'_>, value: &mut String) {
    if !licence.takes(Freedom::CpimDateTime) {
        return;
    }
    if let Some(other) = same_instant(licence, value) {
        licence.note(Freedom::CpimDateTime, other != *value);
        *value = other;
    }
}

/// The same instant in another offset, perhaps with further zeros in its fraction.
fn same_instant(licence: &mut Licence<'_>, text: &str) -> Option<String> {
    const OFFSETS: [(&str, i64); 5] = [("Z", 0), ("+00:00", 0), ("+02:00", 120), ("-05:00", -300), ("+05:30", 330)];
    let (clock, rest) = text.split_at_checked(19)?;
    let fraction = rest.get(..rest.find(|c: char| c != '.' && !c.is_ascii_digit())?)?;
    let whole = Time::parse_rfc3339(&format!("{clock}{}", rest.get(fraction.len()..)?)).ok()?;
    let (offset, minutes) = *licence.chance.pick(&OFFSETS)?;
    let moved = i64::try_from(whole.as_nanos()).ok()?.checked_add(minutes * 60_000_000_000)?;
    let local = Time::from_nanos(u64::try_from(moved).ok()?).to_rfc3339();
    let zeros = match licence.chance.below(3) {
        0 if fraction.is_empty() => ".000",
        1 if !fraction.is_empty() && fraction.len() < 8 => "00",
        _ => "",
    };
    Some(format!("{}{fraction}{zeros}{offset}", local.get(..19)?))
}

/// Another prefix for each namespace. `Require` would name headers by their prefix.
fn prefix(licence: &mut Licence<'_>, headers: &mut [Header], declared: &[(String, String)]) {
    if headers.iter().any(|header| header.name == "Require") {
        return;
    }
    let mut taken: BTreeSet<String> = headers.iter().map(|header| header.split().0.to_owned()).collect();
    taken.extend(declared.iter().map(|(prefix, _)| prefix.clone()));
    for (old, uri) in declared {
        let Some(new) = licence.chance.pick(&PREFIXES).filter(|new| !taken.contains(**new)) else { continue };
        if licence.takes(Freedom::CpimPrefix) {
            licence.note(Freedom::CpimPrefix, true);
            taken.insert((*new).to_owned());
            rename(headers, old, new, uri);
        }
    }
}

fn rename(headers: &mut [Header], old: &str, new: &str, uri: &str) {
    for header in headers {
        if header.declares() == Some((old, uri)) {
            header.value = format!("{new} <{uri}>");
        } else if let Some(own) = header.name.strip_prefix(old).and_then(|rest| rest.strip_prefix('.')) {
            header.name = format!("{new}.{own}");
        }
    }
}

fn unknown(licence: &mut Licence<'_>, headers: &mut Vec<Header>) {
    let is_free =
        |header: &Header| header.split().0 != "any" && header.declares().is_none_or(|(prefix, _)| prefix != "any");
    if headers.iter().all(is_free) && licence.takes(Freedom::CpimUnknownHeader) {
        licence.note(Freedom::CpimUnknownHeader, true);
        headers.push(Header::new("NS", &format!("any <{UNKNOWN}>")));
        headers.push(Header::new("any.Word", "of no meaning"));
    }
}

/// Another order, in which those of one name keep theirs and a prefix is declared before it is used.
fn order(licence: &mut Licence<'_>, headers: Vec<Header>) -> Vec<Header> {
    if !licence.takes(Freedom::CpimHeaderOrder) {
        return headers;
    }
    let before = headers.clone();
    let (declarations, others): (Vec<Header>, Vec<Header>) =
        headers.into_iter().partition(|header| header.declares().is_some());
    let mut names: Vec<String> = others.iter().map(|header| header.name.clone()).collect();
    licence.chance.shuffle(&mut names);
    let mut by_name: BTreeMap<String, VecDeque<Header>> = BTreeMap::new();
    for header in others {
        by_name.entry(header.name.clone()).or_default().push_back(header);
    }
    let mut ordered: Vec<Header> =
        names.iter().filter_map(|name| by_name.get_mut(name).and_then(VecDeque::pop_front)).collect();
    for declaration in declarations {
        let Some((prefix, _)) = declaration.declares() else { continue };
        let used = ordered.iter().position(|header| header.split().0 == prefix).unwrap_or(ordered.len());
        let place = licence.chance.below(used + 1);
        ordered.insert(place, declaration);
    }
    licence.note(Freedom::CpimHeaderOrder, ordered != before);
    ordered
}
