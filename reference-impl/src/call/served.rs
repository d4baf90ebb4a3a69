//! For whom, and in which direction, the function acts (P-Served-User, RFC 5502; Route at the ISC reference point,
//! TS 24.229 section 5.4.3).

use cpm_wire::sip::{Message, Name, NameAddr, identity_key};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The session case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCase {
    /// The served user sends the request.
    Originating,
    /// The request is for the served user.
    Terminating,
}

/// The served user of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedUser {
    /// The public identity as the serving CSCF named it.
    pub identity: String,
    /// Its canonical form.
    pub key: String,
    /// The direction.
    pub case: SessionCase,
    /// Whether the serving CSCF says that the user is registered; none when it does not say.
    pub registered: Option<bool>,
}

/// The served user of an initial request: by P-Served-User, or else by the `orig` parameter in the own Route, or
/// else the user whom the request is for.
pub fn served_user(request: &Message) -> Option<ServedUser> {
    let (identity, case, registered) = match request.header(&Name::PServedUser).map(NameAddr::parse) {
        Some(Ok(served)) => {
            let case = match served.param("sescase").flatten() {
                Some(case) if case.to_ascii_lowercase().starts_with("orig") => SessionCase::Originating,
                _ => SessionCase::Terminating,
            };
            let registered = served.param("regstate").flatten().map(|state| state.eq_ignore_ascii_case("reg"));
            (served.uri.to_owned(), case, registered)
        }
        _ if routed_as_originating(request) => (originator(request)?, SessionCase::Originating, None),
        _ => (request.request_uri()?.to_owned(), SessionCase::Terminating, None),
    };
    Some(ServedUser { key: identity_key(&identity), identity, case, registered })
}

fn routed_as_originating(request: &Message) -> bool {
    let Some(Ok(route)) = request.routes().next() else { return false };
    route.uri.split(';').skip(1).any(|param| param.eq_ignore_ascii_case("orig"))
}

/// Who sends a request: the asserted identity (RFC 3325), else From.
pub fn originator(request: &Message) -> Option<String> {
    let asserted = request.asserted_identities().find_map(Result::ok).map(|asserted| asserted.uri.to_owned());
    asserted.or_else(|| request.from().ok().map(|from| from.uri.to_owned()))
}

/// What tells in a branch for which user, in which case, a request was sent; none where it does not say. A request that is
/// routed here again is told apart by it (RFC 3261 section 16.6 item 8). Without the seed it says nothing to anybody.
pub fn mark(seed: u64, request: &Message) -> Option<String> {
    request.header(&Name::PServedUser)?;
    let served = served_user(request)?;
    let mut hasher = DefaultHasher::new();
    (seed, served.key, served.case == SessionCase::Originating).hash(&mut hasher);
    Some(format!("{BEFORE_MARK}{:08x}", hasher.finish() >> 32))
}

/// The mark in a branch.
pub fn mark_of(branch: &str) -> Option<&str> {
    branch.find(BEFORE_MARK).and_then(|at| branch.get(at..))
}

/// No other part of a branch has it.
const BEFORE_MARK: char = '-';

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::sip::{Builder, Method};
    use pretty_assertions::{assert_eq, assert_ne};

    fn mark_for(seed: u64, served: &str) -> Option<String> {
        let invite = Builder::request(Method::Invite, "sip:bob@example.com");
        mark(seed, &invite.header(Name::PServedUser, served).build())
    }

    #[test]
    fn a_mark_tells_user_and_case_and_can_be_read_back() {
        let first = mark_for(1, "<sip:bob@example.com>;sescase=term;regstate=reg").unwrap();
        assert_eq!(
            mark_for(1, "<sip:Bob@EXAMPLE.com;x=y>;sescase=term"),
            mark_for(1, "<sip:Bob@example.com>;sescase=term")
        );
        assert_eq!(mark_for(1, "<sip:bob@example.com>;sescase=term").as_deref(), Some(&*first));
        for other in ["<sip:bob@example.com>;sescase=orig", "<sip:alice@example.com>;sescase=term"] {
            assert_ne!(mark_for(1, other).as_deref(), Some(&*first), "{other}");
        }
        assert_ne!(mark_for(2, "<sip:bob@example.com>;sescase=term").as_deref(), Some(&*first));
        assert_eq!(mark_of(&format!("z9hG4bKabc{first}")), Some(&*first));
        assert_eq!(mark_of("z9hG4bKabc"), None);
        assert_eq!(mark(1, &Builder::request(Method::Invite, "sip:bob@example.com").build()), None);
    }
}
