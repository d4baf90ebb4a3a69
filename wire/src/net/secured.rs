//! One connection over TLS: one task that shakes hands, reads, writes and ends it. The host sees what is said in it in clear,
//! and is told who is at the other end.

use super::connection::{CONNECT_WITHIN, Commands, FINISH_WITHIN, Fate, Outlet, READ_OCTETS, advance, refused, take};
use super::credentials::names;
use super::driver::{Gone, Shared, lock};
use crate::io::{Closing, ConnectionId, Input};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How long a handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// Begins to open a connection for the host.
pub(super) fn open(shared: &Arc<Shared>, id: ConnectionId, remote: SocketAddr, config: Arc<ClientConfig>) {
    let task = Task::new(shared, id, None);
    shared.spawn(task.connect(remote, config));
}

/// The host has no such identity: the connection ends before it begins.
pub(super) fn unknown(shared: &Arc<Shared>, id: ConnectionId) {
    let task = Task::new(shared, id, None);
    shared.spawn(async move { task.report(Closing::Unauthenticated).await });
}

/// Takes over a connection that a peer opened, and that has its place among those of its listener.
pub(super) async fn accepted(
    shared: &Arc<Shared>,
    id: ConnectionId,
    (stream, local, remote): (TcpStream, SocketAddr, SocketAddr),
    config: Arc<ServerConfig>,
    place: OwnedSemaphorePermit,
) -> Result<(), Gone> {
    let task = Task::new(shared, id, Some(place));
    shared.deliver(Input::Accepted { connection: id, local, remote }).await?;
    shared.spawn(task.accept(stream, config));
    Ok(())
}

struct Task {
    id: ConnectionId,
    shared: Arc<Shared>,
    commands: Commands,
    queue: VecDeque<Bytes>,
    /// Given back when the connection is gone.
    _place: Option<OwnedSemaphorePermit>,
}

impl Task {
    fn new(shared: &Arc<Shared>, id: ConnectionId, place: Option<OwnedSemaphorePermit>) -> Task {
        let (outlet, commands) = Outlet::new();
        lock(&shared.connections).insert(id, outlet);
        Task { id, shared: shared.clone(), commands, queue: VecDeque::new(), _place: place }
    }

    async fn connect(self, remote: SocketAddr, config: Arc<ClientConfig>) {
        let stream = match tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(remote)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if refused(&error) => return self.report(Closing::Refused).await,
            _ => return self.report(Closing::Unreachable).await,
        };
        let local = stream.local_addr().unwrap_or(remote);
        let _ = stream.set_nodelay(true);
        let name = ServerName::from(remote.ip());
        let shaken = TlsConnector::from(config).connect(name, stream);
        let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_WITHIN, shaken).await else {
            return self.report(Closing::Unauthenticated).await;
        };
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let authenticated = Input::Authenticated { connection: self.id, names: names(certificates.first()) };
        let connected = Input::Connected { connection: self.id, local, remote };
        if self.shared.deliver(connected).await.is_ok() && self.shared.deliver(authenticated).await.is_ok() {
            self.run(stream).await;
        }
    }

    async fn accept(self, stream: TcpStream, config: Arc<ServerConfig>) {
        let _ = stream.set_nodelay(true);
        let shaken = TlsAcceptor::from(config).accept(stream);
        let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_WITHIN, shaken).await else {
            return self.report(Closing::Unauthenticated).await;
        };
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let authenticated = Input::Authenticated { connection: self.id, names: names(certificates.first()) };
        if self.shared.deliver(authenticated).await.is_ok() {
            self.run(stream).await;
        }
    }

    async fn run<S: AsyncRead + AsyncWrite + Unpin>(mut self, mut stream: S) {
        match self.serve(&mut stream).await {
            Fate::Finish => self.finish(stream).await,
            Fate::Report(how) => {
                self.report(how).await;
                if how == Closing::Finished {
                    // The peer ended its own direction only: it still gets what the host had sent.
                    self.finish(stream).await;
                }
            }
            Fate::Reset | Fate::Forget => {}
        }
    }

    /// Reads and writes until the connection's fate is known.
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> Fate {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut block = BytesMut::new();
        let mut unflushed = false;
        loop {
            let front = self.queue.front().cloned().unwrap_or_default();
            block.reserve(READ_OCTETS);
            tokio::select! {
                command = self.commands.receiver.recv() => {
                    if let Some(fate) = self.take_all(command) {
                        return fate;
                    }
                }
                moved = moved(&mut writer, &front), if unflushed || !front.is_empty() => {
                    let Ok(written) = moved else { return Fate::Report(Closing::Reset) };
                    self.commands.waiting.fetch_sub(written, Ordering::Relaxed);
                    advance(&mut self.queue, written);
                    unflushed = written > 0;
                }
                read = reader.read_buf(&mut block) => match read {
                    Ok(0) => return Fate::Report(Closing::Finished),
                    Ok(_) => {
                        let octets = block.split().freeze();
                        if self.shared.deliver(Input::Received { connection: self.id, octets }).await.is_err() {
                            return Fate::Forget;
                        }
                    }
                    Err(_) => return Fate::Report(Closing::Reset),
                },
            }
        }
    }

    /// Takes a command and all that wait behind it.
    fn take_all(&mut self, first: Option<super::connection::Command>) -> Option<Fate> {
        let mut command = first;
        loop {
            if let Some(fate) = take(&mut self.queue, command) {
                return Some(fate);
            }
            command = Some(self.commands.receiver.try_recv().ok()?);
        }
    }

    /// Writes what waits, says that nothing more comes, and lets the peer finish too.
    async fn finish<S: AsyncRead + AsyncWrite + Unpin>(mut self, mut stream: S) {
        let orderly = async {
            while let Some(octets) = self.queue.pop_front() {
                stream.write_all(&octets).await?;
            }
            stream.flush().await?;
            stream.shutdown().await?;
            let mut scratch = [0; 4096];
            while stream.read(&mut scratch).await? > 0 {}
            io::Result::Ok(())
        };
        // Late or broken: there is nobody left to tell.
        let _ = tokio::time::timeout(FINISH_WITHIN, orderly).await;
    }

    async fn report(&self, how: Closing) {
        // A host that closed it meanwhile wants to hear no more of it.
        if lock(&self.shared.connections).remove(&self.id).is_some() {
            let _ = self.shared.deliver(Input::Closed { connection: self.id, how }).await;
        }
    }
}

/// Writes some of these octets, or, without any, what was written and is still on its way out. Gives how many it took.
async fn moved<W: AsyncWrite + Unpin>(writer: &mut W, octets: &[u8]) -> io::Result<usize> {
    match octets {
        [] => writer.flush().await.map(|()| 0),
        octets => writer.write(octets).await,
    }
}
