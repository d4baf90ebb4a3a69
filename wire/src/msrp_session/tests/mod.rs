//! Two sessions against each other, chunked in every legal way.

mod receiving;
mod sending;

use super::*;
use crate::msrp::{Flag, Framer};
use pretty_assertions::assert_eq;
use proptest::prelude::*;

const NOW: Time = Time::from_nanos(1_000_000_000);

fn session(own: &str, peer: &str) -> Session {
    Session::new(
        &format!("msrp://127.0.0.1:1/{own};tcp"),
        vec![format!("msrp://127.0.0.1:2/{peer};tcp")],
        Config::default(),
    )
}

fn outgoing(id: &str, octets: Bytes, chunk: Option<usize>) -> Outgoing {
    Outgoing {
        message_id: id.to_owned(),
        content_type: "text/plain".to_owned(),
        octets,
        success_report: false,
        failure_report: FailureReport::Yes,
        chunk_octets: chunk,
    }
}

/// Moves octets both ways until nobody has anything to say; answers every message with `status`.
fn converse(a: &mut Session, b: &mut Session, status: u16) -> (Vec<SessionEvent>, Vec<SessionEvent>) {
    let (mut at_a, mut at_b) = (Vec::new(), Vec::new());
    loop {
        let moved = carry(a, b, &mut at_a, status) + carry(b, a, &mut at_b, status);
        if moved == 0 {
            return (at_a, at_b);
        }
    }
}

fn carry(from: &mut Session, to: &mut Session, events: &mut Vec<SessionEvent>, status: u16) -> usize {
    let mut framer = Framer::default();
    let mut moved = 0;
    while let Some(output) = from.poll_output() {
        moved += 1;
        match output {
            SessionOutput::Send(octets) => framer.push(octets),
            SessionOutput::Event(event) => {
                if let SessionEvent::Received { reply, .. } = &event {
                    from.reply(reply.clone(), status);
                }
                events.push(event);
            }
        }
    }
    while let Some(message) = framer.next() {
        to.receive(NOW, message.unwrap());
    }
    moved
}

fn contents(events: &[SessionEvent]) -> Vec<(String, Bytes)> {
    let received = |event: &SessionEvent| match event {
        SessionEvent::Received { message_id, octets, .. } => Some((message_id.clone(), octets.clone())),
        _ => None,
    };
    events.iter().filter_map(received).collect()
}

#[test]
fn an_opening_empty_send_is_answered_and_told() {
    let (mut a, mut b) = (session("a", "b"), session("b", "a"));
    a.send_bodiless(NOW);
    let (at_a, at_b) = converse(&mut a, &mut b, 200);
    assert!(at_a.is_empty());
    assert!(matches!(at_b.as_slice(), [SessionEvent::Bodiless { .. }]));
    assert_eq!(a.poll_timeout(), None);
}

#[test]
fn a_refused_message_is_told_once_and_stops() {
    let (mut a, mut b) = (session("a", "b"), session("b", "a"));
    a.send(NOW, outgoing("m", Bytes::from(vec![7; 100]), Some(200)));
    let (at_a, _) = converse(&mut a, &mut b, 415);
    assert_eq!(at_a, [SessionEvent::Refused { message_id: "m".to_owned(), status: 415 }]);
}

#[test]
fn silence_counts_as_loss_after_30_seconds() {
    let mut a = session("a", "b");
    a.send(NOW, outgoing("m", Bytes::from_static(b"hello"), None));
    let due = a.poll_timeout().unwrap();
    assert_eq!(due.since(NOW), Duration::from_secs(30));
    a.handle_timeout(due);
    let events: Vec<_> = std::iter::from_fn(|| a.poll_output()).skip(1).collect();
    assert_eq!(events, [SessionOutput::Event(SessionEvent::Unanswered { message_id: "m".to_owned() })]);
}

#[test]
fn success_reports_come_when_the_owner_says_so() {
    let (mut a, mut b) = (session("a", "b"), session("b", "a"));
    a.send(NOW, Outgoing { success_report: true, ..outgoing("m", Bytes::from_static(b"hello"), Some(2)) });
    let (_, at_b) = converse(&mut a, &mut b, 200);
    assert!(matches!(at_b.as_slice(), [SessionEvent::Received { success_report: true, .. }]));
    b.report("m", 200);
    let (at_a, _) = converse(&mut a, &mut b, 200);
    let range = msrp::ByteRange { start: 1, end: Some(5), total: Some(5) };
    assert_eq!(at_a, [SessionEvent::Reported { message_id: "m".to_owned(), status: 200, byte_range: Some(range) }]);
}

#[test]
fn failure_report_no_is_never_answered() {
    let (mut a, mut b) = (session("a", "b"), session("b", "a"));
    a.send(NOW, Outgoing { failure_report: FailureReport::No, ..outgoing("m", Bytes::from_static(b"x"), None) });
    let (at_a, at_b) = converse(&mut a, &mut b, 413);
    assert_eq!((at_a.len(), contents(&at_b).len(), a.poll_timeout()), (0, 1, None));
}

#[test]
fn an_aborted_message_never_arrives() {
    let (mut a, mut b) = (session("a", "b"), session("b", "a"));
    a.config.window = 1;
    a.send(NOW, outgoing("m", Bytes::from(vec![1; 10]), Some(3)));
    a.abort(NOW, "m");
    a.send(NOW, outgoing("n", Bytes::from_static(b"after"), None));
    let (_, at_b) = converse(&mut a, &mut b, 200);
    assert!(at_b.contains(&SessionEvent::Aborted { message_id: "m".to_owned() }));
    assert_eq!(contents(&at_b), [("n".to_owned(), Bytes::from_static(b"after"))]);
}

#[test]
fn too_much_is_refused_with_413() {
    let (mut a, mut b) = (session("a", "b"), session("b", "a"));
    b.config.max_message_octets = 50;
    a.send(NOW, outgoing("m", Bytes::from(vec![1; 51]), Some(10)));
    let (at_a, at_b) = converse(&mut a, &mut b, 200);
    assert!(at_a.contains(&SessionEvent::Refused { message_id: "m".to_owned(), status: 413 }));
    assert!(contents(&at_b).is_empty());
}

proptest! {
    #[test]
    fn any_chunking_and_interleaving_gives_the_same_octets(
        bodies in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..400), 1usize..120), 1..5),
    ) {
        let (mut a, mut b) = (session("a", "b"), session("b", "a"));
        let mut sent = Vec::new();
        for (n, (body, chunk)) in bodies.into_iter().enumerate() {
            let body = Bytes::from(body);
            a.send(NOW, outgoing(&format!("m{n}"), body.clone(), Some(chunk)));
            sent.push((format!("m{n}"), body));
        }
        let (at_a, at_b) = converse(&mut a, &mut b, 200);
        let mut got = contents(&at_b);
        got.sort();
        prop_assert_eq!(&got, &sent);
        prop_assert_eq!(at_a.len(), sent.len());
        prop_assert_eq!(a.poll_timeout(), None);
    }

    #[test]
    fn chunks_in_any_order_overlapping_or_not_give_the_same_octets(
        body in prop::collection::vec(any::<u8>(), 1..200),
        pieces in prop::collection::vec((0usize..200, 1usize..80), 0..12),
        total_known in any::<bool>(),
    ) {
        let mut b = session("b", "a");
        let total = body.len();
        let mut ranges: Vec<(usize, usize)> = pieces.into_iter().map(|(s, l)| (s % total, (s % total + l).min(total))).collect();
        // Whatever the pieces left out comes at last, and the end is told.
        ranges.push((0, total));
        let last = ranges.len() - 1;
        let mut framer = Framer::default();
        for (n, (start, end)) in ranges.into_iter().enumerate() {
            let flag = if n == last { msrp::Flag::Complete } else { msrp::Flag::More };
            let (_, octets) = msrp::send(&msrp::Chunk {
                transaction: &format!("tid{n:03}"),
                to_path: &["msrp://127.0.0.1:1/b;tcp".to_owned()],
                from_path: "msrp://127.0.0.1:2/a;tcp",
                message_id: "m",
                success_report: false,
                failure_report: FailureReport::Yes,
                byte_range: msrp::ByteRange {
                    start: start as u64 + 1,
                    end: Some(end as u64),
                    total: total_known.then_some(total as u64),
                },
                content: Some(("text/plain", &body[start..end])),
                flag,
            });
            framer.push(octets);
        }
        while let Some(message) = framer.next() {
            b.receive(NOW, message.unwrap());
        }
        let events: Vec<_> = std::iter::from_fn(|| b.poll_output())
            .filter_map(|output| match output { SessionOutput::Event(event) => Some(event), SessionOutput::Send(_) => None })
            .collect();
        // A peer that repeats everything may complete the message twice; the octets are the same each time.
        let got = contents(&events);
        prop_assert!(!got.is_empty());
        for (_, octets) in got {
            prop_assert_eq!(&octets[..], &body[..]);
        }
    }
}
