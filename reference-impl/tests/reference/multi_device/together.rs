//! Several devices in one session: who hears what, who is asked, who leaves.

use super::*;
use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_wire::io::Closing;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method};
use pretty_assertions::assert_eq;
use std::time::Duration;

struct Joined {
    scene: Scene,
    invite: Message,
    ok: Message,
    phone: (Message, Message),
    tablet: (Message, Message),
}

/// Both devices of Bob are in a session with Alice.
fn joined() -> Joined {
    let mut scene = in_mode(DeviceMode::AllJoined);
    let invite = call(&mut scene);
    let phone = picks_up(&mut scene, CONTACT, "phone");
    let ok = caller_is_answered(&mut scene, &invite);
    scene.pass(Duration::from_secs(1));
    let tablet = picks_up(&mut scene, TABLET, "tablet");
    assert!(!scene.sip.iter().any(|one| one.status() == Some(200)), "one 2xx: {:?}", scene.starts());
    scene.none(Method::Cancel);
    scene.none(Method::Bye);
    Joined { scene, invite, ok, phone, tablet }
}

fn says(scene: &mut Scene, from: &str, id: &str) -> bytes::Bytes {
    let words = message(from, id, &format!("words of {id}"));
    scene.say(from, id, &words);
    assert_eq!(scene.status_of(from, id), Some(200), "{from} {id}");
    words
}

fn hangs_up(scene: &mut Scene, (invite, answer): &(Message, Message)) {
    scene.send(&back_in_dialog(Method::Bye, invite, answer, 1).build());
    scene.response(Method::Bye, 200);
}

#[test]
fn each_device_hears_the_far_end_and_the_other_device() {
    let Joined { mut scene, .. } = joined();
    let alice = says(&mut scene, "caller-1", "m1");
    let phone = says(&mut scene, "phone", "m2");
    let tablet = says(&mut scene, "tablet", "m3");
    assert_eq!(scene.heard("caller-1"), [phone.clone(), tablet.clone()]);
    assert_eq!(scene.heard("phone"), [alice.clone(), tablet]);
    assert_eq!(scene.heard("tablet"), [alice, phone]);
}

#[test]
fn chunks_pass_to_each_device_as_they_come() {
    let Joined { mut scene, .. } = joined();
    let words = message("alice", "long", &"x".repeat(3000));
    scene.say_in_part("caller-1", "long", &words, 1000);
    for device in ["phone", "tablet"] {
        let sends =
            scene.ends[device].wire.iter().filter(|one| one.body_range().is_some_and(|body| body.len() == 1000));
        assert_eq!(sends.count(), 1, "{device} has the first chunk already");
    }
    scene.say_as("caller-1", "m2", "message/cpim", &words, Some(1024));
    assert_eq!(scene.status_of("caller-1", "m2"), Some(200));
    for device in ["phone", "tablet"] {
        assert_eq!(scene.heard(device), std::slice::from_ref(&words));
    }
}

#[test]
fn one_device_that_takes_a_message_is_enough_for_its_sender() {
    let Joined { mut scene, .. } = joined();
    scene.ends.get_mut("phone").unwrap().status = Some(413);
    says(&mut scene, "caller-1", "m1");
    scene.ends.get_mut("phone").unwrap().status = None;
    says(&mut scene, "caller-1", "m2");
    scene.ends.get_mut("tablet").unwrap().status = Some(415);
    scene.ends.get_mut("phone").unwrap().status = Some(415);
    scene.say("caller-1", "m3", &message("alice", "m3", "hello"));
    assert_eq!(scene.status_of("caller-1", "m3"), Some(415));
    // Of a copy that the other device does not want its author hears nothing.
    says(&mut scene, "phone", "m4");
}

#[test]
fn a_change_reaches_every_device_and_the_far_end_hears_once() {
    let Joined { mut scene, invite, ok, phone, tablet } = joined();
    let sdp = scene.end("caller-1", "actpass", "sendonly");
    scene.send(&in_dialog(Method::Invite, &invite, &ok, 2).body("application/sdp", sdp).build());
    for (target, name, leg) in [(CONTACT, "phone", &phone), (TABLET, "tablet", &tablet)] {
        let change = to(&mut scene, target);
        assert_eq!(change.call_id(), leg.0.call_id());
        assert_eq!(crate::scene::media(&change).direction, Direction::SendOnly);
        let sdp = scene.end(name, "passive", "recvonly");
        scene.answer(&change, 200, &format!("<{target}>"), Some(sdp));
        scene.request(Method::Ack);
    }
    let answer = scene.response(Method::Invite, 200);
    assert_eq!(crate::scene::media(&answer).direction, Direction::RecvOnly);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 2).build());
    assert!(!scene.sip.iter().any(|one| one.method() == Method::Invite), "{:?}", scene.starts());
    let words = says(&mut scene, "caller-1", "after");
    assert_eq!((scene.heard("phone"), scene.heard("tablet")), (&[words.clone()][..], &[words][..]));
}

#[test]
fn a_change_that_one_device_refuses_is_for_the_other() {
    let Joined { mut scene, invite, ok, .. } = joined();
    let change = |scene: &mut Scene, cseq: u32| {
        let sdp = scene.end("caller-1", "actpass", "sendonly");
        scene.send(&in_dialog(Method::Update, &invite, &ok, cseq).body("application/sdp", sdp).build());
    };
    change(&mut scene, 2);
    let asked = scene.request(Method::Update);
    scene.answer(&asked, 488, "", None);
    let asked = scene.request(Method::Update);
    assert_eq!(asked.request_uri(), Some(TABLET));
    let sdp = scene.end("tablet", "passive", "recvonly");
    scene.answer(&asked, 200, &format!("<{TABLET}>"), Some(sdp));
    scene.response(Method::Update, 200);
    change(&mut scene, 3);
    for _ in 0..2 {
        let asked = scene.request(Method::Update);
        scene.answer(&asked, 488, "", None);
    }
    scene.response(Method::Update, 488);
    says(&mut scene, "caller-1", "after");
}

#[test]
fn who_leaves_gets_nothing_more_and_the_last_one_ends_the_session() {
    let Joined { mut scene, invite, phone, tablet, .. } = joined();
    says(&mut scene, "caller-1", "m1");
    hangs_up(&mut scene, &phone);
    scene.none(Method::Bye);
    says(&mut scene, "caller-1", "m2");
    says(&mut scene, "tablet", "m3");
    assert_eq!((scene.heard("phone").len(), scene.heard("tablet").len()), (1, 2));
    hangs_up(&mut scene, &tablet);
    assert_eq!(scene.request(Method::Bye).call_id(), invite.call_id());
    scene.none(Method::Bye);
}

#[test]
fn a_device_that_is_gone_leaves_alone() {
    for lost in [false, true] {
        let Joined { mut scene, invite, phone, .. } = joined();
        match lost {
            true => scene.drop_connection("phone", Closing::Reset),
            false => {
                scene.send(&unregister("reg-4"));
                scene.response(Method::Register, 200);
            }
        }
        let bye = scene.request(Method::Bye);
        assert_eq!(bye.call_id(), phone.0.call_id());
        scene.accept(&bye);
        scene.none(Method::Bye);
        says(&mut scene, "caller-1", "m2");
        assert_eq!((scene.heard("phone").len(), scene.heard("tablet").len()), (0, 1));
        assert!(invite.call_id() != bye.call_id());
    }
}

#[test]
fn the_far_end_ends_it_for_all() {
    let Joined { mut scene, invite, ok, phone, tablet } = joined();
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    scene.response(Method::Bye, 200);
    let mut byes = [Method::Bye, Method::Bye].map(|method| scene.request(method).call_id().map(str::to_owned));
    let mut legs = [&phone, &tablet].map(|leg| leg.0.call_id().map(str::to_owned));
    byes.sort();
    legs.sort();
    assert_eq!(byes, legs);
}

#[test]
fn who_never_answers_is_called_no_longer_than_it_may() {
    let mut scene = in_mode(DeviceMode::AllJoined);
    let invite = call(&mut scene);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 180, "", None);
    scene.response(Method::Invite, 180);
    picks_up(&mut scene, CONTACT, "phone");
    caller_is_answered(&mut scene, &invite);
    scene.pass(Duration::from_secs(4));
    scene.none(Method::Cancel);
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.request(Method::Cancel).call_id(), tablet.call_id());
    scene.none(Method::Bye);
    says(&mut scene, "caller-1", "m1");
}

#[test]
fn who_joins_in_the_middle_of_a_message_gets_no_part_of_it() {
    let mut scene = in_mode(DeviceMode::AllJoined);
    let invite = call(&mut scene);
    picks_up(&mut scene, CONTACT, "phone");
    caller_is_answered(&mut scene, &invite);
    let words = message("alice", "long", &"x".repeat(3000));
    scene.say_in_part("caller-1", "long", &words, 1000);
    picks_up(&mut scene, TABLET, "tablet");
    scene.say_rest("caller-1", "long", &words, 1000);
    assert_eq!(scene.heard("phone"), [words]);
    let later = says(&mut scene, "caller-1", "m2");
    assert_eq!(scene.heard("tablet"), [later]);
}

#[test]
fn a_report_goes_to_the_author_of_the_message_alone() {
    let Joined { mut scene, .. } = joined();
    let reports = |scene: &Scene| {
        ["caller-1", "phone", "tablet"]
            .map(|end| scene.ends[end].wire.iter().filter(|one| one.is(&cpm_wire::msrp::Method::Report)).count())
    };
    let about = |id: &str| format!("Message-ID: r1\r\nByte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n-------{id}$\r\n");
    scene.chunk("phone", "tr1x", "r1", "1-5/5", "Success-Report: yes\r\n", ("hello", '$'));
    scene.writes_request("tablet", "rep1", "REPORT", &about("rep1"));
    assert_eq!(reports(&scene), [0, 0, 0], "of a copy nobody hears");
    scene.writes_request("caller-1", "rep2", "REPORT", &about("rep2"));
    assert_eq!(reports(&scene), [0, 1, 0]);
    scene.chunk("caller-1", "tr2x", "r2", "1-5/5", "Success-Report: yes\r\n", ("hello", '$'));
    scene.writes_request("tablet", "rep3", "REPORT", &about("rep3").replace("r1", "r2"));
    assert_eq!(reports(&scene), [1, 1, 0]);
}

#[test]
fn a_change_that_follows_at_once_comes_to_every_device_after_the_first() {
    let Joined { mut scene, invite, ok, .. } = joined();
    let change = |scene: &mut Scene, cseq: u32, direction: &str| {
        let sdp = scene.end("caller-1", "actpass", direction);
        scene.send(&in_dialog(Method::Invite, &invite, &ok, cseq).body("application/sdp", sdp).build());
    };
    let accepts = |scene: &mut Scene, target: &str, name: &str, direction: Direction| {
        let asked = to(scene, target);
        assert_eq!(crate::scene::media(&asked).direction, direction);
        let sdp = scene.end(name, "passive", "sendrecv");
        scene.answer(&asked, 200, &format!("<{target}>"), Some(sdp));
        scene.request(Method::Ack);
    };
    change(&mut scene, 2, "sendonly");
    accepts(&mut scene, CONTACT, "phone", Direction::SendOnly);
    scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 2).build());
    // The tablet has not answered yet.
    change(&mut scene, 3, "sendrecv");
    accepts(&mut scene, CONTACT, "phone", Direction::SendRecv);
    scene.response(Method::Invite, 200);
    accepts(&mut scene, TABLET, "tablet", Direction::SendOnly);
    accepts(&mut scene, TABLET, "tablet", Direction::SendRecv);
    scene.none(Method::Invite);
    says(&mut scene, "caller-1", "after");
}

#[test]
fn a_device_may_come_over_another_connection_once_it_is_asked_for_a_change() {
    let Joined { mut scene, invite, ok, .. } = joined();
    let sdp = scene.end("caller-1", "actpass", "sendonly");
    scene.send(&in_dialog(Method::Invite, &invite, &ok, 2).body("application/sdp", sdp).build());
    for (target, name) in [(CONTACT, "phone"), (TABLET, "tablet")] {
        let asked = to(&mut scene, target);
        scene.drop_connection(name, Closing::Finished);
        let sdp = scene.end(name, "passive", "recvonly");
        scene.answer(&asked, 200, &format!("<{target}>"), Some(sdp));
        scene.request(Method::Ack);
    }
    scene.none(Method::Bye);
    says(&mut scene, "caller-1", "after");
    assert_eq!((scene.heard("phone").len(), scene.heard("tablet").len()), (1, 1));
}
