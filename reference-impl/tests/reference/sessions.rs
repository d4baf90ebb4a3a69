//! Sessions and devices that are only passed through, in virtual time.

mod changes;
mod ending;
mod set_up;
mod timers;

use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use cpm_reference::config::Policy;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

const ALICE: &str = "sip:alice@example.com";

/// Alice calls Bob for a chat between the two, or Bob calls Alice.
fn call(scene: &mut Scene, originating: bool) -> Message {
    let (from, to, case) = match originating {
        true => (BOB, ALICE, "sescase=orig;regstate=reg"),
        false => (ALICE, BOB, "sescase=term;regstate=reg"),
    };
    let sdp = scene.end("caller", "actpass", "sendrecv");
    let invite = initial(Method::Invite, to, from, to, "call-1", case)
        .header(Name::ContributionId, "contribution")
        .header(Name::ConversationId, "conversation")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
        .header(Name::PAssertedIdentity, format!("<{from}>"))
        .header(Name::PChargingVector, "icid-value=1234")
        .header(Name::Contact, "<sip:caller@192.0.2.1>")
        .header(Name::Other("X-Unknown".into()), "kept")
        .body("application/sdp", sdp)
        .build();
    scene.send(&invite);
    invite
}

/// The other side answers; the session is up. Gives the onward INVITE with its answer, and the answer to the caller.
fn up(scene: &mut Scene, invite: &Message) -> (Message, Message, Message) {
    let onward = scene.take("the onward INVITE", |one| one.method() == Method::Invite && one.is_request());
    let sdp = scene.end("callee", "passive", "sendrecv");
    let answer = scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.start("callee", &onward, false);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
    scene.start("caller", &ok, false);
    (onward, answer, ok)
}

#[test]
fn a_session_is_passed_through_in_both_directions() {
    for originating in [false, true] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        let invite = call(&mut scene, originating);
        let (onward, answer, ok) = up(&mut scene, &invite);
        assert_eq!(onward.request_uri(), Some(if originating { ALICE } else { CONTACT }));
        for name in [Name::ContributionId, Name::ConversationId, Name::PAssertedIdentity, Name::PChargingVector] {
            assert_eq!(onward.header(&name), invite.header(&name), "{name}");
        }
        assert_eq!(onward.header(&Name::Other("X-Unknown".into())), Some("kept"));
        assert_eq!(onward.from().unwrap().uri, invite.from().unwrap().uri);
        assert_ne!(onward.call_id(), invite.call_id());
        assert_ne!(onward.from_tag(), invite.from_tag());
        assert_eq!(onward.max_forwards(), Some(Ok(67)));
        assert_ne!(media(&onward).path, media(&invite).path);

        let hello = message("alice", "m1", "hello");
        scene.say("caller", "c1", &hello);
        assert_eq!(scene.heard("callee"), [hello]);
        assert_eq!(scene.status_of("caller", "c1"), Some(200));
        scene.ends.get_mut("caller").unwrap().status = Some(415);
        scene.say("callee", "c2", &message("bob", "m2", "hello"));
        assert_eq!(scene.status_of("callee", "c2"), Some(415));

        let bye = back_in_dialog(Method::Bye, &onward, &answer, 1).header(Name::Reason, "SIP;cause=200").build();
        scene.send(&bye);
        scene.response(Method::Bye, 200);
        let bye = scene.request(Method::Bye);
        assert_eq!((bye.call_id(), bye.header(&Name::Reason)), (invite.call_id(), Some("SIP;cause=200")));
        scene.accept(&bye);
        assert!(ok.header(&Name::RecordRoute).is_some());
    }
}

#[test]
fn a_change_of_the_session_goes_to_the_other_side_and_its_answer_back() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let invite = call(&mut scene, false);
    let (_, _, ok) = up(&mut scene, &invite);
    let sdp = scene.end("caller", "actpass", "sendonly");
    let update = in_dialog(Method::Update, &invite, &ok, 2).body("application/sdp", sdp).build();
    scene.send(&update);
    let onward = scene.request(Method::Update);
    assert_eq!(media(&onward).direction, Direction::SendOnly);
    let sdp = scene.end("callee", "passive", "recvonly");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    let answer = scene.response(Method::Update, 200);
    assert_eq!(media(&answer).direction, Direction::RecvOnly);
    assert_eq!(media(&answer).path, media(&ok).path);

    let info = in_dialog(Method::Info, &invite, &ok, 3).body("text/plain", "x").build();
    scene.send(&info);
    let onward = scene.request(Method::Info);
    scene.answer(&onward, 415, "", None);
    scene.response(Method::Info, 415);
}

#[test]
fn the_first_device_that_answers_gets_the_session() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let tablet = register("reg-2", "urn:uuid:tablet", "sip:bob@192.0.2.8", &format!(";{GROUP_TAG}"), 600_000);
    scene.send(&tablet);
    let invite = call(&mut scene, false);
    let phone = scene.take("INVITE to the phone", |one| one.request_uri() == Some(CONTACT));
    let tablet = scene.take("INVITE to the tablet", |one| one.request_uri() == Some("sip:bob@192.0.2.8"));
    scene.answer(&tablet, 180, "", None);
    scene.response(Method::Invite, 180);
    let sdp = scene.end("callee", "passive", "sendrecv");
    scene.answer(&phone, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.response(Method::Invite, 200);
    let cancel = scene.request(Method::Cancel);
    assert_eq!(cancel.call_id(), tablet.call_id());
    scene.accept(&cancel);
    scene.answer(&tablet, 487, "", None);
    assert_eq!(invite.call_id(), Some("call-1"));
}

#[test]
fn refusals_come_back_and_an_absent_user_is_unavailable() {
    let mut scene = Scene::new();
    call(&mut scene, false).octets();
    let onward = scene.request(Method::Invite);
    assert_eq!(onward.request_uri(), Some(BOB));
    let refusal = response(&onward, 486, "", None).edit().append(Name::Warning, "399 x \"busy\"").finish();
    scene.send(&refusal);
    assert_eq!(header(&scene.response(Method::Invite, 486), Name::Warning), "399 x \"busy\"");

    let store_off = Policy { store: false, ..Policy::default() };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), store_off)].into());
    scene.register("reg-1");
    call(&mut scene, false);
    scene.pass(Duration::from_secs(6));
    scene.response(Method::Invite, 480);
}

#[test]
fn a_request_of_the_function_that_comes_back_goes_on() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let drain = scene.request(Method::Invite);
    let again = drain
        .edit()
        .prepend(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-again"))
        .set(Name::Route, format!("<sip:{TARGET};lr>, <sip:odi-again@{CSCF};lr>"))
        .finish();
    scene.send(&again);
    let onward = scene.take("the request itself", |one| one.request_uri() == Some(CONTACT));
    assert_eq!(onward.call_id(), drain.call_id());
    assert_eq!(onward.vias().count(), 3);
    assert_eq!(header(&onward, Name::Route), format!("<sip:odi-again@{CSCF};lr>"));
}

#[test]
fn a_user_registered_by_a_telephone_number_is_the_one_of_the_included_register() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    let register = chat_register("reg-1").edit().set(Name::To, "<tel:+15550100>").finish();
    scene.send(&register);
    scene.request(Method::Invite);
}
