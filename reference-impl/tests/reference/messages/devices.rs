//! Several devices of one user. [PF-DEV-02].

use super::*;
use pretty_assertions::assert_eq;
use std::time::Duration;

/// Bob has a phone and a tablet.
fn two() -> Scene {
    two_with(|_| {})
}

fn two_with(change: impl FnOnce(&mut cpm_reference::config::Config)) -> Scene {
    let mut scene = Scene::with(change);
    scene.register("reg-1");
    scene.register_tablet("reg-2");
    scene
}

/// The copy for this device.
fn to(scene: &mut Scene, target: &str) -> Message {
    scene.take(target, |one| one.request_uri() == Some(target) && one.method() == Method::Message)
}

#[test]
fn each_device_has_a_copy_and_the_sender_one_answer() {
    let mut scene = two();
    let sent = sends(&mut scene, ALICE, BOB, "a");
    let copies = [CONTACT, TABLET].map(|target| to(&mut scene, target));
    assert!(copies.iter().all(|copy| copy.body() == sent.body()));
    assert_ne!(copies[0].via().unwrap().branch(), copies[1].via().unwrap().branch());
    scene.answer(&copies[1], 202, "", None);
    scene.response(Method::Message, 202);
    scene.answer(&copies[0], 200, "", None);
    assert_eq!(scene.starts(), Vec::<String>::new());
}

#[test]
fn the_best_refusal_goes_back_when_nobody_takes_it() {
    let mut scene = two();
    for (one, other, best) in [(480, 486, 480), (486, 603, 603), (503, 415, 415)] {
        let call_id = format!("a{one}");
        sends(&mut scene, ALICE, BOB, &call_id);
        let [phone, tablet] = [CONTACT, TABLET].map(|target| to(&mut scene, target));
        scene.answer(&phone, one, "", None);
        assert_eq!(scene.starts(), Vec::<String>::new());
        scene.answer(&tablet, other, "", None);
        scene.response(Method::Message, best);
    }
}

#[test]
fn a_device_that_failed_gets_its_copy_at_its_next_registration_once() {
    for status in [500, 503, 480, 0] {
        let mut scene = two_with(|config| config.no_answer = Duration::from_secs(3));
        let sent = sends(&mut scene, ALICE, BOB, "a");
        let [phone, tablet] = [CONTACT, TABLET].map(|target| to(&mut scene, target));
        scene.accept(&phone);
        scene.response(Method::Message, 200);
        match status {
            0 => scene.pass(Duration::from_secs(4)),
            status => drop(scene.answer(&tablet, status, "", None)),
        }
        scene.none(Method::Message);
        // That the other one registers again is no matter of this one.
        scene.register("reg-3");
        scene.none(Method::Message);
        scene.register_tablet("reg-4");
        let again = to(&mut scene, TABLET);
        assert_eq!(again.body(), sent.body());
        for name in [Name::ContributionId, Name::ConversationId, Name::PAssertedIdentity, Name::AcceptContact] {
            assert_eq!(again.header(&name), sent.header(&name), "{name}");
        }
        assert_eq!(again.from().unwrap().uri, ALICE);
        scene.accept(&again);
        scene.register_tablet("reg-5");
        scene.none(Method::Message);
    }
}

#[test]
fn a_device_that_has_refused_for_good_gets_nothing_more() {
    let mut scene = two();
    sends(&mut scene, ALICE, BOB, "a");
    let [phone, tablet] = [CONTACT, TABLET].map(|target| to(&mut scene, target));
    scene.accept(&phone);
    scene.response(Method::Message, 200);
    scene.answer(&tablet, 415, "", None);
    scene.register_tablet("reg-4");
    scene.none(Method::Message);
}

#[test]
fn a_copy_that_fails_again_waits_on_and_one_that_is_too_old_is_dropped() {
    let mut scene = two();
    let short = pager(ALICE, BOB, "a").edit().set(Name::Expires, 60).finish();
    scene.send(&short);
    let [phone, tablet] = [CONTACT, TABLET].map(|target| to(&mut scene, target));
    scene.accept(&phone);
    scene.response(Method::Message, 200);
    scene.answer(&tablet, 500, "", None);
    scene.register_tablet("reg-4");
    let again = to(&mut scene, TABLET);
    scene.answer(&again, 503, "", None);
    scene.pass(Duration::from_secs(30));
    scene.register_tablet("reg-5");
    let again = to(&mut scene, TABLET);
    scene.answer(&again, 503, "", None);
    scene.pass(Duration::from_secs(31));
    scene.register_tablet("reg-6");
    scene.none(Method::Message);
}

#[test]
fn where_the_serving_cscf_forks_it_gets_one_request_for_the_public_identity() {
    let mut scene =
        two_with(|config| config.delivery.device_mode = vec![cpm_reference::config::DeviceMode::SCscfForks]);
    sends(&mut scene, ALICE, BOB, "a");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(BOB));
    scene.none(Method::Message);
}

#[test]
fn devices_for_other_services_are_passed_over() {
    let mut scene = Scene::new();
    let voice = ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"";
    scene.send(&register("reg-1", INSTANCE, CONTACT, voice, 600_000));
    scene.response(Method::Register, 200);
    sends(&mut scene, ALICE, BOB, "a");
    scene.none(Method::Message);
    let tag = ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"";
    scene.send(&register("reg-2", TABLET_INSTANCE, TABLET, tag, 600_000));
    scene.response(Method::Register, 200);
    let waited = goes_on(&mut scene);
    assert_eq!(waited.request_uri(), Some(TABLET));
    scene.accept(&waited);
    sends(&mut scene, ALICE, BOB, "b");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(TABLET));
    scene.none(Method::Message);
    // It is remembered.
    scene.restart();
    sends(&mut scene, ALICE, BOB, "c");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(TABLET));
}

#[test]
fn a_device_that_names_no_service_gets_messages() {
    let mut scene = Scene::new();
    scene.send(&register("reg-1", INSTANCE, CONTACT, "", 600_000));
    scene.response(Method::Register, 200);
    sends(&mut scene, ALICE, BOB, "a");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(CONTACT));
}
