//! For whom, and in which direction, the function acts (P-Served-User, RFC 5502; Route at the ISC reference point,
//! TS 24.229 section 5.4.3).

use cpm_wire::sip::{Message, Name, NameAddr, identity_key};

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

fn originator(request: &Message) -> Option<String> {
    let asserted = request.asserted_identities().find_map(Result::ok).map(|asserted| asserted.uri.to_owned());
    asserted.or_else(|| request.from().ok().map(|from| from.uri.to_owned()))
}
