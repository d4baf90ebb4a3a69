//! What all scenarios of one run share: the profile, the target, the serving-CSCF socket, the pools of users.

use super::{LinkKind, RunError};
use crate::actors::Ensemble;
use crate::actors::client::pulling::Customs;
use crate::actors::ids::Ids;
use crate::actors::serving_cscf::ServingCscf;
use crate::actors::signalling::Signalling;
use crate::stage::Stage;
use crate::stage::link::Link;
use crate::stage::sockets::SocketsLink;
use crate::stage::switchboard::Switchboard;
use crate::stage::target::{EmbeddedTarget, TargetAddresses, configuration};
use crate::stage::virtual_link::VirtualLink;
use crate::target::{Profile, Statement, Timers};
use crate::verdict::Blame;
use crate::world::Stop;
use cpm_reference::config::Config;
use cpm_reference::core::Addresses;
use cpm_wire::endpoint::Protocol;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The addresses of the virtual world.
const VIRTUAL_CSCF: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5060);
const VIRTUAL_SIP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5070);
const VIRTUAL_MSRP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2855);

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
    target: Option<TargetAddresses>,
    program: Option<PathBuf>,
    pools: Mutex<BTreeMap<String, std::vec::IntoIter<Vec<String>>>>,
    next: std::sync::atomic::AtomicU64,
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
        let pools = profile
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
        Ok(Context {
            statement: Arc::new(profile.statement().clone()),
            timers: profile.timers(),
            seed,
            board,
            target: None,
            program,
            pools: Mutex::new(pools),
            next: std::sync::atomic::AtomicU64::new(1),
            profile,
        })
    }

    /// Where the target is, once it is known.
    pub fn with_target(mut self, target: TargetAddresses) -> Context {
        self.target = Some(target);
        self
    }

    /// The address of the serving-CSCF socket.
    pub fn serving_cscf(&self) -> SocketAddr {
        self.board.as_ref().map_or(VIRTUAL_CSCF, |board| board.address)
    }

    /// The serving-CSCF socket of the run.
    pub fn board(&self) -> Option<&Switchboard> {
        self.board.as_ref()
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

    /// Sets the stage for one scenario; with `own_target` it gets a target of its own, to be killed at will.
    ///
    /// # Errors
    /// When the target cannot be started.
    pub async fn set(&self, id: &str, own_target: bool) -> Result<(Stage, Option<EmbeddedTarget>), Stop> {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Marks differ between runs too: what a target still sends of an earlier run is told from what it sends now.
        let mark = format!("s{number}r{:06x}", self.seed & 0xff_ffff);
        let seed = self.seed ^ hash(id);
        let own = match (&self.program, &self.board) {
            (Some(program), Some(board)) if own_target => {
                let started = EmbeddedTarget::start(program, &self.profile, board.address).await;
                Some(started.map_err(|error| Stop::Harness(error.to_string()))?)
            }
            _ => None,
        };
        let (link, target) = match &self.board {
            Some(board) => {
                let target = own.as_ref().map(EmbeddedTarget::addresses).or(self.target);
                let target = target.ok_or_else(|| Stop::Harness("the target has no address".to_owned()))?;
                let host = self.profile.media_bind();
                (Link::Sockets(Box::new(SocketsLink::new(&mark, board.clone(), host))), target.sip)
            }
            None => (Link::Virtual(Box::new(self.virtual_link(seed)?)), VIRTUAL_SIP),
        };
        let cscf = ServingCscf {
            address: self.serving_cscf(),
            advertise: self.profile.serving_cscf_advertise(self.serving_cscf()),
            target,
            preferred: if self.profile.prefers_tcp() { Protocol::Tcp } else { Protocol::Udp },
            domain: self.profile.domain(),
            tells_served_user: self.profile.tells_served_user(),
            embeds_register: self.profile.embeds_register(),
        };
        let signalling = Signalling::new(cscf, Ids::new(&mark, seed), cpm_wire::transaction::Timers::default());
        let stage = Stage::start(Ensemble::new(signalling, self.customs()), link, self.statement.clone());
        Ok((stage, own))
    }

    /// What, by the statement, a device does of its own accord.
    fn customs(&self) -> Customs {
        let pulls = |shape: &str| self.statement.has(shape, "client_rejoin_leg");
        Customs {
            pulls_live: pulls("drain_shape_live"),
            pulls_ended: pulls("drain_shape_ended"),
            deferred: self.profile.deferred(),
        }
    }

    fn virtual_link(&self, seed: u64) -> Result<VirtualLink, Stop> {
        let addresses = TargetAddresses { sip: VIRTUAL_SIP, msrp: Some(VIRTUAL_MSRP) };
        let text = configuration(&self.profile, VIRTUAL_CSCF, addresses, None);
        let config = Config::from_yaml(&text, "virtual link").map_err(|error| Stop::Harness(error.to_string()))?;
        let addresses = Addresses { sip: VIRTUAL_SIP, msrp: VIRTUAL_MSRP };
        Ok(VirtualLink::new(config, addresses, VIRTUAL_CSCF, seed))
    }

    /// Restarts an external target by the hook of its profile.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn restart_external(&self) -> Result<(), String> {
        self.profile.run_restart_hook().await
    }
}

/// FNV-1a: the same id has the same seed in every run.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
}
