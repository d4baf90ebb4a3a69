//! A core and a peer of the same library, and the rewriter between them.

use super::answering::renamed;
use super::*;
use crate::stage::rewriting::samples;
use cpm_wire::msrp::{FailureReport, Framer};
use cpm_wire::msrp_session::{Config, Outgoing, Session, SessionEvent, SessionOutput};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, BTreeSet};

const CORE: &str = "msrp://127.0.0.1:2001/core;tcp";
const PEER: &str = "msrp://127.0.0.1:2002/peer;tcp";

/// Both ends of a connection, and what they said of it.
struct Wire {
    core: Session,
    peer: Session,
    stream: Stream,
    to_core: Framer,
    to_peer: Framer,
    of_core: Vec<SessionEvent>,
    of_peer: Vec<SessionEvent>,
    /// Every message of the core's side, as the network saw it.
    seen: Vec<Message>,
    /// What the peer answers to a message that is whole, if it answers.
    answer: u16,
    /// What the core answers.
    own_answer: u16,
}

impl Wire {
    fn new(seed: u64, freedoms: Freedoms) -> Wire {
        let session = |own: &str, other: &str| Session::new(own, vec![other.to_owned()], Config::default());
        Wire {
            core: session(CORE, PEER),
            peer: session(PEER, CORE),
            stream: Stream::new(seed, freedoms),
            to_core: Framer::default(),
            to_peer: Framer::default(),
            of_core: Vec::new(),
            of_peer: Vec::new(),
            seen: Vec::new(),
            answer: 200,
            own_answer: 200,
        }
    }

    /// Until nobody has anything to say any more.
    fn run(&mut self) {
        while self.step() {}
    }

    fn step(&mut self) -> bool {
        let mut moved = false;
        while let Some(output) = self.core.poll_output() {
            moved = true;
            match output {
                SessionOutput::Send(octets) => self.stream.output(&octets),
                SessionOutput::Event(event) => {
                    if let SessionEvent::Received { message_id, reply, .. } = &event {
                        self.core.reply(reply.clone(), self.own_answer);
                        self.core.report(message_id, 200);
                    }
                    self.of_core.push(event);
                }
            }
        }
        while let Some(octets) = self.stream.poll_output() {
            self.to_peer.push(octets);
        }
        while let Some(message) = self.to_peer.next() {
            moved = true;
            let message = message.unwrap();
            self.seen.push(message.clone());
            self.peer.receive(Time::ZERO, message);
        }
        while let Some(output) = self.peer.poll_output() {
            moved = true;
            match output {
                SessionOutput::Send(octets) => self.stream.input(&octets),
                SessionOutput::Event(event) => self.hear(event),
            }
        }
        while let Some(octets) = self.stream.poll_input() {
            self.to_core.push(octets);
        }
        while let Some(message) = self.to_core.next() {
            moved = true;
            self.core.receive(Time::ZERO, message.unwrap());
        }
        moved
    }

    fn hear(&mut self, event: SessionEvent) {
        if let SessionEvent::Received { message_id, success_report, reply, .. } = &event {
            self.peer.reply(reply.clone(), self.answer);
            if *success_report {
                self.peer.report(message_id, 200);
            }
        }
        self.of_peer.push(event);
    }

    fn received(&self) -> Vec<(&str, &Bytes)> {
        let received = self.of_peer.iter().filter_map(|event| match event {
            SessionEvent::Received { message_id, octets, .. } => Some((message_id.as_str(), octets)),
            _ => None,
        });
        received.collect()
    }
}

fn message(number: usize, octets: Bytes, chance: &mut Chance) -> Outgoing {
    let failure_report = *chance.pick(&[FailureReport::Yes, FailureReport::Partial, FailureReport::No]).unwrap();
    Outgoing {
        message_id: format!("message-{number}"),
        content_type: if octets.starts_with(b"From") { "message/cpim" } else { "text/plain" }.to_owned(),
        octets,
        success_report: chance.one_in(2),
        failure_report,
        chunk_octets: [None, Some(1 + chance.below(40)), Some(300)][chance.below(3)],
    }
}

fn content(chance: &mut Chance) -> Bytes {
    match chance.below(5) {
        0 => Bytes::from_static(samples::ENVELOPE.as_bytes()),
        1 => Bytes::new(),
        2 => Bytes::from_static(b"\r\n-------abcd$\r\nMSRP abcd 200 OK\r\n-------"),
        3 => Bytes::from("x".repeat(1 + chance.below(9000))),
        _ => Bytes::from("short".repeat(1 + chance.below(60))),
    }
}

fn same(content_type: &str, one: &[u8], other: &[u8]) -> bool {
    match content_type {
        "message/cpim" => samples::meaning(one) == samples::meaning(other),
        _ => one == other,
    }
}

#[test]
fn the_peer_gets_each_message_and_the_core_one_answer_for_each_transaction() {
    let mut uses = Uses::default();
    for seed in 0..300 {
        let mut chance = Chance::new(seed + 1000);
        let mut wire = Wire::new(seed, Freedoms::all());
        let sent: Vec<Outgoing> =
            (0..1 + chance.below(4)).map(|n| message(n, content(&mut chance), &mut chance)).collect();
        for outgoing in &sent {
            wire.core.send(Time::ZERO, outgoing.clone());
        }
        wire.run();
        let received: BTreeMap<&str, &Bytes> = wire.received().into_iter().collect();
        assert_eq!(
            (wire.received().len(), received.len()),
            (sent.len(), sent.len()),
            "seed {seed}: {:?}",
            wire.of_peer
        );
        for outgoing in &sent {
            let octets = received[outgoing.message_id.as_str()];
            assert!(same(&outgoing.content_type, &outgoing.octets, octets), "seed {seed}");
            answers(&wire, outgoing, seed);
        }
        // Whatever waits for an answer waits in vain now.
        wire.core.handle_timeout(Time::from_nanos(1 << 50));
        wire.run();
        assert!(!wire.of_core.iter().any(|event| matches!(event, SessionEvent::Unanswered { .. })), "seed {seed}");
        uses.add(wire.stream.uses());
    }
    let msrp = Freedom::ALL.iter().filter(|freedom| freedom.as_str().starts_with("msrp"));
    // Nobody says anything to this core.
    let of_answers = [Freedom::MsrpComment, Freedom::MsrpRefusal];
    let idle: Vec<_> = msrp.filter(|freedom| uses.of(**freedom) < 10 && !of_answers.contains(freedom)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

fn answers(wire: &Wire, outgoing: &Outgoing, seed: u64) {
    let acknowledged = SessionEvent::Acknowledged { message_id: outgoing.message_id.clone() };
    let count = wire.of_core.iter().filter(|event| **event == acknowledged).count();
    let expected = usize::from(outgoing.failure_report == FailureReport::Yes);
    assert_eq!(count, expected, "seed {seed}: {:?}", wire.of_core);
    let reports: Vec<_> = wire
        .of_core
        .iter()
        .filter_map(|event| match event {
            SessionEvent::Reported { message_id, byte_range, .. } if *message_id == outgoing.message_id => *byte_range,
            _ => None,
        })
        .collect();
    let total = u64::try_from(outgoing.octets.len()).unwrap();
    let whole = msrp::ByteRange { start: 1, end: Some(total), total: Some(total) };
    let expected = if outgoing.success_report { vec![whole] } else { vec![] };
    assert_eq!(reports, expected, "seed {seed}");
}

#[test]
fn messages_end_in_the_order_in_which_they_were_sent() {
    let mut woven = 0;
    for seed in 0..200 {
        let mut wire = Wire::new(seed, Freedoms::all());
        let mut chance = Chance::new(seed);
        for number in 0..5 {
            let outgoing =
                Outgoing { chunk_octets: None, ..message(number, Bytes::from("y".repeat(300)), &mut chance) };
            wire.core.send(Time::ZERO, outgoing);
        }
        wire.run();
        let order: Vec<&str> = wire.received().into_iter().map(|(id, _)| id).collect();
        assert_eq!(order, ["message-0", "message-1", "message-2", "message-3", "message-4"], "seed {seed}");
        woven += wire.stream.uses().of(Freedom::MsrpInterleaving);
    }
    assert!(woven > 50, "{woven}");
}

#[test]
fn a_refusal_reaches_the_core_once() {
    for seed in 0..100 {
        let mut chance = Chance::new(seed);
        let mut wire = Wire::new(seed, Freedoms::all());
        wire.answer = 413;
        let outgoing = Outgoing { failure_report: FailureReport::Yes, ..message(1, content(&mut chance), &mut chance) };
        wire.core.send(Time::ZERO, outgoing);
        wire.run();
        let refused = SessionEvent::Refused { message_id: "message-1".to_owned(), status: 413 };
        assert_eq!(wire.of_core.iter().filter(|event| **event == refused).count(), 1, "{:?}", wire.of_core);
    }
}

#[test]
fn what_the_core_gives_up_the_peer_hears_given_up() {
    for seed in 0..50 {
        let mut wire = Wire::new(seed, Freedoms::all());
        wire.core = Session::new(CORE, vec![PEER.to_owned()], Config { window: 2, ..Config::default() });
        let mut chance = Chance::new(seed);
        let outgoing = message(1, Bytes::from("z".repeat(500)), &mut chance);
        wire.core
            .send(Time::ZERO, Outgoing { chunk_octets: Some(100), failure_report: FailureReport::Yes, ..outgoing });
        wire.core.abort(Time::ZERO, "message-1");
        wire.run();
        assert_eq!(wire.received(), []);
        let aborted = SessionEvent::Aborted { message_id: "message-1".to_owned() };
        assert!(wire.of_peer.contains(&aborted), "seed {seed}: {:?}", wire.of_peer);
    }
}

#[test]
fn chunks_are_within_the_rules() {
    let mut sizes = BTreeSet::new();
    for seed in 0..200 {
        let mut wire = Wire::new(seed, Freedoms::all());
        let mut chance = Chance::new(seed);
        wire.core.send(Time::ZERO, message(1, content(&mut chance), &mut chance));
        wire.run();
        let mut ids = BTreeSet::new();
        for chunk in &wire.seen {
            let id = chunk.transaction.as_bytes();
            assert!((4..=32).contains(&id.len()) && id[0].is_ascii_alphanumeric(), "{}", chunk.transaction);
            assert!(ids.insert(chunk.transaction.clone()), "seed {seed}: {}", chunk.transaction);
            let names: Vec<&str> = chunk.fields().iter().map(|field| chunk.text(&field.name)).collect();
            assert!(names[0].eq_ignore_ascii_case("To-Path") && names[1].eq_ignore_ascii_case("From-Path"));
            let Some(body) = chunk.body() else { continue };
            assert!(names.last().unwrap().eq_ignore_ascii_case("Content-Type"), "{names:?}");
            let range = chunk.byte_range().unwrap();
            let length = u64::try_from(body.len()).unwrap();
            assert!(range.end.is_none_or(|end| end + 1 == range.start + length), "{range}");
            assert!(body.len() <= 2048 || range.end.is_none(), "{range}");
            assert!(chunk.flag == Flag::More || range.total.is_none_or(|total| total + 1 == range.start + length));
            sizes.insert(body.len());
        }
    }
    assert!(sizes.contains(&1) && sizes.len() > 50, "{sizes:?}");
}

#[test]
fn each_freedom_alone_changes_what_is_seen() {
    for freedom in Freedom::ALL.iter().filter(|freedom| freedom.as_str().starts_with("msrp")) {
        let mut changed = 0;
        for seed in 0..40 {
            let mut plain = Wire::new(seed, Freedoms::default());
            let mut other = Wire::new(seed, Freedoms::only(*freedom));
            for wire in [&mut plain, &mut other] {
                wire.own_answer = if *freedom == Freedom::MsrpRefusal { 415 } else { 200 };
                let mut chance = Chance::new(seed);
                for number in 0..2 {
                    let outgoing = message(number, Bytes::from_static(samples::ENVELOPE.as_bytes()), &mut chance);
                    wire.core.send(Time::ZERO, Outgoing { chunk_octets: Some(99), ..outgoing });
                }
                wire.peer.send(Time::ZERO, message(9, Bytes::from_static(b"hello"), &mut chance));
                wire.run();
            }
            // The ids of further chunks are chance in any case.
            let plainly = |message: &Message| match freedom {
                Freedom::MsrpTransactionId => message.octets().clone(),
                _ => renamed(message, "id"),
            };
            let octets = |wire: &Wire| wire.seen.iter().map(plainly).collect::<Vec<_>>();
            let differs = octets(&plain) != octets(&other);
            assert_eq!(differs, other.stream.uses().of(*freedom) > 0, "{} of seed {seed}", freedom.as_str());
            changed += u32::from(differs);
            assert_eq!(plain.received(), other.received(), "{}", freedom.as_str());
        }
        assert!(changed > 5, "{}: {changed}", freedom.as_str());
    }
}

#[test]
fn a_refusal_of_the_core_is_told_with_a_code_that_does_as_well() {
    let told = |own_answer| -> BTreeSet<u16> {
        let statuses = (0..60).flat_map(|seed| {
            let mut wire = Wire { own_answer, ..Wire::new(seed, Freedoms::all()) };
            let outgoing = message(1, Bytes::from_static(b"hello"), &mut Chance::new(seed));
            wire.peer.send(Time::ZERO, Outgoing { failure_report: FailureReport::Yes, ..outgoing });
            wire.run();
            let refused = |event: SessionEvent| match event {
                SessionEvent::Refused { status, .. } => Some(status),
                _ => None,
            };
            wire.of_peer.into_iter().filter_map(refused).collect::<Vec<_>>()
        });
        statuses.collect()
    };
    assert_eq!(told(415), BTreeSet::from([400, 403, 413, 415]));
    assert_eq!(told(413), BTreeSet::from([400, 403, 413]));
    for code in [408, 423, 481, 501, 506] {
        assert_eq!(told(code), BTreeSet::from([code]));
    }
}

/// Each of two large messages in one chunk, in single octets for a stretch, or in sizes between, and both by turns.
#[test]
fn chunks_are_as_small_as_an_octet_and_as_large_as_a_megabyte() {
    const MEGABYTE: usize = 1_048_576;
    let content: Bytes = (b'a'..=b'w').cycle().take(MEGABYTE).collect();
    let (mut sizes, mut woven) = (BTreeSet::new(), 0);
    for seed in 0..40 {
        let (mut wire, mut chance) = (Wire::new(seed, Freedoms::all()), Chance::new(seed));
        for number in 0..2 {
            let outgoing = message(number, content.clone(), &mut chance);
            wire.core.send(Time::ZERO, Outgoing { chunk_octets: None, ..outgoing });
        }
        wire.run();
        let received = wire.received();
        assert_eq!(received.len(), 2, "seed {seed}");
        assert!(received.iter().all(|(_, octets)| **octets == content), "seed {seed}");
        sizes.extend(wire.seen.iter().filter_map(Message::body).map(|body| body.len()));
        woven += wire.stream.uses().of(Freedom::MsrpInterleaving);
    }
    assert!(sizes.contains(&1) && sizes.contains(&MEGABYTE));
    let between = sizes.range(90_001..MEGABYTE).count();
    assert!(between > 40 && woven > 40, "{between} {woven}");
}

#[test]
fn an_opening_send_is_answered_to_nobody() {
    let opened = (0..50).filter(|seed| {
        let mut wire = Wire::new(*seed, Freedoms::only(Freedom::MsrpOpeningSend));
        let mut chance = Chance::new(*seed);
        wire.core.send(Time::ZERO, message(1, Bytes::from_static(b"hello"), &mut chance));
        wire.stream.output(&Bytes::new());
        wire.run();
        let bodiless = wire.of_peer.iter().filter(|event| matches!(event, SessionEvent::Bodiless { .. })).count();
        assert_eq!(wire.stream.to_core.len(), 0);
        bodiless == 1
    });
    assert!((15..35).contains(&opened.count()));
}

#[test]
fn partial_reports_are_one_report_of_the_whole() {
    let report = |range: &str| {
        let text = format!(
            "MSRP r3port REPORT\r\nTo-Path: {CORE}\r\nFrom-Path: {PEER}\r\nMessage-ID: mess\r\nByte-Range: {range}\r\nStatus: 000 200 OK\r\n-------r3port$\r\n"
        );
        let mut framer = Framer::default();
        framer.push(Bytes::from(text));
        framer.next().unwrap().unwrap()
    };
    let mut reports = Reports::default();
    reports.expect((CORE.to_owned(), "mess".to_owned()), 90, 100);
    assert_eq!(reports.take(&report("51-100/100")), None);
    assert_eq!(reports.take(&report("1-20/100")), None);
    assert_eq!(reports.take(&report("11-50/100")), Some(report("1-90/90").octets().clone()));
    reports.forget(&(CORE.to_owned(), "mess".to_owned()));
    assert_eq!(reports.take(&report("1-20/100")), Some(report("1-20/100").octets().clone()));
}

#[test]
fn what_is_no_msrp_passes_untouched() {
    for seed in 0..20 {
        let mut stream = Stream::new(seed, Freedoms::all());
        let odd = Bytes::from_static(b"MSRP a1b2 NICKNAME\r\nTo-Path: x\r\n-------a1b2$\r\nGET / HTTP/1.1\r\n\r\n");
        for octets in odd.chunks(7).map(Bytes::copy_from_slice) {
            stream.output(&octets);
            stream.input(&octets);
        }
        let out: Vec<u8> = std::iter::from_fn(|| stream.poll_output()).flatten().collect();
        let heard: Vec<u8> = std::iter::from_fn(|| stream.poll_input()).flatten().collect();
        assert_eq!((&out[..], &heard[..]), (&odd[..], &odd[..]));
    }
}
