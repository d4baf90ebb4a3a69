//! What users wish of what waits. [PF-MSG-04, PF-DEV-03, L13, L16]

use super::*;
use crate::scene::document_server::{ROOT, one};
use cpm_reference::config::{BlockedContent, Config, PreferencesAccess};
use pretty_assertions::assert_eq;

const DEFER: &str = "<p:handling>defer</p:handling>";
const UNAVAILABLE: &str = "<p:availability>unavailable</p:availability>";
const REJECT: &str = "<p:handling>reject</p:handling>";

fn with_server(change: impl FnOnce(&mut Config)) -> Scene {
    let mut scene = Scene::with(|config| {
        config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
        change(config);
    });
    scene.documents.is_there = true;
    scene
}

fn sends(scene: &mut Scene, id: &str) {
    scene.send(&from_alice(id, PRESENT).body("message/cpim", envelope(id, &[])).build());
}

#[test]
fn what_a_document_puts_off_comes_once_it_says_so_no_more() {
    for word in [DEFER, UNAVAILABLE] {
        let mut scene = with_server(|_| {});
        scene.documents.put(BOB, "index", &[("", word)]);
        scene.register("reg-1");
        sends(&mut scene, "m1");
        scene.response(Method::Message, 202);
        scene.none(Method::Message);
        // Nothing has changed.
        scene.register("reg-2");
        scene.none(Method::Message);
        scene.documents.put(BOB, "index", &[]);
        scene.register("reg-3");
        let sent = pushed_to(&mut scene, CONTACT);
        assert_eq!(sent.body(), envelope("m1", &[]));
        scene.accept(&sent);
        assert_eq!(scene.store.contents().deferred.len(), 0);
    }
}

#[test]
fn the_word_of_a_change_is_enough() {
    let mut scene = with_server(|_| {});
    scene.documents.put(BOB, "index", &[("", DEFER)]);
    scene.register("reg-1");
    sends(&mut scene, "m1");
    scene.response(Method::Message, 202);
    scene.documents.put(BOB, "index", &[]);
    // The documents come anew for another message: what waits goes, too.
    sends(&mut scene, "m2");
    let sent = [pushed_to(&mut scene, CONTACT), pushed_to(&mut scene, CONTACT)];
    let mut bodies: Vec<_> = sent.iter().map(|one| one.body().to_vec()).collect();
    bodies.sort();
    assert_eq!(bodies, [envelope("m1", &[]), envelope("m2", &[])]);
}

#[test]
fn a_subscriber_is_not_told_of_what_is_put_off_before_it_is_due() {
    let mut scene = with_server(|_| {});
    scene.documents.put(BOB, "index", &[("", DEFER)]);
    scene.register("reg-1");
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    assert!(!told(&mut scene, CONTACT).contains("<message "));
    sends(&mut scene, "m1");
    scene.response(Method::Message, 202);
    scene.none(Method::Notify);
    scene.documents.put(BOB, "index", &[]);
    scene.register("reg-2");
    assert!(told(&mut scene, CONTACT).contains("message-id=\"m1\""));
}

#[test]
fn only_the_device_that_is_preferred_is_told_or_sent_anything() {
    let only = format!("<p:devices only='true'><p:device instance='{TABLET_INSTANCE}'/></p:devices>");
    for subscribed in [false, true] {
        let mut scene = with_server(|_| {});
        scene.documents.put(BOB, "index", &[("", &only)]);
        deferred(&mut scene, &["m1"]);
        if subscribed {
            subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
            assert!(!told(&mut scene, CONTACT).contains("<message "));
            subscribe(&mut scene, TABLET, TABLET_INSTANCE, "sub-2", 600);
            assert!(told(&mut scene, TABLET).contains("message-id=\"m1\""));
            continue;
        }
        scene.register("reg-1");
        scene.none(Method::Message);
        scene.register_tablet("reg-2");
        let sent = pushed_to(&mut scene, TABLET);
        scene.accept(&sent);
    }
}

#[test]
fn what_a_blocked_author_had_sent_is_withheld_where_it_is_to_be() {
    for (conduct, comes) in [(BlockedContent::Deliver, true), (BlockedContent::Withhold, false)] {
        let mut scene = with_server(|config| config.blocked_content = conduct);
        deferred(&mut scene, &["m1"]);
        scene.documents.put(BOB, "index", &[(&one(ALICE), REJECT)]);
        scene.register("reg-1");
        match comes {
            true => {
                let sent = pushed_to(&mut scene, CONTACT);
                scene.accept(&sent);
            }
            false => scene.none(Method::Message),
        }
        assert_eq!(scene.store.contents().deferred.len(), 0);
    }
}
