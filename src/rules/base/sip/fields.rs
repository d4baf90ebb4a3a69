//! Which header fields a SIP message has, how often, and what the plain ones say.

use super::forms::{CONTENT_LENGTH, CONTENT_TYPE, CSEQ, EVENT, SUBSCRIPTION_STATE};
use super::names::Name;
use super::view::{Start, View};
use crate::evidence::Transport;
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::grammar::{fault, is_token, uri};
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::{Piece, is_white};
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static START_LINE: BaseRule = must(
    "base.sip.start_line",
    "RFC 3261 sections 7.1 and 7.2",
    "A request has a token for a method and a URI without angle brackets.",
);
static MANDATORY: BaseRule = must(
    "base.sip.mandatory_header",
    "RFC 3261 sections 8.1.1 and 8.2.6.2",
    "To, From, CSeq, Call-ID and Via stand in every message, Max-Forwards in every request.",
);
static SURPLUS: BaseRule =
    habit("base.sip.surplus", "RFC 3261 section 18.3", "A datagram ends with the body: what follows is thrown away.");
static CONTACT: BaseRule = must(
    "base.sip.contact",
    "RFC 3261 sections 8.1.1.8 and 12.1.1",
    "A request that can make a dialog, and the 2xx to an INVITE, have a Contact; the request exactly one.",
);
static CONTACT_REFRESH: BaseRule = habit(
    "base.sip.contact_refresh",
    "RFC 3261 section 12.2.1.1, RFC 3311 section 5",
    "A request that refreshes the target of a dialog has a Contact, and so has the 2xx to a SUBSCRIBE.",
);
// A judge of RFC 4475 section 3.1.1.11 may see no fault in it: nobody is misled by a Contact that is not used.
static CONTACT_IN_MESSAGE: BaseRule =
    habit("base.sip.contact_in_message", "RFC 3428 section 4", "A MESSAGE has no Contact.");
static CONFERENCE_ACCEPT: BaseRule = must(
    "base.sip.conference_accept",
    "RFC 4575 section 3.4",
    "A SUBSCRIBE to a conference that says what it accepts accepts application/conference-info+xml.",
);
pub(super) static RULES: &[&BaseRule] =
    &[&START_LINE, &MANDATORY, &SURPLUS, &CONTACT, &CONTACT_REFRESH, &CONTACT_IN_MESSAGE, &CONFERENCE_ACCEPT];

const ALWAYS: [Name; 5] = [Name::To, Name::From, Name::CSeq, Name::CallId, Name::Via];

/// Methods by which a dialog can be made (RFC 3261, 3515, 6665).
const DIALOG_MAKING: [&str; 4] = ["INVITE", "SUBSCRIBE", "NOTIFY", "REFER"];

/// Sets what the memo keeps for Request-URIs apart from what it keeps for others.
const MARK: u64 = 0x7265_7175_6573_7421;

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    start_line(sheet, view, memo);
    presence(sheet, view);
    method(sheet, view);
    content(sheet, view);
    contact(sheet, view);
    event(sheet, view);
}

fn start_line(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    match view.start {
        Start::Request { method, .. } if !is_token(method.text) => {
            sheet.find(&START_LINE, Some(method.span()), "a method", shown(method.text));
        }
        Start::Request { uri: target, .. } => {
            let print = mix(digest(target.text.as_bytes()), MARK);
            if memo.knows(print) {
                return;
            }
            // Headers belong into no Request-URI (section 19.1.1); a question mark in the user part is none.
            let host = target.from(target.text.rfind('@').unwrap_or_default());
            let headers = match host.text.find('?').filter(|_| target.text.starts_with("sip")) {
                Some(place) => fault(host.from(place), "there are headers"),
                None => Ok(()),
            };
            if let Err(fault) = uri(target).and(headers) {
                let observed = format!("{} in {}", fault.why, shown(target.text));
                sheet.find(&START_LINE, Some(fault.span), "a URI after the method", observed);
            } else {
                memo.learn(print);
            }
        }
        Start::Status(_) => {}
    }
}

fn presence(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let in_request = view.is_request().then_some(Name::MaxForwards);
    for name in ALWAYS.into_iter().chain(in_request).filter(|name| !view.has(*name)) {
        sheet.find(&MANDATORY, None, format!("a {} header", name.text()), format!("{} has none", what(view)));
    }
}

/// The CSeq of a request has its method.
fn method(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let other = view.cseq().filter(|(_, method)| view.is_request() && *method != view.method());
    if let (Some(_), Some(value)) = (other, view.line(Name::CSeq)) {
        let expected = format!("the method of the request, {}", view.method());
        sheet.find(CSEQ.rule, Some(value.span()), expected, shown(value.text));
    }
}

/// The message in a few words.
pub(super) fn what(view: &View<'_>) -> String {
    match view.status() {
        Some(code) => format!("the {code} to {}", view.method()),
        None => format!("the {}", view.method()),
    }
}

fn content(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let octets = view.body.len();
    if view.transport == Transport::Tcp && !view.has(Name::ContentLength) {
        sheet.find(CONTENT_LENGTH.rule, None, "a Content-Length on a stream", format!("{} has none", what(view)));
    }
    if view.surplus > 0 {
        let end = view.body_at + octets;
        let observed = format!("{} octets after it", view.surplus);
        sheet.find(&SURPLUS, Some((end, end + view.surplus)), "the end of the datagram after the body", observed);
    }
    if octets > 0 && !view.has(Name::ContentType) {
        let span = Some((view.body_at, view.body_at + octets));
        sheet.find(CONTENT_TYPE.rule, span, "a Content-Type", format!("none, and a body of {octets} octets"));
    }
}

fn contact(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let (first, second) = (view.line(Name::Contact), view.values(Name::Contact).nth(1));
    let method = view.method();
    let in_dialog = view.tag_to().is_some();
    let none = || format!("{} has none", what(view));
    if method == "MESSAGE" && view.is_request() {
        if let Some(contact) = first {
            sheet.find(&CONTACT_IN_MESSAGE, Some(contact.span()), "no Contact in a MESSAGE", shown(contact.text));
        }
    } else if view.is_request() && DIALOG_MAKING.contains(&method) {
        match (first, second) {
            // NOTIFY may be what makes the dialog, whatever its tags.
            (None, _) if !in_dialog || method == "NOTIFY" => sheet.find(&CONTACT, None, "one Contact", none()),
            (None, _) => sheet.find(&CONTACT_REFRESH, None, "a Contact", none()),
            (Some(_), None) => {}
            (Some(_), Some(second)) => {
                let observed = format!("a second {}", shown(second.text));
                sheet.find(&CONTACT, Some(second.span()), "exactly one Contact", observed);
            }
        }
    } else if first.is_none() && view.is_success() && method == "INVITE" {
        sheet.find(&CONTACT, None, "a Contact", none());
    } else if first.is_none() && (view.is_request() && method == "UPDATE" || view.is_success() && method == "SUBSCRIBE")
    {
        sheet.find(&CONTACT_REFRESH, None, "a Contact", none());
    }
}

fn event(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if !view.is_request() || !matches!(view.method(), "SUBSCRIBE" | "NOTIFY") {
        return;
    }
    if !view.has(Name::Event) {
        sheet.find(EVENT.rule, None, "an Event header", format!("{} has none", what(view)));
    }
    if view.method() == "SUBSCRIBE" {
        accepts_conference(sheet, view);
    } else if !view.has(Name::SubscriptionState) {
        sheet.find(SUBSCRIPTION_STATE.rule, None, "a Subscription-State header", "the NOTIFY has none");
    }
}

fn accepts_conference(sheet: &mut Sheet<'_>, view: &View<'_>) {
    const WANTED: [&str; 3] = ["application/conference-info+xml", "application/*", "*/*"];
    let Some(accept) = view.line(Name::Accept) else { return };
    let head = |value: Piece<'_>| {
        let head = value.text.split(';').next().unwrap_or_default();
        head.replace(is_white, "").to_ascii_lowercase()
    };
    let conference = view.line(Name::Event).is_some_and(|event| head(event) == "conference");
    if conference && !view.values(Name::Accept).any(|kind| WANTED.contains(&head(kind).as_str())) {
        sheet.find(&CONFERENCE_ACCEPT, Some(accept.span()), WANTED[0], shown(accept.text));
    }
}
