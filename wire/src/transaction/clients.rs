//! The client side of the layer: requests go out, responses find their way back.

use super::client_invite::ClientInvite;
use super::client_other::ClientOther;
use super::key::Key;
use super::layer::{Layer, remove_own};
use super::machine::{ClientAction, Machine};
use super::schedule::{Due, Id};
use super::{ClientId, Event, Timers, build};
use crate::sip::{Message, Method};
use crate::time::Time;

pub(super) struct Client<P> {
    key: Option<Key>,
    peer: P,
    reliable: bool,
    machine: ClientMachine,
    cancel: Cancel,
    due: Due,
    is_over: bool,
}

enum ClientMachine {
    Invite(ClientInvite),
    Other(ClientOther),
}

#[derive(Clone)]
enum Cancel {
    Unwanted,
    /// Wanted, for this reason, but no provisional response has come yet.
    Waiting(ClientId, Option<Box<str>>),
    Sent(ClientId),
}

impl ClientMachine {
    fn start(now: Time, timers: &Timers, request: Message, reliable: bool) -> (ClientMachine, Vec<ClientAction>) {
        if request.method() == Method::Invite {
            let (machine, actions) = ClientInvite::start(now, timers, request, reliable);
            (ClientMachine::Invite(machine), actions)
        } else {
            let (machine, actions) = ClientOther::start(now, timers, request, reliable);
            (ClientMachine::Other(machine), actions)
        }
    }

    fn machine(&self) -> &dyn Machine<Action = ClientAction> {
        match self {
            ClientMachine::Invite(machine) => machine,
            ClientMachine::Other(machine) => machine,
        }
    }

    /// The request, as long as it may be sent again.
    fn request(&self) -> Option<&Message> {
        match self {
            ClientMachine::Invite(machine) => Some(machine.request()),
            ClientMachine::Other(machine) => machine.request(),
        }
    }

    /// True before any response.
    fn is_unanswered(&self) -> bool {
        match self {
            ClientMachine::Invite(machine) => machine.is_calling(),
            ClientMachine::Other(machine) => machine.is_trying(),
        }
    }

    fn receive(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ClientAction> {
        match self {
            ClientMachine::Invite(machine) => machine.receive(now, timers, response),
            ClientMachine::Other(machine) => machine.receive(now, timers, response),
        }
    }

    fn handle_timeout(&mut self, now: Time, timers: &Timers) -> Vec<ClientAction> {
        match self {
            ClientMachine::Invite(machine) => machine.handle_timeout(now, timers),
            ClientMachine::Other(machine) => machine.handle_timeout(now, timers),
        }
    }
}

impl<P: Clone> Layer<P> {
    /// Sends a request whose topmost Via, with its branch, is in place, and cares for it until its outcome. The ACK
    /// of a 2xx is no transaction and goes past the layer.
    pub fn request(&mut self, now: Time, message: Message, peer: P, reliable: bool) -> ClientId {
        let id = ClientId(self.next_id());
        self.start_client(now, id, message, peer, reliable);
        id
    }

    /// Cancels an INVITE (RFC 3261 section 9.1): at once if a provisional response is here, else as soon as one
    /// comes. Gives the transaction of the CANCEL, the same one each time; nothing when the INVITE has its outcome.
    pub fn cancel(&mut self, now: Time, invite: ClientId) -> Option<ClientId> {
        self.cancel_because(now, invite, None)
    }

    /// The same, with a Reason (RFC 3326) in the CANCEL.
    pub fn cancel_because(&mut self, now: Time, invite: ClientId, reason: Option<&str>) -> Option<ClientId> {
        let client = self.clients.get(&invite)?;
        let ClientMachine::Invite(machine) = &client.machine else { return None };
        match client.cancel {
            Cancel::Sent(cancel) => return Some(cancel),
            _ if !machine.is_calling() && !machine.is_proceeding() => return None,
            Cancel::Waiting(cancel, _) => return Some(cancel),
            Cancel::Unwanted => {}
        }
        let cancel = ClientId(self.next_id());
        if let Some(client) = self.clients.get_mut(&invite) {
            client.cancel = Cancel::Waiting(cancel, reason.map(Into::into));
        }
        self.cancel_if_possible(now, invite);
        Some(cancel)
    }

    /// The transaction that sent this request: the one to be told when the transport could not send it.
    pub fn client_of(&self, request: &Message) -> Option<ClientId> {
        self.client_keys.get(&Key::client(request)?).copied()
    }

    /// A request that was given to a reliable transport went by an unreliable one, changed in its topmost Via and nowhere else
    /// (RFC 3261 section 18.1.1): from now on its transaction is one over that. Without effect when it has an answer.
    pub fn went_unreliably(&mut self, now: Time, message: Message, peer: P) {
        let Some(id) = self.client_of(&message) else { return };
        let Some(client) = self.clients.get_mut(&id).filter(|client| client.machine.is_unanswered()) else { return };
        // It was sent already.
        (client.machine, _) = ClientMachine::start(now, &self.timers, message, false);
        (client.peer, client.reliable) = (peer, false);
        self.settle_client(now, id);
    }

    /// The transport could not send what this transaction gave it (RFC 3261 section 17.1.4).
    pub fn transport_failed(&mut self, _now: Time, client: ClientId) {
        let Some(request) = self.clients.get(&client).and_then(|failed| failed.machine.request()).cloned() else {
            return;
        };
        self.forget_client(client);
        self.tell(Event::TransportError { client, request });
    }

    fn start_client(&mut self, now: Time, id: ClientId, message: Message, peer: P, reliable: bool) {
        // The owner bounds its own requests; room is made at the cost of what is over.
        self.make_room();
        let key = Key::client(&message);
        if let Some(key) = &key {
            self.client_keys.insert(key.clone(), id);
        }
        let (machine, actions) = ClientMachine::start(now, &self.timers, message, reliable);
        let (cancel, due, is_over) = (Cancel::Unwanted, None, false);
        self.clients.insert(id, Client { key, peer: peer.clone(), reliable, machine, cancel, due, is_over });
        self.perform_client(now, id, actions, &peer);
    }

    pub(super) fn receive_response(&mut self, now: Time, message: Message, peer: P) {
        let id = Key::client(&message).and_then(|key| self.client_keys.get(&key).copied());
        let found = id.and_then(|id| Some((id, self.clients.get_mut(&id)?)));
        let Some((id, client)) = found else {
            self.tell(Event::StrayResponse { message, peer });
            return;
        };
        let actions = client.machine.receive(now, &self.timers, message);
        self.perform_client(now, id, actions, &peer);
        self.cancel_if_possible(now, id);
    }

    pub(super) fn client_timeout(&mut self, now: Time, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else {
            self.deadlines.drop_first();
            return;
        };
        let peer = client.peer.clone();
        let actions = client.machine.handle_timeout(now, &self.timers);
        self.perform_client(now, id, actions, &peer);
    }

    /// Sends a CANCEL that waits, if the INVITE is ready for it.
    fn cancel_if_possible(&mut self, now: Time, invite: ClientId) {
        let Some(client) = self.clients.get_mut(&invite) else { return };
        let (Cancel::Waiting(cancel, reason), ClientMachine::Invite(machine)) = (&client.cancel, &mut client.machine)
        else {
            return;
        };
        if !machine.is_proceeding() {
            return;
        }
        machine.cancelled(now, &self.timers);
        let (cancel, message) = (*cancel, build::cancel(machine.request(), reason.as_deref()));
        client.cancel = Cancel::Sent(cancel);
        let (peer, reliable) = (client.peer.clone(), client.reliable);
        self.start_client(now, cancel, message, peer, reliable);
        self.settle_client(now, invite);
    }

    /// Executes what a machine wants; `from` is where a response to be delivered came from.
    fn perform_client(&mut self, now: Time, id: ClientId, actions: Vec<ClientAction>, from: &P) {
        for action in actions {
            let Some(client) = self.clients.get(&id) else { return };
            match action {
                ClientAction::Send(message) => {
                    let peer = client.peer.clone();
                    self.send(message, peer);
                }
                ClientAction::Deliver { message, repeated } => {
                    self.tell(Event::Response { client: id, message, peer: from.clone(), repeated });
                }
                ClientAction::Stray(message) => self.tell(Event::StrayResponse { message, peer: from.clone() }),
                ClientAction::Timeout => {
                    if let Some(request) = client.machine.request().cloned() {
                        self.tell(Event::Timeout { client: id, request });
                    }
                }
                ClientAction::End => self.forget_client(id),
            }
        }
        self.settle_client(now, id);
    }

    /// Brings the deadline of a transaction up to date.
    fn settle_client(&mut self, now: Time, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let machine = client.machine.machine();
        let (deadline, is_over) = (machine.deadline(), machine.is_over());
        self.deadlines.set(Id::Client(id), &mut client.due, deadline);
        if is_over && !std::mem::replace(&mut client.is_over, true) {
            self.is_over(Id::Client(id), now);
        }
    }

    pub(super) fn forget_client(&mut self, id: ClientId) {
        let Some(mut client) = self.clients.remove(&id) else { return };
        self.deadlines.set(Id::Client(id), &mut client.due, None);
        if let Some(key) = client.key {
            remove_own(&mut self.client_keys, &key, id);
        }
    }
}
