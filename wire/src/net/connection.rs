//! One TCP connection: one task that connects, reads, writes and ends it.

use super::driver::{Gone, Shared, lock};
use crate::io::{Closing, ConnectionId, Input};
use bytes::{Buf, Bytes, BytesMut};
use socket2::SockRef;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// Octets that may wait for a peer that does not read.
const WAITING_OCTETS: usize = 64 * 1024 * 1024;

/// How much is read at once, and the size of the blocks that reads are cut from.
pub(super) const READ_OCTETS: usize = 64 * 1024;

/// The least room worth a read; below it a new block is taken.
const LEAST_READ_OCTETS: usize = 8 * 1024;

/// How many queued pieces one write call takes.
const SLICES: usize = 32;

/// How long a connection attempt may take.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How long an orderly end may take: writing what waits, and hearing the peer's FIN.
pub(super) const FINISH_WITHIN: Duration = Duration::from_secs(5);

pub(super) enum Command {
    Send(Bytes),
    Close,
    Reset,
    /// Too much waits: reset, and tell the host.
    Overflow,
}

/// The host's end of a connection.
pub(super) struct Outlet {
    commands: mpsc::UnboundedSender<Command>,
    waiting: Arc<AtomicUsize>,
}

impl Outlet {
    pub(super) fn new() -> (Outlet, Commands) {
        let (commands, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        (Outlet { commands, waiting: waiting.clone() }, Commands { receiver, waiting })
    }

    pub(super) fn send(&self, octets: Bytes) {
        let size = octets.len();
        let waiting = self.waiting.fetch_add(size, Ordering::Relaxed).saturating_add(size);
        let command = if waiting > WAITING_OCTETS { Command::Overflow } else { Command::Send(octets) };
        self.give(command);
    }

    pub(super) fn close(&self) {
        self.give(Command::Close);
    }

    pub(super) fn reset(&self) {
        self.give(Command::Reset);
    }

    /// A task that is gone has told the host so, or was told to go: nothing is left to be done for it.
    fn give(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

/// The task's end of an [`Outlet`].
pub(super) struct Commands {
    pub(super) receiver: mpsc::UnboundedReceiver<Command>,
    pub(super) waiting: Arc<AtomicUsize>,
}

/// What has to happen to a connection now.
pub(super) enum Fate {
    /// The host wants it finished in order.
    Finish,
    /// The host wants it reset.
    Reset,
    /// It ended, or was ended, and the host is to hear of it.
    Report(Closing),
    /// The host or the driver is gone.
    Forget,
}

/// Begins to open a connection for the host.
pub(super) fn open(shared: &Arc<Shared>, id: ConnectionId, remote: SocketAddr) {
    let (outlet, commands) = Outlet::new();
    lock(&shared.connections).insert(id, outlet);
    let task = Task { id, shared: shared.clone(), commands, queue: VecDeque::new() };
    shared.spawn(task.connect(remote));
}

/// Takes over a connection that a peer opened.
pub(super) async fn accepted(
    shared: &Arc<Shared>,
    id: ConnectionId,
    stream: TcpStream,
    local: SocketAddr,
    remote: SocketAddr,
) -> Result<(), Gone> {
    let (outlet, commands) = Outlet::new();
    lock(&shared.connections).insert(id, outlet);
    shared.deliver(Input::Accepted { connection: id, local, remote }).await?;
    let task = Task { id, shared: shared.clone(), commands, queue: VecDeque::new() };
    shared.spawn(task.run(stream));
    Ok(())
}

struct Task {
    id: ConnectionId,
    shared: Arc<Shared>,
    commands: Commands,
    queue: VecDeque<Bytes>,
}

impl Task {
    async fn connect(mut self, remote: SocketAddr) {
        let attempt = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(remote));
        tokio::pin!(attempt);
        let outcome = loop {
            tokio::select! {
                outcome = &mut attempt => break outcome,
                command = self.commands.receiver.recv() => match take(&mut self.queue, command) {
                    None => {}
                    // Sent before it was open, and closed: the peer is still to get it.
                    Some(Fate::Finish) if !self.queue.is_empty() => {
                        if let Ok(Ok(stream)) = attempt.await {
                            self.finish(stream).await;
                        }
                        return;
                    }
                    Some(fate) => return self.report(fate).await,
                },
            }
        };
        match outcome {
            Ok(Ok(stream)) => {
                let local = stream.local_addr().unwrap_or(remote);
                let connected = Input::Connected { connection: self.id, local, remote };
                if self.shared.deliver(connected).await.is_ok() {
                    self.run(stream).await;
                }
            }
            Ok(Err(error)) if refused(&error) => self.report(Fate::Report(Closing::Refused)).await,
            _ => self.report(Fate::Report(Closing::Unreachable)).await,
        }
    }

    async fn run(mut self, stream: TcpStream) {
        // Only delays small writes when it fails; nothing to tell anybody.
        let _ = stream.set_nodelay(true);
        match self.serve(&stream).await {
            Fate::Finish => self.finish(stream).await,
            Fate::Report(Closing::Finished) => {
                self.report(Fate::Report(Closing::Finished)).await;
                // The peer ended its own direction only: it still gets what the host had sent.
                self.finish(stream).await;
            }
            fate => {
                reset(stream);
                self.report(fate).await;
            }
        }
    }

    /// Reads and writes until the connection's fate is known.
    async fn serve(&mut self, stream: &TcpStream) -> Fate {
        let shared = self.shared.clone();
        let mut block = BytesMut::new();
        let mut broken = false;
        loop {
            tokio::select! {
                command = self.commands.receiver.recv() => {
                    if let Some(fate) = self.take_all(command) {
                        return fate;
                    }
                    if broken {
                        self.queue.clear();
                    }
                }
                _ = stream.writable(), if !self.queue.is_empty() => {
                    if self.write(stream).is_err() {
                        // What the peer sent before it broke is still read; the end of that tells the host.
                        broken = true;
                        self.queue.clear();
                    }
                }
                room = readable_with_room(stream, &shared) => {
                    let Ok(room) = room else { return Fate::Forget };
                    match read(stream, &mut block) {
                        Ok(Some(octets)) if octets.is_empty() && broken => return Fate::Report(Closing::Reset),
                        Ok(Some(octets)) if octets.is_empty() => return Fate::Report(Closing::Finished),
                        Ok(Some(octets)) => {
                            room.send((shared.clock.now(), Input::Received { connection: self.id, octets }));
                        }
                        Ok(None) => {}
                        Err(_) => return Fate::Report(Closing::Reset),
                    }
                }
            }
        }
    }

    /// Takes a command and all that wait behind it, so that they go out in one write.
    fn take_all(&mut self, first: Option<Command>) -> Option<Fate> {
        let mut command = first;
        loop {
            if let Some(fate) = take(&mut self.queue, command) {
                return Some(fate);
            }
            command = Some(self.commands.receiver.try_recv().ok()?);
        }
    }

    /// Writes as much of the queue as the kernel takes.
    fn write(&mut self, stream: &TcpStream) -> io::Result<()> {
        while !self.queue.is_empty() {
            let slices: Vec<IoSlice<'_>> = self.queue.iter().take(SLICES).map(|piece| IoSlice::new(piece)).collect();
            let written = match stream.try_write_vectored(&slices) {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            self.commands.waiting.fetch_sub(written, Ordering::Relaxed);
            advance(&mut self.queue, written);
        }
        Ok(())
    }

    /// Writes what waits, sends a FIN, and lets the peer finish too: an early close with unread octets would be a
    /// reset that destroys what is still on its way to the peer.
    async fn finish(mut self, mut stream: TcpStream) {
        let orderly = async {
            let mut peer_sends = true;
            while !self.queue.is_empty() {
                tokio::select! {
                    _ = stream.writable() => self.write(&stream)?,
                    _ = stream.readable(), if peer_sends => peer_sends = discard(&stream)?,
                }
            }
            stream.shutdown().await?;
            while discard(&stream)? {
                stream.readable().await?;
            }
            io::Result::Ok(())
        };
        // Late or broken: there is nobody left to tell.
        let _ = tokio::time::timeout(FINISH_WITHIN, orderly).await;
    }

    async fn report(&self, fate: Fate) {
        if let Fate::Report(how) = fate {
            // A host that closed it meanwhile wants to hear no more of it.
            if lock(&self.shared.connections).remove(&self.id).is_some() {
                let _ = self.shared.deliver(Input::Closed { connection: self.id, how }).await;
            }
        }
    }
}

/// What a command makes of a connection; octets are queued.
pub(super) fn take(queue: &mut VecDeque<Bytes>, command: Option<Command>) -> Option<Fate> {
    match command {
        Some(Command::Send(octets)) => {
            if !octets.is_empty() {
                queue.push_back(octets);
            }
            None
        }
        Some(Command::Close) => Some(Fate::Finish),
        Some(Command::Reset) => Some(Fate::Reset),
        Some(Command::Overflow) => Some(Fate::Report(Closing::Reset)),
        None => Some(Fate::Forget),
    }
}

async fn readable_with_room<'a>(
    stream: &TcpStream,
    shared: &'a Shared,
) -> Result<mpsc::Permit<'a, (crate::time::Time, Input)>, Gone> {
    // The read itself tells of an error of the socket.
    let _ = stream.readable().await;
    shared.room().await
}

/// Reads once; nothing when there was nothing to read, empty octets at the end.
fn read(stream: &TcpStream, block: &mut BytesMut) -> io::Result<Option<Bytes>> {
    if block.capacity() < LEAST_READ_OCTETS {
        *block = BytesMut::with_capacity(READ_OCTETS);
    }
    match stream.try_read_buf(block) {
        Ok(_) => Ok(Some(block.split().freeze())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads and throws away; false at the end of the stream.
fn discard(stream: &TcpStream) -> io::Result<bool> {
    let mut scratch = [0; 4096];
    loop {
        match stream.try_read(&mut scratch) {
            Ok(0) => return Ok(false),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
            Err(error) => return Err(error),
        }
    }
}

/// Takes `written` octets off the front of the queue.
pub(super) fn advance(queue: &mut VecDeque<Bytes>, mut written: usize) {
    while written > 0 {
        let Some(front) = queue.front_mut() else { return };
        if front.len() > written {
            front.advance(written);
            return;
        }
        written -= front.len();
        queue.pop_front();
    }
}

/// Ends a connection by RST: a zero linger time makes the kernel drop what it holds.
fn reset(stream: TcpStream) {
    let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

pub(super) fn refused(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}
