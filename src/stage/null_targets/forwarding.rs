//! A stateless proxy (RFC 3261 section 16.11): what comes goes on to where it says, and nothing is kept.

use super::answers;
use cpm_reference::core::Addresses;
use cpm_wire::endpoint::{Peer, Protocol, response_peer};
use cpm_wire::sip::{Message, Method, Name, NameAddr, SipUri, Uri, Via};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

/// The message as it goes on, and to whom. Registrations of the serving CSCF are answered.
pub(super) fn forward(
    message: &Message,
    came_from: Peer,
    own: SocketAddr,
    cscf: SocketAddr,
) -> Option<(Message, Peer)> {
    if !message.is_request() {
        return back(message);
    }
    if message.method() == Method::Register {
        let addresses = Addresses { sip: own, msrp: own, x1: None };
        return Some((answers::answer(message, 200, addresses), response_peer(message, &came_from)));
    }
    let hops: u8 = message.header(&Name::MaxForwards)?.parse().ok().filter(|hops| *hops > 0)?;
    let is_own = |route: &NameAddr<'_>| address(route.uri) == Some(own);
    let mut edited = message.edit();
    if message.routes().next().and_then(Result::ok).is_some_and(|route| is_own(&route)) {
        edited = edited.remove_first(&Name::Route);
    }
    if message.to_tag().is_none() {
        edited = edited.prepend(Name::RecordRoute, format!("<sip:{own};lr>"));
    }
    let via = format!("SIP/2.0/{} {own};branch={}", came_from.protocol.as_str(), branch(message));
    // A CANCEL goes from hop to hop (RFC 3261 section 9.1): it has the Via of the request that it cancels, and no other.
    if message.method() == Method::Cancel {
        edited = edited.remove(&Name::Via);
    }
    let forwarded = edited.set(Name::MaxForwards, hops - 1).prepend(Name::Via, via).finish();
    let route = forwarded.routes().next().and_then(Result::ok).and_then(|route| address(route.uri));
    let target = route.or_else(|| address(forwarded.request_uri()?)).filter(|target| *target != own).unwrap_or(cscf);
    Some((forwarded, Peer { address: target, protocol: came_from.protocol, connection: None }))
}

/// A response goes back by the Via below our own (RFC 3261 section 16.7).
fn back(response: &Message) -> Option<(Message, Peer)> {
    let response = response.edit().remove_first(&Name::Via).finish();
    let peer = via_peer(&response.via().ok()?)?;
    Some((response, peer))
}

fn via_peer(via: &Via<'_>) -> Option<Peer> {
    let ip: IpAddr = via.received().unwrap_or(via.host).trim_matches(['[', ']']).parse().ok()?;
    let port = via.rport().flatten().or(via.port).unwrap_or(5060);
    let protocol = if via.transport.eq_ignore_ascii_case("TCP") { Protocol::Tcp } else { Protocol::Udp };
    Some(Peer { address: SocketAddr::new(ip, port), protocol, connection: None })
}

/// The address in a URI; none for a name, which nobody here resolves.
fn address(uri: &str) -> Option<SocketAddr> {
    let Ok(Uri::Sip(SipUri { host, port, .. })) = Uri::parse(uri) else { return None };
    Some(SocketAddr::new(host.trim_matches(['[', ']']).parse().ok()?, port.unwrap_or(5060)))
}

/// The same for a request and whatever belongs to it: its retransmission, its CANCEL, the ACK of its refusal.
fn branch(request: &Message) -> String {
    let mut hasher = DefaultHasher::new();
    request.via().ok().and_then(|via| via.branch().map(str::to_owned)).hash(&mut hasher);
    format!("z9hG4bK{:016x}", hasher.finish())
}
