//! One bound UDP socket: a task that reads it, a task that sends what the kernel would not take at once.

use super::driver::Shared;
use super::{drops, sockets};
use crate::io::Input;
use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// The largest datagram that UDP can carry.
const LARGEST_DATAGRAM: usize = 65_535;

/// Datagrams are cut out of blocks of this size, so that a small one does not cost a large allocation.
const BLOCK_OCTETS: usize = 4 * LARGEST_DATAGRAM;

/// The pause after a failed read, should the kernel fail again and again.
const AFTER_ERROR: Duration = Duration::from_millis(1);

/// Datagrams that may wait for the network card.
const WAITING_DATAGRAMS: usize = 4096;

/// The sending end of a bound UDP socket.
pub(super) struct Datagrams {
    socket: Arc<UdpSocket>,
    waiting: mpsc::Sender<(SocketAddr, Bytes)>,
    unsent: Arc<AtomicU64>,
    pub(super) inode: Option<u64>,
    pub(super) receive_buffer: Option<usize>,
}

impl Datagrams {
    /// Starts the tasks of `socket`, which is bound at `local`.
    pub(super) fn start(socket: UdpSocket, local: SocketAddr, shared: &Arc<Shared>) -> Datagrams {
        let (waiting, queue) = mpsc::channel(WAITING_DATAGRAMS);
        let inode = drops::inode(&socket);
        let receive_buffer = sockets::receive_buffer(&socket).ok();
        let socket = Arc::new(socket);
        let unsent = Arc::new(AtomicU64::new(0));
        shared.spawn(send_waiting(socket.clone(), queue, unsent.clone()));
        shared.spawn(read(socket.clone(), local, shared.clone()));
        Datagrams { socket, waiting, unsent, inode, receive_buffer }
    }

    /// Sends a datagram, or queues it when the kernel has no room now.
    pub(super) fn send(&self, remote: SocketAddr, octets: Bytes) {
        // Past the runtime's idea of readiness, which is empty until its first turn: the kernel knows.
        match SockRef::from(&*self.socket).send_to(&octets, &remote.into()) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if self.waiting.try_send((remote, octets)).is_err() {
                    self.unsent.fetch_add(1, Ordering::Relaxed);
                }
            }
            Err(_) => {
                self.unsent.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How many datagrams never left: too large, no route, or no room.
    pub(super) fn unsent(&self) -> u64 {
        self.unsent.load(Ordering::Relaxed)
    }
}

async fn send_waiting(socket: Arc<UdpSocket>, mut queue: mpsc::Receiver<(SocketAddr, Bytes)>, unsent: Arc<AtomicU64>) {
    while let Some((remote, octets)) = queue.recv().await {
        if socket.send_to(&octets, remote).await.is_err() {
            unsent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn read(socket: Arc<UdpSocket>, local: SocketAddr, shared: Arc<Shared>) {
    let mut block = BytesMut::with_capacity(BLOCK_OCTETS);
    loop {
        if block.capacity() < LARGEST_DATAGRAM {
            block = BytesMut::with_capacity(BLOCK_OCTETS);
        }
        // An error here belongs to an earlier datagram of ours (ICMP); UDP promises nothing, so it is not an event.
        let Ok((_, remote)) = socket.recv_buf_from(&mut block).await else {
            tokio::time::sleep(AFTER_ERROR).await;
            continue;
        };
        let input = Input::Datagram { local, remote, octets: block.split().freeze() };
        if shared.deliver(input).await.is_err() {
            return;
        }
    }
}
