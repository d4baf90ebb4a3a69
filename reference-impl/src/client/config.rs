//! The configuration of the reference client, read from a YAML file.
//!
//! Units stand in the keys (`_ms`); inside there are [`Duration`]s. An unknown key is refused, so that a misspelt one never
//! goes by unnoticed.

use crate::config::{ConfigError, milliseconds, parse, text_of};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
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
    /// Where the user is told what to do and asked what is seen, by HTTP; none for nowhere.
    #[serde(default)]
    pub control: Option<SocketAddr>,
    /// Where every request goes first.
    pub outbound_proxy: SocketAddr,
    /// The conference factory.
    pub factory: String,
    /// The users of this process, each with one device.
    pub users: Vec<User>,
    /// Register at once and stay registered, without being told.
    #[serde(default)]
    pub register_at_start: bool,
    /// How long after a failure the client registers again.
    #[serde(default = "one_second", rename = "retry_ms", deserialize_with = "milliseconds")]
    pub retry: Duration,
    /// The timer T1 of RFC 3261.
    #[serde(default = "half_a_second", rename = "t1_ms", deserialize_with = "milliseconds")]
    pub t1: Duration,
    /// How long a SEND may stay unanswered (RFC 4975 section 7.1: 30 s).
    #[serde(default = "thirty_seconds", rename = "msrp_response_ms", deserialize_with = "milliseconds")]
    pub msrp_response: Duration,
    /// How an offer to receive alone is answered.
    #[serde(default)]
    pub drain_answer: DrainAnswer,
    /// Sessions with stored notifications are accepted without the user.
    #[serde(default = "yes")]
    pub stored_notifications: bool,
    /// Lists before the final one are kept as history.
    #[serde(default = "yes")]
    pub intermediate_lists: bool,
    /// Rejoin by itself when a delivery has ended and the chat goes on.
    #[serde(default)]
    pub rejoin_after_drain: bool,
}

/// One user and the device.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The public identity.
    pub identity: String,
    /// The telephone identity.
    #[serde(default)]
    pub tel: Option<String>,
    /// What the user calls the device.
    pub device: String,
    /// The `+sip.instance` of the device, a URN.
    pub instance: String,
}

/// How an offer in which the peer alone sends is answered (RFC 3264 section 6.1 allows the first; the others are seen).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum DrainAnswer {
    /// `a=recvonly`
    #[default]
    Recvonly,
    /// `a=sendrecv`
    Sendrecv,
    /// The direction of the offer.
    Mirror,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        Config::from_yaml(&text_of(path)?, &path.display().to_string())
    }

    /// Reads a text; `name` stands for it in errors.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn from_yaml(text: &str, name: &str) -> Result<Config, ConfigError> {
        parse(text, name)
    }
}

const fn yes() -> bool {
    true
}

const fn one_second() -> Duration {
    Duration::from_secs(1)
}

const fn half_a_second() -> Duration {
    Duration::from_millis(500)
}

const fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}
