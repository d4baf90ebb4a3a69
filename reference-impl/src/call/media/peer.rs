//! The peer of a message session: what of its description matters after both sides have agreed.

use cpm_wire::msrp::{self, MsrpUri};
use cpm_wire::offer_answer::Role;
use cpm_wire::sdp::MsrpMedia;
use std::net::{IpAddr, SocketAddr};

/// The peer's end of a message session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its path, the next hop first.
    pub path: Box<[String]>,
    /// Where it is to be connected to, where that can be told.
    pub next_hop: Option<SocketAddr>,
    /// Octets of the largest message that it receives.
    pub max_size: Option<u64>,
    /// The part that the function has in connecting to it.
    pub role: Role,
}

impl Peer {
    /// The peer that is described so.
    pub fn of(media: &MsrpMedia, role: Role) -> Peer {
        let path = media.path.as_slice().into();
        Peer { path, next_hop: next_hop(media), max_size: media.max_size, role }
    }
}

/// Where the peer that wrote this is to be connected to. With CEMA it is what `c=` and `m=` say (RFC 6714 section 4.4),
/// else what the path says (RFC 4975 section 5.4); but there, where `c=` names another host, whoever wrote it is not the
/// one who listens, and nobody is connected to.
pub fn next_hop(peer: &MsrpMedia) -> Option<SocketAddr> {
    let address = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let described = address(&peer.address);
    let uri = MsrpUri::parse(peer.path.first()?).ok()?;
    let port = uri.port.unwrap_or(msrp::DEFAULT_PORT);
    match (peer.cema, address(uri.host), described) {
        (true, _, Some(host)) => Some(SocketAddr::new(host, peer.port)),
        (_, Some(host), Some(described)) if host != described && !described.is_unspecified() => None,
        (_, Some(host), _) => Some(SocketAddr::new(host, port)),
        // A name in the path: its address is in c=.
        (_, None, described) => Some(SocketAddr::new(described?, port)),
    }
}
