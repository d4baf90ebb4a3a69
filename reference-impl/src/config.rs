//! The configuration of one participating function, read from a YAML file.
//!
//! Units stand in the keys (`_ms`, `_octets`); inside there are [`Duration`]s. An unknown key is refused, so that a
//! misspelt one never goes by unnoticed.

mod charging;
mod deferring;
mod delivery;
mod devices;
mod history;
mod interception;
mod interworking;
mod media;
mod messages;
mod policy;
mod preferences;
mod presence;
mod standing_in;

pub use charging::{Charging, ChargingAccess, FailureHandling};
pub use deferring::{DeferredDelivery, Deferring, ExpiryCarrier};
pub use delivery::{
    Delivery, DeviceMode, DrainDevices, FinalList, Identity, Intermediate, InviteList, NotificationPath, Order,
    Reports, Shape,
};
pub use devices::{Continuity, SixXx};
pub use history::HistoryRequest;
pub use interception::Interception;
pub use interworking::{Interworking, OfflinePrecedence};
pub use policy::{Policy, PolicyOfUsers, QuotaConduct};
pub use presence::{PresenceConduct, WhenGone};
pub use standing_in::Absence;

pub use media::{MediaConduct, MediaControl, MediaPath};
pub use messages::{DeferralRequest, OverPagerLimit};
pub use preferences::{BlockedContent, HiddenFrom, Medium, NoRoot, PreferencesAccess, Preset, XcapRoot};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The whole configuration.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The home domain.
    pub domain: String,
    /// Where SIP is listened on, over UDP and TCP; port 0 takes a free one.
    pub sip: SocketAddr,
    /// Where MSRP is listened on; port 0 takes a free one.
    pub msrp: SocketAddr,
    /// The serving CSCF that requests of the function's own go to.
    pub serving_cscf: SocketAddr,
    /// The file of the store; none keeps everything in memory.
    #[serde(default)]
    pub store: Option<PathBuf>,
    /// The timer T1 of RFC 3261.
    #[serde(default = "default::t1", rename = "t1_ms", deserialize_with = "milliseconds")]
    pub t1: Duration,
    /// Upon what the function stands in for a user who takes no part. Otherwise the focus gets the refusal.
    #[serde(default = "default::stand_in_on")]
    pub stand_in_on: Vec<Absence>,
    /// How long a device may ring before it counts as one that does not answer.
    #[serde(default = "default::no_answer", rename = "no_answer_ms", deserialize_with = "milliseconds")]
    pub no_answer: Duration,
    /// How long a SEND may stay unanswered (RFC 4975 section 7.1: 30 s).
    #[serde(default = "default::msrp_response", rename = "msrp_response_ms", deserialize_with = "milliseconds")]
    pub msrp_response: Duration,
    /// How long a refused drain waits for its first retry; each further wait is twice as long.
    #[serde(default = "default::retry", rename = "retry_ms", deserialize_with = "milliseconds")]
    pub retry: Duration,
    /// How often a refused drain is retried before the next trigger.
    #[serde(default = "default::drain_retries")]
    pub drain_retries: u32,
    /// How long the drain of an ended chat waits, once complete, for reports that were asked for.
    #[serde(default = "default::linger", rename = "linger_ms", deserialize_with = "milliseconds")]
    pub linger: Duration,
    /// How what was missed is delivered.
    #[serde(default)]
    pub delivery: Delivery,
    /// What becomes of messages that cannot be delivered now.
    #[serde(default)]
    pub deferred: Deferring,
    /// The media of sessions between two.
    #[serde(default)]
    pub media: MediaConduct,
    /// How long a device that takes what it missed is given to ask for the list of participants.
    #[serde(default = "default::subscribe_wait", rename = "subscribe_wait_ms", deserialize_with = "milliseconds")]
    pub subscribe_wait: Duration,
    /// How long what one device has drained is kept for the others, and an ended chat for its list.
    #[serde(default = "default::other_devices", rename = "other_devices_ms", deserialize_with = "milliseconds")]
    pub other_devices: Duration,
    /// How long an undelivered item is kept, unless a policy says otherwise; none keeps it for ever.
    #[serde(default, rename = "retention_ms", deserialize_with = "optional_milliseconds")]
    pub retention: Option<Duration>,
    /// The most sessions of all users at a time, of two and of chats, each with however many legs; one more is refused.
    #[serde(default = "default::max_sessions")]
    pub max_sessions: usize,
    /// The most sessions of two at a time that one user may have; none sets no bound (statement key `max_sessions`).
    #[serde(default)]
    pub max_sessions_per_user: Option<usize>,
    /// The most messages of all users that are under way at a time, in pager mode; one more is refused.
    #[serde(default = "default::max_messages")]
    pub max_messages: usize,
    /// Octets of the largest content of a MESSAGE, with its envelope; none sets no limit (statement key of the same name).
    #[serde(default = "default::max_pager_octets")]
    pub max_pager_octets: Option<usize>,
    /// What becomes of a larger one.
    #[serde(default)]
    pub over_pager_limit: OverPagerLimit,
    /// The SIP URI of the exploder that messages to a list go to; none where the function explodes them.
    #[serde(default)]
    pub exploder: Option<String>,
    /// How a message is asked to be deferred.
    #[serde(default = "default::deferral_request")]
    pub deferral_request: Vec<DeferralRequest>,
    /// Whether sessions have a timer (RFC 4028).
    #[serde(default = "default::session_timer")]
    pub session_timer: bool,
    /// What becomes of an invitation that names no conversation or no contribution.
    #[serde(default)]
    pub missing_ids: MissingIds,
    /// What a 6xx of one device does to the others.
    #[serde(default)]
    pub six_xx: SixXx,
    /// How sessions may move between the devices of a user.
    #[serde(default = "default::continuity")]
    pub continuity: Vec<Continuity>,
    /// Where the operator has sessions ended, over HTTP; none for nowhere. Port 0 takes a free one.
    #[serde(default)]
    pub control: Option<SocketAddr>,
    /// The message store of the users; only where their history, or lists of participants, are kept there.
    #[serde(default)]
    pub message_store: Option<MessageStoreAccess>,
    /// The document server of the users' preferences, if there is one.
    #[serde(default)]
    pub preferences: Option<PreferencesAccess>,
    /// The charging server; without one nobody is charged.
    #[serde(default)]
    pub charging: Option<ChargingAccess>,
    /// Whether a user who has blocked an author is still given what that author had said before.
    #[serde(default)]
    pub blocked_content: BlockedContent,
    /// What becomes of the From of a user who is to be hidden.
    #[serde(default)]
    pub hidden_from: HiddenFrom,
    /// The interworking function; none where nothing is interworked.
    #[serde(default)]
    pub interworking: Option<Interworking>,
    /// How the function takes part in the presence of users; none where it does not.
    #[serde(default)]
    pub presence: Option<PresenceConduct>,
    /// How the history of a conversation is asked to be kept.
    #[serde(default = "default::history_request")]
    pub history_request: Vec<HistoryRequest>,
    /// Interception on lawful order; none where there is none.
    #[serde(default)]
    pub interception: Option<Interception>,
    /// What is tried first for a recipient who is offline.
    #[serde(default)]
    pub offline_precedence: OfflinePrecedence,
    /// The provider's policies by name.
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// Which users have which policy: the first prefix that fits a public identity counts.
    #[serde(default)]
    pub users: Vec<PolicyOfUsers>,
    /// The policy of all other users.
    #[serde(default = "default::policy")]
    pub default_policy: String,
}

/// What becomes of an invitation that names no conversation or no contribution (statement key `missing_ids`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum MissingIds {
    /// It is refused.
    #[default]
    #[serde(rename = "refuse_4xx")]
    Refuse,
    /// What is missing is made here.
    Insert,
    /// It goes on as it is.
    PassOn,
}

/// How the message store of the users is reached (IMAP4rev1).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MessageStoreAccess {
    /// Where it is.
    pub address: SocketAddr,
    /// The name to log in with. `{user}` in it stands for the user on whose behalf the function acts; without it the
    /// store knows the function alone, and its folders are those of all users.
    pub user: String,
    /// The environment variable that holds the password; none is an empty password.
    #[serde(default)]
    pub password_env: Option<String>,
}

impl MessageStoreAccess {
    /// The password.
    pub fn password(&self) -> String {
        self.password_env.as_ref().and_then(|name| std::env::var(name).ok()).unwrap_or_default()
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The text is not a configuration.
    #[error("{place}:{line}:{column}: {message}")]
    Text {
        /// The file.
        place: String,
        /// Line, from 1; 0 when unknown.
        line: usize,
        /// Column, from 1; 0 when unknown.
        column: usize,
        /// What is wrong.
        message: String,
    },
}

impl Config {
    /// Reads a configuration file.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        Config::from_yaml(&text_of(path)?, &path.display().to_string())
    }

    /// Reads a configuration from text; `place` names it in errors.
    pub fn from_yaml(text: &str, place: &str) -> Result<Config, ConfigError> {
        let config: Config = parse(text, place)?;
        config.check(place)?;
        Ok(config)
    }

    /// A configuration with the defaults, at these addresses: for tests and for an embedding program.
    pub fn at(sip: SocketAddr, msrp: SocketAddr, serving_cscf: SocketAddr) -> Config {
        Config {
            domain: "example.com".to_owned(),
            sip,
            msrp,
            serving_cscf,
            store: None,
            t1: default::t1(),
            stand_in_on: default::stand_in_on(),
            no_answer: default::no_answer(),
            msrp_response: default::msrp_response(),
            retry: default::retry(),
            drain_retries: default::drain_retries(),
            linger: default::linger(),
            delivery: Delivery::default(),
            deferred: Deferring::default(),
            media: MediaConduct::default(),
            subscribe_wait: default::subscribe_wait(),
            other_devices: default::other_devices(),
            retention: None,
            max_sessions: default::max_sessions(),
            max_sessions_per_user: None,
            max_messages: default::max_messages(),
            max_pager_octets: default::max_pager_octets(),
            over_pager_limit: OverPagerLimit::default(),
            exploder: None,
            deferral_request: default::deferral_request(),
            session_timer: default::session_timer(),
            missing_ids: MissingIds::default(),
            six_xx: SixXx::default(),
            continuity: default::continuity(),
            control: None,
            message_store: None,
            preferences: None,
            charging: None,
            blocked_content: BlockedContent::default(),
            hidden_from: HiddenFrom::default(),
            interworking: None,
            presence: None,
            interception: None,
            history_request: default::history_request(),
            offline_precedence: OfflinePrecedence::default(),
            policies: BTreeMap::new(),
            users: Vec::new(),
            default_policy: default::policy(),
        }
    }

    fn check(&self, place: &str) -> Result<(), ConfigError> {
        let mut named = self.users.iter().map(|user| &user.policy).chain([&self.default_policy]);
        match named.find(|name| !self.policies.contains_key(*name) && **name != default::policy()) {
            None => Ok(()),
            Some(name) => Err(ConfigError::Text {
                place: place.to_owned(),
                line: 0,
                column: 0,
                message: format!("policy {name:?} is not among policies"),
            }),
        }
    }
}

mod default {
    use super::{Absence, Continuity, DeferralRequest, HistoryRequest};
    use std::time::Duration;

    pub fn t1() -> Duration {
        Duration::from_millis(500)
    }
    pub fn stand_in_on() -> Vec<Absence> {
        vec![Absence::Offline, Absence::NoAnswer, Absence::FocusCancel, Absence::Unavailable, Absence::Timeout]
    }
    pub fn no_answer() -> Duration {
        Duration::from_secs(30)
    }
    pub fn msrp_response() -> Duration {
        Duration::from_secs(30)
    }
    pub fn retry() -> Duration {
        Duration::from_secs(10)
    }
    pub fn drain_retries() -> u32 {
        3
    }
    pub fn linger() -> Duration {
        Duration::from_millis(500)
    }
    pub fn subscribe_wait() -> Duration {
        Duration::from_millis(300)
    }
    pub fn other_devices() -> Duration {
        Duration::from_secs(86_400)
    }
    pub fn max_sessions() -> usize {
        100_000
    }
    pub fn max_messages() -> usize {
        100_000
    }
    pub fn max_pager_octets() -> Option<usize> {
        Some(1300)
    }
    pub fn deferral_request() -> Vec<DeferralRequest> {
        vec![DeferralRequest::RecipientSetting]
    }
    pub fn history_request() -> Vec<HistoryRequest> {
        vec![HistoryRequest::RecipientSetting]
    }
    pub fn session_timer() -> bool {
        true
    }
    pub fn continuity() -> Vec<Continuity> {
        vec![Continuity::Replaces, Continuity::SameContribution]
    }
    pub fn policy() -> String {
        "plain".to_owned()
    }
}

/// The text of a configuration file.
pub(crate) fn text_of(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_path_buf(), source })
}

/// Reads a configuration from text; `place` names it in errors.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(text: &str, place: &str) -> Result<T, ConfigError> {
    serde_yaml::from_str(text).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
        ConfigError::Text { place: place.to_owned(), line, column, message: error.to_string() }
    })
}

pub(crate) fn milliseconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_millis)
}

fn optional_milliseconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    Option::<u64>::deserialize(from).map(|some| some.map(Duration::from_millis))
}

#[cfg(test)]
mod tests;
