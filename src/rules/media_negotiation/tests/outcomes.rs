use super::super::ReportCarried;
use super::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::{Direction, Protocol};
use crate::rules::missed_group_content::tests::script::chunk;
use crate::verdict::Blame;
use std::ops::DerefMut;

fn learns(status: u16) -> ReportCarried {
    ReportCarried { session: LUNCH.to_owned(), person: "Bob".to_owned(), label: "Shall we?".to_owned(), status }
}

fn words() -> Text {
    text("m1", "sip:alice@example.com", "Shall we?")
}

/// A REPORT on the message of number `n`, to the tester or from it.
fn report(talk: &mut Talk, line: &Line, direction: Direction, n: u32, status: u16) {
    let (to, from) = match direction {
        Received => (&line.wire.own_path, &line.wire.target_path),
        Sent => (&line.wire.target_path, &line.wire.own_path),
    };
    let octets = format!(
        "MSRP report{n} REPORT\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: mid-{n}\r\nByte-Range: 1-9/9\r\n\
         Status: 000 {status} whatever\r\n-------report{n}$\r\n"
    );
    talk.octets(Protocol::Msrp, &line.wire.actor, Some(line.wire.connection), direction, octets);
}

/// Alice says it and is answered `near`; the far end answers `far` to what comes there, none of it for 0 in `comes`.
fn said(near_status: u16, comes: bool, far_status: u16) -> (Talk, Line, Line, (u32, u32)) {
    let mut talk = Talk::new();
    let (near, far) = talk.stands(LUNCH, Alice);
    talk.label(LUNCH, &words());
    let first = talk.upcoming();
    talk.sends(&near.wire, &words().cpim(), near_status);
    let second = talk.upcoming();
    if comes {
        talk.gets(&far.wire, &words().cpim(), far_status);
    }
    (talk, near, far, (first, second))
}

#[test]
fn the_report_of_the_far_end_reaches_the_sender() {
    let (mut talk, near, far, (first, second)) = said(200, true, 200);
    report(&mut talk, &far, Sent, second, 200);
    talk.undecided(&learns(200));
    assert!(talk.failed(&learns(200)).observed.contains("no report came"));
    report(&mut talk, &near, Received, first, 200);
    assert_eq!(talk.met(&learns(200)), (2, vec![]));
    report(&mut talk, &near, Received, first, 413);
    assert!(talk.failed(&learns(200)).observed.contains("told 413"));
}

#[test]
fn a_report_on_what_never_came_or_was_not_taken_proves_nothing() {
    let (mut lost, near, _, (first, _)) = said(200, false, 0);
    report(&mut lost, &near, Received, first, 200);
    assert!(lost.failed(&learns(200)).observed.contains("never came"));
    let (mut untaken, near, _, (first, _)) = said(200, true, 413);
    report(&mut untaken, &near, Received, first, 200);
    untaken.unseen(&learns(200), Blame::Harness);
}

#[test]
fn a_report_may_be_the_functions_own_when_the_far_end_has_taken_the_message() {
    let (mut own, near, _, (first, _)) = said(200, true, 200);
    report(&mut own, &near, Received, first, 200);
    assert_eq!(own.met(&learns(200)), (2, vec![]));
    let (mut early, near, far, (first, _)) = said(200, false, 0);
    report(&mut early, &near, Received, first, 200);
    early.gets(&far.wire, &words().cpim(), 200);
    assert_eq!(early.met(&learns(200)).1[0].interpretation.as_deref(), Some("L29"));
}

#[test]
fn a_failure_is_told_by_an_answer_a_report_or_the_end_of_the_session() {
    let (talk, ..) = said(413, false, 0);
    assert_eq!(talk.met(&learns(413)), (1, vec![]));
    let (mut talk, near, _, (first, _)) = said(200, true, 413);
    talk.undecided(&learns(413));
    talk.failed(&learns(413));
    report(&mut talk, &near, Received, first, 413);
    assert_eq!(talk.met(&learns(413)), (1, vec![]));
    // Another status, and no status at all.
    let (mut other, near, _, (first, _)) = said(200, true, 0);
    report(&mut other, &near, Received, first, 481);
    assert_eq!(other.met(&learns(408)).1[0].interpretation.as_deref(), Some("L29"));
    let (mut ended, near, ..) = said(200, true, 0);
    ended.byes(&near, Received, 200);
    assert_eq!(ended.met(&learns(408)).1.len(), 1);
}

#[test]
fn success_is_not_what_failed() {
    let (mut talk, near, _, (first, _)) = said(200, true, 413);
    report(&mut talk, &near, Received, first, 200);
    assert!(talk.failed(&learns(413)).observed.contains("told 200"));
    let (taken, ..) = said(413, true, 200);
    taken.unseen(&learns(413), Blame::Harness);
}

#[test]
fn a_part_that_is_refused_is_told_though_the_message_was_never_whole() {
    let mut talk = Talk::new();
    let (near, _) = talk.stands(LUNCH, Alice);
    talk.label(LUNCH, &words());
    talk.unseen(&learns(413), Blame::Harness);
    let part = chunk(&near.wire, Sent, 90, "m1", "message/cpim", b"a part", (1, 9000), '+');
    talk.octets(Protocol::Msrp, &near.wire.actor, Some(near.wire.connection), Sent, part);
    talk.deref_mut().answers(&near.wire, Sent, 90, 413);
    assert_eq!(talk.met(&learns(413)), (1, vec![]));
}
