//! The INVITEs that the function sends: those that continue one it received, on a leg of their own, and those that it
//! starts by itself.
//!
//! A continuing request goes where the Route that is left says: back to the serving CSCF with its original dialog
//! identifier (TS 24.229 section 5.4.3). From and To keep URI and display name; everything that the function does not
//! know is passed on.

use super::Mechanics;
use super::admission::ALLOW;
use super::sip::{PRODUCT, without_tag};
use bytes::Bytes;
use cpm_wire::sip::{Builder, Message, Method, Name, NameAddr, identity_key};

/// A body and its type.
pub type Body = (String, Bytes);

/// The feature tags in a Contact (RFC 3840 section 9) but for the name of the device, each after a semicolon.
pub fn features(contact: &NameAddr<'_>) -> String {
    let tags = contact.params.iter().filter(|(name, _)| name.starts_with('+') && !name.starts_with("+sip.instance"));
    tags.map(|(name, value)| match value {
        Some(value) => format!(";{name}={value}"),
        None => format!(";{name}"),
    })
    .collect()
}

impl Mechanics {
    /// An INVITE that continues `received` toward `target`, with an offer of the function's own.
    pub fn onward(&mut self, received: &Message, target: &str, contact: &str, body: Body) -> Message {
        let hops = received.max_forwards().and_then(Result::ok).unwrap_or(70).saturating_sub(1);
        let from = received.from().map(|from| without_tag(&from)).unwrap_or_default();
        let to = received.to().map(|to| without_tag(&to)).unwrap_or_default();
        let removed = [Name::Via, Name::RecordRoute, Name::SessionExpires, Name::MinSe, Name::Supported, Name::Contact];
        let edit = removed.iter().fold(self.sip.routed_on(received), |edit, name| edit.remove(name));
        edit.set_request_uri(target)
            .set(Name::MaxForwards, hops)
            .set(Name::From, format!("{from};tag={}", self.tokens.tag()))
            .set(Name::To, to)
            .set(Name::CallId, self.tokens.token())
            .set(Name::CSeq, "1 INVITE")
            .set(Name::Contact, contact)
            .set(Name::Allow, ALLOW)
            .set(Name::UserAgent, PRODUCT)
            .body(&body.0, body.1)
            .finish()
    }

    /// The own Contact for a session that is as this one is, by its feature tags.
    pub fn contact_like(&self, received: &Message) -> String {
        let features = received.contacts().next().and_then(Result::ok).map(|contact| features(&contact));
        match features.filter(|features| features.contains("icsi-ref")) {
            Some(features) => format!("<{}>{features}", self.contact_uri()),
            None => self.own_contact(),
        }
    }

    /// Whether a user is registered, as P-Served-User says it (RFC 5502).
    pub fn registration_state(&self, user: &str) -> &'static str {
        if self.registrations.has(self.now, &identity_key(user)) { "reg" } else { "unreg" }
    }

    /// A request of the function's own for a served user, to the serving CSCF. With `originating` it is sent on the
    /// user's behalf, else to the user.
    pub fn own_request(&mut self, method: Method, target: &str, user: &str, originating: bool) -> Builder {
        let (parameter, case) = if originating { (";orig", "orig") } else { ("", "term") };
        let state = self.registration_state(user);
        let cseq = format!("1 {method}");
        Builder::request(method, target)
            .header(Name::Route, format!("<sip:{};lr{parameter}>", self.config.serving_cscf))
            .header(Name::MaxForwards, 70)
            .header(Name::CallId, self.tokens.token())
            .header(Name::CSeq, cseq)
            .header(Name::PServedUser, format!("<{user}>;sescase={case};regstate={state}"))
            .header(Name::UserAgent, PRODUCT)
    }
}
