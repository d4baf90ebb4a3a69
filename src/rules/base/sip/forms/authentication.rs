//! Challenges and credentials (RFC 3261 sections 20.7, 20.27, 20.28 and 25.1, RFC 7616, RFC 3310, RFC 8898).

use super::Form;
use crate::rules::base::grammar::{Fault, Parameter, fault, is_token, parameter, quoted_string};
use crate::rules::base::piece::{Piece, is_white};
use crate::rules::base::sheet::{BaseRule, must};

static ASKED: BaseRule = must(
    "base.sip.challenge",
    "RFC 3261 section 25.1, RFC 7616 section 3.3",
    "A challenge is a scheme and parameters with commas between; one of Digest has a realm and a nonce.",
);
static SHOWN: BaseRule = must(
    "base.sip.credentials",
    "RFC 3261 section 25.1, RFC 7616 section 3.4",
    "Credentials are a scheme and parameters with commas between; those of Digest have a username, a realm, a nonce, a uri and a response, and a count of eight hexadecimal digits where they have one.",
);
static INFORMED: BaseRule = must(
    "base.sip.authentication_info",
    "RFC 3261 sections 20.6 and 25.1, RFC 7616 section 3.5",
    "Authentication-Info is parameters with values, and commas between.",
);

pub(super) static RULES: &[&BaseRule] = &[&ASKED, &SHOWN, &INFORMED];

pub(in super::super) static CHALLENGE: Form =
    Form::new(&ASKED, "a scheme and its parameters", |value| schemed(value, &["realm", "nonce"]));
pub(in super::super) static CREDENTIALS: Form = Form::new(&SHOWN, "a scheme and its parameters", |value| {
    schemed(value, &["username", "realm", "nonce", "uri", "response"])
});
pub(in super::super) static AUTHENTICATION_INFO: Form =
    Form::new(&INFORMED, "parameters with values", |value| assignment(value).map(drop));

/// `scheme LWS auth-param *(COMMA auth-param)`; those of Digest must be there.
fn schemed(piece: Piece<'_>, of_digest: &[&str]) -> Result<(), Fault> {
    let end = piece.text.find(is_white).unwrap_or(piece.text.len());
    let (scheme, rest) = (piece.to(end), piece.from(end).trim());
    if !is_token(scheme.text) || rest.text.is_empty() {
        return fault(piece, "there are no scheme and parameters");
    }
    // Bearer and others have a bare token instead of parameters (RFC 7235 section 2.1).
    if !scheme.text.eq_ignore_ascii_case("Digest") && is_token68(rest.text) {
        return Ok(());
    }
    rest.split_outside(b',').try_for_each(|part| counted(assignment(part.trim())?))?;
    let has = |name: &&&str| {
        let named =
            |part: Piece<'_>| assignment(part.trim()).is_ok_and(|found| found.name.text.eq_ignore_ascii_case(name));
        rest.split_outside(b',').any(named)
    };
    let wanted = if scheme.text.eq_ignore_ascii_case("Digest") { of_digest } else { &[] };
    match wanted.iter().all(|name| has(&name)) {
        true => Ok(()),
        false => fault(piece, "a parameter of Digest is missing"),
    }
}

/// `token EQUAL ( token / quoted-string )`. What hosts and URIs would be has quotes.
fn assignment(piece: Piece<'_>) -> Result<Parameter<'_>, Fault> {
    let found = parameter(piece)?;
    match found.value {
        Some(value) if is_token(value.text) || quoted_string(value.text) == Some(value.text.len()) => Ok(found),
        _ => fault(piece, "a parameter has no token or quoted string for a value"),
    }
}

/// `nc-value = 8LHEX`; some write it in capitals.
fn counted(parameter: Parameter<'_>) -> Result<(), Fault> {
    let hexadecimal = |text: &str| text.len() == 8 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    match parameter.value.filter(|_| parameter.name.text.eq_ignore_ascii_case("nc")) {
        Some(value) if !hexadecimal(value.text) => fault(value, "the count has not eight hexadecimal digits"),
        _ => Ok(()),
    }
}

fn is_token68(text: &str) -> bool {
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+/".contains(&octet);
    text.trim_end_matches('=').bytes().all(inner)
}
