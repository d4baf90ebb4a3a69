//! Base rules of CPIM (RFC 3862) and of the headers that ask for disposition notifications (RFC 5438 section 6).

mod head;
mod outline;

use super::bodies::{Contents, Kind, Memory};
use super::digest::{digest, mix};
use super::grammar::media_type;
use super::memo::Memo;
use super::mime;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, habit, must, shown};

static STRUCTURE: BaseRule = must(
    "base.cpim.structure",
    "RFC 3862 section 2",
    "Message headers, a blank line, MIME headers, a blank line, and the content; lines end with CRLF.",
);
static CONTENT_TYPE: BaseRule = must(
    "base.cpim.content_type",
    "RFC 3862 section 2, RFC 2045 section 5.1",
    "The Content-Type of the content is a media type.",
);
static DISPOSITION: BaseRule = habit(
    "base.imdn.content_disposition",
    "RFC 5438 section 7.2.1",
    "A disposition notification has Content-Disposition: notification.",
);

/// Sets prints of types apart from those of other things.
const MARK: u64 = 0x636f_6e74_656e_7474;

/// The rules of envelopes.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    [&STRUCTURE, &CONTENT_TYPE, &DISPOSITION].into_iter().chain(head::RULES.iter().copied())
}

/// What the MIME headers of the content say.
#[derive(Default)]
struct Mime<'a> {
    content_type: Option<Piece<'a>>,
    disposition: Option<Piece<'a>>,
    encoded: bool,
}

/// Checks a CPIM message and what it carries.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8], memory: &mut Memory) {
    let Some((text, content_at)) = split(octets) else {
        let span = Some((0, octets.len()));
        return sheet.find(&STRUCTURE, span, "a blank line with CRLF after the message headers", "none");
    };
    let said = head::read(sheet, text, &mut memory.memo);
    let content = octets.get(content_at..).unwrap_or_default();
    let inside = &mut sheet.inside(Some(content_at));
    let Some((mime, body_at)) = mime(content) else {
        let span = Some((0, content.len()));
        return inside.find(&STRUCTURE, span, "a blank line with CRLF after the MIME headers", "none");
    };
    let notification = content_type(inside, &mime, &mut memory.memo);
    if notification {
        disposition(inside, &mime);
    }
    said.wishes(sheet, notification, memory);
    if let Some(kind) = mime.content_type.filter(|_| !mime.encoded) {
        let contents = Contents::read(kind.text, content.get(body_at..).unwrap_or_default());
        let sheet = &mut sheet.inside(Some(content_at + body_at));
        // Where the whole is marked, the parts are.
        if !mime.disposition.is_some_and(|value| is_notification(value.text)) {
            gathered(sheet, &contents);
        }
        contents.check(sheet, memory);
    }
}

/// The type of what an envelope carries, if it says one and is not encoded.
pub(super) fn carried(octets: &[u8]) -> Option<Piece<'_>> {
    let (_, content_at) = split(octets)?;
    let (mime, _) = mime(octets.get(content_at..)?)?;
    let value = mime.content_type.filter(|_| !mime.encoded)?;
    Some(Piece::new(value.text, content_at + value.at))
}

/// The message headers, and where the MIME headers begin.
fn split(octets: &[u8]) -> Option<(&str, usize)> {
    let end = mime::blank_line(octets)?;
    let head = std::str::from_utf8(octets.get(..end)?).ok()?;
    Some((head, end + 4))
}

/// What rules ask of the MIME headers, and where the content begins.
fn mime(content: &[u8]) -> Option<(Mime<'_>, usize)> {
    let (headers, body) = mime::headers(content)?;
    let mut mime = Mime::default();
    for header in headers {
        let is = |name: &str| header.name.text.eq_ignore_ascii_case(name);
        if is("Content-Type") {
            mime.content_type = mime.content_type.or(Some(header.value));
        } else if is("Content-Disposition") {
            mime.disposition = mime.disposition.or(Some(header.value));
        } else if is("Content-Encoding") {
            mime.encoded = true;
        } else if is("Content-Transfer-Encoding") {
            let plain = ["7bit", "8bit", "binary"];
            mime.encoded |= !plain.iter().any(|plain| plain.eq_ignore_ascii_case(header.value.text));
        }
    }
    Some((mime, body))
}

/// Whether the content is a disposition notification. Without a type it is text (RFC 2045 section 5.2).
fn content_type(sheet: &mut Sheet<'_>, mime: &Mime<'_>, memo: &mut Memo) -> bool {
    let Some(value) = mime.content_type else { return false };
    let essence = mime::essence(value.text);
    // Parameters are read where there are some, and were not right before.
    let print = mix(digest(value.text.as_bytes()), MARK);
    let read = (essence.is_none() || value.text.contains(';')) && !memo.knows(print);
    if let Some(fault) = read.then(|| media_type(value).err()).flatten() {
        let observed = format!("{} in {}", fault.why, shown(value.text));
        sheet.find(&CONTENT_TYPE, Some(fault.span), "a media type", observed);
        return false;
    }
    if read {
        memo.learn(print);
    }
    essence.is_some_and(|(kind, sub)| kind.eq_ignore_ascii_case("message") && sub.eq_ignore_ascii_case("imdn+xml"))
}

fn disposition(sheet: &mut Sheet<'_>, mime: &Mime<'_>) {
    if !mime.disposition.is_some_and(|value| is_notification(value.text)) {
        let observed = mime.disposition.map_or_else(|| "none".to_owned(), |value| shown(value.text));
        let span = mime.disposition.map(Piece::span);
        sheet.find(&DISPOSITION, span, "Content-Disposition: notification", observed);
    }
}

/// Notifications that are sent together stand in parts, each with headers of its own (RFC 5438 section 8.3).
fn gathered(sheet: &mut Sheet<'_>, contents: &Contents<'_>) {
    for part in contents.parts(Kind::Imdn).filter(|part| !is_notification(part.disposition)) {
        let span = Some((part.at, part.at + part.octets.len()));
        let observed = if part.disposition.is_empty() { "none".to_owned() } else { shown(part.disposition) };
        sheet.find(&DISPOSITION, span, "Content-Disposition: notification for this part", observed);
    }
}

fn is_notification(disposition: &str) -> bool {
    disposition.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("notification")
}
