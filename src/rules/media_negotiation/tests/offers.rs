use super::super::{OfferGiven, OfferRefused};
use super::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::Blame;
use serde_json::json;

fn refused() -> OfferRefused {
    OfferRefused { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn given() -> OfferGiven {
    OfferGiven { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// Alice's call, answered so by the target alone.
fn answered(status: u16, edit: impl Fn(String) -> String) -> Talk {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    talk.answers_as(&near, status, edit);
    talk
}

#[test]
fn an_offer_is_refused_by_any_final_answer_or_with_port_0() {
    for status in [400, 415, 488, 500, 606] {
        assert_eq!(answered(status, as_it_is).met(&refused()), (1, vec![]));
    }
    answered(200, |answer| answer.replace("m=message 2855", "m=message 0")).met(&refused());
    let declared = stating("refusals", json!({"media": [488]}));
    let warned = answered(480, as_it_is).judge_with(&refused(), &declared).warnings;
    assert_eq!(warned[0].interpretation.as_deref(), Some("L19"));
}

#[test]
fn an_offer_that_is_accepted_is_not_refused() {
    assert!(answered(200, as_it_is).failed(&refused()).observed.contains("m=message was accepted with port 2855"));
    let bare = |answer: String| answer.split_once("\r\n\r\n").map(|(head, _)| format!("{head}\r\n\r\n")).unwrap();
    assert!(answered(200, bare).failed(&refused()).observed.contains("without a description"));
    let mut unanswered = Talk::new().registered();
    unanswered.calls(LUNCH, Alice);
    unanswered.unanswered(&refused());
    // Somebody took what the target made of it.
    let mut another = Talk::new();
    another.stands(LUNCH, Alice);
    another.outside(&refused(), "L29");
}

#[test]
fn who_asks_for_an_offer_is_given_one_or_refused() {
    let ask = |status: u16, edit: &dyn Fn(String) -> String| {
        let mut talk = Talk::new();
        let (near, _) = talk.stands(LUNCH, Alice);
        talk.unseen(&given(), Blame::Harness);
        let asked = talk.asks(&near, Sent, "INVITE", "", "");
        if status > 0 {
            let body = if status < 300 { edit(offer(&near.wire.target_path, "sendrecv")) } else { String::new() };
            talk.replies(&asked, status, "", &body);
        }
        talk
    };
    assert_eq!(ask(200, &as_it_is).met(&given()), (1, vec![]));
    ask(488, &as_it_is).met(&given());
    assert!(ask(200, &|_| String::new()).failed(&given()).observed.contains("without one"));
    ask(200, &|body| body.replace("a=path", "a=no-path")).failed(&given());
    assert!(ask(0, &as_it_is).failed(&given()).observed.contains("never answered"));
    // What the target asks is another matter.
    let mut talk = Talk::new();
    let (near, _) = talk.stands(LUNCH, Alice);
    talk.asks(&near, Received, "INVITE", "", "");
    talk.unseen(&given(), Blame::Harness);
}
