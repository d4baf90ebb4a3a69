//! What all scenarios of one run share: the profile, the target, the serving-CSCF socket, the pools of users.

use super::asking::Answer;
use super::{LinkKind, RunError};
use crate::actors::Ensemble;
use crate::actors::authorization::Credentials;
use crate::actors::charging_server::{Accounts, ChargingServer};
use crate::actors::client::pulling::Customs;
use crate::actors::ids::Ids;
use crate::actors::mediation_function::Access;
use crate::actors::message_store::{MessageStore, Outages};
use crate::actors::preference_server::watching::Served;
use crate::actors::preference_server::{Documents, PreferenceServer};
use crate::actors::presence_server::PresenceServer;
use crate::actors::real_core::RealCore;
use crate::actors::serving_cscf::ServingCscf;
use crate::actors::signalling::Signalling;
use crate::secrets::Secrets;
use crate::stage::Stage;
use crate::stage::certificates::{self, Certificates};
use crate::stage::charging_server;
use crate::stage::link::Link;
use crate::stage::message_store;
use crate::stage::null_targets::Null;
use crate::stage::preference_server;
use crate::stage::sockets::{Mediation, SocketsLink};
use crate::stage::switchboard::Switchboard;
use crate::stage::target::{EmbeddedTarget, Neighbours, TargetAddresses, configuration};
use crate::stage::trial::{Subject, Trial};
use crate::stage::virtual_link::{Hosted, VirtualLink};
use crate::target::calling::Filling;
use crate::target::control::{Control, Hook};
use crate::target::core::Account;
use crate::target::users::Class;
use crate::target::{Profile, Role, Statement, Timers};
use crate::verdict::Blame;
use crate::world::Stop;
use cpm_reference::client;
use cpm_reference::config::Config;
use cpm_reference::core::Addresses;
use cpm_wire::endpoint::{Peer, Protocol};
use cpm_wire::sip::Message;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The ports of the virtual world, which is all on one address.
const VIRTUAL_CSCF_PORT: u16 = 5060;
const VIRTUAL_SIP_PORT: u16 = 5070;
const VIRTUAL_STORE_PORT: u16 = 143;
const VIRTUAL_PREFERENCES_PORT: u16 = 8080;
const VIRTUAL_CHARGING_PORT: u16 = 3868;
const VIRTUAL_MSRP_PORT: u16 = 2855;
const VIRTUAL_X1_PORT: u16 = 8443;

/// What all scenarios of one run share.
pub struct Context {
    /// The target's profile.
    pub profile: Profile,
    /// Its statement.
    pub statement: Arc<Statement>,
    /// Its times.
    pub timers: Timers,
    /// The seed of the run.
    pub seed: u64,
    board: Option<Switchboard>,
    /// Where the tester's message store listens.
    message_store: Option<SocketAddr>,
    /// For whom it fails, where one store is there for all scenarios.
    outages: Outages,
    /// Where the tester serves preferences.
    preference_server: Option<SocketAddr>,
    /// What it serves, where one server is there for all scenarios.
    documents: Documents,
    /// Where the tester's charging server listens.
    charging_server: Option<SocketAddr>,
    /// How it answers for whom, where one server is there for all scenarios.
    accounts: Accounts,
    /// What everybody shows who takes part in interception, where there are sockets.
    certificates: Option<Arc<Certificates>>,
    /// Who the users are to a real core, where one stands before the target.
    accounts_at_core: Vec<Account>,
    /// What the environment holds that the profile names.
    pub(super) secrets: Secrets,
    target: Option<TargetAddresses>,
    program: Option<PathBuf>,
    trial: Trial,
    pools: Mutex<BTreeMap<String, std::vec::IntoIter<Vec<String>>>>,
    /// The users of a client under test. They come back when a scenario is over: a phone has one user.
    lendable: Arc<Mutex<VecDeque<Vec<String>>>>,
    /// As many scenarios as there are users whom a client under test serves.
    turns: Arc<Semaphore>,
    next: std::sync::atomic::AtomicU64,
}

/// What a scenario needs beyond the target of the run. Only the embedded reference gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// A target of its own, to be killed at will.
    pub own_target: bool,
    /// Time that is a number: what takes minutes on a real target passes at once.
    pub virtual_time: bool,
}

impl Context {
    /// Opens the serving-CSCF socket, unless the link is virtual.
    ///
    /// # Errors
    /// When it cannot be bound.
    pub async fn open(
        profile: Profile,
        link: LinkKind,
        seed: u64,
        program: Option<PathBuf>,
    ) -> Result<Context, RunError> {
        let board = match link {
            LinkKind::Virtual => None,
            LinkKind::Sockets => {
                let address = profile.serving_cscf_bind();
                let board = Switchboard::open(address, cpm_wire::net::Clock::start()).await;
                Some(board.map_err(|source| RunError::Bind { address, source })?)
            }
        };
        let outages = Outages::default();
        let message_store = match (&board, profile.message_store_bind()) {
            (Some(board), Some(address)) => {
                let opened = message_store::open(address, board.clone(), outages.clone()).await;
                Some(opened.map_err(|source| RunError::Bind { address, source })?)
            }
            (None, Some(_)) => Some(SocketAddr::new(Trial::default().address(), VIRTUAL_STORE_PORT)),
            (_, None) => None,
        };
        let documents = Documents::default();
        let preference_server = match (&board, profile.preference_server_bind()) {
            (Some(board), Some(address)) => {
                let opened = preference_server::open(address, documents.clone(), board.clone()).await;
                Some(opened.map_err(|source| RunError::Bind { address, source })?)
            }
            (None, Some(_)) => Some(SocketAddr::new(Trial::default().address(), VIRTUAL_PREFERENCES_PORT)),
            (_, None) => None,
        };
        let accounts = Accounts::default();
        let charging_server = match (&board, profile.charging_server_bind()) {
            (Some(board), Some(address)) => {
                let identity = profile.charging_identity();
                let opened = charging_server::open(address, identity, accounts.clone(), board.clone()).await;
                Some(opened.map_err(|source| RunError::Bind { address, source })?)
            }
            (None, Some(_)) => Some(SocketAddr::new(Trial::default().address(), VIRTUAL_CHARGING_PORT)),
            (_, None) => None,
        };
        let certificates = match (&board, profile.is_intercepted()) {
            (Some(_), true) => Some(Arc::new(certificates(&profile)?)),
            _ => None,
        };
        let pools: BTreeMap<_, _> = profile
            .pools()
            .iter()
            .map(|(class, users)| {
                let mut identities: Vec<Vec<String>> = users.iter().map(|user| user.identities()).collect();
                // Runs after each other begin elsewhere in the pool, as an external target remembers its users.
                let count = u64::try_from(identities.len()).unwrap_or(1).max(1);
                identities.rotate_left(usize::try_from(seed % count).unwrap_or_default());
                (class.as_str().to_owned(), identities.into_iter())
            })
            .collect();
        let lendable: VecDeque<_> = pools.get(Class::Plain.as_str()).cloned().into_iter().flatten().collect();
        let accounts_at_core = match profile.is_before_core() {
            true => profile.accounts().map_err(RunError::Usage)?,
            false => Vec::new(),
        };
        if let (Some(board), Role::Client) = (&board, profile.role) {
            board.register_everybody(&profile.domain());
        }
        Ok(Context {
            statement: Arc::new(profile.statement().clone()),
            timers: profile.timers(),
            seed,
            board,
            message_store,
            outages,
            preference_server,
            documents,
            charging_server,
            accounts,
            certificates,
            accounts_at_core,
            secrets: profile.secrets(),
            target: None,
            program,
            trial: Trial::default(),
            pools: Mutex::new(pools),
            turns: Arc::new(Semaphore::new(lendable.len())),
            lendable: Arc::new(Mutex::new(lendable)),
            next: std::sync::atomic::AtomicU64::new(1),
            profile,
        })
    }

    /// Where the target is, once it is known.
    pub fn with_target(mut self, target: TargetAddresses) -> Context {
        self.target = Some(target);
        self
    }

    /// What the suite itself is put through on the virtual link.
    pub fn with_trial(mut self, trial: Trial) -> Context {
        self.trial = trial;
        if self.is_virtual() {
            self.message_store = self.message_store.map(|store| self.virtually(store.port()));
            self.preference_server = self.preference_server.map(|server| self.virtually(server.port()));
            self.charging_server = self.charging_server.map(|server| self.virtually(server.port()));
        }
        self
    }

    /// The address of the serving-CSCF socket.
    pub fn serving_cscf(&self) -> SocketAddr {
        self.board.as_ref().map_or(self.virtually(VIRTUAL_CSCF_PORT), |board| board.address)
    }

    /// A port of the virtual world.
    fn virtually(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.trial.address(), port)
    }

    /// Where the target finds its neighbours.
    pub fn neighbours(&self) -> Neighbours {
        Neighbours {
            serving_cscf: self.serving_cscf(),
            message_store: self.message_store,
            preference_server: self.preference_server,
            charging_server: self.charging_server,
        }
    }

    /// Whether what the target keeps of conversations can be seen (L22): in the tester's own store.
    pub fn sees_history(&self) -> bool {
        self.message_store.is_some() && self.statement.has("history_store", "imap")
    }

    /// What orders say of the address of the mediation function when that listens at `actual`: an address of the profile with the
    /// port of the scenario.
    pub fn mediation_at(&self, actual: SocketAddr) -> SocketAddr {
        self.profile.mediation_function_advertise().map_or(actual, |ip| SocketAddr::new(ip, actual.port()))
    }

    /// The certificates of the run, where it has any.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_deref()
    }

    /// What paths say of where media are; nothing special where the link is virtual.
    pub fn media_advertise(&self) -> Option<IpAddr> {
        self.board.as_ref().and_then(|_| self.profile.media_advertise())
    }

    /// How the administration comes to the target of a scenario; none where it takes no orders of the tester.
    fn access(&self, own: Option<&EmbeddedTarget>, alone: bool) -> Option<Access> {
        let x1 = match alone {
            true => Some(self.virtually(VIRTUAL_X1_PORT)),
            false => own.map(EmbeddedTarget::addresses).or(self.target)?.x1,
        };
        x1.filter(|_| self.profile.is_intercepted()).map(|x1| certificates::access(x1, !alone))
    }

    /// The serving-CSCF socket of the run.
    pub fn board(&self) -> Option<&Switchboard> {
        self.board.as_ref()
    }

    /// How long it takes until the target knows of a registration, where a real core tells it.
    pub fn core_settles(&self) -> Option<Duration> {
        self.profile.is_before_core().then(|| self.profile.core_settles())
    }

    /// True when time is a number.
    pub fn is_virtual(&self) -> bool {
        self.board.is_none()
    }

    /// The conference factory.
    pub fn factory(&self) -> String {
        self.profile.factory()
    }

    /// Draws a user of a class, who is used by nobody else in this run.
    ///
    /// # Errors
    /// Inconclusive when the pool is empty: the vendor has not prepared such users.
    pub fn draw(&self, class: &str) -> Result<Vec<String>, Stop> {
        let mut pools = self.pools.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        pools.get_mut(class).and_then(Iterator::next).ok_or_else(|| Stop::Unseen {
            why: format!("the profile has no user of the class {class:?} left; network.users prepares them"),
            blame: Blame::Configuration,
        })
    }

    /// Waits for its turn to run a scenario: of a client, no more run at a time than it has users.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        match self.profile.role {
            Role::ParticipatingFunction => None,
            Role::Client => self.turns.clone().acquire_owned().await.ok(),
        }
    }

    /// Lends a user whom the client under test serves; it comes back when what is returned is dropped.
    ///
    /// # Errors
    /// Inconclusive when there is none.
    pub fn lend(&self) -> Result<Lent, Stop> {
        let drawn = self.lendable.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
        let identities = drawn.ok_or_else(|| Stop::Unseen {
            why: "the profile has no user of the class plain whom the client serves; network.users tells them"
                .to_owned(),
            blame: Blame::Configuration,
        })?;
        Ok(Lent { identities, home: self.lendable.clone() })
    }

    /// Whether something can be told to the user of a client under test.
    pub fn can_act(&self) -> bool {
        let embedded = self.target.is_some_and(|target| target.control.is_some());
        self.is_virtual() || embedded || self.profile.control.client.is_some()
    }

    /// The latest registration of a client under test, whichever scenario it came in.
    pub fn registration_of(&self, identity: &str) -> Option<(Message, Peer)> {
        self.board.as_ref().and_then(|board| board.registration_of(identity))
    }

    /// Calls a hook that stands for the user of the client under test.
    ///
    /// # Errors
    /// Inconclusive when there is no such hook, or it failed.
    pub async fn tell_client(&self, stage: &Stage, scenario: &str, hand: Hand, request: Value) -> Result<Value, Stop> {
        let unseen = |why: String| Stop::Unseen { why, blame: Blame::Configuration };
        if self.is_virtual() {
            let reply = stage.act(move |play| play.tell_virtual_client(hand == Hand::Act, &request)).await?;
            return reply.map_err(Stop::Harness);
        }
        let embedded = self.target.and_then(|target| target.control);
        let hook = match embedded {
            Some(control) => Some(Hook::Http(format!("http://{control}/{}", hand.path()))),
            None => hand.hook(&self.profile.control).cloned(),
        };
        let hook = hook.ok_or_else(|| unseen(format!("the profile has no control.{}", hand.key())))?;
        let text = |key: &str| request.get(key).and_then(Value::as_str).unwrap_or_default();
        let filling = Filling { user: text("user"), device: text("device"), scenario };
        self.called(&format!("control.{}", hand.key()), &hook, filling, &request).await.map(Answer::shown)
    }

    /// Sets the stage for one scenario.
    ///
    /// # Errors
    /// When the target cannot be started.
    pub async fn set(&self, id: &str, needs: Needs) -> Result<(Stage, Option<EmbeddedTarget>), Stop> {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Marks differ between runs too: what a target still sends of an earlier run is told from what it sends now.
        let mark = format!("s{number}r{:06x}", self.seed & 0xff_ffff);
        let seed = self.seed ^ hash(id);
        let own = match (&self.program, &self.board) {
            (Some(program), Some(_)) if needs.own_target => {
                let (neighbours, certificates) = (self.neighbours(), self.certificates());
                let fault = self.trial.served();
                let started = EmbeddedTarget::start(program, &self.profile, neighbours, certificates, fault).await;
                Some(started.map_err(|error| Stop::Harness(error.to_string()))?)
            }
            _ => None,
        };
        let (link, target) = match &self.board {
            Some(board) if !needs.virtual_time => {
                let target = own.as_ref().map(EmbeddedTarget::addresses).or(self.target).map(|target| target.sip);
                // Where an external client is, its registration will tell.
                let target = match self.profile.role {
                    Role::Client => target.unwrap_or(board.address),
                    _ => target.ok_or_else(|| Stop::Harness("the target has no address".to_owned()))?,
                };
                let host = self.profile.media_bind();
                let bind = self.profile.mediation_function_bind();
                let certificates = self.certificates.clone();
                let mediation = certificates.map(|certificates| Mediation { bind, certificates });
                (Link::Sockets(Box::new(SocketsLink::new(&mark, board.clone(), host, mediation))), target)
            }
            _ => (Link::Virtual(Box::new(self.virtual_link(id, seed)?)), self.virtually(VIRTUAL_SIP_PORT)),
        };
        let cscf = ServingCscf {
            address: self.serving_cscf(),
            advertise: self.profile.serving_cscf_advertise(self.serving_cscf()),
            target,
            preferred: if self.profile.prefers_tcp() { Protocol::Tcp } else { Protocol::Udp },
            domain: self.profile.domain(),
            tells_served_user: self.profile.tells_served_user(),
            embeds_register: self.profile.embeds_register(),
            before_core: self.profile.is_before_core(),
            client: None,
        };
        let signalling = Signalling::new(cscf, Ids::new(&mark, seed), cpm_wire::transaction::Timers::default());
        let mut ensemble = Ensemble::new(signalling, self.customs());
        ensemble.makes_groups_at(&self.factory());
        if self.profile.is_before_core() {
            let accounts = self.accounts_at_core.iter().cloned();
            let credentials =
                accounts.map(|(identity, (username, secret))| (identity, Credentials { username, secret }));
            ensemble.stand_before(RealCore::new(credentials), self.profile.own_addresses());
        }
        if self.profile.role == Role::ParticipatingFunction {
            ensemble.interworks_at(&self.profile.interworking());
        }
        // The link of this scenario, which need not be that of the run.
        let alone = matches!(link, Link::Virtual(_));
        let outages = if alone { Outages::default() } else { self.outages.clone() };
        if alone {
            ensemble.message_store = self.message_store.map(|address| MessageStore::new(address, outages.clone()));
        }
        ensemble.outages = outages;
        ensemble.access = self.access(own.as_ref(), alone);
        let documents = if alone { Documents::default() } else { self.documents.clone() };
        if let Some(address) = self.preference_server {
            ensemble.preference_server = alone.then(|| PreferenceServer::new(address, documents.clone()));
            ensemble.served = Some(Served::new(documents, self.profile.preference_server_advertise(address)));
        }
        ensemble.presence_server = self.profile.plays_presence_server().then(PresenceServer::default);
        if let Some(address) = self.charging_server {
            let accounts = if alone { Accounts::default() } else { self.accounts.clone() };
            let identity = self.profile.charging_identity();
            let server = alone.then(|| ChargingServer::new(address, identity, accounts.clone(), true));
            (ensemble.charging_server, ensemble.accounts) = (server, Some(accounts));
        }
        let stage = Stage::start(ensemble, link, self.statement.clone());
        Ok((stage, own))
    }

    /// What, by the statement, a device does of its own accord.
    fn customs(&self) -> Customs {
        let pulls = |shape: &str| self.statement.has(shape, "client_rejoin_leg");
        let delivers = |way: &str| self.statement.has("deferred_delivery", way);
        let others = |ways: &[&str]| ways.iter().any(|way| delivers(way));
        Customs {
            pulls_live: pulls("drain_shape_live"),
            pulls_ended: pulls("drain_shape_ended"),
            deferred: self.profile.deferred(),
            exploder: self.profile.exploder(),
            asks_for_word: delivers("notify_subscribed") && !others(&["push", "notify_unsolicited", "notify_message"]),
            fetches_unasked: delivers("fetch")
                && !others(&["push", "notify_subscribed", "notify_unsolicited", "notify_message"]),
        }
    }

    fn virtual_link(&self, id: &str, seed: u64) -> Result<VirtualLink, Stop> {
        let (sip, msrp) = (self.virtually(VIRTUAL_SIP_PORT), self.virtually(VIRTUAL_MSRP_PORT));
        let x1 = self.profile.is_intercepted().then(|| self.virtually(VIRTUAL_X1_PORT));
        let target = TargetAddresses { sip, msrp: Some(msrp), control: None, x1 };
        let addresses = Addresses { sip, msrp, x1 };
        let text = configuration(&self.profile, self.neighbours(), target, None);
        let fault = |error: &dyn std::fmt::Display| Stop::Harness(error.to_string());
        let of_client = || client::Config::from_yaml(&text, "virtual link").map_err(|error| fault(&error));
        let (role, subject) = (self.profile.role, self.trial.subject);
        let hosted = match (role, subject) {
            (_, Subject::Null(kind)) => {
                let null = Null::new(
                    kind,
                    addresses,
                    self.serving_cscf(),
                    role == Role::Client,
                    seed,
                    self.trial.recording(id),
                );
                let registering = (role == Role::Client && kind.registers()).then(of_client).transpose()?;
                Hosted::null(null, registering.map(|config| (config, addresses, seed)))
            }
            (Role::ParticipatingFunction, _) => {
                let config = Config::from_yaml(&text, "virtual link").map_err(|error| fault(&error))?;
                Hosted::participating_function(config, addresses, seed, self.trial.fault(role))
            }
            (Role::Client, _) => Hosted::client(of_client()?, addresses, seed, self.trial.fault(role)),
        };
        let mut link = VirtualLink::new(hosted, addresses, self.serving_cscf(), &self.trial, id, seed);
        let neighbours = [self.message_store, self.preference_server, self.charging_server];
        neighbours.into_iter().flatten().for_each(|address| link.listen_at(address));
        Ok(link)
    }

    /// Lets the operator of the target end a session of a user, by its Contribution-ID.
    ///
    /// # Errors
    /// Inconclusive when there is no way to tell the operator, or it is blocked.
    pub async fn release(&self, stage: &Stage, scenario: &str, user: String, contribution: String) -> Result<(), Stop> {
        if self.is_virtual() {
            return Ok(stage.act(move |play| play.release_at_virtual_target(&user, &contribution)).await?);
        }
        let unseen = |why: String| Stop::Unseen { why, blame: Blame::Configuration };
        let embedded = self.target.and_then(|target| target.control);
        let hook = match embedded {
            Some(control) => Some(Hook::Http(format!("http://{control}/release"))),
            None => self.profile.control.admin_release.clone(),
        };
        let hook = hook.ok_or_else(|| unseen("the profile has no control.admin_release".to_owned()))?;
        let request = serde_json::json!({"user": user, "contribution": contribution});
        let filling = Filling { user: &user, device: "", scenario };
        self.called("control.admin_release", &hook, filling, &request).await.map(|_| ())
    }

    /// Restarts an external target by the hook of its profile.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn restart_external(&self) -> Result<(), String> {
        self.profile.run_restart_hook().await
    }
}

/// What is asked of the user of a client under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// To do something.
    Act,
    /// To say what the client shows.
    Observe,
}

impl Hand {
    const fn path(self) -> &'static str {
        match self {
            Hand::Act => "act",
            Hand::Observe => "observe",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Hand::Act => "client",
            Hand::Observe => "observe_client",
        }
    }

    const fn hook(self, control: &Control) -> Option<&Hook> {
        match self {
            Hand::Act => control.client.as_ref(),
            Hand::Observe => control.observe_client.as_ref(),
        }
    }
}

/// A user of a client under test, lent to a scenario.
#[derive(Debug)]
pub struct Lent {
    identities: Vec<String>,
    home: Arc<Mutex<VecDeque<Vec<String>>>>,
}

impl Lent {
    /// The public identities, the default one first.
    pub fn identities(&self) -> &[String] {
        &self.identities
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut home = self.home.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        home.push_back(std::mem::take(&mut self.identities));
    }
}

/// What everybody shows: by the files of an external target's profile, or made for the run.
fn certificates(profile: &Profile) -> Result<Certificates, RunError> {
    let made = match profile.tls_files() {
        Some((authority, chain, key)) => Certificates::of_profile(&authority, &chain, &key),
        None => Certificates::of_the_run(),
    };
    made.map_err(|why| RunError::Usage(why.to_string()))
}

/// FNV-1a: the same id has the same seed in every run.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
}
