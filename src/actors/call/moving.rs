//! A session moves to another end of the same user: that end calls for it, or the one that has it refers to the other
//! (RFC 3891, RFC 3515). And the far end of such a move, where the target passes it on.

use super::calling::ALLOW;
use super::{Call, CallState, Calls, Occasion};
use crate::actors::serving_cscf::Served;
use crate::actors::session::{feature_tag, offer_body};
use crate::actors::signalling::{Purpose, Signalling};
use bytes::Bytes;
use cpm_wire::dialog::DialogId;
use cpm_wire::sip::{Message, Method, Name, identity_key};

/// With what an end asks for a session that another end has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The dialog that it names; none where the contribution alone says what is meant.
    pub dialog: Option<DialogId>,
    /// Nobody may take it for an ordinary call (RFC 3891 section 5: Require).
    pub insists: bool,
    /// Its description of media is none.
    pub without_media: bool,
}

impl Calls {
    /// The dialog of a session that stands at this end.
    pub fn dialog_of(&self, session: &str) -> Option<DialogId> {
        let call = self.of(session).filter(|call| call.state == CallState::Established)?;
        Some(call.dialog.as_ref()?.id.clone())
    }

    /// Calls the far end of a session that another end has, so as to have it here.
    pub fn claim(
        &mut self,
        signalling: &mut Signalling,
        occasion: &Occasion,
        callee: &str,
        served: &Served<'_>,
        claim: &Claim,
    ) {
        let (path, origin) = (self.media.path(&signalling.ids.token()), signalling.ids.bits());
        let offer = self.manner.offer(&self.media, &path);
        let body = match claim.without_media {
            // Unlike any other body, so that it is known again.
            true => Bytes::from(format!("this is no session description: {path}\r\n")),
            false => offer_body(&offer, origin),
        };
        if claim.without_media {
            signalling.declare_malformed(body.clone(), "bad description");
        } else {
            self.media.offer(&path);
        }
        let service = occasion.service.identifier();
        let cscf = signalling.cscf.clone();
        let (tag, host) = (signalling.ids.token(), self.host());
        let request = cscf
            .initial(&mut signalling.ids, Method::Invite, callee, served, &host)
            .header(Name::From, format!("<{}>;tag={tag}", self.identity))
            .header(Name::To, format!("<{callee}>"))
            .header(Name::Contact, self.contact_value(occasion.service))
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::PAssertedService, service)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(service)))
            .header(Name::Subject, occasion.name.clone())
            .header(Name::ConversationId, occasion.conversation.clone())
            .header(Name::ContributionId, occasion.contribution.clone())
            .header(Name::Supported, "timer, replaces")
            .header(Name::Allow, ALLOW);
        let request = claim.dialog.iter().fold(request, |request, dialog| {
            let named = request.header(Name::Replaces, replaces(dialog));
            if claim.insists { named.header(Name::Require, "replaces") } else { named }
        });
        let request = request.body("application/sdp", body).build();
        let mut call = Call::new(&occasion.name, tag, origin);
        call.local = Some(offer);
        let number = self.add(call);
        let purpose = Purpose::Call { party: self.party.clone(), call: number };
        let client = signalling.request(request.clone(), purpose);
        if let Some(call) = self.held.get_mut(&number) {
            call.invite = Some((client, request));
        }
    }

    /// Refers the far end of a session to another contact of the same user; false when it does not stand here.
    pub fn refer(&mut self, signalling: &mut Signalling, session: &str, contact: &str) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let (own, identity) = (format!("<{}>", self.contact), format!("<{}>", self.identity));
        let Some(call) = self.held.get_mut(&number).filter(|call| call.state == CallState::Established) else {
            return false;
        };
        let Some(dialog) = call.dialog.as_mut() else { return false };
        let refer = dialog
            .request(Method::Refer)
            .header(Name::Contact, own)
            .header(Name::ReferTo, format!("<{contact}>"))
            .header(Name::ReferredBy, identity);
        signalling.in_dialog(refer, Purpose::Plain);
        true
    }

    /// The call that an INVITE to this end is to replace (RFC 3891 section 3). An error, with the answer, where it names a
    /// dialog that is not here, or is from somebody else than the other end of it (section 4).
    pub(super) fn replaced(&self, request: &Message) -> Result<Option<u64>, u16> {
        let Some(value) = request.header(&Name::Replaces) else { return Ok(None) };
        let named = |number: &u64, call: &Call| {
            let own = call.dialog.as_ref().filter(|_| call.state == CallState::Established)?;
            is_named(value, &own.id).then_some(*number)
        };
        let found = self.held.iter().find_map(|(number, call)| named(number, call)).ok_or(481_u16)?;
        let far = self.held.get(&found).and_then(|call| call.dialog.as_ref()).map(|dialog| &dialog.remote_uri);
        let from = request.from().map(|from| identity_key(from.uri)).unwrap_or_default();
        if far.is_some_and(|far| identity_key(far) == from) { Ok(Some(found)) } else { Err(403) }
    }

    /// The session has moved here from another call of this end, which is over.
    pub(super) fn let_go(&mut self, signalling: &mut Signalling, number: u64) {
        if let Some(dialog) = self.held.get_mut(&number).and_then(|call| call.dialog.as_mut()) {
            signalling.in_dialog(dialog.request(Method::Bye), Purpose::Plain);
        }
        self.end(signalling, number, CallState::Ended);
    }

    /// Ends the session and leaves the connection of its media for the far end to close; false when it does not stand.
    pub fn leave(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let Some(call) = self.held.get_mut(&number).filter(|call| call.state == CallState::Established) else {
            return false;
        };
        let Some(dialog) = call.dialog.as_mut() else { return false };
        signalling.in_dialog(dialog.request(Method::Bye), Purpose::Plain);
        call.state = CallState::Ended;
        true
    }
}

/// The dialog of a peer as it stands in Replaces: our own tag is the peer's far one (RFC 3891 section 6.1).
#[must_use]
pub fn replaces(dialog: &DialogId) -> String {
    format!("{};to-tag={};from-tag={}", dialog.call_id, dialog.remote_tag, dialog.local_tag)
}

/// Whether Replaces names a dialog of ours: its to-tag is our own (RFC 3891 section 3).
fn is_named(value: &str, own: &DialogId) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let call_id = parts.next().unwrap_or_default();
    let tag =
        |name: &str| value.split(';').filter_map(|part| part.trim().split_once('=')).find(|(key, _)| *key == name);
    let is = |name: &str, own: &str| tag(name).is_some_and(|(_, value)| value == own);
    call_id == own.call_id && is("to-tag", &own.local_tag) && is("from-tag", &own.remote_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_end_names_the_other_finds() {
        let near = DialogId { call_id: "c@h".to_owned(), local_tag: "near".to_owned(), remote_tag: "far".to_owned() };
        let far = DialogId { local_tag: "far".to_owned(), remote_tag: "near".to_owned(), ..near.clone() };
        assert_eq!(replaces(&near), "c@h;to-tag=far;from-tag=near");
        assert!(is_named(&replaces(&near), &far));
        assert!(!is_named(&replaces(&near), &near));
        assert!(!is_named("c@h;to-tag=far", &far));
    }
}
