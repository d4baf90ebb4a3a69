//! Sessions, and what is charged for them.

use super::*;
use crate::rules::charging::*;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn recorded() -> SessionRecorded {
    SessionRecorded { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn reserved() -> SessionReserved {
    SessionReserved { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn unpaid() -> SessionUnpaid {
    SessionUnpaid { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn uncharged() -> SessionUncharged {
    SessionUncharged { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn changed() -> ChangeCharged {
    ChangeCharged { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// A session with this first record, if any, that ends; then this last one.
fn session(first: Option<&Slip>, last: Option<&Slip>) -> Talk {
    let mut talk = Talk::new().registered();
    let near = called(&mut talk);
    let far = goes_on(&mut talk, &near);
    if let Some(first) = first {
        charges(&mut talk, first, 2001);
    }
    hangs_up(&mut talk, &near, &far);
    if let Some(last) = last {
        charges(&mut talk, last, 2001);
    }
    talk
}

#[test]
fn a_session_has_a_first_record_and_a_last_one() {
    let (start, stop) = (Slip::record(2), Slip::record(4));
    assert_eq!(session(Some(&start), Some(&stop)).met(&recorded()), (2, Vec::new()));
    assert!(session(None, None).failed(&recorded()).observed.contains("nothing was charged"));
    assert!(session(Some(&start), None).failed(&recorded()).observed.contains("the first record"));
    assert!(session(None, Some(&stop)).failed(&recorded()).observed.contains("the last record"));
    let alike = Slip { number: 0, ..Slip::record(4) };
    assert!(session(Some(&start), Some(&alike)).failed(&recorded()).observed.contains("both have the number 0"));
    let apart = Slip { session: "pf.example.com;2".to_owned(), ..stop };
    assert!(session(Some(&start), Some(&apart)).failed(&recorded()).observed.contains("the last record"));
}

#[test]
fn a_session_that_still_stands_has_no_last_record() {
    let mut talk = Talk::new().registered();
    let near = called(&mut talk);
    let far = goes_on(&mut talk, &near);
    charges(&mut talk, &Slip::record(2), 2001);
    charges(&mut talk, &Slip::record(4), 2001);
    talk.unseen(&recorded(), Blame::Harness);
    hangs_up(&mut talk, &near, &far);
    assert!(talk.failed(&recorded()).observed.contains("before anybody had ended it"));
}

#[test]
fn a_record_is_known_by_identifier_by_call_or_by_who_had_a_part() {
    let by_call = Slip { icid: None, call_id: Some("talk-Lunch-1"), ..Slip::record(2) };
    let (checks, warnings) =
        session(Some(&by_call), Some(&Slip { kind: 4, number: 4, ..by_call.clone() })).met(&recorded());
    assert_eq!((checks, warnings.len()), (2, 1));
    let by_parties = Slip { call_id: None, ..by_call.clone() };
    let (checks, warnings) =
        session(Some(&by_parties), Some(&Slip { kind: 4, number: 4, ..by_parties.clone() })).met(&recorded());
    assert_eq!((checks, warnings.len()), (2, 1));
    // A later record of the same charging session need not say so again.
    let bare = Slip { icid: None, parties: ["sip:x@example.com"; 2], ..Slip::record(4) };
    assert_eq!(session(Some(&Slip::record(2)), Some(&bare)).met(&recorded()).0, 2);
    // By the Call-ID alone it is this session, and the identifier is wrong.
    let wrong = Slip { icid: Some("icid-of-nobody"), ..by_call };
    session(Some(&wrong), Some(&Slip { kind: 4, number: 4, ..wrong.clone() })).outside(&recorded(), "L21");
}

#[test]
fn an_identifier_of_nobody_leaves_open_what_was_charged() {
    let strange = Slip { icid: Some("icid-of-nobody"), ..Slip::record(2) };
    let finding =
        session(Some(&strange), Some(&Slip { kind: 4, number: 4, ..strange.clone() })).outside(&recorded(), "L21");
    assert!(finding.observed.contains("icid-of-nobody"), "{}", finding.observed);
    // Somebody else's records say nothing of Bob's.
    let of_eve = Slip { user: "sip:eve@example.com", ..Slip::record(2) };
    session(Some(&of_eve), Some(&Slip { kind: 4, number: 4, ..of_eve.clone() })).failed(&recorded());
}

#[test]
fn events_alone_are_another_form() {
    let mut talk = session(Some(&Slip::record(1)), None);
    talk.outside(&recorded(), "L21");
    charges(&mut talk, &Slip { session: "pf.example.com;7".to_owned(), ..Slip::record(4) }, 2001);
    talk.failed(&recorded());
}

/// A session of a user who pays beforehand, for whom the server answers so; with the last request, if there is one.
fn prepaid(result: u32, last: Option<&Slip>) -> Talk {
    let mut talk = Talk::new().registered();
    let near = called(&mut talk);
    charges(&mut talk, &Slip::request(1), result);
    let far = goes_on(&mut talk, &near);
    hangs_up(&mut talk, &near, &far);
    if let Some(last) = last {
        charges(&mut talk, last, 2001);
    }
    talk
}

#[test]
fn credit_is_asked_for_before_and_given_back_after() {
    assert_eq!(prepaid(2001, Some(&Slip::request(3))).met(&reserved()).0, 2);
    assert!(prepaid(2001, None).failed(&reserved()).observed.contains("goes on"));
    let mut late = Talk::new().registered();
    let near = called(&mut late);
    goes_on(&mut late, &near);
    late.failed(&reserved());
    charges(&mut late, &Slip::request(1), 2001);
    assert!(late.failed(&reserved()).observed.contains("before the first request"));
    let mut by_event = Talk::new().registered();
    let near = called(&mut by_event);
    charges(&mut by_event, &Slip::request(4), 2001);
    goes_on(&mut by_event, &near);
    by_event.outside(&reserved(), "L21");
}

#[test]
fn what_costs_nothing_goes_on() {
    assert_eq!(prepaid(4011, None).met(&uncharged()).0, 2);
    prepaid(2001, None).unseen(&uncharged(), Blame::Harness);
    let mut refused = Talk::new().registered();
    let near = called(&mut refused);
    charges(&mut refused, &Slip::request(1), 4011);
    refused.answers(&near, 402);
    refused.failed(&uncharged());
}

#[test]
fn without_credit_nothing_goes_on() {
    for code in [4012, 4010, 5003, 5030, 5031] {
        assert!(prepaid(code, None).failed(&unpaid()).observed.contains("it went on"));
        for status in [402, 403, 480] {
            let mut refused = Talk::new().registered();
            let near = called(&mut refused);
            charges(&mut refused, &Slip::request(1), code);
            assert!(refused.failed(&unpaid()).observed.contains("never answered"));
            refused.answers(&near, status);
            assert_eq!(refused.met(&unpaid()).0, 2);
        }
    }
    let answered = |status| {
        let mut talk = Talk::new().registered();
        let near = called(&mut talk);
        charges(&mut talk, &Slip::request(1), 4012);
        talk.answers(&near, status);
        talk
    };
    answered(200).failed(&unpaid());
    answered(603).outside(&unpaid(), "L21");
    answered(503).outside(&unpaid(), "L21");
}

#[test]
fn a_refusal_that_nobody_asked_the_server_for_is_none() {
    let mut talk = Talk::new().registered();
    let near = called(&mut talk);
    talk.answers(&near, 402);
    talk.failed(&unpaid());
    charges(&mut talk, &Slip::request(1), 2001);
    talk.unseen(&unpaid(), Blame::Harness);
}

#[test]
fn a_change_is_followed_by_a_record_or_a_request() {
    for middle in [Slip::record(3), Slip::request(2)] {
        let mut talk = Talk::new().registered();
        let near = called(&mut talk);
        let first = if middle.online { Slip::request(1) } else { Slip::record(2) };
        charges(&mut talk, &first, 2001);
        let far = goes_on(&mut talk, &near);
        talk.unseen(&changed(), Blame::Harness);
        charges(&mut talk, &Slip { number: 9, ..middle.clone() }, 2001);
        talk.changes(&near, Sent, ("INVITE", "sendonly"), (200, "recvonly"));
        talk.changes(&far, Received, ("INVITE", "sendonly"), (200, "recvonly"));
        talk.failed(&changed());
        charges(&mut talk, &middle, 2001);
        assert_eq!(talk.met(&changed()).0, 1);
    }
}
