//! The SIP side that all actors of one scenario share: one transaction layer behind the one serving CSCF.

use super::call::Party;
use super::ids::Ids;
use super::media::Links;
use super::serving_cscf::ServingCscf;
use bytes::Bytes;
use cpm_wire::endpoint::{Peer, Protocol, response_peer};
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, Layer, ServerId, Timers};
use std::collections::HashMap;

/// The key of a device: whose, and which.
pub type DeviceKey = (String, String);

/// What a request of the tester was for: to whom its answer goes.
#[allow(missing_docs, reason = "the fields are named by what they are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The focus of this group invites this user.
    Invite { group: String, person: String },
    /// A device starts or restarts a session; the number is the leg's.
    Join { device: DeviceKey, leg: u64 },
    /// A device subscribes to the conference; the number is the subscription's.
    Subscribe { device: DeviceKey, subscription: u64 },
    /// A device asks to be told of messages that wait.
    Watch { device: DeviceKey },
    /// The serving CSCF tells that this device is there, or has gone.
    Register { device: DeviceKey, there: bool },
    /// The participating function of this user opens a session to the client under test.
    Deliver { person: String, leg: u64 },
    /// An end of a session between two calls, or asks for a change; the number is the call's.
    Call { party: Party, call: u64 },
    /// A notification of the focus, numbered by its subscription.
    Notify { group: String, subscription: u64 },
    /// A person whom the target watches is told of; the number is the subscription's.
    Presence { person: String, watch: u64 },
    /// Anything whose answer changes nothing: BYE, MESSAGE, CANCEL, notifications of the registrar.
    Plain,
}

/// The SIP side of the actors.
pub struct Signalling {
    /// The time of the event that is being handled.
    pub now: Time,
    /// The serving CSCF.
    pub cscf: ServingCscf,
    /// All transactions of the scenario.
    pub layer: Layer<Peer>,
    /// Octets and evidence on their way out.
    pub links: Links,
    /// Names.
    pub ids: Ids,
    pending: HashMap<ClientId, Purpose>,
    unanswered: HashMap<ClientId, Purpose>,
    /// Bodies that are wrong on purpose, and in what way.
    malformed: Vec<(Bytes, String)>,
    /// Requests that came in and wait for their final answer, with where they came from.
    open: HashMap<ServerId, (Message, Peer)>,
    /// With what requests of the target were refused last, by Contribution-ID.
    refused: HashMap<String, u16>,
    /// Of those that wait, the invitations that went to several devices.
    forks: HashMap<ServerId, Fork>,
}

/// An invitation that the serving CSCF passed to several devices (RFC 3261 section 16.7): each 2xx goes back, and of the
/// refusals the best, if nobody accepted.
#[derive(Debug)]
struct Fork {
    waiting: usize,
    accepted: bool,
    /// The best refusal so far, with the tag of who refused.
    refusal: Option<(u16, String)>,
    /// Somebody accepted, or declined for the user: who still rings is to be told that it is over.
    decided: bool,
}

/// What becomes of a final answer of one of several devices.
enum Gathered {
    /// It goes back.
    Goes,
    /// Others are waited for, or nothing but a refusal came after an acceptance.
    Waits,
    /// It was the last one, and this refusal goes back in its place.
    Instead(u16, String),
}

/// The order of RFC 3261 section 16.7, step 6: a 6xx before all, then the lowest class. Who was told that it is over says
/// nothing of the user.
const fn rank(status: u16) -> (u16, bool) {
    (if status >= 600 { 0 } else { status / 100 }, status == 487)
}

impl Signalling {
    /// The SIP side behind `cscf`.
    pub fn new(cscf: ServingCscf, ids: Ids, timers: Timers) -> Signalling {
        Signalling {
            now: Time::ZERO,
            cscf,
            layer: Layer::new(timers),
            links: Links::default(),
            ids,
            pending: HashMap::new(),
            unanswered: HashMap::new(),
            malformed: Vec::new(),
            open: HashMap::new(),
            refused: HashMap::new(),
            forks: HashMap::new(),
        }
    }

    /// Sends an initial request to the target.
    pub fn request(&mut self, request: Message, purpose: Purpose) -> ClientId {
        let (message, peer) = self.cscf.toward(request, self.cscf.target);
        self.start(message, peer, purpose)
    }

    /// Sends a request inside a dialog.
    pub fn in_dialog(&mut self, request: Builder, purpose: Purpose) -> ClientId {
        let (message, peer) = self.cscf.in_dialog(&mut self.ids, request.build());
        self.start(message, peer, purpose)
    }

    fn start(&mut self, message: Message, peer: Peer, purpose: Purpose) -> ClientId {
        let reliable = peer.protocol == Protocol::Tcp;
        let client = self.layer.request(self.now, message, peer, reliable);
        self.unanswered.insert(client, purpose.clone());
        self.pending.insert(client, purpose);
        client
    }

    /// Sends the ACK of a 2xx, which belongs to no transaction.
    pub fn acknowledge(&mut self, ack: Builder) {
        let (message, peer) = self.cscf.in_dialog(&mut self.ids, ack.build());
        self.links.out.sip(self.cscf.address, message, peer, None);
    }

    /// Withdraws an INVITE.
    pub fn cancel(&mut self, invite: ClientId) {
        if let Some(cancel) = self.layer.cancel(self.now, invite) {
            self.unanswered.insert(cancel, Purpose::Plain);
            self.pending.insert(cancel, Purpose::Plain);
        }
    }

    /// What the request of this transaction was for. A final answer other than 2xx ends the matter.
    pub fn purpose(&mut self, client: ClientId, status: u16) -> Option<Purpose> {
        if status >= 200 {
            self.unanswered.remove(&client);
        }
        if status >= 300 { self.pending.remove(&client) } else { self.pending.get(&client).cloned() }
    }

    fn waits_for(&self, which: impl Fn(&Purpose) -> bool) -> bool {
        self.unanswered.values().any(which)
    }

    /// True while a third-party REGISTER has no final answer.
    pub fn registers_pending(&self) -> bool {
        self.waits_for(|purpose| matches!(purpose, Purpose::Register { .. }))
    }

    /// True while an invitation of a focus has no final answer.
    pub fn invites_pending(&self) -> bool {
        self.waits_for(|purpose| matches!(purpose, Purpose::Invite { .. }))
    }

    /// True while a notification of a focus has no final answer.
    pub fn notifications_pending(&self) -> bool {
        self.waits_for(|purpose| matches!(purpose, Purpose::Notify { .. }))
    }

    /// True while any request of the tester has no final answer.
    pub fn anything_pending(&self) -> bool {
        !self.unanswered.is_empty()
    }

    /// Keeps a request until it is answered.
    pub fn keep(&mut self, server: ServerId, request: Message, peer: Peer) {
        self.open.insert(server, (request, peer));
    }

    /// The request of a server transaction that is not finally answered yet.
    pub fn open_request(&self, server: ServerId) -> Option<&Message> {
        self.open.get(&server).map(|(request, _)| request)
    }

    /// A request goes to so many devices, each of which will answer it.
    pub fn fork(&mut self, server: ServerId, branches: usize) {
        self.forks.insert(server, Fork { waiting: branches, accepted: false, refusal: None, decided: false });
    }

    /// Invitations that one of several devices has decided for all; each once.
    pub fn take_decided_forks(&mut self) -> Vec<ServerId> {
        let decided = |(server, fork): (&ServerId, &mut Fork)| std::mem::take(&mut fork.decided).then_some(*server);
        self.forks.iter_mut().filter_map(decided).collect()
    }

    /// Whether a final answer of one device is the answer to the target.
    fn gathers(&mut self, server: ServerId, status: u16, tag: &str) -> Gathered {
        // Of an answer that ends the transaction there is one (RFC 3261 section 16.7, step 5).
        let ends = self.open.get(&server).is_some_and(|(request, _)| request.method() != Method::Invite);
        let Some(fork) = self.forks.get_mut(&server).filter(|_| status >= 200) else { return Gathered::Goes };
        fork.waiting = fork.waiting.saturating_sub(1);
        if ends && fork.accepted {
            return Gathered::Waits;
        }
        fork.decided |= !(300..600).contains(&status);
        if status < 300 {
            fork.accepted = true;
            return Gathered::Goes;
        }
        if fork.refusal.as_ref().is_none_or(|(best, _)| rank(status) <= rank(*best)) {
            fork.refusal = Some((status, tag.to_owned()));
        }
        match fork.refusal.clone() {
            Some((best, _)) if fork.waiting == 0 && !fork.accepted && best == status => Gathered::Goes,
            Some((best, tag)) if fork.waiting == 0 && !fork.accepted => Gathered::Instead(best, tag),
            _ => Gathered::Waits,
        }
    }

    /// Answers a request. The serving CSCF records its route in answers that make dialogs.
    pub fn answer(&mut self, server: ServerId, status: u16, tag: &str, more: impl FnOnce(Builder) -> Builder) {
        match self.gathers(server, status, tag) {
            Gathered::Goes => self.respond(server, status, tag, more),
            Gathered::Waits => self.close(server),
            Gathered::Instead(status, tag) => self.respond(server, status, &tag, |response| response),
        }
    }

    fn respond(&mut self, server: ServerId, status: u16, tag: &str, more: impl FnOnce(Builder) -> Builder) {
        let Some((request, _)) = self.open.get(&server) else { return };
        let reason = cpm_wire::sip::reason_phrase(status);
        let makes_dialog = matches!(request.method(), Method::Invite | Method::Subscribe | Method::Refer)
            && request.to_tag().is_none();
        let mut response = Builder::response(request, status, reason);
        if status > 100 {
            response = response.to_tag(tag);
        }
        let mut response = more(response).build();
        if makes_dialog && (101..300).contains(&status) {
            response = response.edit().prepend(Name::RecordRoute, format!("<{};lr>", self.cscf.uri())).finish();
        }
        if let Some(contribution) = request.header(&Name::ContributionId).filter(|_| status >= 300) {
            self.refused.insert(contribution.to_owned(), status);
        }
        self.layer.respond(self.now, server, response);
        if status >= 200 {
            self.close(server);
        }
    }

    /// With what the last request of the target with this Contribution-ID was refused.
    pub fn refused_before(&self, contribution: &str) -> Option<u16> {
        self.refused.get(contribution).copied()
    }

    /// Forgets a request for which nobody's final answer is waited for any more.
    fn close(&mut self, server: ServerId) {
        if self.forks.get(&server).is_none_or(|fork| fork.waiting == 0) {
            self.open.remove(&server);
            self.forks.remove(&server);
        }
    }

    /// Answers a request with a status and nothing more.
    pub fn refuse(&mut self, server: ServerId, status: u16) {
        let tag = self.ids.token();
        self.answer(server, status, &tag, |response| response);
    }

    /// Hands a message of the transaction layer to the link: requests to where they were meant for, responses to where
    /// RFC 3261 section 18.2.2 sends them.
    pub fn transmit(&mut self, message: Message, peer: Peer) {
        let malformed = self.malformed.iter().find(|(octets, _)| *octets == message.body()).map(|(_, why)| why.clone());
        self.links.out.sip(self.cscf.address, message, peer, malformed);
    }

    /// Sends a request to the target once more as it was, outside its transaction.
    pub fn transmit_again(&mut self, request: Message) {
        let (message, peer) = self.cscf.toward(request, self.cscf.target);
        self.transmit(message, peer);
    }

    /// A body that is sent from now on is wrong on purpose.
    pub fn declare_malformed(&mut self, body: Bytes, why: &str) {
        self.malformed.push((body, why.to_owned()));
    }

    /// Where the response to a request that came from `peer` goes.
    pub fn way_back(request: &Message, peer: &Peer) -> Peer {
        response_peer(request, peer)
    }
}
