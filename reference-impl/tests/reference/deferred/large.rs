//! Large messages that waited. [PF-MSG-04, L32]

use super::*;
use crate::scene::{header, media};
use cpm_wire::sdp::Direction;
use pretty_assertions::assert_eq;

const LARGE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg";

/// Alice sends Bob, who is away, a large message; it is taken.
fn large(scene: &mut Scene, id: &str, octets: &Bytes) {
    let sdp = scene.end("sender", "actpass", "sendonly");
    let invite = initial(Method::Invite, BOB, ALICE, BOB, id, ABSENT)
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, "conversation-1")
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::PAssertedService, LARGE)
        .header(Name::AcceptContact, format!("*;+g.3gpp.icsi-ref=\"{}\"", LARGE.replace(':', "%3A")))
        .header(Name::Contact, "<sip:sender@192.0.2.1>")
        .body("application/sdp", sdp)
        .build();
    scene.send(&invite);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    scene.start("sender", &ok, false);
    scene.say("sender", id, octets);
    assert_eq!(scene.status_of("sender", id), Some(200));
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    scene.response(Method::Bye, 200);
}

fn long(id: &str) -> Bytes {
    cpim::Builder::new(ALICE, BOB)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(&["negative-delivery"])
        .content("text/plain", "long ".repeat(20_000))
        .build()
}

#[test]
fn it_is_sent_in_a_session_of_its_own_as_it_came() {
    let mut scene = Scene::new();
    large(&mut scene, "m1", &long("m1"));
    scene.restart();
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    assert_eq!(invite.request_uri(), Some(CONTACT));
    assert_eq!(header(&invite, Name::PAssertedService), LARGE);
    assert_eq!(header(&invite, Name::ContributionId), "contribution-m1");
    assert_eq!(header(&invite, Name::PAssertedIdentity), format!("<{ALICE}>"));
    assert_eq!(media(&invite).direction, Direction::SendOnly);
    let sdp = scene.end("phone", "active", "recvonly");
    scene.answer_with(invite, "phone", sdp);
    assert_eq!(scene.heard("phone"), [long("m1")]);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    assert_eq!(scene.store.contents().deferred.len(), 0);
    scene.register("reg-2");
    scene.none(Method::Invite);
}

#[test]
fn who_cannot_have_it_now_gets_it_later_and_who_will_not_rejects_it() {
    let mut scene = Scene::new();
    large(&mut scene, "m1", &long("m1"));
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    scene.answer(&invite, 480, "", None);
    scene.none(Method::Invite);
    scene.register("reg-2");
    let invite = scene.request(Method::Invite);
    scene.answer(&invite, 603, "", None);
    let failed = pushed_to(&mut scene, ALICE);
    assert!(String::from_utf8_lossy(failed.body()).contains("<failed/>"));
    scene.accept(&failed);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}

#[test]
fn it_is_fetched_like_any_other() {
    let mut scene = Scene::new();
    large(&mut scene, "m1", &long("m1"));
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    let text = told(&mut scene, CONTACT);
    assert!(text.contains(&format!("octets=\"{}\"", long("m1").len())), "{text}");
    let invite = fetch(&mut scene, CONTACT, "m1", "one");
    assert_eq!(fetched(&mut scene, &invite, "one"), [long("m1")]);
}

#[test]
fn a_disk_that_is_full_does_not_take_it() {
    let mut scene = Scene::new();
    scene.disk_full = true;
    let sdp = scene.end("sender", "actpass", "sendonly");
    let invite = initial(Method::Invite, BOB, ALICE, BOB, "m1", ABSENT)
        .header(Name::ContributionId, "contribution-m1")
        .header(Name::ConversationId, "conversation-1")
        .header(Name::PAssertedService, LARGE)
        .header(Name::AcceptContact, format!("*;+g.3gpp.icsi-ref=\"{}\"", LARGE.replace(':', "%3A")))
        .header(Name::Contact, "<sip:sender@192.0.2.1>")
        .body("application/sdp", sdp)
        .build();
    scene.send(&invite);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    scene.start("sender", &ok, false);
    scene.say("sender", "m", &long("m1"));
    assert!(scene.status_of("sender", "m").is_some_and(|status| status >= 400));
}
