use super::super::RefusedWell;
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Event;
use crate::rules::Judgement;
use crate::verdict::Blame;

fn rule(what: &str) -> RefusedWell {
    RefusedWell { session: LUNCH.to_owned(), person: "Bob".to_owned(), what: what.to_owned() }
}

/// What a wrong call looks like, beside what is wrong with it.
fn wrong(what: &str, invite: String) -> String {
    match what {
        "unknown dialog" => invite.replace("To: <sip:bob@example.com>", "To: <sip:bob@example.com>;tag=nobodys"),
        "without identifiers" => without_identifiers(invite),
        "unknown extension" => invite.replace("Contribution-ID", "Require: x-of-nobody\r\nContribution-ID"),
        _ => invite,
    }
}

fn without_identifiers(invite: String) -> String {
    invite.replace("Contribution-ID: contribution-Lunch\r\n", "").replace("Conversation-ID: conversation-Lunch\r\n", "")
}

/// Alice calls wrongly; the target answers so, if it does.
fn call(what: &str, status: u16) -> (Talk, Line) {
    let mut talk = Talk::new();
    let call_id = "talk-Lunch-1".to_owned();
    talk.event(Event::WrongCall { session: LUNCH.to_owned(), what: what.to_owned(), call_id });
    let near = talk.calls_as(LUNCH, Alice, |invite| wrong(what, invite));
    if status > 0 {
        talk.answers(&near, status);
    }
    (talk, near)
}

/// The call goes on, edited, and is accepted with this status.
fn goes_on(what: &str, status: u16, edit: impl Fn(String) -> String) -> Talk {
    let (mut talk, near) = call(what, 0);
    let far = talk.reaches_as(LUNCH, Bob, edit);
    talk.answers(&far, status);
    talk.answers(&near, status);
    talk
}

#[test]
fn each_wrong_call_has_its_answer() {
    for (what, due, others) in [
        ("unknown dialog", vec![481], vec![200, 404, 486, 500]),
        ("bad description", vec![400, 488], vec![200, 486, 500]),
        ("without identifiers", vec![400, 403, 486], vec![500, 603, 200]),
        ("unknown extension", vec![420], vec![200, 486, 500]),
        ("unknown proxy extension", vec![420], vec![200, 486, 500]),
        ("no hops left", vec![483], vec![200, 486, 500]),
    ] {
        for status in due {
            call(what, status).0.met(&rule(what));
        }
        for status in others {
            assert!(call(what, status).0.failed(&rule(what)).observed.contains(&status.to_string()), "{what}");
        }
        let (mut silent, near) = call(what, 0);
        silent.answers(&near, 100);
        silent.undecided(&rule(what));
        assert!(silent.failed(&rule(what)).observed.contains("not answered"), "{what}");
    }
    let (mut spoke, _) = call("no hops left", 483);
    spoke.stands(LUNCH, Alice);
    spoke.unseen(&rule("bad description"), Blame::Harness);
    spoke.met(&rule("no hops left"));
}

#[test]
fn what_is_required_is_passed_on_or_refused() {
    let require = |invite: String| invite.replace("Contribution-ID", "Require: x-of-nobody\r\nContribution-ID");
    goes_on("unknown extension", 420, require).met(&rule("unknown extension"));
    goes_on("unknown extension", 200, require).met(&rule("unknown extension"));
    goes_on("unknown extension", 200, |invite| invite).failed(&rule("unknown extension"));
    goes_on("unknown proxy extension", 200, |invite| invite).met(&rule("unknown proxy extension"));
    goes_on("no hops left", 200, |invite| invite).failed(&rule("no hops left"));
}

#[test]
fn identifiers_are_demanded_inserted_or_done_without() {
    let what = "without identifiers";
    let warned = |talk: Talk| talk.met(&rule(what)).1.into_iter().map(|finding| finding.observed).collect::<Vec<_>>();
    assert_eq!(warned(call(what, 400).0), Vec::<String>::new());
    assert_eq!(warned(goes_on(what, 200, without_identifiers)), ["missing_ids: pass_on"]);
    let made = |invite: String| invite.replace("ion-Lunch\r\n", "ion-made\r\n");
    assert_eq!(warned(goes_on(what, 200, made)), ["missing_ids: insert"]);
    let declared = goes_on(what, 200, made).judge_with(&rule(what), &stating("missing_ids", "insert".into()));
    assert_eq!((declared.judgement, declared.warnings), (Judgement::Met { checks: 1 }, vec![]));
    let (mut several, near) = call(what, 0);
    several.reaches_as(LUNCH, Bob, made);
    several.reaches_as(LUNCH, Bob, |invite| invite.replace("ion-Lunch\r\n", "ion-other\r\n"));
    several.answers(&near, 200);
    several.failed(&rule(what));
}

#[test]
fn a_wrong_call_is_no_call_of_the_session() {
    let (mut talk, _) = call("no hops left", 483);
    let (near, far) = talk.stands(LUNCH, Alice);
    let established =
        super::super::Established { session: LUNCH.to_owned(), person: "Bob".to_owned(), device: "phone".to_owned() };
    talk.met(&established);
    assert_ne!(near.wire.call_id, far.wire.call_id);
}
