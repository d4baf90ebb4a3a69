//! The neighbours that the tester plays around a participating function, sans-IO: the serving CSCF, the focus with all
//! remote members, and the devices of the served users.
//!
//! Actors act; they never judge. What they see goes to the evidence, and the rules read it there.

mod asked;
pub mod authorization;
pub mod call;
pub mod calls;
pub mod charging_server;
pub mod client;
pub mod controlling_function;
mod dispatch;
pub mod ids;
mod initiative;
pub mod interworking_function;
pub mod media;
pub mod mediation_function;
pub mod message;
pub mod message_store;
pub mod outbox;
pub mod participating_function;
pub mod preference_server;
pub mod preferring;
pub mod presence_server;
pub mod real_core;
mod registrar;
pub mod serving_cscf;
pub mod session;
pub mod signalling;
#[cfg(test)]
mod tests;

use crate::evidence::Event;
use call::{Calls, Occasion, Party};
use charging_server::{Account, Accounts, ChargingServer};
use client::Client;
use client::deferred::Waits;
use client::pulling::Customs;
use controlling_function::Focus;
use cpm_wire::io::Input;
use cpm_wire::time::Time;
use interworking_function::InterworkingFunction;
use mediation_function::{Access, MediationFunction};
use message::{Remote, Sent};
use message_store::{MessageStore, Outages};
use participating_function::Home;
use preference_server::watching::Served;
use preference_server::{PreferenceServer, Preferences};
use presence_server::PresenceServer;
use real_core::RealCore;
use registrar::Registrar;
use signalling::{DeviceKey, Signalling};
use std::collections::BTreeMap;

/// A person of a scenario.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name in the scenario.
    pub name: String,
    /// The public identities, the first is the default one.
    pub identities: Vec<String>,
    /// True for users whom the target serves.
    pub served: bool,
}

impl Person {
    /// The default public identity.
    pub fn identity(&self) -> &str {
        self.identities.first().map(String::as_str).unwrap_or_default()
    }
}

/// All actors of one scenario.
pub struct Ensemble {
    /// The SIP side that they share.
    pub signalling: Signalling,
    /// Everybody, by name.
    pub people: BTreeMap<String, Person>,
    /// The groups, by name.
    pub focuses: BTreeMap<String, Focus>,
    /// The devices of served users.
    pub devices: BTreeMap<DeviceKey, Client>,
    /// The participating functions of users whose clients are under test, by the users' names.
    pub homes: BTreeMap<String, Home>,
    /// The ends of sessions between two.
    pub calls: BTreeMap<Party, Calls>,
    /// What users of other networks do with messages, by their names.
    pub remotes: BTreeMap<String, Remote>,
    /// Standalone messages that were announced, in order.
    pub sent: Vec<Sent>,
    /// The interworking function; none around a client.
    pub interworking: Option<InterworkingFunction>,
    /// How a message is called that nobody sent.
    unheard_of: Option<Waits>,
    /// The sessions between two, by name.
    pub occasions: BTreeMap<String, Occasion>,
    /// The identity of the conference factory, comparable.
    factory: Option<String>,
    /// Legs that the conference factory made, by Contribution-ID: how often it was called.
    pub factory_calls: BTreeMap<String, usize>,
    /// Identities of remote members: MESSAGEs to them are taken.
    pub remote_domain: String,
    /// The message store, where a scenario has one to itself.
    pub message_store: Option<MessageStore>,
    /// For whom the message store fails, whosoever it is.
    pub outages: Outages,
    /// The server of preferences, where a scenario has one to itself.
    pub preference_server: Option<PreferenceServer>,
    /// The presence server, where the tester plays one.
    pub presence_server: Option<PresenceServer>,
    /// The charging server, where a scenario has one to itself.
    pub charging_server: Option<ChargingServer>,
    /// How the charging server answers for whom, where the tester plays one.
    pub accounts: Option<Accounts>,
    /// How the administration comes to the target, where that takes orders of interception.
    pub access: Option<Access>,
    /// The mediation function, once somebody is to be intercepted.
    pub mediation: Option<MediationFunction>,
    /// The documents of preferences, where the tester serves them.
    pub served: Option<Served>,
    /// What holds for served users, by their names.
    pub preferences: BTreeMap<String, Preferences>,
    /// The core that stands between devices and target, where it is a real one.
    core: Option<RealCore>,
    /// What devices do by themselves.
    pub customs: Customs,
    registrar: Registrar,
}

impl Ensemble {
    /// Actors without people.
    pub fn new(signalling: Signalling, customs: Customs) -> Ensemble {
        let remote_domain = format!("{}.remote.example", signalling.ids.mark());
        Ensemble {
            signalling,
            people: BTreeMap::new(),
            focuses: BTreeMap::new(),
            devices: BTreeMap::new(),
            homes: BTreeMap::new(),
            calls: BTreeMap::new(),
            remotes: BTreeMap::new(),
            sent: Vec::new(),
            factory: None,
            interworking: None,
            unheard_of: None,
            occasions: BTreeMap::new(),
            factory_calls: BTreeMap::new(),
            remote_domain,
            message_store: None,
            outages: Outages::default(),
            preference_server: None,
            presence_server: None,
            charging_server: None,
            accounts: None,
            access: None,
            mediation: None,
            served: None,
            preferences: BTreeMap::new(),
            core: None,
            customs,
            registrar: Registrar::default(),
        }
    }

    /// Brings in a served user.
    pub fn served_user(&mut self, name: &str, identities: Vec<String>, class: &str) {
        self.introduce(name, identities, Some(class));
    }

    /// The identity of somebody of a group, who is brought in at first mention.
    pub fn remote_member(&mut self, name: &str) -> String {
        if !self.people.contains_key(name) {
            let identity = format!("sip:{}@{}", name.to_lowercase(), self.remote_domain);
            self.introduce(name, vec![identity], None);
        }
        self.identity_of(name)
    }

    fn introduce(&mut self, name: &str, identities: Vec<String>, class: Option<&str>) {
        self.signalling.links.out.event(Event::Person {
            name: name.to_owned(),
            served: class.is_some(),
            identities: identities.clone(),
            class: class.map(str::to_owned),
        });
        let person = Person { name: name.to_owned(), identities, served: class.is_some() };
        self.people.insert(name.to_owned(), person);
    }

    /// The default public identity of a person; empty for nobody.
    pub fn identity_of(&self, name: &str) -> String {
        self.people.get(name).map(|person| person.identity().to_owned()).unwrap_or_default()
    }

    /// True when a person has a registered device that can chat.
    pub fn is_registered(&self, name: &str) -> bool {
        self.devices.iter().any(|((person, _), device)| person == name && device.registered)
    }

    /// Brings in a device, switched off.
    pub fn device(&mut self, device: Client) {
        self.signalling.links.out.event(Event::Device {
            person: device.key.0.clone(),
            device: device.key.1.clone(),
            instance: device.instance.clone(),
            contact: device.contact.clone(),
            tags: if device.can_chat { vec!["chat".to_owned(), "messages".to_owned()] } else { Vec::new() },
        });
        self.devices.insert(device.key.clone(), device);
    }

    /// From now on the charging server answers so for a person; false where nobody is charged.
    pub fn charges(&mut self, name: &str, account: Account) -> bool {
        let (Some(accounts), Some(person)) = (&self.accounts, self.people.get(name)) else { return false };
        accounts.set(&person.identities, account);
        let (links, identities) = (&mut self.signalling.links, person.identities.clone());
        links.out.event(Event::Account { person: name.to_owned(), identities, account: account.told() });
        if let Some(server) = self.charging_server.as_mut().filter(|_| account == Account::Down) {
            server.leave(links);
        }
        true
    }

    /// How the charging server answers for a person; none where nobody is charged.
    pub fn account_of(&self, name: &str) -> Option<Account> {
        Some(self.accounts.as_ref()?.of(&self.people.get(name)?.identities))
    }

    /// Works on one focus together with the SIP side.
    pub fn with_focus<R>(&mut self, group: &str, work: impl FnOnce(&mut Focus, &mut Signalling) -> R) -> Option<R> {
        self.focuses.get_mut(group).map(|focus| work(focus, &mut self.signalling))
    }

    /// Works on one device together with the SIP side.
    pub fn with_device<R>(
        &mut self,
        key: &DeviceKey,
        work: impl FnOnce(&mut Client, &mut Signalling) -> R,
    ) -> Option<R> {
        self.devices.get_mut(key).map(|device| work(device, &mut self.signalling))
    }

    /// Works on the participating function of one user together with the SIP side.
    pub fn with_home<R>(&mut self, person: &str, work: impl FnOnce(&mut Home, &mut Signalling) -> R) -> Option<R> {
        self.homes.get_mut(person).map(|home| work(home, &mut self.signalling))
    }

    /// Works on the participating function of one user, and on a group.
    pub fn with_home_and_focus<R>(
        &mut self,
        person: &str,
        group: &str,
        work: impl FnOnce(&mut Home, &mut Focus, &mut Signalling) -> R,
    ) -> Option<R> {
        let (home, focus) = (self.homes.get_mut(person)?, self.focuses.get_mut(group)?);
        Some(work(home, focus, &mut self.signalling))
    }

    /// Takes input of a connection of one of the actors.
    pub fn receive_net(&mut self, now: Time, input: Input) {
        self.signalling.now = now;
        if let Some(store) = self.message_store.as_mut().filter(|store| store.owns(&input)) {
            store.receive(input, &mut self.signalling.links);
            // Whose it is needs nobody to be told: store and server are this scenario's alone.
            while store.poll_event().is_some() {}
        } else if let Some(server) = self.preference_server.as_mut().filter(|server| server.owns(&input)) {
            server.receive(input, &mut self.signalling.links);
            while server.poll_asked().is_some() {}
        } else if let Some(server) = self.charging_server.as_mut().filter(|server| server.owns(&input)) {
            server.receive(now, input, &mut self.signalling.links);
            while server.next(now, &mut self.signalling.links).is_some() {}
        } else if let Some(mediation) = self.mediation.as_mut().filter(|mediation| mediation.owns(&input)) {
            mediation.receive(input, &mut self.signalling.links);
        } else if let Some(focus) = self.focuses.values_mut().find(|focus| focus.media.owns(&input)) {
            focus.receive(&mut self.signalling, input);
        } else if let Some(device) = self.devices.values_mut().find(|device| device.media.owns(&input)) {
            device.receive(&mut self.signalling, input);
        } else if let Some(home) = self.homes.values_mut().find(|home| home.media.owns(&input)) {
            home.receive(&mut self.signalling, input);
        } else if let Some(calls) = self.calls.values_mut().find(|calls| calls.media.owns(&input)) {
            calls.receive(&mut self.signalling, input);
        }
        self.settle();
    }

    /// When [`Ensemble::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let focuses = self.focuses.values().filter_map(Focus::poll_timeout);
        let devices = self.devices.values().filter_map(Client::poll_timeout);
        let homes = self.homes.values().filter_map(Home::poll_timeout);
        let calls = self.calls.values().filter_map(Calls::poll_timeout);
        self.signalling.layer.poll_timeout().into_iter().chain(focuses).chain(devices).chain(homes).chain(calls).min()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Time) {
        self.signalling.now = now;
        self.signalling.layer.handle_timeout(now);
        for focus in self.focuses.values_mut() {
            focus.handle_timeout(&mut self.signalling);
        }
        for device in self.devices.values_mut() {
            device.handle_timeout(&mut self.signalling);
        }
        for home in self.homes.values_mut() {
            home.handle_timeout(&mut self.signalling);
        }
        for calls in self.calls.values_mut() {
            calls.handle_timeout(&mut self.signalling);
        }
        self.settle();
    }
}
