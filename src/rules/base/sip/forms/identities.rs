//! What IMS and its neighbours add: charging, services, served users, privacy, histories, session identifiers (RFC 3323,
//! 5502, 6050, 7044, 7315, 7989) and the identifiers of CPM.

use super::{Form, value_of, with_parameters};
use crate::rules::base::grammar::{Fault, address, fault, is_digits, is_token, is_word, parameter, quoted_string};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, habit, must};

static VECTOR: BaseRule = must(
    "base.sip.charging_vector",
    "RFC 7315 sections 4.6 and 5.6",
    "P-Charging-Vector is parameters, of which icid-value is one.",
);
static FUNCTIONS: BaseRule = must(
    "base.sip.charging_functions",
    "RFC 7315 sections 4.5 and 5.5",
    "P-Charging-Function-Addresses is parameters with values, ccf and ecf among them.",
);
static SERVICE_URN: BaseRule = must(
    "base.sip.service_urn",
    "RFC 6050 sections 4.1 and 8.2",
    "P-Asserted-Service and P-Preferred-Service hold URNs urn:urn-7: of labels with dots between.",
);
static SERVED: BaseRule = must(
    "base.sip.served_user",
    "RFC 5502 sections 5 and 7, RFC 8498 section 5",
    "P-Served-User is an address; sescase is orig, term or orig-cdiv, regstate is reg or unreg.",
);
static NETWORK: BaseRule = must(
    "base.sip.visited_network",
    "RFC 7315 sections 4.3 and 5.3",
    "P-Visited-Network-ID is a list of tokens or quoted texts with parameters.",
);
static PRIVATE: BaseRule = must(
    "base.sip.privacy",
    "RFC 3323 section 4.2",
    "Privacy is tokens with semicolons between, each once; none stands alone, and critical never.",
);
static INDEXED: BaseRule = must(
    "base.sip.history_index",
    "RFC 7044 sections 5 and 5.1",
    "Every entry of History-Info is an address in angle brackets with an index of numbers and dots.",
);
static SESSION: BaseRule = must(
    "base.sip.session_id",
    "RFC 7989 section 5",
    "Session-ID is 32 hexadecimal digits in small letters, and so is what remote says.",
);
static CPM_IDENTIFIER: BaseRule = habit(
    "base.sip.cpm_identifier",
    "OMA-TS-CPM_Conv_Fnct appendix C.1",
    "Conversation-ID, Contribution-ID, InReplyTo-Contribution-ID and Session-Replaces are one word without white space.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&VECTOR, &FUNCTIONS, &SERVICE_URN, &SERVED, &NETWORK, &PRIVATE, &INDEXED, &SESSION, &CPM_IDENTIFIER];

pub(in super::super) static CHARGING_VECTOR: Form = Form::new(&VECTOR, "an icid-value", charging_vector);
pub(in super::super) static CHARGING_FUNCTIONS: Form =
    Form::new(&FUNCTIONS, "parameters with values", |value| generic_list(value).map(drop));
pub(in super::super) static SERVICE: Form = Form::new(&SERVICE_URN, "a URN of a service", service);
pub(in super::super) static SERVED_USER: Form = Form::new(&SERVED, "a served user", served_user);
pub(in super::super) static VISITED_NETWORK: Form = Form::new(&NETWORK, "a network", visited_network);
pub(in super::super) static PRIVACY: Form = Form::new(&PRIVATE, "kinds of privacy", privacy);
pub(in super::super) static HISTORY: Form = Form::new(&INDEXED, "an address and an index", history);
pub(in super::super) static SESSION_ID: Form = Form::new(&SESSION, "32 hexadecimal digits", session_id);
pub(in super::super) static IDENTIFIER: Form = Form::new(&CPM_IDENTIFIER, "one word", identifier);

/// Parameters with semicolons between and none before the first.
fn generic_list(piece: Piece<'_>) -> Result<(), Fault> {
    piece.split_outside(b';').try_for_each(|part| match parameter(part.trim())?.value {
        Some(_) => Ok(()),
        None => fault(part, "this has no value"),
    })
}

fn charging_vector(piece: Piece<'_>) -> Result<(), Fault> {
    let mut identified = false;
    for part in piece.split_outside(b';') {
        let parameter = parameter(part.trim())?;
        if parameter.name.text.eq_ignore_ascii_case("icid-value") {
            identified = true;
            if parameter.value.is_none_or(|value| value.text.is_empty()) {
                return fault(part, "this has no value");
            }
        }
    }
    if identified { Ok(()) } else { fault(piece, "there is no icid-value") }
}

/// `urn-service-id = top-level *("." sub-service-id)`
fn service(piece: Piece<'_>) -> Result<(), Fault> {
    const PREFIX: &str = "urn:urn-7:";
    let Some(prefix) = piece.text.get(..PREFIX.len()).filter(|prefix| prefix.eq_ignore_ascii_case(PREFIX)) else {
        return fault(piece, "this is no URN of urn:urn-7:");
    };
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    let labels = piece.from(prefix.len());
    match labels.split('.').find(|label| label.text.is_empty() || !label.text.bytes().all(inner)) {
        Some(label) => fault(label, "a label is letters, digits and hyphens"),
        None => Ok(()),
    }
}

fn served_user(piece: Piece<'_>) -> Result<(), Fault> {
    address(piece)?;
    for (name, values) in [("sescase", ["orig", "term", "orig-cdiv"].as_slice()), ("regstate", &["reg", "unreg"])] {
        let Some(said) = value_of(piece, name) else { continue };
        let said = said.unwrap_or(piece);
        if !values.iter().any(|value| value.eq_ignore_ascii_case(said.text)) {
            return fault(said, "this value is none of those that there are");
        }
    }
    Ok(())
}

fn visited_network(piece: Piece<'_>) -> Result<(), Fault> {
    with_parameters(piece, |head| match is_token(head.text) || quoted_string(head.text) == Some(head.text.len()) {
        true => Ok(()),
        false => fault(head, "this is no token and no quoted text"),
    })
}

fn privacy(piece: Piece<'_>) -> Result<(), Fault> {
    let values = || piece.split(';').map(Piece::trim);
    let is = |value: Piece<'_>, name: &str| value.text.eq_ignore_ascii_case(name);
    if let Some(odd) = values().find(|value| !is_token(value.text)) {
        return fault(odd, "this is no token");
    }
    if let Some(none) = values().find(|value| is(*value, "none")).filter(|_| values().count() > 1) {
        return fault(none, "none does not stand alone");
    }
    if is(piece, "critical") {
        return fault(piece, "nothing is said of which it is critical");
    }
    match values().enumerate().find(|(place, value)| values().take(*place).any(|before| is(before, value.text))) {
        Some((_, again)) => fault(again, "this stands twice"),
        None => Ok(()),
    }
}

fn history(piece: Piece<'_>) -> Result<(), Fault> {
    address(piece)?;
    if !piece.text.contains('<') {
        return fault(piece, "it has no angle brackets");
    }
    match value_of(piece, "index") {
        Some(Some(index)) if index.text.split('.').all(is_digits) => Ok(()),
        Some(index) => fault(index.unwrap_or(piece), "the index is not numbers with dots between"),
        None => fault(piece, "there is no index"),
    }
}

/// Without `remote` it may be one of RFC 7329.
fn session_id(piece: Piece<'_>) -> Result<(), Fault> {
    let small = |octet: u8| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
    let uuid = |said: Piece<'_>| match said.text.len() == 32 && said.text.bytes().all(small) {
        true => Ok(()),
        false => fault(said, "these are not 32 hexadecimal digits in small letters"),
    };
    with_parameters(piece, uuid)?;
    value_of(piece, "remote").map_or(Ok(()), |remote| uuid(remote.unwrap_or(piece)))
}

/// Of their form nothing is known for sure: identifiers, UUIDs and Call-IDs are in use.
fn identifier(piece: Piece<'_>) -> Result<(), Fault> {
    match piece.split('@').all(|word| is_word(word.text)) {
        true => Ok(()),
        false => fault(piece, "this is not one word"),
    }
}
