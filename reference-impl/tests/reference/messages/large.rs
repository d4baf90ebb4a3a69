//! Large message mode. [PF-MSG-02], [PF-MSG-01].

use super::*;
use crate::scene::{header, media};
use cpm_reference::config::{OverPagerLimit, Policy, Preset};
use cpm_wire::resource_lists::List;
use cpm_wire::sdp::Direction;
use pretty_assertions::assert_eq;
use std::time::Duration;

const LARGE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg";

/// One sends the other a large message: Bob is served, and sends it or is to get it. The end of the sender is `sender`.
fn call(scene: &Scene, from: &str, to: &str, call_id: &str, registered: bool) -> Builder {
    let case = match (from == BOB, registered) {
        (true, _) => "sescase=orig;regstate=reg",
        (false, true) => "sescase=term;regstate=reg",
        (false, false) => "sescase=term;regstate=unreg",
    };
    initial(Method::Invite, to, from, to, call_id, case)
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, format!("conversation-{call_id}"))
        .header(Name::PAssertedIdentity, format!("<{from}>"))
        .header(Name::PAssertedService, LARGE)
        .header(Name::AcceptContact, format!("*;+g.3gpp.icsi-ref=\"{}\"", LARGE.replace(':', "%3A")))
        .header(Name::Contact, "<sip:sender@192.0.2.1>")
        .body("application/sdp", scene.end("sender", "actpass", "sendonly"))
}

/// The INVITE by which it goes on.
fn invite(scene: &mut Scene) -> Message {
    scene.take("the onward INVITE", |one| one.is_request() && one.method() == Method::Invite)
}

/// Whoever is called takes it: its end has this name.
fn takes(scene: &mut Scene, onward: &Message, name: &str) {
    let sdp = scene.end(name, "passive", "recvonly");
    scene.answer(onward, 200, "<sip:taker@192.0.2.9>", Some(sdp));
    scene.request(Method::Ack);
    scene.start(name, onward, false);
}

/// The sender has its 2xx.
fn sender_is_answered(scene: &mut Scene, invite: &Message) -> Message {
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
    scene.start("sender", &ok, false);
    ok
}

#[test]
fn one_message_goes_to_the_other_side_and_the_sender_ends_the_session() {
    for (from, to, target) in [(ALICE, BOB, CONTACT), (BOB, ALICE, ALICE)] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        let sent = call(&scene, from, to, "a", true).build();
        scene.send(&sent);
        let onward = invite(&mut scene);
        assert_eq!(onward.request_uri(), Some(target));
        for name in [Name::ConversationId, Name::ContributionId, Name::PAssertedService, Name::AcceptContact] {
            assert_eq!(onward.header(&name), sent.header(&name), "{name}");
        }
        assert_eq!(media(&onward).direction, Direction::SendOnly);
        takes(&mut scene, &onward, "taker");
        let ok = sender_is_answered(&mut scene, &sent);
        let long = envelope_of(60_000);
        scene.say("sender", "m", &long);
        assert_eq!((scene.status_of("sender", "m"), scene.heard("taker")), (Some(200), &[long][..]));
        scene.send(&in_dialog(Method::Bye, &sent, &ok, 2).build());
        scene.response(Method::Bye, 200);
        scene.request(Method::Bye);
    }
}

#[test]
fn a_report_goes_back_in_the_session_while_it_lasts() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sent = call(&scene, ALICE, BOB, "a", true).build();
    scene.send(&sent);
    let onward = invite(&mut scene);
    takes(&mut scene, &onward, "taker");
    sender_is_answered(&mut scene, &sent);
    scene.say("sender", "m", &envelope("m", "long"));
    let told = report("bob", "alice", "m", "delivered");
    scene.say("taker", "r", &told);
    assert_eq!(scene.heard("sender"), [told]);
}

#[test]
fn whom_the_user_does_not_hear_sends_no_large_message_either() {
    let wishes =
        Preset { blocked: vec![CAROL.to_owned()], barred_callees: vec![CAROL.to_owned()], ..Preset::default() };
    let policy = Policy { preferences: wishes, ..Policy::default() };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), policy)].into());
    scene.register("reg-1");
    for (from, to, call_id) in [(CAROL, BOB, "a"), (BOB, CAROL, "b")] {
        let sent = call(&scene, from, to, call_id, true).build();
        scene.send(&sent);
        scene.none(Method::Invite);
        scene.response(Method::Invite, 603);
    }
    let sent = call(&scene, ALICE, BOB, "c", true).build();
    scene.send(&sent);
    invite(&mut scene);
}

#[test]
fn a_device_that_refuses_is_the_one_that_the_sender_hears() {
    for status in [486, 603, 415] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        let sent = call(&scene, ALICE, BOB, "a", true).build();
        scene.send(&sent);
        let onward = invite(&mut scene);
        scene.answer(&onward, status, "", None);
        scene.response(Method::Invite, status);
    }
}

/// The function has taken the call, and is the end of it.
fn is_taken(scene: &mut Scene, sent: &Message) -> Message {
    let ok = sender_is_answered(scene, sent);
    assert_eq!(media(&ok).direction, Direction::RecvOnly);
    ok
}

#[test]
fn the_function_takes_the_content_where_nobody_can_be_had() {
    for absence in ["offline", "480", "silent"] {
        let mut scene = Scene::new();
        if absence != "offline" {
            scene.register("reg-1");
        }
        let sent = call(&scene, ALICE, BOB, "a", absence != "offline").build();
        scene.send(&sent);
        match absence {
            "480" => {
                let onward = invite(&mut scene);
                scene.answer(&onward, 480, "", None);
                scene.request(Method::Ack);
            }
            "silent" => {
                let onward = invite(&mut scene);
                scene.answer(&onward, 180, "<sip:taker@192.0.2.9>", None);
                scene.response(Method::Invite, 180);
                scene.pass(Duration::from_secs(6));
            }
            _ => scene.none(Method::Invite),
        }
        let ok = is_taken(&mut scene, &sent);
        scene.say_as("sender", "m0", "text/plain", &Bytes::from_static(b"x"), None);
        assert_eq!(scene.status_of("sender", "m0"), Some(415));
        scene.say_as("sender", "m1", "message/cpim", &Bytes::from_static(b"x"), None);
        assert_eq!(scene.status_of("sender", "m1"), Some(400));
        let long = envelope_of(20_000);
        scene.say_as("sender", "m2", "message/cpim", &long, Some(2000));
        assert!(scene.status_of("sender", "m2").is_some(), "{absence}");
        // Exactly one.
        scene.say("sender", "m3", &envelope("m3", "more"));
        assert_eq!(scene.status_of("sender", "m3"), Some(403));
        scene.send(&in_dialog(Method::Bye, &sent, &ok, 2).build());
        scene.response(Method::Bye, 200);
        scene.pass(Duration::from_secs(1000));
        scene.none(Method::Bye);
    }
}

#[test]
fn a_sender_that_goes_on_and_on_is_parted_with() {
    let mut scene = Scene::new();
    let sent = call(&scene, ALICE, BOB, "a", false).build();
    scene.send(&sent);
    let ok = is_taken(&mut scene, &sent);
    let change = in_dialog(Method::Update, &sent, &ok, 2).build();
    scene.send(&change);
    scene.response(Method::Update, 200);
    scene.say("sender", "m", &envelope("m", "hello"));
    scene.pass(Duration::from_secs(31));
    scene.none(Method::Bye);
    scene.pass(Duration::from_secs(2));
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    // Nor is one waited for that sends nothing.
    let other = call(&scene, ALICE, BOB, "b", false).build();
    scene.send(&other);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &other, &ok, 1).build());
    scene.pass(Duration::from_secs(601));
    scene.request(Method::Bye);
}

#[test]
fn nothing_is_taken_for_a_user_for_whom_nothing_is_stored_nor_what_is_no_offer() {
    let mut scene = Scene::with(|config| {
        config.policies = [("plain".to_owned(), Policy { store: false, ..Policy::default() })].into();
    });
    let sent = call(&scene, ALICE, BOB, "a", false).build();
    scene.send(&sent);
    scene.response(Method::Invite, 480);
    let mut scene = Scene::new();
    let sent = call(&scene, ALICE, BOB, "a", false).build().edit().body("application/sdp", "v=0\r\n".into()).finish();
    scene.send(&sent);
    assert!(scene.sip.pop_front().unwrap().status().is_some_and(|status| status >= 400));
}

/// A function that sends on in large mode what is too large for a MESSAGE.
fn converting() -> Scene {
    let mut scene = Scene::with(|config| {
        config.max_pager_octets = Some(1000);
        config.over_pager_limit = OverPagerLimit::LargeMode;
    });
    scene.register("reg-1");
    scene
}

fn too_large(from: &str, to: &str) -> Message {
    bare(from, to, "a").body("message/cpim", envelope_of(3000)).build()
}

#[test]
fn what_is_too_large_for_a_message_goes_on_as_a_large_one() {
    for (from, to, target) in [(ALICE, BOB, CONTACT), (BOB, ALICE, ALICE)] {
        let mut scene = converting();
        let sent = too_large(from, to);
        scene.send(&sent);
        scene.none(Method::Message);
        let onward = invite(&mut scene);
        assert_eq!((onward.request_uri(), header(&onward, Name::PAssertedService)), (Some(target), LARGE));
        assert!(header(&onward, Name::AcceptContact).ends_with("largemsg\""));
        assert_eq!((onward.from().unwrap().uri, onward.to().unwrap().uri), (from, to));
        for name in [Name::ConversationId, Name::ContributionId, Name::PAssertedIdentity] {
            assert_eq!(onward.header(&name), sent.header(&name), "{name}");
        }
        assert_eq!(media(&onward).direction, Direction::SendOnly);
        takes(&mut scene, &onward, "taker");
        assert_eq!(scene.heard("taker"), [envelope_of(3000)]);
        scene.response(Method::Message, 200);
        let bye = scene.request(Method::Bye);
        scene.accept(&bye);
        assert_eq!(scene.starts(), Vec::<String>::new());
        // The same way is open to what is not too large.
        sends(&mut scene, from, to, "b");
        goes_on(&mut scene);
    }
}

#[test]
fn a_large_message_that_nobody_takes_is_answered_once() {
    for (status, heard) in [(486, 486), (415, 415), (603, 603)] {
        let mut scene = converting();
        scene.register_tablet("reg-2");
        scene.send(&too_large(ALICE, BOB));
        let both = [invite(&mut scene), invite(&mut scene)];
        for onward in both {
            assert!(!scene.sip.iter().any(|one| one.method() == Method::Message));
            scene.answer(&onward, status, "", None);
        }
        scene.response(Method::Message, heard);
    }
    let mut scene = converting();
    scene.send(&too_large(BOB, ALICE));
    invite(&mut scene);
    scene.pass(Duration::from_secs(6));
    scene.response(Method::Message, 480);
}

#[test]
fn a_large_message_to_a_list_goes_to_each_in_a_session_of_its_own() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let list = List::to_recipients([ALICE, CAROL]).to_xml();
    let sdp = scene.end("sender", "actpass", "sendonly");
    let body = format!(
        "--b\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--b\r\nContent-Type: application/resource-lists+xml\r\n\
         Content-Disposition: recipient-list\r\n\r\n{list}\r\n--b--\r\n"
    );
    let sent = call(&scene, BOB, "sip:exploder@example.com", "a", true).build();
    let sent = sent.edit().set(Name::Require, "recipient-list-invite");
    let sent = sent.body("multipart/mixed;boundary=b", body.into()).finish();
    scene.send(&sent);
    scene.none(Method::Invite);
    is_taken(&mut scene, &sent);
    let long = envelope_of(5000);
    scene.say("sender", "m", &long);
    assert_eq!(scene.status_of("sender", "m"), Some(200));
    for (recipient, end) in [(ALICE, "alice"), (CAROL, "carol")] {
        let copy = invite(&mut scene);
        assert_eq!((copy.request_uri(), copy.to().unwrap().uri), (Some(recipient), recipient));
        assert_eq!((copy.header(&Name::Require), copy.from().unwrap().uri), (None, BOB));
        takes(&mut scene, &copy, end);
        assert_eq!(scene.heard(end), std::slice::from_ref(&long));
        let bye = scene.request(Method::Bye);
        scene.accept(&bye);
    }
    scene.none(Method::Invite);
}
