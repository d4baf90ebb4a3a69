//! The validator over what runs of the suite recorded, as a capture that somebody else made: without the names, events and rules
//! that evidence of the suite carries.

#[path = "../../benches/generate/mod.rs"]
mod generate;
mod parts;

use crate::playing;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cpm_conformance::evidence::{Record, What, pcapng};
use cpm_conformance::run::Selection;
use cpm_conformance::stage::rewriting::Variety;
use cpm_conformance::stage::rewriting::freedoms::Freedoms;
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
    perform(name, ".", Trial { subject, ..Trial::default() }).await
}

/// The scenarios that are called so, in these circumstances.
async fn perform(name: &str, scenarios: &str, trial: Trial) -> PathBuf {
    let folder = folder(name);
    let mut options = playing::virtually(vec![Profile::reference()], 3, 8, &folder);
    options.selection = Selection { name: Some(scenarios.parse().unwrap()), ..Selection::default() };
    options.trial = trial;
    playing::perform(options).await;
    folder.join("evidence")
}

/// The evidence of a folder as captures of a program that says nothing of what it saw, with the addresses of the target. Where
/// something was malformed on purpose it is left out, for a capture cannot say so.
fn disguised(evidence: &Path) -> Vec<(PathBuf, Vec<SocketAddr>)> {
    let all = all_disguised(evidence).into_iter().filter(|(_, _, malformed)| !malformed);
    all.map(|(path, target, _)| (path, target)).collect()
}

/// All of them, and whether the tester itself said what is malformed.
fn all_disguised(evidence: &Path) -> Vec<(PathBuf, Vec<SocketAddr>, bool)> {
    let files = std::fs::read_dir(evidence).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "pcapng")).collect();
    files.sort();
    files.iter().map(|path| disguise(path)).collect()
}

fn disguise(path: &Path) -> (PathBuf, Vec<SocketAddr>, bool) {
    let octets = std::fs::read(path).unwrap();
    let (_, records) = pcapng::read(&octets).unwrap();
    let malformed = |record: &Record| matches!(&record.what, What::Octets(octets) if octets.malformed.is_some());
    let malformed = records.iter().any(malformed);
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
    (disguised, target.into_iter().collect(), malformed)
}

fn judged(path: &Path, target: Vec<SocketAddr>) -> Validated {
    static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::of(&Profile::reference()));
    let known = Some(KNOWN.clone());
    validate::validate(&Input::File(path.to_owned()), &Options { target, known, ..Options::default() })
}

fn errors(validated: &Validated) -> Vec<String> {
    let errors = validated.findings.iter().filter(|found| found.level == Level::Error);
    errors.map(|found| format!("{}: {} | {}", found.rule, found.expected, found.observed)).collect()
}

/// What was found to be wrong in captures, and how often each rule of requirements was met.
fn met_and_wrong(
    captures: impl Iterator<Item = (PathBuf, Vec<SocketAddr>)>,
) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let (mut met, mut wrong) = (BTreeMap::new(), Vec::new());
    for (path, target) in captures {
        let validated = judged(&path, target);
        assert_eq!(validated.error, None, "{}", path.display());
        wrong.extend(errors(&validated).into_iter().map(|error| format!("{}: {error}", path.display())));
        for (rule, times) in validated.met.unwrap() {
            *met.entry(rule).or_default() += times;
        }
    }
    (met, wrong)
}

/// Rules that conformant traffic of all scenarios meets, each at least so often.
const MET: [(&str, usize); 39] = [
    ("media_negotiation.agreed", 100),
    ("media_negotiation.lines_answered", 9),
    ("media_negotiation.offer_given", 2),
    ("media_negotiation.paths_untouched", 100),
    ("media_negotiation.report_carried", 1),
    ("missed_group_content.complete", 50),
    ("missed_group_content.in_order", 50),
    ("missed_group_content.isolated", 50),
    ("missed_group_content.no_premature_report", 50),
    ("missed_group_content.not_before_reachable", 50),
    ("missed_group_content.once", 50),
    ("missed_group_content.unchanged", 50),
    ("missed_group_content.versions_grow", 50),
    ("multi_device.best_answer", 2),
    ("multi_device.change_reaches_all", 1),
    ("multi_device.change_reaches_only", 1),
    ("multi_device.declined_for_user", 1),
    ("multi_device.nothing_after_leaving", 2),
    ("multi_device.one_acceptance", 10),
    ("multi_device.reaches_all", 2),
    ("multi_device.shown_once", 1),
    ("multi_device.succeeds_at", 2),
    ("multi_device.who_stays_takes_part", 2),
    ("policies_and_preferences.private", 1),
    ("session_continuity.carried_over", 5),
    ("session_continuity.moved_to", 2),
    ("sessions.call_withdrawn", 2),
    ("sessions.carried", 100),
    ("sessions.change_carried", 4),
    ("sessions.change_refused", 1),
    ("sessions.ended_on_both_sides", 5),
    ("sessions.established", 100),
    ("sessions.expires_in_time", 1),
    ("sessions.kept_apart", 5),
    ("sessions.no_second_session", 1),
    ("sessions.refresh_keeps", 1),
    ("sessions.refusal_carried", 5),
    ("sessions.settled_after_glare", 1),
    ("sessions.small_interval_handled", 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_of_conformant_traffic_shows_no_error_whoever_is_judged() {
    let evidence = play("conformant", Subject::Reference).await;
    let captures = all_disguised(&evidence);
    let (met, mut wrong) = met_and_wrong(captures.iter().map(|(path, target, _)| (path.clone(), target.clone())));
    let mut messages = 0;
    for (path, ..) in captures.iter().filter(|(.., malformed)| !malformed) {
        let of_all = validate::validate(&Input::File(path.clone()), &Options::default());
        assert_eq!(of_all.error, None, "{}", path.display());
        wrong.extend(errors(&of_all).into_iter().map(|error| format!("{}: {error}", path.display())));
        messages += of_all.count();
    }
    playing::none(&wrong, "conformant traffic");
    println!("{met:#?} rules of requirements met, {messages} messages");
    assert!(messages > 2000);
    for rule in met.keys() {
        assert!(validate::needed_of_captures(rule).is_some(), "{rule}");
    }
    for (rule, times) in MET {
        let seen = met.get(rule).copied().unwrap_or_default();
        assert!(seen >= times, "{rule} is met {seen} times");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_other_legal_words_shows_no_error_either() {
    let variety = Some(Variety::of(Freedoms::all()));
    let evidence = perform("varied", ".", Trial { shuffled: true, variety, ..Trial::default() }).await;
    let (met, wrong) = met_and_wrong(all_disguised(&evidence).into_iter().map(|(path, target, _)| (path, target)));
    playing::none(&wrong, "conformant traffic in other words");
    println!("{met:#?}");
    for rule in
        ["sessions.established", "sessions.carried", "media_negotiation.agreed", "missed_group_content.complete"]
    {
        assert!(met.get(rule).is_some_and(|times| *times > 20), "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_alone_shows_what_a_faulty_function_does() {
    for (fault, scenarios, rule) in [
        ("loses-the-last-message", "058-0", "missed_group_content.complete"),
        ("alters-a-body-octet", "058-0", "missed_group_content.unchanged"),
        ("mixes-two-groups", "058", "missed_group_content.isolated"),
        ("calls-under-another-conversation-id", "SES-01-01", "sessions.established"),
        ("drops-the-asserted-service", "SES-01", "sessions.established"),
        ("never-acknowledges-an-acceptance", "SES-01-01", "sessions.established"),
        ("swallows-a-refusal", "SES-01-01", "sessions.refusal_carried"),
        ("alters-what-is-said", "SES-01-0", "sessions.carried"),
        ("loses-second-parts", "SES-05-04", "sessions.carried"),
        ("loses-the-second-change", "SES-01-03", "sessions.change_carried"),
        ("accepts-a-refused-change", "SES-01-03", "sessions.change_refused"),
        ("keeps-the-end-to-itself", "SES-01-04", "sessions.ended_on_both_sides"),
        ("goes-on-ringing", "SES-01-04", "sessions.call_withdrawn"),
        ("lets-sessions-stand-for-ever", "SES-01-07", "sessions.expires_in_time"),
        ("mixes-two-conversations", "SES-0[67]", "sessions.kept_apart"),
        ("takes-a-merged-call-for-another", "SES-07", "sessions.no_second_session"),
        ("gives-no-offer-when-asked", "SES-05-01", "media_negotiation.offer_given"),
        ("accepts-media-that-nobody-took", "SES-05-05", "media_negotiation.lines_answered"),
        ("sends-two-successes", "DEV-01", "multi_device.one_acceptance"),
        ("swallows-an-acceptance", "DEV-01", "multi_device.succeeds_at"),
        ("worst-answer", "DEV-01", "multi_device.best_answer"),
        ("all-at-once-in-sequence", "DEV-01", "multi_device.declined_for_user"),
        ("copies-to-one-only", "DEV-05", "multi_device.who_stays_takes_part"),
        ("alters-the-copy", "DEV-05", "multi_device.reaches_all"),
        ("change-to-every-device", "DEV-01", "multi_device.change_reaches_only"),
        ("one-change-in-all-joined", "DEV-01", "multi_device.change_reaches_all"),
        ("copies-after-leaving", "DEV-05", "multi_device.nothing_after_leaving"),
        ("new-ids-after-the-move", "DEV-04", "session_continuity.moved_to"),
        ("doubles-under-new-ids", "DEV-04", "session_continuity.carried_over"),
        ("drops-privacy", "PRF-01", "policies_and_preferences.private"),
    ] {
        let trial = Trial { subject: Subject::named(fault).unwrap(), ..Trial::default() };
        let evidence = perform(fault, scenarios, trial).await;
        let all: Vec<Validated> =
            disguised(&evidence).into_iter().map(|(path, target)| judged(&path, target)).collect();
        let found = all.iter().flat_map(|validated| &validated.findings);
        let seen = found.filter(|found| found.rule == rule && found.level == Level::Error).count();
        if seen == 0 {
            all.iter().take(2).for_each(|validated| {
                println!("{fault}: {:#?}", (&validated.file, &validated.notes, &validated.met, &validated.messages))
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
