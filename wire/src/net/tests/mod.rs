//! Two drivers on loopback: what one performs, the other hears.

mod secured;

use super::*;
use crate::io::{Closing, ConnectionId, Input, Output};
use bytes::{Bytes, BytesMut};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

struct Host {
    driver: Driver,
    inputs: Inputs,
    address: SocketAddr,
}

impl Host {
    async fn at(address: &str) -> Host {
        let (driver, inputs) = Driver::new(Clock::start());
        let binding = Binding { udp: true, tcp: true, address: address.parse().unwrap() };
        let address = driver.bind(binding).await.unwrap();
        Host { driver, inputs, address }
    }

    async fn next(&mut self) -> Input {
        timeout(PATIENCE, self.inputs.recv()).await.expect("an input in time").expect("a driver").1
    }

    async fn gather(&mut self, connection: ConnectionId, octets: usize) -> Bytes {
        let mut all = BytesMut::new();
        while all.len() < octets {
            match self.next().await {
                Input::Received { connection: on, octets } if on == connection => all.extend_from_slice(&octets),
                other => panic!("{other:?} after {} octets", all.len()),
            }
        }
        all.freeze()
    }
}

const OPENED: ConnectionId = ConnectionId::opened(7);
const ACCEPTED: ConnectionId = ConnectionId::accepted(0);

/// Two hosts with one connection, opened by the first.
async fn connected(address: &str) -> (Host, Host) {
    let (mut one, mut two) = (Host::at(address).await, Host::at(address).await);
    one.driver.perform(Output::Connect { connection: OPENED, remote: two.address });
    let Input::Connected { connection: OPENED, local, remote } = one.next().await else { panic!("not connected") };
    assert_eq!(remote, two.address);
    assert_eq!(two.next().await, Input::Accepted { connection: ACCEPTED, local: two.address, remote: local });
    (one, two)
}

fn send(connection: ConnectionId, octets: impl Into<Bytes>) -> Output {
    Output::Send { connection, octets: octets.into() }
}

#[tokio::test]
async fn datagrams_go_both_ways_in_both_families() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (mut one, mut two) = (Host::at(address).await, Host::at(address).await);
        let octets = Bytes::from_static(b"ping");
        one.driver.perform(Output::Datagram { local: one.address, remote: two.address, octets: octets.clone() });
        assert_eq!(
            two.next().await,
            Input::Datagram { local: two.address, remote: one.address, octets: octets.clone() }
        );
        two.driver.perform(Output::Datagram { local: two.address, remote: one.address, octets: octets.clone() });
        assert_eq!(one.next().await, Input::Datagram { local: one.address, remote: two.address, octets });
    }
}

#[tokio::test]
async fn the_largest_datagram_is_whole_and_one_octet_more_is_counted_as_lost() {
    let (one, mut two) = (Host::at("127.0.0.1:0").await, Host::at("127.0.0.1:0").await);
    let largest = Bytes::from(vec![7; 65_507]);
    one.driver.perform(Output::Datagram { local: one.address, remote: two.address, octets: largest.clone() });
    assert_eq!(two.next().await, Input::Datagram { local: two.address, remote: one.address, octets: largest });
    assert_eq!(one.driver.dropped_datagrams(), 0);
    let too_large = Bytes::from(vec![7; 65_508]);
    one.driver.perform(Output::Datagram { local: one.address, remote: two.address, octets: too_large });
    assert_eq!(one.driver.dropped_datagrams(), 1);
}

#[tokio::test]
async fn one_port_serves_both_protocols_and_cannot_be_taken_twice() {
    let host = Host::at("127.0.0.1:0").await;
    assert_ne!(host.address.port(), 0);
    for (udp, tcp) in [(true, false), (false, true)] {
        let again = host.driver.bind(Binding { udp, tcp, address: host.address }).await;
        assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::AddrInUse, "udp {udp}, tcp {tcp}");
    }
}

#[tokio::test]
async fn the_granted_receive_buffer_can_be_read() {
    let host = Host::at("127.0.0.1:0").await;
    let granted = host.driver.receive_buffer_octets().unwrap();
    assert!((1..=RECEIVE_BUFFER_OCTETS).contains(&granted), "{granted}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_the_kernel_drops_is_counted() {
    let (one, two) = (Host::at("127.0.0.1:0").await, Host::at("127.0.0.1:0").await);
    // Nobody reads the inputs of `two`: its channel fills, then the receive buffer, then the kernel drops.
    let octets = Bytes::from(vec![0; 60_000]);
    for _ in 0..3000 {
        one.driver.perform(Output::Datagram { local: one.address, remote: two.address, octets: octets.clone() });
    }
    assert!(two.driver.dropped_datagrams() > 0);
    assert_eq!(one.driver.dropped_datagrams(), 0, "the drops of another socket are not ours");
}

#[tokio::test]
async fn streams_go_both_ways_in_both_families() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (mut one, mut two) = connected(address).await;
        one.driver.perform(send(OPENED, "to two"));
        assert_eq!(two.gather(ACCEPTED, 6).await, "to two");
        two.driver.perform(send(ACCEPTED, "to one"));
        assert_eq!(one.gather(OPENED, 6).await, "to one");
    }
}

#[tokio::test]
async fn what_is_sent_before_the_connection_is_open_waits_for_it() {
    let (one, mut two) = (Host::at("127.0.0.1:0").await, Host::at("127.0.0.1:0").await);
    one.driver.perform(Output::Connect { connection: OPENED, remote: two.address });
    one.driver.perform(send(OPENED, "early "));
    one.driver.perform(send(OPENED, "octets"));
    one.driver.perform(Output::Close { connection: OPENED });
    assert!(matches!(two.next().await, Input::Accepted { .. }));
    assert_eq!(two.gather(ACCEPTED, 12).await, "early octets");
    assert_eq!(two.next().await, Input::Closed { connection: ACCEPTED, how: Closing::Finished });
}

#[tokio::test]
async fn a_refused_connection_is_told_as_refused() {
    let mut host = Host::at("127.0.0.1:0").await;
    // Bound, so that nobody else gets the port, but not listening.
    let deaf = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    deaf.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    let remote = deaf.local_addr().unwrap().as_socket().unwrap();
    host.driver.perform(Output::Connect { connection: OPENED, remote });
    assert_eq!(host.next().await, Input::Closed { connection: OPENED, how: Closing::Refused });
}

#[tokio::test]
async fn a_close_is_finished_at_the_peer_and_a_reset_is_a_reset() {
    let (one, mut two) = connected("127.0.0.1:0").await;
    one.driver.perform(Output::Close { connection: OPENED });
    assert_eq!(two.next().await, Input::Closed { connection: ACCEPTED, how: Closing::Finished });
    let (one, mut two) = connected("127.0.0.1:0").await;
    one.driver.perform(Output::Reset { connection: OPENED });
    assert_eq!(two.next().await, Input::Closed { connection: ACCEPTED, how: Closing::Reset });
}

#[tokio::test]
async fn a_reset_by_the_accepting_side_is_heard_by_the_opener_after_the_octets_before_it() {
    let (mut one, two) = connected("127.0.0.1:0").await;
    two.driver.perform(send(ACCEPTED, "last words"));
    assert_eq!(one.gather(OPENED, 10).await, "last words");
    two.driver.perform(Output::Reset { connection: ACCEPTED });
    assert_eq!(one.next().await, Input::Closed { connection: OPENED, how: Closing::Reset });
    // What follows on a connection that is gone has no effect.
    one.driver.perform(send(OPENED, "too late"));
    one.driver.perform(Output::Close { connection: OPENED });
}

#[tokio::test]
async fn large_writes_arrive_whole_and_in_order_before_the_fin() {
    let (one, mut two) = connected("127.0.0.1:0").await;
    let pieces: Vec<Bytes> = (0..160u32).map(|n| Bytes::from(n.to_be_bytes().repeat(25_000))).collect();
    for piece in &pieces {
        one.driver.perform(send(OPENED, piece.clone()));
    }
    one.driver.perform(Output::Close { connection: OPENED });
    let all = two.gather(ACCEPTED, 16_000_000).await;
    assert!(all == pieces.concat(), "16 MB in another order");
    assert_eq!(two.next().await, Input::Closed { connection: ACCEPTED, how: Closing::Finished });
}

#[tokio::test]
async fn a_peer_that_never_reads_does_not_fill_our_memory() {
    let (mut one, two) = connected("127.0.0.1:0").await;
    let piece = Bytes::from(vec![0; 1 << 20]);
    for _ in 0..200 {
        one.driver.perform(send(OPENED, piece.clone()));
    }
    assert_eq!(one.next().await, Input::Closed { connection: OPENED, how: Closing::Reset });
    drop(two);
}

#[tokio::test]
async fn octets_flow_both_ways_at_once_without_deadlock() {
    let (mut one, mut two) = connected("127.0.0.1:0").await;
    let piece = Bytes::from(vec![1; 20 << 20]);
    one.driver.perform(send(OPENED, piece.clone()));
    two.driver.perform(send(ACCEPTED, piece.clone()));
    let (at_one, at_two) = tokio::join!(one.gather(OPENED, piece.len()), two.gather(ACCEPTED, piece.len()));
    assert!(at_one == piece && at_two == piece);
}

#[tokio::test]
async fn dropping_the_driver_ends_its_sockets_and_its_channel() {
    let (one, mut two) = connected("127.0.0.1:0").await;
    let (address, mut inputs) = (one.address, one.inputs);
    drop(one.driver);
    assert!(timeout(PATIENCE, inputs.recv()).await.unwrap().is_none());
    assert!(matches!(two.next().await, Input::Closed { connection: ACCEPTED, .. }));
    let binding = Binding { udp: true, tcp: true, address };
    assert_eq!(two.driver.bind(binding).await.unwrap(), address, "the port is free again");
}

#[tokio::test]
async fn inputs_carry_times_that_never_go_back() {
    let (one, mut two) = connected("127.0.0.1:0").await;
    let clock = Clock::start();
    let mut before = clock.now();
    for _ in 0..50 {
        one.driver.perform(Output::Datagram { local: one.address, remote: two.address, octets: Bytes::new() });
        let (at, _) = timeout(PATIENCE, two.inputs.recv()).await.unwrap().unwrap();
        assert!(at.since(before) < PATIENCE);
        before = before.max(at);
        assert_eq!(before, at);
    }
    assert!(clock.instant(before) <= std::time::Instant::now() + Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_at_once_keep_their_octets_apart() {
    const CONNECTIONS: u64 = 200;
    const TURNS: u32 = 50;
    let (mut one, mut two) = (Host::at("127.0.0.1:0").await, Host::at("127.0.0.1:0").await);
    for n in 0..CONNECTIONS {
        let connection = ConnectionId::opened(n);
        one.driver.perform(Output::Connect { connection, remote: two.address });
        for turn in 0..TURNS {
            one.driver.perform(send(connection, format!("{n} {turn}\n")));
        }
        one.driver.perform(Output::Close { connection });
    }
    let mut streams = std::collections::HashMap::<ConnectionId, Vec<u8>>::new();
    let mut finished = 0;
    while finished < CONNECTIONS {
        match two.next().await {
            Input::Accepted { connection, .. } => assert!(streams.insert(connection, Vec::new()).is_none()),
            Input::Received { connection, octets } => streams.get_mut(&connection).unwrap().extend_from_slice(&octets),
            Input::Closed { how, .. } => {
                assert_eq!(how, Closing::Finished);
                finished += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    let mut numbers = std::collections::HashSet::new();
    for stream in streams.values() {
        let text = std::str::from_utf8(stream).unwrap();
        let number = text.split(' ').next().unwrap();
        let whole: String = (0..TURNS).map(|turn| format!("{number} {turn}\n")).collect();
        assert_eq!(text, whole);
        numbers.insert(number);
    }
    assert_eq!(numbers.len() as u64, CONNECTIONS);
    while let Ok((_, input)) = one.inputs.try_recv() {
        assert!(matches!(input, Input::Connected { .. }), "who closed hears of no end: {input:?}");
    }
}
