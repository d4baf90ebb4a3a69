//! The test messages of RFC 4475 before the base rules: what is well formed is called so, what is not is found where it
//! stands. They are read from the folder that CPM_RFC4475 names; without it the tests say that they are skipped.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use cpm_conformance::evidence::{Direction, Octets, Protocol, Record, Transport, What};
use cpm_conformance::rules::base::{Checker, Judged};
use cpm_conformance::verdict::{Finding, FindingVerdict};
use cpm_wire::time::Time;

/// Rules that ask for more than a message by itself can show.
const BEYOND_THE_MESSAGE: [&str; 1] = ["base.sip.response_unasked"];
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

/// A message and what is found in it, alone.
fn judged(folder: &Path, name: &str) -> (Bytes, Vec<Finding>) {
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
            octets: octets.clone(),
            malformed: None,
        }),
    };
    let mut found = Checker::new(Judged::Both).observe(1, &record);
    found.retain(|finding| !BEYOND_THE_MESSAGE.contains(&finding.rule.as_str()));
    (octets, found)
}

/// The malformed messages, a rule that each breaks, and the text at fault: a finding covers it.
const INVALID: [(&str, &str, &str); 22] = [
    ("badinv01", "base.sip.via", ";"),
    ("badinv01", "base.sip.address", ";"),
    ("clerr", "base.sip.message", "v=0"),
    ("ncl", "base.sip.content_length", "-999"),
    ("scalar02", "base.sip.cseq", "36893488147419103232"),
    ("scalar02", "base.sip.expires", "1000000000000000"),
    ("scalarlg", "base.sip.warning", "1812"),
    ("scalarlg", "base.sip.expires", "949302838503028349304023988"),
    ("quotbal", "base.sip.address", "\"Mr. J. User"),
    ("ltgtruri", "base.sip.message", "<sip:user@example.com>"),
    ("lwsruri", "base.sip.message", "; lr"),
    ("lwsstart", "base.sip.message", "INVITE  sip"),
    ("trws", "base.sip.message", "SIP/2.0  "),
    ("escruri", "base.sip.start_line", "?Route="),
    ("baddate", "base.sip.date", "EST"),
    ("regbadct", "base.sip.address", "?Route="),
    ("badaspec", "base.sip.address", " sip"),
    ("baddn", "base.sip.address", "Bell,"),
    ("badvers", "base.sip.message", "SIP/7.0"),
    ("mismatch01", "base.sip.cseq", "8 INVITE"),
    ("mismatch02", "base.sip.cseq", "8 INVITE"),
    ("bigcode", "base.sip.message", "4294967301"),
];

/// What is found in messages that are well formed and wrong for another reason; the others of their kind ask for an
/// answer, and break nothing. An element of RFC 2543 knew no Max-Forwards and no tag that must be there.
const SEMANTIC: [(&str, &[&str]); 5] = [
    ("badbranch", &["base.sip.branch"]),
    ("insuf", &["base.sip.contact", "base.sip.mandatory_header"]),
    ("multi01", &["base.sip.contact", "base.sip.repeated_header"]),
    ("mcl01", &["base.sip.repeated_header"]),
    ("inv2543", &["base.sip.branch_cookie", "base.sip.contact", "base.sip.from_tag", "base.sip.mandatory_header"]),
];

#[test]
fn what_is_well_formed_is_called_so() {
    let Some(folder) = folder() else { return };
    for name in &expected(&folder)["valid"] {
        let (_, mut found) = judged(&folder, name);
        found.retain(|finding| finding.verdict != FindingVerdict::Warning);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn what_is_malformed_is_found_where_it_stands() {
    let Some(folder) = folder() else { return };
    for (name, rule, text) in INVALID {
        let (octets, found) = judged(&folder, name);
        let covers = |finding: &Finding| {
            let (start, end) = finding.octets.unwrap_or_default();
            finding.rule == rule
                && finding.verdict == FindingVerdict::Fail
                && octets[start..end].windows(text.len()).any(|octets| octets == text.as_bytes())
        };
        assert!(found.iter().any(covers), "{name}: {rule} at {text:?} is not among {found:?}");
    }
    let told: BTreeSet<&str> = INVALID.iter().map(|(name, ..)| *name).collect();
    let all = expected(&folder);
    assert_eq!(told, all["invalid"].iter().map(String::as_str).collect());
}

#[test]
fn what_is_wrong_for_another_reason_is_read() {
    let Some(folder) = folder() else { return };
    let due: BTreeMap<&str, &[&str]> = BTreeMap::from(SEMANTIC);
    for name in &expected(&folder)["semantic"] {
        let (_, found) = judged(&folder, name);
        let rules: BTreeSet<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
        let due: BTreeSet<&str> = due.get(name.as_str()).copied().unwrap_or_default().iter().copied().collect();
        assert_eq!(rules, due, "{name}");
    }
}
