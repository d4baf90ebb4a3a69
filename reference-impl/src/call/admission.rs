//! What every request must pass before a service sees it (RFC 3261 sections 8.2.1 to 8.2.4, RFC 6665 section 4.2.1,
//! RFC 7332 for Max-Forwards at a back-to-back agent).

use super::Mechanics;
use cpm_wire::sip::{Message, Method, Name, Uri};
use cpm_wire::transaction::ServerId;

/// The methods that are understood.
pub const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE, SUBSCRIBE, NOTIFY, REFER, UPDATE, INFO, PRACK";

/// The body types that an INVITE may have; others inside a multipart are passed on.
pub const ACCEPT: &str = "application/sdp, multipart/mixed, multipart/related";

/// Extensions that are understood, or that concern only the far end of a session.
const OPTIONS: [&str; 9] = [
    "timer",
    "100rel",
    "recipient-list-invite",
    "recipient-list-message",
    "recipient-list-subscribe",
    "multiple-refer",
    "norefersub",
    "replaces",
    "gruu",
];

/// A status and the headers that go with it.
struct Refusal(u16, Vec<(Name, String)>);

impl Mechanics {
    /// True when the request may go on; otherwise it has been answered.
    pub(super) fn admitted(&mut self, server: ServerId, request: &Message) -> bool {
        let Some(Refusal(status, headers)) = self.unfit(request).or_else(|| self.untimely(request)) else {
            return true;
        };
        self.reply(server, request, status, |response| {
            headers.into_iter().fold(response, |response, (name, value)| response.header(name, value))
        });
        false
    }

    /// What is wrong with the request at this moment.
    fn untimely(&self, request: &Message) -> Option<Refusal> {
        let merged = request.to_tag().is_none() && self.sip.is_merged(request);
        merged.then(|| Refusal(482, Vec::new()))
    }

    /// Refuses an INVITE that would begin one session more than may be.
    pub fn refuse_full(&mut self, server: ServerId, invite: &Message) {
        self.reply(server, invite, 503, |response| response.header(Name::RetryAfter, 5));
    }

    /// What is wrong with the request by itself, in the order of RFC 3261 section 8.2.
    fn unfit(&self, request: &Message) -> Option<Refusal> {
        let method = request.method();
        if !ALLOW.split(", ").any(|allowed| allowed == method.as_str()) {
            return Some(Refusal(405, vec![(Name::Allow, ALLOW.to_owned())]));
        }
        if matches!(request.request_uri().map(Uri::parse), None | Some(Err(_)) | Some(Ok(Uri::Other { .. }))) {
            return Some(Refusal(416, Vec::new()));
        }
        let required = request.tokens(&Name::Require).chain(request.tokens(&Name::ProxyRequire));
        let unknown: Vec<&str> = required.filter(|tag| !self.knows(tag)).collect();
        if !unknown.is_empty() {
            return Some(Refusal(420, vec![(Name::Unsupported, unknown.join(", "))]));
        }
        let ends_here = matches!(method, Method::Register | Method::Options);
        if !ends_here && request.max_forwards().is_some_and(|hops| hops == Ok(0)) {
            return Some(Refusal(483, Vec::new()));
        }
        let events = self.events();
        let served = |event: &str| events.split(", ").any(|served| served == event);
        if method == Method::Subscribe && request.event().is_none_or(|event| !served(event.value)) {
            return Some(Refusal(489, vec![(Name::AllowEvents, events.to_owned())]));
        }
        unreadable(request)
    }

    /// The event packages that devices may subscribe to.
    fn events(&self) -> &'static str {
        if self.config.deferred.takes_subscriptions() { "conference, deferred-messages" } else { "conference" }
    }

    fn knows(&self, extension: &str) -> bool {
        let known = OPTIONS.iter().any(|one| one.eq_ignore_ascii_case(extension));
        known && (self.config.session_timer || !extension.eq_ignore_ascii_case("timer"))
    }
}

/// A body in a form that is not understood (RFC 3261 section 8.2.3).
fn unreadable(request: &Message) -> Option<Refusal> {
    if request.body().is_empty() {
        return None;
    }
    // What a MESSAGE carries is for its recipient to read.
    if request.method() == Method::Message {
        return None;
    }
    if request.tokens(&Name::ContentEncoding).any(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Some(Refusal(415, vec![(Name::AcceptEncoding, "identity".to_owned())]));
    }
    if request.method() != Method::Invite {
        return None;
    }
    let known = match request.content_type() {
        Some(Ok(kind)) => ACCEPT.split(", ").any(|accepted| accepted == kind.essence()),
        _ => false,
    };
    (!known).then(|| Refusal(415, vec![(Name::Accept, ACCEPT.to_owned())]))
}
