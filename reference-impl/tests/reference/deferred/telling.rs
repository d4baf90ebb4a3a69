//! Devices are told of what waits. [PF-MSG-04, PF-DEV-03, L32]

use super::*;
use crate::scene::header;
use cpm_reference::config::DeferredDelivery;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn names(text: &str, id: &str) -> bool {
    text.contains(&format!("contribution-id=\"contribution-{id}\"")) && text.contains(&format!("message-id=\"{id}\""))
}

#[test]
fn a_subscriber_is_told_the_whole_list_and_sent_no_message() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1", "m2"]);
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    let notify = scene.request(Method::Notify);
    assert_eq!(header(&notify, Name::Event), "deferred-messages");
    assert!(header(&notify, Name::SubscriptionState).starts_with("active"));
    assert_eq!(header(&notify, Name::ContentType), NOTICE);
    let text = String::from_utf8(notify.body().to_vec()).unwrap();
    assert!(names(&text, "m1") && names(&text, "m2") && text.contains("status=\"pending\""), "{text}");
    scene.accept(&notify);
    scene.register("reg-1");
    scene.none(Method::Message);
    // It has shown itself: it is told once more.
    assert!(names(&told(&mut scene, CONTACT), "m1"));
}

#[test]
fn every_device_is_told_and_the_others_hear_what_one_has_fetched() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1", "m2"]);
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    subscribe(&mut scene, TABLET, TABLET_INSTANCE, "sub-2", 600);
    for contact in [CONTACT, TABLET] {
        let text = told(&mut scene, contact);
        assert!(names(&text, "m1") && names(&text, "m2"), "{text}");
    }
    let invite = fetch(&mut scene, CONTACT, "m1", "one");
    assert_eq!(fetched(&mut scene, &invite, "one").len(), 1);
    let text = told(&mut scene, TABLET);
    assert!(!names(&text, "m1") && names(&text, "m2"), "{text}");
    fetch(&mut scene, TABLET, "m1", "two");
    scene.response(Method::Invite, 404);
    let invite = fetch(&mut scene, TABLET, "m2", "three");
    assert_eq!(fetched(&mut scene, &invite, "three").len(), 1);
}

#[test]
fn a_device_that_comes_later_is_told_of_what_still_waits() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1", "m2"]);
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    told(&mut scene, CONTACT);
    let invite = fetch(&mut scene, CONTACT, "m1", "one");
    fetched(&mut scene, &invite, "one");
    subscribe(&mut scene, TABLET, TABLET_INSTANCE, "sub-2", 600);
    let text = told(&mut scene, TABLET);
    assert!(!names(&text, "m1") && names(&text, "m2"), "{text}");
}

#[test]
fn what_expires_is_told_of_no_more() {
    let mut scene = Scene::new();
    let brief = from_alice("m1", ABSENT).header(Name::Expires, 5);
    scene.send(&brief.body("message/cpim", envelope("m1", &[])).build());
    scene.response(Method::Message, 202);
    deferred(&mut scene, &["m2"]);
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    assert!(names(&told(&mut scene, CONTACT), "m1"));
    scene.pass(Duration::from_secs(6));
    let text = told(&mut scene, CONTACT);
    assert!(!names(&text, "m1") && names(&text, "m2"), "{text}");
}

#[test]
fn a_subscription_ends_and_what_waits_is_sent_then() {
    let mut scene = Scene::new();
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    told(&mut scene, CONTACT);
    scene.pass(Duration::from_secs(601));
    let last = scene.request(Method::Notify);
    assert!(header(&last, Name::SubscriptionState).starts_with("terminated"));
    scene.accept(&last);
    deferred(&mut scene, &["m1"]);
    scene.none(Method::Notify);
    scene.register("reg-1");
    let sent = pushed_to(&mut scene, CONTACT);
    scene.accept(&sent);
}

#[test]
fn a_device_that_knows_of_no_subscription_any_more_is_sent_what_waits() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1"]);
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    told(&mut scene, CONTACT);
    scene.register("reg-1");
    let notify = scene.request(Method::Notify);
    scene.answer(&notify, 481, "", None);
    let sent = pushed_to(&mut scene, CONTACT);
    scene.accept(&sent);
}

#[test]
fn who_asks_once_is_told_once() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1"]);
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 0);
    let notify = scene.request(Method::Notify);
    assert!(header(&notify, Name::SubscriptionState).starts_with("terminated"));
    assert!(names(&String::from_utf8_lossy(notify.body()), "m1"));
    scene.accept(&notify);
    deferred(&mut scene, &["m2"]);
    scene.none(Method::Notify);
}

#[test]
fn a_device_may_be_told_unasked_and_hears_of_changes() {
    for (how, method) in
        [(DeferredDelivery::NotifyUnsolicited, Method::Notify), (DeferredDelivery::NotifyMessage, Method::Message)]
    {
        let mut scene = Scene::with(|config| config.deferred.delivery = vec![how]);
        deferred(&mut scene, &["m1", "m2"]);
        scene.register("reg-1");
        let notice = scene.request(method.clone());
        assert_eq!(notice.request_uri(), Some(CONTACT));
        let text = String::from_utf8_lossy(notice.body()).into_owned();
        assert!(names(&text, "m1") && names(&text, "m2"), "{text}");
        scene.accept(&notice);
        scene.register_tablet("reg-2");
        let notice = scene.request(method.clone());
        assert_eq!(notice.request_uri(), Some(TABLET));
        scene.accept(&notice);
        let invite = fetch(&mut scene, CONTACT, "m1", "one");
        assert_eq!(fetched(&mut scene, &invite, "one").len(), 1);
        let fits = |one: &Message| one.is_request() && one.method() == method && one.request_uri() == Some(TABLET);
        let notice = scene.take("an update", fits);
        assert!(!names(&String::from_utf8_lossy(notice.body()), "m1"));
    }
}

#[test]
fn nobody_subscribes_to_somebody_elses_or_where_it_is_not_offered() {
    let mut scene = Scene::new();
    let foreign = initial(Method::Subscribe, ALICE, BOB, ALICE, "sub", "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{CONTACT}>"))
        .header(Name::Event, "deferred-messages");
    scene.send(&foreign.build());
    scene.response(Method::Subscribe, 403);
    let mut scene = Scene::with(|config| config.deferred.delivery = vec![DeferredDelivery::Push]);
    let own = initial(Method::Subscribe, BOB, BOB, BOB, "sub", "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{CONTACT}>"))
        .header(Name::Event, "deferred-messages");
    scene.send(&own.build());
    scene.response(Method::Subscribe, 489);
}
