//! A chat of two whose served user cannot be had, in virtual time. [CPM-CONV-058, CPM-CONV-058a]

use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

const ALICE: &str = "sip:alice@example.com";

/// Alice calls Bob for a chat between the two.
fn call(scene: &mut Scene, registered: bool) -> Message {
    let state = if registered { "sescase=term;regstate=reg" } else { "sescase=term;regstate=unreg" };
    let sdp = scene.end("alice", "actpass", "sendrecv");
    let invite = initial(Method::Invite, BOB, ALICE, BOB, "call-a", state)
        .header(Name::ContributionId, "contribution-a")
        .header(Name::ConversationId, "conversation-a")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::Contact, "<sip:alice@192.0.2.1>")
        .body("application/sdp", sdp)
        .build();
    scene.send(&invite);
    invite
}

fn accepted(scene: &mut Scene, invite: &Message) -> Message {
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
    scene.start("alice", &ok, false);
    ok
}

fn says(scene: &mut Scene, ids: &[&str]) -> Vec<Bytes> {
    let say = |id: &&str| {
        let octets = cpim::Builder::new(ALICE, BOB)
            .date_time("2026-01-02T03:04:05Z")
            .message_id(id)
            .dispositions(&["positive-delivery"])
            .content("text/plain", format!("text of {id}"))
            .build();
        scene.say("alice", id, &octets);
        assert_eq!(scene.status_of("alice", id), Some(200));
        octets
    };
    ids.iter().map(say).collect()
}

fn reports(scene: &mut Scene, end: &str, ids: &[&str]) {
    for id in ids {
        scene.say(end, &format!("r-{id}"), &report("bob", "alice", id, "delivered"));
    }
}

fn is_drain(one: &Message) -> bool {
    one.method() == Method::Invite && one.is_request() && one.request_uri() == Some(CONTACT)
}

#[test]
fn what_is_said_to_an_absent_user_comes_from_the_store_and_forward_identity() {
    let mut scene = Scene::new();
    let invite = call(&mut scene, false);
    let ok = accepted(&mut scene, &invite);
    assert!(!header(&ok, Name::Contact).contains("isfocus"));
    let sent = says(&mut scene, &["m1", "m2"]);
    // There is no focus to ask for members.
    scene.none(Method::Subscribe);
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    scene.response(Method::Bye, 200);
    scene.restart();

    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "recvonly");
    assert_eq!(drain.headers(&Name::PAssertedIdentity).collect::<Vec<_>>(), ["<sip:rcse-standfw@example.com>"]);
    assert_eq!(header(&drain, Name::ReferredBy), format!("<{ALICE}>"));
    assert_eq!(header(&drain, Name::ContributionId), "contribution-a");
    assert_eq!(header(&drain, Name::ConversationId), "conversation-a");
    assert!(!header(&drain, Name::Contact).contains("isfocus"));
    assert_eq!(drain.content_type().unwrap().unwrap().essence(), "application/sdp");
    assert_eq!(media(&drain).direction, Direction::SendOnly);
    assert_eq!(scene.heard("phone"), sent);
    // In a chat of two a report may be addressed to nobody.
    let hidden = report("bob", "alice", "m1", "delivered");
    let hidden =
        String::from_utf8(hidden.to_vec()).unwrap().replace("alice@example.com", "anonymous@anonymous.invalid");
    scene.say("phone", "r-m1", &hidden.into());
    reports(&mut scene, "phone", &["m2"]);
    for _ in 0..2 {
        let message = scene.request(Method::Message);
        assert_eq!(message.request_uri(), Some(ALICE));
        scene.accept(&message);
    }
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.call_id(), drain.call_id());
    scene.accept(&bye);
    scene.register("reg-2");
    scene.none(Method::Invite);
}

#[test]
fn the_other_side_may_stay_and_go_on_talking() {
    let mut scene = Scene::new();
    let invite = call(&mut scene, false);
    let ok = accepted(&mut scene, &invite);
    let first = says(&mut scene, &["m1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    assert_eq!(scene.heard("phone"), first);
    reports(&mut scene, "phone", &["m1"]);
    assert_eq!(scene.heard("alice"), [report("bob", "alice", "m1", "delivered")]);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    // What comes now comes in a session of its own, and once.
    let then = says(&mut scene, &["m2"]);
    scene.answer_drain("again", "recvonly");
    assert_eq!(scene.heard("again"), then);
    scene.pass(Duration::from_secs(1));
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    scene.response(Method::Bye, 200);
    scene.register("reg-2");
    scene.none(Method::Invite);
}

#[test]
fn a_user_whose_devices_do_not_answer_is_stood_in_for() {
    for refusal in [None, Some(480), Some(408)] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        let invite = call(&mut scene, true);
        let onward = scene.take("INVITE to the phone", is_drain);
        match refusal {
            Some(status) => {
                scene.answer(&onward, status, "", None);
                scene.request(Method::Ack);
            }
            None => {
                scene.answer(&onward, 180, "", None);
                scene.response(Method::Invite, 180);
                scene.pass(Duration::from_secs(6));
                let cancel = scene.request(Method::Cancel);
                scene.accept(&cancel);
                scene.answer(&onward, 487, "", None);
            }
        }
        accepted(&mut scene, &invite);
        let sent = says(&mut scene, &["m1"]);
        // The phone is called at once: it may have come to its senses.
        let drain = scene.take("a drain", is_drain);
        assert_eq!(header(&drain, Name::PAssertedIdentity), "<sip:rcse-standfw@example.com>");
        let sdp = scene.end("phone", "active", "recvonly");
        scene.answer_with(drain, "phone", sdp);
        assert_eq!(scene.heard("phone"), sent);
    }
}

#[test]
fn a_user_who_declines_or_is_busy_is_not_stood_in_for() {
    for status in [486, 603] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        call(&mut scene, true);
        let onward = scene.take("INVITE to the phone", is_drain);
        scene.answer(&onward, status, "", None);
        scene.response(Method::Invite, status);
        assert_eq!(scene.store.contents().chats.len(), 0);
    }
}

#[test]
fn a_session_that_is_no_chat_is_not_stood_in_for() {
    let mut scene = Scene::new();
    let sdp = scene.end("alice", "actpass", "sendrecv");
    let invite = initial(Method::Invite, BOB, ALICE, BOB, "call-f", "sescase=term;regstate=unreg")
        .header(Name::ContributionId, "contribution-f")
        .header(Name::ConversationId, "conversation-f")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.filetransfer")
        .header(Name::Contact, "<sip:alice@192.0.2.1>")
        .body("application/sdp", sdp)
        .build();
    scene.send(&invite);
    scene.response(Method::Invite, 480);
}

#[test]
fn a_drain_that_the_device_breaks_off_is_made_good() {
    let mut scene = Scene::new();
    let invite = call(&mut scene, false);
    accepted(&mut scene, &invite);
    let sent = says(&mut scene, &["m1", "m2"]);
    scene.register("reg-1");
    let drain = scene.request(Method::Invite);
    let sdp = scene.end("phone", "active", "recvonly");
    let ok = response(&drain, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.send(&ok);
    scene.request(Method::Ack);
    scene.prepare("phone", &drain, true);
    scene.ends.get_mut("phone").unwrap().status = None;
    scene.run();
    scene.send(&back_in_dialog(Method::Bye, &drain, &ok, 1).build());
    scene.response(Method::Bye, 200);
    scene.register("reg-2");
    scene.answer_drain("again", "recvonly");
    assert_eq!(scene.heard("again"), sent);
}

#[test]
fn a_chat_of_two_stands_beside_groups() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.stand_in("2");
    let invite = call(&mut scene, false);
    accepted(&mut scene, &invite);
    let one = scene.focus_says("1", &["m1"]);
    let two = scene.focus_says("2", &["n1"]);
    let alone = says(&mut scene, &["a1"]);
    scene.register("reg-1");
    for _ in 0..3 {
        let drain = scene.request(Method::Invite);
        let end = header(&drain, Name::ContributionId).to_owned();
        let focus = header(&drain, Name::Contact).contains("isfocus");
        assert_eq!(focus, end != "contribution-a");
        let sdp = scene.end(&end, "active", "sendrecv");
        scene.answer_with(drain, &end, sdp);
    }
    for (end, sent) in [("contribution-1", one), ("contribution-2", two), ("contribution-a", alone)] {
        assert_eq!(scene.heard(end), sent);
    }
}

#[test]
fn a_connection_to_the_other_side_that_cannot_be_mended_ends_the_session() {
    let mut scene = Scene::new();
    let invite = call(&mut scene, false);
    accepted(&mut scene, &invite);
    let sent = says(&mut scene, &["m1"]);
    scene.drop_connection("alice", cpm_wire::io::Closing::Reset);
    scene.pass(Duration::from_secs(1));
    let mend = scene.request(Method::Invite);
    scene.answer(&mend, 481, "", None);
    scene.none(Method::Invite);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    assert_eq!(scene.heard("phone"), sent);
}
