//! Looking: names, ports, and handshakes over TLS.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, UdpSocket, lookup_host};

use super::Outcome;
use super::handshake::{Papers, shake};
use super::meaning::{self, Knock};
use crate::target::address::{HostPort, Transport};
use crate::target::network::ActorName;
use crate::target::{Profile, Role};

/// How long a connection may take to open, and an ICMP message to come.
const CONNECTION: Duration = Duration::from_secs(2);
const ICMP: Duration = Duration::from_millis(300);

async fn resolved(host: &str, port: u16) -> Result<Vec<IpAddr>, String> {
    let found = lookup_host((host, port)).await.map_err(|error| error.to_string())?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.dedup();
    Ok(addresses)
}

/// Looks every host of the profile up. Gives where the target is, or the core before it.
pub(super) async fn names(profile: &Profile, outcomes: &mut Vec<Outcome>) -> Option<SocketAddr> {
    let target = &profile.network.target;
    let mut hosts: Vec<(String, HostPort)> = Vec::new();
    let listed = [
        ("network.target.msrp", &target.msrp),
        ("network.target.diameter", &target.diameter),
        ("network.target.x1", &target.x1),
    ];
    hosts.extend(target.sip.iter().map(|own| ("network.target.sip".to_owned(), own.address.clone())));
    hosts.extend(listed.iter().flat_map(|(key, own)| own.iter().map(|own| ((*key).to_owned(), own.clone()))));
    for name in [ActorName::ServingCscf, ActorName::Client, ActorName::ChargingServer, ActorName::MessageStore] {
        let advertised = profile.network.actor(name).advertise;
        hosts.extend(advertised.map(|own| (format!("advertise of {name:?}"), own)));
    }
    // Before a real core it is the core that is spoken to.
    let core = profile.core_entry().filter(|_| profile.is_before_core());
    let spoken_to = if core.is_some() { "network.isc.route" } else { "network.target.sip" };
    hosts.extend(core.map(|(host, port)| (spoken_to.to_owned(), HostPort { host, port })));
    let mut first = None;
    for (key, own) in hosts {
        let found = resolved(&own.host, own.port).await;
        if key == spoken_to && first.is_none() {
            first = found.as_ref().ok().and_then(|found| found.first()).map(|ip| SocketAddr::new(*ip, own.port));
        }
        outcomes.push(meaning::name(&key, &own.host, &found));
    }
    first.filter(|_| profile.role == Role::ParticipatingFunction)
}

/// The address of this machine on the way to another.
pub(super) async fn local_toward(target: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if target.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(target).await.ok()?;
    socket.local_addr().ok().map(|own| own.ip())
}

/// Knocks at the SIP port by UDP and TCP, and by TLS where that is wanted.
pub(super) async fn ways(profile: &Profile, target: SocketAddr, outcomes: &mut Vec<Outcome>) {
    let first = profile.network.target.sip.first();
    let wanted = first.and_then(|own| own.transport).unwrap_or(profile.network.target.transport);
    let (udp, tcp) = tokio::join!(by_udp(target), by_tcp(target));
    let key = if profile.is_before_core() { "network.isc.route" } else { "network.target.sip" };
    outcomes.push(meaning::way(key, target, wanted, &udp, &tcp));
    if wanted != Transport::Tls {
        return;
    }
    let host = first.map(|own| own.address.host.clone()).unwrap_or_default();
    outcomes.push(secured(profile, "network.target.sip", target, &host).await);
    outcomes.push(Outcome::fault(
        "transport",
        "network.target.transport",
        "tls: a run speaks SIP by UDP and TCP alone",
        "open UDP or TCP for the tester, and set network.target.transport to udp or tcp",
    ));
}

/// Where interception is ordered, TLS has to work.
pub(super) async fn orders(profile: &Profile, outcomes: &mut Vec<Outcome>) {
    if let (true, Some(address)) = (profile.is_intercepted(), profile.x1_address()) {
        let host = profile.network.target.x1.first().map(|own| own.host.clone()).unwrap_or_default();
        outcomes.push(secured(profile, "network.target.x1", address, &host).await);
    }
}

async fn secured(profile: &Profile, about: &str, address: SocketAddr, host: &str) -> Outcome {
    let tls = &profile.network.tls;
    let Some(authorities) = &tls.ca else {
        let cure = "set network.tls.ca to the certificates of the authorities that the target's own comes from";
        return Outcome::fault("tls", about, "nothing says whom to believe", cure);
    };
    let key = tls.key_env.as_ref().and_then(std::env::var_os).map(std::path::PathBuf::from);
    let own = tls.certificate.as_deref().zip(key.as_deref());
    let name = tls.server_name.as_deref().unwrap_or(host);
    let handshake = shake(address, name, &Papers { authorities, own }).await;
    meaning::tls(&format!("{about} {address}"), &handshake)
}

async fn by_tcp(target: SocketAddr) -> Knock {
    match tokio::time::timeout(CONNECTION, TcpStream::connect(target)).await {
        Ok(Ok(_)) => Knock::Open,
        Ok(Err(error)) => Knock::of(&error),
        Err(_) => Knock::Silent,
    }
}

async fn by_udp(target: SocketAddr) -> Knock {
    let any: SocketAddr = if target.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let knocking = async {
        let socket = UdpSocket::bind(any).await?;
        socket.connect(target).await?;
        // Two line ends are a keep-alive (RFC 5626 section 3.5.1): no element may take offence at them.
        socket.send(b"\r\n\r\n").await?;
        socket.recv(&mut [0u8; 16]).await
    };
    match tokio::time::timeout(ICMP, knocking).await {
        Ok(Ok(_)) => Knock::Open,
        Ok(Err(error)) => Knock::of(&error),
        Err(_) => Knock::Silent,
    }
}
