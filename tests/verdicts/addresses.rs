//! Whole runs over IPv6 and over TCP: the same verdicts as over IPv4 and UDP, whatever is beneath SIP and MSRP.

use crate::playing::{none, perform, references, troubles, virtually};
use cpm_conformance::evidence::{self, Direction, Octets, What, pcapng};
use cpm_conformance::stage::trial::Trial;
use cpm_conformance::target::address::Transport;
use cpm_conformance::verdict::Outcome;
use pretty_assertions::assert_eq;
use std::path::Path;

/// Runs everything in a virtual world of this version of IP, with this transport tried first.
async fn all_pass(ipv6: bool, transport: Transport) {
    let mut profiles = references();
    profiles.iter_mut().for_each(|profile| profile.network.target.transport = transport);
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(profiles, 1, 16, folder.path());
    options.trial = Trial { ipv6, ..Trial::default() };
    let results = perform(options).await;
    none(&troubles(&results), &format!("IPv6: {ipv6}, {transport:?}"));
    assert!(results.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Pass).count() > 70);
    let sent = octets_in(&folder.path().join("evidence"));
    assert!(sent.len() > 1_000);
    assert!(sent.iter().all(|octets| octets.local.is_ipv6() == ipv6 && octets.remote.is_ipv6() == ipv6));
    // The target answers as it was asked, and chooses for itself what its own requests go by.
    let asked = |octets: &&Octets| {
        octets.protocol == evidence::Protocol::Sip
            && octets.direction == Direction::Sent
            && !octets.octets.starts_with(b"SIP/2.0 ")
    };
    let by_tcp = |octets: &Octets| octets.transport == evidence::Transport::Tcp;
    assert_eq!(sent.iter().filter(asked).all(by_tcp), transport == Transport::Tcp);
}

/// All that crossed the network in a run.
fn octets_in(folder: &Path) -> Vec<Octets> {
    let files = std::fs::read_dir(folder).unwrap();
    let read = files.map(|file| pcapng::read(&std::fs::read(file.unwrap().path()).unwrap()).unwrap());
    let records = read.flat_map(|(_, records)| records);
    records
        .filter_map(|record| match record.what {
            What::Octets(octets) => Some(octets),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_ipv6() {
    all_pass(true, Transport::Udp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tcp() {
    all_pass(false, Transport::Tcp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_ipv6_and_tcp() {
    all_pass(true, Transport::Tcp).await;
}
