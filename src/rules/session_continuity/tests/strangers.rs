use super::super::StrangerKeptOut;
use super::*;
use crate::rules::sessions::tests::script::Who::Eve;
use crate::verdict::Blame;

fn rule() -> StrangerKeptOut {
    StrangerKeptOut { session: owned(LUNCH), person: owned("Bob"), device: owned("phone"), stranger: owned("Eve") }
}

#[test]
fn whatever_final_answer_keeps_a_stranger_out() {
    let (talk, ..) = stands();
    talk.unseen(&rule(), Blame::Harness);
    for status in [0, 200, 400, 401, 403, 404, 420, 481, 486, 500, 603] {
        let (mut talk, ..) = stands();
        let stranger = talk.calls(LUNCH, Eve);
        talk.undecided(&rule());
        if status > 0 {
            talk.answers(&stranger, status);
        }
        match status {
            0 => assert!(talk.failed(&rule()).observed.contains("never answered")),
            200 => assert!(talk.failed(&rule()).observed.contains("was answered 200")),
            _ => assert_eq!(talk.met(&rule()), (3, vec![]), "{status}"),
        }
    }
}

#[test]
fn the_session_lives_and_nothing_of_it_leaks() {
    for ended in [true, false] {
        let (mut talk, near, phone) = stands();
        let stranger = talk.calls(LUNCH, Eve);
        talk.answers(&stranger, 403);
        talk.byes(if ended { &near } else { &phone }, Received, 200);
        assert!(talk.failed(&rule()).observed.contains("told that it is over"));
    }
    let (mut talk, near, phone) = stands();
    let stranger = talk.calls(LUNCH, Eve);
    talk.answers(&stranger, 403);
    says(&mut talk, &near, &[&phone], "Just us");
    talk.met(&rule());
    talk.gets(&stranger.wire, &message(Alice, "Just us").cpim(), 200);
    assert!(talk.failed(&rule()).observed.contains("something of it came to Eve"));
}
