//! Legs: INVITE dialogs in which the function is one end (RFC 3261 sections 9, 12 to 15).
//!
//! A leg is made by an INVITE in either direction. Acknowledgements, the clean-up of late and forked answers and the
//! end of a dialog are done here; the owner is told what matters to a service.

mod acks;
mod incoming;
mod reliable;

use super::admission::ALLOW;
use super::{Mechanics, OwnEnd, Owner, Usage, Use};
use acks::Acks;
use cpm_wire::dialog::{Dialog, DialogId};
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::transaction::{ClientId, ServerId};
use reliable::Reliable;
use std::sync::Arc;

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
    /// The session is over, but the ACK of the own 2xx has to come before the BYE (RFC 3261 section 15).
    Ending,
}

/// One INVITE dialog.
pub struct Leg {
    owner: Owner,
    state: State,
    invite: Arc<Message>,
    client: Option<ClientId>,
    server: Option<ServerId>,
    dialog: Option<Dialog>,
    local_tag: String,
    contact: String,
    /// The dialogs that provisional answers to the own INVITE made.
    early: Vec<Early>,
    /// The provisional answers of the own that the peer acknowledges (RFC 3262).
    reliable: Reliable,
    acks: Acks,
    reinviting: bool,
    /// The own INVITE within the dialog has no offer: the ACK of its 2xx brings the answer.
    offerless: bool,
    /// The CSeq of the 2xx whose ACK waits for that answer.
    answer_owed: Option<u32>,
    /// The own 2xx was acknowledged, or there was none.
    acknowledged: bool,
    /// The Reason of the BYE that waits.
    reason: Option<Box<str>>,
}

/// A dialog before the INVITE is finally answered, and the last reliable provisional answer in it.
struct Early {
    dialog: Dialog,
    rseq: Option<u32>,
}

impl Leg {
    fn new(owner: Owner, state: State, invite: Message, local_tag: String, contact: String) -> Leg {
        Leg {
            owner,
            state,
            invite: Arc::new(invite),
            client: None,
            server: None,
            dialog: None,
            local_tag,
            contact,
            early: Vec::new(),
            reliable: Reliable::default(),
            acks: Acks::default(),
            reinviting: false,
            offerless: false,
            answer_owed: None,
            acknowledged: true,
            reason: None,
        }
    }

    /// The INVITE that made the leg.
    pub fn invite(&self) -> &Message {
        &self.invite
    }

    /// Who hears what becomes of it.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The dialog, once there is one.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// True unless the ACK of the own 2xx is awaited.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged
    }
}

/// A dialog that is over: a 2xx that comes again is acknowledged again, and nothing more is said in it.
pub struct Over {
    dialog: DialogId,
    acks: Acks,
}

/// So many are remembered; a 2xx comes again for 32 s at most (RFC 3261 section 13.3.1.4).
const MOST_OVER: usize = 1024;

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
    /// The peer acknowledged the 2xx by this ACK.
    Acknowledged(Message),
    /// The peer ended the session by this BYE (answered), or the dialog broke. The leg is gone.
    Ended(Option<Message>),
    /// Another request within the dialog, not answered yet.
    Request {
        /// To be answered here.
        server: ServerId,
        /// The request.
        request: Message,
    },
    /// The peer cancelled its INVITE within the dialog, which is not answered yet.
    Withdrawn(ServerId),
    /// An answer to a request that the owner sent within the dialog, provisional or final; none when there was none.
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
        self.legs.get(&leg).map(|held| &**held)
    }

    /// The leg in session that these identifiers name (RFC 3891 section 3), and its owner. Either tag may be the own: each end
    /// tells them apart from its side.
    pub fn named_leg(&self, call_id: &str, tags: &[String; 2]) -> Option<(LegId, Owner)> {
        let [one, other] = tags;
        [(one, other), (other, one)].into_iter().find_map(|(own, peer)| {
            let Usage::Leg(leg) = self.dialogs.get(&OwnEnd::new(call_id, own))? else { return None };
            let held = self.legs.get(leg).filter(|held| held.state == State::Established)?;
            held.dialog.as_ref().filter(|dialog| dialog.id.remote_tag == *peer).map(|_| (*leg, held.owner))
        })
    }

    /// Sends an INVITE that is complete but for its Via.
    pub fn call(&mut self, owner: Owner, invite: Message) -> LegId {
        let leg = LegId(self.next());
        let local_tag = invite.from_tag().unwrap_or_default().to_owned();
        self.route(invite.call_id().unwrap_or_default(), &local_tag, Usage::Leg(leg));
        let client = self.sip.request(self.now, invite.clone());
        self.uses.insert(client, Use::Invite(leg));
        let contact = invite.header(&Name::Contact).unwrap_or_default().to_owned();
        let mut held = Leg::new(owner, State::Calling, invite, local_tag, contact);
        held.client = Some(client);
        self.legs.insert(leg, Box::new(held));
        leg
    }

    /// Takes an INVITE of a peer as a leg, to be answered later.
    pub fn called(&mut self, owner: Owner, server: ServerId, invite: Message) -> LegId {
        let leg = LegId(self.next());
        let local_tag = self.tokens.tag();
        self.route(invite.call_id().unwrap_or_default(), &local_tag, Usage::Leg(leg));
        let dialog = Dialog::uas(&invite, &local_tag).ok();
        let contact = format!("<{}>", self.contact_uri());
        let mut held = Leg::new(owner, State::Called, invite, local_tag, contact);
        (held.server, held.dialog) = (Some(server), dialog);
        self.unanswered.insert(server, leg);
        self.legs.insert(leg, Box::new(held));
        self.metered_call(server, leg);
        leg
    }

    /// A leg has another owner from now on.
    pub fn hand_over(&mut self, leg: LegId, owner: Owner) {
        if let Some(held) = self.legs.get_mut(&leg) {
            held.owner = owner;
        }
    }

    /// The INVITE that made the leg is needed no more.
    pub fn shed_invite(&mut self, leg: LegId) {
        if let Some(held) = self.legs.get_mut(&leg).filter(|held| held.state == State::Established) {
            held.invite = self.no_invite.clone();
        }
    }

    /// A leg over a dialog that was there before a restart.
    pub fn resume(&mut self, owner: Owner, dialog: Dialog, contact: String) -> LegId {
        let leg = LegId(self.next());
        let local_tag = dialog.id.local_tag.clone();
        self.route(&dialog.id.call_id, &local_tag, Usage::Leg(leg));
        let invite = Builder::request(Method::Invite, &dialog.remote_target).build();
        let mut held = Leg::new(owner, State::Established, invite, local_tag, contact);
        held.dialog = Some(dialog);
        self.legs.insert(leg, Box::new(held));
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
        if (200..300).contains(&status) {
            response = response.header(Name::Allow, ALLOW);
        }
        if status >= 200 {
            held.server = None;
            self.unanswered.remove(&server);
            held.state = State::Established;
            held.acknowledged = false;
            held.reliable.settle();
            self.unacknowledged.set(leg, None);
            self.acknowledging.insert(server, leg);
        }
        let mut response = response.build();
        if (101..300).contains(&status) && !contact.contains(&self.contact_uri()) {
            response = response.edit().prepend(Name::RecordRoute, self.sip.own_route()).finish();
        }
        self.sip.respond(self.now, server, response);
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
                    let _ = self.sip.cancel(self.now, client, reason);
                }
            }
            State::Called => self.answer(leg, status, "", |response| match reason {
                Some(reason) => response.header(Name::Reason, reason),
                None => response,
            }),
            State::Established => {
                held.state = State::Ending;
                held.reason = reason.map(Into::into);
                if held.acknowledged {
                    self.say_goodbye(leg);
                }
            }
            State::Abandoned | State::Ending => {}
        }
    }

    /// Ends the session of a leg by BYE.
    fn say_goodbye(&mut self, leg: LegId) {
        self.acknowledge_in(leg, None);
        if let Some(held) = self.legs.get_mut(&leg)
            && let Some(dialog) = &mut held.dialog
        {
            let bye = with_reason(dialog.request(Method::Bye), held.reason.as_deref()).build();
            let (call_id, local_tag) = (dialog.id.call_id.clone(), held.local_tag.clone());
            self.sip.request(self.now, bye);
            self.remove(leg);
            // RFC 5407 section 3.2.3: a BYE of the peer may cross the own.
            return self.part(&call_id, &local_tag);
        }
        self.remove(leg);
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
        self.send_in(leg, method, None, fill)
    }

    /// The same for a request that another leg brought: it may go no further than that one (RFC 7332 section 4).
    pub fn pass_in(
        &mut self,
        leg: LegId,
        method: Method,
        brought: &Message,
        fill: impl FnOnce(Builder) -> Builder,
    ) -> Option<ClientId> {
        let hops = brought.max_forwards().and_then(Result::ok).map(|hops| hops.saturating_sub(1));
        self.send_in(leg, method, hops, fill)
    }

    fn send_in(
        &mut self,
        leg: LegId,
        method: Method,
        hops: Option<u8>,
        fill: impl FnOnce(Builder) -> Builder,
    ) -> Option<ClientId> {
        let held = self.legs.get_mut(&leg)?;
        let targets = matches!(method, Method::Invite | Method::Update | Method::Subscribe | Method::Notify);
        let invites = method == Method::Invite;
        let mut request = fill(held.dialog.as_mut()?.request(method));
        if targets || !held.contact.is_empty() && invites {
            request = request.header(Name::Contact, &held.contact);
        }
        let request = match hops {
            Some(hops) => request.build().edit().set(Name::MaxForwards, hops).finish(),
            None => request.build(),
        };
        held.reinviting |= invites;
        held.offerless = if invites { request.body().is_empty() } else { held.offerless };
        let client = self.sip.request(self.now, request);
        self.uses.insert(client, Use::InLeg(leg));
        Some(client)
    }

    /// Gives an INVITE within a dialog up; it has its final answer all the same.
    pub fn withdraw_in(&mut self, client: ClientId) {
        // The CANCEL's own answer tells nothing.
        let _ = self.sip.cancel(self.now, client, None);
    }

    /// Acknowledges the 2xx to an own INVITE without offer, with the answer to the peer's offer.
    pub fn acknowledge_in(&mut self, leg: LegId, answer: Option<String>) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        let (Some(cseq), Some(dialog)) = (held.answer_owed.take(), &held.dialog) else { return };
        let ack = dialog.ack(cseq);
        let ack = answer.into_iter().fold(ack, |ack, sdp| ack.body(cpm_wire::sdp::MEDIA_TYPE, sdp));
        let ack = self.sip.acknowledge(ack.build());
        held.acks.keep(cseq, &ack);
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
        let success = (200..300).contains(&status);
        let accepted = success && request.method() == Method::Invite;
        let held = self.legs.get_mut(&leg).filter(|_| accepted);
        if let Some(held) = held {
            held.acknowledged = false;
            self.acknowledging.insert(server, leg);
        }
        let response = fill(response).build();
        if success && changes(&request.method()) && !response.body().is_empty() {
            self.metered_change(leg);
        }
        self.sip.respond(self.now, server, response);
    }

    /// The Contact that a leg goes by.
    pub fn contact_of(&self, leg: LegId) -> String {
        self.legs.get(&leg).map(|held| held.contact.clone()).unwrap_or_default()
    }

    /// Forgets a leg.
    fn remove(&mut self, leg: LegId) {
        self.unacknowledged.set(leg, None);
        self.metered_end(leg);
        if let Some(held) = self.legs.remove(&leg) {
            if let Some(server) = held.server {
                self.unanswered.remove(&server);
            }
            let call_id = match &held.dialog {
                Some(dialog) => dialog.id.call_id.clone(),
                None => held.invite.call_id().unwrap_or_default().to_owned(),
            };
            self.unroute(&call_id, &held.local_tag);
            if let Some(dialog) = held.dialog.filter(|_| !held.acks.is_empty()) {
                self.is_over(dialog.id, held.acks);
            }
        }
    }

    /// Remembers how a dialog that is over was acknowledged.
    fn is_over(&mut self, dialog: DialogId, acks: Acks) {
        self.over.truncate(MOST_OVER - 1);
        self.over.push_front(Over { dialog, acks });
    }
}

/// True for a request that may carry an offer within a session, or ask for one.
fn changes(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Update)
}

/// Adds a Reason.
fn with_reason(request: Builder, reason: Option<&str>) -> Builder {
    match reason {
        Some(reason) => request.header(Name::Reason, reason),
        None => request,
    }
}
