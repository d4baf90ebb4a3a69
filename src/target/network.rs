//! The network of a target: addresses, actors, identities, users, limits and times (the IXIT of ISO/IEC 9646).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::{HostPort, Range, SipAddress, Transport};
use super::neighbours::{
    Charging, Dns, HomeSubscriberServer, Isc, Limits, MessageStore, Msrp, Neighbour, ServiceIdentities, Tls,
};
use super::users::{Device, Users};

/// Everything under the key `network`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The home domain of the served users.
    pub domain: String,
    /// Where the target is.
    #[serde(default)]
    pub target: Addresses,
    /// Where the tester is, actor by actor.
    #[serde(default)]
    pub actors: BTreeMap<ActorName, Actor>,
    /// How the serving CSCF is played.
    #[serde(default)]
    pub isc: Isc,
    /// TLS toward the target.
    #[serde(default)]
    pub tls: Tls,
    /// Names that the target resolves.
    #[serde(default)]
    pub dns: Dns,
    /// Identities of services.
    #[serde(default)]
    pub psi: ServiceIdentities,
    /// Served users.
    #[serde(default)]
    pub users: Users,
    /// Their devices.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// Charging.
    #[serde(default)]
    pub charging: Charging,
    /// Where history is seen.
    #[serde(default)]
    pub message_store: MessageStore,
    /// Who plays presence.
    #[serde(default)]
    pub presence: Neighbour,
    /// Who keeps preferences.
    #[serde(default)]
    pub xcap: Neighbour,
    /// Who takes intercepted content.
    #[serde(default)]
    pub li: Neighbour,
    /// Where user data come from.
    #[serde(default)]
    pub home_subscriber_server: HomeSubscriberServer,
    /// Media.
    #[serde(default)]
    pub msrp: Msrp,
    /// Bounds of the target.
    #[serde(default)]
    pub limits: Limits,
    /// Captures: all there is in `capture_only`, else a mirror of the target that is joined to the evidence.
    #[serde(default)]
    pub captures: Vec<PathBuf>,
    /// Deadline of an answer.
    #[serde(default = "ms::<5_000>")]
    pub answer_ms: u64,
    /// Added to limits of protocols.
    #[serde(default = "ms::<200>")]
    pub rtt_allowance_ms: u64,
    /// From a trigger to the end of a drain.
    #[serde(default = "ms::<10_000>")]
    pub drain_ms: u64,
    /// Legal spacing of notifications, added to `drain_ms` for each increment.
    #[serde(default = "ms::<5_000>")]
    pub notify_spacing_ms: u64,
    /// How long the target lets a device ring.
    #[serde(default = "ms::<30_000>")]
    pub no_answer_ms: u64,
    /// Retention for users of the class `short_expiry`.
    #[serde(default = "ms::<60_000>")]
    pub expiry_ms: u64,
    /// Wait between declared retries.
    #[serde(default = "ms::<10_000>")]
    pub retry_ms: u64,
    /// When an unanswered SEND counts as lost.
    #[serde(default = "ms::<30_000>")]
    pub msrp_response_ms: u64,
    /// The session interval that the tester offers.
    #[serde(default = "ms::<90>")]
    pub session_expires_s: u64,
    /// The silence that proves an absence.
    #[serde(default = "ms::<2_000>")]
    pub quiet_ms: u64,
}

const fn ms<const N: u64>() -> u64 {
    N
}

/// The times of a target as spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// `answer_ms`
    pub answer: Duration,
    /// `rtt_allowance_ms`
    pub rtt_allowance: Duration,
    /// `drain_ms`
    pub drain: Duration,
    /// `notify_spacing_ms`
    pub notify_spacing: Duration,
    /// `no_answer_ms`
    pub no_answer: Duration,
    /// `expiry_ms`
    pub expiry: Duration,
    /// `retry_ms`
    pub retry: Duration,
    /// `msrp_response_ms`
    pub msrp_response: Duration,
    /// `session_expires_s`
    pub session_expires: Duration,
    /// `quiet_ms`
    pub quiet: Duration,
}

impl Timers {
    /// The times under the keys of the profile, as they go into the evidence.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        serde_json::json!({
            "answer_ms": ms(self.answer),
            "rtt_allowance_ms": ms(self.rtt_allowance),
            "drain_ms": ms(self.drain),
            "notify_spacing_ms": ms(self.notify_spacing),
            "no_answer_ms": ms(self.no_answer),
            "expiry_ms": ms(self.expiry),
            "retry_ms": ms(self.retry),
            "msrp_response_ms": ms(self.msrp_response),
            "session_expires_s": self.session_expires.as_secs(),
            "quiet_ms": ms(self.quiet),
        })
    }
}

impl Network {
    /// The times as spans.
    #[must_use]
    pub const fn timers(&self) -> Timers {
        Timers {
            answer: Duration::from_millis(self.answer_ms),
            rtt_allowance: Duration::from_millis(self.rtt_allowance_ms),
            drain: Duration::from_millis(self.drain_ms),
            notify_spacing: Duration::from_millis(self.notify_spacing_ms),
            no_answer: Duration::from_millis(self.no_answer_ms),
            expiry: Duration::from_millis(self.expiry_ms),
            retry: Duration::from_millis(self.retry_ms),
            msrp_response: Duration::from_millis(self.msrp_response_ms),
            session_expires: Duration::from_secs(self.session_expires_s),
            quiet: Duration::from_millis(self.quiet_ms),
        }
    }

    /// The settings of an actor; the defaults for one that the profile does not name.
    #[must_use]
    pub fn actor(&self, name: ActorName) -> Actor {
        self.actors.get(&name).cloned().unwrap_or_default()
    }
}

/// Where the target is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Addresses {
    /// Where SIP requests to the target go.
    pub sip: Vec<SipAddress>,
    /// Where its media come from; those of `sip` when empty.
    pub msrp: Vec<HostPort>,
    /// Where its charging comes from; those of `sip` when empty.
    pub diameter: Vec<HostPort>,
    /// Where orders of interception go (X1).
    pub x1: Vec<HostPort>,
    /// The addresses that its traffic may come from; those of `sip` when empty.
    pub sources: Vec<Range>,
    /// Nodes of a cluster.
    pub nodes: Vec<String>,
    /// What the tester tries first.
    pub transport: Transport,
}

/// The neighbours of the target that the tester can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorName {
    /// Devices of the served users.
    Client,
    /// The serving CSCF.
    ServingCscf,
    /// The focus, with the remote members of its groups.
    ControllingFunction,
    /// The participating function of other users.
    RemoteParticipatingFunction,
    /// The interworking function.
    InterworkingFunction,
    /// The charging server.
    ChargingServer,
    /// The message and media storage.
    MessageStore,
    /// The XCAP server.
    PreferenceServer,
    /// The presence server.
    PresenceServer,
    /// The mediation function of interception.
    MediationFunction,
}

/// Where one actor of the tester is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Actor {
    /// Local socket; port 0 for any.
    pub bind: SocketAddr,
    /// What Via, Contact and path say; the local socket when missing.
    pub advertise: Option<HostPort>,
    /// What it listens on.
    pub transport: ActorTransport,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Its domain; the home domain when missing.
    pub domain: Option<String>,
}

impl Default for Actor {
    fn default() -> Actor {
        Actor {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            advertise: None,
            transport: ActorTransport::default(),
            tls: false,
            domain: None,
        }
    }
}

/// What an actor listens on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActorTransport {
    /// UDP and TCP on one port, since a target switches by size of a request (RFC 3261 section 18.1.1).
    #[default]
    #[serde(rename = "udp+tcp")]
    UdpAndTcp,
    /// TLS over TCP.
    #[serde(rename = "tls")]
    Tls,
}
