//! What a sender is free in within one header field: parameters, numbers, tokens, quotes, brackets (RFC 3261 sections
//! 7.3.1, 20 and 25.1).

use super::super::freedoms::{Freedom, Licence};
use super::draft::Line;
use super::value::{Element, Head, Value};
use cpm_wire::sip::Name;

/// What a request says of its way and its ends, and a response repeats.
pub(super) const fn is_of_origin(name: &Name) -> bool {
    matches!(name, Name::Via | Name::From | Name::To)
}

/// Takes freedoms within the value of a field. A route is copied with all that is in it (RFC 3261 section 12.1.1).
pub(super) fn vary(licence: &mut Licence<'_>, line: &mut Line) {
    match &mut line.value {
        Value::Number(number) | Value::CSeq(number, _) => zeros(licence, number),
        Value::List(elements) if !matches!(line.name, Name::Route | Name::RecordRoute) => {
            elements.iter_mut().for_each(|element| vary_element(licence, &line.name, element));
        }
        Value::List(_) | Value::Text(_) | Value::Kept(_) => {}
    }
}

fn vary_element(licence: &mut Licence<'_>, name: &Name, element: &mut Element) {
    match &mut element.head {
        Head::Word(word) if matches!(name, Name::SessionExpires | Name::MinSe) => zeros(licence, word),
        Head::Word(word) if has_no_case(name) => *word = licence.recase(Freedom::SipTokenCase, word),
        Head::Word(_) => {}
        Head::Via { transport, .. } => *transport = licence.recase(Freedom::SipTokenCase, transport),
        Head::MediaType(kind, subtype) => {
            *kind = licence.recase(Freedom::SipMediaTypeForm, kind);
            *subtype = licence.recase(Freedom::SipMediaTypeForm, subtype);
        }
        Head::Address { display, uri, bracketed } => {
            if let Some(display) = display {
                quotes(licence, display);
            } else if !uri.contains([';', ',', '?']) && licence.takes(Freedom::SipAngleBrackets) {
                licence.note(Freedom::SipAngleBrackets, true);
                *bracketed = !*bracketed;
            }
        }
    }
    if takes_unknown(name) && licence.takes(Freedom::SipUnknownParameter) {
        element.params.push(unknown(licence));
        licence.note(Freedom::SipUnknownParameter, true);
    }
    for (own, value) in &mut element.params {
        if let Some(value) = value {
            vary_value(licence, name, own, value);
        }
        *own = licence.recase(Freedom::SipParameterCase, own);
    }
    // Those of Accept stand before and after its q (RFC 3261 section 25.1).
    if *name != Name::Accept {
        licence.shuffle(Freedom::SipParameterOrder, &mut element.params);
    }
}

/// Lists and words that RFC 3261 section 7.3.1 leaves without case. An event package is compared octet by octet (RFC
/// 6665 section 8.2.1), and so is a method (RFC 3261 section 7.1).
const fn has_no_case(name: &Name) -> bool {
    matches!(name, Name::SubscriptionState | Name::ContentDisposition | Name::Supported | Name::Require | Name::Reason)
}

/// Where the grammar ends with `generic-param`, or its like.
const fn takes_unknown(name: &Name) -> bool {
    matches!(
        name,
        Name::From
            | Name::To
            | Name::Contact
            | Name::Via
            | Name::Event
            | Name::SubscriptionState
            | Name::ContentDisposition
            | Name::ContentType
            | Name::SessionExpires
            | Name::Reason
            | Name::ReferTo
            | Name::ReferredBy
            | Name::PServedUser
    )
}

fn unknown(licence: &mut Licence<'_>) -> (String, Option<String>) {
    let values = [None, Some("of"), Some("\"of, \\\"it\\\"; <there>\""), Some("0.5")];
    let value = licence.chance.pick(&values).copied().flatten();
    ("x-unheard".to_owned(), value.map(str::to_owned))
}

fn vary_value(licence: &mut Licence<'_>, name: &Name, own: &str, value: &mut String) {
    let token = matches!(
        (name, own.to_ascii_lowercase().as_str()),
        (Name::ContentDisposition, "handling")
            | (Name::SessionExpires, "refresher")
            | (Name::SubscriptionState, "reason")
            | (Name::PServedUser, "sescase" | "regstate")
    );
    if token {
        *value = licence.recase(Freedom::SipTokenCase, value);
    } else if own.eq_ignore_ascii_case("expires") {
        zeros(licence, value);
    } else if *name == Name::ContentType && is_token(value) && licence.takes(Freedom::SipMediaTypeForm) {
        licence.note(Freedom::SipMediaTypeForm, true);
        *value = format!("\"{value}\"");
    }
    // Feature tags have a grammar of their own in their quotes (RFC 3840 section 9, RFC 5626 section 4.1).
    if !own.starts_with('+') {
        escape(licence, value);
    }
}

fn zeros(licence: &mut Licence<'_>, number: &mut String) {
    let is_number = !number.is_empty() && number.bytes().all(|octet| octet.is_ascii_digit());
    if is_number && licence.takes(Freedom::SipLeadingZeros) {
        let before = licence.chance.pick(&["0", "00", "0000", "00000000000"]).copied().unwrap_or_default();
        number.insert_str(0, before);
        licence.note(Freedom::SipLeadingZeros, true);
    }
}

/// A display name with quotes or without, where both are legal, and with escapes in its quotes.
fn quotes(licence: &mut Licence<'_>, display: &mut String) {
    let inner = display.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let words = |text: &str| text.split(' ').all(is_token);
    if licence.takes(Freedom::SipDisplayQuotes) {
        let other = match inner {
            Some(inner) if words(inner) => Some(inner.to_owned()),
            None if words(display) => Some(format!("\"{display}\"")),
            _ => None,
        };
        if let Some(other) = other {
            licence.note(Freedom::SipDisplayQuotes, true);
            *display = other;
        }
    }
    escape(licence, display);
}

/// Escapes one character of a quoted string that needs no escape.
fn escape(licence: &mut Licence<'_>, text: &mut String) {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return };
    let plain = inner.is_ascii() && !inner.contains(['\\', '\r', '\n', '\0']);
    if !plain || inner.is_empty() || !licence.takes(Freedom::SipQuotedPair) {
        return;
    }
    let at = 1 + licence.chance.below(inner.len());
    text.insert(at, '\\');
    licence.note(Freedom::SipQuotedPair, true);
}

fn is_token(text: &str) -> bool {
    let is_octet = |octet: u8| octet.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&octet);
    !text.is_empty() && text.bytes().all(is_octet)
}
