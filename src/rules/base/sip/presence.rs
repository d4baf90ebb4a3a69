//! Which headers a message of a kind must have, and which belong to other kinds (the tables of RFC 3261 section 20, RFC
//! 3262, 3515, 3891, 3903, 4028 and 6665).

use super::field::parameter;
use super::fields::what;
use super::names::Name;
use super::view::View;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must, shown};

static REQUIRED: BaseRule = must(
    "base.sip.required_header",
    "RFC 3262 section 7.2, RFC 3515 section 2.4.1, RFC 3903 sections 4 and 6, RFC 6665 section 4.2.1.1",
    "A PRACK has RAck, a REFER Refer-To, a PUBLISH Event; the 2xx to PUBLISH has SIP-ETag, and it and the 2xx to SUBSCRIBE Expires.",
);
static CUSTOMARY: BaseRule = habit(
    "base.sip.customary_header",
    "RFC 3261 section 11.2, RFC 6665 section 4.1.2.1",
    "A SUBSCRIBE says how long it is to last; the 2xx to OPTIONS tells the methods.",
);
static MISPLACED: BaseRule = must(
    "base.sip.misplaced_header",
    "RFC 3261 section 20, RFC 3262 section 7, RFC 3515 section 2.1, RFC 3608 section 5, RFC 3841 section 10, RFC 3891 section 6.1, RFC 3903 section 11.2, RFC 4028 section 4, RFC 6665 section 8.2",
    "A header of requests stands in no response, one of responses in no request, and one of certain methods in those alone.",
);
static MISPLACED_CONTACT: BaseRule = habit(
    "base.sip.misplaced_contact",
    "RFC 3261 section 20",
    "BYE and CANCEL have no Contact: there is nothing left to reach.",
);
static STATE_EXPIRES: BaseRule = habit(
    "base.sip.subscription_expires",
    "RFC 6665 section 4.2.2",
    "A NOTIFY of a subscription that is active or pending says how long it lasts.",
);
static STATE_VALUE: BaseRule = must(
    "base.sip.subscription_seconds",
    "RFC 6665 section 8.4",
    "The parameters expires and retry-after of Subscription-State are seconds.",
);
static RELIABLE: BaseRule = must(
    "base.sip.reliable_response",
    "RFC 3262 section 3",
    "A provisional response that requires 100rel has an RSeq, and one that has an RSeq requires 100rel.",
);
static TIMER: BaseRule = must(
    "base.sip.session_timer",
    "RFC 4028 sections 4, 7.1 and 9",
    "Session-Expires is not below Min-SE; in a 2xx it names the refresher, and a 2xx that leaves this to the other side requires timer.",
);

pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    [&REQUIRED, &CUSTOMARY, &MISPLACED, &MISPLACED_CONTACT, &STATE_EXPIRES, &STATE_VALUE, &RELIABLE, &TIMER].into_iter()
}

/// Of which messages something is asked.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// Requests of this method.
    Request(&'static str),
    /// The 2xx to it.
    Success(&'static str),
}

impl Of {
    fn is(self, view: &View<'_>) -> bool {
        match self {
            Of::Request(method) => view.is_request() && view.method() == method,
            Of::Success(method) => view.is_success() && view.method() == method,
        }
    }
}

static NEEDS: [(Of, Name, &BaseRule); 8] = [
    (Of::Request("PRACK"), Name::RAck, &REQUIRED),
    (Of::Request("REFER"), Name::ReferTo, &REQUIRED),
    (Of::Request("PUBLISH"), Name::Event, &REQUIRED),
    (Of::Success("PUBLISH"), Name::SipEtag, &REQUIRED),
    (Of::Success("PUBLISH"), Name::Expires, &REQUIRED),
    (Of::Success("SUBSCRIBE"), Name::Expires, &REQUIRED),
    (Of::Request("SUBSCRIBE"), Name::Expires, &CUSTOMARY),
    (Of::Success("OPTIONS"), Name::Allow, &CUSTOMARY),
];

/// Where a header may stand at all.
type May = fn(&View<'_>) -> bool;

const IN_REQUESTS: May = |view| view.is_request();
const IN_RESPONSES: May = |view| !view.is_request();
const IN_REGISTERED: May = |view| Of::Success("REGISTER").is(view);
const IN_SESSIONS: May =
    |view| matches!(view.method(), "INVITE" | "UPDATE") && (view.is_request() || view.is_success());

/// Headers that have a place. What later documents let stand elsewhere is left out: SIP-ETag in NOTIFY (RFC 5839), Path
/// in responses (RFC 3327), Reason in responses (RFC 6432).
static PLACES: [(Name, May, &str); 35] = [
    (Name::MaxForwards, IN_REQUESTS, "in a request"),
    (Name::Route, IN_REQUESTS, "in a request"),
    (Name::ProxyRequire, IN_REQUESTS, "in a request"),
    (Name::Authorization, IN_REQUESTS, "in a request"),
    (Name::ProxyAuthorization, IN_REQUESTS, "in a request"),
    (Name::Priority, IN_REQUESTS, "in a request"),
    (Name::Subject, IN_REQUESTS, "in a request"),
    (Name::InReplyTo, IN_REQUESTS, "in a request"),
    (Name::TargetDialog, IN_REQUESTS, "in a request"),
    (Name::AcceptContact, IN_REQUESTS, "in a request"),
    (Name::RejectContact, IN_REQUESTS, "in a request"),
    (Name::RequestDisposition, IN_REQUESTS, "in a request"),
    (Name::ReferredBy, IN_REQUESTS, "in a request"),
    (Name::PServedUser, IN_REQUESTS, "in a request"),
    (Name::PCalledPartyId, IN_REQUESTS, "in a request"),
    (Name::PVisitedNetworkId, IN_REQUESTS, "in a request"),
    (Name::ReferTo, |view| Of::Request("REFER").is(view), "in a REFER"),
    (Name::Replaces, |view| Of::Request("INVITE").is(view), "in an INVITE"),
    (Name::Join, |view| Of::Request("INVITE").is(view), "in an INVITE"),
    (Name::RAck, |view| Of::Request("PRACK").is(view), "in a PRACK"),
    (Name::SipIfMatch, |view| Of::Request("PUBLISH").is(view), "in a PUBLISH"),
    (Name::SubscriptionState, |view| Of::Request("NOTIFY").is(view), "in a NOTIFY"),
    (Name::SessionExpires, IN_SESSIONS, "in INVITE, UPDATE and their 2xx"),
    (
        Name::MinSe,
        |view| IN_SESSIONS(view) && view.is_request() || view.status() == Some(422),
        "in INVITE, UPDATE or a 422",
    ),
    (Name::RSeq, |view| view.status().is_some_and(|code| (101..200).contains(&code)), "in a provisional response"),
    (Name::Unsupported, IN_RESPONSES, "in a response"),
    (Name::WwwAuthenticate, IN_RESPONSES, "in a response"),
    (Name::ProxyAuthenticate, IN_RESPONSES, "in a response"),
    (Name::AuthenticationInfo, |view| view.is_success(), "in a 2xx"),
    (Name::MinExpires, |view| view.status() == Some(423), "in a 423"),
    (Name::ErrorInfo, |view| view.is_refusal(), "in a final response from 300 on"),
    (Name::RetryAfter, IN_RESPONSES, "in a response"),
    (Name::ServiceRoute, IN_REGISTERED, "in the 2xx to REGISTER"),
    (Name::PAssociatedUri, IN_REGISTERED, "in the 2xx to REGISTER"),
    (Name::FlowTimer, IN_REGISTERED, "in the 2xx to REGISTER"),
];

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    for (of, name, rule) in &NEEDS {
        if !view.has(*name) && of.is(view) {
            sheet.find(rule, None, format!("a {} header", name.text()), format!("{} has none", what(view)));
        }
    }
    for (name, may, place) in &PLACES {
        if let Some(value) = view.line(*name).filter(|_| !may(view)) {
            let expected = format!("{} {place} alone", name.text());
            sheet.find(&MISPLACED, Some(value.span()), expected, format!("one in {}", what(view)));
        }
    }
    let over = view.is_request() && matches!(view.method(), "BYE" | "CANCEL");
    if let Some(contact) = view.line(Name::Contact).filter(|_| over) {
        sheet.find(&MISPLACED_CONTACT, Some(contact.span()), "no Contact", shown(contact.text));
    }
    subscription_state(sheet, view);
    reliable(sheet, view);
    session_timer(sheet, view);
}

fn subscription_state(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let Some(state) = view.line(Name::SubscriptionState) else { return };
    let head = state.text.split(';').next().unwrap_or_default().trim();
    let lasts = ["active", "pending"].iter().any(|lasting| lasting.eq_ignore_ascii_case(head));
    if lasts && parameter(state, "expires").is_none() {
        sheet.find(&STATE_EXPIRES, Some(state.span()), "an expires parameter", shown(state.text));
    }
    for name in ["expires", "retry-after"] {
        if let Some(odd) = parameter(state, name).filter(|value| value.parse::<u32>().is_err()) {
            sheet.find(&STATE_VALUE, Some(state.span()), format!("seconds for {name}"), shown(odd));
        }
    }
}

/// Whether a list of option tags has this one.
pub(in crate::rules::base) fn lists(view: &View<'_>, name: Name, tag: &str) -> bool {
    view.values(name).any(|option| option.text.eq_ignore_ascii_case(tag))
}

fn reliable(sheet: &mut Sheet<'_>, view: &View<'_>) {
    if !view.status().is_some_and(|code| (101..200).contains(&code)) {
        return;
    }
    let required = lists(view, Name::Require, "100rel");
    match view.line(Name::RSeq) {
        Some(number) if !required => {
            sheet.find(&RELIABLE, Some(number.span()), "Require: 100rel beside the RSeq", "none");
        }
        None if required => {
            sheet.find(
                &RELIABLE,
                view.line(Name::Require).map(Piece::span),
                "an RSeq",
                format!("{} has none", what(view)),
            );
        }
        _ => {}
    }
}

/// The seconds that a header of this kind says.
pub(in crate::rules::base) fn seconds(view: &View<'_>, name: Name) -> Option<u32> {
    view.line(name)?.text.split(';').next()?.trim().parse().ok()
}

fn session_timer(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let Some(value) = view.line(Name::SessionExpires) else { return };
    if let (Some(lasts), Some(least)) = (seconds(view, Name::SessionExpires), seconds(view, Name::MinSe))
        && lasts < least
    {
        sheet.find(&TIMER, Some(value.span()), format!("at least {least} seconds, as Min-SE says"), shown(value.text));
    }
    if !view.is_success() {
        return;
    }
    match parameter(value, "refresher") {
        None => sheet.find(&TIMER, Some(value.span()), "a refresher in a 2xx", shown(value.text)),
        Some(who) if who.eq_ignore_ascii_case("uac") && !lists(view, Name::Require, "timer") => {
            sheet.find(&TIMER, Some(value.span()), "Require: timer beside refresher=uac", "none");
        }
        Some(_) => {}
    }
}
