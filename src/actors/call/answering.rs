//! An end is called: it rings, accepts or refuses; its caller may withdraw.

use super::calling::ALLOW;
use super::{Answering, Call, CallState, Calls, Occasion, besides, voice};
use crate::actors::message;
use crate::actors::session::{answer_sdp, media_of};
use crate::actors::signalling::Signalling;
use bytes::Bytes;
use cpm_wire::dialog::Dialog;
use cpm_wire::multipart;
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::sdp::{MsrpMedia, Session};
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;

impl Calls {
    /// An INVITE to a session reached this end.
    pub fn invited(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message, occasion: &Occasion) {
        let tag = signalling.ids.token();
        let mut call = Call::new(&occasion.name, tag.clone(), signalling.ids.bits());
        call.server = Some(server);
        call.remote = media_of(request);
        let number = self.add(call);
        let unknown: Vec<&str> = required(request).filter(|extension| !KNOWN.contains(extension)).collect();
        if !unknown.is_empty() {
            let unknown = unknown.join(", ");
            signalling.answer(server, 420, &tag, |response| response.header(Name::Unsupported, unknown));
            return self.end(signalling, number, CallState::Refused(420));
        }
        let reliable = self.manner.reliable && asks_for_reliability(request);
        let replaced = match self.replaced(request) {
            Ok(replaced) => replaced,
            Err(status) => {
                signalling.refuse(server, status);
                return self.end(signalling, number, CallState::Refused(status));
            }
        };
        if let Some(replaced) = replaced {
            self.accept(signalling, number, occasion);
            return self.let_go(signalling, replaced);
        }
        match self.manner.called {
            Answering::Accept => self.accept(signalling, number, occasion),
            Answering::Refuse(status) => {
                message::refuse(signalling, server, status);
                self.end(signalling, number, CallState::Refused(status));
            }
            Answering::Ring => {
                let contact = self.contact_value(occasion.service);
                signalling.answer(server, 180, &tag, |response| {
                    let response = response.header(Name::Contact, contact);
                    if reliable { response.header(Name::Require, "100rel").header(Name::RSeq, 1) } else { response }
                });
                if let Some(call) = self.held.get_mut(&number) {
                    call.rings = true;
                    call.dialog = Dialog::uas(request, &tag).ok().filter(|_| reliable);
                }
            }
        }
    }

    /// Accepts the call of a session that rings; false when none does.
    pub fn pick_up(&mut self, signalling: &mut Signalling, occasion: &Occasion) -> bool {
        let rings = |call: &Call| call.session == occasion.name && call.server.is_some();
        let ringing = self.held.iter().find(|(_, call)| rings(call) && call.state == CallState::Early);
        let Some(number) = ringing.map(|(number, _)| *number) else { return false };
        self.accept(signalling, number, occasion);
        true
    }

    /// Refuses the call of a session that rings; false when none does.
    pub fn turn_down(&mut self, signalling: &mut Signalling, session: &str, status: u16) -> bool {
        let ringing = self.held.iter().find(|(_, call)| call.session == session && call.state == CallState::Early);
        let Some((number, server)) = ringing.and_then(|(number, call)| Some((*number, call.server?))) else {
            return false;
        };
        signalling.refuse(server, status);
        self.end(signalling, number, CallState::Refused(status));
        true
    }

    fn accept(&mut self, signalling: &mut Signalling, number: u64, occasion: &Occasion) {
        let path = self.media.path(&signalling.ids.token());
        let wish = self.manner.local(&self.media, &path);
        let contact = self.contact_value(occasion.service);
        let Some(call) = self.held.get_mut(&number) else { return };
        let Some(server) = call.server.take() else { return };
        let invite = signalling.open_request(server).cloned();
        let answer = call.remote.as_ref().and_then(|offer| offer_answer::answer(offer, &wish).ok());
        let session_id = call.origin;
        let body = match (&answer, &invite) {
            (Some(answer), Some(invite)) => answer_body(answer, invite, session_id, self.manner.takes_besides),
            (None, Some(invite)) => voice::answer(invite.body(), self.media.address, session_id),
            (_, None) => None,
        };
        let (Some(body), Some(invite)) = (body, invite) else {
            // Without an offer that a CPM client can use there is no session to be had.
            signalling.refuse(server, 488);
            return self.end(signalling, number, CallState::Refused(488));
        };
        signalling.answer(server, 200, &call.tag, |response| {
            response.header(Name::Contact, contact).header(Name::Allow, ALLOW).body("application/sdp", body)
        });
        match &mut call.dialog {
            Some(early) => early.confirm(),
            None => call.dialog = Dialog::uas(&invite, &call.tag).ok(),
        }
        call.local = answer;
        call.state = CallState::Established;
        self.connect(signalling, number, Side::Answerer);
    }

    /// The ACK of our 2xx; false when it is not for this end. It may bring the answer to an offer that was asked of us.
    pub fn acknowledged(&mut self, signalling: &mut Signalling, ack: &Message) -> bool {
        let of_call = |call: &Call| call.dialog.as_ref().is_some_and(|dialog| dialog.matches(ack));
        let Some((number, call)) = self.held.iter_mut().find(|(_, call)| of_call(call)) else { return false };
        let number = *number;
        if let Some(remote) = media_of(ack)
            && call.remote.as_ref().is_none_or(|known| known.path != remote.path)
        {
            call.remote = Some(remote);
            self.connect(signalling, number, Side::Offerer);
        }
        true
    }

    /// The caller withdraws; false when nothing rings here for that INVITE.
    pub fn cancelled(&mut self, signalling: &mut Signalling, invite: ServerId) -> bool {
        let found = self.held.iter().find(|(_, call)| call.server == Some(invite) && call.state == CallState::Early);
        let Some(number) = found.map(|(number, _)| *number) else { return false };
        let tag = self.held.get(&number).map(|call| call.tag.clone()).unwrap_or_default();
        signalling.answer(invite, 487, &tag, |response| response);
        self.end(signalling, number, CallState::Ended);
        true
    }
}

/// The answer to an offer: ours in the place of the message session, all else refused, or taken.
fn answer_body(answer: &MsrpMedia, invite: &Message, session_id: u64, takes: bool) -> Option<Bytes> {
    let offer = multipart::find(invite.header(&Name::ContentType)?, &invite.body_octets(), "application/sdp")?;
    let offer = Session::parse(&offer).ok()?;
    let mut body = answer_sdp(answer, invite, session_id)?;
    for medium in offer.media().filter(|medium| takes && besides::may_take(medium)) {
        let refused = format!("m={} 0 {} {}\r\n", medium.kind, medium.protocol, medium.formats);
        let path = answer.path.first().map(|path| path.replacen(";tcp", "b;tcp", 1)).unwrap_or_default();
        body = body.replacen(&refused, &besides::taken(&medium, answer.port, &path), 1);
    }
    Some(Bytes::from(body))
}

/// The extensions that an end knows.
const KNOWN: [&str; 3] = ["timer", "100rel", "replaces"];

/// The extensions that a request requires (RFC 3261 section 20.32).
fn required(request: &Message) -> impl Iterator<Item = &str> {
    request.headers(&Name::Require).flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty())
}

fn asks_for_reliability(request: &Message) -> bool {
    let supported = request.headers(&Name::Supported).flat_map(|value| value.split(',')).map(str::trim);
    supported.chain(required(request)).any(|name| name == "100rel")
}
