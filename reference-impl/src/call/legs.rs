//! Legs: INVITE dialogs in which the function is one end (RFC 3261 sections 9, 12 to 15).
//!
//! A leg is made by an INVITE in either direction. Acknowledgements, the clean-up of late and forked answers and the
//! end of a dialog are done here; the owner is told what matters to a service.

use super::{Event, Mechanics, Owner, Usage, Use};
use cpm_wire::dialog::Dialog;
use cpm_wire::endpoint::Peer;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::transaction::{self, ClientId, ServerId};

/// Names a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The own INVITE is not answered yet.
    Calling,
    /// The peer's INVITE is not answered yet.
    Called,
    /// There is a session.
    Established,
    /// The own INVITE was given up: whatever comes is cleaned away.
    Abandoned,
}

/// One INVITE dialog.
pub struct Leg {
    owner: Owner,
    state: State,
    invite: Message,
    client: Option<ClientId>,
    server: Option<ServerId>,
    dialog: Option<Dialog>,
    local_tag: String,
    contact: String,
    acks: Vec<(u32, Message)>,
    reinviting: bool,
}

impl Leg {
    /// The INVITE that made the leg.
    pub fn invite(&self) -> &Message {
        &self.invite
    }

    /// The dialog, once there is one.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// True once the INVITE was answered 2xx.
    pub fn is_established(&self) -> bool {
        self.state == State::Established
    }
}

/// What happened to a leg.
#[derive(Debug)]
pub enum LegEvent {
    /// A provisional response other than 100.
    Provisional(Message),
    /// The INVITE was answered 2xx; the ACK is sent.
    Answered(Message),
    /// The INVITE was refused, or never answered (408), or could not be sent (503). The leg is gone.
    Refused {
        /// The final status.
        status: u16,
        /// The response, when there was one.
        response: Option<Message>,
    },
    /// The peer cancelled its INVITE, which is answered 487. The leg is gone.
    Cancelled(Message),
    /// The peer acknowledged the 2xx.
    Acknowledged,
    /// The peer ended the session by this BYE (answered), or the dialog broke. The leg is gone.
    Ended(Option<Message>),
    /// Another request within the dialog, not answered yet.
    Request {
        /// To be answered here.
        server: ServerId,
        /// The request.
        request: Message,
    },
    /// The answer to a request that the owner sent within the dialog; none when there was none.
    Response {
        /// The request.
        client: ClientId,
        /// The response.
        response: Option<Message>,
    },
}

impl Mechanics {
    /// A leg by its name.
    pub fn leg(&self, leg: LegId) -> Option<&Leg> {
        self.legs.get(&leg)
    }

    /// Sends an INVITE that is complete but for its Via.
    pub fn call(&mut self, owner: Owner, invite: Message) -> LegId {
        let leg = LegId(self.next());
        let local_tag = invite.from_tag().unwrap_or_default().to_owned();
        self.route(invite.call_id().unwrap_or_default(), &local_tag, Usage::Leg(leg));
        let client = self.sip.request(self.now, invite.clone());
        self.uses.insert(client, Use::Invite(leg));
        let contact = invite.header(&Name::Contact).unwrap_or_default().to_owned();
        let state = State::Calling;
        let client = Some(client);
        self.legs.insert(
            leg,
            Leg {
                owner,
                state,
                invite,
                client,
                server: None,
                dialog: None,
                local_tag,
                contact,
                acks: Vec::new(),
                reinviting: false,
            },
        );
        leg
    }

    /// Takes an INVITE of a peer as a leg, to be answered later.
    pub fn called(&mut self, owner: Owner, server: ServerId, invite: Message) -> LegId {
        let leg = LegId(self.next());
        let local_tag = self.tokens.tag();
        self.route(invite.call_id().unwrap_or_default(), &local_tag, Usage::Leg(leg));
        let dialog = Dialog::uas(&invite, &local_tag).ok();
        let contact = format!("<{}>", self.contact_uri());
        self.legs.insert(
            leg,
            Leg {
                owner,
                state: State::Called,
                invite,
                client: None,
                server: Some(server),
                dialog,
                local_tag,
                contact,
                acks: Vec::new(),
                reinviting: false,
            },
        );
        leg
    }

    /// A leg over a dialog that was there before a restart.
    pub fn resume(&mut self, owner: Owner, dialog: Dialog, contact: String) -> LegId {
        let leg = LegId(self.next());
        let local_tag = dialog.id.local_tag.clone();
        self.route(&dialog.id.call_id, &local_tag, Usage::Leg(leg));
        let invite = Builder::request(Method::Invite, &dialog.remote_target).build();
        self.legs.insert(
            leg,
            Leg {
                owner,
                state: State::Established,
                invite,
                client: None,
                server: None,
                dialog: Some(dialog),
                local_tag,
                contact,
                acks: Vec::new(),
                reinviting: false,
            },
        );
        leg
    }

    /// Answers the INVITE of a leg; a 2xx establishes it, any other final ends it.
    pub fn answer(&mut self, leg: LegId, status: u16, contact: &str, fill: impl FnOnce(Builder) -> Builder) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        let Some(server) = held.server else { return };
        let response = Builder::response(&held.invite, status, reason_phrase(status)).to_tag(&held.local_tag);
        let mut response = fill(response);
        if (101..300).contains(&status) {
            held.contact = contact.to_owned();
            response = response.header(Name::Contact, contact);
        }
        if status >= 200 {
            held.server = None;
            held.state = State::Established;
            self.acknowledging.insert(server, leg);
        }
        self.sip.respond(self.now, server, response.build());
        if status >= 300 {
            self.acknowledging.remove(&server);
            self.remove(leg);
        }
    }

    /// Gives an INVITE of the function's own up, or refuses the peer's with `status`, or ends the session; the owner
    /// hears no more of the leg. `reason` is a Reason value (RFC 3326).
    pub fn drop_leg(&mut self, leg: LegId, status: u16, reason: Option<&str>) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        match held.state {
            State::Calling => {
                held.state = State::Abandoned;
                if let Some(client) = held.client {
                    // The CANCEL's own answer tells nothing: the INVITE gets its 487.
                    let _ = self.sip.cancel(self.now, client);
                }
            }
            State::Called => self.answer(leg, status, "", |response| match reason {
                Some(reason) => response.header(Name::Reason, reason),
                None => response,
            }),
            State::Established => {
                if let Some(dialog) = &mut held.dialog {
                    let bye = with_reason(dialog.request(Method::Bye), reason).build();
                    self.sip.request(self.now, bye);
                }
                self.remove(leg);
            }
            State::Abandoned => {}
        }
    }

    /// Forgets a leg whose peer is gone, without a word to it.
    pub fn forget_leg(&mut self, leg: LegId) {
        match self.legs.get(&leg).map(|held| held.state) {
            Some(State::Established) => self.remove(leg),
            _ => self.drop_leg(leg, 480, None),
        }
    }

    /// Sends a request within the dialog of a leg; its answer is a [`LegEvent::Response`].
    pub fn request_in(
        &mut self,
        leg: LegId,
        method: Method,
        fill: impl FnOnce(Builder) -> Builder,
    ) -> Option<ClientId> {
        let held = self.legs.get_mut(&leg)?;
        let targets = matches!(method, Method::Invite | Method::Update | Method::Subscribe | Method::Notify);
        let invites = method == Method::Invite;
        let mut request = fill(held.dialog.as_mut()?.request(method));
        if targets || !held.contact.is_empty() && invites {
            request = request.header(Name::Contact, &held.contact);
        }
        held.reinviting |= invites;
        let client = self.sip.request(self.now, request.build());
        self.uses.insert(client, Use::InLeg(leg));
        Some(client)
    }

    /// Answers a request within the dialog of a leg.
    pub fn reply_in(
        &mut self,
        leg: LegId,
        server: ServerId,
        request: &Message,
        status: u16,
        fill: impl FnOnce(Builder) -> Builder,
    ) {
        let response = Builder::response(request, status, reason_phrase(status));
        if request.method() == Method::Invite && (200..300).contains(&status) {
            self.acknowledging.insert(server, leg);
        }
        self.sip.respond(self.now, server, fill(response).build());
    }

    /// The Contact that a leg goes by.
    pub fn contact_of(&self, leg: LegId) -> String {
        self.legs.get(&leg).map(|held| held.contact.clone()).unwrap_or_default()
    }

    fn remove(&mut self, leg: LegId) {
        if let Some(held) = self.legs.remove(&leg) {
            let call_id = match &held.dialog {
                Some(dialog) => dialog.id.call_id.clone(),
                None => held.invite.call_id().unwrap_or_default().to_owned(),
            };
            self.unroute(&call_id, &held.local_tag);
        }
    }

    fn tell(&mut self, leg: LegId, event: LegEvent) {
        if let Some(held) = self.legs.get(&leg)
            && held.state != State::Abandoned
        {
            self.events.push_back(Event::Leg { owner: held.owner, leg, event });
        }
    }

    /// Tells the owner the last it hears of a leg.
    fn finish(&mut self, leg: LegId, event: LegEvent) {
        self.tell(leg, event);
        self.remove(leg);
    }

    pub(super) fn sip_event(&mut self, event: transaction::Event<Peer>) {
        match event {
            transaction::Event::Request { server, message, .. } => self.request_received(server, message),
            transaction::Event::Cancel { server, invite, message, .. } => {
                self.cancel_received(server, invite, &message)
            }
            transaction::Event::Ack { server, message, .. } => self.ack_received(server, &message),
            transaction::Event::Response { client, message, .. } => self.response_received(client, message),
            transaction::Event::Timeout { client, .. } => self.request_failed(client, 408),
            transaction::Event::TransportError { client, .. } => self.request_failed(client, 503),
            transaction::Event::Unacknowledged { server } => self.never_acknowledged(server),
            transaction::Event::StrayResponse { message, .. } => self.stray_response(&message),
        }
    }

    fn usage_of(&self, call_id: Option<&str>, local_tag: Option<&str>) -> Option<Usage> {
        self.dialogs.get(&(call_id?.to_owned(), local_tag?.to_owned())).copied()
    }

    fn request_received(&mut self, server: ServerId, request: Message) {
        if !self.admitted(server, &request) {
            return;
        }
        if request.to_tag().is_none() {
            return self.events.push_back(Event::Initial { server, request });
        }
        match self.usage_of(request.call_id(), request.to_tag()) {
            Some(Usage::Leg(leg)) => self.leg_request(leg, server, request),
            Some(usage) => self.events.push_back(Event::Subscription { usage, server, request }),
            None => self.refuse(server, &request, 481),
        }
    }

    fn leg_request(&mut self, leg: LegId, server: ServerId, request: Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return self.refuse(server, &request, 481) };
        let Some(dialog) = &mut held.dialog else { return self.refuse(server, &request, 481) };
        if dialog.receive(&request).is_err() {
            return self.refuse(server, &request, 500);
        }
        match request.method() {
            Method::Bye => {
                self.refuse(server, &request, 200);
                self.finish(leg, LegEvent::Ended(Some(request)));
            }
            // RFC 3261 section 14.2: an own offer is still open.
            Method::Invite | Method::Update if held.reinviting => self.refuse(server, &request, 491),
            _ => self.tell(leg, LegEvent::Request { server, request }),
        }
    }

    fn cancel_received(&mut self, server: ServerId, invite: Option<ServerId>, cancel: &Message) {
        let Some(invite) = invite else { return self.refuse(server, cancel, 481) };
        self.refuse(server, cancel, 200);
        let cancelled = self.legs.iter().find(|(_, held)| held.server == Some(invite)).map(|(leg, _)| *leg);
        if let Some(leg) = cancelled {
            self.tell(leg, LegEvent::Cancelled(cancel.clone()));
            self.answer(leg, 487, "", |response| response);
        }
    }

    fn ack_received(&mut self, server: Option<ServerId>, ack: &Message) {
        if let Some(server) = server {
            self.acknowledging.remove(&server);
            self.sip.acknowledged(self.now, server);
        }
        if let Some(Usage::Leg(leg)) = self.usage_of(ack.call_id(), ack.to_tag()) {
            self.tell(leg, LegEvent::Acknowledged);
        }
    }

    fn response_received(&mut self, client: ClientId, response: Message) {
        let Some(used) = self.uses.get(&client).copied() else { return };
        let status = response.status().unwrap_or_default();
        if status >= 300 || (status >= 200 && response.method() != Method::Invite) {
            self.uses.remove(&client);
        }
        match used {
            Use::Invite(leg) => self.invite_answered(leg, status, response),
            Use::InLeg(leg) => self.answered_in(leg, client, status, response),
            Use::Request(owner) if status != 100 => {
                self.events.push_back(Event::Response { owner, client, response: Some(response) });
            }
            Use::Request(_) => {}
        }
    }

    fn invite_answered(&mut self, leg: LegId, status: u16, response: Message) {
        match status {
            100 => {}
            101..=199 => self.tell(leg, LegEvent::Provisional(response)),
            200..=299 => self.invite_accepted(leg, response),
            _ => self.finish(leg, LegEvent::Refused { status, response: Some(response) }),
        }
    }

    fn invite_accepted(&mut self, leg: LegId, response: Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        let Ok(dialog) = Dialog::uac(&held.invite, &response) else { return };
        let cseq = response.cseq().map_or(1, |cseq| cseq.number);
        if let Some(first) = &held.dialog {
            let same = first.id == dialog.id;
            match held.acks.iter().find(|(number, _)| same && *number == cseq) {
                Some((_, ack)) => self.sip.repeat(&ack.clone()),
                // A fork answered too: one session is enough (RFC 3261 section 13.2.2.4).
                None if !same => self.end_at_once(dialog, cseq),
                None => {}
            }
            return;
        }
        if held.state == State::Abandoned {
            self.end_at_once(dialog, cseq);
            return self.remove(leg);
        }
        let ack = self.sip.acknowledge(dialog.ack(cseq).build());
        held.acks.push((cseq, ack));
        held.dialog = Some(dialog);
        held.state = State::Established;
        held.client = None;
        self.tell(leg, LegEvent::Answered(response));
    }

    fn end_at_once(&mut self, mut dialog: Dialog, cseq: u32) {
        self.sip.acknowledge(dialog.ack(cseq).build());
        let bye = dialog.request(Method::Bye).build();
        self.sip.request(self.now, bye);
    }

    fn answered_in(&mut self, leg: LegId, client: ClientId, status: u16, response: Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        if status < 200 {
            return;
        }
        let invites = response.method() == Method::Invite;
        let cseq = response.cseq().map_or(0, |cseq| cseq.number);
        if invites && status < 300 {
            if let Some((_, ack)) = held.acks.iter().find(|(number, _)| *number == cseq) {
                let ack = ack.clone();
                return self.sip.repeat(&ack);
            }
            if let Some(dialog) = &mut held.dialog {
                dialog.refresh(&response);
                let ack = self.sip.acknowledge(dialog.ack(cseq).build());
                held.acks.push((cseq, ack));
            }
        }
        held.reinviting &= !invites;
        self.tell(leg, LegEvent::Response { client, response: Some(response) });
        // RFC 3261 section 12.2.1.2: the peer knows the dialog no more.
        if matches!(status, 408 | 481) {
            self.finish(leg, LegEvent::Ended(None));
        }
    }

    fn request_failed(&mut self, client: ClientId, status: u16) {
        match self.uses.remove(&client) {
            Some(Use::Invite(leg)) => self.finish(leg, LegEvent::Refused { status, response: None }),
            Some(Use::InLeg(leg)) => {
                self.tell(leg, LegEvent::Response { client, response: None });
                self.finish(leg, LegEvent::Ended(None));
            }
            Some(Use::Request(owner)) => {
                self.events.push_back(Event::Response { owner, client, response: None });
            }
            None => {}
        }
    }

    /// RFC 3261 section 13.3.1.4: a 2xx that is never acknowledged ends the session by BYE.
    fn never_acknowledged(&mut self, server: ServerId) {
        let leg = self.acknowledging.remove(&server);
        if let Some(leg) = leg
            && let Some(held) = self.legs.get_mut(&leg)
            && let Some(dialog) = &mut held.dialog
        {
            let bye = dialog.request(Method::Bye).build();
            self.sip.request(self.now, bye);
            self.finish(leg, LegEvent::Ended(None));
        }
    }

    /// A 2xx after its transaction: the ACK was lost.
    fn stray_response(&mut self, response: &Message) {
        let found = self.usage_of(response.call_id(), response.from_tag());
        if let Some(Usage::Leg(leg)) = found
            && let Some(held) = self.legs.get(&leg)
            && let Ok(cseq) = response.cseq()
            && let Some((_, ack)) = held.acks.iter().find(|(number, _)| *number == cseq.number)
        {
            let ack = ack.clone();
            self.sip.repeat(&ack);
        }
    }
}

/// Adds a Reason.
fn with_reason(request: Builder, reason: Option<&str>) -> Builder {
    match reason {
        Some(reason) => request.header(Name::Reason, reason),
        None => request,
    }
}
