//! What nobody came for. [PF-MSG-04, PF-MSG-03, L26]

use super::*;
use cpm_reference::config::ExpiryCarrier;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn with_lifetime(scene: &mut Scene, id: &str, name: Name, seconds: u32, dispositions: &[&str]) {
    let message = from_alice(id, ABSENT).header(name, seconds).body("message/cpim", envelope(id, dispositions));
    scene.send(&message.build());
    scene.response(Method::Message, 202);
}

#[test]
fn a_message_is_not_delivered_after_its_time_but_a_younger_one_is() {
    for name in [Name::Expires, Name::MessageExpires] {
        let mut scene = Scene::new();
        with_lifetime(&mut scene, "m1", name.clone(), 10, &["negative-delivery"]);
        with_lifetime(&mut scene, "m2", name.clone(), 30, &["negative-delivery"]);
        with_lifetime(&mut scene, "m3", name, 10, &["positive-delivery"]);
        scene.pass(Duration::from_secs(11));
        let failed = pushed_to(&mut scene, ALICE);
        let text = String::from_utf8_lossy(failed.body()).into_owned();
        assert!(text.contains("<message-id>m1</message-id>") && text.contains("<failed/>"), "{text}");
        scene.none(Method::Message);
        scene.accept(&failed);
        scene.register("reg-1");
        let sent = pushed_to(&mut scene, CONTACT);
        assert_eq!(sent.body(), envelope("m2", &["negative-delivery"]));
        scene.accept(&sent);
        assert_eq!(scene.store.contents().deferred.len(), 0);
    }
}

#[test]
fn the_provider_limits_what_the_sender_does_not() {
    let mut scene = Scene::with(|config| config.retention = Some(Duration::from_secs(10)));
    deferred(&mut scene, &["m1"]);
    with_lifetime(&mut scene, "m2", Name::Expires, 60, &[]);
    scene.pass(Duration::from_secs(11));
    let failed = pushed_to(&mut scene, ALICE);
    scene.accept(&failed);
    assert_eq!(scene.store.contents().deferred.len(), 0);
    let mut scene = Scene::with(|config| config.deferred.expiry_carrier = vec![ExpiryCarrier::Policy]);
    with_lifetime(&mut scene, "m1", Name::Expires, 10, &[]);
    scene.pass(Duration::from_secs(11));
    assert_eq!(scene.store.contents().deferred.len(), 1);
}

#[test]
fn who_cannot_be_told_now_is_told_later() {
    let mut scene = Scene::new();
    with_lifetime(&mut scene, "m1", Name::Expires, 10, &["negative-delivery"]);
    scene.pass(Duration::from_secs(11));
    let failed = pushed_to(&mut scene, ALICE);
    scene.answer(&failed, 503, "", None);
    scene.pass(Duration::from_secs(11));
    let again = pushed_to(&mut scene, ALICE);
    assert_eq!(again.body(), failed.body());
    scene.accept(&again);
    scene.pass(Duration::from_secs(60));
    scene.none(Method::Message);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn what_expires_while_a_device_has_it_is_left_to_the_device() {
    let mut scene = Scene::new();
    with_lifetime(&mut scene, "m1", Name::Expires, 10, &["negative-delivery"]);
    scene.register("reg-1");
    let sent = pushed_to(&mut scene, CONTACT);
    scene.pass(Duration::from_secs(11));
    scene.none(Method::Message);
    scene.answer(&sent, 480, "", None);
    scene.run();
    scene.pass(Duration::from_millis(1));
    let failed = pushed_to(&mut scene, ALICE);
    scene.accept(&failed);
    scene.register("reg-2");
    scene.none(Method::Message);
}
