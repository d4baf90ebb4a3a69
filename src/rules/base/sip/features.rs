//! Feature tags, wherever they stand (RFC 3840 section 9, RFC 3841 section 9.2, RFC 6809, TS 24.229 section 7.9).

use super::forms::parameters_of;
use super::names::Name;
use super::view::View;
use crate::rules::base::digest::mix;
use crate::rules::base::grammar::{Fault, Parameter, fault, quoted_string};
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, must, shown};

static VALUE: BaseRule = must(
    "base.sip.feature_value",
    "RFC 3840 section 9",
    "The value of a feature tag is in quotes: a text in angle brackets, or tokens, numbers and truths with commas between.",
);
static IDENTIFIER: BaseRule = must(
    "base.sip.service_feature",
    "TS 24.229 sections 7.9.2 and 7.9.3, RFC 3840 section 9",
    "+g.3gpp.icsi-ref and +g.3gpp.iari-ref hold URNs urn:urn-7: of which the colons are written %3A.",
);
static DEMAND: BaseRule = must(
    "base.sip.preference_flag",
    "RFC 3841 section 10",
    "The parameters require and explicit of Accept-Contact have no value.",
);

pub(super) static RULES: &[&BaseRule] = &[&VALUE, &IDENTIFIER, &DEMAND];

/// The prefix of services and applications as it stands in a feature tag; its case says nothing.
const URN: &str = "urn%3aurn-7%3a";

/// Sets what the memo keeps for these rules apart from what it keeps for others.
const MARK: u64 = 0x6665_6174_7572_6573;

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    for name in [Name::Contact, Name::AcceptContact, Name::RejectContact, Name::FeatureCaps] {
        for field in view.named(name) {
            let print = field.print.map(|print| mix(print, MARK));
            if print.is_some_and(|print| memo.knows(print)) {
                continue;
            }
            let before = sheet.len();
            for value in field.value.split_outside(b',').map(Piece::trim) {
                parameters_of(value).for_each(|parameter| judge(sheet, name, parameter));
            }
            if let Some(print) = print.filter(|_| sheet.len() == before) {
                memo.learn(print);
            }
        }
    }
}

fn judge(sheet: &mut Sheet<'_>, header: Name, parameter: Parameter<'_>) {
    let (name, Some(value)) = (parameter.name.text, parameter.value) else { return };
    let is = |text: &str| name.eq_ignore_ascii_case(text);
    if header == Name::AcceptContact && (is("require") || is("explicit")) {
        sheet.find(&DEMAND, Some(value.span()), format!("{name} alone"), shown(value.text));
    }
    // An instance has a rule of its own; what is no feature tag of a tree of its own is none for sure.
    if !name.starts_with('+') || is("+sip.instance") {
        return;
    }
    if let Err(Fault { span, why }) = recognise(value) {
        sheet.find(&VALUE, Some(span), format!("a value of {name}"), format!("{why} in {}", shown(value.text)));
    } else if is("+g.3gpp.icsi-ref") || is("+g.3gpp.iari-ref") {
        let urn = |text: &str| text.get(..URN.len()).is_some_and(|start| start.eq_ignore_ascii_case(URN));
        if let Some(other) = items(value).find(|item| !urn(item.text.trim_start_matches('!'))) {
            sheet.find(&IDENTIFIER, Some(other.span()), format!("URNs in {name}"), shown(other.text));
        }
    }
}

/// `LDQUOT (tag-value-list / string-value) RDQUOT`
fn recognise(value: Piece<'_>) -> Result<(), Fault> {
    let whole = quoted_string(value.text) == Some(value.text.len());
    if !whole || value.text.len() < 3 {
        return fault(value, "there is nothing in quotes");
    }
    if value.text.starts_with("\"<") {
        return if value.text.ends_with(">\"") { Ok(()) } else { fault(value, "the angle bracket is not closed") };
    }
    match items(value).find(|item| !is_tag_value(item.text)) {
        Some(odd) => fault(odd, "this is no token, no number and no truth"),
        None => Ok(()),
    }
}

/// What stands between the commas within the quotes.
fn items<'a>(value: Piece<'a>) -> impl Iterator<Item = Piece<'a>> {
    value.from(1).to(value.text.len().saturating_sub(2)).split(',').map(Piece::trim)
}

/// `tag-value = ["!"] (token-nobang / boolean / numeric)`
fn is_tag_value(text: &str) -> bool {
    let text = text.strip_prefix('!').unwrap_or(text);
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b"-.%*_+`'~".contains(&octet);
    let number = |octet: u8| octet.is_ascii_digit() || b"<>=+-.:".contains(&octet);
    match text.strip_prefix('#') {
        Some(numeric) => numeric.bytes().any(|octet| octet.is_ascii_digit()) && numeric.bytes().all(number),
        None => !text.is_empty() && text.bytes().all(inner),
    }
}
