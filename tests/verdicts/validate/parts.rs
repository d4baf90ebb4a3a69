//! Parts of captures of conformant traffic: whatever is not there, nobody is accused of it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cpm_conformance::actors::ids::Ids;
use cpm_conformance::stage::trial::{Subject, Trial};
use cpm_conformance::validate::{self, Input, Level, Options};

use super::{disguised, errors, judged, perform};
use crate::playing;

/// The protocol of a packet that is a segment of TCP.
const TCP: u8 = 6;

/// The packets of a capture from one tenth of it to another.
fn tenths(octets: &[u8], kept: std::ops::Range<usize>) -> Vec<u8> {
    picked(octets, |number, packets, _| (packets * kept.start / 10..packets * kept.end / 10).contains(&number))
}

/// The packets of a capture without those of MSRP: the connections of the others are at their ports.
fn signalling(octets: &[u8]) -> Vec<u8> {
    let of_sip =
        |ports: &[u8]| ports.chunks(2).any(|port| [5060, 5070].contains(&u16::from_be_bytes([port[0], port[1]])));
    picked(octets, |_, _, packet| packet[0] != 0x45 || packet[9] != TCP || of_sip(&packet[20..24]))
}

/// Those packets of a capture that are wanted, by number, of how many, and octets.
fn picked(octets: &[u8], mut wanted: impl FnMut(usize, usize, &[u8]) -> bool) -> Vec<u8> {
    const PACKET: u32 = 6;
    /// What stands before the octets of a packet.
    const HEAD: usize = 28;
    let word = |at: usize| u32::from_le_bytes(octets[at..at + 4].try_into().unwrap());
    let mut places = Vec::new();
    let mut at = 0;
    while at < octets.len() {
        places.push(at..at + word(at + 4) as usize);
        at = places.last().unwrap().end;
    }
    let packets = places.iter().filter(|place| word(place.start) == PACKET).count();
    let mut packet = 0;
    let mut part = Vec::new();
    for place in places {
        let is_packet = word(place.start) == PACKET;
        if !is_packet || wanted(packet, packets, &octets[place.start + HEAD..place.end]) {
            part.extend_from_slice(&octets[place]);
        }
        packet += usize::from(is_packet);
    }
    part
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_capture_accuses_nobody_whom_the_whole_does_not() {
    let clean = perform("parts", "TP-PF-", Trial::default()).await;
    let mut parts = 0;
    let mut check = |evidence: &Path| {
        let mut wrong = Vec::new();
        for (number, (path, target)) in disguised(evidence).into_iter().enumerate() {
            let octets = std::fs::read(&path).unwrap();
            let named = |part: &[u8]| {
                let file = path.with_extension("part");
                std::fs::write(&file, part).unwrap();
                let found = judged(&file, target.clone()).findings.into_iter();
                let errors = found.filter(|found| found.level == Level::Error);
                errors.map(|found| (found.rule, found.expected)).collect::<BTreeSet<(String, String)>>()
            };
            let whole = named(&octets);
            // Each capture is cut in some places, so that all together are cut in all.
            let cuts = (1..10).filter(|cut| (number + cut).is_multiple_of(6));
            let cut = cuts.flat_map(|cut| [tenths(&octets, 0..cut), tenths(&octets, cut..10)]);
            for part in cut.chain([signalling(&octets)]) {
                parts += 1;
                let part = named(&part);
                let more = part.difference(&whole).filter(|(rule, _)| !rule.starts_with("base."));
                wrong.extend(more.map(|error| format!("{}, part {parts}: {error:?}", path.display())));
            }
        }
        playing::none(&wrong, "parts of captures");
    };
    check(&clean);
    for (fault, scenarios) in
        [("keeps-the-end-to-itself", "SES-01-04"), ("loses-second-parts", "SES-05-04"), ("goes-on-ringing", "DEV-01")]
    {
        let trial = Trial { subject: Subject::named(fault).unwrap(), ..Trial::default() };
        check(&perform(&format!("parts-{fault}"), scenarios, trial).await);
    }
    println!("{parts} parts");
    assert!(parts > 300);
}

/// What a capture lacks: one packet, or the rest of a connection from one of its packets on.
#[derive(Clone, Copy, Debug)]
enum Lacks {
    Packet(usize),
    Rest(usize),
}

/// The two ends of the connection that a packet belongs to; none if it is a datagram, or nothing of IP.
fn connection(packet: &[u8]) -> Option<BTreeSet<Vec<u8>>> {
    (packet[0] == 0x45 && packet[9] == TCP).then(|| {
        [[&packet[12..16], &packet[20..22]], [&packet[16..20], &packet[22..24]]].map(|end| end.concat()).into()
    })
}

/// Everything that can be left out of a capture. That a connection which goes on says nothing more is no part of it: what does not
/// come there looks the same.
fn all_lacks(octets: &[u8]) -> Vec<Lacks> {
    const FIN_OR_RST: u8 = 0b101;
    let (mut all, mut ends) = (Vec::new(), Vec::new());
    picked(octets, |number, _, packet| {
        let connection = connection(packet);
        if packet[0] == 0x45 {
            all.push((Lacks::Packet(number), None));
        }
        if connection.is_some() {
            ends.extend(connection.clone().filter(|_| packet[33] & FIN_OR_RST != 0));
            all.push((Lacks::Rest(number), connection));
        }
        false
    });
    let may = |of: &Option<BTreeSet<Vec<u8>>>| of.as_ref().is_none_or(|connection| ends.contains(connection));
    all.into_iter().filter(|(_, of)| may(of)).map(|(lacks, _)| lacks).collect()
}

/// The capture without that.
fn without(octets: &[u8], lacks: Lacks) -> Vec<u8> {
    let mut gone = None;
    picked(octets, |number, _, packet| match lacks {
        Lacks::Packet(lost) => number != lost,
        Lacks::Rest(from) => {
            if number == from {
                gone = connection(packet);
            }
            gone.is_none() || connection(packet) != gone
        }
    })
}

/// What of a capture is wrong: of the target by all rules, of everybody by the base rules; and how often it meets a requirement.
fn wrong(file: &Path, target: &[SocketAddr]) -> (Vec<String>, usize) {
    let base_rules = Options { threads: Some(1), ..Options::default() };
    let of_everybody = validate::validate(&Input::File(file.to_owned()), &base_rules);
    let of_target = judged(file, target.to_vec());
    let met = of_target.met().unwrap_or_default();
    (errors(&of_target).into_iter().chain(errors(&of_everybody)).collect(), met)
}

/// One of so many parts is looked at, if not all are.
const ONE_OF: u64 = 25;

#[tokio::test(flavor = "multi_thread")]
async fn a_single_packet_that_is_not_there_is_held_against_nobody() {
    let evidence = perform("single", ".", Trial::default()).await;
    let mut chance = Ids::new("", 5);
    let mut drawn = || playing::whole() || chance.bits().is_multiple_of(ONE_OF);
    let parts = disguised(&evidence).into_iter().flat_map(|(path, target)| {
        let lacks = all_lacks(&std::fs::read(&path).unwrap()).into_iter();
        lacks.filter(|_| drawn()).map(move |lacks| (path.clone(), target.clone(), lacks)).collect::<Vec<_>>()
    });
    let parts: Vec<(PathBuf, Vec<SocketAddr>, Lacks)> = parts.collect();
    let (next, met, found) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = |number: usize| {
        while let Some((path, target, lacks)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = path.with_extension(format!("part{number}"));
            std::fs::write(&file, without(&std::fs::read(path).unwrap(), *lacks)).unwrap();
            let (wrong, requirements) = wrong(&file, target);
            met.fetch_add(requirements, Ordering::Relaxed);
            found.lock().unwrap().extend(wrong.iter().map(|wrong| format!("{} {lacks:?}: {wrong}", path.display())));
        }
    };
    let work = &work;
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|number| drop(scope.spawn(move || work(number))));
    });
    let (parts, met) = (parts.len(), met.into_inner());
    println!("{parts} parts, {met} rules of requirements met in them");
    playing::none(&found.into_inner().unwrap(), "a capture that lacks something");
    assert!(parts > 300 && met > 3 * parts);
}
