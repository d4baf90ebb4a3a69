//! What was seen, and what it means: for each fault its name and what helps, without input or output.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Outcome;
use super::handshake::Handshake;
use crate::target::address::Transport;

/// What a first knock at a port brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Knock {
    /// A connection; by UDP an answer.
    Open,
    /// TCP refused, or by UDP the ICMP message that nobody listens.
    Refused,
    /// No way there: ICMP, or no route.
    NoWay(String),
    /// Nothing at all.
    Silent,
}

impl Knock {
    pub(super) fn of(error: &std::io::Error) -> Knock {
        match error.kind() {
            ErrorKind::ConnectionRefused => Knock::Refused,
            ErrorKind::TimedOut => Knock::Silent,
            _ => Knock::NoWay(error.to_string()),
        }
    }
}

/// The name of a host.
pub(super) fn name(key: &str, host: &str, found: &Result<Vec<IpAddr>, String>) -> Outcome {
    match found {
        Ok(addresses) if !addresses.is_empty() => {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Outcome::fine("name", key, format!("{host} is {}", list.join(", ")))
        }
        Ok(_) | Err(_) => {
            let why = found.as_ref().err().map(|why| format!(" ({why})")).unwrap_or_default();
            let cure = format!(
                "write the address in place of {host}, or give it to the resolver or /etc/hosts of this machine"
            );
            Outcome::fault("name", key, format!("{host} does not resolve{why}"), cure)
        }
    }
}

/// What the knocks at the SIP port say of the transport of the profile.
pub(super) fn way(key: &str, address: SocketAddr, wanted: Transport, udp: &Knock, tcp: &Knock) -> Outcome {
    let about = format!("{key} {address}");
    let (own, other, word, other_word) = match wanted {
        Transport::Udp => (udp, tcp, "UDP", "tcp"),
        Transport::Tcp => (tcp, udp, "TCP", "udp"),
        Transport::Tls => (tcp, udp, "TCP", "udp"),
    };
    match (own, other) {
        (Knock::Open, _) => Outcome::fine("port", &about, format!("{word} is open")),
        (Knock::Refused, Knock::Open) => Outcome::fault(
            "transport",
            &about,
            format!("nobody listens on {word} there, and somebody does on {}", other_word.to_uppercase()),
            format!("set network.target.transport to {other_word}, or have the target listen on {word}"),
        ),
        (Knock::Refused, _) => Outcome::fault(
            "port",
            &about,
            format!("closed: {word} was refused"),
            format!("start the target, or correct the port in {key}; a firewall may refuse in its place"),
        ),
        (Knock::NoWay(why), _) => Outcome::fault(
            "port",
            &about,
            format!("cannot be reached: {why}"),
            "look at the route, the address and the firewalls between this machine and the target",
        ),
        (Knock::Silent, _) if wanted == Transport::Udp => {
            Outcome::fine("port", &about, "UDP: nobody says that nobody is there; OPTIONS will tell")
        }
        (Knock::Silent, _) => Outcome::fault(
            "port",
            &about,
            format!("{word}: no answer to a connection"),
            "a firewall drops it, or the host is down",
        ),
    }
}

/// A listener of the tester.
pub(super) fn bind(key: &str, address: SocketAddr, error: Option<&std::io::Error>) -> Outcome {
    let Some(error) = error else { return Outcome::fine("bind", key, format!("{address} can be bound")) };
    let cure = match error.kind() {
        ErrorKind::AddrInUse => format!("another program has {address}: end it, or give {key}.bind another port"),
        ErrorKind::AddrNotAvailable => {
            format!(
                "{} is no address of this machine: bind one that is, and put this into {key}.advertise",
                address.ip()
            )
        }
        ErrorKind::PermissionDenied => format!("ports below 1024 want a privilege: give {key}.bind a higher one"),
        _ => format!("choose another address for {key}.bind"),
    };
    Outcome::fault("bind", key, format!("{address} cannot be bound: {error}"), cure)
}

/// A handshake over TLS.
pub(super) fn tls(about: &str, handshake: &Handshake) -> Outcome {
    let fault = |seen: String, cure: &str| Outcome::fault("tls", about, seen, cure);
    match handshake {
        Handshake::Done => Outcome::fine("tls", about, "both ends believe each other"),
        Handshake::NoConnection(why) => fault(format!("no connection: {why}"), "start the target, or correct the port"),
        Handshake::NoTls => fault(
            "whoever is there speaks no TLS".to_owned(),
            "take the port of the target's TLS, or another network.target.transport",
        ),
        Handshake::UnknownAuthority => fault(
            "the certificate is of an authority that is not trusted".to_owned(),
            "put the certificate of the target's authority into network.tls.ca",
        ),
        Handshake::OtherName(why) => fault(
            format!("the certificate is for another name: {why}"),
            "set network.tls.server_name to a name in the certificate, or give the target one for its name",
        ),
        Handshake::OutOfDate(why) => {
            fault(format!("the certificate is out of date: {why}"), "renew it, or set the clock of this machine right")
        }
        Handshake::CertificateWanted => fault(
            "the target wants a certificate of the tester".to_owned(),
            "set network.tls.certificate, and network.tls.key_env to the variable that names the file of its key",
        ),
        Handshake::CertificateRefused(why) => fault(
            format!("the target does not believe the certificate of the tester: {why}"),
            "give the target the authority of network.tls.certificate, or take a certificate of one that it trusts",
        ),
        Handshake::OwnFiles(why) => fault(format!("the files of network.tls cannot be used: {why}"), "replace them"),
        Handshake::Other(why) => fault(format!("the handshake failed: {why}"), "look at the log of the target"),
    }
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A final response, from there.
    Final { status: u16, reason: String, from: SocketAddr },
    /// No final response in time.
    Silent,
    /// The request did not leave, or its connection broke.
    Unsent,
}

impl Answer {
    /// Whether it is a final response other than 2xx.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Answer::Final { status, .. } if *status >= 300)
    }
}

/// OPTIONS (RFC 3261 section 11): whatever is answered, somebody is there who speaks SIP.
pub(super) fn options(about: &str, answer: &Answer, advertised: &str, within: Duration) -> Outcome {
    match answer {
        Answer::Final { status: status @ (401 | 403 | 407), reason, .. } => Outcome::fault(
            "options",
            about,
            format!("refused with {status} {reason}"),
            format!("put {advertised}, the tester's serving CSCF, on the list of peers that the target trusts"),
        ),
        Answer::Final { status, reason, .. } => {
            Outcome::fine("options", about, format!("answered with {status} {reason}"))
        }
        Answer::Silent => Outcome::fault(
            "options",
            about,
            format!("no answer within {} ms, and nothing refused it", within.as_millis()),
            format!(
                "see whether the target has it (its log, a capture): if it has not, a firewall or the address is wrong; if it \
                 has, it does not trust {advertised}, or answers to where nobody is (then correct what the tester is told as: \
                 network.actors.serving_cscf.advertise)"
            ),
        ),
        Answer::Unsent => Outcome::fault(
            "options",
            about,
            "the connection could not be opened, or broke",
            "take another network.target.transport, or look at the log of the target",
        ),
    }
}

/// The third-party REGISTER (TS 24.229 section 5.4.1.7); `needed` where the statement says that it tells the target anything.
pub(super) fn register(user: &str, answer: &Answer, advertised: &str, needed: bool) -> Outcome {
    let fault = |seen: String, cure: String| match needed {
        true => Outcome::fault("register", user, seen, cure),
        false => Outcome::note("register", user, seen, "statement.reachability_trigger does without it"),
    };
    match answer {
        Answer::Final { status: 200..=299, .. } => {
            Outcome::fine("register", user, "the third-party REGISTER was taken")
        }
        Answer::Final { status, reason, .. } => {
            let cure = match status {
                401 | 403 | 407 => {
                    format!("put {advertised}, the tester's serving CSCF, on the list of peers that it trusts")
                }
                404 => "prepare this user at the target, or write users that it has into network.users".to_owned(),
                405 | 501 => "the target takes no REGISTER: switch its ISC interface on, or answer \
                              statement.reachability_trigger without third_party_register"
                    .to_owned(),
                400 | 415 | 488 => "what it should carry stands under network.isc.third_party_register".to_owned(),
                _ => "look at the log of the target".to_owned(),
            };
            fault(format!("the third-party REGISTER was refused with {status} {reason}"), cure)
        }
        Answer::Silent | Answer::Unsent => fault(
            "no answer to the third-party REGISTER".to_owned(),
            "what helps OPTIONS helps here; where that is answered, see in the log of the target what keeps it from answering for a user".to_owned(),
        ),
    }
}

/// A device that registers in a real core (RFC 3261 section 10).
pub(super) fn entered(user: &str, answer: &Answer) -> Outcome {
    let fault = |seen: String, cure: &str| Outcome::fault("register", user, seen, cure);
    match answer {
        Answer::Final { status: 200..=299, .. } => Outcome::fine("register", user, "the core let a device in"),
        Answer::Final { status, reason, .. } => {
            let cure = match status {
                401 | 407 => {
                    "users[].credentials_env has to name the variable with this user's secret, and impi the private identity; \
                     digest with MD5 or SHA-256 is known"
                }
                403 | 404 => "prepare this user in the core, or write users that it has into network.users",
                _ => "look at the log of the core",
            };
            fault(format!("the core answered {status} {reason} to a REGISTER"), cure)
        }
        Answer::Silent | Answer::Unsent => {
            fault("no answer to a REGISTER".to_owned(), "network.isc.route has to be where devices register")
        }
    }
}

/// A message between two users of a real core. `seen`: whether the target stands in what came; none where nothing came.
pub(super) fn through(user: &str, answer: &Answer, seen: Option<bool>, advertised: &str) -> Outcome {
    match (seen, answer) {
        (Some(true), _) => Outcome::fine("route", user, "a message came through the core, and the target stands in it"),
        (Some(false), _) => Outcome::note(
            "route",
            user,
            "a message came through the core, and no address of the target stands in it",
            "see that the core's filter criteria lead to the target, and that its addresses under network.target are right; \
             of a core that hides them little can pass",
        ),
        (None, Answer::Final { status, reason, .. }) if *status >= 300 => Outcome::fault(
            "route",
            user,
            format!("a message of this user was refused with {status} {reason}"),
            "see in the log of the core whether it refused by itself, or asked the target",
        ),
        (None, _) => Outcome::fault(
            "route",
            user,
            format!("a message of this user to another one did not come to {advertised}"),
            "see in the log of the core where it went: to the target by the filter criteria, and then to the contact of the other \
             user, which is the tester",
        ),
    }
}

/// What the tester's charging server saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Charged {
    /// The target opened a connection.
    pub connected: bool,
    /// The Result-Code of the answer to its capabilities (RFC 6733 section 5.3).
    pub capabilities: Option<u32>,
}

/// The handshake of charging.
pub(super) fn charging(about: &str, told: &str, charged: &Charged) -> Outcome {
    match (charged.connected, charged.capabilities) {
        (_, Some(2000..=2999)) => Outcome::fine("charging", about, "the target has introduced itself by Diameter"),
        (_, Some(code)) => Outcome::fault(
            "charging",
            about,
            format!("its capabilities were refused with {code}"),
            "the target has to offer accounting (Rf, application 3) or credit control (Ro, application 4)",
        ),
        (true, None) => Outcome::fault(
            "charging",
            about,
            "a connection came and no capabilities",
            "the target has to begin with a CER (RFC 6733 section 5.3); see whether it speaks Diameter, and without TLS",
        ),
        // It may charge sessions alone, and connect when it first has to.
        (false, None) => Outcome::note(
            "charging",
            about,
            format!("the target opened no connection to {told}, though a message was sent"),
            format!(
                "tell the target that its charging server is {told}, or answer statement.charging_interface otherwise"
            ),
        ),
    }
}
