//! Single chunks against a session: the examples of RFC 4975, and peers that err.

use super::*;
use pretty_assertions::assert_eq;

/// A SEND of Alice's as she may write it: range, headers more, body, flag.
fn chunk(id: &str, range: &str, more: &str, body: &str, flag: char) -> Vec<Message> {
    let text = format!(
        "MSRP d93kswow SEND\r\nTo-Path: msrp://127.0.0.1:1/b;tcp\r\nFrom-Path: msrp://127.0.0.1:2/a;tcp\r\n\
         Message-ID: {id}\r\nByte-Range: {range}\r\n{more}Content-Type: text/plain\r\n\r\n{body}\r\n-------d93kswow{flag}\r\n"
    );
    let mut framer = Framer::default();
    framer.push(Bytes::from(text));
    std::iter::from_fn(|| framer.next()).map(Result::unwrap).collect()
}

/// What a session makes of chunks: the statuses that it answers, and what it tells its owner.
fn take(session: &mut Session, chunks: impl IntoIterator<Item = Message>) -> (Vec<u16>, Vec<SessionEvent>) {
    let (mut statuses, mut events) = (Vec::new(), Vec::new());
    for chunk in chunks {
        session.receive(NOW, chunk);
        while let Some(output) = session.poll_output() {
            match output {
                SessionOutput::Event(event) => events.push(event),
                SessionOutput::Send(octets) => {
                    let mut framer = Framer::default();
                    framer.push(octets);
                    statuses.extend(framer.next().unwrap().unwrap().status());
                }
            }
        }
    }
    (statuses, events)
}

fn octets_of(events: &[SessionEvent]) -> Vec<Bytes> {
    contents(events).into_iter().map(|(_, octets)| octets).collect()
}

#[test]
fn the_chunks_of_section_5_1_make_one_message() {
    let (mut b, [first, second]) = (session("b", "a"), [("1-*/8", "abcd", '+'), ("5-8/8", "EFGH", '$')]);
    let chunks = [first, second].map(|(range, body, flag)| chunk("456", range, "", body, flag));
    let (statuses, events) = take(&mut b, chunks.into_iter().flatten());
    assert_eq!((statuses, octets_of(&events)), (vec![200], vec![Bytes::from_static(b"abcdEFGH")]));
}

/// A message in chunks of these sizes, and a last one of what is left.
fn in_chunks(id: &str, body: &str, sizes: &[usize]) -> Vec<Message> {
    let mut start = 0;
    let mut chunks = Vec::new();
    for size in sizes.iter().copied().chain([body.len() - sizes.iter().sum::<usize>()]) {
        let (range, end) = (format!("{}-*/{}", start + 1, body.len()), start + size);
        let flag = if end == body.len() { '$' } else { '+' };
        chunks.extend(chunk(id, &range, "", &body[start..end], flag));
        start = end;
    }
    chunks
}

#[test]
fn chunks_of_an_octet_to_a_megabyte_make_their_messages_by_turns() {
    let body: String = ('a'..='w').cycle().take(1_048_576).collect();
    let singly: Vec<usize> = [1; 1_000].into_iter().chain([2, 2_048, 2_049, 65_537, 90_001, 524_288]).collect();
    let messages = [("singly", &singly[..]), ("between", &[700_000, 1, 90_000]), ("whole", &[])]
        .map(|(id, sizes)| in_chunks(id, &body, sizes));
    assert_eq!(messages.each_ref().map(Vec::len), [1_007, 4, 1]);
    let by_turns = (0..1_007).flat_map(|turn| messages.iter().filter_map(move |chunks| chunks.get(turn).cloned()));
    let (statuses, events) = take(&mut session("b", "a"), by_turns);
    // The last chunk of each is its owner's to answer.
    assert_eq!(statuses, vec![200; 1_012 - 3]);
    let received = contents(&events);
    let ids: Vec<&str> = received.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["whole", "between", "singly"]);
    assert!(received.iter().all(|(_, octets)| octets == body.as_bytes()));
}

#[test]
fn the_count_of_the_examples_in_section_11_is_taken() {
    // "Hi, I'm Alice!" has 14 octets; the example counts the line end after it too.
    let (statuses, events) = take(&mut session("b", "a"), chunk("1", "1-16/16", "", "Hi, I'm Alice!", '$'));
    assert_eq!((statuses, octets_of(&events)), (vec![], vec![Bytes::from_static(b"Hi, I'm Alice!")]));
}

#[test]
fn the_last_to_come_prevails_where_chunks_overlap() {
    let mut b = session("b", "a");
    let chunks = [("3-6/10", "CCCC", '+'), ("8-10/10", "DDD", '+'), ("5-9/10", "EEEEE", '+'), ("1-4/10", "AAAA", '$')];
    let chunks = chunks.map(|(range, body, flag)| chunk("1", range, "", body, flag));
    let (statuses, events) = take(&mut b, chunks.into_iter().flatten());
    assert_eq!((statuses, octets_of(&events)), (vec![200; 3], vec![Bytes::from_static(b"AAAAEEEEED")]));
}

#[test]
fn an_interrupted_chunk_is_shorter_than_it_said() {
    let mut b = session("b", "a");
    let chunks = [chunk("1", "1-8/*", "", "abc", '+'), chunk("1", "4-*/*", "", "def", '$')];
    let (statuses, events) = take(&mut b, chunks.into_iter().flatten());
    assert_eq!((statuses, octets_of(&events)), (vec![200], vec![Bytes::from_static(b"abcdef")]));
}

#[test]
fn ranges_that_contradict_are_refused() {
    for range in ["1-9/9", "1-2/2", "5-2/9", "0-2/3", "x", "1-3", "2-4/3", "18446744073709551615-*/*"] {
        let (statuses, events) = take(&mut session("b", "a"), chunk("1", range, "", "abc", '$'));
        assert_eq!((statuses, events.len()), (vec![400], 0), "{range}");
    }
    let totals = [chunk("1", "1-3/9", "", "abc", '+'), chunk("1", "4-6/8", "", "def", '+')];
    assert_eq!(take(&mut session("b", "a"), totals.into_iter().flatten()).0, [200, 400]);
}

#[test]
fn further_chunks_of_a_refused_message_are_refused_alike() {
    let mut b = session("b", "a");
    b.config.max_message_octets = 5;
    let ranges = [("1-3/*", '+'), ("4-6/*", '+'), ("7-9/*", '+'), ("10-12/*", '$'), ("1-3/3", '$')];
    let chunks = ranges.map(|(range, flag)| chunk("1", range, "", "abc", flag));
    let (statuses, events) = take(&mut b, chunks.into_iter().flatten());
    // The last is a new message under the old id.
    assert_eq!((statuses, octets_of(&events)), (vec![200, 413, 413, 413], vec![Bytes::from_static(b"abc")]));
    assert!(b.assemblies.is_empty() && b.refused.is_empty());
}

#[test]
fn a_peer_cannot_fill_the_memory_with_what_it_never_finishes() {
    let mut b = session("b", "a");
    b.config.max_message_octets = 10;
    let open = |n: usize| chunk(&format!("m{n}"), "1-9/10", "", "123456789", '+');
    let statuses = take(&mut b, (0..5).flat_map(open)).0;
    assert_eq!(statuses, [200, 200, 200, 200, 413]);
    let mut b = session("b", "a");
    let gaps = (1..=4098).flat_map(|n| chunk("1", &format!("{}-*/*", n * 2), "", "x", '+'));
    let statuses = take(&mut b, gaps).0;
    assert_eq!(statuses.iter().position(|status| *status == 413), Some(4096));
}

#[test]
fn failure_report_decides_which_answers_are_given() {
    let answers = |more: &str, range: &str| {
        let mut b = session("b", "a");
        take(&mut b, chunk("1", range, more, "abc", '+')).0
    };
    assert_eq!((answers("", "1-3/9"), answers("", "9-1/1")), (vec![200], vec![400]));
    let partial = "Failure-Report: partial\r\n";
    assert_eq!((answers(partial, "1-3/9"), answers(partial, "9-1/1")), (vec![], vec![400]));
    let no = "Failure-Report: no\r\n";
    assert_eq!((answers(no, "1-3/9"), answers(no, "9-1/1")), (vec![], vec![]));
}

#[test]
fn other_methods_are_not_implemented_and_a_send_needs_an_id() {
    let text = "MSRP d93kswow AUTH\r\nTo-Path: msrp://b:1/b;tcp\r\nFrom-Path: msrp://a:1/a;tcp\r\n-------d93kswow$\r\n";
    let answer = |text: String| {
        let mut framer = Framer::default();
        framer.push(Bytes::from(text));
        take(&mut session("b", "a"), framer.next().unwrap()).0
    };
    assert_eq!(answer(text.to_owned()), [501]);
    assert_eq!(answer(text.replace("AUTH", "SEND")), [400]);
    let bodiless = text.replace("AUTH", "SEND").replace("-------", "Message-ID: 1\r\nByte-Range: 1-0/0\r\n-------");
    assert_eq!(answer(bodiless.clone()), [200]);
    assert_eq!(answer(bodiless.replace("1-0/0", "one")), [400]);
    assert_eq!(answer(bodiless.replace("Byte-Range: 1-0/0\r\n", "")), [200]);
}
