//! Tokens and lists of them, media ranges, languages, products, warnings (RFC 3261 section 25.1 and what builds on it).

use super::{Form, token_with_parameters, with_parameters};
use crate::rules::base::grammar::{
    Fault, fault, host_port, is_digits, is_token, media_type, parameter, quoted_string, uri,
};
use crate::rules::base::piece::{Piece, is_white};
use crate::rules::base::sheet::{BaseRule, must};

static TOKEN_LIST: BaseRule = must(
    "base.sip.token_list",
    "RFC 3261 sections 20 and 25.1, RFC 3841 section 10, RFC 3903 section 12, RFC 4412 section 3.1",
    "Methods, option tags, event packages, codings, entity tags and their like are tokens, with commas between them where there may be several.",
);
static CODED_VALUE: BaseRule = must(
    "base.sip.coded_value",
    "RFC 3261 sections 20.2, 20.11 and 25.1, RFC 3326 section 2, RFC 7315 section 5, RFC 3329 section 2.2",
    "Reason, Content-Disposition, Accept-Encoding, P-Access-Network-Info and their like are a token with parameters after semicolons.",
);
static MEDIA: BaseRule = must(
    "base.sip.media_range",
    "RFC 3261 sections 20.1 and 25.1",
    "Accept is a list of media types, of which the subtype or both parts may be *, with parameters.",
);
static LANGUAGES: BaseRule = must(
    "base.sip.language",
    "RFC 3261 sections 20.3, 20.13 and 25.1, RFC 5646 section 2.1",
    "Languages are tags of one to eight letters and digits with hyphens between them, or *.",
);
static INFO: BaseRule = must(
    "base.sip.info_uri",
    "RFC 3261 sections 20.4, 20.9, 20.18 and 25.1",
    "Alert-Info, Call-Info and Error-Info are URIs in angle brackets with parameters.",
);
static PRODUCT: BaseRule = must(
    "base.sip.product",
    "RFC 3261 sections 20.35, 20.41 and 25.1",
    "Server and User-Agent are products, tokens with a version after a slash, and comments in parentheses.",
);
static WARN: BaseRule = must(
    "base.sip.warning",
    "RFC 3261 sections 20.43 and 25.1",
    "A Warning is a code of three digits, a host or a token, and a text in quotes.",
);
static CALLER_PREFERENCE: BaseRule = must(
    "base.sip.caller_preference",
    "RFC 3841 section 10, RFC 6809 section 6.3",
    "Accept-Contact, Reject-Contact and Feature-Caps begin with * and go on with parameters.",
);
static EVENT_PACKAGE: BaseRule =
    must("base.sip.event", "RFC 6665 sections 3.1.2 and 8.2.1", "SUBSCRIBE and NOTIFY name one event package.");
static STATE: BaseRule = must(
    "base.sip.subscription_state",
    "RFC 6665 sections 4.1.3 and 8.2.3",
    "A NOTIFY says in Subscription-State whether the subscription is active, pending or terminated.",
);
static TYPE: BaseRule =
    must("base.sip.content_type", "RFC 3261 section 20.15", "A message with a body has a Content-Type, a media type.");

pub(super) static RULES: &[&BaseRule] = &[
    &TOKEN_LIST,
    &CODED_VALUE,
    &MEDIA,
    &LANGUAGES,
    &INFO,
    &PRODUCT,
    &WARN,
    &CALLER_PREFERENCE,
    &EVENT_PACKAGE,
    &STATE,
    &TYPE,
];

pub(in super::super) static TOKEN: Form = Form::new(&TOKEN_LIST, "a token", token);
pub(in super::super) static TOKENS: Form = Form::new(&TOKEN_LIST, "tokens", token);
pub(in super::super) static TOKENS_OR_NONE: Form = Form::new(&TOKEN_LIST, "tokens", token).or_none();
pub(in super::super) static CODED: Form = Form::new(&CODED_VALUE, "a token with parameters", token_with_parameters);
pub(in super::super) static CODED_OR_NONE: Form =
    Form::new(&CODED_VALUE, "tokens with parameters", token_with_parameters).or_none();
pub(in super::super) static MEDIA_RANGE: Form = Form::new(&MEDIA, "media ranges", media_range).or_none();
pub(in super::super) static LANGUAGE: Form = Form::new(&LANGUAGES, "languages", language).or_none();
pub(in super::super) static INFO_URI: Form = Form::new(&INFO, "URIs in angle brackets", info_uri);
pub(in super::super) static PRODUCTS: Form = Form::new(&PRODUCT, "products and comments", products);
pub(in super::super) static WARNING: Form = Form::new(&WARN, "a code, a host and a text in quotes", warning);
pub(in super::super) static PREFERENCE: Form = Form::new(&CALLER_PREFERENCE, "* and parameters", preference);
pub(in super::super) static EVENT: Form =
    Form::new(&EVENT_PACKAGE, "the name of one event package", token_with_parameters);
pub(in super::super) static SUBSCRIPTION_STATE: Form =
    Form::new(&STATE, "a state of a subscription", token_with_parameters);
pub(in super::super) static CONTENT_TYPE: Form = Form::new(&TYPE, "a media type", |value| media_type(value).map(drop));

fn token(piece: Piece<'_>) -> Result<(), Fault> {
    if is_token(piece.text) { Ok(()) } else { fault(piece, "this is no token") }
}

fn media_range(piece: Piece<'_>) -> Result<(), Fault> {
    with_parameters(piece, |head| {
        let halves = head.split_once('/').map(|(kind, sub)| (kind.trim().text, sub.trim().text));
        match halves {
            Some((kind, sub)) if is_token(kind) && is_token(sub) && (kind != "*" || sub == "*") => Ok(()),
            _ => fault(head, "this is no media range"),
        }
    })
}

fn language(piece: Piece<'_>) -> Result<(), Fault> {
    with_parameters(piece, |head| {
        let part =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_alphanumeric());
        if head.text == "*" || head.text.split('-').all(part) { Ok(()) } else { fault(head, "this is no language") }
    })
}

fn info_uri(piece: Piece<'_>) -> Result<(), Fault> {
    with_parameters(piece, |head| match head.text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        Some(inside) => uri(Piece::new(inside, head.at + 1)),
        None => fault(head, "this is no URI in angle brackets"),
    })
}

/// `server-val *(LWS server-val)`; comments may nest, and hold anything.
fn products(piece: Piece<'_>) -> Result<(), Fault> {
    let mut rest = piece.trim();
    if rest.text.is_empty() {
        return fault(rest, "nothing stands there");
    }
    while !rest.text.is_empty() {
        let end = match rest.text.starts_with('(') {
            true => comment(rest.text),
            false => Some(product(rest.text)).filter(|end| *end > 0),
        };
        let Some(end) = end else {
            return fault(rest, "this is no product and no comment");
        };
        rest = rest.from(end).trim();
    }
    Ok(())
}

/// The length of a product: a token, and a version after a slash, with white space around it.
fn product(text: &str) -> usize {
    let token = |text: &str| text.find(|c: char| !is_token(c.encode_utf8(&mut [0; 4]))).unwrap_or(text.len());
    let name = token(text);
    let rest = text.get(name..).unwrap_or_default();
    let after = rest.trim_start_matches(is_white);
    let Some(version) = after.strip_prefix('/').map(|version| version.trim_start_matches(is_white)) else {
        return name;
    };
    match token(version) {
        0 => 0,
        length if name > 0 => text.len() - version.len() + length,
        _ => 0,
    }
}

/// The length of the comment that the text begins with.
pub(super) fn comment(text: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (0_usize, false);
    for (place, octet) in text.bytes().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(place + 1).filter(|_| octet == b')');
        }
    }
    None
}

fn warning(piece: Piece<'_>) -> Result<(), Fault> {
    let Some((code, rest)) = words(piece) else {
        return fault(piece, "there is a code alone");
    };
    if code.text.len() != 3 || !is_digits(code.text) {
        return fault(code, "the code has not three digits");
    }
    let Some((from, text)) = words(rest) else {
        return fault(rest, "there is no text in quotes");
    };
    if !is_token(from.text) {
        host_port(from)?;
    }
    if quoted_string(text.text) == Some(text.text.len()) { Ok(()) } else { fault(text, "the text is not in quotes") }
}

/// The first word, and what follows it.
fn words(piece: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let end = piece.text.find(is_white)?;
    Some((piece.to(end), piece.from(end).trim()))
}

fn preference(piece: Piece<'_>) -> Result<(), Fault> {
    let mut parts = piece.split_outside(b';').map(Piece::trim);
    match parts.next().filter(|head| head.text == "*") {
        Some(_) => parts.try_for_each(|part| parameter(part).map(drop)),
        None => fault(piece, "it does not begin with *"),
    }
}
