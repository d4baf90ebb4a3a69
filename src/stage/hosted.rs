//! The reference that the virtual link hosts: a core of either role, with what survives its death.

use cpm_reference::client;
use cpm_reference::config::Config;
use cpm_reference::core::{Addresses, Core, Input, Output};
use cpm_reference::store::{Memory, Token};
use cpm_wire::io;
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
}

/// A hosted participating function.
pub struct Function {
    config: Config,
    addresses: Addresses,
    seed: u64,
    store: Memory,
    core: Option<Core>,
}

/// A hosted client.
pub struct Client {
    config: client::Config,
    addresses: Addresses,
    seed: u64,
    core: Option<client::Core>,
}

impl Hosted {
    /// A participating function with an empty store.
    pub fn participating_function(config: Config, addresses: Addresses, seed: u64) -> Hosted {
        let store = Memory::default();
        let mut hosted =
            Hosted::ParticipatingFunction(Box::new(Function { config, addresses, seed, store, core: None }));
        hosted.start();
        hosted
    }

    /// A client that has just been switched on.
    pub fn client(config: client::Config, addresses: Addresses, seed: u64) -> Hosted {
        let mut hosted = Hosted::Client(Box::new(Client { config, addresses, seed, core: None }));
        hosted.start();
        hosted
    }

    /// Starts it anew with what its store holds.
    pub(super) fn start(&mut self) {
        match self {
            Hosted::ParticipatingFunction(own) => {
                own.seed = own.seed.wrapping_add(1);
                let stored = own.store.contents().clone();
                own.core = Some(Core::new(own.config.clone(), own.addresses, stored, own.seed));
            }
            Hosted::Client(own) => {
                own.seed = own.seed.wrapping_add(1);
                own.core = Some(client::Core::new(own.config.clone(), own.addresses, own.seed));
            }
        }
    }

    /// It dies on the spot.
    pub(super) fn kill(&mut self) {
        match self {
            Hosted::ParticipatingFunction(own) => own.core = None,
            Hosted::Client(own) => own.core = None,
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        match self {
            Hosted::ParticipatingFunction(own) => own.core.is_some(),
            Hosted::Client(own) => own.core.is_some(),
        }
    }

    pub(super) fn receive(&mut self, now: Time, input: io::Input) {
        match self {
            Hosted::ParticipatingFunction(own) => {
                own.core.iter_mut().for_each(|core| core.handle_input(now, Input::Net(input.clone())));
            }
            Hosted::Client(own) => own.core.iter_mut().for_each(|core| core.handle_input(now, input.clone())),
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
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match self {
            Hosted::ParticipatingFunction(own) => own.core.as_ref().and_then(Core::poll_timeout),
            Hosted::Client(own) => own.core.as_ref().and_then(client::Core::poll_timeout),
        }
    }

    pub(super) fn poll_output(&mut self) -> Option<Wish> {
        match self {
            Hosted::ParticipatingFunction(own) => match own.core.as_mut()?.poll_output()? {
                Output::Net(output) => Some(Wish::Net(output)),
                Output::Persist { token, writes } => {
                    own.store.apply(writes);
                    Some(Wish::Persisted(token))
                }
            },
            Hosted::Client(own) => own.core.as_mut()?.poll_output().map(Wish::Net),
        }
    }

    /// Tells a client what its user does, or asks what it shows: the request and the answer of its control protocol.
    pub(super) fn tell_client(&mut self, now: Time, act: bool, request: &Value) -> Result<Value, String> {
        let Hosted::Client(own) = self else { return Err("the target is no client".to_owned()) };
        let core = own.core.as_mut().ok_or("the client is dead")?;
        let (fault, request) = (|error: serde_json::Error| error.to_string(), request.clone());
        if act {
            let request: client::control::Request = serde_json::from_value(request).map_err(fault)?;
            serde_json::to_value(core.act(now, &request)).map_err(fault)
        } else {
            let who: client::control::Who = serde_json::from_value(request).map_err(fault)?;
            serde_json::to_value(core.observe(&who)).map_err(fault)
        }
    }
}
