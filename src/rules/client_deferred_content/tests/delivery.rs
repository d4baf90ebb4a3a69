use serde_json::json;

use super::super::{AcceptsDelivery, KeepsBothLegs, KeepsChat};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::{ConnectionWhat, Event};
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;

fn accepts() -> AcceptsDelivery {
    AcceptsDelivery { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn keeps() -> KeepsChat {
    KeepsChat { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn both() -> KeepsBothLegs {
    KeepsBothLegs { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn m(n: u32) -> String {
    text(&format!("m{n}"), ALICE, &format!("message {n}")).cpim()
}

#[test]
fn a_session_is_taken_and_each_message_acknowledged() {
    let mut script = Script::new();
    let drain = script.drains();
    script.undecided(&accepts());
    script.sends(&drain, &m(1), 200);
    assert_eq!(script.judge(&accepts(), Moment::Open).judgement, Judgement::Met { checks: 2 });
    script.sends(&drain, &m(2), 200);
    script.sends(&drain, &delivered("m0", CAROL).cpim(), 200);
    assert_eq!(script.met(&accepts()), 4);
}

#[test]
fn a_live_session_is_taken_as_well_and_so_is_one_that_the_client_opens() {
    let mut live = Script::new();
    let leg = live.goes_on();
    live.sends(&leg, &m(1), 200);
    live.met(&accepts());

    let mut own = Script::new();
    let leg = own.calls(FOCUS, None, CONTRIBUTION);
    own.sends(&leg, &m(1), 200);
    assert_eq!(own.met(&accepts()), 2);
}

#[test]
fn a_message_that_is_not_acknowledged_fails() {
    let mut refused = Script::new();
    let drain = refused.drains();
    refused.sends(&drain, &m(1), 200);
    refused.sends(&drain, &m(2), 403);
    assert!(refused.failed(&accepts()).contains("403"));

    let mut ignored = Script::new();
    let drain = ignored.drains();
    ignored.sends(&drain, &m(1), 200);
    ignored.sends(&drain, &m(2), 0);
    ignored.undecided(&accepts());
    assert!(ignored.failed(&accepts()).contains("never answered"));
}

#[test]
fn what_the_tester_lost_itself_fails_nobody() {
    let mut script = Script::new();
    let drain = script.drains();
    script.sends(&drain, &m(1), 200);
    script.sends(&drain, &m(2), 0);
    let mut lossy = script.clone();
    lossy.event(crate::evidence::Event::Dropped { datagrams: 1 });
    assert!(lossy.judge(&accepts(), Moment::Closed) != script.judge(&accepts(), Moment::Closed));
    script.connected(ConnectionWhat::Reset { by_target: false });
    script.failed(&accepts());
}

#[test]
fn a_refused_session_fails_unless_a_later_one_is_taken() {
    let mut script = Script::new();
    script.offers(&Offer { status: 486, ..Offer::default() });
    assert!(script.failed(&accepts()).contains("486"));
    let drain = script.drains();
    script.sends(&drain, &m(1), 200);
    script.met(&accepts());
}

#[test]
fn who_never_answers_fails_and_who_asks_the_user_is_not_judged() {
    let mut silent = Script::new();
    silent.subscribes(FOCUS);
    silent.offers(&Offer { status: 0, ..Offer::default() });
    silent.undecided(&accepts());
    silent.failed(&accepts());

    let mut asks = Script::new();
    asks.offers(&Offer { status: 0, rings: true, ..Offer::default() });
    asks.unseen(&accepts(), Blame::Configuration);
}

#[test]
fn a_client_of_which_nothing_is_heard_is_not_judged() {
    let mut script = Script::new();
    script.offers(&Offer { status: 0, ..Offer::default() });
    for rule in super::sweep::all() {
        script.unseen(&*rule, Blame::Unknown);
    }
}

#[test]
fn an_answer_without_media_and_an_address_that_takes_nothing_fail() {
    let mut bare = Script::new();
    bare.offers(&Offer { described: false, ..Offer::default() });
    assert!(bare.failed(&accepts()).contains("no usable"));

    let mut refused = Script::new();
    refused.offers(&Offer { takes_media: false, ..Offer::default() });
    assert!(refused.failed(&accepts()).contains("no usable"));

    let mut closed = Script::new();
    closed.drains();
    closed.connected(ConnectionWhat::Refused);
    assert!(closed.failed(&accepts()).contains("takes no connection"));
}

#[test]
fn the_direction_of_the_answer_is_never_more_than_a_warning() {
    let drained = |answered| {
        let mut script = Script::new();
        let drain = script.offers(&Offer { answered, ..Offer::default() });
        script.sends(&drain, &m(1), 200);
        script
    };
    for answered in ["sendrecv", "sendonly"] {
        let (_, warnings) = drained(answered).warned(&accepts());
        assert_eq!(warnings[0].interpretation.as_deref(), Some("L29"));
    }
    let mirrored = drained("sendonly").judge_with(&accepts(), "client_drain_answer", json!("mirror"));
    assert_eq!(mirrored.warnings, vec![]);
    drained("inactive").outside(&accepts(), "L29");
}

#[test]
fn a_client_that_lists_no_notifications_is_warned_and_one_that_lists_no_messages_is_not_judged() {
    let mut script = Script::new();
    let drain = script.offers(&Offer { wrapped: "text/plain", ..Offer::default() });
    script.sends(&drain, &m(1), 200);
    script.sends(&drain, &delivered("m0", CAROL).cpim(), 415);
    assert_eq!(script.warned(&accepts()).1.len(), 1);

    let mut other = Script::new();
    let drain = other.offers(&Offer { wrapped: "image/png message/imdn+xml", ..Offer::default() });
    other.sends(&drain, &m(1), 415);
    other.unseen(&accepts(), Blame::Configuration);
}

#[test]
fn unseen_when_nothing_was_offered_or_sent() {
    let mut nothing = Script::new();
    nothing.subscribes(FOCUS);
    nothing.unseen(&accepts(), Blame::Harness);
    nothing.drains();
    nothing.unseen(&accepts(), Blame::Harness);
    nothing.unseen(&keeps(), Blame::Harness);
}

#[test]
fn a_delivery_that_the_client_breaks_off_fails_when_something_is_left() {
    let mut script = Script::new();
    let drain = script.drains();
    for id in ["m1", "m2"] {
        script.event(Event::Message {
            group: Some(BOOKS.to_owned()),
            label: id.to_owned(),
            message_id: id.to_owned(),
            author: "Alice".to_owned(),
            private_to: None,
        });
    }
    script.sends(&drain, &m(1), 200);
    let mut late = script.clone();
    script.ends(&drain, Received, FOCUS);
    assert!(script.failed(&accepts()).contains("ended the session"));
    late.sends(&drain, &m(2), 200);
    late.ends(&drain, Received, FOCUS);
    late.met(&accepts());
}

#[test]
fn a_message_is_not_answered_by_who_ends_the_session() {
    let mut script = Script::new();
    let drain = script.drains();
    script.sends(&drain, &m(1), 0);
    script.ends(&drain, Received, FOCUS);
    assert!(script.failed(&accepts()).contains("ended the session"));
}

#[test]
fn a_list_that_is_not_answered_fails_when_nothing_else_could_be_sent() {
    let mut script = Script::new();
    let drain = script.drains();
    let list = document("full", 1, &[("alice", "connected")]);
    script.send(&drain, Sent, "application/conference-info+xml", &list, 0);
    script.undecided(&accepts());
    assert!(script.failed(&accepts()).contains("never answered"));
}

#[test]
fn a_chat_is_kept_whatever_came() {
    let mut script = Script::new();
    let live = script.goes_on();
    let asked = script.subscribes(FOCUS);
    script.send(&live, Sent, "message/cpim", "this is no CPIM", 400);
    script.sends(&live, &m(1), 200);
    script.sends(&live, &m(1), 200);
    script.notifies(asked, "<broken", 400);
    script.notifies(asked, &document("full", 2, &[("alice", "connected")]), 200);
    script.sends(&live, &m(2), 200);
    assert_eq!(script.met(&keeps()), 4);
}

#[test]
fn a_chat_that_the_client_gives_up_fails_unless_its_user_left() {
    let mut script = Script::new();
    let live = script.goes_on();
    script.sends(&live, &m(1), 200);
    let mut asked = script.clone();
    asked.acts("leave");
    for script in [&mut script, &mut asked] {
        script.ends(&live, Received, FOCUS);
    }
    assert!(script.failed(&keeps()).contains("ended the session"));
    asked.met(&keeps());
    let mut by_network = Script::new();
    let live = by_network.goes_on();
    by_network.sends(&live, &m(1), 200);
    by_network.ends(&live, Sent, "sip:bob@192.0.2.77:5070");
    by_network.met(&keeps());
}

#[test]
fn a_chat_in_which_nothing_is_acknowledged_any_more_fails() {
    let mut script = Script::new();
    let live = script.goes_on();
    script.sends(&live, &m(1), 200);
    script.sends(&live, &m(1), 400);
    assert!(script.failed(&keeps()).contains("400"));
}

#[test]
fn a_subscription_that_is_gone_fails_unless_there_is_another() {
    let mut script = Script::new();
    let live = script.goes_on();
    script.sends(&live, &m(1), 200);
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, "<broken", 200);
    script.notifies(asked, &document("full", 2, &[("alice", "connected")]), 481);
    assert!(script.failed(&keeps()).contains("481"));
    script.subscribes(FOCUS);
    script.met(&keeps());

    let mut deaf = Script::new();
    let live = deaf.goes_on();
    deaf.sends(&live, &m(1), 200);
    let asked = deaf.subscribes(FOCUS);
    deaf.notifies(asked, &document("full", 2, &[("alice", "connected")]), 0);
    deaf.undecided(&keeps());
    deaf.failed(&keeps());
}

#[test]
fn two_sessions_of_a_chat_stand_side_by_side() {
    let mut script = Script::new();
    let drain = script.drains();
    script.sends(&drain, &m(1), 200);
    script.unseen(&both(), Blame::Harness);
    let live = script.goes_on();
    script.unseen(&both(), Blame::Harness);
    script.sends(&live, &m(3), 200);
    script.sends(&drain, &m(2), 200);
    script.says(&live, &delivered("m3", "sip:bob@example.com").cpim());
    assert_eq!(script.met(&both()), 5);
    script.ends(&drain, Sent, "sip:bob@192.0.2.77:5070");
    script.met(&both());
}

#[test]
fn a_second_session_that_is_refused_or_costs_the_first_fails() {
    let mut refused = Script::new();
    refused.drains();
    refused.offers(&Offer { status: 486, ..Offer::default() });
    assert!(refused.failed(&both()).contains("486"));

    let mut lost = Script::new();
    let drain = lost.drains();
    lost.goes_on();
    lost.ends(&drain, Received, FOCUS);
    lost.failed(&both());

    let mut open = Script::new();
    open.drains();
    open.offers(&Offer { status: 0, ..Offer::default() });
    open.undecided(&both());
    open.failed(&both());
}
