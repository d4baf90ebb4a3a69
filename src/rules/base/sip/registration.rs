//! REGISTER, and what stands in a Contact for the registrar (RFC 3261 section 10, RFC 5626).

use cpm_wire::search::find;

use super::field::parameter;
use super::names::Name;
use super::view::{Start, View};
use crate::rules::base::digest::mix;
use crate::rules::base::grammar::{is_digits, uri};
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, must, shown};

static REGISTER_URI: BaseRule = must(
    "base.sip.register_uri",
    "RFC 3261 section 10.2",
    "Who registers itself names the domain of the registrar in the Request-URI, and no user.",
);
static STAR: BaseRule = must(
    "base.sip.contact_star",
    "RFC 3261 sections 10.2.2 and 20.10",
    "A Contact of * stands in a REGISTER, alone, and with Expires: 0.",
);
static CONTACT_EXPIRES: BaseRule = must(
    "base.sip.contact_expires",
    "RFC 3261 sections 10.2.1.1 and 20.10",
    "The expires parameter of a Contact is a number of seconds.",
);
static INSTANCE: BaseRule = must(
    "base.sip.instance",
    "RFC 5626 section 4.1",
    "The instance of a Contact is a URN in angle brackets, in quotes.",
);

pub(super) static RULES: &[&BaseRule] = &[&REGISTER_URI, &STAR, &CONTACT_EXPIRES, &INSTANCE];

/// Sets what the memo keeps for these rules apart from what it keeps for others.
const MARK: u64 = 0x7265_6769_7374_6572;

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    let registers = view.is_request() && view.method() == "REGISTER";
    if registers {
        names_domain(sheet, view);
    }
    let starred = view.lines(Name::Contact).any(|line| find([b'*'], line.text.as_bytes()).is_some());
    if let Some(star) = starred.then(|| view.values(Name::Contact).find(|contact| contact.text == "*")).flatten() {
        let cleared = view.line(Name::Expires).is_some_and(|expires| expires.text.parse() == Ok(0));
        if !registers || view.values(Name::Contact).nth(1).is_some() || !cleared {
            let expected = "* alone in a REGISTER with Expires: 0";
            let observed = format!("* in the {} of {} Contacts", view.method(), view.values(Name::Contact).count());
            sheet.find(&STAR, Some(star.span()), expected, observed);
        }
    }
    for field in view.named(Name::Contact) {
        let print = field.print.map(|print| mix(print, MARK));
        if print.is_some_and(|print| memo.knows(print)) {
            continue;
        }
        let before = sheet.len();
        field.value.split_outside(b',').map(Piece::trim).for_each(|contact| parameters(sheet, contact));
        if let Some(print) = print.filter(|_| sheet.len() == before) {
            memo.learn(print);
        }
    }
}

fn parameters(sheet: &mut Sheet<'_>, contact: Piece<'_>) {
    let seconds = |text: &str| is_digits(text) && text.parse::<u32>().is_ok();
    if let Some(expires) = parameter(contact, "expires").filter(|expires| !seconds(expires)) {
        sheet.find(&CONTACT_EXPIRES, Some(contact.span()), "a number of seconds", shown(expires));
    }
    if let Some(instance) = parameter(contact, "+sip.instance").filter(|instance| !is_instance(instance)) {
        sheet.find(&INSTANCE, Some(contact.span()), "\"<a URN>\"", shown(instance));
    }
}

/// A third party registers others at an address of its own choice (TS 24.229 section 5.4.1.7).
fn names_domain(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let address = |name: Name| view.line(name).map(|value| bare(value.text).to_owned());
    let Start::Request { uri, .. } = view.start else { return };
    if uri.text.contains('@') && address(Name::From) == address(Name::To) {
        sheet.find(&REGISTER_URI, Some(uri.span()), "a domain", shown(uri.text));
    }
}

/// The URI of an address.
fn bare(address: &str) -> &str {
    match address.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => address.split(';').next().unwrap_or_default(),
    }
}

fn is_instance(text: &str) -> bool {
    let inside = text.strip_prefix("\"<").and_then(|rest| rest.strip_suffix(">\""));
    inside.is_some_and(|urn| {
        urn.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:")) && uri(Piece::new(urn, 0)).is_ok()
    })
}
