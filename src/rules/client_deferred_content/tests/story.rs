//! The facts that these rules rest on.

use pretty_assertions::assert_eq;

use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::story::legs::End;
use crate::story::{Carriage, Flow};

#[test]
fn sessions_between_a_client_and_its_network_are_told_apart_by_who_opened_them() {
    let mut script = Script::new();
    let drain = script.offers(&Offer { list: Some(&["alice", "carol"]), rings: true, ..Offer::default() });
    let own = script.calls(FACTORY, Some(&["alice"]), CONTRIBUTION);
    script.ends(&drain, Sent, "sip:bob@192.0.2.77:5070");
    script.ends(&own, Received, FOCUS);
    let story = script.story();
    let legs = story.legs();
    assert_eq!(legs.len(), 2);
    for leg in legs {
        assert_eq!((leg.end, leg.person.as_deref(), leg.group.as_deref()), (End::Client, Some("Bob"), Some(BOOKS)));
        assert_eq!(leg.device.as_deref(), Some("phone"));
        assert!(leg.established() && leg.own.is_some() && leg.target.is_some());
        assert_eq!(leg.ended.as_ref().map(|ending| ending.by_target), Some(leg.by_target));
    }
    assert_eq!((legs[0].by_target, legs[0].at_focus, legs[0].asserted.clone()), (false, true, vec![FOCUS.to_owned()]));
    assert_eq!(legs[0].provisional.map(|answer| answer.status), Some(180));
    assert_eq!(legs[0].list.as_ref().map(Vec::len), Some(2));
    assert_eq!((legs[1].by_target, legs[1].request_uri.as_str()), (true, FACTORY));
    assert_eq!(legs[1].ended.as_ref().map(|ending| ending.request_uri.as_str()), Some(FOCUS));
}

#[test]
fn messages_go_to_the_client_and_come_from_it() {
    let mut script = Script::new();
    let drain = script.drains();
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    script.says(&drain, &delivered("m1", "sip:bob@example.com").cpim());
    script.pages(Received, &delivered("m1", "sip:bob@example.com").cpim());
    script.pages(Sent, &delivered("o1", CAROL).cpim());
    let story = script.story();
    let flows = story.items().iter().map(|item| item.flow).collect::<Vec<_>>();
    assert_eq!(flows, [Flow::ToClient, Flow::FromClient, Flow::FromClient, Flow::ToClient]);
    for item in story.items() {
        assert!(item.accepted() && item.person.as_deref() == Some("Bob"), "{item:?}");
        let in_session = matches!(item.carriage, Carriage::Session { .. });
        assert_eq!(item.group.as_deref(), in_session.then_some(BOOKS));
    }
    assert_eq!(story.items()[1].content.message_id.as_deref(), Some("n-m1-delivered"));
}

#[test]
fn notifications_to_a_client_are_kept_with_their_answers() {
    let mut script = Script::new();
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, &document("full", 1, &[("alice", "connected")]), 200);
    script.notifies(asked, "<broken", 400);
    script.notifies(asked, "<broken", 0);
    let story = script.story();
    let [subscription] = story.subscriptions() else { panic!("{:?}", story.subscriptions()) };
    assert!(subscription.by_target && subscription.told.held.is_some());
    assert_eq!((subscription.group.as_deref(), subscription.request_uri.as_str()), (Some(BOOKS), FOCUS));
    let answers = story.notices().iter().map(|notice| notice.answer.map(|answer| answer.status)).collect::<Vec<_>>();
    assert_eq!(answers, [Some(200), Some(400), None]);
    assert!(story.notices().iter().all(|notice| notice.person.as_deref() == Some("Bob")));
}

#[test]
fn what_the_user_did_and_saw_is_kept() {
    let mut script = Script::new();
    let opened = script.acts("open");
    let looked = script.shows(&[shown(&[("m1", "received")], &[])]);
    let story = script.story();
    assert_eq!((story.acts()[0].frame, story.acts()[0].act.as_str()), (opened, "open"));
    assert_eq!((story.shown()[0].frame, story.shown()[0].chats.len()), (looked, 1));
}

#[test]
fn two_clients_are_told_apart_by_whom_a_request_is_for_and_who_sends_it() {
    let mut script = Script::new();
    script.event(Event::ClientUnderTest { person: "Dave".to_owned(), device: "watch".to_owned() });
    let to_bob = script.drains();
    let for_dave = |octets: &str| octets.replace("sip:bob@", "sip:dave@");
    let other = script.readdressed(for_dave, |script| script.drains());
    script.sends(&to_bob, &text("m1", ALICE, "one").cpim(), 200);
    script.sends(&other, &text("m1", ALICE, "one").cpim(), 200);
    script.readdressed(for_dave, |script| script.calls(FOCUS, None, CONTRIBUTION));
    let story = script.story();
    let people = story.legs().iter().map(|leg| leg.person.as_deref().unwrap()).collect::<Vec<_>>();
    assert_eq!(people, ["Bob", "Dave", "Dave"]);
    let devices = story.legs().iter().map(|leg| leg.device.as_deref().unwrap()).collect::<Vec<_>>();
    assert_eq!(devices, ["phone", "watch", "watch"]);
    let got = story.items().iter().map(|item| item.person.as_deref().unwrap()).collect::<Vec<_>>();
    assert_eq!(got, ["Bob", "Dave"]);
}
