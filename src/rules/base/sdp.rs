//! Base rules of session descriptions: RFC 8866 for the lines, RFC 3264 for offers and answers, RFC 4975 and RFC 4145 for
//! message sessions, RFC 5547 for files, RFC 8122 for fingerprints.

mod attributes;
mod exchange;
mod file;
mod forms;
mod negotiation;
mod read;
mod sessions;
mod shape;

use super::grammar::{is_digits, is_token};
use super::memo::Memo;
use super::sheet::{BaseRule, Sheet, habit, must, shown};
pub(super) use exchange::{Outline, Versions, check_answer};
pub(super) use negotiation::{Negotiations, Told};
pub(super) use read::Description;
use read::Medium;
pub use sessions::Promises;
pub(super) use sessions::{Session, Sessions, promises};

static LINE: BaseRule =
    must("base.sdp.line", "RFC 8866 section 5", "A line is one small letter, an equals sign and a value, in UTF-8.");
static LINE_END: BaseRule =
    habit("base.sdp.line_end", "RFC 8866 section 5", "Every line ends with CRLF, the last one too.");
static MEDIA: BaseRule = must(
    "base.sdp.media",
    "RFC 8866 section 5.14",
    "m= has a media type, a port, a transport and at least one format.",
);

/// The rules of this protocol.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    let rooms = [attributes::RULES, file::RULES, forms::RULES, exchange::RULES, negotiation::RULES];
    [&LINE, &LINE_END, &MEDIA].into_iter().chain(rooms.into_iter().flatten().copied())
}

/// Checks a description by itself; none is one that is not UTF-8. One of a shape that was right is right.
pub(super) fn check(sheet: &mut Sheet<'_>, description: Option<&Description<'_>>, memo: &mut Memo) {
    let Some(description) = description else {
        return sheet.find(&LINE, None, "UTF-8", "other octets");
    };
    let print = shape::print(description);
    if memo.knows(print) {
        return;
    }
    let before = sheet.len();
    judge(sheet, description);
    if sheet.len() == before {
        memo.learn(print);
    }
}

fn judge(sheet: &mut Sheet<'_>, description: &Description<'_>) {
    if let Some(odd) = description.odd {
        sheet.find(&LINE, Some(odd.span()), "a small letter and an equals sign", shown(odd.text));
    }
    if description.bare {
        sheet.find(&LINE_END, None, "CRLF at the end of every line", "another line end, or none at the last line");
    }
    forms::check(sheet, description);
    attributes::of_session(sheet, description.session());
    for medium in description.media() {
        self::medium(sheet, description, &medium);
    }
}

fn medium(sheet: &mut Sheet<'_>, description: &Description<'_>, medium: &Medium<'_, '_>) {
    if !is_media(medium) {
        let expected = "a media type, a port, a transport and a format";
        return sheet.find(&MEDIA, Some(medium.line.span()), expected, shown(medium.line.text));
    }
    forms::has_connection(sheet, medium.line, medium.lines, description.session());
    attributes::check(sheet, medium);
    if medium.is_msrp() && medium.is_in_use() {
        attributes::message_session(sheet, medium, description.session());
    }
}

fn is_media(medium: &Medium<'_, '_>) -> bool {
    let (port, count) = medium.port.split_once('/').map_or((medium.port, None), |(port, count)| (port, Some(count)));
    let protocol = !medium.protocol.is_empty() && medium.protocol.split('/').all(is_token);
    let formats = !medium.formats.text.is_empty() && medium.formats.text.split(' ').all(is_token);
    is_token(medium.kind)
        && is_digits(port)
        && port.parse::<u16>().is_ok()
        && count.is_none_or(is_digits)
        && protocol
        && formats
}
