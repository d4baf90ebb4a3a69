//! Credit before a session or a message goes on.

use super::*;
use crate::pair::{accepting, chat, onward, picked_up, up, up_with};
use crate::scene::charging_server::{Credit, action, said, subscriber, told, used};
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::result;
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn a_session_asks_before_it_goes_on_and_returns_what_is_left() {
    let mut scene = charging(Charging::Online);
    scene.charging.is_silent = true;
    scene.send(&vector("ab-12")(chat(&scene, "1", false)).build());
    scene.none(Method::Invite);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0)]);
    scene.charging.is_silent = false;
    let mut scene = charging(Charging::Online);
    let pair = up_with(&mut scene, "1", vector("ab-12"));
    scene.pass(Duration::from_secs(7));
    says(&mut scene, "caller-1", "m1");
    changed(&mut scene, &pair, 2);
    scene.pass(Duration::from_secs(3));
    hung_up(&mut scene, &pair);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (UPDATE, 1), (TERMINATION, 2)]);
    let asked: Vec<_> = scene.charging.credits().cloned().collect();
    for question in &asked {
        assert_eq!(question.session_id(), asked[0].session_id());
        assert_eq!((subscriber(question).as_str(), said(question, &ROLE_OF_NODE)), (BOB, Some(1)));
        assert_eq!(told(question, &IMS_CHARGING_IDENTIFIER).as_deref(), Some("ab-12"));
    }
    let octets = message("alice", "m1", "hello").len() as u64;
    assert_eq!(asked.iter().map(used).collect::<Vec<_>>(), [None, Some((7, octets, 1)), Some((3, 0, 0))]);
    assert_eq!(scene.charging.records(), []);
}

#[test]
fn without_credit_nothing_goes_on_and_with_it_it_does() {
    let codes = [
        result::CREDIT_LIMIT_REACHED,
        result::END_USER_SERVICE_DENIED,
        result::AUTHORIZATION_REJECTED,
        result::USER_UNKNOWN,
        result::RATING_FAILED,
    ];
    for code in codes {
        let mut scene = charging(Charging::Both);
        scene.charging.credit = Some(Credit::Result(code));
        scene.send(&chat(&scene, "1", false).build());
        scene.response(Method::Invite, 402);
        scene.none(Method::Invite);
        scene.send(&pager(BOB, ALICE, "a").build());
        scene.response(Method::Message, 402);
        scene.none(Method::Message);
        assert_eq!(scene.charging.questions(), [(INITIAL, 0), (ONE_TIME, 0)], "{code}");
        scene.charging.credit = None;
        carried(&mut scene, &pager(BOB, ALICE, "b").build(), 200);
        assert_eq!(scene.charging.records(), [(ALONE, 0)], "{code}");
    }
}

#[test]
fn what_credit_does_not_apply_to_goes_on_uncharged() {
    let mut scene = charging(Charging::Online);
    scene.charging.credit = Some(Credit::Result(result::CREDIT_CONTROL_NOT_APPLICABLE));
    let pair = up(&mut scene, "1");
    hung_up(&mut scene, &pair);
    carried(&mut scene, &pager(ALICE, BOB, "a").build(), 200);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (ONE_TIME, 0)]);
}

#[test]
fn a_message_is_debited_and_refunded_where_nobody_takes_it() {
    let mut scene = charging(Charging::Online);
    carried(&mut scene, &pager(BOB, ALICE, "a").build(), 200);
    assert_eq!(scene.charging.credits().map(action).collect::<Vec<_>>(), [Some(0)]);
    carried(&mut scene, &pager(BOB, ALICE, "b").build(), 404);
    let asked: Vec<_> = scene.charging.credits().cloned().collect();
    assert_eq!(asked.iter().map(action).collect::<Vec<_>>(), [Some(0), Some(0), Some(1)]);
    assert_ne!(asked[2].session_id(), asked[1].session_id());
    assert_eq!(asked[2].find(&CC_CORRELATION_ID).unwrap().data, asked[1].session_id().unwrap().as_bytes());
    assert!(asked.iter().all(|one| told(one, &USER_SESSION_ID).is_none()));
}

#[test]
fn a_call_that_is_refused_or_withdrawn_returns_its_credit() {
    let mut scene = charging(Charging::Online);
    scene.send(&chat(&scene, "1", false).build());
    let ringing = onward(&mut scene);
    scene.answer(&ringing, 486, "", None);
    scene.response(Method::Invite, 486);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (TERMINATION, 1)]);
    let end = scene.charging.credits().last().unwrap().clone();
    assert_eq!(used(&end), Some((0, 0, 0)));
}

#[test]
fn who_withdraws_a_call_that_waits_for_credit_is_answered_and_the_credit_goes_back() {
    let mut scene = charging_with(Charging::Online, |config| {
        config.charging.as_mut().unwrap().tx = Duration::from_secs(8);
    });
    scene.charging.is_silent = true;
    let invite = chat(&scene, "1", false).build();
    scene.send(&invite);
    let cancel = Builder::request(Method::Cancel, invite.request_uri().unwrap())
        .header(Name::Via, invite.header(&Name::Via).unwrap())
        .header(Name::MaxForwards, 70)
        .header(Name::From, invite.header(&Name::From).unwrap())
        .header(Name::To, invite.header(&Name::To).unwrap())
        .header(Name::CallId, "1")
        .header(Name::CSeq, "1 CANCEL");
    scene.send(&cancel.build());
    scene.response(Method::Cancel, 200);
    scene.response(Method::Invite, 487);
    scene.none(Method::Invite);
    // No answer ever comes: nothing is asked any more, and nothing goes on.
    scene.pass(Duration::from_secs(30));
    scene.none(Method::Invite);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0)]);
}

#[test]
fn both_charge_one_session_each_by_itself() {
    let mut scene = charging(Charging::Both);
    scene.send(&chat(&scene, "1", false).build());
    let invite = scene.sip.iter().find(|one| one.is_request() && one.method() == Method::Invite).cloned().unwrap();
    scene.sip.retain(|one| one != &invite);
    let answer = accepting(&scene, "1", &invite);
    let own = chat(&scene, "1", false).build();
    let pair = picked_up(&mut scene, "1", (own, invite), answer);
    hung_up(&mut scene, &pair);
    assert_eq!(scene.charging.records(), [(START, 0), (STOP, 1)]);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (TERMINATION, 1)]);
    let sessions: std::collections::BTreeSet<_> = scene.charging.asked.iter().map(|one| one.session_id()).collect();
    assert_eq!(sessions.len(), 2);
}
