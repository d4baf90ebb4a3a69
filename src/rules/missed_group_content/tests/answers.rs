use super::super::{Answered, Asked, Reply};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::Blame;

const FOCUS: &str = "sip:conf-books@focus.example.com";
const FACTORY: &str = "sip:conference-factory@example.com";
const BOOKS_ID: &str = "contribution-books";

fn rule(what: Asked, outcome: Reply) -> Answered {
    Answered { person: "Bob".to_owned(), group: BOOKS.to_owned(), what, outcome }
}

/// A rejoin goes on to this focus with this answer, and the device gets that one.
fn rejoin(to: &str, theirs: u16, ours: u16) -> Script {
    let mut script = Script::new();
    script.originates(FOCUS, BOOKS, "Bob", "phone", None, ours);
    if theirs > 0 {
        script.passes_on(to, BOOKS_ID, None, theirs);
    }
    script
}

#[test]
fn a_rejoin_reaches_the_focus_and_its_answer_the_device() {
    rejoin(FOCUS, 200, 200).met(&rule(Asked::Rejoin, Reply::Granted));
    rejoin(FOCUS, 403, 403).met(&rule(Asked::Rejoin, Reply::Refused));
    let other = rejoin(FOCUS, 403, 480).met(&rule(Asked::Rejoin, Reply::Refused)).1;
    assert_eq!(other[0].interpretation.as_deref(), Some("L19"));
    rejoin(FOCUS, 200, 480).failed(&rule(Asked::Rejoin, Reply::Granted));
    rejoin(FOCUS, 403, 200).failed(&rule(Asked::Rejoin, Reply::Refused));
    rejoin(FOCUS, 0, 200).failed(&rule(Asked::Rejoin, Reply::Granted));
    rejoin(FOCUS, 0, 0).undecided(&rule(Asked::Rejoin, Reply::Granted));
    assert!(rejoin(FOCUS, 200, 0).failed(&rule(Asked::Rejoin, Reply::Granted)).observed.contains("not answered"));
    rejoin(FOCUS, 200, 200).unseen(&rule(Asked::Rejoin, Reply::Refused), Blame::Harness);
    // Whoever refuses by itself what would be refused does no harm.
    assert_eq!(rejoin(FOCUS, 0, 404).met(&rule(Asked::Rejoin, Reply::Refused)).1.len(), 1);
    let mut unasked = Script::new();
    unasked.invites(BOOKS, "Bob", 200);
    unasked.unseen(&rule(Asked::Rejoin, Reply::Granted), Blame::Harness);
}

#[test]
fn a_rejoin_goes_to_the_newest_focus() {
    let moved = |to: &str| {
        let mut script = Script::new();
        script.moves(BOOKS, "sip:conf-new@focus.example.com");
        script.originates("sip:conf-new@focus.example.com", BOOKS, "Bob", "phone", None, 200);
        script.passes_on(to, BOOKS_ID, None, 200);
        script
    };
    moved("sip:conf-new@focus.example.com").met(&rule(Asked::Rejoin, Reply::Granted));
    assert!(moved(FOCUS).failed(&rule(Asked::Rejoin, Reply::Granted)).expected.contains("conf-new"));
}

#[test]
fn a_target_that_stands_in_the_chat_may_answer_a_rejoin_by_itself() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.originates(FOCUS, BOOKS, "Bob", "phone", None, 200);
    script.met(&rule(Asked::Rejoin, Reply::Granted));
    let mut gone = Script::new();
    let leg = gone.invites(BOOKS, "Bob", 200);
    gone.ends(&leg, Sent, "");
    gone.originates(FOCUS, BOOKS, "Bob", "phone", None, 200);
    gone.failed(&rule(Asked::Rejoin, Reply::Granted));
    assert_ne!(focus.call_id, "");
}

#[test]
fn a_restart_reaches_the_factory_and_its_answer_the_device() {
    let restart = |contribution: &str, theirs: u16, ours: u16| {
        let mut script = Script::new();
        let list = Some(&["alice", "carol"][..]);
        script.originates(FACTORY, BOOKS, "Bob", "phone", list, ours);
        if theirs > 0 {
            script.passes_on(FACTORY, contribution, list, theirs);
        }
        script
    };
    restart(BOOKS_ID, 200, 200).met(&rule(Asked::Restart, Reply::Granted));
    restart(BOOKS_ID, 403, 403).met(&rule(Asked::Restart, Reply::Refused));
    assert!(restart("another", 200, 200).failed(&rule(Asked::Restart, Reply::Granted)).observed.contains("another"));
    restart(BOOKS_ID, 403, 200).failed(&rule(Asked::Restart, Reply::Refused));
    restart(BOOKS_ID, 0, 200).failed(&rule(Asked::Restart, Reply::Granted));
}

#[test]
fn a_member_is_added_by_the_focus_alone() {
    let add = |onward: Option<(&str, &str, u16)>, ours: u16| {
        let mut script = Script::new();
        script.invites(BOOKS, "Bob", 200);
        let asked = script.refers(Sent, FOCUS, "eve");
        if let Some((to, whom, status)) = onward {
            let on = script.refers(Received, to, whom);
            script.answered(Received, &on, status);
        }
        if ours > 0 {
            script.answered(Sent, &asked, ours);
        }
        script
    };
    add(Some((FOCUS, "eve", 202)), 202).met(&rule(Asked::Add, Reply::Granted));
    add(Some((FOCUS, "eve", 403)), 403).met(&rule(Asked::Add, Reply::Refused));
    assert!(add(Some((FOCUS, "dave", 202)), 202).failed(&rule(Asked::Add, Reply::Granted)).observed.contains("dave"));
    add(Some((FOCUS, "eve", 403)), 202).failed(&rule(Asked::Add, Reply::Refused));
    add(Some(("sip:elsewhere@focus.example.com", "eve", 202)), 202).failed(&rule(Asked::Add, Reply::Granted));
    // Who stands in may not grant by itself what only the focus can do.
    add(None, 202).failed(&rule(Asked::Add, Reply::Granted));
    assert_eq!(add(None, 403).met(&rule(Asked::Add, Reply::Refused)).1.len(), 1);
    add(Some((FOCUS, "eve", 202)), 0).undecided(&rule(Asked::Add, Reply::Granted));
    add(Some((FOCUS, "eve", 202)), 0).failed(&rule(Asked::Add, Reply::Granted));
}
