//! Rules about one MSRP message by itself (RFC 4975 sections 7.1 and 9).

use cpm_wire::msrp::{Flag, Kind, Message, Method};

use super::uri;
use crate::rules::base::grammar::{Fault, is_digits, media_type};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static TRANSACTION: BaseRule = must(
    "base.msrp.transaction",
    "RFC 4975 section 9",
    "A transaction id has 4 to 32 characters, letters, digits and .-+%=, the first a letter or digit.",
);
static PATHS: BaseRule = must(
    "base.msrp.paths",
    "RFC 4975 sections 7.1 and 9",
    "To-Path and From-Path, of MSRP URIs, are the first two headers, in this order.",
);
static HEADER: BaseRule = must(
    "base.msrp.header",
    "RFC 4975 section 9",
    "A header is a name, a colon, one space and a value; those of MSRP stand once.",
);
static MESSAGE_ID: BaseRule = must(
    "base.msrp.message_id",
    "RFC 4975 sections 7.1 and 7.1.2",
    "SEND and REPORT have a Message-ID of 4 to 32 characters.",
);
static REPORTS: BaseRule = must(
    "base.msrp.report_requests",
    "RFC 4975 section 9",
    "Success-Report is yes or no, Failure-Report is yes, no or partial.",
);
static BYTE_RANGE: BaseRule = must(
    "base.msrp.byte_range",
    "RFC 4975 sections 7.1.1 and 9",
    "Byte-Range is start-end/total, counted from 1, and fits the octets of the chunk and the total.",
);
static LAST_CHUNK: BaseRule = must(
    "base.msrp.last_chunk",
    "RFC 4975 section 7.1.1",
    "A chunk that ends with $ reaches the total, one that ends with + does not.",
);
static CONTENT_TYPE: BaseRule =
    must("base.msrp.content_type", "RFC 4975 section 9", "A SEND with a body has a Content-Type, a media type.");
static CONTENT_TYPE_LAST: BaseRule =
    habit("base.msrp.content_type_last", "RFC 4975 section 9", "Content-Type is the last header before a body.");
static STATUS: BaseRule = must(
    "base.msrp.status",
    "RFC 4975 sections 7.1.2 and 9",
    "A REPORT has a Status: three digits of a namespace, a status of three digits, perhaps a comment.",
);
static REPORT_RANGE: BaseRule = habit(
    "base.msrp.report_range",
    "RFC 4975 section 7.1.2",
    "A REPORT says in Byte-Range which octets it is about, and has no body.",
);
static RESPONSE_FLAG: BaseRule =
    habit("base.msrp.response_flag", "RFC 4975 section 7.2", "A response has no body and ends with $.");

pub(super) static RULES: &[&BaseRule] = &[
    &TRANSACTION,
    &PATHS,
    &HEADER,
    &MESSAGE_ID,
    &REPORTS,
    &BYTE_RANGE,
    &LAST_CHUNK,
    &CONTENT_TYPE,
    &CONTENT_TYPE_LAST,
    &STATUS,
    &REPORT_RANGE,
    &RESPONSE_FLAG,
];

const ONCE: [&str; 8] =
    ["To-Path", "From-Path", "Message-ID", "Byte-Range", "Success-Report", "Failure-Report", "Status", "Content-Type"];

pub(super) fn check(sheet: &mut Sheet<'_>, message: &Message) {
    transaction(sheet, message);
    paths(sheet, message);
    headers(sheet, message);
    match &message.kind {
        Kind::Request { method: Method::Send } => send(sheet, message),
        Kind::Request { method: Method::Report } => report(sheet, message),
        Kind::Request { method: Method::Other(_) } => {}
        Kind::Response { .. } if message.flag != Flag::Complete || message.body_range().is_some() => {
            sheet.find(&RESPONSE_FLAG, None, "no body, and a $ at the end", "another end, or a body");
        }
        Kind::Response { .. } => {}
    }
}

/// The first field of that name. Names have no case.
pub(super) fn field<'m>(message: &'m Message, name: &str) -> Option<Piece<'m>> {
    pieces(message).find(|(found, _)| found.text.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn pieces(message: &Message) -> impl Iterator<Item = (Piece<'_>, Piece<'_>)> {
    let piece = |range: &std::ops::Range<usize>| Piece::new(message.text(range), range.start);
    message.fields().iter().map(move |field| (piece(&field.name), piece(&field.value)))
}

/// `ident = ALPHANUM 3*31ident-char`
fn is_ident(text: &str) -> bool {
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b".-+%=".contains(&octet);
    (4..=32).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn transaction(sheet: &mut Sheet<'_>, message: &Message) {
    if !is_ident(&message.transaction) {
        let span = Some((5, 5 + message.transaction.len()));
        sheet.find(&TRANSACTION, span, "an id of 4 to 32 characters", shown(&message.transaction));
    }
}

fn paths(sheet: &mut Sheet<'_>, message: &Message) {
    for (place, name) in ["To-Path", "From-Path"].into_iter().enumerate() {
        let Some((found, value)) = pieces(message).nth(place) else {
            sheet.find(&PATHS, None, format!("a {name} header"), "none");
            return;
        };
        if !found.text.eq_ignore_ascii_case(name) {
            let expected = format!("{name} as header {}", place + 1);
            sheet.find(&PATHS, Some(found.span()), expected, shown(found.text));
            return;
        }
        let uris = value.split(' ').filter(|uri| !uri.text.is_empty());
        for Fault { span, why } in uris.filter_map(|uri| uri::recognise(uri).err()) {
            let observed = format!("{why} in {}", shown(value.text));
            sheet.find(&PATHS, Some(span), format!("MSRP URIs in {name}"), observed);
        }
    }
}

fn headers(sheet: &mut Sheet<'_>, message: &Message) {
    for (name, value) in pieces(message) {
        let between = message.text(&(name.at + name.text.len()..value.at));
        if !value.text.is_empty() && between != ": " {
            let observed = format!("{} between {} and its value", shown(between), name.text);
            sheet.find(&HEADER, Some(name.span()), "a colon and one space after the name", observed);
        }
    }
    for name in ONCE {
        let second = pieces(message).filter(|(found, _)| found.text.eq_ignore_ascii_case(name)).nth(1);
        if let Some((_, second)) = second {
            sheet.find(
                &HEADER,
                Some(second.span()),
                format!("one {name}"),
                format!("a second, {}", shown(second.text)),
            );
        }
    }
    let one_of = |value: &str, allowed: &[&str]| allowed.iter().any(|word| word.eq_ignore_ascii_case(value));
    let reports: [(&str, &[&str]); 2] =
        [("Success-Report", &["yes", "no"]), ("Failure-Report", &["yes", "no", "partial"])];
    for (name, allowed) in reports {
        if let Some(value) = field(message, name).filter(|value| !one_of(value.text, allowed)) {
            sheet.find(&REPORTS, Some(value.span()), format!("{} in {name}", allowed.join(" or ")), shown(value.text));
        }
    }
}

fn message_id(sheet: &mut Sheet<'_>, message: &Message) {
    match field(message, "Message-ID") {
        None => sheet.find(&MESSAGE_ID, None, "a Message-ID", "none"),
        Some(value) if !is_ident(value.text) => {
            sheet.find(&MESSAGE_ID, Some(value.span()), "4 to 32 characters", shown(value.text));
        }
        Some(_) => {}
    }
}

fn send(sheet: &mut Sheet<'_>, message: &Message) {
    message_id(sheet, message);
    let octets = message.body_range().map_or(0, |range| range.len() as u64);
    if let Some(value) = field(message, "Byte-Range") {
        match Range::read(value.text) {
            None => {
                let expected = "start-end/total, of numbers, the last two perhaps an asterisk";
                sheet.find(&BYTE_RANGE, Some(value.span()), expected, shown(value.text));
            }
            Some(range) => fits(sheet, value, range, octets, message.flag),
        }
    }
    match field(message, "Content-Type") {
        None if octets > 0 => {
            sheet.find(&CONTENT_TYPE, None, "a Content-Type", format!("none, and a body of {octets} octets"));
        }
        Some(value) => {
            if let Err(Fault { span, why }) = media_type(value) {
                sheet.find(&CONTENT_TYPE, Some(span), "a media type", format!("{why} in {}", shown(value.text)));
            }
            let last = pieces(message).last().map(|(_, last)| last.at);
            if octets > 0 && last.is_some_and(|last| last > value.at) {
                sheet.find(
                    &CONTENT_TYPE_LAST,
                    Some(value.span()),
                    "Content-Type as the last header",
                    "others after it",
                );
            }
        }
        None => {}
    }
}

/// A Byte-Range, none standing for an asterisk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub start: u64,
    pub end: Option<u64>,
    pub total: Option<u64>,
}

impl Range {
    /// `start "-" end "/" total`, in digits, the last two perhaps an asterisk.
    pub fn read(text: &str) -> Option<Range> {
        let number = |text: &str| is_digits(text).then(|| text.parse().ok()).flatten();
        let open = |text: &str| if text == "*" { Some(None) } else { number(text).map(Some) };
        let (range, total) = text.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        Some(Range { start: number(start)?, end: open(end)?, total: open(total)? })
    }
}

/// Whether a range is right for a chunk of so many octets.
fn fits(sheet: &mut Sheet<'_>, value: Piece<'_>, range: Range, octets: u64, flag: Flag) {
    // An opening SEND without a body is seen as 1-0/0, and counts from 1 to nothing.
    let empty = octets == 0 && range.start <= 1 && range.end.unwrap_or(0) == 0 && range.total.unwrap_or(0) == 0;
    if empty {
        return;
    }
    let Some(last) = range.start.checked_add(octets).and_then(|after| after.checked_sub(1)).filter(|_| range.start > 0)
    else {
        sheet.find(&BYTE_RANGE, Some(value.span()), "octets counted from 1", shown(value.text));
        return;
    };
    // A chunk that was interrupted may end before the end that was announced (section 7.1.1), a finished one may not.
    let short = range.end.is_some_and(|end| last < end) && flag != Flag::Complete;
    if range.end.is_some_and(|end| end != last) && !short || range.total.is_some_and(|total| last > total) {
        let observed = format!("{}, and a body of {octets} octets", value.text);
        sheet.find(&BYTE_RANGE, Some(value.span()), format!("a range from {} to {last}", range.start), observed);
        return;
    }
    let reached = range.total.is_none_or(|total| last == total);
    if flag == Flag::Complete && !reached || flag == Flag::More && range.total == Some(last) {
        let expected = if reached { "a $ at the end of the last chunk" } else { "a + at the end, for more is to come" };
        sheet.find(&LAST_CHUNK, Some(value.span()), expected, format!("{} and a {}", value.text, flag.octet() as char));
    }
}

fn report(sheet: &mut Sheet<'_>, message: &Message) {
    message_id(sheet, message);
    match field(message, "Status") {
        None => sheet.find(&STATUS, None, "a Status header", "the REPORT has none"),
        Some(value) if !is_status(value.text) => {
            sheet.find(&STATUS, Some(value.span()), "a namespace and a status, three digits each", shown(value.text));
        }
        Some(_) => {}
    }
    if field(message, "Byte-Range").is_none_or(|value| Range::read(value.text).is_none()) {
        sheet.find(&REPORT_RANGE, None, "a Byte-Range", "none that reads");
    } else if message.body_range().is_some_and(|body| !body.is_empty()) {
        sheet.find(&REPORT_RANGE, None, "no body in a REPORT", "one");
    }
}

fn is_status(text: &str) -> bool {
    let three = |word: Option<&str>| word.is_some_and(|word| word.len() == 3 && is_digits(word));
    let mut words = text.splitn(3, ' ');
    three(words.next()) && three(words.next())
}
