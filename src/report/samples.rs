//! Scenarios and runs for the tests of the reports. Nothing in them differs from run to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::time::Time;
use serde_json::json;

use crate::evidence::{
    Connection, ConnectionWhat, Direction, Event, Header, Octets, Protocol, Record, Recorder, Sentence, Stop,
    Transport, What,
};
use crate::report::event::{EvidenceRef, RunInfo, ScenarioResult, Selection, TargetInfo};
use crate::report::excerpt::{Excerpts, excerpts};
use crate::report::results::{Results, results};
use crate::report::seen::Seen;
use crate::requirements::Catalogue;
use crate::target::Profile;
use crate::verdict::{Blame, Finding, FindingVerdict, Level, Outcome};

/// A run of which everything is known.
pub(crate) fn run_of(selection: Selection) -> RunInfo {
    RunInfo {
        id: "20261121T120000Z-0000002a".to_owned(),
        started: "2026-11-21T12:00:00Z".to_owned(),
        duration_ms: 2345,
        seed: 42,
        jobs: 2,
        shard: "1/1".to_owned(),
        selection,
        suite_version: "0.1.0".to_owned(),
        commit: String::new(),
        parts: Vec::new(),
        invocation: Box::default(),
        scenarios: 3,
    }
}

/// The embedded reference as target.
pub(crate) fn target() -> TargetInfo {
    TargetInfo {
        profile_sha256: "[sha256]".to_owned(),
        network: BTreeMap::new(),
        ..TargetInfo::of(&Profile::reference(), true)
    }
}

/// A scenario of one test purpose of the room that is built.
pub(crate) fn scenario(purpose: &str, outcome: Outcome) -> ScenarioResult {
    let catalogue = Catalogue::embedded();
    let (requirement, own) = catalogue.test_purpose(purpose).unwrap();
    ScenarioResult {
        id: format!("{purpose}.sample"),
        test_purposes: vec![purpose.to_owned()],
        title: "A sample".to_owned(),
        feature: format!("features/{}/sample.feature", requirement.word),
        line: 7,
        requirements: vec![requirement.id.clone()],
        role: "participating-function".to_owned(),
        outcome,
        blame: None,
        duration_ms: 120,
        checks: 0,
        evidence: outcome.ran().then(|| EvidenceRef {
            pcapng: format!("evidence/{purpose}.sample.pcapng"),
            sha256: "[sha256]".to_owned(),
        }),
        findings: Vec::new(),
        level: own.level,
        reason: None,
        rerun: format!("cpm-conformance run --name '^{purpose}.sample$' --seed 42"),
        ladder: Vec::new(),
        seen: Seen::default(),
        excerpts: Excerpts::default(),
    }
}

/// One scenario for each test purpose, all of them passed.
pub(crate) fn all_passed() -> Vec<ScenarioResult> {
    let catalogue = Catalogue::embedded();
    let purposes = catalogue.requirements().iter().flat_map(|requirement| &requirement.test_purposes);
    purposes.map(|purpose| scenario(&purpose.id, Outcome::Pass)).collect()
}

/// What these scenarios come to.
pub(crate) fn results_of(scenarios: Vec<ScenarioResult>) -> Results {
    results(run_of(Selection::Full), vec![target()], scenarios, &Catalogue::embedded(), &[])
}

/// A scenario that failed, with everything that a report can tell of it.
pub(crate) fn failed() -> ScenarioResult {
    ScenarioResult {
        blame: Some(Blame::Target),
        findings: vec![
            Finding {
                rule: "missed_group_content.once".to_owned(),
                requirement: Some("CPM-CONV-058".to_owned()),
                level: Level::Shall,
                verdict: FindingVerdict::Warning,
                expected: "each message once".to_owned(),
                observed: "m1 came twice under the same message id".to_owned(),
                frame: Some(40),
                octets: None,
                source: "CPM-CONV-058".to_owned(),
                interpretation: Some("L14".to_owned()),
                blame: Blame::Target,
            },
            Finding {
                rule: "missed_group_content.complete".to_owned(),
                requirement: Some("CPM-CONV-058".to_owned()),
                level: Level::Shall,
                verdict: FindingVerdict::Fail,
                expected: "m2 of Alice (\"At my place then\") is delivered to a device of Bob".to_owned(),
                observed: "Bob's phone was given m1 and m3;\r\nm2 <never> came | \u{1b}[2J".to_owned(),
                frame: Some(41),
                octets: Some((120, 133)),
                source: "CPM-CONV-058".to_owned(),
                interpretation: None,
                blame: Blame::Target,
            },
        ],
        ladder: ["INVITE ->", "<- 200", "SEND m1 <-", "200 ->", "SEND m3 <-", "200 ->"].map(str::to_owned).to_vec(),
        title: "Bob was offline for the whole chat".to_owned(),
        ..scenario("TP-CPM-CONV-058-01", Outcome::Fail)
    }
}

/// The head of the evidence of the scenario that failed.
pub(crate) fn header() -> Header {
    let ScenarioResult { id, test_purposes, title, feature, line, requirements, level, role, .. } = failed();
    Header {
        suite_version: "0.1.0".to_owned(),
        run_id: "20261121T120000Z-002a".to_owned(),
        scenario_id: id,
        title,
        feature,
        line,
        test_purposes,
        requirements,
        level,
        role,
        target_name: "reference".to_owned(),
        statement: json!({"drain_order": "arrival"}),
        timers: json!({"answer_ms": 1000}),
        seed: 42,
        profile: None,
        sentences: sentences(),
    }
}

/// What its feature says: more than was played.
fn sentences() -> Vec<Sentence> {
    let own = |line: u32, keyword: &str, text: &str| Sentence {
        keyword: keyword.to_owned(),
        text: text.to_owned(),
        line,
        ..Sentence::default()
    };
    let table = [["message", "by"], ["m1", "<b>Alice</b>"]].map(|row| row.map(str::to_owned).to_vec()).to_vec();
    vec![
        own(7, "Given", "Bob, a served user, is offline"),
        Sentence { table, ..own(8, "When", "Alice invites Bob to \"Book club\"") },
        own(9, "Then", "Bob receives every message of \"Book club\" since his invitation"),
        Sentence { text_below: Some("<i>two\nlines".to_owned()), ..own(12, "And", "Alice leaves") },
    ]
}

/// Octets that an actor of the tester sent or was sent.
pub(crate) fn octets(actor: &str, protocol: Protocol, direction: Direction, octets: impl Into<Bytes>) -> What {
    let stream = protocol != Protocol::Sip;
    What::Octets(Octets {
        actor: Arc::from(actor),
        step: 1,
        protocol,
        transport: if stream { Transport::Tcp } else { Transport::Udp },
        direction,
        local: "127.0.0.1:5060".parse().unwrap(),
        remote: "127.0.0.1:5070".parse().unwrap(),
        connection: stream.then_some(1),
        octets: octets.into(),
        malformed: None,
    })
}

const DESCRIPTION: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 2855 TCP/MSRP *\r\n\
    a=accept-types:message/cpim\r\na=path:msrp://127.0.0.1:2855/f;tcp\r\n";

fn invite(begin: &str) -> String {
    let length = DESCRIPTION.len();
    format!(
        "{begin}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:club@focus.example>;tag=1\r\nTo: <sip:bob@home.example>\r\n\
         Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{DESCRIPTION}"
    )
}

fn chunk(number: usize, flag: char) -> String {
    let (from, to) = (number * 10 + 1, number * 10 + 10);
    format!(
        "MSRP chunk{number} SEND\r\nTo-Path: msrp://a/b;tcp\r\nFrom-Path: msrp://c/d;tcp\r\nMessage-ID: long\r\nByte-Range: {from}-{to}/30\r\n\
         Content-Type: text/plain\r\n\r\n0123456789\r\n-------chunk{number}{flag}\r\n"
    )
}

fn notification() -> String {
    let document = "<?xml version=\"1.0\"?><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>m1</message-id>\
                    <datetime>2026-11-21T12:00:00Z</datetime><delivery-notification><status><delivered/></status>\
                    </delivery-notification></imdn>";
    format!(
        "MSRP imdn1 SEND\r\nTo-Path: msrp://a/b;tcp\r\nFrom-Path: msrp://c/d;tcp\r\nMessage-ID: told\r\nByte-Range: 1-*/*\r\n\
         Content-Type: message/cpim\r\n\r\nFrom: <sip:bob@home.example>\r\nTo: <sip:alice@home.example>\r\n\
         NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: n1\r\n\r\nContent-Type: message/imdn+xml\r\n\
         Content-Disposition: notification\r\n\r\n{document}\r\n-------imdn1$\r\n"
    )
}

fn step(index: u32, keyword: &str, text: &str) -> What {
    What::Event(Event::Step { index, keyword: keyword.to_owned(), text: text.to_owned(), line: index + 6 })
}

/// An exchange with everything that a ladder folds: an INVITE sent twice, a message in three chunks that are cut anywhere, a
/// wait in vain, a connection that is reset.
pub(crate) fn exchange() -> Vec<Record> {
    use Direction::{Received, Sent};
    let chunks = format!("{}{}{}", chunk(0, '+'), chunk(1, '+'), chunk(2, '$'));
    let (one, other) = chunks.split_at(chunks.len() / 2);
    let answer = |number: usize| {
        let text = format!(
            "MSRP chunk{number} 200 OK\r\nTo-Path: msrp://c/d;tcp\r\nFrom-Path: msrp://a/b;tcp\r\n-------chunk{number}$\r\n"
        );
        octets("focus/Book club", Protocol::Msrp, Received, text)
    };
    let connection = |what| {
        What::Connection(Connection {
            actor: Arc::from("focus/Book club"),
            step: 2,
            connection: 1,
            local: "127.0.0.1:2855".parse().unwrap(),
            remote: "127.0.0.1:4000".parse().unwrap(),
            what,
        })
    };
    let arguments = json!({"person": "Bob", "group": "Book club"});
    let rule = "missed_group_content.complete".to_owned();
    let all = [
        (0, step(1, "Given", "Bob, a served user, is offline")),
        (1, What::Event(Event::StepEnded { index: 1 })),
        (2, step(2, "When", "Alice invites Bob to \"Book club\"")),
        (10, octets("serving_cscf", Protocol::Sip, Sent, invite("INVITE sip:bob@home.example SIP/2.0"))),
        (510, octets("serving_cscf", Protocol::Sip, Sent, invite("INVITE sip:bob@home.example SIP/2.0"))),
        (520, octets("serving_cscf", Protocol::Sip, Received, invite("SIP/2.0 200 OK"))),
        (530, connection(ConnectionWhat::Accepted)),
        (540, octets("focus/Book club", Protocol::Msrp, Sent, one.to_owned())),
        (541, octets("focus/Book club", Protocol::Msrp, Sent, other.to_owned())),
        (550, answer(0)),
        (551, answer(1)),
        (552, answer(2)),
        (560, What::Event(Event::StepEnded { index: 2 })),
        (570, step(3, "Then", "Bob receives every message of \"Book club\" since his invitation")),
        (571, What::Event(Event::Awaited { rule, arguments, ms: 1000 })),
        (600, octets("device/Bob/phone", Protocol::Msrp, Received, notification())),
        (700, connection(ConnectionWhat::Reset { by_target: true })),
        (1571, What::Event(Event::Decided { closed: true, lagged: false })),
        (1572, What::Event(Event::Over { stop: Some(Stop::Broken) })),
    ];
    let mut recorder = Recorder::new();
    for (ms, what) in all {
        recorder.push(Time::from_nanos(ms * 1_000_000), what);
    }
    recorder.into_records()
}

/// The scenario of that exchange: the notification is wrong, in the octets of its status.
pub(crate) fn failed_in(records: &[Record]) -> ScenarioResult {
    let at = notification().find("<delivered/>").unwrap();
    let frame =
        records.iter().position(|record| matches!(&record.what, What::Octets(own) if own.octets == notification()));
    let mut result = failed();
    result.findings[0].frame = Some(4);
    result.findings[1].frame = frame.map(|place| place as u64 + 1);
    result.findings[1].octets = Some((at, at + 12));
    result.excerpts = excerpts(records, &result.findings);
    result
}
