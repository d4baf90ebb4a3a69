//! The server side of the layer: requests come in once, their responses go back.

use super::key::{Key, Origin};
use super::layer::{Layer, remove_own};
use super::machine::{Machine, ServerAction};
use super::schedule::{Due, Id};
use super::server_invite::ServerInvite;
use super::server_other::ServerOther;
use super::{Event, ServerId, Timers, build};
use crate::sip::{Message, Method};
use crate::time::Time;

pub(super) struct Server<P> {
    key: Key,
    peer: P,
    machine: ServerMachine,
    initial: Option<Origin>,
    acknowledgement: Option<Origin>,
    due: Due,
    is_over: bool,
}

enum ServerMachine {
    Invite(ServerInvite),
    Other(ServerOther),
}

impl ServerMachine {
    fn start(now: Time, timers: &Timers, request: Message, reliable: bool) -> ServerMachine {
        if request.method() == Method::Invite {
            ServerMachine::Invite(ServerInvite::start(now, timers, request, reliable))
        } else {
            ServerMachine::Other(ServerOther::start(now, timers, request, reliable))
        }
    }

    fn machine(&self) -> &dyn Machine<Action = ServerAction> {
        match self {
            ServerMachine::Invite(machine) => machine,
            ServerMachine::Other(machine) => machine,
        }
    }

    fn repeat(&self) -> Vec<ServerAction> {
        match self {
            ServerMachine::Invite(machine) => machine.repeat(),
            ServerMachine::Other(machine) => machine.repeat(),
        }
    }

    fn respond(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ServerAction> {
        match self {
            ServerMachine::Invite(machine) => machine.respond(now, timers, response),
            ServerMachine::Other(machine) => machine.respond(now, timers, response),
        }
    }

    fn handle_timeout(&mut self, now: Time, timers: &Timers) -> Vec<ServerAction> {
        match self {
            ServerMachine::Invite(machine) => machine.handle_timeout(now, timers),
            ServerMachine::Other(machine) => machine.handle_timeout(now, timers),
        }
    }
}

impl<P: Clone> Layer<P> {
    /// Answers a request. A 2xx to INVITE is retransmitted until its ACK, over every transport; what an element must
    /// not send to a non-INVITE request (408, 1xx other than 100, an early 100 over an unreliable transport: RFC
    /// 4320) is not sent. Without effect when the transaction is over.
    pub fn respond(&mut self, now: Time, server: ServerId, response: Message) {
        let Some(transaction) = self.servers.get_mut(&server) else { return };
        if matches!(transaction.machine, ServerMachine::Invite(_)) && is_success(&response) {
            let origin = Origin::of_acknowledgement(&response);
            if let Some(origin) = &origin {
                self.acknowledgements.insert(origin.clone(), server);
            }
            transaction.acknowledgement = transaction.acknowledgement.take().or(origin);
        }
        let actions = transaction.machine.respond(now, &self.timers, response);
        self.perform_server(now, server, actions);
    }

    /// The owner knows that the 2xx of this INVITE was acknowledged: it is retransmitted no more. An ACK whose
    /// Call-ID, tags and CSeq fit is found by the layer itself.
    pub fn acknowledged(&mut self, now: Time, server: ServerId) {
        if let Some(ServerMachine::Invite(machine)) = self.servers.get_mut(&server).map(|found| &mut found.machine) {
            machine.acknowledged();
            self.settle_server(now, server);
        }
    }

    /// True when this request came before by another path, with another branch (RFC 3261 section 8.2.2.2): the
    /// owner answers it 482.
    pub fn is_merged(&self, request: &Message) -> bool {
        let first = Origin::of_initial(request).and_then(|origin| self.initial.get(&origin));
        let first = first.and_then(|server| self.servers.get(server));
        first.is_some_and(|server| Some(&server.key) != Key::server(request).as_ref())
    }

    pub(super) fn receive_request(&mut self, now: Time, message: Message, peer: P, reliable: bool) {
        let Some(key) = Key::server(&message) else { return };
        let known = self.server_keys.get(&key).copied();
        match (message.method(), known) {
            (Method::Ack, known) => self.receive_ack(now, known, message, peer),
            (_, Some(server)) => {
                let again = self.servers.get(&server).map(|found| found.machine.repeat());
                self.perform_server(now, server, again.unwrap_or_default());
            }
            (_, None) => self.start_server(now, key, message, peer, reliable),
        }
    }

    fn receive_ack(&mut self, now: Time, by_branch: Option<ServerId>, message: Message, peer: P) {
        if let Some(server) = by_branch
            && let Some(ServerMachine::Invite(machine)) = self.servers.get_mut(&server).map(|found| &mut found.machine)
        {
            let is_for_owner = machine.receive_ack(now, &self.timers);
            self.settle_server(now, server);
            if is_for_owner {
                self.tell(Event::Ack { server: Some(server), message, peer });
            }
            return;
        }
        let origin = Origin::of_acknowledgement(&message);
        let server = origin.and_then(|origin| self.acknowledgements.get(&origin).copied());
        if let Some(server) = server {
            self.acknowledged(now, server);
        }
        self.tell(Event::Ack { server, message, peer });
    }

    fn start_server(&mut self, now: Time, key: Key, message: Message, peer: P, reliable: bool) {
        if !self.make_room() {
            self.send(build::overloaded(&message), peer);
            return;
        }
        let server = ServerId(self.next_id());
        let is_cancel = message.method() == Method::Cancel;
        let initial = if is_cancel { None } else { Origin::of_initial(&message) };
        if let Some(origin) = &initial {
            self.initial.entry(origin.clone()).or_insert(server);
        }
        let machine = ServerMachine::start(now, &self.timers, message.clone(), reliable);
        self.server_keys.insert(key.clone(), server);
        let (acknowledgement, due, is_over) = (None, None, false);
        let transaction = Server { key, peer: peer.clone(), machine, initial, acknowledgement, due, is_over };
        self.servers.insert(server, transaction);
        self.settle_server(now, server);
        if is_cancel {
            let invite = Key::cancelled(&message).and_then(|key| self.server_keys.get(&key).copied());
            self.tell(Event::Cancel { server, invite, message, peer });
        } else {
            self.tell(Event::Request { server, message, peer });
        }
    }

    pub(super) fn server_timeout(&mut self, now: Time, server: ServerId) {
        let Some(transaction) = self.servers.get_mut(&server) else {
            self.deadlines.drop_first();
            return;
        };
        let actions = transaction.machine.handle_timeout(now, &self.timers);
        self.perform_server(now, server, actions);
    }

    fn perform_server(&mut self, now: Time, server: ServerId, actions: Vec<ServerAction>) {
        for action in actions {
            let Some(transaction) = self.servers.get(&server) else { return };
            match action {
                ServerAction::Send(message) => {
                    let peer = transaction.peer.clone();
                    self.send(message, peer);
                }
                ServerAction::Unacknowledged => self.tell(Event::Unacknowledged { server }),
                ServerAction::End => self.forget_server(server),
            }
        }
        self.settle_server(now, server);
    }

    /// Brings the deadline of a transaction up to date.
    fn settle_server(&mut self, now: Time, server: ServerId) {
        let Some(transaction) = self.servers.get_mut(&server) else { return };
        let machine = transaction.machine.machine();
        let (deadline, is_over) = (machine.deadline(), machine.is_over());
        self.deadlines.set(Id::Server(server), &mut transaction.due, deadline);
        if is_over && !std::mem::replace(&mut transaction.is_over, true) {
            self.is_over(Id::Server(server), now);
        }
    }

    pub(super) fn forget_server(&mut self, server: ServerId) {
        let Some(mut transaction) = self.servers.remove(&server) else { return };
        self.deadlines.set(Id::Server(server), &mut transaction.due, None);
        remove_own(&mut self.server_keys, &transaction.key, server);
        if let Some(origin) = transaction.initial {
            remove_own(&mut self.initial, &origin, server);
        }
        if let Some(origin) = transaction.acknowledgement {
            remove_own(&mut self.acknowledgements, &origin, server);
        }
    }
}

fn is_success(response: &Message) -> bool {
    response.status().is_some_and(|status| (200..=299).contains(&status))
}
