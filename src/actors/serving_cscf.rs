//! The serving CSCF at the ISC reference point (TS 24.229 section 5.4): everything between tester and target passes it.
//!
//! It is the only SIP address of the tester. On the way to the target it adds what a serving CSCF adds: its own Via and
//! Record-Route, the Route with the original dialog identifier, the served user. On the way back it takes itself off. Before a
//! real core it is no more than the edge of it: a proxy (P-CSCF) for devices, and a peer for the focus and other networks.

use super::ids::Ids;
use cpm_wire::endpoint::{Peer, Protocol};
use cpm_wire::sip::{Builder, Message, Method, Name, Uri};
use std::net::{IpAddr, SocketAddr};

/// For whom, and in which direction, the target is to act (RFC 5502).
#[derive(Clone, Debug)]
pub struct Served<'a> {
    /// The public identity of the served user.
    pub identity: &'a str,
    /// True when the request comes from the user, false when it goes to the user.
    pub originating: bool,
    /// True when the user has a registered device.
    pub registered: bool,
}

/// The serving CSCF of one scenario.
#[derive(Clone, Debug)]
pub struct ServingCscf {
    /// The tester's SIP socket.
    pub address: SocketAddr,
    /// Host and port as others are told.
    pub advertise: String,
    /// Where requests to the target go.
    pub target: SocketAddr,
    /// First choice of transport; RFC 3261 section 18.1.1 may change it.
    pub preferred: Protocol,
    /// The home domain.
    pub domain: String,
    /// Send P-Served-User.
    pub tells_served_user: bool,
    /// Put the device's REGISTER into the third-party REGISTER.
    pub embeds_register: bool,
    /// A real core stands behind this socket: `target` is its entry, and nothing of the ISC reference point is written.
    pub before_core: bool,
    /// The contact of the client under test, to which every request goes. Toward a client the serving CSCF keeps to
    /// itself what is meant for a participating function.
    pub client: Option<String>,
}

impl ServingCscf {
    /// The URI of the serving CSCF.
    pub fn uri(&self) -> String {
        format!("sip:{}", self.advertise)
    }

    /// The URI of the target at the ISC reference point.
    pub fn target_uri(&self) -> String {
        format!("sip:{}", self.target)
    }

    /// A request to the target outside any dialog, with all that the serving CSCF adds. From, To, Contact and body are
    /// the caller's.
    pub fn initial(&self, ids: &mut Ids, method: Method, uri: &str, served: &Served<'_>, actor_host: &str) -> Builder {
        let uri = self.client.as_deref().unwrap_or(uri);
        let request = Builder::request(method.clone(), uri)
            .header(Name::MaxForwards, 69)
            .header(Name::CallId, format!("{}@{}", ids.token(), actor_host))
            .header(Name::CSeq, format!("1 {}", method.as_str()));
        let makes_dialog = matches!(method, Method::Invite | Method::Refer);
        self.passed_on(ids, request, served, actor_host, makes_dialog)
    }

    /// Adds to an actor's request outside any dialog what the serving CSCF adds on the way to the target.
    pub fn passed_on(
        &self,
        ids: &mut Ids,
        request: Builder,
        served: &Served<'_>,
        actor_host: &str,
        makes_dialog: bool,
    ) -> Builder {
        let mut request = request
            .header(Name::Via, self.via(&ids.branch()))
            .header(Name::Via, format!("SIP/2.0/UDP {actor_host};branch={}", ids.branch()));
        if self.client.is_some() {
            return if makes_dialog {
                request.header(Name::RecordRoute, format!("<{};lr>", self.uri()))
            } else {
                request
            };
        }
        request = request.header(Name::Route, format!("<{};lr>", self.target_uri()));
        if !self.before_core {
            request = request.header(Name::Route, format!("<sip:{}@{};lr>", ids.token(), self.advertise));
        }
        if makes_dialog {
            request = request.header(Name::RecordRoute, format!("<{};lr>", self.uri()));
        }
        if self.before_core {
            return request;
        }
        if self.tells_served_user {
            let case = if served.originating { "orig" } else { "term" };
            let state = if served.registered { "reg" } else { "unreg" };
            request =
                request.header(Name::PServedUser, format!("<{}>;sescase={case};regstate={state}", served.identity));
        }
        request.header(Name::PChargingVector, format!("icid-value=\"{}\";orig-ioi={}", ids.digits32(), self.domain))
    }

    /// The Via of the serving CSCF; [`ServingCscf::toward`] sets the transport right.
    pub fn via(&self, branch: &str) -> String {
        format!("SIP/2.0/UDP {};branch={branch}", self.advertise)
    }

    /// Chooses the transport for a finished request (RFC 3261 section 18.1.1), says so in the topmost Via, and tells
    /// where the request goes.
    pub fn toward(&self, request: Message, address: SocketAddr) -> (Message, Peer) {
        let protocol = if request.octets().len() > 1300 { Protocol::Tcp } else { self.preferred };
        let message = match (protocol, request.via().map(|via| via.branch().unwrap_or_default().to_owned())) {
            (Protocol::Tcp, Ok(branch)) => {
                let own = format!("SIP/2.0/TCP {};branch={branch}", self.advertise);
                request.edit().remove_first(&Name::Via).prepend(Name::Via, own).finish()
            }
            _ => request,
        };
        (message, Peer { address, protocol, connection: None })
    }

    /// Makes an in-dialog request of an actor ready for the wire: takes the serving CSCF's own Route off and puts its
    /// Via on.
    pub fn in_dialog(&self, ids: &mut Ids, request: Message) -> (Message, Peer) {
        let own = request
            .routes()
            .next()
            .and_then(Result::ok)
            .is_some_and(|route| address_of(route.uri) == Some(self.address));
        let mut edit = request.edit();
        if own {
            edit = edit.remove_first(&Name::Route);
        }
        let request = edit.prepend(Name::Via, self.via(&ids.branch())).finish();
        let next = request.routes().next().and_then(Result::ok).and_then(|route| address_of(route.uri));
        // A target that stands in for a focus gives the focus's identity as its Contact. That leads back to us; the
        // far end of the dialog is the target all the same.
        let address = next
            .or_else(|| request.request_uri().and_then(address_of))
            .filter(|address| *address != self.address)
            .unwrap_or(self.target);
        self.toward(request, address)
    }

    /// The third-party REGISTER (TS 24.229 section 5.4.1.7) for a device that registers, or with `expires` 0 for one
    /// that goes.
    pub fn third_party_register(
        &self,
        ids: &mut Ids,
        identity: &str,
        expires: u32,
        device_register: Option<&Message>,
    ) -> Message {
        let request = Builder::request(Method::Register, &self.target_uri())
            .header(Name::Via, self.via(&ids.branch()))
            .header(Name::MaxForwards, 70)
            .header(Name::From, format!("<{}>;tag={}", self.uri(), ids.token()))
            .header(Name::To, format!("<{identity}>"))
            .header(Name::CallId, format!("{}@{}", ids.token(), self.address.ip()))
            .header(Name::CSeq, "1 REGISTER")
            .header(Name::Contact, format!("<{}>", self.uri()))
            .header(Name::Expires, expires)
            .header(Name::PChargingVector, format!("icid-value=\"{}\";orig-ioi={}", ids.digits32(), self.domain));
        match device_register.filter(|_| self.embeds_register) {
            Some(embedded) => request.body("message/sip", embedded.octets().clone()).build(),
            None => request.build(),
        }
    }
}

/// An address without its port as SIP writes a host: in brackets, if it is one of IPv6 (RFC 3261 section 25.1).
pub fn host_of(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Host and port of a SIP URI whose host is an IP address.
pub fn address_of(uri: &str) -> Option<SocketAddr> {
    let Ok(Uri::Sip(sip)) = Uri::parse(uri) else { return None };
    let host = sip.host.trim_start_matches('[').trim_end_matches(']');
    Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, sip.port.unwrap_or(5060)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_ipv6_stands_in_brackets() {
        assert_eq!(host_of(([127, 0, 0, 1], 5060).into()), "127.0.0.1");
        assert_eq!(host_of((std::net::Ipv6Addr::LOCALHOST, 5060).into()), "[::1]");
        assert_eq!(address_of("sip:book@[::1]:5061"), Some((std::net::Ipv6Addr::LOCALHOST, 5061).into()));
    }
}
