//! Where orders of interception come from, and who may give them (statement key `li_form`).

use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Interception in the manner of ETSI TS 103 221-1 and -2: orders over X1, what was intercepted over X2 and X3, all over TLS
/// with certificates on both sides.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Interception {
    /// Where X1 is listened on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The own certificate, and behind it those up to an authority, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
    /// The authorities whose certificates administration and mediation bear, in PEM.
    pub ca: PathBuf,
    /// The DNS name in the certificate of who may give orders.
    pub administration: String,
    /// The DNS name in the certificate of who takes what was intercepted; any certificate of the authorities where it is not
    /// said.
    #[serde(default)]
    pub mediation: Option<String>,
    /// Where every order, refusal and interruption of a delivery is written down, a line of JSON each; none for nowhere.
    #[serde(default)]
    pub audit: Option<PathBuf>,
    /// The most tasks at a time.
    #[serde(default = "max_tasks")]
    pub max_tasks: usize,
    /// The most octets that wait for mediation functions that are away.
    #[serde(default = "max_buffered_octets")]
    pub max_buffered_octets: usize,
}

impl Interception {
    /// Orders at this address from who bears this name, with the defaults: for an embedding program that has sockets of its own,
    /// and so needs no certificates.
    pub fn at(listen: SocketAddr, administration: &str) -> Interception {
        Interception {
            listen,
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            ca: PathBuf::new(),
            administration: administration.to_owned(),
            mediation: None,
            audit: None,
            max_tasks: max_tasks(),
            max_buffered_octets: max_buffered_octets(),
        }
    }
}

fn max_tasks() -> usize {
    1000
}

fn max_buffered_octets() -> usize {
    16 * 1024 * 1024
}
