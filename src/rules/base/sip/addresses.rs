//! Header fields that hold addresses: Via, From, To, Contact and all that are made like them.

use cpm_wire::search::find;

use super::field::parameter;
use super::fields::what;
use super::forms::Form;
use super::names::Name;
use super::view::View;
use crate::evidence::Transport;
use crate::rules::base::grammar::{Fault, address, fault, host_port, is_token, only_parameters};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static ADDRESS_RULE: BaseRule = must(
    "base.sip.address",
    "RFC 3261 sections 20.10 and 25.1",
    "An address is a URI, or a display name and a URI in angle brackets, with parameters after semicolons.",
);
static ROUTE_RULE: BaseRule = must(
    "base.sip.route",
    "RFC 3261 sections 20.30 and 20.34",
    "The URIs of Route, Record-Route and Path stand in angle brackets.",
);
static FROM_TAG: BaseRule = must("base.sip.from_tag", "RFC 3261 section 8.1.1.3", "From has a tag.");
static TO_TAG: BaseRule =
    must("base.sip.to_tag", "RFC 3261 section 8.2.6.2", "Every response but 100 has a tag in To.");
static VIA_RULE: BaseRule = must(
    "base.sip.via",
    "RFC 3261 section 20.42",
    "A Via is a protocol of SIP/2.0, the address of its sender, and parameters.",
);
static BRANCH: BaseRule =
    must("base.sip.branch", "RFC 3261 section 8.1.1.7", "A branch that begins with z9hG4bK goes on: it is unique.");
// An element of RFC 2543 sends branches of its own, or none, and is legal to hear (RFC 4475 sections 3.1.1.1 and
// 3.1.1.7).
static BRANCH_COOKIE: BaseRule = habit(
    "base.sip.branch_cookie",
    "RFC 3261 section 8.1.1.7",
    "The branch of the topmost Via of a request begins with z9hG4bK.",
);
static VIA_TRANSPORT: BaseRule = must(
    "base.sip.via_transport",
    "RFC 3261 sections 18.1.1 and 20.42",
    "The topmost Via of a request names the transport that it is sent over.",
);
static CANCEL_VIA: BaseRule =
    must("base.sip.cancel_via", "RFC 3261 section 9.1", "A CANCEL goes hop by hop and has a single Via.");

pub(super) static RULES: &[&BaseRule] =
    &[&ADDRESS_RULE, &ROUTE_RULE, &FROM_TAG, &TO_TAG, &VIA_RULE, &BRANCH, &BRANCH_COOKIE, &VIA_TRANSPORT, &CANCEL_VIA];

/// An address, and one of a list.
pub(super) static ADDRESS: Form = Form::new(&ADDRESS_RULE, "an address", address);
pub(super) static ADDRESSES_OR_NONE: Form = Form::new(&ADDRESS_RULE, "addresses", address).or_none();
pub(super) static CONTACT: Form =
    Form::new(&ADDRESS_RULE, "an address", |value| if value.text == "*" { Ok(()) } else { address(value) });
pub(super) static ROUTE: Form = Form::new(&ROUTE_RULE, "a URI in angle brackets", route);
pub(super) static VIA: Form = Form::new(&VIA_RULE, "SIP/2.0/, a transport, and the address of the sender", recognise);

const COOKIE: &str = "z9hG4bK";

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    tags(sheet, view);
    vias(sheet, view);
}

fn route(value: Piece<'_>) -> Result<(), Fault> {
    address(value)?;
    if value.text.contains('<') { Ok(()) } else { fault(value, "it has no angle brackets") }
}

fn tags(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if let Some(from) = view.line(Name::From).filter(|_| view.tag_from().is_none_or(str::is_empty)) {
        sheet.find(&FROM_TAG, Some(from.span()), "a tag in From", shown(from.text));
    }
    let needs_tag = view.status().is_some_and(|code| code > 100);
    if let Some(to) = view.line(Name::To).filter(|_| needs_tag && view.tag_to().is_none_or(str::is_empty)) {
        sheet.find(&TO_TAG, Some(to.span()), format!("a tag in To of {}", what(view)), shown(to.text));
    }
}

fn vias(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let Some(top) = view.via().filter(|_| view.is_request()) else { return };
    let branch = view.branch().unwrap_or_default();
    match branch.get(COOKIE.len()..).filter(|_| is_cookie(branch)) {
        Some("") => sheet.find(&BRANCH, Some(top.span()), format!("more than {COOKIE}"), shown(top.text)),
        Some(_) => {}
        None => {
            let expected = format!("a branch that begins with {COOKIE} in the topmost Via");
            sheet.find(&BRANCH_COOKIE, Some(top.span()), expected, shown(top.text));
        }
    }
    let over = match view.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    };
    // Evidence has TLS content as plain text of a stream.
    let right = |said: &str| said.eq_ignore_ascii_case(over) || over == "TCP" && said.eq_ignore_ascii_case("TLS");
    if let Some(said) = transport(top).filter(|said| !right(said.text)) {
        sheet.find(&VIA_TRANSPORT, Some(said.span()), format!("{over}, over which it came"), shown(said.text));
    }
    if view.method() == "CANCEL"
        && let Some(second) = view.values(Name::Via).nth(1)
    {
        let observed = format!("{} of them, a second {}", view.values(Name::Via).count(), shown(second.text));
        sheet.find(&CANCEL_VIA, Some(second.span()), "a single Via", observed);
    }
}

/// Whether a branch begins as those of RFC 3261 do.
fn is_cookie(branch: &str) -> bool {
    branch.get(..COOKIE.len()).is_some_and(|start| start.eq_ignore_ascii_case(COOKIE))
}

/// The third part of the sent-protocol.
fn transport(via: Piece<'_>) -> Option<Piece<'_>> {
    let (_, rest) = via.split_once('/')?;
    let (_, rest) = rest.split_once('/')?;
    let rest = rest.trim();
    Some(rest.to(find([b' ', b'\t', b'\r', b'\n'], rest.text.as_bytes()).unwrap_or(rest.text.len())))
}

/// `via-parm = sent-protocol LWS sent-by *( SEMI via-params )`
fn recognise(via: Piece<'_>) -> Result<(), Fault> {
    let Some((name, rest)) = via.split_once('/') else {
        return fault(via, "there is no protocol");
    };
    let Some((version, _)) = rest.split_once('/') else {
        return fault(via, "there is no protocol");
    };
    if !name.trim().text.eq_ignore_ascii_case("SIP") || version.trim().text != "2.0" {
        return fault(via, "the protocol is not SIP/2.0");
    }
    let Some(transport) = transport(via).filter(|transport| is_token(transport.text)) else {
        return fault(via, "there is no transport");
    };
    let rest = via.from(transport.at + transport.text.len() - via.at).trim();
    let end = find([b';'], rest.text.as_bytes()).unwrap_or(rest.text.len());
    host_port(rest.to(end).trim())?;
    via_parameters(rest.from(end))
}

/// As generic parameters, but `received` may hold a bare IPv6 address.
fn via_parameters(piece: Piece<'_>) -> Result<(), Fault> {
    let bare = |value: &str| value.parse::<std::net::Ipv6Addr>().is_ok();
    match only_parameters(piece) {
        Err(fault) if !parameter(piece, "received").is_some_and(bare) => Err(fault),
        _ => Ok(()),
    }
}
