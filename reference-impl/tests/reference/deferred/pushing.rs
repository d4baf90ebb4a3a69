//! What waits is sent once a device can have it. [PF-MSG-04, L12, L32]

use super::*;
use crate::scene::header;
use cpm_reference::config::{DeferralRequest, Policy, PolicyOfUsers};
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn a_message_for_who_is_away_is_kept_and_sent_as_it_came() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1", "m2"]);
    scene.none(Method::Message);
    scene.register("reg-1");
    let first = pushed_to(&mut scene, CONTACT);
    // One after the other.
    scene.none(Method::Message);
    assert_eq!(first.body(), envelope("m1", &["negative-delivery"]));
    assert_eq!(header(&first, Name::ContributionId), "contribution-m1");
    assert_eq!(header(&first, Name::ConversationId), "conversation-1");
    assert_eq!(header(&first, Name::PAssertedIdentity), format!("<{ALICE}>"));
    assert_eq!(header(&first, Name::ContentType), "message/cpim");
    assert!(header(&first, Name::From).starts_with(&format!("<{ALICE}>;tag=")));
    assert!(header(&first, Name::PServedUser).contains("sescase=term;regstate=reg"));
    assert_eq!(first.vias().count(), 1);
    scene.accept(&first);
    let second = pushed_to(&mut scene, CONTACT);
    assert_eq!(second.body(), envelope("m2", &["negative-delivery"]));
    scene.accept(&second);
    assert_eq!(scene.store.contents().deferred.len(), 0);
    scene.register("reg-2");
    scene.none(Method::Message);
}

#[test]
fn what_no_device_can_have_now_waits_for_the_next_registration() {
    for status in [408, 480, 500, 503] {
        let mut scene = Scene::new();
        deferred(&mut scene, &["m1", "m2"]);
        scene.register("reg-1");
        let first = pushed_to(&mut scene, CONTACT);
        scene.answer(&first, status, "", None);
        scene.none(Method::Message);
        scene.register("reg-2");
        for id in ["m1", "m2"] {
            let again = pushed_to(&mut scene, CONTACT);
            assert_eq!(again.body(), envelope(id, &["negative-delivery"]));
            scene.accept(&again);
        }
    }
}

#[test]
fn a_silent_device_leaves_it_where_it_is() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1"]);
    scene.register("reg-1");
    pushed_to(&mut scene, CONTACT);
    scene.pass(Duration::from_secs(40));
    scene.register("reg-2");
    let again = pushed_to(&mut scene, CONTACT);
    scene.accept(&again);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn a_final_refusal_rejects_it_and_its_sender_hears() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1", "m2"]);
    scene.register("reg-1");
    let first = pushed_to(&mut scene, CONTACT);
    scene.answer(&first, 603, "", None);
    let failed = pushed_to(&mut scene, ALICE);
    assert!(String::from_utf8_lossy(failed.body()).contains("<message-id>m1</message-id>"));
    assert!(String::from_utf8_lossy(failed.body()).contains("<failed/>"));
    assert!(header(&failed, Name::PServedUser).contains("sescase=orig"));
    scene.accept(&failed);
    let second = pushed_to(&mut scene, CONTACT);
    scene.accept(&second);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn each_device_that_is_there_gets_a_copy_and_a_late_one_nothing() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.register_tablet("reg-2");
    scene.send(&from_alice("m1", PRESENT).body("message/cpim", envelope("m1", &[])).build());
    for contact in [CONTACT, TABLET] {
        let live = pushed_to(&mut scene, contact);
        scene.answer(&live, 480, "", None);
    }
    scene.response(Method::Message, 202);
    scene.register("reg-3");
    for contact in [CONTACT, TABLET] {
        let copy = pushed_to(&mut scene, contact);
        scene.accept(&copy);
    }
    scene.register_tablet("reg-4");
    scene.none(Method::Message);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn a_thousand_messages_come_in_order() {
    let mut scene = Scene::new();
    let ids: Vec<String> = (0..1000).map(|n| format!("m{n}")).collect();
    deferred(&mut scene, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    scene.register("reg-1");
    for id in &ids {
        let one = pushed_to(&mut scene, CONTACT);
        assert_eq!(header(&one, Name::ContributionId), format!("contribution-{id}"));
        scene.accept(&one);
    }
    scene.none(Method::Message);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn who_wants_nothing_deferred_has_it_refused() {
    let mut scene = Scene::with(|config| {
        config.policies.insert("off".to_owned(), Policy { store: false, ..Policy::default() });
        config.policies.insert("small".to_owned(), Policy { quota: Some(1), ..Policy::default() });
        config.users.push(PolicyOfUsers { prefix: "sip:off".to_owned(), policy: "off".to_owned() });
        config.users.push(PolicyOfUsers { prefix: "sip:small".to_owned(), policy: "small".to_owned() });
    });
    let to = |user: &str, id: &str| {
        let message = from_alice(id, ABSENT).body("message/cpim", envelope(id, &[])).build();
        let served = format!("<sip:{user}@example.com>;{ABSENT}");
        message.edit().set(Name::PServedUser, served).finish()
    };
    scene.send(&to("off", "m1"));
    scene.response(Method::Message, 480);
    scene.send(&to("small", "m2"));
    scene.response(Method::Message, 202);
    scene.send(&to("small", "m3"));
    scene.response(Method::Message, 480);
    assert_eq!(scene.store.contents().deferred.len(), 1);
}

#[test]
fn what_its_sender_had_queued_is_sent_at_the_next_registration() {
    let mut scene = Scene::with(|config| config.deferral_request = vec![DeferralRequest::SenderHeader]);
    scene.register("reg-1");
    let queued = from_alice("m1", PRESENT).header(Name::RequestDisposition, "queue");
    scene.send(&queued.body("message/cpim", envelope("m1", &[])).build());
    scene.response(Method::Message, 202);
    scene.none(Method::Message);
    scene.send(&from_alice("m2", PRESENT).body("message/cpim", envelope("m2", &[])).build());
    let live = pushed_to(&mut scene, CONTACT);
    assert_eq!(live.call_id(), Some("m2"));
    scene.accept(&live);
    scene.response(Method::Message, 200);
    scene.register("reg-2");
    let sent = pushed_to(&mut scene, CONTACT);
    assert_eq!(sent.body(), envelope("m1", &[]));
    scene.accept(&sent);
}
