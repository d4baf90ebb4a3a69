//! The driver of one host: its bound addresses, its connections, and the one channel on which it hears of them.

use super::Clock;
use super::connection::{self, Outlet};
use super::credentials::Credentials;
use super::udp::Datagrams;
use super::{secured, sockets};
use crate::io::{ConnectionId, Input, Output};
use crate::time::Time;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_rustls::rustls::{ClientConfig, ServerConfig};

/// What the host reads: each input with the time at which the driver saw it.
pub type Inputs = mpsc::Receiver<(Time, Input)>;

/// Inputs that may wait for the host. When it is slower, the kernel's buffers fill, and then the peers wait.
const WAITING_INPUTS: usize = 1024;

/// An address to be bound.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Receive datagrams there.
    pub udp: bool,
    /// Accept connections there.
    pub tcp: bool,
    /// The address; port 0 means one that is free for all that is asked.
    pub address: SocketAddr,
}

/// Sockets for one host. Dropping it closes all of them.
pub struct Driver {
    shared: Arc<Shared>,
    sockets: Mutex<HashMap<SocketAddr, Datagrams>>,
    identities: Mutex<HashMap<Arc<str>, Arc<ClientConfig>>>,
}

/// What the tasks of a driver share.
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) connections: Mutex<HashMap<ConnectionId, Outlet>>,
    inputs: mpsc::Sender<(Time, Input)>,
    accepted: AtomicU64,
    runtime: Handle,
    /// Gone once the driver is dropped: then no task may start any more.
    tasks: Mutex<Option<JoinSet<()>>>,
}

impl Driver {
    /// A driver without sockets, and the channel on which its host listens. It must be made within a tokio runtime.
    pub fn new(clock: Clock) -> (Driver, Inputs) {
        let (inputs, receiver) = mpsc::channel(WAITING_INPUTS);
        let shared = Shared {
            clock,
            connections: Mutex::default(),
            inputs,
            accepted: AtomicU64::new(0),
            runtime: Handle::current(),
            tasks: Mutex::new(Some(JoinSet::new())),
        };
        (Driver { shared: Arc::new(shared), sockets: Mutex::default(), identities: Mutex::default() }, receiver)
    }

    /// Binds an address and begins to receive there; gives the address with its real port.
    pub async fn bind(&self, binding: Binding) -> io::Result<SocketAddr> {
        let bound = sockets::bind(&binding)?;
        if let Some(listener) = bound.tcp {
            self.shared.spawn(accept(listener, bound.address, self.shared.clone()));
        }
        if let Some(socket) = bound.udp {
            let datagrams = Datagrams::start(socket, bound.address, &self.shared);
            lock(&self.sockets).insert(bound.address, datagrams);
        }
        Ok(bound.address)
    }

    /// Accepts connections over TLS at a TCP address, from who has a certificate of the authorities that these credentials
    /// take; gives the address with its real port.
    ///
    /// # Errors
    /// The address cannot be had, or the credentials have no certificate.
    pub fn bind_secured(&self, address: SocketAddr, credentials: &Credentials) -> io::Result<SocketAddr> {
        let config = credentials.server.clone().ok_or(io::ErrorKind::InvalidInput)?;
        let bound = sockets::bind(&Binding { udp: false, tcp: true, address })?;
        if let Some(listener) = bound.tcp {
            self.shared.spawn(accept_secured(listener, bound.address, config, self.shared.clone()));
        }
        Ok(bound.address)
    }

    /// The host may open connections by this name from now on ([`Output::ConnectSecured`]).
    pub fn present(&self, identity: &str, credentials: &Credentials) {
        lock(&self.identities).insert(identity.into(), credentials.client.clone());
    }

    /// Does what the host asks, without ever waiting.
    ///
    /// What names an address that is not bound, or a connection that is gone, has no effect. A connection whose peer
    /// does not read is reset when 64 MiB wait for it, and the host is told so. After a close or a reset the host may
    /// still read inputs of that connection that were already on their way.
    pub fn perform(&self, output: Output) {
        match output {
            Output::Datagram { local, remote, octets } => {
                if let Some(socket) = lock(&self.sockets).get(&local) {
                    socket.send(remote, octets);
                }
            }
            Output::Connect { connection, remote } => connection::open(&self.shared, connection, remote),
            Output::ConnectSecured { connection, remote, identity } => {
                let config = lock(&self.identities).get(&identity).cloned();
                match config {
                    Some(config) => secured::open(&self.shared, connection, remote, config),
                    None => secured::unknown(&self.shared, connection),
                }
            }
            Output::Send { connection, octets } => {
                if let Some(outlet) = lock(&self.shared.connections).get(&connection) {
                    outlet.send(octets);
                }
            }
            Output::Close { connection } => {
                if let Some(outlet) = lock(&self.shared.connections).remove(&connection) {
                    outlet.close();
                }
            }
            Output::Reset { connection } => {
                if let Some(outlet) = lock(&self.shared.connections).remove(&connection) {
                    outlet.reset();
                }
            }
        }
    }

    /// The smallest receive buffer that the kernel granted to a UDP socket of this driver. Less than
    /// [`RECEIVE_BUFFER_OCTETS`](sockets::RECEIVE_BUFFER_OCTETS) is worth a warning.
    pub fn receive_buffer_octets(&self) -> Option<usize> {
        lock(&self.sockets).values().filter_map(|socket| socket.receive_buffer).min()
    }

    /// Datagrams that this machine lost, in either direction: dropped by the kernel because the receive buffer was
    /// full, or never sent.
    pub fn dropped_datagrams(&self) -> u64 {
        let sockets = lock(&self.sockets);
        let inodes: Vec<u64> = sockets.values().filter_map(|socket| socket.inode).collect();
        super::drops::dropped(&inodes) + sockets.values().map(Datagrams::unsent).sum::<u64>()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Dropping the set aborts its tasks; what they hold, sockets included, goes with them.
        drop(lock(&self.shared.tasks).take());
        lock(&self.shared.connections).clear();
    }
}

impl Shared {
    /// Starts a task that ends with the driver.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = lock(&self.tasks).as_mut() {
            while tasks.try_join_next().is_some() {}
            tasks.spawn_on(task, &self.runtime);
        }
    }

    /// Hands an input to the host; an error when the host listens no more.
    pub(super) async fn deliver(&self, input: Input) -> Result<(), Gone> {
        let permit = self.inputs.reserve().await.map_err(|_| Gone)?;
        permit.send((self.clock.now(), input));
        Ok(())
    }

    /// Room for one input.
    pub(super) async fn room(&self) -> Result<mpsc::Permit<'_, (Time, Input)>, Gone> {
        self.inputs.reserve().await.map_err(|_| Gone)
    }
}

/// The host no longer reads its inputs.
#[derive(Debug)]
pub(super) struct Gone;

/// Accepts connections for as long as the host listens.
async fn accept(listener: TcpListener, local: SocketAddr, shared: Arc<Shared>) {
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            // Out of descriptors, or a connection that was reset before we took it: neither ends the listener.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        let connection = ConnectionId::accepted(shared.accepted.fetch_add(1, Ordering::Relaxed));
        if connection::accepted(&shared, connection, stream, local, remote).await.is_err() {
            return;
        }
    }
}

/// Connections over TLS at one listener, those among them that shake hands. The next waits to be accepted.
const MOST_SECURED: usize = 256;

/// Accepts connections over TLS for as long as the host listens.
async fn accept_secured(listener: TcpListener, local: SocketAddr, config: Arc<ServerConfig>, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(MOST_SECURED));
    while let Ok(place) = places.clone().acquire_owned().await {
        let Ok((stream, remote)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        let id = ConnectionId::accepted(shared.accepted.fetch_add(1, Ordering::Relaxed));
        if secured::accepted(&shared, id, (stream, local, remote), config.clone(), place).await.is_err() {
            return;
        }
    }
}

/// A lock whose holder panicked still guards whole values here: each is changed by single calls.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
