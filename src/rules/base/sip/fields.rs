//! Which header fields a SIP message has, how often, and what the plain ones say.

use super::view::{Start, View};
use crate::evidence::Transport;
use crate::rules::base::grammar::{fault, is_call_id, is_digits, is_sip_date, is_token, media_type, parameters, uri};
use crate::rules::base::piece::{Piece, is_white};
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static START_LINE: BaseRule = must(
    "base.sip.start_line",
    "RFC 3261 sections 7.1 and 7.2",
    "A request has a token for a method and a URI without angle brackets; a response has a status from 100 to 699.",
);
static MANDATORY: BaseRule = must(
    "base.sip.mandatory_header",
    "RFC 3261 sections 8.1.1 and 8.2.6.2",
    "To, From, CSeq, Call-ID and Via stand in every message, Max-Forwards in every request.",
);
static REPEATED: BaseRule =
    must("base.sip.repeated_header", "RFC 3261 section 7.3.1", "A header whose value is no comma list stands once.");
static MAX_FORWARDS: BaseRule =
    must("base.sip.max_forwards", "RFC 3261 section 20.22", "Max-Forwards is a number from 0 to 255.");
static CSEQ: BaseRule = must(
    "base.sip.cseq",
    "RFC 3261 section 8.1.1.5",
    "CSeq is a number below 2**31 and a method, in a request its own method.",
);
static CALL_ID: BaseRule =
    must("base.sip.call_id", "RFC 3261 section 25.1", "A Call-ID is a word, or two around an @.");
static CONTENT_LENGTH: BaseRule = must(
    "base.sip.content_length",
    "RFC 3261 sections 18.3 and 20.14",
    "Every message on a stream has a Content-Length, and wherever it stands it is a number.",
);
static SURPLUS: BaseRule =
    habit("base.sip.surplus", "RFC 3261 section 18.3", "A datagram ends with the body: what follows is thrown away.");
static DATE: BaseRule = must("base.sip.date", "RFC 3261 section 20.17", "Date is a day of RFC 1123, in GMT.");
static CONTENT_TYPE: BaseRule =
    must("base.sip.content_type", "RFC 3261 section 20.15", "A message with a body has a Content-Type, a media type.");
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
static CONTACT_IN_MESSAGE: BaseRule =
    must("base.sip.contact_in_message", "RFC 3428 section 4", "A MESSAGE has no Contact.");
static EVENT: BaseRule =
    must("base.sip.event", "RFC 6665 sections 3.1.2 and 8.2.1", "SUBSCRIBE and NOTIFY name one event package.");
static CONFERENCE_ACCEPT: BaseRule = must(
    "base.sip.conference_accept",
    "RFC 4575 section 3.4",
    "A SUBSCRIBE to a conference that says what it accepts accepts application/conference-info+xml.",
);
static SUBSCRIPTION_STATE: BaseRule = must(
    "base.sip.subscription_state",
    "RFC 6665 sections 4.1.3 and 8.2.3",
    "A NOTIFY says in Subscription-State whether the subscription is active, pending or terminated.",
);
static EXPIRES: BaseRule =
    must("base.sip.expires", "RFC 3261 section 20.19", "Expires, Min-Expires and Retry-After are numbers of seconds.");

pub(super) static RULES: &[&BaseRule] = &[
    &START_LINE,
    &MANDATORY,
    &REPEATED,
    &MAX_FORWARDS,
    &CSEQ,
    &CALL_ID,
    &CONTENT_LENGTH,
    &SURPLUS,
    &DATE,
    &CONTENT_TYPE,
    &CONTACT,
    &CONTACT_REFRESH,
    &CONTACT_IN_MESSAGE,
    &EVENT,
    &CONFERENCE_ACCEPT,
    &SUBSCRIPTION_STATE,
    &EXPIRES,
];

const ALWAYS: [&str; 5] = ["To", "From", "CSeq", "Call-ID", "Via"];

/// Headers that the grammar of their documents gives no comma list.
const SINGLE: [&str; 23] = [
    "To",
    "From",
    "CSeq",
    "Call-ID",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Content-Disposition",
    "Date",
    "Event",
    "Expires",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "P-Served-User",
    "Refer-To",
    "Referred-By",
    "Replaces",
    "Retry-After",
    "Session-Expires",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
];

/// Methods by which a dialog can be made (RFC 3261, 3515, 6665).
const DIALOG_MAKING: [&str; 4] = ["INVITE", "SUBSCRIBE", "NOTIFY", "REFER"];

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    start_line(sheet, view);
    presence(sheet, view);
    numbers(sheet, view);
    cseq(sheet, view);
    call_id(sheet, view);
    content(sheet, view);
    contact(sheet, view);
    event(sheet, view);
}

fn start_line(sheet: &mut Sheet<'_>, view: &View<'_>) {
    match view.start {
        Start::Request { method, .. } if !is_token(method.text) => {
            sheet.find(&START_LINE, Some(method.span()), "a method", shown(method.text));
        }
        Start::Request { uri: target, .. } => {
            // Headers belong into no Request-URI (section 19.1.1); a question mark in the user part is none.
            let host = target.from(target.text.rfind('@').unwrap_or_default());
            let headers = match host.text.find('?').filter(|_| target.text.starts_with("sip")) {
                Some(place) => fault(host.from(place), "there are headers"),
                None => Ok(()),
            };
            if let Err(fault) = uri(target).and(headers) {
                let observed = format!("{} in {}", fault.why, shown(target.text));
                sheet.find(&START_LINE, Some(fault.span), "a URI after the method", observed);
            }
        }
        Start::Status(code) if !(100..700).contains(&code) => {
            sheet.find(&START_LINE, Some((8, 11)), "a status from 100 to 699", code.to_string());
        }
        Start::Status(_) => {}
    }
}

fn presence(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let in_request = view.is_request().then_some("Max-Forwards");
    for name in ALWAYS.into_iter().chain(in_request).filter(|name| !view.has(name)) {
        sheet.find(&MANDATORY, None, format!("a {name} header"), format!("{} has none", what(view)));
    }
    for name in SINGLE {
        if let Some(second) = view.lines(name).nth(1) {
            let observed = format!("{} of them, a second {}", view.lines(name).count(), shown(second.text));
            sheet.find(&REPEATED, Some(second.span()), format!("one {name} header"), observed);
        }
    }
}

/// The message in a few words.
pub(super) fn what(view: &View<'_>) -> String {
    match view.status() {
        Some(code) => format!("the {code} to {}", view.method()),
        None => format!("the {}", view.method()),
    }
}

fn numbers(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let counts = |value: &Piece<'_>| is_digits(value.text) && value.text.parse::<u8>().is_ok();
    if let Some(value) = view.line("Max-Forwards").filter(|value| !counts(value)) {
        sheet.find(&MAX_FORWARDS, Some(value.span()), "a number from 0 to 255", shown(value.text));
    }
    if let Some(value) = view.line("Date").filter(|value| !is_sip_date(value.text)) {
        sheet.find(&DATE, Some(value.span()), "a day and time in GMT", shown(value.text));
    }
    for name in ["Expires", "Min-Expires", "Retry-After"] {
        let Some(value) = view.line(name) else { continue };
        // Retry-After may go on with a comment or a parameter.
        let end = value.text.find(|c| c == ';' || c == '(' || is_white(c)).filter(|_| name == "Retry-After");
        let seconds = value.to(end.unwrap_or(value.text.len()));
        if !is_digits(seconds.text) || seconds.text.parse::<u32>().is_err() {
            sheet.find(&EXPIRES, Some(value.span()), format!("seconds in {name}"), shown(value.text));
        }
    }
}

fn cseq(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let Some(value) = view.line("CSeq") else { return };
    let mut words = value.text.split(is_white).filter(|word| !word.is_empty());
    let (number, method, more) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next());
    let counted = is_digits(number) && number.parse::<u32>().is_ok_and(|number| number < 1 << 31);
    if !counted || !is_token(method) || more.is_some() {
        sheet.find(&CSEQ, Some(value.span()), "a number below 2**31 and a method", shown(value.text));
    } else if view.is_request() && method != view.method() {
        let expected = format!("the method of the request, {}", view.method());
        sheet.find(&CSEQ, Some(value.span()), expected, shown(value.text));
    }
}

fn call_id(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if let Some(value) = view.line("Call-ID").filter(|value| !is_call_id(value.text)) {
        sheet.find(&CALL_ID, Some(value.span()), "a word, or two around an @", shown(value.text));
    }
}

fn content(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let octets = view.body.len();
    if view.transport == Transport::Tcp && !view.has("Content-Length") {
        sheet.find(&CONTENT_LENGTH, None, "a Content-Length on a stream", format!("{} has none", what(view)));
    }
    if let Some(value) = view.line("Content-Length")
        && (!is_digits(value.text) || value.text.trim_start_matches('0').len() > 10)
    {
        let observed = format!("the Content-Length {}", shown(value.text));
        sheet.find(&CONTENT_LENGTH, Some(value.span()), "a number of octets", observed);
    }
    if view.surplus > 0 {
        let end = view.body_at + octets;
        let observed = format!("{} octets after it", view.surplus);
        sheet.find(&SURPLUS, Some((end, end + view.surplus)), "the end of the datagram after the body", observed);
    }
    match view.line("Content-Type").map(|value| (value, media_type(value))) {
        Some((value, Err(fault))) => {
            let observed = format!("{} in {}", fault.why, shown(value.text));
            sheet.find(&CONTENT_TYPE, Some(fault.span), "a media type", observed);
        }
        None if octets > 0 => {
            let span = Some((view.body_at, view.body_at + octets));
            sheet.find(&CONTENT_TYPE, span, "a Content-Type", format!("none, and a body of {octets} octets"));
        }
        _ => {}
    }
}

fn contact(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let contacts = view.values("Contact");
    let method = view.method();
    let making = DIALOG_MAKING.contains(&method);
    let in_dialog = view.tag("To").is_some();
    let none = || format!("{} has none", what(view));
    if method == "MESSAGE" && view.is_request() {
        if let Some(contact) = contacts.first() {
            sheet.find(&CONTACT_IN_MESSAGE, Some(contact.span()), "no Contact in a MESSAGE", shown(contact.text));
        }
    } else if view.is_request() && making {
        match contacts.as_slice() {
            // NOTIFY may be what makes the dialog, whatever its tags.
            [] if !in_dialog || method == "NOTIFY" => sheet.find(&CONTACT, None, "one Contact", none()),
            [] => sheet.find(&CONTACT_REFRESH, None, "a Contact", none()),
            [_] => {}
            [_, second, ..] => {
                let observed = format!("{} of them, a second {}", contacts.len(), shown(second.text));
                sheet.find(&CONTACT, Some(second.span()), "exactly one Contact", observed);
            }
        }
    } else if contacts.is_empty() && view.is_success() && method == "INVITE" {
        sheet.find(&CONTACT, None, "a Contact", none());
    } else if contacts.is_empty()
        && (view.is_request() && method == "UPDATE" || view.is_success() && method == "SUBSCRIBE")
    {
        sheet.find(&CONTACT_REFRESH, None, "a Contact", none());
    }
}

fn event(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if !view.is_request() || !matches!(view.method(), "SUBSCRIBE" | "NOTIFY") {
        return;
    }
    match view.line("Event") {
        None => sheet.find(&EVENT, None, "an Event header", format!("{} has none", what(view))),
        Some(value) if !is_tokenized(value) => {
            sheet.find(&EVENT, Some(value.span()), "the name of one event package", shown(value.text));
        }
        Some(_) => {}
    }
    if view.method() == "SUBSCRIBE" {
        accepts_conference(sheet, view);
    }
    if view.method() == "NOTIFY" {
        match view.line("Subscription-State") {
            None => sheet.find(&SUBSCRIPTION_STATE, None, "a Subscription-State header", "the NOTIFY has none"),
            Some(value) if !is_tokenized(value) => {
                sheet.find(&SUBSCRIPTION_STATE, Some(value.span()), "a state of a subscription", shown(value.text));
            }
            Some(_) => {}
        }
    }
}

fn accepts_conference(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let head = |value: &Piece<'_>| {
        let head = value.text.split(';').next().unwrap_or_default();
        head.replace(is_white, "").to_ascii_lowercase()
    };
    let conference = view.line("Event").is_some_and(|event| head(&event) == "conference");
    let wanted = ["application/conference-info+xml", "application/*", "*/*"];
    let accepted = view.values("Accept");
    if conference && view.has("Accept") && !accepted.iter().any(|kind| wanted.contains(&head(kind).as_str())) {
        let value = view.line("Accept");
        let observed = shown(value.map_or("", |value| value.text));
        sheet.find(&CONFERENCE_ACCEPT, value.map(Piece::span), wanted[0], observed);
    }
}

/// A token with parameters.
fn is_tokenized(value: Piece<'_>) -> bool {
    let end = value.text.find(';').unwrap_or(value.text.len());
    is_token(value.to(end).trim().text) && parameters(value.from(end)).is_ok()
}
