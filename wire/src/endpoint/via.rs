//! The topmost Via as the way back: RFC 3261 sections 18.1.1, 18.2.1 and 18.2.2, RFC 3581 section 4.

use super::{Peer, Protocol};
use crate::sip::{Message, Name, Via};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// The port of SIP over UDP and TCP where none is named (RFC 3261 section 19.1.2).
const DEFAULT_PORT: u16 = 5060;

/// Whom the responses to a request go to, which came from `came_from`: over TCP back on its connection, and when that
/// is gone to the port of the Via; over UDP to `maddr`, or to the port that it came from if the Via asks for that by
/// `rport`, or to the port of the Via (RFC 3261 section 18.2.2, RFC 3581 section 4).
pub fn response_peer(request: &Message, came_from: &Peer) -> Peer {
    let Ok(via) = request.via() else { return *came_from };
    let port = via.port.unwrap_or(DEFAULT_PORT);
    let source = came_from.address;
    let address = match came_from.protocol {
        Protocol::Tcp => SocketAddr::new(source.ip(), port),
        Protocol::Udp => match via.params.token("maddr").and_then(ip_address) {
            Some(maddr) => SocketAddr::new(maddr, port),
            None if via.rport().is_some() => source,
            None => SocketAddr::new(source.ip(), port),
        },
    };
    Peer { address, ..*came_from }
}

/// Adds `received` when the Via names another address than the request came from, and fills in `rport`, which wants
/// `received` in any case (RFC 3581 section 4).
pub(super) fn stamp(request: Message, source: SocketAddr) -> Message {
    let Ok(via) = request.via() else { return request };
    let wants_port = via.rport().is_some();
    if !wants_port && ip_address(via.host) == Some(source.ip()) {
        return request;
    }
    let mut text = head(&via, via.transport);
    for (name, value) in via.params.iter() {
        let replaced = name.eq_ignore_ascii_case("received") || (wants_port && name.eq_ignore_ascii_case("rport"));
        if !replaced {
            push(&mut text, name, value);
        }
    }
    push(&mut text, "received", Some(&source.ip().to_string()));
    if wants_port {
        push(&mut text, "rport", Some(&source.port().to_string()));
    }
    request.edit().remove_first(&Name::Via).prepend(Name::Via, text).finish()
}

/// The same request for another protocol.
pub(super) fn over(request: &Message, protocol: Protocol) -> Message {
    let Ok(via) = request.via() else { return request.clone() };
    let text = head(&via, protocol.as_str()) + via.params.as_str();
    request.edit().remove_first(&Name::Via).prepend(Name::Via, text).finish()
}

/// A Via without its parameters.
fn head(via: &Via<'_>, transport: &str) -> String {
    let port = via.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("SIP/2.0/{transport} {}{port}", via.host)
}

fn push(text: &mut String, name: &str, value: Option<&str>) {
    // The buffer is a String: writing to it cannot fail.
    let _ = match value {
        Some(value) => write!(text, ";{name}={value}"),
        None => write!(text, ";{name}"),
    };
}

/// The address that a host names, if it is none that needs a look-up.
fn ip_address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}
