//! Legs: INVITE dialogs in which the function is one end (RFC 3261 sections 9, 12 to 15).
//!
//! A leg is made by an INVITE in either direction. Acknowledgements, the clean-up of late and forked answers and the
//! end of a dialog are done here; the owner is told what matters to a service.

mod incoming;

use super::admission::ALLOW;
use super::{Mechanics, Owner, Usage, Use};
use cpm_wire::dialog::Dialog;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::transaction::{ClientId, ServerId};

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
    invite: Message,
    client: Option<ClientId>,
    server: Option<ServerId>,
    dialog: Option<Dialog>,
    local_tag: String,
    contact: String,
    acks: Vec<(u32, Message)>,
    reinviting: bool,
    /// The own 2xx was acknowledged, or there was none.
    acknowledged: bool,
    /// The Reason of the BYE that waits.
    reason: Option<String>,
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

    /// True unless the ACK of the own 2xx is awaited.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged
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
                acknowledged: true,
                reason: None,
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
                acknowledged: true,
                reason: None,
            },
        );
        leg
    }

    /// A leg has another owner from now on.
    pub fn hand_over(&mut self, leg: LegId, owner: Owner) {
        if let Some(held) = self.legs.get_mut(&leg) {
            held.owner = owner;
        }
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
                acknowledged: true,
                reason: None,
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
        if (200..300).contains(&status) {
            response = response.header(Name::Allow, ALLOW);
        }
        if status >= 200 {
            held.server = None;
            held.state = State::Established;
            held.acknowledged = false;
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
                    let _ = self.sip.cancel(self.now, client);
                }
            }
            State::Called => self.answer(leg, status, "", |response| match reason {
                Some(reason) => response.header(Name::Reason, reason),
                None => response,
            }),
            State::Established => {
                held.state = State::Ending;
                held.reason = reason.map(str::to_owned);
                if held.acknowledged {
                    self.say_goodbye(leg);
                }
            }
            State::Abandoned | State::Ending => {}
        }
    }

    /// Ends the session of a leg by BYE.
    fn say_goodbye(&mut self, leg: LegId) {
        if let Some(held) = self.legs.get_mut(&leg)
            && let Some(dialog) = &mut held.dialog
        {
            let bye = with_reason(dialog.request(Method::Bye), held.reason.as_deref()).build();
            self.sip.request(self.now, bye);
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

    /// Forgets a leg.
    fn remove(&mut self, leg: LegId) {
        if let Some(held) = self.legs.remove(&leg) {
            let call_id = match &held.dialog {
                Some(dialog) => dialog.id.call_id.clone(),
                None => held.invite.call_id().unwrap_or_default().to_owned(),
            };
            self.unroute(&call_id, &held.local_tag);
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
