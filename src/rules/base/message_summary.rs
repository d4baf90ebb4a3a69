//! Base rules of message summaries: the body of RFC 3842 section 5.2.

use super::grammar::{is_digits, is_token, uri};
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, must, shown};

static STATUS: BaseRule = must(
    "base.message_summary.status",
    "RFC 3842 section 5.2",
    "The first line is Messages-Waiting with yes or no, and none other is.",
);
static LINES: BaseRule = must(
    "base.message_summary.line",
    "RFC 3842 section 5.2",
    "The other lines are a Message-Account with a URI, counts of a class as new/old, with urgent ones in parentheses, and headers after an empty line.",
);

pub(super) static RULES: &[&BaseRule] = &[&STATUS, &LINES];

/// The classes of messages (RFC 3458 section 4).
const CLASSES: [&str; 6] =
    ["voice-message", "fax-message", "pager-message", "multimedia-message", "text-message", "none"];

/// Checks a summary.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    let text = std::str::from_utf8(octets).unwrap_or_default();
    let mut lines = Piece::new(text, 0).split('\n').map(Piece::trim);
    let first = lines.next().unwrap_or(Piece::new("", 0));
    let waiting = named(first).filter(|(name, _)| name.eq_ignore_ascii_case("Messages-Waiting"));
    if !waiting.is_some_and(|(_, value)| ["yes", "no"].iter().any(|word| word.eq_ignore_ascii_case(value.text))) {
        return sheet.find(&STATUS, Some(first.span()), "Messages-Waiting: yes or no", shown(first.text));
    }
    // After an empty line stand headers of the messages themselves, whatever they are.
    for line in lines.take_while(|line| !line.text.is_empty()) {
        match named(line) {
            Some((name, _)) if name.eq_ignore_ascii_case("Messages-Waiting") => {
                sheet.find(&STATUS, Some(line.span()), "one Messages-Waiting", "another");
            }
            Some((name, value)) if is_line(name, value) => {}
            _ => sheet.find(&LINES, Some(line.span()), "an account, or counts of a class", shown(line.text)),
        }
    }
}

fn named(line: Piece<'_>) -> Option<(&str, Piece<'_>)> {
    line.split_once(':').map(|(name, value)| (name.trim().text, value.trim()))
}

fn is_line(name: &str, value: Piece<'_>) -> bool {
    if name.eq_ignore_ascii_case("Message-Account") {
        return uri(value).is_ok();
    }
    match CLASSES.iter().any(|class| class.eq_ignore_ascii_case(name)) {
        true => is_counts(value.text),
        false => is_token(name),
    }
}

/// `new "/" old [ "(" new "/" old ")" ]`
fn is_counts(text: &str) -> bool {
    let pair =
        |text: &str| text.split_once('/').is_some_and(|(new, old)| is_digits(new.trim()) && is_digits(old.trim()));
    match text.split_once('(') {
        Some((all, urgent)) => pair(all) && urgent.trim_end().strip_suffix(')').is_some_and(pair),
        None => pair(text),
    }
}
