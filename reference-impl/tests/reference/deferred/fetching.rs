//! A device comes for what waits, or does not want it. [PF-MSG-04, PF-DEV-03, L32]

use super::*;
use cpm_reference::config::DeferredDelivery;
use pretty_assertions::assert_eq;

fn scene() -> Scene {
    Scene::with(|config| config.deferred.delivery = vec![DeferredDelivery::NotifySubscribed, DeferredDelivery::Fetch])
}

fn refused(scene: &mut Scene, id: &str, end: &str, status: u16) {
    fetch(scene, CONTACT, id, end);
    scene.response(Method::Invite, status);
}

/// A device rejects an item.
fn reject(scene: &mut Scene, id: &str, body: &str) {
    let message =
        initial(Method::Message, DEFERRED, BOB, DEFERRED, &format!("reject-{id}"), "sescase=orig;regstate=reg")
            .header(Name::ContributionId, format!("contribution-{id}"))
            .header(Name::PAssertedIdentity, format!("<{BOB}>"))
            .body(NOTICE, body.to_owned());
    scene.send(&message.build());
}

fn rejection(id: &str) -> String {
    format!(
        "<deferred-messages xmlns=\"urn:cpm-conformance:deferred-messages\" user=\"{BOB}\"><message message-id=\"{id}\" \
         contribution-id=\"contribution-{id}\" status=\"rejected\"/></deferred-messages>"
    )
}

#[test]
fn an_item_is_fetched_once() {
    let mut scene = scene();
    deferred(&mut scene, &["m1", "m2"]);
    scene.register("reg-1");
    scene.none(Method::Message);
    let invite = fetch(&mut scene, CONTACT, "m2", "one");
    assert_eq!(fetched(&mut scene, &invite, "one"), [envelope("m2", &["negative-delivery"])]);
    refused(&mut scene, "m2", "two", 404);
    refused(&mut scene, "m3", "three", 404);
    let invite = fetch(&mut scene, TABLET, "m1", "four");
    assert_eq!(fetched(&mut scene, &invite, "four"), [envelope("m1", &["negative-delivery"])]);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn two_devices_do_not_get_one_item_at_a_time() {
    let mut scene = scene();
    deferred(&mut scene, &["m1"]);
    scene.register("reg-1");
    let invite = fetch(&mut scene, CONTACT, "m1", "one");
    refused(&mut scene, "m1", "two", 486);
    assert_eq!(fetched(&mut scene, &invite, "one").len(), 1);
}

#[test]
fn what_a_device_did_not_acknowledge_waits_for_another() {
    let mut scene = scene();
    deferred(&mut scene, &["m1"]);
    let invite = fetch(&mut scene, CONTACT, "m1", "one");
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    scene.prepare("one", &ok, true);
    scene.ends.get_mut("one").unwrap().status = None;
    scene.run();
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    scene.response(Method::Bye, 200);
    let invite = fetch(&mut scene, TABLET, "m1", "two");
    assert_eq!(fetched(&mut scene, &invite, "two").len(), 1);
}

#[test]
fn a_stranger_gets_nothing() {
    let mut scene = scene();
    deferred(&mut scene, &["m1"]);
    let sdp = scene.end("one", "active", "recvonly");
    let invite = initial(Method::Invite, DEFERRED, ALICE, DEFERRED, "c", "sescase=orig;regstate=reg")
        .header(Name::Contact, "<sip:alice@192.0.2.9>")
        .header(Name::ContributionId, "contribution-m1")
        .header(Name::ConversationId, "conversation-1");
    let served = format!("<{ALICE}>;sescase=orig;regstate=reg");
    let invite = invite.body("application/sdp", sdp).build().edit().set(Name::PServedUser, served).finish();
    scene.send(&invite);
    scene.response(Method::Invite, 404);
}

#[test]
fn a_rejected_item_is_gone_and_its_sender_hears() {
    let mut scene = scene();
    deferred(&mut scene, &["m1", "m2"]);
    reject(&mut scene, "m1", &rejection("m1"));
    scene.response(Method::Message, 200);
    let failed = pushed_to(&mut scene, ALICE);
    assert!(String::from_utf8_lossy(failed.body()).contains("<message-id>m1</message-id>"));
    scene.accept(&failed);
    refused(&mut scene, "m1", "one", 404);
    reject(&mut scene, "again", &rejection("m1"));
    scene.response(Method::Message, 404);
    let invite = fetch(&mut scene, CONTACT, "m2", "two");
    assert_eq!(fetched(&mut scene, &invite, "two").len(), 1);
}

#[test]
fn a_rejection_that_cannot_be_read_rejects_nothing() {
    let mut scene = scene();
    deferred(&mut scene, &["m1"]);
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">]><deferred-messages \
                xmlns=\"urn:cpm-conformance:deferred-messages\">&a;</deferred-messages>";
    let long = rejection("m1").replace("user=\"", &format!("user=\"{}", "x".repeat(1 << 20)));
    for (n, body) in [bomb, &long, "rubbish", ""].into_iter().enumerate() {
        reject(&mut scene, &format!("{n}"), body);
        let refused = scene.take("a refusal", |one| one.status().is_some_and(|status| status >= 400));
        assert!(matches!(refused.status(), Some(400 | 404 | 415)), "{refused:?}");
    }
    reject(&mut scene, "m1", &rejection("m1").replace("rejected", "pending"));
    scene.response(Method::Message, 404);
    assert_eq!(scene.store.contents().deferred.len(), 1);
}
