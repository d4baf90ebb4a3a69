//! What was agreed changes: a new offer by re-INVITE or UPDATE, from either end (RFC 3261 section 14, RFC 3311).

use super::{Answering, Call, CallState, Calls, Change};
use crate::actors::session::{media_of, sdp_body};
use crate::actors::signalling::{Purpose, Signalling};
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;

impl Calls {
    /// Offers the media of a session anew, in this direction and at a new path; false when the session does not stand.
    pub fn change(&mut self, signalling: &mut Signalling, session: &str, method: Method, direction: Direction) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let path = self.media.path(&signalling.ids.token());
        let mut offer = self.manner.offer(&self.media, &path);
        offer.direction = direction;
        let contact = format!("<{}>", self.contact);
        let party = self.party.clone();
        let Some(call) = self.held.get_mut(&number).filter(|call| call.state == CallState::Established) else {
            return false;
        };
        let Some(dialog) = call.dialog.as_mut().filter(|_| call.offered.is_none()) else { return false };
        self.media.offer(&path);
        call.version += 1;
        let body = sdp_body(&offer, call.origin, call.version);
        let request = dialog.request(method).header(Name::Contact, contact).body("application/sdp", body);
        call.offered = Some(offer);
        let cseq = dialog.local_cseq;
        let client = signalling.in_dialog(request, Purpose::Call { party, call: number });
        call.changes.push(Change { client, cseq, status: None });
        true
    }

    /// Says that the session goes on (RFC 4028 section 7.4), by an UPDATE without offer; false when it does not stand.
    pub fn refresh(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let (contact, party) = (format!("<{}>", self.contact), self.party.clone());
        let expires = self.manner.expires;
        let Some(call) = self.held.get_mut(&number).filter(|call| call.state == CallState::Established) else {
            return false;
        };
        let Some(dialog) = call.dialog.as_mut() else { return false };
        let update = dialog.request(Method::Update).header(Name::Contact, contact).header(Name::Supported, "timer");
        let update = expires
            .into_iter()
            .fold(update, |update, seconds| update.header(Name::SessionExpires, format!("{seconds};refresher=uac")));
        let cseq = dialog.local_cseq;
        let client = signalling.in_dialog(update, Purpose::Call { party, call: number });
        call.changes.push(Change { client, cseq, status: None });
        true
    }

    /// Invites within the session without an offer, so that the far end makes one (RFC 3261 section 14.1); false when the
    /// session does not stand.
    pub fn ask_for_offer(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let Some(number) = self.number_of(session) else { return false };
        let (contact, party) = (format!("<{}>", self.contact), self.party.clone());
        let Some(call) = self.held.get_mut(&number).filter(|call| call.state == CallState::Established) else {
            return false;
        };
        let Some(dialog) = call.dialog.as_mut().filter(|_| call.offered.is_none()) else { return false };
        let request = dialog.request(Method::Invite).header(Name::Contact, contact);
        let cseq = dialog.local_cseq;
        let client = signalling.in_dialog(request, Purpose::Call { party, call: number });
        call.asked_for_offer = true;
        call.changes.push(Change { client, cseq, status: None });
        true
    }

    /// The far end offers in its 2xx, as it was asked to: the answer is in the ACK. Where nothing else is offered, the
    /// connection stays as it is.
    fn answer_offer(&mut self, signalling: &mut Signalling, number: u64, accepted: &Message) {
        let Some(call) = self.held.get_mut(&number) else { return };
        let Some(own) = call.local.as_ref().and_then(|local| local.path.first().cloned()) else { return };
        let wish = self.manner.local(&self.media, &own);
        let offer = media_of(accepted);
        let answer = offer.as_ref().and_then(|offer| offer_answer::answer(offer, &wish).ok());
        if let Some(change) = change_of(call, accepted) {
            change.status = accepted.status();
        }
        let (Some(dialog), Ok(cseq)) = (&mut call.dialog, accepted.cseq()) else { return };
        dialog.refresh(accepted);
        let ack = dialog.ack(cseq.number);
        let (Some(offer), Some(answer)) = (offer, answer) else { return signalling.acknowledge(ack) };
        call.version += 1;
        let body = sdp_body(&answer, call.origin, call.version);
        call.offer_answered = Some((cseq.number, body.clone()));
        signalling.acknowledge(ack.body("application/sdp", body));
        let elsewhere = call.remote.as_ref().is_none_or(|known| known.path != offer.path);
        call.local = Some(answer);
        call.remote = Some(offer);
        if elsewhere {
            self.connect(signalling, number, Side::Answerer);
        }
    }

    pub(super) fn change_answered(&mut self, signalling: &mut Signalling, number: u64, answer: &Message) {
        let Some(call) = self.held.get_mut(&number) else { return };
        let status = answer.status().unwrap_or_default();
        if status < 200 {
            return;
        }
        let success = (200..300).contains(&status);
        let fresh = answer.method() == Method::Invite && change_of(call, answer).is_some();
        if fresh && std::mem::take(&mut call.asked_for_offer) && success {
            return self.answer_offer(signalling, number, answer);
        }
        if success
            && answer.method() == Method::Invite
            && let (Some(dialog), Ok(cseq)) = (&call.dialog, answer.cseq())
        {
            let again = call.offer_answered.as_ref().filter(|(number, _)| *number == cseq.number);
            let body = again.map(|(_, body)| body.clone());
            let ack = dialog.ack(cseq.number);
            signalling.acknowledge(match body {
                Some(body) => ack.body("application/sdp", body),
                None => ack,
            });
        }
        if answer.method() == Method::Prack {
            return;
        }
        let Some(change) = change_of(call, answer) else { return };
        change.status = Some(status);
        let offered = call.offered.take();
        if success && let (Some(local), Some(remote)) = (offered, media_of(answer)) {
            if let Some(dialog) = &mut call.dialog {
                dialog.refresh(answer);
            }
            call.local = Some(local);
            call.remote = Some(remote);
            self.connect(signalling, number, Side::Offerer);
        }
    }

    /// The far end offers anew, or asks for our offer.
    pub(super) fn offered_change(
        &mut self,
        signalling: &mut Signalling,
        number: u64,
        server: ServerId,
        request: &Message,
    ) {
        let contact = format!("<{}>", self.contact);
        let elsewhere = self.media.path(&signalling.ids.token());
        let asked_to_change = self.manner.asked_to_change;
        let Some(call) = self.held.get_mut(&number) else { return };
        call.changed += 1;
        if call.offered.is_some() {
            // Both ends at once (RFC 3261 section 14.2).
            return signalling.refuse(server, 491);
        }
        let Some(offer) = media_of(request) else {
            let again = call.local.as_ref().map(|local| sdp_body(local, call.origin, call.version));
            return signalling.answer(server, 200, "", |response| {
                let response = response.header(Name::Contact, contact);
                match again.filter(|_| request.method() == Method::Invite) {
                    Some(body) => response.body("application/sdp", body),
                    None => response,
                }
            });
        };
        // Where the far end stays, the connection does too.
        let stays = call.remote.as_ref().is_some_and(|known| known.path == offer.path);
        let own = call.local.as_ref().and_then(|local| local.path.first().cloned()).filter(|_| stays);
        let wish = self.manner.local(&self.media, own.as_ref().unwrap_or(&elsewhere));
        let answer = offer_answer::answer(&offer, &wish).map_err(|refused| refused.status);
        let answer = match asked_to_change {
            Answering::Refuse(status) => Err(status),
            Answering::Accept | Answering::Ring => answer,
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(status) => return signalling.refuse(server, status),
        };
        call.version += 1;
        let body = sdp_body(&answer, call.origin, call.version);
        signalling
            .answer(server, 200, "", |response| response.header(Name::Contact, contact).body("application/sdp", body));
        call.local = Some(answer);
        call.remote = Some(offer);
        if own.is_none() {
            self.connect(signalling, number, Side::Answerer);
        }
    }
}

/// The change that this answers; an answer that comes again is none to what was asked since.
fn change_of<'c>(call: &'c mut Call, answer: &Message) -> Option<&'c mut Change> {
    let asked = answer.cseq().ok()?.number;
    call.changes.iter_mut().find(|change| change.status.is_none() && change.cseq == asked)
}
