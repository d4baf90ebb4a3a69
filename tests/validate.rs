//! The validator over what runs of the suite recorded, as a capture that somebody else made: without the names, events and rules
//! that evidence of the suite carries.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

#[path = "../benches/generate/mod.rs"]
mod generate;
mod playing;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use cpm_conformance::evidence::{Record, What, pcapng};
use cpm_conformance::stage::trial::{Subject, Trial};
use cpm_conformance::target::Profile;
use cpm_conformance::validate::{self, Input, Known, Level, Options, Validated};

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("validate").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// All scenarios against the reference of a participating function, or a faulty one.
async fn play(name: &str, subject: Subject) -> PathBuf {
    let folder = folder(name);
    let mut options = playing::virtually(vec![Profile::reference()], 3, 8, &folder);
    options.trial = Trial { subject, ..Trial::default() };
    playing::perform(options).await;
    folder.join("evidence")
}

/// The evidence of a folder as captures of a program that says nothing of what it saw, with the addresses of the target. Where
/// something was malformed on purpose it is left out, for a capture cannot say so.
fn disguised(evidence: &Path) -> Vec<(PathBuf, Vec<SocketAddr>)> {
    let files = std::fs::read_dir(evidence).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "pcapng")).collect();
    files.sort();
    files.iter().filter_map(|path| disguise(path)).collect()
}

fn disguise(path: &Path) -> Option<(PathBuf, Vec<SocketAddr>)> {
    let octets = std::fs::read(path).unwrap();
    let (_, records) = pcapng::read(&octets).unwrap();
    if records.iter().any(|record| matches!(&record.what, What::Octets(octets) if octets.malformed.is_some())) {
        return None;
    }
    let remote = |record: &Record| match &record.what {
        What::Octets(octets) => Some(octets.remote),
        What::Connection(connection) => Some(connection.remote),
        What::Event(_) => None,
    };
    let target: BTreeSet<SocketAddr> = records.iter().filter_map(remote).collect();
    let mark = b"cpm-conformance evidence 1";
    let at = octets.windows(mark.len()).position(|window| window == mark).unwrap();
    let mut plain = octets;
    plain[at..at + mark.len()].copy_from_slice(b"a capture of another progr");
    let disguised = path.with_extension("plain");
    std::fs::write(&disguised, plain).unwrap();
    Some((disguised, target.into_iter().collect()))
}

fn judged(path: &Path, target: Vec<SocketAddr>) -> Validated {
    let known = Some(Known::of(&Profile::reference()));
    validate::validate(&Input::File(path.to_owned()), &Options { target, known, ..Options::default() })
}

fn errors(validated: &Validated) -> Vec<String> {
    let errors = validated.findings.iter().filter(|found| found.level == Level::Error);
    errors.map(|found| format!("{}: {} | {}", found.rule, found.expected, found.observed)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_of_conformant_traffic_shows_no_error_whoever_is_judged() {
    let evidence = play("conformant", Subject::Reference).await;
    let (mut met, mut messages, mut wrong) = (0, 0, Vec::new());
    for (path, target) in disguised(&evidence) {
        let of_target = judged(&path, target);
        let of_all = validate::validate(&Input::File(path.clone()), &Options::default());
        for validated in [&of_target, &of_all] {
            assert_eq!(validated.error, None, "{}", path.display());
            wrong.extend(errors(validated).into_iter().map(|error| format!("{}: {error}", path.display())));
        }
        met += of_target.met.unwrap();
        messages += of_all.count();
    }
    playing::none(&wrong, "conformant traffic");
    println!("{met} rules of requirements met, {messages} messages");
    assert!(met > 200 && messages > 2000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_alone_shows_what_a_faulty_function_does() {
    for (fault, rule) in [
        ("loses-the-last-message", "missed_group_content.complete"),
        ("alters-a-body-octet", "missed_group_content.unchanged"),
        ("mixes-two-groups", "missed_group_content.isolated"),
    ] {
        let evidence = play(fault, Subject::named(fault).unwrap()).await;
        let all: Vec<Validated> =
            disguised(&evidence).into_iter().map(|(path, target)| judged(&path, target)).collect();
        let found = all.iter().flat_map(|validated| &validated.findings);
        let seen = found.filter(|found| found.rule == rule && found.level == Level::Error).count();
        if seen == 0 {
            all.iter().take(2).for_each(|validated| {
                println!("{fault}: {:#?}", (&validated.file, &validated.notes, validated.met, &validated.messages))
            });
        }
        println!("{fault}: {rule} is broken in {seen} captures");
        assert!(seen > 0);
    }
}

#[test]
fn what_is_cut_corrupt_or_none_is_said_clearly_and_the_rest_is_judged() {
    let folder = folder("broken");
    std::fs::create_dir_all(&folder).unwrap();
    let read = |name: &str, octets: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, octets).unwrap();
        validate::validate(&Input::File(path), &Options::default())
    };
    let options = "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\nMax-Forwards: 700\r\n\
        From: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: 1@192.0.2.1\r\nCSeq: 1 OPTIONS\r\n\
        Content-Length: 0\r\n\r\n";
    let lone = read("options.sip", options.as_bytes());
    assert_eq!((errors(&lone).len(), lone.count(), lone.error), (1, 1, None));
    let another = options.replace("z9hG4bKa", "z9hG4bKb").replace("Call-ID: 1", "Call-ID: 2");
    let capture = pcap(&[options, &another]);
    assert_eq!(errors(&read("two.pcap", &capture)).len(), 2);
    let cut = read("cut.pcap", &capture[..capture.len() - 5]);
    assert_eq!((errors(&cut).len(), cut.count()), (1, 1));
    let why = cut.error.unwrap();
    assert!(why.contains("cut"), "{why}");
    for (name, octets) in
        [("nothing", &b""[..]), ("prose", b"Dear all,\nhello\n"), ("binary", &[7; 4000]), ("gzip", &[0x1f, 0x8b, 8, 0])]
    {
        let none = read(name, octets);
        assert!(none.is_unreadable() && none.error.is_some(), "{name}: {none:?}");
    }
    let missing = validate::validate(&Input::File(folder.join("missing")), &Options::default());
    assert!(missing.error.unwrap().contains("No such file"));
}

/// What is told of a file, on so many threads.
fn told(path: &Path, threads: usize) -> String {
    let options = Options { threads: Some(threads), ..Options::default() };
    validate::json(&[validate::validate(&Input::File(path.to_owned()), &options)]).to_string()
}

/// The same capture with octets of its texts altered, at places that a seed tells.
fn altered(octets: &[u8], mut seed: u64) -> Vec<u8> {
    let mut altered = octets.to_vec();
    for _ in 0..octets.len() / 500 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = (seed >> 33) as usize % octets.len();
        let text = place > 24 && octets[place - 8..].iter().take(16).all(|octet| (b'\r'..0x7f).contains(octet));
        if text {
            altered[place] = b";:<@ \"/,=%x0"[(seed >> 20) as usize % 12];
        }
    }
    altered
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thread_and_several_come_to_the_same_to_the_octet() {
    let evidence = play("threads", Subject::named("alters-a-body-octet").unwrap()).await;
    let mut files: Vec<PathBuf> = disguised(&evidence).into_iter().map(|(path, _)| path).collect();
    let mut generated = Vec::new();
    generate::generate(&mut generated, 6000).unwrap();
    for (name, octets) in [("generated", generated.clone()), ("altered", altered(&generated, 7))] {
        files.push(evidence.join(name));
        std::fs::write(files.last().unwrap(), octets).unwrap();
    }
    let mut findings = 0;
    for file in files {
        let one = told(&file, 1);
        findings += one.matches("\"observed\"").count();
        for threads in [2, 3, 5] {
            assert_eq!(one, told(&file, threads), "{} on {threads} threads", file.display());
        }
    }
    println!("{findings} findings");
    assert!(findings > 500, "{findings} findings");
}

/// A `.pcap` of raw IPv4 with these datagrams.
fn pcap(messages: &[&str]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(word.to_le_bytes());
    }
    for message in messages {
        let total = 28 + message.len();
        let length = |octets: usize| u16::try_from(octets).unwrap().to_be_bytes();
        for word in [0, 0, u32::try_from(total).unwrap(), u32::try_from(total).unwrap()] {
            file.extend(word.to_le_bytes());
        }
        file.extend([0x45, 0]);
        file.extend(length(total));
        file.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        file.extend([0x13, 0xc4, 0x13, 0xc4]);
        file.extend(length(8 + message.len()));
        file.extend([0, 0]);
        file.extend(message.as_bytes());
    }
    file
}
