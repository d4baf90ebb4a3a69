//! The attributes of a file that is sent or fetched (RFC 5547 section 6).

use super::read::{Line, Medium, Name};
use crate::rules::base::grammar::{is_digits, is_token, media_type};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static SELECTOR: BaseRule = must(
    "base.sdp.file_selector",
    "RFC 5547 section 6",
    "a=file-selector holds each of name, size, type and hash once at most, in their forms.",
);
static ATTRIBUTES: BaseRule = must(
    "base.sdp.file_attribute",
    "RFC 5547 section 6",
    "a=file-transfer-id and a=file-disposition are tokens, a=file-icon is a cid URL, a=file-range two octets counted from 1.",
);
static TRANSFER_ID: BaseRule = habit(
    "base.sdp.file_transfer_id",
    "RFC 5547 sections 6 and 8.1",
    "A medium with an a=file-selector has an a=file-transfer-id, and goes one way.",
);

pub(super) static RULES: &[&BaseRule] = &[&SELECTOR, &ATTRIBUTES, &TRANSFER_ID];

pub(super) fn check(sheet: &mut Sheet<'_>, medium: &Medium<'_, '_>) {
    let mut described = false;
    for line in medium.lines.iter().filter(|line| line.name as u8 >= Name::FileSelector as u8) {
        let said = line.said.unwrap_or_else(|| line.value.from(usize::MAX));
        described |= line.name == Name::FileSelector;
        if line.name == Name::FileSelector {
            selector(sheet, said);
        } else {
            attribute(sheet, line, said);
        }
    }
    if described && medium.is_in_use() && !medium.has(Name::FileTransferId) {
        sheet.find(&TRANSFER_ID, Some(medium.line.span()), "an a=file-transfer-id", "none");
    }
}

fn attribute(sheet: &mut Sheet<'_>, line: &Line<'_>, said: Piece<'_>) {
    let (right, expected) = match line.name {
        Name::FileTransferId | Name::FileDisposition => (is_token(said.text), "a token"),
        Name::FileIcon => (said.text.len() > 4 && said.text.get(..4) == Some("cid:"), "a cid URL"),
        Name::FileRange => (is_range(said.text), "two octets counted from 1, the last perhaps an asterisk"),
        _ => return,
    };
    if !right {
        sheet.find(&ATTRIBUTES, Some(said.span()), expected, shown(said.text));
    }
}

fn is_range(text: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| is_digits(text) && text != "0");
    let Some((start, stop)) = text.split_once('-') else { return false };
    match (number(start), number(stop)) {
        (Some(start), Some(stop)) => start <= stop,
        (Some(_), None) => stop == "*",
        _ => false,
    }
}

/// `selector *( SP selector )`; a name in quotes holds any character but a quote, which is written `%22`.
fn selector(sheet: &mut Sheet<'_>, said: Piece<'_>) {
    let mut rest = said;
    let (mut name, mut size, mut kind) = (0, 0, 0);
    while !rest.text.is_empty() {
        let end = end_of_selector(rest.text);
        let one = rest.to(end);
        let right = match one.split_once(':').map(|(key, value)| (key.text, value)) {
            Some(("name", value)) => count(&mut name) && is_quoted(value.text),
            Some(("size", value)) => count(&mut size) && is_digits(value.text),
            Some(("type", value)) => count(&mut kind) && media_type(value).is_ok(),
            Some(("hash", value)) => is_hash(value.text),
            Some((key, value)) => is_token(key) && !value.text.is_empty(),
            None => false,
        };
        if !right {
            let expected = "name, size, type or hash, a colon and its value";
            return sheet.find(&SELECTOR, Some(one.span()), expected, shown(one.text));
        }
        rest = rest.from(end + 1);
    }
}

fn count(seen: &mut u8) -> bool {
    *seen += 1;
    *seen == 1
}

/// The first space outside of quotes.
fn end_of_selector(text: &str) -> usize {
    let mut quoted = false;
    for (place, octet) in text.bytes().enumerate() {
        match octet {
            b'"' => quoted = !quoted,
            b' ' if !quoted => return place,
            _ => {}
        }
    }
    text.len()
}

fn is_quoted(text: &str) -> bool {
    text.len() >= 2
        && text.starts_with('"')
        && text.ends_with('"')
        && text.bytes().filter(|octet| *octet == b'"').count() == 2
}

/// The name of a hash, a colon, and pairs of hexadecimal digits with colons between.
fn is_hash(text: &str) -> bool {
    let pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|octet| octet.is_ascii_hexdigit());
    text.split_once(':').is_some_and(|(name, octets)| is_token(name) && octets.split(':').all(pair))
}
