//! The reference that the virtual link hosts: a core of either role, with what survives its death.

use super::null_targets::Null;
use cpm_reference::client;
use cpm_reference::client::control::Act;
use cpm_reference::config::Config;
use cpm_reference::core::{Addresses, Input, Output};
use cpm_reference::faults::{Fault, Faulty, FaultyClient};
use cpm_reference::store::{Memory, Token};
use cpm_wire::io;
use cpm_wire::sip::{Message, Method};
use cpm_wire::time::Time;
use serde_json::Value;

/// What a hosted core wants done.
pub(super) enum Wish {
    /// Something for the network.
    Net(io::Output),
    /// A write is under way; it is to be told when it is done.
    Persisted(Token),
}

/// A reference, alive or dead, and what it starts from.
pub enum Hosted {
    /// The participating function, over its store.
    ParticipatingFunction(Box<Function>),
    /// The client, which keeps nothing.
    Client(Box<Client>),
    /// A target that is none.
    Null(Box<NullElement>),
}

/// A hosted target that is none, and what registers in its stead where a client stands.
pub struct NullElement {
    null: Null,
    registering: Option<client::Core>,
}

/// A hosted participating function.
pub struct Function {
    config: Config,
    addresses: Addresses,
    seed: u64,
    fault: Option<&'static Fault>,
    store: Memory,
    core: Option<Faulty>,
}

/// A hosted client.
pub struct Client {
    config: client::Config,
    addresses: Addresses,
    seed: u64,
    fault: Option<&'static Fault>,
    core: Option<FaultyClient>,
}

impl Hosted {
    /// A participating function with an empty store.
    pub fn participating_function(
        config: Config,
        addresses: Addresses,
        seed: u64,
        fault: Option<&'static Fault>,
    ) -> Hosted {
        let store = Memory::default();
        let function = Function { config, addresses, seed, fault, store, core: None };
        let mut hosted = Hosted::ParticipatingFunction(Box::new(function));
        hosted.start();
        hosted
    }

    /// A client that has just been switched on.
    pub fn client(config: client::Config, addresses: Addresses, seed: u64, fault: Option<&'static Fault>) -> Hosted {
        let mut hosted = Hosted::Client(Box::new(Client { config, addresses, seed, fault, core: None }));
        hosted.start();
        hosted
    }

    /// A target that is none; where a client stands, one that registers.
    pub fn null(null: Null, registering: Option<(client::Config, Addresses, u64)>) -> Hosted {
        Hosted::Null(Box::new(NullElement::new(null, registering)))
    }

    /// Starts it anew with what its store holds.
    pub(super) fn start(&mut self) {
        match self {
            Hosted::ParticipatingFunction(own) => {
                own.seed = own.seed.wrapping_add(1);
                let stored = own.store.contents().clone();
                own.core = Some(Faulty::new(own.config.clone(), own.addresses, stored, own.seed, own.fault));
            }
            Hosted::Client(own) => {
                own.seed = own.seed.wrapping_add(1);
                own.core = Some(FaultyClient::new(own.config.clone(), own.addresses, own.seed, own.fault));
            }
            Hosted::Null(_) => {}
        }
    }

    /// It dies on the spot.
    pub(super) fn kill(&mut self) {
        match self {
            Hosted::ParticipatingFunction(own) => own.core = None,
            Hosted::Client(own) => own.core = None,
            // It knows nothing that it could forget.
            Hosted::Null(_) => {}
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        match self {
            Hosted::ParticipatingFunction(own) => own.core.is_some(),
            Hosted::Client(own) => own.core.is_some(),
            Hosted::Null(_) => true,
        }
    }

    pub(super) fn receive(&mut self, now: Time, input: io::Input) {
        match self {
            Hosted::ParticipatingFunction(own) => {
                own.core.iter_mut().for_each(|core| core.handle_input(now, Input::Net(input.clone())));
            }
            Hosted::Client(own) => own.core.iter_mut().for_each(|core| core.handle_input(now, input.clone())),
            Hosted::Null(own) => own.receive(now, input),
        }
    }

    pub(super) fn persisted(&mut self, now: Time, token: Token) {
        if let Hosted::ParticipatingFunction(own) = self
            && let Some(core) = &mut own.core
        {
            core.handle_input(now, Input::Persisted(token));
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        match self {
            Hosted::ParticipatingFunction(own) => own.core.iter_mut().for_each(|core| core.handle_timeout(now)),
            Hosted::Client(own) => own.core.iter_mut().for_each(|core| core.handle_timeout(now)),
            Hosted::Null(own) => own.handle_timeout(now),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match self {
            Hosted::ParticipatingFunction(own) => own.core.as_ref().and_then(Faulty::poll_timeout),
            Hosted::Client(own) => own.core.as_ref().and_then(FaultyClient::poll_timeout),
            Hosted::Null(own) => own.poll_timeout(),
        }
    }

    pub(super) fn poll_output(&mut self, now: Time) -> Option<Wish> {
        match self {
            Hosted::ParticipatingFunction(own) => match own.core.as_mut()?.poll_output(now)? {
                Output::Net(output) => Some(Wish::Net(output)),
                Output::Persist { token, writes } => {
                    own.store.apply(writes);
                    Some(Wish::Persisted(token))
                }
                Output::Load(load) => {
                    let records = own.store.load(&load.ids, load.whole);
                    own.core.as_mut()?.handle_input(now, Input::Loaded(load.token, records));
                    self.poll_output(now)
                }
            },
            Hosted::Client(own) => own.core.as_mut()?.poll_output(now).map(Wish::Net),
            Hosted::Null(own) => own.poll_output().map(Wish::Net),
        }
    }

    /// Tells a client what its user does, or asks what it shows: the request and the answer of its control protocol.
    pub(super) fn tell_client(&mut self, now: Time, act: bool, request: &Value) -> Result<Value, String> {
        let (fault, request) = (|error: serde_json::Error| error.to_string(), request.clone());
        let core = match self {
            Hosted::Client(own) => own.core.as_mut().ok_or("the client is dead")?,
            Hosted::Null(own) => return own.tell(now, act, request).map_err(fault),
            Hosted::ParticipatingFunction(_) => return Err("the target is no client".to_owned()),
        };
        if act {
            let request: client::control::Request = serde_json::from_value(request).map_err(fault)?;
            serde_json::to_value(core.act(now, &request)).map_err(fault)
        } else {
            let who: client::control::Who = serde_json::from_value(request).map_err(fault)?;
            serde_json::to_value(core.observe(&who)).map_err(fault)
        }
    }
}

impl Hosted {
    /// The operator ends a session of a user; nothing where there is none.
    pub(super) fn release(&mut self, now: Time, user: &str, contribution: &str) {
        if let Hosted::ParticipatingFunction(own) = self
            && let Some(core) = &mut own.core
        {
            core.release(now, user, contribution);
        }
    }
}

impl NullElement {
    /// A target that is none, and who registers in its stead.
    pub(super) fn new(null: Null, registering: Option<(client::Config, Addresses, u64)>) -> NullElement {
        let registering = registering.map(|(config, addresses, seed)| client::Core::new(config, addresses, seed));
        NullElement { null, registering }
    }

    /// The clock has reached what [`NullElement::poll_timeout`] said.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        self.registering.iter_mut().for_each(|core| core.handle_timeout(now));
    }

    /// When something is due.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.registering.as_ref().and_then(client::Core::poll_timeout)
    }

    /// Takes one input. Answers to registrations go to what registers; all else is not understood.
    pub(super) fn receive(&mut self, now: Time, input: io::Input) {
        match &mut self.registering {
            Some(core) if is_answer_to_registration(&input) => core.handle_input(now, input),
            _ => self.null.handle_input(input),
        }
    }

    /// The next output.
    pub(super) fn poll_output(&mut self) -> Option<io::Output> {
        self.null.poll_output().or_else(|| self.registering.as_mut()?.poll_output())
    }

    /// A user may register and go; whatever else he wishes is done, and nothing comes of it.
    fn tell(&mut self, now: Time, act: bool, request: Value) -> Result<Value, serde_json::Error> {
        if !act {
            return serde_json::to_value(client::control::Shown::default());
        }
        let request: client::control::Request = serde_json::from_value(request)?;
        let reply = match (&mut self.registering, request.act) {
            (Some(core), Act::Register | Act::Deregister) => core.act(now, &request),
            _ => client::control::Reply::done(),
        };
        serde_json::to_value(reply)
    }
}

fn is_answer_to_registration(input: &io::Input) -> bool {
    let octets = match input {
        io::Input::Datagram { octets, .. } | io::Input::Received { octets, .. } => octets,
        // Of a connection that it opened.
        io::Input::Connected { .. } | io::Input::Authenticated { .. } => return true,
        io::Input::Accepted { .. } | io::Input::Closed { .. } => return false,
    };
    let answer = Message::parse(octets.clone()).ok();
    answer.is_some_and(|message| !message.is_request() && message.method() == Method::Register)
}
