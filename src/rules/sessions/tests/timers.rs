use super::super::{ExpiresInTime, RefreshKeeps, SmallIntervalHandled};
use super::script::Who::Alice;
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::rules::Rule;
use crate::verdict::Blame;
use std::time::Duration;

const AGREED: &str = "Require: timer\r\nSession-Expires: 90;refresher=uac\r\n";

fn expires() -> ExpiresInTime {
    ExpiresInTime { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn keeps() -> RefreshKeeps {
    RefreshKeeps { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn small() -> SmallIntervalHandled {
    SmallIntervalHandled { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// A session of 90 s, this long after it was accepted.
fn after(seconds: u64) -> (Talk, Line, Line) {
    let mut talk = Talk::new();
    let (near, far) = talk.stands_with(LUNCH, Alice, AGREED);
    talk.later += Duration::from_secs(seconds);
    talk.registers("Bob", "phone");
    (talk, near, far)
}

#[test]
fn a_session_that_nobody_refreshes_ends_in_time_on_both_sides() {
    // A third of 90 s before the expiry is the earliest (RFC 4028 section 10).
    for seconds in [60, 75, 90] {
        let (mut talk, near, far) = after(seconds);
        talk.byes(&near, Received, 200);
        talk.undecided(&expires());
        talk.failed(&expires());
        talk.byes(&far, Received, 200);
        assert_eq!(talk.met(&expires()), (2, vec![]));
    }
    let (mut early, near, far) = after(55);
    early.byes(&near, Received, 200);
    early.byes(&far, Received, 200);
    assert!(early.failed(&expires()).observed.contains("before its expiry"));
    let (mut late, near, far) = after(95);
    late.byes(&near, Received, 200);
    late.byes(&far, Received, 200);
    assert_eq!(late.met(&expires()).1[0].interpretation.as_deref(), Some("L28"));
}

#[test]
fn a_session_that_stands_for_ever_is_broken() {
    after(50).0.unseen(&expires(), Blame::Harness);
    after(95).0.failed(&expires());
    let mut untimed = Talk::new();
    let near = untimed
        .calls_as(LUNCH, Alice, |invite| invite.replace("Contribution-ID:", "Session-Expires: 90\r\nContribution-ID:"));
    let far = untimed.reaches(LUNCH, near.who.other());
    untimed.answers(&far, 200);
    untimed.answers(&near, 200);
    assert!(untimed.failed(&expires()).observed.contains("no session timer"));
    let mut unasked = Talk::new();
    unasked.stands(LUNCH, Alice);
    unasked.unseen(&expires(), Blame::Harness);
    let (mut hung_up, near, _) = after(95);
    hung_up.byes(&near, Sent, 200);
    hung_up.unseen(&expires(), Blame::Harness);
    let (mut refreshed, near, _) = after(45);
    let update = refreshed.asks(&near, Received, "UPDATE", "Session-Expires: 90;refresher=uac\r\n", "");
    refreshed.replies(&update, 200, AGREED, "");
    refreshed.later += Duration::from_secs(95);
    refreshed.registers("Bob", "phone");
    refreshed.unseen(&expires(), Blame::Configuration);
}

/// A refresh of the caller, answered so.
fn refresh(talk: &mut Talk, near: &Line, status: u16) {
    let update = talk.asks(near, Sent, "UPDATE", "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n", "");
    if status > 0 {
        talk.replies(&update, status, AGREED, "");
    }
    talk.later += Duration::from_secs(40);
    talk.registers("Bob", "phone");
}

#[test]
fn a_session_that_is_refreshed_stays() {
    let (mut talk, near, far) = after(45);
    refresh(&mut talk, &near, 200);
    talk.unseen(&keeps(), Blame::Harness);
    refresh(&mut talk, &near, 200);
    assert_eq!(talk.met(&keeps()), (3, vec![]));
    // It was refreshed: its time begins anew.
    talk.unseen(&expires(), Blame::Harness);
    talk.byes(&near, Sent, 200);
    talk.byes(&far, Received, 200);
    talk.met(&keeps());
    for status in [0, 481, 500] {
        let (mut refused, near, _) = after(45);
        refresh(&mut refused, &near, status);
        refresh(&mut refused, &near, 200);
        refused.failed(&keeps());
    }
    let (mut ended, near, far) = after(45);
    refresh(&mut ended, &near, 200);
    ended.byes(&near, Received, 200);
    ended.byes(&far, Received, 200);
    ended.failed(&keeps());
    after(95).0.unseen(&keeps(), Blame::Harness);
}

#[test]
fn too_small_an_interval_is_refused_raised_or_passed() {
    let asks = |status: u16, headers: &str, onward: bool| {
        let mut talk = Talk::new();
        let edit = |invite: String| invite.replace("Contribution-ID:", "Session-Expires: 30\r\nContribution-ID:");
        let near = talk.calls_as(LUNCH, Alice, edit);
        if onward {
            let far = talk.reaches(LUNCH, near.who.other());
            talk.answers(&far, 200);
        }
        talk.answers(&near, 100);
        if status > 0 {
            talk.answers_with(&near, status, headers);
        }
        talk
    };
    asks(422, "Min-SE: 90\r\n", false).met(&small());
    asks(200, AGREED, true).met(&small());
    asks(200, "Session-Expires: 30;refresher=uac\r\n", true).met(&small());
    asks(200, "", true).met(&small());
    asks(0, "", false).undecided(&small());
    for (status, headers) in [(422, ""), (422, "Min-SE: 30\r\n"), (486, ""), (500, ""), (200, ""), (0, "")] {
        asks(status, headers, false).failed(&small());
    }
    let mut plain = Talk::new();
    plain.stands(LUNCH, Alice);
    plain.unseen(&small(), Blame::Harness);
    assert!(small().expects().contains("422"));
}
