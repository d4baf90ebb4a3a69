//! Seeded faults: elements that break a requirement in one known way, so that a suite can show that it sees it.
//!
//! A fault decorates a core. It drops, doubles, reorders, alters and delays what goes in and what comes out, octets and
//! writes alike; the core and its functions know nothing of it. Without a fault the decorated core is the core.

mod charging;
mod chats;
mod choices;
mod client;
mod conversation_history;
mod deferred_messages;
mod delivery;
mod devices;
mod disposition_reports;
mod documents;
mod editing;
mod final_lists;
mod intermediate_lists;
mod interworking;
mod lawful_interception;
mod lists;
mod media_negotiation;
mod messages;
mod missed;
mod multi_device;
mod passage;
mod policies_and_preferences;
mod presence;
mod repeats;
mod reports;
mod restarts;
mod scene;
mod session_continuity;
mod sessions;
mod storing;
mod tampering;

use crate::client::{Config as ClientConfig, Core as Client, control};
use crate::config::Config;
use crate::core::{Addresses, Core, Input, Output};
use crate::store::{Contents, Token, Write};
use cpm_wire::io;
use cpm_wire::time::Time;
use std::collections::VecDeque;
use tampering::{Mischief, Saving, Tampering};

/// A way to be wrong.
#[derive(Clone, Copy)]
pub struct Fault {
    /// Its name.
    pub id: &'static str,
    /// The element that has it.
    pub role: Role,
    /// What goes wrong, for people.
    pub what: &'static str,
    make: fn() -> Box<dyn Mischief>,
}

/// The element that has a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The participating function.
    ParticipatingFunction,
    /// The client.
    Client,
}

impl Role {
    /// The word by which it is served.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::ParticipatingFunction => "participating-function",
            Role::Client => "client",
        }
    }
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fault").field(&self.id).finish()
    }
}

impl Fault {
    /// A fault of the participating function.
    const fn of_function(id: &'static str, what: &'static str, make: fn() -> Box<dyn Mischief>) -> Fault {
        Fault { id, role: Role::ParticipatingFunction, what, make }
    }

    /// Every fault there is.
    pub fn all() -> impl Iterator<Item = &'static Fault> {
        let of_delivery =
            [delivery::FAULTS, repeats::FAULTS, chats::FAULTS, devices::FAULTS, reports::FAULTS, choices::FAULTS];
        let of_lists = [final_lists::FAULTS, restarts::FAULTS, intermediate_lists::FAULTS];
        let of_storing = [
            storing::FAULTS,
            storing::absence::FAULTS,
            storing::content::FAULTS,
            storing::mixing::FAULTS,
            storing::policies::FAULTS,
            storing::soft::FAULTS,
        ];
        let of_function = of_storing.into_iter().chain(of_delivery).chain(of_lists);
        let of_devices = [multi_device::FAULTS, session_continuity::FAULTS].into_iter().flatten();
        let of_sessions = [sessions::FAULTS, media_negotiation::FAULTS, policies_and_preferences::FAULTS].into_iter();
        let of_messages = [messages::FAULTS, deferred_messages::FAULTS, &[disposition_reports::FAULTS]].into_iter();
        let of_neighbours = [charging::FAULTS, interworking::FAULTS, conversation_history::FAULTS, presence::FAULTS]
            .into_iter()
            .flatten();
        let of_neighbours = of_neighbours.chain(lawful_interception::FAULTS);
        let of_sessions =
            of_sessions.flatten().chain(of_devices).chain(of_messages.flatten()).chain(of_neighbours).copied();
        of_function.chain(of_sessions).chain(client::FAULTS.iter().copied()).flatten()
    }

    /// The fault of that name.
    pub fn named(id: &str) -> Option<&'static Fault> {
        Fault::all().find(|fault| fault.id == id)
    }
}

/// A participating function, with a fault or without.
pub struct Faulty {
    core: Core,
    tampering: Option<Tampering>,
    /// Writes that the core believes done, and when they will be.
    late: VecDeque<(Time, Vec<Write>)>,
    tokens: u64,
}

impl Faulty {
    /// As [`Core::new`].
    pub fn new(
        mut config: Config,
        addresses: Addresses,
        mut restored: Contents,
        seed: u64,
        fault: Option<&Fault>,
    ) -> Faulty {
        let mischief = fault.map(|fault| (fault.make)());
        if let Some(mischief) = &mischief {
            mischief.configure(&mut config);
            mischief.restore(&mut restored);
        }
        Faulty {
            core: Core::new(config, addresses, restored, seed),
            tampering: mischief.map(Tampering::new),
            late: VecDeque::new(),
            tokens: u64::MAX,
        }
    }

    /// As [`Core::handle_input`].
    pub fn handle_input(&mut self, now: Time, input: Input) {
        match (input, &mut self.tampering) {
            (Input::Net(input), Some(tampering)) => {
                tampering.input(now, input);
                self.settle(now);
            }
            (input, _) => self.core.handle_input(now, input),
        }
    }

    /// As [`Core::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Time) {
        if let Some(tampering) = &mut self.tampering {
            tampering.handle_timeout(now);
            self.settle(now);
        }
        if self.core.poll_timeout().is_some_and(|due| due <= now) {
            self.core.handle_timeout(now);
        }
    }

    /// As [`Core::release`].
    pub fn release(&mut self, now: Time, user: &str, contribution: &str) -> usize {
        self.core.release(now, user, contribution)
    }

    /// As [`Core::part`].
    pub fn part(&mut self, now: Time) {
        self.core.part(now);
    }

    /// As [`Core::has_parted`].
    pub fn has_parted(&self) -> bool {
        self.core.has_parted()
    }

    /// As [`Core::poll_audit`].
    pub fn poll_audit(&mut self) -> Option<String> {
        self.core.poll_audit()
    }

    /// As [`Core::poll_output`], at the time of the last input.
    pub fn poll_output(&mut self, now: Time) -> Option<Output> {
        let Some(tampering) = &mut self.tampering else { return self.core.poll_output() };
        if self.late.front().is_some_and(|(due, _)| *due <= now) {
            let (_, writes) = self.late.pop_front()?;
            self.tokens -= 1;
            return Some(Output::Persist { token: Token(self.tokens), writes });
        }
        loop {
            if let Some(output) = tampering.poll_output() {
                return Some(Output::Net(output));
            }
            match self.core.poll_output()? {
                Output::Net(output) => tampering.output(now, output),
                Output::Load(load) => return Some(Output::Load(load)),
                Output::Persist { token, writes } => match tampering.mischief.persist(writes) {
                    Saving::Now(writes) => return Some(Output::Persist { token, writes }),
                    Saving::Later(span, writes) => {
                        self.late.push_back((now + span, writes));
                        self.core.handle_input(now, Input::Persisted(token));
                    }
                },
            }
            while let Some(input) = tampering.poll_input() {
                self.core.handle_input(now, Input::Net(input));
            }
        }
    }

    /// As [`Core::poll_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        let late = self.late.front().map(|(due, _)| *due);
        let tampering = self.tampering.as_ref().and_then(Tampering::poll_timeout);
        self.core.poll_timeout().into_iter().chain(late).chain(tampering).min()
    }

    /// Gives the core what has come through to it.
    fn settle(&mut self, now: Time) {
        let Some(tampering) = &mut self.tampering else { return };
        while let Some(input) = tampering.poll_input() {
            self.core.handle_input(now, Input::Net(input));
        }
    }
}

/// A client, with a fault or without.
pub struct FaultyClient {
    core: Client,
    tampering: Option<Tampering>,
}

impl FaultyClient {
    /// As [`Client::new`].
    pub fn new(mut config: ClientConfig, addresses: Addresses, seed: u64, fault: Option<&Fault>) -> FaultyClient {
        let mischief = fault.map(|fault| (fault.make)());
        if let Some(mischief) = &mischief {
            mischief.configure_client(&mut config);
        }
        FaultyClient { core: Client::new(config, addresses, seed), tampering: mischief.map(Tampering::new) }
    }

    /// As [`Client::handle_input`].
    pub fn handle_input(&mut self, now: Time, input: io::Input) {
        match &mut self.tampering {
            Some(tampering) => {
                tampering.input(now, input);
                self.settle(now);
            }
            None => self.core.handle_input(now, input),
        }
    }

    /// As [`Client::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Time) {
        if let Some(tampering) = &mut self.tampering {
            tampering.handle_timeout(now);
            self.settle(now);
        }
        if self.core.poll_timeout().is_some_and(|due| due <= now) {
            self.core.handle_timeout(now);
        }
    }

    /// As [`Client::poll_output`], at the time of the last input.
    pub fn poll_output(&mut self, now: Time) -> Option<io::Output> {
        loop {
            let Some(tampering) = &mut self.tampering else { return self.core.poll_output() };
            if let Some(output) = tampering.poll_output() {
                return Some(output);
            }
            tampering.output(now, self.core.poll_output()?);
            self.settle(now);
        }
    }

    /// As [`Client::poll_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        let tampering = self.tampering.as_ref().and_then(Tampering::poll_timeout);
        self.core.poll_timeout().into_iter().chain(tampering).min()
    }

    /// As [`Client::act`], unless the fault has the user's wish come to nothing.
    pub fn act(&mut self, now: Time, request: &control::Request) -> control::Reply {
        if self.tampering.as_mut().is_some_and(|tampering| !tampering.mischief.acts(request)) {
            return control::Reply::done();
        }
        self.core.act(now, request)
    }

    /// As [`Client::observe`], as the fault shows it.
    pub fn observe(&mut self, who: &control::Who) -> control::Shown {
        let shown = self.core.observe(who);
        match &mut self.tampering {
            Some(tampering) => tampering.mischief.shows(shown),
            None => shown,
        }
    }

    fn settle(&mut self, now: Time) {
        let Some(tampering) = &mut self.tampering else { return };
        while let Some(wish) = tampering.mischief.wishes() {
            // What cannot be done is not done.
            let _ = self.core.act(now, &wish);
        }
        while let Some(input) = tampering.poll_input() {
            self.core.handle_input(now, input);
        }
    }
}
