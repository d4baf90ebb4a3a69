//! Header fields that hold addresses: Via, From, To, Contact and all that are made like them.

use super::fields::what;
use super::view::{View, parameter};
use crate::evidence::Transport;
use crate::rules::base::grammar::{Fault, address, fault, host_port, is_token, parameters};
use crate::rules::base::piece::{Piece, is_white};
use crate::rules::base::sheet::{BaseRule, Sheet, must, shown};

static ADDRESS: BaseRule = must(
    "base.sip.address",
    "RFC 3261 sections 20.10 and 25.1",
    "An address is a URI, or a display name and a URI in angle brackets, with parameters after semicolons.",
);
static ROUTE: BaseRule = must(
    "base.sip.route",
    "RFC 3261 sections 20.30 and 20.34",
    "The URIs of Route, Record-Route and Path stand in angle brackets.",
);
static FROM_TAG: BaseRule = must("base.sip.from_tag", "RFC 3261 section 8.1.1.3", "From has a tag.");
static TO_TAG: BaseRule =
    must("base.sip.to_tag", "RFC 3261 section 8.2.6.2", "Every response but 100 has a tag in To.");
static VIA: BaseRule = must(
    "base.sip.via",
    "RFC 3261 section 20.42",
    "A Via is a protocol of SIP/2.0, the address of its sender, and parameters.",
);
static BRANCH: BaseRule = must(
    "base.sip.branch",
    "RFC 3261 section 8.1.1.7",
    "The branch of the topmost Via of a request begins with z9hG4bK and goes on.",
);
static VIA_TRANSPORT: BaseRule = must(
    "base.sip.via_transport",
    "RFC 3261 sections 18.1.1 and 20.42",
    "The topmost Via of a request names the transport that it is sent over.",
);
static CANCEL_VIA: BaseRule =
    must("base.sip.cancel_via", "RFC 3261 section 9.1", "A CANCEL goes hop by hop and has a single Via.");

pub(super) static RULES: &[&BaseRule] =
    &[&ADDRESS, &ROUTE, &FROM_TAG, &TO_TAG, &VIA, &BRANCH, &VIA_TRANSPORT, &CANCEL_VIA];

/// Headers of addresses. A `*` in Contact and anonymous identities are addresses too.
const ADDRESSES: [&str; 11] = [
    "From",
    "To",
    "Contact",
    "Reply-To",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "P-Served-User",
    "P-Called-Party-ID",
    "Refer-To",
    "Referred-By",
    "History-Info",
];
const ROUTES: [&str; 4] = ["Route", "Record-Route", "Path", "Service-Route"];
const COOKIE: &str = "z9hG4bK";

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    for name in ADDRESSES {
        addresses(sheet, view, name);
    }
    for name in ROUTES {
        routes(sheet, view, name);
    }
    tags(sheet, view);
    vias(sheet, view);
}

fn addresses(sheet: &mut Sheet<'_>, view: &View<'_>, name: &str) {
    let list = matches!(name, "Contact" | "P-Asserted-Identity" | "P-Preferred-Identity" | "History-Info");
    let values = if list { view.values(name) } else { view.lines(name).collect() };
    for value in values {
        if name == "Contact" && value.text == "*" {
            continue;
        }
        if let Err(fault) = address(value) {
            let observed = format!("{} in {}", fault.why, shown(value.text));
            sheet.find(&ADDRESS, Some(fault.span), format!("an address in {name}"), observed);
        }
    }
}

fn routes(sheet: &mut Sheet<'_>, view: &View<'_>, name: &str) {
    for value in view.values(name) {
        let fault = match address(value) {
            Err(fault) => Some(fault),
            Ok(_) if !value.text.contains('<') => fault::<()>(value, "it has no angle brackets").err(),
            Ok(_) => None,
        };
        if let Some(Fault { span, why }) = fault {
            let observed = format!("{why} in {}", shown(value.text));
            sheet.find(&ROUTE, Some(span), format!("a URI in angle brackets in {name}"), observed);
        }
    }
}

fn tags(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if let Some(from) = view.line("From").filter(|_| view.tag("From").is_none_or(str::is_empty)) {
        sheet.find(&FROM_TAG, Some(from.span()), "a tag in From", shown(from.text));
    }
    let needs_tag = view.status().is_some_and(|code| code > 100);
    if let Some(to) = view.line("To").filter(|_| needs_tag && view.tag("To").is_none_or(str::is_empty)) {
        sheet.find(&TO_TAG, Some(to.span()), format!("a tag in To of {}", what(view)), shown(to.text));
    }
}

fn vias(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let vias = view.values("Via");
    for via in &vias {
        if let Err(fault) = recognise(*via) {
            let observed = format!("{} in {}", fault.why, shown(via.text));
            sheet.find(&VIA, Some(fault.span), "SIP/2.0/, a transport, and the address of the sender", observed);
        }
    }
    let Some(top) = vias.first().filter(|_| view.is_request()) else { return };
    let branch = parameter(*top, "branch").unwrap_or_default();
    if !branch.get(..COOKIE.len()).is_some_and(|start| start.eq_ignore_ascii_case(COOKIE))
        || branch.len() == COOKIE.len()
    {
        let expected = format!("a branch that begins with {COOKIE} in the topmost Via");
        sheet.find(&BRANCH, Some(top.span()), expected, shown(top.text));
    }
    let over = match view.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    };
    // Evidence has TLS content as plain text of a stream.
    let right = |said: &str| said.eq_ignore_ascii_case(over) || over == "TCP" && said.eq_ignore_ascii_case("TLS");
    if let Some(said) = transport(*top).filter(|said| !right(said.text)) {
        sheet.find(&VIA_TRANSPORT, Some(said.span()), format!("{over}, over which it came"), shown(said.text));
    }
    if let Some(second) = vias.get(1).filter(|_| view.method() == "CANCEL") {
        let observed = format!("{} of them, a second {}", vias.len(), shown(second.text));
        sheet.find(&CANCEL_VIA, Some(second.span()), "a single Via", observed);
    }
}

/// The third part of the sent-protocol.
fn transport(via: Piece<'_>) -> Option<Piece<'_>> {
    let (_, rest) = via.split_once('/')?;
    let (_, rest) = rest.split_once('/')?;
    let rest = rest.trim();
    Some(rest.to(rest.text.find(is_white).unwrap_or(rest.text.len())))
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
    let end = rest.text.find(';').unwrap_or(rest.text.len());
    host_port(rest.to(end).trim())?;
    via_parameters(rest.from(end))
}

/// As generic parameters, but `received` may hold a bare IPv6 address.
fn via_parameters(piece: Piece<'_>) -> Result<(), Fault> {
    let bare = |value: &str| value.parse::<std::net::Ipv6Addr>().is_ok();
    match parameters(piece) {
        Err(fault) if !parameter(piece, "received").is_some_and(bare) => Err(fault),
        _ => Ok(()),
    }
}
