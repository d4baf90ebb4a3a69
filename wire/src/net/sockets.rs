//! Sockets with the options that this package wants, bound so that UDP and TCP share one port.

use super::driver::Binding;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, UdpSocket};

/// What is asked of the kernel as receive buffer of a UDP socket. A burst of SIP on loopback overruns the usual
/// 208 KiB within milliseconds, and a datagram lost by our own host would be blamed on the peer.
pub const RECEIVE_BUFFER_OCTETS: usize = 8 * 1024 * 1024;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// How many ports are tried to find one that is free for UDP and TCP alike.
const PORT_ATTEMPTS: usize = 64;

/// The sockets of one bound address.
pub(super) struct Bound {
    pub(super) address: SocketAddr,
    pub(super) udp: Option<UdpSocket>,
    pub(super) tcp: Option<TcpListener>,
}

/// Binds what `binding` asks for; with port 0 it looks for a port that serves both protocols.
pub(super) fn bind(binding: &Binding) -> io::Result<Bound> {
    let mut last = None;
    let attempts = if binding.address.port() == 0 { PORT_ATTEMPTS } else { 1 };
    for _ in 0..attempts {
        match bind_once(binding) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            result => return result,
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

fn bind_once(binding: &Binding) -> io::Result<Bound> {
    let mut address = binding.address;
    let tcp = binding.tcp.then(|| listen(address)).transpose()?;
    if let Some(listener) = &tcp {
        address = listener.local_addr()?;
    }
    let udp = binding.udp.then(|| datagrams(address)).transpose()?;
    if let Some(socket) = &udp {
        address = socket.local_addr()?;
    }
    Ok(Bound { address, udp, tcp })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address, Type::STREAM, Protocol::TCP)?;
    // A target that is killed and started again wants its old port at once, in spite of TIME_WAIT.
    socket.set_reuse_address(address.port() != 0)?;
    socket.bind(&address.into())?;
    // Connections inherit this, and only those that have it let their port be bound again while they fade.
    socket.set_reuse_address(true)?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn datagrams(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket(address, Type::DGRAM, Protocol::UDP)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER_OCTETS)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

fn socket(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        // 0.0.0.0 and :: are two addresses, whatever the machine's default says.
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

/// The receive buffer that the kernel granted, in the measure in which it was asked for.
pub(super) fn receive_buffer(socket: &UdpSocket) -> io::Result<usize> {
    let reported = SockRef::from(socket).recv_buffer_size()?;
    // Linux books its own overhead too and reports twice what it granted: socket(7), SO_RCVBUF.
    Ok(if cfg!(target_os = "linux") { reported / 2 } else { reported })
}
