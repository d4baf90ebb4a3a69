//! The last units of credit.

use super::*;
use crate::rules::Judgement;
use crate::rules::charging::*;
use crate::rules::missed_group_content::tests::script::stating;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn ended() -> EndedWithCredit {
    EndedWithCredit { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn kept() -> KeptAfterCredit {
    KeptAfterCredit { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// A session with so many seconds of credit, the last, and this time after them.
fn session(seconds: u32, after: Duration) -> (Talk, Line, Line) {
    let mut talk = Talk::new().registered();
    let near = called(&mut talk);
    charges_with(&mut talk, &Slip::request(1), |answer| {
        answer
            .avp(&RESULT_CODE, 2001u32)
            .group(&GRANTED_SERVICE_UNIT, |group| group.avp(&CC_TIME, seconds))
            .group(&FINAL_UNIT_INDICATION, |group| group.avp(&FINAL_UNIT_ACTION, 0))
    });
    let far = goes_on(&mut talk, &near);
    talk.later = after;
    (talk, near, far)
}

#[test]
fn the_session_ends_with_the_credit_and_what_was_used_is_told() {
    let (mut talk, near, far) = session(1, Duration::from_secs(1));
    assert!(talk.failed(&ended()).observed.contains("it stands"));
    talk.byes(&near, Received, 200);
    assert!(talk.failed(&ended()).observed.contains("it stands"));
    talk.byes(&far, Received, 200);
    assert!(talk.failed(&ended()).observed.contains("no last request"));
    let mut untold = talk.clone_talk();
    charges(&mut untold, &Slip { used: None, ..Slip::request(3) }, 2001);
    untold.failed(&ended());
    let mut nothing = talk.clone_talk();
    charges(&mut nothing, &Slip { used: Some(0), ..Slip::request(3) }, 2001);
    nothing.failed(&ended());
    charges(&mut talk, &Slip::request(3), 2001);
    assert_eq!(talk.met(&ended()).0, 4);
}

#[test]
fn a_session_that_ends_before_its_credit_was_paid_for_in_vain() {
    let (mut talk, near, far) = session(2, Duration::from_secs(1));
    talk.byes(&near, Received, 200);
    talk.byes(&far, Received, 200);
    charges(&mut talk, &Slip::request(3), 2001);
    assert!(talk.failed(&ended()).observed.contains("before its credit was used up"));
}

#[test]
fn a_session_that_somebody_ends_shows_nothing() {
    let (mut talk, near, far) = session(1, Duration::from_secs(1));
    hangs_up(&mut talk, &near, &far);
    talk.unseen(&ended(), Blame::Harness);
}

#[test]
fn where_the_user_is_led_elsewhere_what_was_used_is_told_then() {
    let stated = stating("final_unit", "redirect".into());
    let (mut talk, near, far) = session(1, Duration::from_secs(1));
    assert!(matches!(talk.judge_with(&kept(), &stated).judgement, Judgement::Broken(_)));
    let mut early = session(5, Duration::from_secs(1)).0;
    charges(&mut early, &Slip { used: Some(1), ..Slip::request(2) }, 2001);
    assert!(matches!(early.judge_with(&kept(), &stated).judgement, Judgement::Broken(_)));
    let mut ended = talk.clone_talk();
    ended.later = Duration::from_secs(1);
    charges(&mut talk, &Slip { used: Some(1), ..Slip::request(2) }, 2001);
    let assessed = talk.judge_with(&kept(), &stated);
    assert_eq!((assessed.judgement, assessed.warnings.len()), (Judgement::Met { checks: 2 }, 0));
    ended.byes(&near, Received, 200);
    ended.byes(&far, Received, 200);
    charges(&mut ended, &Slip::request(3), 2001);
    let assessed = ended.judge_with(&kept(), &stated);
    assert_eq!((assessed.judgement, assessed.warnings.len()), (Judgement::Met { checks: 2 }, 1));
}
