//! Rules about one MSRP message by itself (RFC 4975 sections 7.1 and 9).

use cpm_wire::msrp::{Flag, Kind, Message, Method};

use super::fields::Fields;
use super::uri;
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::grammar::{Fault, is_digits, media_type};
use crate::rules::base::memo::Memo;
use crate::rules::base::mime::essence;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static TRANSACTION: BaseRule = must(
    "base.msrp.transaction",
    "RFC 4975 section 9",
    "A transaction id has four characters at least, and the first of them is a letter or digit.",
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
    "SEND and REPORT have a Message-ID, that of a SEND of 4 to 32 characters; a report repeats it as it is.",
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

static RANGE_MISSING: BaseRule = habit(
    "base.msrp.byte_range_missing",
    "RFC 4975 section 7.1.1",
    "A SEND with a body says in Byte-Range which octets it carries.",
);
static METHOD: BaseRule =
    habit("base.msrp.method", "RFC 4975 section 9, RFC 4976, RFC 7701", "A request is SEND, REPORT, AUTH or NICKNAME.");
static STATUS_KNOWN: BaseRule = habit(
    "base.msrp.status_known",
    "RFC 4975 section 10, RFC 4976, RFC 7701",
    "The status of a response or a report is one that is registered.",
);
static USE_PATH: BaseRule = must(
    "base.msrp.use_path",
    "RFC 4976 sections 4.2 and 9",
    "Use-Path, of MSRP URIs, and Expires, a number, stand in what has to do with AUTH.",
);

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
    &RANGE_MISSING,
    &METHOD,
    &STATUS_KNOWN,
    &USE_PATH,
];

/// Codes of the registry of MSRP, those of relays and of nicknames with them.
const STATUSES: [u16; 17] = [200, 400, 401, 403, 404, 408, 413, 415, 423, 424, 425, 426, 428, 480, 481, 501, 506];

/// Sets prints of paths apart from those of other things.
const MARK: u64 = 0x7061_7468_7061_7468;

/// Checks a message by itself. Paths that were right before are right again.
pub(super) fn check(sheet: &mut Sheet<'_>, message: &Message, fields: &Fields<'_>, memo: &mut Memo) {
    let asks = matches!(message.kind, Kind::Request { .. });
    // A longer one, or one with other characters, makes no start line: base.msrp.framing says so. Who answers repeats it.
    if asks && !is_ident(&message.transaction) {
        let span = Some((5, 5 + message.transaction.len()));
        sheet.find(&TRANSACTION, span, "an id of four characters at least", shown(&message.transaction));
    }
    paths(sheet, fields, memo);
    headers(sheet, fields);
    if matches!(&message.kind, Kind::Request { method: Method::Send | Method::Report }) && fields.message_id.is_none() {
        sheet.find(&MESSAGE_ID, None, "a Message-ID", "none");
    }
    match &message.kind {
        Kind::Request { method: Method::Send } => send(sheet, message, fields),
        Kind::Request { method: Method::Report } => report(sheet, message, fields),
        Kind::Request { method: Method::Other(name) } => {
            if !matches!(name.as_str(), "AUTH" | "NICKNAME") {
                let at = 6 + message.transaction.len();
                sheet.find(&METHOD, Some((at, at + name.len())), "SEND, REPORT, AUTH or NICKNAME", shown(name));
            }
        }
        Kind::Response { status, .. } => {
            if message.flag != Flag::Complete || message.body_range().is_some() {
                sheet.find(&RESPONSE_FLAG, None, "no body, and a $ at the end", "another end, or a body");
            }
            known(sheet, *status, Some((6 + message.transaction.len(), 9 + message.transaction.len())));
        }
    }
}

fn known(sheet: &mut Sheet<'_>, status: u16, span: Option<(usize, usize)>) {
    if !STATUSES.contains(&status) {
        sheet.find(&STATUS_KNOWN, span, "a status that is registered", status.to_string());
    }
}

/// `ident = ALPHANUM 3*31ident-char`
fn is_ident(text: &str) -> bool {
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b".-+%=".contains(&octet);
    (4..=32).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn paths(sheet: &mut Sheet<'_>, fields: &Fields<'_>, memo: &mut Memo) {
    let both = [("To-Path", fields.to_path), ("From-Path", fields.from_path)];
    for (place, (name, value)) in both.into_iter().enumerate() {
        let found = fields.first.get(place).copied().flatten();
        let Some(value) = value.filter(|_| found.is_some_and(|found| found.text.eq_ignore_ascii_case(name))) else {
            let expected = format!("{name} as header {}", place + 1);
            let observed = found.map_or_else(|| "none".to_owned(), |found| shown(found.text));
            return sheet.find(&PATHS, found.map(Piece::span), expected, observed);
        };
        let print = mix(digest(value.text.as_bytes()), MARK);
        if !memo.knows(print) && uris(sheet, &PATHS, name, value) {
            memo.learn(print);
        }
    }
}

/// True when the value is made of MSRP URIs.
fn uris(sheet: &mut Sheet<'_>, rule: &'static BaseRule, name: &str, value: Piece<'_>) -> bool {
    let uris = value.split(' ').filter(|uri| !uri.text.is_empty());
    let mut right = true;
    for Fault { span, why } in uris.filter_map(|uri| uri::recognise(uri).err()) {
        right = false;
        let observed = format!("{why} in {}", shown(value.text));
        sheet.find(rule, Some(span), format!("MSRP URIs in {name}"), observed);
    }
    right
}

fn headers(sheet: &mut Sheet<'_>, fields: &Fields<'_>) {
    if let Some((name, between)) = fields.unspaced {
        let observed = format!("{} between {} and its value", shown(between), name.text);
        sheet.find(&HEADER, Some(name.span()), "a colon and one space after the name", observed);
    }
    if let Some((name, second)) = fields.twice {
        let observed = format!("a second, {}", shown(second.text));
        sheet.find(&HEADER, Some(second.span()), format!("one {}", name.text), observed);
    }
    reports(sheet, "Success-Report", fields.success_report, &["yes", "no"]);
    reports(sheet, "Failure-Report", fields.failure_report, &["yes", "no", "partial"]);
    if let Some(path) = fields.use_path {
        uris(sheet, &USE_PATH, "Use-Path", path);
    }
    if let Some(expires) = fields.expires.filter(|expires| !is_digits(expires.text)) {
        sheet.find(&USE_PATH, Some(expires.span()), "a number in Expires", shown(expires.text));
    }
}

fn reports(sheet: &mut Sheet<'_>, name: &str, value: Option<Piece<'_>>, allowed: &[&str]) {
    let right = |value: &Piece<'_>| allowed.iter().any(|word| word.eq_ignore_ascii_case(value.text));
    if let Some(value) = value.filter(|value| !right(value)) {
        sheet.find(&REPORTS, Some(value.span()), format!("{} in {name}", allowed.join(" or ")), shown(value.text));
    }
}

fn send(sheet: &mut Sheet<'_>, message: &Message, fields: &Fields<'_>) {
    if let Some(value) = fields.message_id.filter(|value| !is_ident(value.text)) {
        sheet.find(&MESSAGE_ID, Some(value.span()), "4 to 32 characters", shown(value.text));
    }
    let octets = message.body_range().map_or(0, |range| range.len() as u64);
    match fields.byte_range.map(|value| (value, ByteRange::read(value.text))) {
        Some((value, None)) => {
            let expected = "start-end/total, of numbers, the last two perhaps an asterisk";
            sheet.find(&BYTE_RANGE, Some(value.span()), expected, shown(value.text));
        }
        Some((value, Some(range))) => fits(sheet, value, range, octets, message.flag),
        None if octets > 0 => sheet.find(&RANGE_MISSING, None, "a Byte-Range", "none"),
        None => {}
    }
    let Some(value) = fields.content_type else {
        if octets > 0 {
            sheet.find(&CONTENT_TYPE, None, "a Content-Type", format!("none, and a body of {octets} octets"));
        }
        return;
    };
    // Parameters are read where there are some.
    if (essence(value.text).is_none() || value.text.contains(';'))
        && let Err(Fault { span, why }) = media_type(value)
    {
        sheet.find(&CONTENT_TYPE, Some(span), "a media type", format!("{why} in {}", shown(value.text)));
    }
    if octets > 0 && fields.last_at > value.at {
        sheet.find(&CONTENT_TYPE_LAST, Some(value.span()), "Content-Type as the last header", "others after it");
    }
}

/// A Byte-Range, none standing for an asterisk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByteRange {
    pub start: u64,
    pub end: Option<u64>,
    pub total: Option<u64>,
}

impl ByteRange {
    /// `start "-" end "/" total`, in digits, the last two perhaps an asterisk.
    pub fn read(text: &str) -> Option<ByteRange> {
        let number = |text: &str| is_digits(text).then(|| text.parse().ok()).flatten();
        let open = |text: &str| if text == "*" { Some(None) } else { number(text).map(Some) };
        let (range, total) = text.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        Some(ByteRange { start: number(start)?, end: open(end)?, total: open(total)? })
    }
}

/// Whether a range is right for a chunk of so many octets.
fn fits(sheet: &mut Sheet<'_>, value: Piece<'_>, range: ByteRange, octets: u64, flag: Flag) {
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

fn report(sheet: &mut Sheet<'_>, message: &Message, fields: &Fields<'_>) {
    match fields.status.map(|value| (value, status_of(value.text))) {
        None => sheet.find(&STATUS, None, "a Status header", "the REPORT has none"),
        Some((value, None)) => {
            sheet.find(&STATUS, Some(value.span()), "a namespace and a status, three digits each", shown(value.text));
        }
        Some((value, Some((0, status)))) => known(sheet, status, Some(value.span())),
        Some(_) => {}
    }
    if fields.byte_range.is_none_or(|value| ByteRange::read(value.text).is_none()) {
        sheet.find(&REPORT_RANGE, None, "a Byte-Range", "none that reads");
    } else if message.body_range().is_some_and(|body| !body.is_empty()) {
        sheet.find(&REPORT_RANGE, None, "no body in a REPORT", "one");
    }
}

/// Namespace and status, three digits each.
pub(super) fn status_of(text: &str) -> Option<(u16, u16)> {
    let three = |word: Option<&str>| word.filter(|word| word.len() == 3 && is_digits(word))?.parse().ok();
    let mut words = text.splitn(3, ' ');
    Some((three(words.next())?, three(words.next())?))
}
