//! What comes in about legs: requests within their dialogs, responses, acknowledgements, and what never came.

use super::{LegEvent, LegId, State};
use crate::call::{Event, Mechanics, Usage, Use};
use cpm_wire::dialog::Dialog;
use cpm_wire::endpoint::Peer;
use cpm_wire::sip::{Message, Method};
use cpm_wire::transaction::{self, ClientId, ServerId};

impl Mechanics {
    fn tell(&mut self, leg: LegId, event: LegEvent) {
        if let Some(held) = self.legs.get(&leg)
            && !matches!(held.state, State::Abandoned | State::Ending)
        {
            self.events.push_back(Event::Leg { owner: held.owner, leg, event });
        }
    }

    /// Tells the owner the last it hears of a leg.
    fn finish(&mut self, leg: LegId, event: LegEvent) {
        self.tell(leg, event);
        self.remove(leg);
    }

    pub(in crate::call) fn sip_event(&mut self, event: transaction::Event<Peer>) {
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
            Some(Usage::Parted) => self.last_word(server, &request),
            Some(usage) => self.events.push_back(Event::Subscription { usage, server, request }),
            None => self.refuse(server, &request, 481),
        }
    }

    /// RFC 6665 section 4.1.2.3: a NOTIFY follows the end of a subscription.
    fn last_word(&mut self, server: ServerId, request: &Message) {
        let status = if request.method() == Method::Notify { 200 } else { 481 };
        self.refuse(server, request, status);
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
            _ if held.state == State::Ending => self.refuse(server, &request, 481),
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
        if let Some(Usage::Leg(leg)) = self.usage_of(ack.call_id(), ack.to_tag())
            && let Some(held) = self.legs.get_mut(&leg)
        {
            held.acknowledged = true;
            match held.state {
                State::Ending => self.say_goodbye(leg),
                _ => self.tell(leg, LegEvent::Acknowledged),
            }
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
        let Ok(mut dialog) = Dialog::uac(&held.invite, &response) else { return };
        dialog.route_set.retain(|route| !self.sip.is_own_route(route));
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
        if let Some(leg) = leg {
            self.tell(leg, LegEvent::Ended(None));
            self.say_goodbye(leg);
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
