//! The attributes of a medium by themselves: RFC 8866 section 6.7, RFC 4145, RFC 4975 section 8, RFC 6714, RFC 8122.

use super::file;
use super::read::{Line, Medium, Name};
use crate::rules::base::grammar::{Fault, is_digits, is_token, media_type};
use crate::rules::base::msrp::uri::recognise as msrp_uri;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static MESSAGE_FORMAT: BaseRule =
    habit("base.sdp.message_format", "RFC 4975 section 8.1", "The format of an m=message line is an asterisk.");
static PATH: BaseRule =
    must("base.sdp.path", "RFC 4975 section 8.2", "A message session in use has an a=path of MSRP URIs.");
static PATH_SCHEME: BaseRule = habit(
    "base.sdp.path_scheme",
    "RFC 4975 sections 8.1 and 14.4",
    "The first URI in a=path is an msrps URI over TCP/TLS/MSRP, and an msrp URI over TCP/MSRP.",
);
static ACCEPT_TYPES: BaseRule = must(
    "base.sdp.accept_types",
    "RFC 4975 section 8.6",
    "A message session in use has an a=accept-types of media types or an asterisk.",
);
static ACCEPT_WRAPPED_TYPES: BaseRule = must(
    "base.sdp.accept_wrapped_types",
    "RFC 4975 section 8.6",
    "a=accept-wrapped-types holds media types or an asterisk.",
);
static MAX_SIZE: BaseRule = must("base.sdp.max_size", "RFC 4975 section 8.6", "a=max-size is a number of octets.");
pub(super) static SETUP: BaseRule = must(
    "base.sdp.setup",
    "RFC 4145 section 4",
    "a=setup is active, passive, actpass or holdconn, and in an answer what the offer leaves.",
);
static REUSE: BaseRule = must("base.sdp.reuse", "RFC 4145 section 5", "a=connection is new or existing.");
static CEMA: BaseRule = must("base.sdp.cema", "RFC 6714 section 5", "a=msrp-cema has no value.");
pub(super) static DIRECTION: BaseRule = must(
    "base.sdp.direction",
    "RFC 3264 section 6.1",
    "The direction of an answer is one that the offer leaves, and there is one at most.",
);
static FINGERPRINT: BaseRule = must(
    "base.sdp.fingerprint",
    "RFC 8122 section 5",
    "a=fingerprint is the name of a hash and pairs of hexadecimal capitals with colons between.",
);
static FINGERPRINT_WITH_TLS: BaseRule = habit(
    "base.sdp.fingerprint_with_tls",
    "RFC 4975 section 14.4",
    "A session over TLS gives the fingerprint of the certificate.",
);
static PATH_ADDRESS: BaseRule = habit(
    "base.sdp.path_address",
    "RFC 4975 section 8.1, RFC 6714",
    "Without a=msrp-cema the port of m= is that of the first URI in a=path.",
);
static ONCE: BaseRule = habit(
    "base.sdp.attribute_once",
    "RFC 4975 section 8, RFC 4145 sections 4 and 5, RFC 5547 section 6",
    "An attribute of a message session or of a file stands once in its medium.",
);

pub(super) static RULES: &[&BaseRule] = &[
    &MESSAGE_FORMAT,
    &PATH,
    &PATH_SCHEME,
    &ACCEPT_TYPES,
    &ACCEPT_WRAPPED_TYPES,
    &MAX_SIZE,
    &SETUP,
    &REUSE,
    &CEMA,
    &DIRECTION,
    &FINGERPRINT,
    &FINGERPRINT_WITH_TLS,
    &PATH_ADDRESS,
    &ONCE,
];

const ROLES: [&str; 4] = ["active", "passive", "actpass", "holdconn"];

/// Checks attributes that stand before the first m= and hold for every medium.
pub(super) fn of_session(sheet: &mut Sheet<'_>, session: &[Line<'_>]) {
    for line in session.iter().filter(|line| line.name != Name::Other) {
        form(sheet, line);
    }
    directions(sheet, session);
}

/// Checks attributes that say the same of any medium.
pub(super) fn check(sheet: &mut Sheet<'_>, medium: &Medium<'_, '_>) {
    let mut seen = 0_u32;
    for line in medium.lines.iter().filter(|line| line.name != Name::Other) {
        form(sheet, line);
        let bit = 1 << line.name as u32;
        // Several hashes of one certificate are told in as many lines (RFC 8122 section 5).
        if seen & bit != 0 && !matches!(line.name, Name::Fingerprint | Name::Direction) {
            sheet.find(&ONCE, Some(line.value.span()), "one attribute of this name", shown(line.value.text));
        }
        seen |= bit;
    }
    directions(sheet, medium.lines);
    file::check(sheet, medium);
}

fn directions(sheet: &mut Sheet<'_>, lines: &[Line<'_>]) {
    if let Some(second) = lines.iter().filter(|line| line.name == Name::Direction).nth(1) {
        sheet.find(&DIRECTION, Some(second.value.span()), "one direction", shown(second.value.text));
    }
}

/// What one attribute holds.
fn form(sheet: &mut Sheet<'_>, line: &Line<'_>) {
    let said = line.said.unwrap_or_else(|| line.value.from(usize::MAX));
    let (rule, right, expected) = match line.name {
        Name::Setup => (&SETUP, ROLES.contains(&said.trim().text), "active, passive, actpass or holdconn"),
        Name::Connection => (&REUSE, matches!(said.trim().text, "new" | "existing"), "new or existing"),
        Name::MaxSize => (&MAX_SIZE, is_digits(said.text.trim()), "a number of octets"),
        Name::Cema => (&CEMA, line.said.is_none(), "no value"),
        Name::Fingerprint => {
            let expected = "a hash, and pairs of hexadecimal capitals with colons between";
            (&FINGERPRINT, is_fingerprint(said.text), expected)
        }
        Name::AcceptTypes => return types(sheet, &ACCEPT_TYPES, said),
        Name::AcceptWrappedTypes => return types(sheet, &ACCEPT_WRAPPED_TYPES, said),
        _ => return,
    };
    if !right {
        sheet.find(rule, Some(said.span()), expected, shown(said.text));
    }
}

fn is_fingerprint(text: &str) -> bool {
    let Some((hash, octets)) = text.split_once(' ') else { return false };
    let capital = |octet: &u8| matches!(octet, b'0'..=b'9' | b'A'..=b'F');
    let octets = octets.as_bytes();
    let pairs = octets.chunks(3).all(|pair| match pair {
        [high, low] | [high, low, b':'] => capital(high) && capital(low),
        _ => false,
    });
    is_token(hash) && pairs && octets.len() % 3 == 2
}

/// Media types with spaces between, an asterisk for any.
fn types(sheet: &mut Sheet<'_>, rule: &'static BaseRule, types: Piece<'_>) {
    let mut words = types.split(' ').filter(|word| !word.text.is_empty()).peekable();
    if words.peek().is_none() {
        sheet.find(rule, Some(types.span()), "media types or an asterisk", "nothing");
    } else if let Some(odd) = words.find(|word| !is_type(*word)) {
        sheet.find(rule, Some(odd.span()), "media types or an asterisk", shown(odd.text));
    }
}

fn is_type(word: Piece<'_>) -> bool {
    let plain =
        word.text == "*" || word.text.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub));
    plain || media_type(word).is_ok()
}

/// Checks a message session that is in use.
pub(super) fn message_session(sheet: &mut Sheet<'_>, medium: &Medium<'_, '_>, session: &[Line<'_>]) {
    let span = Some(medium.line.span());
    if medium.formats.text != "*" {
        sheet.find(&MESSAGE_FORMAT, span, "an asterisk for the format", shown(medium.line.text));
    }
    match medium.said(Name::Path) {
        None => sheet.find(&PATH, span, "an a=path", "none"),
        Some(path) => paths(sheet, medium, path),
    }
    if !medium.has(Name::AcceptTypes) {
        sheet.find(&ACCEPT_TYPES, span, "an a=accept-types", "none");
    }
    let fingerprint = || medium.has(Name::Fingerprint) || session.iter().any(|line| line.name == Name::Fingerprint);
    if is_tls(medium) && !fingerprint() {
        sheet.find(&FINGERPRINT_WITH_TLS, span, "an a=fingerprint", "none");
    }
}

fn is_tls(medium: &Medium<'_, '_>) -> bool {
    medium.protocol.contains("TLS")
}

fn paths(sheet: &mut Sheet<'_>, medium: &Medium<'_, '_>, path: Piece<'_>) {
    let mut uris = path.split(' ').filter(|uri| !uri.text.is_empty()).peekable();
    let Some(first) = uris.peek().copied() else {
        return sheet.find(&PATH, Some(path.span()), "MSRP URIs", "nothing");
    };
    let mut right = true;
    for uri in uris {
        if let Err(Fault { span, why }) = msrp_uri(uri) {
            right = false;
            sheet.find(&PATH, Some(span), "an MSRP URI", format!("{why} in {}", shown(uri.text)));
        }
    }
    let secure = first.text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("msrps:"));
    if right && secure != is_tls(medium) {
        let scheme = if secure { "msrp" } else { "msrps" };
        let expected = format!("an {scheme} URI over {}", medium.protocol);
        sheet.find(&PATH_SCHEME, Some(first.span()), expected, shown(first.text));
    }
    // Port 9 of an active side is listened to by nobody (RFC 4145 section 4.1).
    if medium.port != "9" && port(first.text) != medium.port && !medium.has(Name::Cema) {
        sheet.find(&PATH_ADDRESS, Some(first.span()), format!("the port of m=, {}", medium.port), shown(first.text));
    }
}

/// The port of an MSRP URI, which is 2855 when it names none (RFC 4975 section 6).
fn port(uri: &str) -> &str {
    let authority = uri.split('/').nth(2).unwrap_or_default();
    authority.rsplit_once(':').map(|(_, port)| port).filter(|port| is_digits(port)).unwrap_or("2855")
}
