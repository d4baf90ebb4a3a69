//! Sessions of a user under interception.

use super::{event, hands, watched};
use crate::evidence::Direction::Sent;
use crate::rules::lawful_interception::{EventsHandedOver, NothingHandedOver};
use crate::rules::sessions::tests::script::{LUNCH, Talk, Who};
use cpm_wire::x2x3::{Direction, Pdu};
use pretty_assertions::assert_eq;

/// Alice calls Bob, who is under interception, and hangs up; gives the frames of the call, its answer and the end.
fn talked() -> (Talk, [u64; 3]) {
    let mut talk = Talk::new().registered();
    watched(&mut talk);
    let alice = talk.calls(LUNCH, Who::Alice);
    let invited = talk.frame();
    let bob = talk.reaches(LUNCH, Who::Bob);
    talk.answers(&bob, 200);
    let answered = talk.answers(&alice, 200);
    talk.acknowledges(&alice);
    talk.asks(&alice, Sent, "BYE", "", "");
    let ended = talk.frame();
    (talk, [invited, answered, ended])
}

#[test]
fn beginning_answer_and_end_are_handed_over() {
    let rule = EventsHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    let (mut talk, frames) = talked();
    for (at, frame) in frames.into_iter().enumerate() {
        let lacking = talk.failed(&rule).observed;
        assert!(lacking.contains(["INVITE in frame", "200 to INVITE", "BYE"][at]), "{lacking}");
        let way = if at == 1 { Direction::FromTarget } else { Direction::ToTarget };
        let pdu = event(talk.octets_of(frame), way);
        hands(&mut talk, &pdu);
    }
    assert_eq!(talk.met(&rule), (3, Vec::new()));
    let nothing = NothingHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    assert!(talk.failed(&nothing).observed.contains("INVITE of it"));
    assert_eq!(talked().0.met(&nothing).0, 1);
}

#[test]
fn several_correlations_of_one_session_are_worth_a_word() {
    let rule = EventsHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    let (mut talk, frames) = talked();
    for (correlation, frame) in (1..).zip(frames) {
        let pdu = Pdu { correlation, ..event(talk.octets_of(frame), Direction::Unknown) };
        hands(&mut talk, &pdu);
    }
    let (_, warnings) = talk.met(&rule);
    assert_eq!(warnings.iter().map(|finding| finding.observed.as_str()).collect::<Vec<_>>(), ["3 correlations"]);
}
