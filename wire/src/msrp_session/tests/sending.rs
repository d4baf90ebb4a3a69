//! What a session sends, and what it makes of answers.

use super::*;
use pretty_assertions::assert_eq;

/// The messages that a session has to send.
fn sent(session: &mut Session) -> Vec<Message> {
    let mut framer = Framer::default();
    while let Some(output) = session.poll_output() {
        if let SessionOutput::Send(octets) = output {
            framer.push(octets);
        }
    }
    std::iter::from_fn(|| framer.next()).map(Result::unwrap).collect()
}

fn events(session: &mut Session) -> Vec<SessionEvent> {
    let outputs = std::iter::from_fn(|| session.poll_output());
    outputs.filter_map(|output| if let SessionOutput::Event(event) = output { Some(event) } else { None }).collect()
}

fn answer(session: &mut Session, request: &Message, status: u16) {
    let mut framer = Framer::default();
    framer.push(msrp::response(request, status));
    session.receive(NOW, framer.next().unwrap().unwrap());
}

#[test]
fn messages_take_turns_within_the_window() {
    let mut a = session("a", "b");
    a.config.window = 2;
    a.send(NOW, outgoing("big", Bytes::from(vec![b'x'; 40]), Some(10)));
    a.send(NOW, outgoing("small", Bytes::from(vec![b'y'; 20]), Some(10)));
    let mut order = Vec::new();
    loop {
        let chunks = sent(&mut a);
        assert!(chunks.len() <= 2, "the window holds");
        let Some(first) = chunks.first() else { break };
        order.extend(chunks.iter().map(|chunk| chunk.message_id().unwrap().to_owned()));
        let rest = chunks.get(1..).unwrap_or_default();
        answer(&mut a, first, 200);
        rest.iter().for_each(|chunk| answer(&mut a, chunk, 200));
    }
    assert_eq!(order, ["big", "big", "big", "small", "big", "small"]);
}

#[test]
fn long_chunks_say_that_they_may_be_interrupted() {
    let mut a = session("a", "b");
    a.send(NOW, outgoing("1", Bytes::from(vec![b'x'; 5000]), Some(2952)));
    let ranges: Vec<String> = sent(&mut a).iter().map(|chunk| chunk.header("Byte-Range").unwrap().to_owned()).collect();
    assert_eq!(ranges, ["1-*/5000", "2953-5000/5000"]);
}

#[test]
fn failures_of_a_partial_message_are_told_and_silence_is_success() {
    let partial = |octets: &'static [u8]| Outgoing {
        failure_report: FailureReport::Partial,
        ..outgoing("m", Bytes::from_static(octets), Some(1))
    };
    let mut a = session("a", "b");
    a.config.window = 1;
    a.send(NOW, partial(b"abc"));
    let chunks = sent(&mut a);
    assert_eq!(chunks.len(), 3, "nothing is waited for");
    answer(&mut a, &chunks[1], 413);
    assert_eq!(events(&mut a), [SessionEvent::Refused { message_id: "m".to_owned(), status: 413 }]);
    a.send(NOW, partial(b"abc"));
    assert_eq!(sent(&mut a).len(), 3);
    a.handle_timeout(a.poll_timeout().unwrap());
    assert_eq!((events(&mut a), a.poll_timeout()), (vec![], None));
    assert!(a.sent.is_empty());
}

#[test]
fn a_report_of_413_stops_a_message() {
    let mut a = session("a", "b");
    a.config.window = 1;
    a.send(NOW, outgoing("m", Bytes::from_static(b"abc"), Some(1)));
    assert_eq!(sent(&mut a).len(), 1);
    let mut b = session("b", "a");
    b.report("m", 413);
    let report = sent(&mut b).remove(0);
    a.receive(NOW, report);
    let told = events(&mut a);
    assert!(matches!(told.as_slice(), [SessionEvent::Reported { status: 413, .. }]), "{told:?}");
    assert_eq!((sent(&mut a).len(), a.poll_timeout()), (0, None));
}

#[test]
fn an_aborted_message_is_not_missed_any_more() {
    let mut a = session("a", "b");
    a.config.window = 1;
    a.send(NOW, outgoing("m", Bytes::from_static(b"abc"), Some(1)));
    let chunks = sent(&mut a);
    a.abort(NOW, "m");
    let last = sent(&mut a);
    assert_eq!((last.len(), last[0].flag, last[0].header("Byte-Range")), (1, Flag::Abort, Some("2-1/3")));
    answer(&mut a, &chunks[0], 200);
    answer(&mut a, &last[0], 200);
    assert_eq!((events(&mut a), a.poll_timeout()), (vec![], None));
    // What was sent altogether stays as it is.
    a.send(NOW, outgoing("n", Bytes::from_static(b"abc"), None));
    let chunks = sent(&mut a);
    a.abort(NOW, "n");
    assert!(sent(&mut a).is_empty());
    answer(&mut a, &chunks[0], 200);
    assert_eq!(events(&mut a), [SessionEvent::Acknowledged { message_id: "n".to_owned() }]);
}

#[test]
fn strange_answers_mean_nothing() {
    let mut a = session("a", "b");
    a.send(NOW, outgoing("m", Bytes::from_static(b"abc"), None));
    let chunks = sent(&mut a);
    let mut other = session("a", "b");
    other.counter = 77;
    other.send(NOW, outgoing("m", Bytes::from_static(b"abc"), None));
    answer(&mut a, &sent(&mut other)[0], 481);
    assert_eq!(events(&mut a), []);
    answer(&mut a, &chunks[0], 200);
    answer(&mut a, &chunks[0], 200);
    assert_eq!(events(&mut a), [SessionEvent::Acknowledged { message_id: "m".to_owned() }]);
}

#[test]
fn what_another_sent_in_our_name_is_given_up_and_reported_on() {
    let mut a = session("a", "b");
    a.give_up("relayed", 40, Some(100));
    a.report_octets("theirs", msrp::ByteRange { start: 11, end: Some(20), total: None }, 408);
    let [abort, report] = sent(&mut a).try_into().unwrap();
    assert_eq!((abort.message_id(), abort.flag), (Some("relayed"), msrp::Flag::Abort));
    assert_eq!((abort.header("Byte-Range"), abort.body_range()), (Some("41-40/100"), None));
    assert_eq!((report.message_id(), report.header("Byte-Range")), (Some("theirs"), Some("11-20/*")));
    assert_eq!(report.status_header(), Some(408));
    answer(&mut a, &abort, 200);
    assert_eq!(events(&mut a), []);
}

#[test]
fn a_session_that_begins_anew_speaks_to_its_new_peer_alone() {
    let mut a = session("a", "b");
    a.send(NOW, outgoing("m", Bytes::from_static(b"abc"), None));
    let before = a.local_path().to_owned();
    a.restart(vec!["msrp://c.example.com:9/c;tcp".to_owned()]);
    assert_eq!((a.poll_timeout(), a.poll_output()), (None, None));
    assert_eq!(a.local_path(), before);
    a.send(NOW, outgoing("n", Bytes::from_static(b"abc"), None));
    let [chunk] = sent(&mut a).try_into().unwrap();
    assert_eq!((chunk.message_id(), chunk.header("To-Path")), (Some("n"), Some("msrp://c.example.com:9/c;tcp")));
}
