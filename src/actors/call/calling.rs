//! An end calls: INVITE, what is answered to it, CANCEL.

use super::{Beside, Call, CallState, Calls, Naming, Occasion, Service, besides, voice};
use crate::actors::serving_cscf::Served;
use crate::actors::session::{feature_tag, media_of, offer_body, sdp_and_list};
use crate::actors::signalling::{Purpose, Signalling};
use bytes::Bytes;
use cpm_wire::dialog::Dialog;
use cpm_wire::offer_answer::{self, Role, Side};
use cpm_wire::resource_lists::List;
use cpm_wire::sdp::{MsrpMedia, Session, Setup};
use cpm_wire::sip::{Message, Method, Name};
use std::net::SocketAddr;

/// What an end can do in a dialog.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, NOTIFY";

/// The least interval of a session timer, in seconds (RFC 4028 section 4).
const LEAST_INTERVAL: u32 = 90;

impl Calls {
    /// Invites somebody to a session. The target acts for `served`.
    pub fn invite(&mut self, signalling: &mut Signalling, occasion: &Occasion, callee: &str, served: &Served<'_>) {
        let origin = signalling.ids.bits();
        let (offer, body) = self.offer(signalling, occasion, origin);
        let service = occasion.service.identifier();
        let cscf = signalling.cscf.clone();
        let tag = signalling.ids.token();
        let host = self.host();
        let request = cscf
            .initial(&mut signalling.ids, Method::Invite, callee, served, &host)
            .header(Name::From, format!("{};tag={tag}", self.author()))
            .header(Name::To, format!("<{callee}>"))
            .header(Name::Contact, self.contact_value(occasion.service))
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::PAssertedService, service)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(self.manner.asks_for.unwrap_or(service))))
            .header(Name::Subject, occasion.name.clone())
            .header(Name::ConversationId, occasion.conversation.clone())
            .header(Name::ContributionId, occasion.contribution.clone())
            .header(Name::Supported, if self.manner.reliable { "timer, 100rel" } else { "timer" })
            .header(Name::Allow, ALLOW);
        if self.manner.expires.is_some_and(|seconds| seconds < LEAST_INTERVAL) {
            signalling.declare_malformed(body.clone(), "the interval of its session timer is too small");
        }
        let request =
            self.manner.expires.into_iter().fold(request, |request, seconds| {
                request.header(Name::SessionExpires, format!("{seconds};refresher=uac"))
            });
        let more = self.manner.more.iter().cloned();
        let request = more.fold(request, |request, (name, value)| request.header(name, value));
        let request = match self.manner.naming {
            Naming::Private => request.header(Name::Privacy, "id"),
            Naming::Named | Naming::Nameless => request,
        };
        let request = match self.manner.addressees.as_slice() {
            [] => request.body("application/sdp", body).build(),
            members => {
                let list = List::to_recipients(members.iter().map(String::as_str));
                let (content_type, body) = sdp_and_list(body, &list, "recipient-list");
                request.header(Name::Require, "recipient-list-invite").body(&content_type, body).build()
            }
        };
        let mut call = Call::new(&occasion.name, tag, origin);
        if self.manner.besides.contains(&Beside::Messages) {
            call.second = Session::parse(&request.body_octets()).ok().and_then(|session| second(&session));
        }
        call.local = offer;
        let number = self.add(call);
        let purpose = Purpose::Call { party: self.party.clone(), call: number };
        let client = signalling.request(request.clone(), purpose);
        if let Some(call) = self.held.get_mut(&number) {
            call.invite = Some((client, request));
        }
    }

    /// What From says of the caller (RFC 3323 section 4.1.1.3 where it says nothing).
    fn author(&self) -> String {
        match self.manner.naming {
            Naming::Named => format!("<{}>", self.identity),
            Naming::Nameless | Naming::Private => "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned(),
        }
    }

    /// What an end offers at the beginning: its message session, or sound.
    fn offer(
        &mut self,
        signalling: &mut Signalling,
        occasion: &Occasion,
        session_id: u64,
    ) -> (Option<MsrpMedia>, Bytes) {
        if occasion.service == Service::Voice {
            return (None, voice::offer(self.media.address, session_id));
        }
        if self.manner.offers_no_messages {
            return (None, voice::offer_of_text(self.media.address, session_id));
        }
        let token = signalling.ids.token();
        let path = self.media.path(&token);
        let offer = self.manner.offer(&self.media, &path);
        self.media.offer(&path);
        let mut body = offer_body(&offer, session_id).to_vec();
        body.extend_from_slice(besides::offered(&self.manner.besides, &self.media, &token).as_bytes());
        (Some(offer), body.into())
    }

    /// Withdraws an invitation that is not finally answered; false when there is none.
    pub fn withdraw(&mut self, signalling: &mut Signalling, session: &str) -> bool {
        let waiting = |call: &&Call| call.session == session && call.state == CallState::Early;
        let Some(call) = self.held.values().rev().find(waiting) else { return false };
        let Some((client, _)) = &call.invite else { return false };
        signalling.cancel(*client);
        true
    }

    /// An answer to a request of ours that was for this call.
    pub fn answered(&mut self, signalling: &mut Signalling, number: u64, answer: &Message) {
        let Some(call) = self.held.get_mut(&number) else { return };
        let status = answer.status().unwrap_or_default();
        let initial = call.invite.as_ref().is_some_and(|(_, invite)| same_request(invite, answer));
        // The same request by another way: another transaction.
        let other_way = call.invite.as_ref().is_some_and(|(_, invite)| initial && branch(invite) != branch(answer));
        match (initial, status) {
            (_, 0..=100) => {}
            (false, _) => self.change_answered(signalling, number, answer),
            (true, 101..=199) => self.rings(signalling, number, answer),
            (true, 200..=299) => self.accepted(signalling, number, answer),
            (true, _) if other_way => {}
            (true, _) => self.end(signalling, number, CallState::Refused(status)),
        }
    }

    /// Nobody answered a request of ours.
    pub fn unanswered(&mut self, signalling: &mut Signalling, number: u64) {
        if self.held.get(&number).is_some_and(|call| call.state == CallState::Early) {
            self.end(signalling, number, CallState::Refused(408));
        }
    }

    /// A provisional answer; one that is to be reliable is acknowledged, each once (RFC 3262 section 4).
    fn rings(&mut self, signalling: &mut Signalling, number: u64, answer: &Message) {
        let party = self.party.clone();
        let Some(call) = self.held.get_mut(&number) else { return };
        call.rings = true;
        let sequence = answer.header(&Name::RSeq).and_then(|value| value.trim().parse::<u32>().ok());
        let (Some(sequence), Some((_, invite))) = (sequence, &call.invite) else { return };
        let Ok(mut early) = Dialog::uac(invite, answer) else { return };
        if call.acknowledged.contains(&(early.id.clone(), sequence)) {
            return;
        }
        call.acknowledged.push((early.id.clone(), sequence));
        early.local_cseq = early.local_cseq.max(u32::try_from(call.acknowledged.len()).unwrap_or(u32::MAX));
        let prack = early.request(Method::Prack).header(Name::RAck, format!("{sequence} 1 INVITE"));
        call.last_cseq = early.local_cseq;
        signalling.in_dialog(prack, Purpose::Call { party, call: number });
    }

    fn accepted(&mut self, signalling: &mut Signalling, number: u64, answer: &Message) {
        let Some(call) = self.held.get_mut(&number) else { return };
        if let Some(dialog) = &call.dialog {
            match dialog.matches(answer) {
                // The same again: the ACK was lost.
                true => signalling.acknowledge(dialog.ack(1)),
                false => Calls::surplus(call, signalling, answer),
            }
            return;
        }
        let Some(mut dialog) = call.invite.as_ref().and_then(|(_, invite)| Dialog::uac(invite, answer).ok()) else {
            return;
        };
        dialog.local_cseq = dialog.local_cseq.max(call.last_cseq);
        signalling.acknowledge(dialog.ack(1));
        call.dialog = Some(dialog);
        call.state = CallState::Established;
        call.remote = media_of(answer);
        let refused_first = Session::parse(&answer.body_octets())
            .is_ok_and(|session| second(&session).is_some() && refuses_first(&session));
        if let Some(second) = call.second.take().filter(|_| refused_first) {
            call.local = Some(second);
        }
        self.connect(signalling, number, Side::Offerer);
    }

    /// Opens the media that were agreed, and closes those before.
    pub(super) fn connect(&mut self, signalling: &mut Signalling, number: u64, we_are: Side) {
        let Some(call) = self.held.get_mut(&number) else { return };
        let (Some(local), Some(remote)) = (&call.local, &call.remote) else { return };
        let role = match we_are {
            Side::Offerer => offer_answer::role(local, remote, we_are),
            Side::Answerer => offer_answer::role(remote, local, we_are),
        };
        // Whoever has said that it waits does so, whatever the far end made of that.
        let role = if local.setup == Some(Setup::Passive) { Role::Listen } else { role };
        let path = local.path.first().cloned().unwrap_or_default();
        match call.media.take() {
            // Who still waits for an answer there hangs on until it has come.
            Some(old) if !call.outstanding.is_empty() => call.former.push(old),
            Some(old) => self.media.close(old, &mut signalling.links),
            None => {}
        }
        let anchor = anchor(local, remote);
        let (now, path_of_peer, links) = (signalling.now, remote.path.clone(), &mut signalling.links);
        call.media = Some(match anchor {
            Some(_) => self.media.open_towards(now, &path, path_of_peer, role, anchor, links),
            None => self.media.open(now, &path, path_of_peer, role, links),
        });
        self.handle_media(signalling);
    }
}

/// Whom to connect to where both sides know media anchors: whoever stands in the address line (RFC 6714 section 4.2).
fn anchor(local: &MsrpMedia, remote: &MsrpMedia) -> Option<SocketAddr> {
    let known = local.cema && remote.cema && remote.path.len() == 1;
    let address = remote.address.trim_matches(['[', ']']).parse().ok().filter(|_| known)?;
    Some(SocketAddr::new(address, remote.port))
}

/// The second message session of a description.
fn second(session: &Session<'_>) -> Option<MsrpMedia> {
    let messages = session.media().filter(|media| media.kind == "message").nth(1)?;
    MsrpMedia::of_media(session, &messages).ok()
}

fn refuses_first(session: &Session<'_>) -> bool {
    session.media().find(|media| media.kind == "message").is_some_and(|media| media.port == 0)
}

/// True when an answer is one to this request, by whichever way it went.
fn same_request(request: &Message, answer: &Message) -> bool {
    let number = |message: &Message| message.cseq().map(|cseq| cseq.number).ok();
    request.call_id() == answer.call_id() && number(request) == number(answer)
}

fn branch(message: &Message) -> Option<String> {
    message.via().ok()?.branch().map(str::to_owned)
}
