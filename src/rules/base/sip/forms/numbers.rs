//! Headers that are numbers, dates and versions (RFC 3261 section 25.1, RFC 3262 section 7, RFC 4028 section 9).

use super::{Form, lists, value_of, with_parameters};
use crate::rules::base::grammar::{Fault, fault, is_digits, is_sip_date, is_token};
use crate::rules::base::piece::{Piece, is_white};
use crate::rules::base::sheet::{BaseRule, must};

static LENGTH: BaseRule = must(
    "base.sip.content_length",
    "RFC 3261 sections 18.3 and 20.14",
    "Every message on a stream has a Content-Length, and wherever it stands it is a number.",
);
static SEQUENCE: BaseRule = must(
    "base.sip.cseq",
    "RFC 3261 section 8.1.1.5",
    "CSeq is a number below 2**31 and a method, in a request its own method.",
);
static DAY: BaseRule = must("base.sip.date", "RFC 3261 section 20.17", "Date is a day of RFC 1123, in GMT.");
static LIFETIME: BaseRule =
    must("base.sip.expires", "RFC 3261 section 20.19", "Expires, Min-Expires and Retry-After are numbers of seconds.");
static HOPS: BaseRule =
    must("base.sip.max_forwards", "RFC 3261 section 20.22", "Max-Forwards is a number from 0 to 255.");
static VERSION: BaseRule = must(
    "base.sip.mime_version",
    "RFC 3261 sections 20.24 and 25.1",
    "MIME-Version is two numbers with a dot between.",
);
static COUNT: BaseRule = must(
    "base.sip.number",
    "RFC 5626 section 10, RFC 5393 section 5.3.3.1",
    "Flow-Timer and Max-Breadth are plain numbers.",
);
static RELIABLE: BaseRule = must(
    "base.sip.reliable_number",
    "RFC 3262 sections 7.1 and 7.2",
    "RSeq is a number from 1 to 2**32 - 1; RAck is such a number, a CSeq number and a method.",
);
static SESSION_TIME: BaseRule = must(
    "base.sip.session_seconds",
    "RFC 4028 sections 4, 5 and 9",
    "Session-Expires and Min-SE are seconds, at least 90, with parameters; the refresher is uac or uas.",
);
static STAMP: BaseRule = must(
    "base.sip.timestamp",
    "RFC 3261 sections 20.38 and 25.1",
    "Timestamp is a number that may have a fraction, and a delay like it may follow.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&LENGTH, &SEQUENCE, &DAY, &LIFETIME, &HOPS, &VERSION, &COUNT, &RELIABLE, &SESSION_TIME, &STAMP];

pub(in super::super) static CONTENT_LENGTH: Form = Form::new(&LENGTH, "a number of octets", length);
pub(in super::super) static CSEQ: Form = Form::new(&SEQUENCE, "a number below 2**31 and a method", cseq);
pub(in super::super) static DATE: Form = Form::new(&DAY, "a day and time in GMT", date);
pub(in super::super) static EXPIRES: Form = Form::new(&LIFETIME, "seconds", seconds);
pub(in super::super) static RETRY_AFTER: Form = Form::new(&LIFETIME, "seconds", retry_after);
pub(in super::super) static MAX_FORWARDS: Form = Form::new(&HOPS, "a number from 0 to 255", hops);
pub(in super::super) static MIME_VERSION: Form = Form::new(&VERSION, "a version", version);
pub(in super::super) static NUMBER: Form = Form::new(&COUNT, "a number", seconds);
pub(in super::super) static RSEQ: Form = Form::new(&RELIABLE, "a number from 1 on", rseq);
pub(in super::super) static RACK: Form = Form::new(&RELIABLE, "two numbers and a method", rack);
pub(in super::super) static SESSION_SECONDS: Form = Form::new(&SESSION_TIME, "seconds", session_seconds);
pub(in super::super) static TIMESTAMP: Form = Form::new(&STAMP, "a number and a delay", timestamp);

fn length(piece: Piece<'_>) -> Result<(), Fault> {
    let right = is_digits(piece.text) && piece.text.trim_start_matches('0').len() <= 10;
    if right { Ok(()) } else { fault(piece, "this is no number of octets") }
}

fn cseq(piece: Piece<'_>) -> Result<(), Fault> {
    let mut words = piece.text.split(is_white).filter(|word| !word.is_empty());
    let (number, method, more) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next());
    let counted = is_digits(number) && number.parse::<u32>().is_ok_and(|number| number < 1 << 31);
    if counted && is_token(method) && more.is_none() {
        return Ok(());
    }
    fault(piece, "these are not a number below 2**31 and a method")
}

fn date(piece: Piece<'_>) -> Result<(), Fault> {
    if is_sip_date(piece.text) { Ok(()) } else { fault(piece, "this is no day and time in GMT") }
}

/// Digits that make a number below 2**32; zeros may stand before it.
fn is_number(text: &str) -> bool {
    is_digits(text) && text.parse::<u32>().is_ok()
}

fn seconds(piece: Piece<'_>) -> Result<(), Fault> {
    if is_number(piece.text) { Ok(()) } else { fault(piece, "this is no number below 2**32") }
}

/// `delta-seconds [ comment ] *( SEMI retry-param )`
fn retry_after(piece: Piece<'_>) -> Result<(), Fault> {
    let end = piece.text.find(|c| c == ';' || c == '(' || is_white(c)).unwrap_or(piece.text.len());
    if !is_number(piece.to(end).text) {
        return fault(piece, "this is no number below 2**32");
    }
    let rest = piece.from(end).trim();
    let rest = match lists::comment(rest.text) {
        Some(end) => rest.from(end).trim(),
        None => rest,
    };
    match rest.text.is_empty() {
        true => Ok(()),
        false => with_parameters(rest, |head| match head.text {
            "" => Ok(()),
            _ => fault(head, "only a comment and parameters may follow"),
        }),
    }
}

fn hops(piece: Piece<'_>) -> Result<(), Fault> {
    let right = is_digits(piece.text) && piece.text.parse::<u8>().is_ok();
    if right { Ok(()) } else { fault(piece, "this is no number from 0 to 255") }
}

fn version(piece: Piece<'_>) -> Result<(), Fault> {
    match piece.text.split_once('.') {
        Some((major, minor)) if is_digits(major) && is_digits(minor) => Ok(()),
        _ => fault(piece, "this is no version"),
    }
}

fn rseq(piece: Piece<'_>) -> Result<(), Fault> {
    match piece.text.parse::<u32>() {
        Ok(number) if number > 0 && is_digits(piece.text) => Ok(()),
        _ => fault(piece, "this is no number from 1 to 2**32 - 1"),
    }
}

fn rack(piece: Piece<'_>) -> Result<(), Fault> {
    let mut words = piece.text.split(is_white).filter(|word| !word.is_empty());
    let number = |word: Option<&str>| word.is_some_and(is_number);
    let right = number(words.next()) && number(words.next()) && words.next().is_some_and(is_token);
    if right && words.next().is_none() { Ok(()) } else { fault(piece, "these are not two numbers and a method") }
}

fn session_seconds(piece: Piece<'_>) -> Result<(), Fault> {
    with_parameters(piece, |head| match head.text.parse::<u32>() {
        Ok(90..) if is_digits(head.text) => Ok(()),
        Ok(_) if is_digits(head.text) => fault(head, "fewer than 90 seconds"),
        _ => fault(head, "this is no number of seconds"),
    })?;
    match value_of(piece, "refresher") {
        Some(Some(who)) if who.text.eq_ignore_ascii_case("uac") || who.text.eq_ignore_ascii_case("uas") => Ok(()),
        Some(who) => fault(who.unwrap_or(piece), "the refresher is neither uac nor uas"),
        None => Ok(()),
    }
}

fn timestamp(piece: Piece<'_>) -> Result<(), Fault> {
    let digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    let decimal = |text: &str, least: usize| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        whole.len() >= least && digits(whole) && digits(fraction)
    };
    let mut words = piece.text.split(is_white).filter(|word| !word.is_empty());
    let right = words.next().is_some_and(|word| decimal(word, 1)) && words.next().is_none_or(|word| decimal(word, 0));
    if right && words.next().is_none() { Ok(()) } else { fault(piece, "this is no number with a fraction") }
}
