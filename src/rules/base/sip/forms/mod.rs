//! The forms that the values of header fields have: for each one recogniser and the rule that it keeps. Which header has
//! which form stands in the table of `names`.

mod authentication;
mod identities;
mod lists;
mod numbers;
mod references;

use cpm_wire::search::every;

use super::field::Field;
use super::names::Often;
use super::view::View;
use crate::rules::base::grammar::{Fault, Parameter, fault, is_token, parameter};
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, must, shown};

pub(super) use super::addresses::{ADDRESS, ADDRESSES_OR_NONE, CONTACT, ROUTE, VIA};
pub(super) use authentication::{AUTHENTICATION_INFO, CHALLENGE, CREDENTIALS};
pub(super) use identities::{
    CHARGING_FUNCTIONS, CHARGING_VECTOR, HISTORY, IDENTIFIER, PRIVACY, SERVED_USER, SERVICE, SESSION_ID,
    VISITED_NETWORK,
};
pub(super) use lists::{
    CODED, CODED_OR_NONE, CONTENT_TYPE, EVENT, INFO_URI, LANGUAGE, MEDIA_RANGE, PREFERENCE, PRODUCTS,
    SUBSCRIPTION_STATE, TOKEN, TOKENS, TOKENS_OR_NONE, WARNING,
};
pub(super) use numbers::{
    CONTENT_LENGTH, CSEQ, DATE, EXPIRES, MAX_FORWARDS, MIME_VERSION, NUMBER, RACK, RETRY_AFTER, RSEQ, SESSION_SECONDS,
    TIMESTAMP,
};
pub(super) use references::{CALL_ID, DIALOG_REFERENCE, IN_REPLY_TO, TARGET_DIALOG};

static CONTROL: BaseRule = must(
    "base.sip.control_character",
    "RFC 3261 section 25.1",
    "No control character stands in a header but behind a backslash in quotes.",
);
static REPEATED: BaseRule =
    must("base.sip.repeated_header", "RFC 3261 section 7.3.1", "A header whose value is no comma list stands once.");

/// The rules of the forms.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    [&CONTROL, &REPEATED]
        .into_iter()
        .chain(authentication::RULES.iter().copied())
        .chain(identities::RULES.iter().copied())
        .chain(lists::RULES.iter().copied())
        .chain(numbers::RULES.iter().copied())
        .chain(references::RULES.iter().copied())
}

/// What one value, or one of a list, has to look like.
#[derive(Debug)]
pub(in crate::rules::base) struct Form {
    pub rule: &'static BaseRule,
    /// What is expected, in a few words.
    pub wants: &'static str,
    pub recognise: fn(Piece<'_>) -> Result<(), Fault>,
    /// Whether the list may be empty.
    pub or_none: bool,
}

impl Form {
    pub(super) const fn new(
        rule: &'static BaseRule,
        wants: &'static str,
        recognise: fn(Piece<'_>) -> Result<(), Fault>,
    ) -> Form {
        Form { rule, wants, recognise, or_none: false }
    }

    pub(super) const fn or_none(self) -> Form {
        Form { or_none: true, ..self }
    }
}

/// Anything: what stands there is text, or is judged elsewhere.
pub(super) static FREE: Form = Form::new(&CONTROL, "text", |_| Ok(()));

/// Judges every field by its form, in one pass. What was right before is right again.
pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    let mut seen = 0_u128;
    for field in &view.fields {
        if field.print.is_none_or(|print| !memo.knows(print)) {
            let before = sheet.len();
            form(sheet, field);
            if let Some(print) = field.print.filter(|_| sheet.len() == before) {
                memo.learn(print);
            }
        }
        let Some(name) = field.known else { continue };
        let again = seen >> name as u8 & 1 == 1;
        seen |= 1 << name as u8;
        if again && name.often() == Often::Once {
            let observed = format!("{} of them, another {}", view.lines(name).count(), shown(field.value.text));
            sheet.find(&REPEATED, Some(field.value.span()), format!("one {} header", name.text()), observed);
        }
    }
}

fn form(sheet: &mut Sheet<'_>, field: &Field<'_>) {
    control(sheet, field.value);
    let Some(name) = field.known else { return };
    let form = name.form();
    let mut judge = |value: Piece<'_>| {
        if let Err(Fault { span, why }) = (form.recognise)(value) {
            let expected = format!("{} in {}", form.wants, name.text());
            sheet.find(form.rule, Some(span), expected, format!("{why} in {}", shown(value.text)));
        }
    };
    match name.often() {
        Often::List if form.or_none && field.value.text.is_empty() => {}
        Often::List => field.value.split_outside(b',').for_each(|value| judge(value.trim())),
        Often::Lines | Often::Once => judge(field.value),
    }
}

/// Line ends that are left in a value are folding, and tabs are white space.
fn control(sheet: &mut Sheet<'_>, value: Piece<'_>) {
    let is_control = |octet: u8| (octet < b' ') & !matches!(octet, b'\t' | b'\r' | b'\n') | (octet == 0x7f);
    let octets = value.text.as_bytes();
    if every(octets, |octet| !is_control(octet)) {
        return;
    }
    let mut escaped = false;
    for (place, octet) in octets.iter().enumerate() {
        if !escaped && is_control(*octet) {
            let span = Some((value.at + place, value.at + place + 1));
            sheet.find(&CONTROL, span, "no control character", format!("the octet {octet:#04x}"));
            return;
        }
        escaped = !escaped && *octet == b'\\';
    }
}

/// A token, and parameters after semicolons.
fn token_with_parameters(piece: Piece<'_>) -> Result<(), Fault> {
    with_parameters(piece, |head| if is_token(head.text) { Ok(()) } else { fault(head, "this is no token") })
}

/// A head, and parameters after semicolons.
fn with_parameters(piece: Piece<'_>, head: impl FnOnce(Piece<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut parts = piece.split_outside(b';').map(Piece::trim);
    head(parts.next().unwrap_or(piece))?;
    parts.try_for_each(|part| parameter(part).map(drop))
}

/// The parameters after the head, those that are none left out.
pub(super) fn parameters_of<'a>(piece: Piece<'a>) -> impl Iterator<Item = Parameter<'a>> {
    piece.split_outside(b';').skip(1).filter_map(|part| parameter(part.trim()).ok())
}

/// The value of the parameter of this name.
pub(super) fn value_of<'a>(piece: Piece<'a>, name: &str) -> Option<Option<Piece<'a>>> {
    parameters_of(piece).find(|found| found.name.text.eq_ignore_ascii_case(name)).map(|found| found.value)
}
