//! Where charging records and questions about credit go, and who is charged how (statement keys `charging_interface` and
//! `charging_failure`).

use super::{milliseconds, optional_milliseconds};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::Duration;

/// The charging server, over Rf and Ro.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ChargingAccess {
    /// Where it is, over TCP.
    pub server: SocketAddr,
    /// Who the function is; `pf.` and the home domain where it is not said.
    #[serde(default)]
    pub origin_host: Option<String>,
    /// Its realm; the home domain where it is not said.
    #[serde(default)]
    pub origin_realm: Option<String>,
    /// The realm of the server; the home domain where it is not said.
    #[serde(default)]
    pub destination_realm: Option<String>,
    /// The server by name, behind a relay that chooses none.
    #[serde(default)]
    pub destination_host: Option<String>,
    /// What becomes of a service about whose credit nobody answers, unless the server has said something else.
    #[serde(default)]
    pub failure: FailureHandling,
    /// How long an answer about credit is awaited (RFC 8506 section 13, Tx).
    #[serde(default = "tx", rename = "tx_ms", deserialize_with = "milliseconds")]
    pub tx: Duration,
    /// After how long a running session is recorded once more; none records changes alone.
    #[serde(default, rename = "interim_ms", deserialize_with = "optional_milliseconds")]
    pub interim: Option<Duration>,
    /// The most records that wait for the server.
    #[serde(default = "max_queued")]
    pub max_queued: usize,
}

impl ChargingAccess {
    /// The server at this address, with the defaults.
    pub fn at(server: SocketAddr) -> ChargingAccess {
        ChargingAccess {
            server,
            origin_host: None,
            origin_realm: None,
            destination_realm: None,
            destination_host: None,
            failure: FailureHandling::default(),
            tx: tx(),
            interim: None,
            max_queued: max_queued(),
        }
    }
}

/// What becomes of a service about whose credit nobody answers (RFC 8506 section 8.14).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FailureHandling {
    /// It is refused, or ends.
    #[default]
    Terminate,
    /// It goes on uncharged.
    Continue,
    /// The server is asked once more first.
    RetryAndTerminate,
}

/// How a user is charged.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Charging {
    /// By records.
    #[default]
    Offline,
    /// By credit.
    Online,
    /// By both.
    Both,
    /// Not at all.
    None,
}

impl Charging {
    /// Whether there are records.
    pub fn is_offline(self) -> bool {
        matches!(self, Charging::Offline | Charging::Both)
    }

    /// Whether there is credit.
    pub fn is_online(self) -> bool {
        matches!(self, Charging::Online | Charging::Both)
    }
}

fn tx() -> Duration {
    Duration::from_secs(1)
}

fn max_queued() -> usize {
    100_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use pretty_assertions::assert_eq;

    const LEAST: &str = "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: 127.0.0.1:5060\n";

    #[test]
    fn charging_speaks_the_words_of_the_statement() {
        let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test").unwrap();
        assert_eq!(read("").charging, None);
        let least = read(
            "charging: {server: '127.0.0.1:3868'}\npolicies: {prepaid: {charging: online}}\n\
                          users: [{prefix: 'sip:prepaid-', policy: prepaid}]\n",
        );
        assert_eq!(least.charging, Some(ChargingAccess::at("127.0.0.1:3868".parse().unwrap())));
        assert_eq!(least.policy("sip:prepaid-1@example.com").charging, Charging::Online);
        assert_eq!(least.policy("sip:bob@example.com").charging, Charging::Offline);
        let words = [
            ("continue", FailureHandling::Continue),
            ("terminate", FailureHandling::Terminate),
            ("retry_and_terminate", FailureHandling::RetryAndTerminate),
        ];
        for (word, meant) in words {
            let whole = format!(
                "charging: {{server: '127.0.0.1:1', origin_host: a.b, origin_realm: b, destination_realm: c, \
                 destination_host: d.c, failure: {word}, tx_ms: 300, interim_ms: 5000, max_queued: 9}}\n"
            );
            let whole = read(&whole).charging.unwrap();
            assert_eq!((whole.failure, whole.interim), (meant, Some(Duration::from_secs(5))));
        }
    }
}
