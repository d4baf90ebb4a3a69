//! Participant information in both directions, in virtual time. [CPM-CONV-058, CPM-CONV-058a]

use crate::scene::conference::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_wire::conference_info::{Document, Roster, State};
use cpm_wire::sip::{Builder, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

/// A neighbourhood in which devices are told what the list is, not how it came to be so.
fn without_history() -> Scene {
    Scene::with(|config| config.delivery.intermediate.clear())
}

#[test]
fn the_final_list_of_an_ended_chat_is_told_once_and_for_all() {
    let mut scene = without_history();
    let (invite, ok) = scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, all));
    scene.focus_says("1", &["m1"]);
    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 2, vec![gone("carol")]));
    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 3, vec![connected("dave")]));
    assert_eq!(scene.store.contents().rosters.len(), 3);
    scene.focus_ends(&invite, &ok);
    conference.tell(&mut scene, "terminated;reason=noresource", &Document::partial(FOCUS, 4, vec![gone("dave")]));

    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    subscribe(&mut scene, "sub-1");
    let (state, document) = notified(&mut scene);
    assert_eq!(state, "terminated;reason=noresource");
    let document = document.unwrap();
    assert_eq!((document.state, document.entity.as_str()), (State::Full, FOCUS));
    let mut roster = Roster::new();
    roster.apply(&document).unwrap();
    assert_eq!(present(&roster), ["sip:alice@example.com", "sip:bob@example.com"]);
}

#[test]
fn the_list_of_a_chat_that_goes_on_is_told_and_then_its_changes() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 7, all));
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    let (asked, ok) = subscribe(&mut scene, "sub-1");
    let (state, document) = notified(&mut scene);
    assert!(state.starts_with("active;expires="), "{state}");
    let mut roster = Roster::new();
    roster.apply(&document.unwrap()).unwrap();
    assert_eq!(present(&roster).len(), 3);

    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 8, vec![gone("carol")]));
    let (_, document) = notified(&mut scene);
    let document = document.unwrap();
    assert_eq!(document.state, State::Partial);
    roster.apply(&document).unwrap();
    assert_eq!(present(&roster), ["sip:alice@example.com", "sip:bob@example.com"]);

    let unsubscribe: Builder = in_dialog(Method::Subscribe, &asked, &ok, 2);
    let unsubscribe = unsubscribe.header(Name::Event, "conference").header(Name::Expires, 0).build();
    scene.send(&unsubscribe);
    scene.response(Method::Subscribe, 200);
    let (state, _) = notified(&mut scene);
    assert!(state.starts_with("terminated"), "{state}");
    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 9, vec![gone("alice")]));
    scene.none(Method::Notify);
}

#[test]
fn a_focus_that_tells_nothing_leaves_the_list_of_the_invitation() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let refused = scene.request(Method::Subscribe);
    scene.answer(&refused, 489, "", None);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    subscribe(&mut scene, "sub-1");
    let mut roster = Roster::new();
    roster.apply(&notified(&mut scene).1.unwrap()).unwrap();
    assert_eq!(present(&roster).len(), 3);
}

#[test]
fn before_the_focus_has_told_anything_a_device_is_told_nothing_wrong() {
    let mut scene = without_history();
    scene.stand_in("1");
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    subscribe(&mut scene, "sub-1");
    assert_eq!(notified(&mut scene).1, None);
    let mut conference = Conference::accept(&mut scene);
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, vec![connected("alice")]));
    assert_eq!(notified(&mut scene).1.unwrap().users().count(), 1);
}

#[test]
fn a_gap_in_the_versions_is_closed_by_asking_for_full_state() {
    let mut scene = without_history();
    scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, vec![connected("alice")]));
    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 5, vec![connected("dave")]));
    let refresh = scene.request(Method::Subscribe);
    assert!(refresh.to_tag().is_some());
    let ok = scene.answer(&refresh, 200, &format!("<{FOCUS}>;isfocus"), None);
    assert_eq!(ok.status(), Some(200));
    let all = ["alice", "dave"].map(connected).to_vec();
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 6, all));
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    subscribe(&mut scene, "sub-1");
    assert_eq!(notified(&mut scene).1.unwrap().users().count(), 2);
}

#[test]
fn the_subscription_at_the_focus_is_refreshed_and_made_anew() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    conference.tell(&mut scene, "active;expires=60", &Document::full(FOCUS, 1, vec![connected("alice")]));
    scene.pass(Duration::from_secs(45));
    let refresh = scene.request(Method::Subscribe);
    scene.answer(&refresh, 200, &format!("<{FOCUS}>;isfocus"), None);
    conference.tell(&mut scene, "terminated;reason=deactivated", &Document::full(FOCUS, 2, vec![connected("alice")]));
    scene.pass(Duration::from_secs(2));
    Conference::accept(&mut scene);
}

#[test]
fn a_chat_that_is_left_is_not_followed_any_more() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let [_, (invite, answer)] = scene.join("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob"].map(connected).to_vec();
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, all));
    scene.send(&back_in_dialog(Method::Bye, &invite, &answer, 1).build());
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    let last = scene.request(Method::Subscribe);
    assert_eq!(last.call_id(), conference.subscribe.call_id());
    assert_eq!(header(&last, Name::Expires), "0");
    assert_eq!(last.request_uri(), Some(FOCUS));
    let ok = response(&last, 200, &format!("<{FOCUS}>;isfocus"), None).edit().set(Name::Expires, 0).finish();
    scene.send(&ok);
    conference.tell(&mut scene, "terminated;reason=timeout", &Document::full(FOCUS, 2, vec![connected("alice")]));
    scene.none(Method::Subscribe);
}

#[test]
fn what_is_stored_of_a_restless_roster_has_a_bound() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, all));
    for version in 2..1200 {
        let user = if version % 2 == 0 { gone("carol") } else { connected("carol") };
        conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, version, vec![user]));
    }
    assert!(scene.store.contents().rosters.len() <= 512);
    scene.restart();
    scene.register("reg-1");
    subscribe(&mut scene, "sub-1");
    let told = std::iter::from_fn(|| {
        let at = scene.sip.iter().position(|one| one.is_request() && one.method() == Method::Notify)?;
        scene.sip.remove(at)
    });
    let mut roster = Roster::new();
    roster.apply(&Document::parse(told.last().unwrap().body()).unwrap()).unwrap();
    assert_eq!(present(&roster), ["sip:alice@example.com", "sip:bob@example.com", "sip:carol@example.com"]);
}

#[test]
fn a_focus_that_says_no_last_word_is_not_followed_any_more() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, vec![connected("alice")]));
    scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    scene.none(Method::Subscribe);
    scene.pass(Duration::from_secs(2));
    assert_eq!(header(&scene.request(Method::Subscribe), Name::Expires), "0");
}
