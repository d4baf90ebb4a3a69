//! One participating function with real sockets, the wall clock and the store.

mod secrets;

use crate::call::Load;
use crate::config::Config;
use crate::core::{Addresses, Input, Output};
use crate::faults::{Fault, Faulty};
use crate::http::{self, Wish};
use crate::store::{Contents, Done, Memory, Sqlite, StoreError, Token, Write};
use cpm_wire::net::{Binding, Clock, Driver, Inputs};
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// What a node says once it can be used: one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// Which element this is.
    pub role: &'static str,
    /// The SIP address.
    pub sip: SocketAddr,
    /// The MSRP address.
    pub msrp: SocketAddr,
    /// Where the operator has sessions ended, if anywhere.
    pub control: Option<SocketAddr>,
    /// Where it takes orders of interception, if anywhere.
    pub x1: Option<SocketAddr>,
    /// The process.
    pub pid: u32,
}

/// The operator wants the sessions between two of a user ended that have this contribution.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    user: String,
    contribution: String,
}

/// How many sessions were ended.
#[derive(Debug, Serialize)]
struct Released {
    released: usize,
}

/// Why a node cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be had.
    #[error("{address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// What interception needs cannot be read, or not be used.
    #[error(transparent)]
    Interception(#[from] secrets::SecretsError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime cannot be made.
    #[error("the runtime: {0}")]
    Runtime(std::io::Error),
}

/// Runs a participating function as a program: one JSON line on standard output when it is ready; it ends when standard
/// input closes or SIGTERM comes. With a fault it is wrong on purpose.
pub fn run(config: Config, fault: Option<&Fault>) -> Result<(), ServeError> {
    // What is read is handled where it was read: the core is one anyway, and to wake another thread costs more than it does.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ServeError::Runtime)?;
    let served = runtime.block_on(serve(config, fault, |ready| announce(&ready), stopped()));
    // Standard input may still be read by a thread that never ends.
    runtime.shutdown_background();
    served
}

/// Says what a node has to say, in one line.
pub fn announce(ready: &impl Serialize) {
    if let Ok(line) = serde_json::to_string(ready) {
        println!("{line}");
    }
}

/// Done when standard input closes or SIGTERM comes.
pub async fn stopped() {
    let input = async {
        let mut ignored = [0; 256];
        let mut stdin = tokio::io::stdin();
        while matches!(stdin.read(&mut ignored).await, Ok(octets) if octets > 0) {}
    };
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = input => {}
        () = terminated => {}
    }
}

/// Runs a participating function until `stop` is done. `ready` is called once its sockets are open and its store is
/// read.
pub async fn serve(
    config: Config,
    fault: Option<&Fault>,
    ready: impl FnOnce(Ready),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let clock = Clock::start();
    let (driver, inputs) = Driver::new(clock);
    let secrets = config.interception.as_ref().map(secrets::Secrets::open).transpose()?;
    let x1 = secrets.as_ref().map(|secrets| secrets.listen(&driver)).transpose()?;
    let addresses =
        Addresses { sip: bind(&driver, config.sip, true).await?, msrp: bind(&driver, config.msrp, false).await?, x1 };
    let (wish, wishes) = mpsc::unbounded_channel();
    let control = match config.control {
        None => None,
        Some(address) => {
            let bound = http::listen(address, &["release"], wish.clone()).await;
            Some(bound.map_err(|source| ServeError::Bind { address, source })?)
        }
    };
    let (done, stored) = mpsc::unbounded_channel();
    let (store, contents) = match &config.store {
        Some(path) => {
            let (store, contents) = Sqlite::open(path, move |one| {
                // The receiver is gone only when the node ends.
                let _ = done.send(one);
            })?;
            (Store::Disk(store), contents)
        }
        None => (Store::Memory(Memory::default()), Contents::default()),
    };
    // RandomState is seeded by the system.
    let seed = RandomState::new().hash_one((clock.now(), std::process::id()));
    let core = Faulty::new(config, addresses, contents, seed, fault);
    let audit = secrets.and_then(|secrets| secrets.audit);
    let node = Node { core, driver, store, clock, audit };
    let pid = std::process::id();
    let role = "participating-function";
    ready(Ready { ready: true, role, sip: addresses.sip, msrp: addresses.msrp, control, x1, pid });
    node.run(inputs, stored, wishes, stop).await;
    // Without a control address this is the last sender: the wishes end with the node and not before.
    drop(wish);
    Ok(())
}

/// Opens a listener.
///
/// # Errors
/// The address cannot be had.
pub async fn bind(driver: &Driver, address: SocketAddr, udp: bool) -> Result<SocketAddr, ServeError> {
    let bound = driver.bind(Binding { udp, tcp: true, address }).await;
    bound.map_err(|source| ServeError::Bind { address, source })
}

/// How long those have who are told that the function leaves.
const PARTING: Duration = Duration::from_millis(500);
/// So many inputs are taken before timers and the operator have their turn.
const AT_ONCE: usize = 32;

enum Store {
    Disk(Sqlite),
    Memory(Memory),
}

struct Node {
    core: Faulty,
    driver: Driver,
    store: Store,
    clock: Clock,
    /// The audit log of interception.
    audit: Option<File>,
}

impl Node {
    async fn run(
        mut self,
        mut inputs: Inputs,
        mut stored: mpsc::UnboundedReceiver<Done>,
        mut wishes: mpsc::UnboundedReceiver<Wish>,
        stop: impl Future<Output = ()>,
    ) {
        let mut stop = pin!(stop);
        let mut waiting = Vec::with_capacity(AT_ONCE);
        loop {
            self.flush();
            let due = self.core.poll_timeout();
            let wake = self.wake(due);
            tokio::select! {
                () = &mut stop => return self.part(inputs).await,
                received = inputs.recv_many(&mut waiting, AT_ONCE) => {
                    if received == 0 {
                        return;
                    }
                    for (_, input) in waiting.drain(..) {
                        self.core.handle_input(self.clock.now(), Input::Net(input));
                        self.flush();
                    }
                }
                Some(done) = stored.recv() => self.stored(done),
                Some(wish) = wishes.recv() => wish.grant(|release: Release| {
                    let released = self.core.release(self.clock.now(), &release.user, &release.contribution);
                    Released { released }
                }),
                () = wake => self.core.handle_timeout(self.clock.now()),
            }
        }
    }

    /// Whoever wants to hear that the function leaves does, and has a moment to say that it is known.
    async fn part(mut self, mut inputs: Inputs) {
        self.core.part(self.clock.now());
        self.flush();
        let known = async {
            while !self.core.has_parted()
                && let Some((_, input)) = inputs.recv().await
            {
                self.core.handle_input(self.clock.now(), Input::Net(input));
                self.flush();
            }
        };
        // Who does not say so in time is left all the same.
        let _ = tokio::time::timeout(PARTING, known).await;
    }

    fn wake(&self, due: Option<Time>) -> tokio::time::Sleep {
        let at = due.unwrap_or_else(|| self.clock.now() + Duration::from_secs(3600));
        tokio::time::sleep_until(self.clock.instant(at).into())
    }

    fn flush(&mut self) {
        while let Some(output) = self.core.poll_output(self.clock.now()) {
            match output {
                Output::Net(output) => self.driver.perform(output),
                Output::Persist { token, writes } => self.persist(token, writes),
                Output::Load(load) => self.load(load),
            }
        }
        while let Some(line) = self.core.poll_audit() {
            secrets::write_down(self.audit.as_mut(), &line);
        }
    }

    fn stored(&mut self, done: Done) {
        let now = self.clock.now();
        match done {
            Done::Persisted(tokens) => {
                for token in tokens {
                    self.core.handle_input(now, Input::Persisted(token));
                }
            }
            Done::Failed(token, writes) => self.core.handle_input(now, Input::Failed(token, writes)),
            Done::Loaded(token, records) => self.core.handle_input(now, Input::Loaded(token, records)),
        }
    }

    fn load(&mut self, Load { token, ids, whole }: Load) {
        match &self.store {
            Store::Disk(store) => store.load(token, ids, whole),
            Store::Memory(store) => {
                let records = store.load(&ids, whole);
                self.core.handle_input(self.clock.now(), Input::Loaded(token, records));
            }
        }
    }

    fn persist(&mut self, token: Token, writes: Vec<Write>) {
        match &mut self.store {
            Store::Disk(store) => store.persist(token, writes),
            Store::Memory(store) => {
                store.apply(writes);
                self.core.handle_input(self.clock.now(), Input::Persisted(token));
            }
        }
    }
}
