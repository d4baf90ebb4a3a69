//! What a profile says of the surroundings of a target: the reference point to the serving CSCF, names, keys, service
//! identities, charging, stores.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::address::{HostPort, Uri};

/// How the serving CSCF is played (reference point ISC, TS 24.229 section 5.7).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Isc {
    /// The first Route value; `target` stands for the address of the target. Before a real core, the entry of that.
    pub route: String,
    /// The name of the parameter that carries the original dialog identifier.
    pub odi_param: String,
    /// Whether P-Served-User is sent.
    pub served_user: bool,
    /// What a third-party REGISTER carries.
    pub third_party_register: ThirdPartyRegister,
    /// Whether the target subscribes to registration state.
    pub reg_event: RegEvent,
    /// Whether the terminating chain is run again for what the target originates.
    pub reinvoke_on_pf_originated: bool,
    /// The forms in which the target addresses one device.
    pub device_addressing: Vec<DeviceAddressing>,
}

impl Default for Isc {
    fn default() -> Isc {
        use DeviceAddressing::{Contact, Gruu, Impu, Instance};
        Isc {
            route: "target;lr".to_owned(),
            odi_param: "odi".to_owned(),
            served_user: true,
            third_party_register: ThirdPartyRegister::default(),
            reg_event: RegEvent::default(),
            reinvoke_on_pf_originated: false,
            device_addressing: vec![Gruu, Instance, Contact, Impu],
        }
    }
}

/// The bodies of a third-party REGISTER (TS 24.229 section 5.4.1.7).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThirdPartyRegister {
    /// The REGISTER of the device, as message/sip.
    pub request: bool,
    /// The 200 to it, as message/sip.
    pub response: bool,
    /// A file of service information, as application/3gpp-ims+xml.
    pub service_info: Option<PathBuf>,
}

/// Whether the target subscribes to registration state (RFC 3680).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegEvent {
    /// It does; when it does not, that is a warning.
    Required,
    /// It may.
    #[default]
    Optional,
    /// It does not.
    None,
}

/// A form in which the target addresses one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceAddressing {
    /// A GRUU (RFC 5627).
    Gruu,
    /// The public identity, with the instance in Accept-Contact (RFC 3841).
    Instance,
    /// The registered contact.
    Contact,
    /// The public identity alone.
    Impu,
}

/// TLS toward the target. No key stands in a profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Certificates that are trusted.
    pub ca: Option<PathBuf>,
    /// The certificate of the tester.
    pub certificate: Option<PathBuf>,
    /// The name that the certificate of the target must have.
    pub server_name: Option<String>,
    /// The environment variable that names the file of the tester's key.
    pub key_env: Option<String>,
    /// Whether the peer is checked; when it is not, the verdict says so.
    pub verify: bool,
}

impl Default for Tls {
    fn default() -> Tls {
        Tls { ca: None, certificate: None, server_name: None, key_env: None, verify: true }
    }
}

/// Names that the target resolves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dns {
    /// Whether it resolves any.
    pub mode: DnsMode,
    /// The zone file that the vendor's resolver loads.
    pub zone: Option<PathBuf>,
}

/// Whether the target resolves names of the tester.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsMode {
    /// It does not.
    #[default]
    None,
    /// It does, from a zone file.
    ZoneFile,
}

/// Identities of services. One that is missing is `sip:NAME@` and the home domain.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceIdentities {
    /// Conference factory (RFC 4579).
    pub factory: Option<Uri>,
    /// Exploder (RFC 5365).
    pub exploder: Option<Uri>,
    /// Deferred messaging.
    pub deferred: Option<Uri>,
    /// Conversation history.
    pub history: Option<Uri>,
    /// Interworking.
    pub iwf: Option<Uri>,
    /// Store and forward.
    pub standfw: Option<Uri>,
}

/// Charging.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Charging {
    /// The identity of the tester's charging server.
    pub peer_host: Option<String>,
    /// Its realm.
    pub realm: Option<String>,
    /// The transport of Diameter.
    pub transport: ChargingTransport,
    /// A file of further attributes to read.
    pub vsa: Option<PathBuf>,
}

/// The transport of Diameter (RFC 6733 section 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargingTransport {
    /// TCP.
    #[default]
    Tcp,
    /// SCTP.
    Sctp,
}

/// Where history is seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageStore {
    /// Which store.
    pub mode: MessageStoreMode,
    /// Its address.
    pub url: Option<Uri>,
    /// The user who reads it.
    pub user: Option<String>,
    /// The environment variable that holds his password.
    pub password_env: Option<String>,
}

/// Which message store there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStoreMode {
    /// The tester's own IMAP store.
    TesterImap,
    /// The IMAP store of the target, read by the tester.
    TargetImap,
    /// A RESTful store.
    NmsRest,
    /// None.
    #[default]
    None,
}

/// Who plays a neighbour.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Neighbour {
    /// Who.
    pub mode: Player,
}

/// Who plays a neighbour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Player {
    /// The tester.
    Tester,
    /// The vendor, beside the target.
    Target,
    /// Nobody.
    #[default]
    None,
}

/// Where user data come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HomeSubscriberServer {
    /// The vendor gives them to the target.
    #[default]
    Target,
    /// There are none.
    None,
}

/// Media.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Msrp {
    /// The relay on which the target insists (RFC 4976).
    pub relay: Option<Uri>,
    /// What path attributes say; the address of the actor when missing.
    pub advertise: Option<Host>,
}

/// A host name or an address, for paths; an IPv6 address without brackets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Host(pub String);

impl Host {
    /// The host with a port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> HostPort {
        HostPort { host: self.0.clone(), port }
    }
}

/// Bounds of the target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The most users registered at a time.
    pub registrations: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { registrations: 1_000 }
    }
}
