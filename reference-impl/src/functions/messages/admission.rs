//! Which message is taken: for whom it is [PF-GEN-01, L19], its type and its size [L25]; and what puts one off that could be
//! delivered now [L13].

use super::kinds::{ACCEPT, Body, names_service};
use super::sent::Why;
use crate::call::Mechanics;
use crate::call::served::{ServedUser, SessionCase};
use crate::config::{Config, DeferralRequest, OverPagerLimit};
use crate::functions::policies_and_preferences::Decision;
use cpm_wire::sip::{Message, Name, Uri};
use cpm_wire::transaction::ServerId;

/// True for a message that is too large for pager mode.
pub fn is_over_limit(m: &Mechanics, body: &Body) -> bool {
    m.config.max_pager_octets.is_some_and(|most| body.octets > most)
}

/// With which status a message is refused for what it is; none when it is taken.
pub fn refusal(m: &Mechanics, served: &ServedUser, body: &Body) -> Option<u16> {
    // For whom the function does not serve it keeps nothing, and nobody else is asked.
    if served.case == SessionCase::Terminating && !is_at_home(&m.config, &served.identity) {
        return Some(404);
    }
    let policy = m.config.policy(&served.identity);
    // What is encoded cannot be carried over MSRP as it is, and what is for several goes on as it came.
    let convertible = body.recipients.is_none() && !body.media_type.is_empty();
    if is_over_limit(m, body) && (m.config.over_pager_limit == OverPagerLimit::Refuse || !convertible) {
        return Some(513);
    }
    if policy.max_message_octets.is_some_and(|most| body.octets as u64 > most) {
        return Some(413);
    }
    policy.refuses(&body.media_type).then_some(415)
}

/// Whether this may be a user whom the function serves: one of the home domain. A telephone number may be anybody's.
fn is_at_home(config: &Config, identity: &str) -> bool {
    match Uri::parse(identity) {
        Ok(Uri::Sip(uri)) => uri.host.eq_ignore_ascii_case(&config.domain),
        _ => true,
    }
}

/// Refuses a MESSAGE for what it is, and says what could be carried.
pub fn refuse_unfit(m: &mut Mechanics, server: ServerId, request: &Message, status: u16) {
    m.reply(server, request, status, |response| match status {
        415 => response.header(Name::Accept, ACCEPT),
        400 => response.header(Name::Warning, "399 cpm-reference \"the content is no message in CPIM\""),
        _ => response,
    });
}

/// Why a message for a served user is put off although it could be delivered; none when it is not.
pub fn put_off(config: &Config, request: &Message, decision: &Decision) -> Option<Why> {
    let asked = |how| config.deferral_request.contains(&how);
    if !decision.available {
        return Some(Why::Unavailable);
    }
    if decision.defers() {
        return Some(Why::ByDocument);
    }
    if asked(DeferralRequest::SenderHeader) && is_to_be_queued(request) {
        return Some(Why::BySender);
    }
    (asked(DeferralRequest::FeatureTag) && names_service(request, "oma.cpm.deferred")).then_some(Why::ByService)
}

/// RFC 3841 section 9.1.
fn is_to_be_queued(request: &Message) -> bool {
    request.tokens(&Name::RequestDisposition).any(|directive| directive.eq_ignore_ascii_case("queue"))
}
