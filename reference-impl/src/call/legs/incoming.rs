//! What comes in about legs: requests within their dialogs, responses, acknowledgements, and what never came.

use super::acks::Acks;
use super::{LegEvent, LegId, State};
use crate::call::{Event, Mechanics, OwnEnd, Usage, Use};
use bytes::Bytes;
use cpm_wire::dialog::Dialog;
use cpm_wire::endpoint::Peer;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::transaction::{self, ClientId, ServerId};

impl Mechanics {
    pub(super) fn tell(&mut self, leg: LegId, event: LegEvent) {
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
        self.dialogs.get(&OwnEnd::new(call_id?, local_tag?)).copied()
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

    /// RFC 6665 section 4.1.2.3: a NOTIFY follows the end of a subscription. RFC 5407 section 3.2.3: of a session both may
    /// have said the end.
    fn last_word(&mut self, server: ServerId, request: &Message) {
        let status = if matches!(request.method(), Method::Notify | Method::Bye) { 200 } else { 481 };
        self.refuse(server, request, status);
    }

    fn leg_request(&mut self, leg: LegId, server: ServerId, request: Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return self.refuse(server, &request, 481) };
        let own = held.dialog.as_mut().filter(|dialog| dialog.matches(&request));
        let early = own.is_none();
        let dialog = match own {
            Some(dialog) => Some(dialog),
            None => held.early.iter_mut().map(|early| &mut early.dialog).find(|dialog| dialog.matches(&request)),
        };
        let Some(dialog) = dialog else { return self.refuse(server, &request, 481) };
        if dialog.receive(&request).is_err() {
            return self.refuse(server, &request, 500);
        }
        match (request.method(), held.state) {
            (Method::Bye, _) if early => self.refuse(server, &request, 481),
            (Method::Bye, State::Called) => self.given_up(leg, server, request),
            (Method::Bye, _) => {
                self.refuse(server, &request, 200);
                self.finish(leg, LegEvent::Ended(Some(request)));
            }
            (Method::Prack, _) => self.provisionally_acknowledged(leg, server, &request),
            (_, State::Ending | State::Abandoned) => self.refuse(server, &request, 481),
            (Method::Invite | Method::Update, State::Called | State::Calling) => {
                self.changed_too_early(leg, server, &request);
            }
            // RFC 3261 section 14.2: an own INVITE is open.
            (Method::Invite, _) if held.reinviting => self.refuse(server, &request, 491),
            (Method::Update, _) if held.reinviting && !request.body().is_empty() => self.refuse(server, &request, 491),
            _ => self.tell(leg, LegEvent::Request { server, request }),
        }
    }

    /// RFC 3261 section 15.1.2: a BYE within the early dialog ends the INVITE too.
    fn given_up(&mut self, leg: LegId, server: ServerId, bye: Message) {
        self.refuse(server, &bye, 200);
        self.tell(leg, LegEvent::Cancelled(bye));
        self.answer(leg, 487, "", |response| response);
    }

    /// A change before there is a session: an offer is open, the own one or the peer's (RFC 3261 section 14.2, RFC 3311
    /// section 5.2). An UPDATE without offer changes nothing but the target.
    fn changed_too_early(&mut self, leg: LegId, server: ServerId, request: &Message) {
        let Some(held) = self.legs.get(&leg) else { return };
        let contact = held.contact.clone();
        if request.method() == Method::Update && request.body().is_empty() {
            return self.reply(server, request, 200, |response| response.header(Name::Contact, contact));
        }
        match held.state {
            State::Calling => self.refuse(server, request, 491),
            _ => self.refuse_for_now(server, request),
        }
    }

    /// RFC 3261 section 14.2: another request is still open, and this one may come again.
    pub fn refuse_for_now(&mut self, server: ServerId, request: &Message) {
        let seconds = self.tokens.number() % 11;
        self.reply(server, request, 500, |response| response.header(Name::RetryAfter, seconds));
    }

    fn cancel_received(&mut self, server: ServerId, invite: Option<ServerId>, cancel: &Message) {
        let Some(invite) = invite else { return self.refuse(server, cancel, 481) };
        let initial = self.unanswered.get(&invite).copied();
        let initial = initial.and_then(|leg| Some((leg, self.legs.get(&leg)?.local_tag.clone())));
        // RFC 3261 section 9.2: the To tag is that of the answer to the INVITE.
        let tag = initial.as_ref().map_or_else(|| self.tokens.tag(), |(_, tag)| tag.clone());
        let response = Builder::response(cancel, 200, reason_phrase(200)).to_tag(&tag);
        self.sip.respond(self.now, server, response.build());
        if let Some((leg, _)) = initial {
            self.tell(leg, LegEvent::Cancelled(cancel.clone()));
            self.answer(leg, 487, "", |response| response);
        } else if let Some(Usage::Leg(leg)) = self.usage_of(cancel.call_id(), cancel.to_tag()) {
            self.tell(leg, LegEvent::Withdrawn(invite));
        } else {
            self.events.push_back(Event::Withdrawn(invite));
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
                _ => self.tell(leg, LegEvent::Acknowledged(ack.clone())),
            }
        }
    }

    fn response_received(&mut self, client: ClientId, response: Message) {
        let status = response.status().unwrap_or_default();
        let Some(used) = self.uses.get(&client).copied() else { return self.accepted_again(status, response) };
        if status >= 200 {
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

    /// A 2xx after the one that was taken: it comes again, or is that of another branch.
    fn accepted_again(&mut self, status: u16, response: Message) {
        if response.method() != Method::Invite || !(200..300).contains(&status) {
            return;
        }
        match self.usage_of(response.call_id(), response.from_tag()) {
            Some(Usage::Leg(leg)) => self.invite_accepted(leg, response),
            _ => self.late(&response),
        }
    }

    fn invite_answered(&mut self, leg: LegId, status: u16, response: Message) {
        match status {
            100 => {}
            101..=199 => {
                if self.progress_received(leg, &response) {
                    self.tell(leg, LegEvent::Provisional(response));
                }
            }
            200..=299 => self.invite_accepted(leg, response),
            _ => self.finish(leg, LegEvent::Refused { status, response: Some(response) }),
        }
    }

    fn invite_accepted(&mut self, leg: LegId, response: Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return self.late(&response) };
        // Once there is a dialog, the INVITE may be gone.
        let invite = if held.dialog.is_some() { &response } else { &*held.invite };
        let Ok(mut dialog) = Dialog::uac(invite, &response) else { return };
        dialog.route_set.retain(|route| !self.sip.is_own_route(route));
        // What was said in it before it was answered counts (RFC 3261 section 12.2.1.1).
        if let Some(early) = held.early.iter().map(|early| &early.dialog).find(|early| early.id == dialog.id) {
            dialog.local_cseq = early.local_cseq;
            dialog.remote_cseq = early.remote_cseq;
        }
        let cseq = response.cseq().map_or(1, |cseq| cseq.number);
        if let Some(first) = &held.dialog {
            let same = first.id == dialog.id;
            match held.acks.of(cseq).filter(|_| same) {
                Some(ack) => self.acknowledge_again(ack),
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
        // A fork may still answer.
        held.early.retain(|early| early.dialog.id != dialog.id);
        held.early.shrink_to_fit();
        let ack = self.sip.acknowledge(dialog.ack(cseq).build());
        held.acks.keep(cseq, &ack);
        held.dialog = Some(dialog);
        held.state = State::Established;
        held.client = None;
        self.tell(leg, LegEvent::Answered(response));
    }

    /// The ACK of a 2xx was lost.
    fn acknowledge_again(&mut self, ack: Bytes) {
        if let Ok(ack) = Message::parse(ack) {
            self.sip.repeat(&ack);
        }
    }

    /// A fork answers after the leg is gone: its dialog is ended (RFC 3261 section 13.2.2.4). All that a dialog needs
    /// stands in the answer.
    fn late(&mut self, response: &Message) {
        if let (Ok(mut dialog), Ok(cseq)) = (Dialog::uac(response, response), response.cseq()) {
            let over = self.over.iter().find(|over| over.dialog == dialog.id);
            if let Some(over) = over {
                let ack = over.acks.of(cseq.number);
                return ack.into_iter().for_each(|ack| self.acknowledge_again(ack));
            }
            dialog.route_set.retain(|route| !self.sip.is_own_route(route));
            self.end_at_once(dialog, cseq.number);
        }
    }

    fn end_at_once(&mut self, mut dialog: Dialog, cseq: u32) {
        let ack = self.sip.acknowledge(dialog.ack(cseq).build());
        let bye = dialog.request(Method::Bye).build();
        self.sip.request(self.now, bye);
        let mut acks = Acks::default();
        acks.keep(cseq, &ack);
        self.is_over(dialog.id, acks);
    }

    fn answered_in(&mut self, leg: LegId, client: ClientId, status: u16, response: Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        if status < 200 {
            if status > 100 && response.method() == Method::Invite {
                self.tell(leg, LegEvent::Response { client, response: Some(response) });
            }
            return;
        }
        let invites = response.method() == Method::Invite;
        let cseq = response.cseq().map_or(0, |cseq| cseq.number);
        if invites && status < 300 {
            if let Some(ack) = held.acks.of(cseq) {
                return self.acknowledge_again(ack);
            }
            if held.answer_owed == Some(cseq) {
                return;
            }
            if let Some(dialog) = &mut held.dialog {
                dialog.refresh(&response);
                match held.offerless {
                    true => held.answer_owed = Some(cseq),
                    false => {
                        let ack = self.sip.acknowledge(dialog.ack(cseq).build());
                        held.acks.keep(cseq, &ack);
                    }
                }
            }
        } else if status < 300
            && let Some(dialog) = &mut held.dialog
        {
            dialog.refresh(&response);
        }
        held.reinviting &= !invites;
        if status < 300 && super::changes(&response.method()) && !response.body().is_empty() {
            self.metered_change(leg);
        }
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
            && let Some(ack) = held.acks.of(cseq.number)
        {
            self.acknowledge_again(ack);
        }
    }
}
