//! The test messages of RFC 4475 before the base rules: what is well formed is called so, what is not is found. They
//! are read from the folder that CPM_RFC4475 names; without it the tests say that they are skipped.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use cpm_conformance::evidence::{Direction, Octets, Protocol, Record, Transport, What};
use cpm_conformance::rules::base::{Checker, Judged};
use cpm_conformance::verdict::FindingVerdict;
use cpm_wire::time::Time;

/// Rules that ask for more than a message by itself can show.
const BEYOND_THE_MESSAGE: [&str; 1] = ["base.sip.response_unasked"];
/// What well-formed test messages break all the same: a MESSAGE has a Contact, a topmost Via is one of RFC 2543.
const KNOWN: [(&str, &str); 3] =
    [("longreq", "base.sip.branch"), ("mpart01", "base.sip.contact_in_message"), ("wsinv", "base.sip.branch")];

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CPM_RFC4475").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: CPM_RFC4475 names no folder with the messages of RFC 4475");
    }
    folder
}

/// The names of the messages by what they are.
fn expected(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(folder.join("expected.yaml")).unwrap();
    let kinds = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
    let names = |list: &str| list.trim().trim_matches(['[', ']']).split(", ").map(str::to_owned).collect();
    kinds.map(|(kind, list)| (kind.to_owned(), names(list))).collect()
}

/// The rules that a message fails.
fn failed(folder: &Path, name: &str) -> Vec<String> {
    let octets = Bytes::from(std::fs::read(folder.join(format!("{name}.dat"))).unwrap());
    let text = String::from_utf8_lossy(&octets).into_owned();
    let via = text.lines().find(|line| line.to_ascii_lowercase().starts_with("via") || line.starts_with("v:"));
    let stream = via.is_some_and(|via| via.contains("/TCP") || via.contains("/TLS"));
    let record = Record {
        at: Time::ZERO,
        what: What::Octets(Octets {
            actor: Arc::from("serving_cscf"),
            step: 0,
            protocol: Protocol::Sip,
            transport: if stream { Transport::Tcp } else { Transport::Udp },
            direction: Direction::Received,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.2:5060".parse().unwrap(),
            connection: stream.then_some(1),
            octets,
            malformed: None,
        }),
    };
    let found = Checker::new(Judged::Both).observe(1, &record).into_iter();
    let fails = found.filter(|finding| finding.verdict == FindingVerdict::Fail).map(|finding| finding.rule);
    fails.filter(|rule| !BEYOND_THE_MESSAGE.contains(&rule.as_str())).collect()
}

#[test]
fn what_is_well_formed_is_called_so() {
    let Some(folder) = folder() else { return };
    for name in &expected(&folder)["valid"] {
        let known = |rule: &String| KNOWN.contains(&(name.as_str(), rule.as_str()));
        let odd: Vec<String> = failed(&folder, name).into_iter().filter(|rule| !known(rule)).collect();
        assert!(odd.is_empty(), "{name}: {odd:?}");
    }
    for (name, rule) in KNOWN {
        assert!(failed(&folder, name).iter().any(|failed| failed == rule), "{name} does not break {rule} any more");
    }
}

#[test]
fn what_is_malformed_is_found() {
    let Some(folder) = folder() else { return };
    for name in &expected(&folder)["invalid"] {
        assert!(!failed(&folder, name).is_empty(), "{name}: nothing was found");
    }
}
