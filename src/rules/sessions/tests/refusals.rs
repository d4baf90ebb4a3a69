use super::super::{Established, NotEstablished, RefusalCarried};
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::Blame;

fn nothing() -> NotEstablished {
    NotEstablished { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn carried() -> RefusalCarried {
    RefusalCarried { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// Who is called answers this, and the caller gets that; 0 for no answer.
fn refused(who: Who, theirs: u16, ours: u16) -> Talk {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, who);
    let far = talk.reaches(LUNCH, who.other());
    for (line, status) in [(&far, theirs), (&near, ours)] {
        if status > 0 {
            talk.answers(line, status);
        }
    }
    talk
}

#[test]
fn a_refusal_reaches_the_caller_by_whatever_final_answer() {
    for who in [Alice, Bob] {
        for (theirs, ours) in [(486, 486), (603, 603), (603, 480), (480, 500)] {
            refused(who, theirs, ours).met(&carried());
            refused(who, theirs, ours).met(&nothing());
        }
    }
    refused(Alice, 486, 0).undecided(&carried());
    refused(Alice, 486, 0).failed(&carried());
    refused(Alice, 486, 200).failed(&carried());
    refused(Alice, 0, 486).unseen(&carried(), Blame::Harness);
    refused(Alice, 200, 486).unseen(&carried(), Blame::Harness);
    Talk::new().registered().unseen(&carried(), Blame::Harness);
}

#[test]
fn a_refusal_of_the_target_itself_is_none_of_the_other_side() {
    for status in [0, 200, 486, 500] {
        let mut talk = Talk::new();
        let near = talk.calls(LUNCH, Alice);
        talk.answers(&near, 100);
        if status > 0 {
            talk.answers(&near, status);
        }
        talk.failed(&carried());
    }
    let mut before = Talk::new();
    let near = before.calls(LUNCH, Alice);
    let far = before.reaches(LUNCH, Bob);
    before.answers(&near, 486);
    before.answers(&far, 486);
    assert!(before.failed(&carried()).observed.contains("before"));
}

#[test]
fn nothing_stands_on_either_side() {
    refused(Alice, 0, 0).unanswered(&nothing());
    assert!(refused(Alice, 200, 486).failed(&nothing()).observed.contains("other side"));
    let mut stands = Talk::new();
    let (near, far) = stands.stands(LUNCH, Alice);
    stands.failed(&nothing());
    let mut ended = stands;
    ended.byes(&near, Received, 200);
    ended.failed(&nothing());
    ended.byes(&far, Received, 200);
    ended.met(&nothing());
    let mut hung_up = Talk::new();
    let (near, far) = hung_up.stands(LUNCH, Alice);
    hung_up.byes(&near, Sent, 200);
    hung_up.byes(&far, Received, 200);
    hung_up.failed(&nothing());
    Talk::new().registered().unseen(&nothing(), Blame::Harness);
}

#[test]
fn a_question_is_about_the_call_before_it() {
    let mut talk = refused(Alice, 486, 486);
    talk.awaits(&nothing());
    talk.awaits(&carried());
    talk.stands(LUNCH, Alice);
    talk.met(&nothing());
    talk.met(&carried());
    let established = Established { session: LUNCH.to_owned(), person: "Bob".to_owned(), device: "phone".to_owned() };
    talk.awaits(&established);
    talk.met(&established);
    talk.awaits(&nothing());
    talk.failed(&nothing());
}
