//! Who is called when, and whose answer counts.

use super::*;
use crate::pair::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_reference::config::{MediaPath, SixXx};
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

fn rings(scene: &mut Scene, invite: &Message) {
    scene.answer(invite, 180, "", None);
    scene.response(Method::Invite, 180);
}

#[test]
fn the_first_answer_wins_and_the_others_are_cancelled_after_their_provisional() {
    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = call(&mut scene);
    let tablet = to(&mut scene, TABLET);
    picks_up(&mut scene, CONTACT, "phone");
    caller_is_answered(&mut scene, &invite);
    scene.none(Method::Cancel);
    scene.answer(&tablet, 180, "", None);
    let cancel = scene.request(Method::Cancel);
    assert_eq!(cancel.call_id(), tablet.call_id());
    assert!(header(&cancel, Name::Reason).contains("elsewhere"));
    scene.accept(&cancel);
    // The answer has crossed the CANCEL.
    let sdp = scene.end("tablet", "passive", "sendrecv");
    scene.answer(&tablet, 200, &format!("<{TABLET}>"), Some(sdp));
    for method in [Method::Ack, Method::Bye] {
        assert_eq!(scene.request(method).call_id(), tablet.call_id());
    }
    assert!(!scene.sip.iter().any(|one| one.status() == Some(200) && one.method() == Method::Invite));
    let words = message("alice", "m1", "hello");
    scene.say("caller-1", "m1", &words);
    assert_eq!(scene.heard("phone"), [words]);
}

#[test]
fn the_best_refusal_goes_back_once_all_have_refused() {
    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = call(&mut scene);
    let [phone, tablet] = [CONTACT, TABLET].map(|target| to(&mut scene, target));
    scene.answer(&phone, 500, "", None);
    scene.request(Method::Ack);
    assert!(scene.sip.iter().all(|one| one.is_request() || one.status() == Some(100)), "{:?}", scene.starts());
    scene.answer(&tablet, 486, "", None);
    refused(&mut scene, &invite, 486);

    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = call(&mut scene);
    let phone = to(&mut scene, CONTACT);
    scene.answer(&phone, 486, "", None);
    scene.request(Method::Ack);
    picks_up(&mut scene, TABLET, "tablet");
    caller_is_answered(&mut scene, &invite);
}

#[test]
fn a_decline_for_all_ends_the_call_unless_it_is_ignored() {
    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = call(&mut scene);
    let [phone, tablet] = [CONTACT, TABLET].map(|target| to(&mut scene, target));
    rings(&mut scene, &tablet);
    scene.answer(&phone, 603, "", None);
    refused(&mut scene, &invite, 603);
    assert_eq!(scene.request(Method::Cancel).call_id(), tablet.call_id());

    for mode in [DeviceMode::PfForks, DeviceMode::Sequential] {
        let mut scene = in_mode_with(mode, |config| config.six_xx = SixXx::Ignored);
        let invite = call(&mut scene);
        let phone = to(&mut scene, CONTACT);
        scene.answer(&phone, 603, "", None);
        scene.request(Method::Ack);
        picks_up(&mut scene, TABLET, "tablet");
        caller_is_answered(&mut scene, &invite);
    }

    let mut scene = in_mode(DeviceMode::Sequential);
    let invite = call(&mut scene);
    let phone = to(&mut scene, CONTACT);
    scene.answer(&phone, 603, "", None);
    refused(&mut scene, &invite, 603);
    scene.none(Method::Invite);
}

#[test]
fn one_device_is_called_after_the_other() {
    let mut scene = in_mode(DeviceMode::Sequential);
    let invite = call(&mut scene);
    let phone = to(&mut scene, CONTACT);
    rings(&mut scene, &phone);
    scene.pass(Duration::from_millis(4900));
    scene.none(Method::Invite);
    scene.pass(Duration::from_millis(200));
    let cancel = scene.request(Method::Cancel);
    assert_eq!(cancel.call_id(), phone.call_id());
    scene.accept(&cancel);
    scene.answer(&phone, 487, "", None);
    scene.request(Method::Ack);
    let tablet = to(&mut scene, TABLET);
    scene.pass(Duration::from_millis(4800));
    answers(&mut scene, tablet, TABLET, "tablet");
    caller_is_answered(&mut scene, &invite);

    let mut scene = in_mode(DeviceMode::Sequential);
    let invite = call(&mut scene);
    for target in [CONTACT, TABLET] {
        let device = to(&mut scene, target);
        scene.none(Method::Invite);
        scene.answer(&device, 486, "", None);
        scene.request(Method::Ack);
    }
    refused(&mut scene, &invite, 486);
}

#[test]
fn the_caller_gives_up_while_several_are_called() {
    for mode in [DeviceMode::PfForks, DeviceMode::AllJoined, DeviceMode::Sequential] {
        let mut scene = in_mode(mode);
        let invite = call(&mut scene);
        let targets = if mode == DeviceMode::Sequential { vec![CONTACT] } else { vec![CONTACT, TABLET] };
        let calls: Vec<Message> = targets.iter().map(|target| to(&mut scene, target)).collect();
        calls.iter().for_each(|device| rings(&mut scene, device));
        let via = header(&invite, Name::Via).to_owned();
        let cancel = initial(Method::Cancel, BOB, ALICE, BOB, "1", "sescase=term").build();
        scene.send(&cancel.edit().set(Name::Via, via).finish());
        scene.response(Method::Cancel, 200);
        scene.response(Method::Invite, 487);
        for _ in &calls {
            let cancel = scene.request(Method::Cancel);
            scene.accept(&cancel);
            let cancelled = calls.iter().find(|device| device.call_id() == cancel.call_id()).unwrap();
            scene.answer(cancelled, 487, "", None);
        }
        scene.pass(Duration::from_secs(20));
        scene.none(Method::Invite);
    }
}

#[test]
fn a_device_that_registers_while_others_ring_is_called_once() {
    let late = |scene: &mut Scene| {
        let laptop = register("reg-9", "urn:uuid:00000000-0000-1000-8000-00000000a003", LAPTOP, CHAT, 600_000);
        scene.send(&laptop);
        scene.response(Method::Register, 200);
    };
    let mut scene = in_mode(DeviceMode::PfForks);
    call(&mut scene);
    for target in [CONTACT, TABLET] {
        to(&mut scene, target);
    }
    late(&mut scene);
    to(&mut scene, LAPTOP);
    scene.register_tablet("reg-3");
    late(&mut scene);
    scene.none(Method::Invite);

    let mut scene = in_mode(DeviceMode::Sequential);
    call(&mut scene);
    let phone = to(&mut scene, CONTACT);
    late(&mut scene);
    scene.none(Method::Invite);
    scene.answer(&phone, 486, "", None);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 486, "", None);
    to(&mut scene, LAPTOP);
}

const LAPTOP: &str = "sip:bob@192.0.2.9:5060";
const CHAT: &str = ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"";

#[test]
fn the_serving_cscf_forks_one_request() {
    let mut scene = in_mode(DeviceMode::SCscfForks);
    let invite = call(&mut scene);
    let one = to(&mut scene, BOB);
    scene.none(Method::Invite);
    // Two branches ring, both answer.
    let branch = |response: Message, tag: &str| {
        let to = format!("<{BOB}>;tag={tag}");
        response.edit().set(Name::To, to).finish()
    };
    for (tag, target) in [("phone", CONTACT), ("tablet", TABLET)] {
        scene.send(&branch(response(&one, 180, &format!("<{target}>"), None), tag));
        scene.response(Method::Invite, 180);
    }
    for (tag, target) in [("tablet", TABLET), ("phone", CONTACT)] {
        let sdp = scene.end(tag, "passive", "sendrecv");
        scene.send(&branch(response(&one, 200, &format!("<{target}>"), Some(sdp)), tag));
        assert_eq!(scene.request(Method::Ack).to_tag(), Some(tag));
    }
    scene.start("tablet", &one, false);
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.to_tag(), Some("phone"));
    scene.accept(&bye);
    let ok = caller_is_answered(&mut scene, &invite);
    let words = message("alice", "m1", "hello");
    scene.say("caller-1", "m1", &words);
    assert_eq!(scene.heard("tablet"), [words]);
    // A change reaches the device in session; the other one's registration is none of its business.
    scene.send(&unregister("reg-4"));
    scene.response(Method::Register, 200);
    scene.none(Method::Bye);
    let sdp = scene.end("caller-1", "actpass", "sendonly");
    scene.send(&in_dialog(Method::Update, &invite, &ok, 2).body("application/sdp", sdp).build());
    let update = scene.request(Method::Update);
    assert_eq!((update.to_tag(), update.request_uri()), (Some("tablet"), Some(TABLET)));
}

#[test]
fn a_device_that_is_gone_while_it_rings_is_called_no_more() {
    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = call(&mut scene);
    let phone = to(&mut scene, CONTACT);
    rings(&mut scene, &phone);
    scene.send(&unregister("reg-4"));
    scene.response(Method::Register, 200);
    assert_eq!(scene.request(Method::Cancel).call_id(), phone.call_id());
    picks_up(&mut scene, TABLET, "tablet");
    caller_is_answered(&mut scene, &invite);
}

#[test]
fn a_change_goes_to_the_device_in_session_alone() {
    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = call(&mut scene);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 486, "", None);
    scene.request(Method::Ack);
    let (onward, _) = picks_up(&mut scene, CONTACT, "phone");
    let ok = caller_is_answered(&mut scene, &invite);
    let sdp = scene.end("caller-1", "actpass", "sendonly");
    scene.send(&in_dialog(Method::Invite, &invite, &ok, 2).body("application/sdp", sdp).build());
    assert_eq!(to(&mut scene, CONTACT).call_id(), onward.call_id());
    scene.none(Method::Invite);
}

#[test]
fn without_the_messages_in_its_path_the_function_joins_nobody() {
    let mut scene = in_mode_with(DeviceMode::AllJoined, |config| config.media.path = MediaPath::Out);
    call(&mut scene);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 180, "", None);
    let phone = to(&mut scene, CONTACT);
    let sdp = scene.end("phone", "passive", "sendrecv");
    scene.answer(&phone, 200, &format!("<{CONTACT}>"), Some(sdp));
    assert_eq!(scene.request(Method::Cancel).call_id(), tablet.call_id());
}
