//! The tablet calls, and names the session of the phone.

use super::*;
use cpm_reference::config::DrainDevices;
use pretty_assertions::assert_eq;
use std::time::Duration;

/// The tablet has its 2xx.
fn taken(moving: &mut Moving, invite: &Message) -> Message {
    let ok = moving.scene.response(Method::Invite, 200);
    assert_eq!(ok.call_id(), invite.call_id());
    moving.scene.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
    moving.scene.start("tablet", &ok, false);
    ok
}

#[test]
fn the_session_goes_on_at_the_device_that_names_it() {
    for originating in [false, true] {
        for way in [Continuity::Replaces, Continuity::SameContribution] {
            let mut moving = on_the_phone(originating, way);
            moving.goes_on_with(moving.ends()[1]);
            let invite = match way {
                Continuity::Replaces => moving.replacing(TABLET),
                _ => moving.continuing(TABLET),
            };
            moving.scene.send(&invite);
            moving.scene.none(Method::Bye);
            moving.far_answers(200);
            let ok = taken(&mut moving, &invite);
            moving.phone_is_released();
            moving.goes_on_with("tablet");
            // The tablet's leave ends the session, as the phone's would have.
            moving.scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
            moving.scene.response(Method::Bye, 200);
            assert_eq!(moving.scene.request(Method::Bye).call_id(), moving.pair.leg(!originating));
            // However it moves, one session is charged: its start is recorded first, and its end last and once.
            let records: Vec<u32> = moving.scene.charging.records().into_iter().map(|(kind, _)| kind).collect();
            let ends: Vec<u32> = records.iter().copied().filter(|kind| *kind != 3).collect();
            assert_eq!((ends, records.last()), (vec![2, 4], Some(&4)), "{records:?}");
        }
    }
}

#[test]
fn what_the_phone_has_not_acknowledged_comes_to_the_tablet_under_its_id() {
    for way in [Continuity::Replaces, Continuity::SameContribution] {
        let mut moving = on_the_phone(false, way);
        let [far, phone] = moving.ends();
        let first = moving.far_says("m1");
        moving.far_is_answered("m1");
        moving.scene.ends.get_mut(phone).unwrap().status = None;
        let second = moving.far_says("m2");
        let long = message("alice", "m3", &"x".repeat(3000));
        moving.scene.say_in_part(far, "m3", &long, 1000);
        assert_eq!(moving.scene.status_of(far, "m2"), None);
        let invite = match way {
            Continuity::Replaces => moving.replacing(TABLET),
            _ => moving.continuing(TABLET),
        };
        moving.scene.send(&invite);
        moving.far_answers(200);
        taken(&mut moving, &invite);
        moving.far_is_answered("m2");
        moving.scene.say_rest(far, "m3", &long, 1000);
        assert_eq!(moving.scene.heard("tablet"), [second.clone(), long]);
        assert_eq!(moving.scene.heard(phone), [first, second]);
        let ids = moving.scene.ends["tablet"].wire.iter().filter_map(|one| one.message_id().map(str::to_owned));
        let ids: Vec<String> = ids.filter(|id| id.starts_with('m')).collect();
        assert!(["m2", "m3"].iter().all(|id| ids.iter().any(|one| one == id)), "{ids:?}");
        moving.phone_is_released();
    }
}

#[test]
fn a_message_of_which_the_phone_has_acknowledged_the_beginning_comes_whole() {
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let far = moving.ends()[0];
    let long = message("alice", "m1", &"y".repeat(3000));
    moving.scene.say_in_part(far, "m1", &long, 1000);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    moving.far_answers(200);
    taken(&mut moving, &invite);
    moving.scene.say_rest(far, "m1", &long, 1000);
    assert_eq!(moving.scene.heard("tablet"), [long]);
}

#[test]
fn a_far_end_that_refuses_leaves_the_session_where_it_is() {
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    moving.far_answers(488);
    assert_eq!(moving.scene.response(Method::Invite, 488).call_id(), invite.call_id());
    moving.scene.none(Method::Bye);
    moving.goes_on_with(moving.ends()[1]);
}

#[test]
fn a_device_that_gives_up_leaves_the_session_where_it_is() {
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    let cancel = initial(Method::Cancel, crate::pair::ALICE, BOB, crate::pair::ALICE, "move-1", "sescase=orig").build();
    moving.scene.send(&cancel.edit().set(Name::Via, header(&invite, Name::Via).to_owned()).finish());
    moving.scene.response(Method::Cancel, 200);
    assert_eq!(moving.scene.response(Method::Invite, 487).call_id(), invite.call_id());
    moving.far_answers(200);
    moving.scene.none(Method::Bye);
    moving.goes_on_with(moving.ends()[1]);
}

#[test]
fn a_phone_that_hangs_up_meanwhile_does_not_end_the_session() {
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    moving.scene.send(&moving.by_phone(Method::Bye, 5).build());
    moving.scene.response(Method::Bye, 200);
    moving.scene.none(Method::Bye);
    moving.far_answers(200);
    taken(&mut moving, &invite);
    moving.scene.none(Method::Bye);
    moving.goes_on_with("tablet");
}

#[test]
fn a_stranger_who_names_the_session_gets_nothing() {
    for way in [Continuity::Replaces, Continuity::SameContribution] {
        for terminating in [false, true] {
            let mut moving = on_the_phone(false, way);
            let invite = match way {
                Continuity::Replaces => moving.replacing("sip:carol@192.0.2.66:5060"),
                _ => moving.continuing("sip:carol@192.0.2.66:5060"),
            };
            let carol = "<sip:carol@example.com>";
            let served = if terminating { format!("<{BOB}>;sescase=term") } else { format!("{carol};sescase=orig") };
            let invite = invite.edit().set(Name::From, format!("{carol};tag=c")).set(Name::PServedUser, served);
            let invite = invite.set(Name::PAssertedIdentity, carol).finish();
            moving.scene.send(&invite);
            assert_eq!(moving.scene.response(Method::Invite, 403).call_id(), invite.call_id());
            moving.scene.none(Method::Invite);
            moving.scene.none(Method::Bye);
            moving.goes_on_with(moving.ends()[1]);
        }
    }
}

#[test]
fn a_way_that_is_not_claimed_moves_nothing() {
    let mut moving = on_the_phone(false, Continuity::Refer);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    moving.scene.response(Method::Invite, 403);
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let invite = moving.continuing(TABLET);
    moving.scene.send(&invite);
    // A call of its own.
    assert_eq!(moving.scene.request(Method::Invite).request_uri(), Some(crate::pair::ALICE));
    moving.scene.none(Method::Bye);
    // The phone itself moves nowhere.
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let invite = moving.replacing(CONTACT);
    moving.scene.send(&invite);
    moving.scene.response(Method::Invite, 403);
}

#[test]
fn a_move_waits_for_a_change_that_is_under_way() {
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let sdp = moving.scene.end(moving.ends()[1], "actpass", "sendonly");
    let update = moving.by_phone(Method::Update, 5).body("application/sdp", sdp).build();
    moving.scene.send(&update);
    let asked = moving.scene.request(Method::Update);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    assert!(moving.scene.response(Method::Invite, 500).seconds(&Name::RetryAfter).is_some());
    moving.scene.answer(&asked, 488, "", None);
    moving.scene.response(Method::Update, 488);
    moving.scene.pass(Duration::from_secs(1));
    moving.goes_on_with(moving.ends()[1]);
}

#[test]
fn a_delivery_goes_on_at_the_device_that_names_its_dialog() {
    for devices in [DrainDevices::Each, DrainDevices::First] {
        let mut scene = Scene::with(|config| config.delivery.devices = devices);
        scene.stand_in("1");
        let missed = scene.focus_says("1", &["m1", "m2", "m3", "m4"]);
        scene.register("reg-1");
        let invite = scene.request(Method::Invite);
        let sdp = scene.end("phone", "active", "sendrecv");
        let ok = scene.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
        scene.request(Method::Ack);
        scene.prepare("phone", &invite, true);
        scene.ends.get_mut("phone").unwrap().answered = Some(2);
        scene.run();
        assert_eq!(scene.heard("phone"), &missed[..3], "two are acknowledged, the third is under way");
        let [own, far] = [ok.to_tag().unwrap(), ok.from_tag().unwrap()];
        let replaces = format!("{};to-tag={own};from-tag={far}", invite.call_id().unwrap());
        let sdp = scene.end("tablet", "active", "sendrecv");
        let claim = initial(Method::Invite, FOCUS, BOB, FOCUS, "move-1", "sescase=orig;regstate=reg")
            .header(Name::ContributionId, "another")
            .header(Name::ConversationId, "another")
            .header(Name::Replaces, replaces)
            .header(Name::Contact, format!("<{TABLET}>"))
            .body("application/sdp", sdp)
            .build();
        scene.send(&claim);
        let ok = scene.response(Method::Invite, 200);
        scene.send(&in_dialog(Method::Ack, &claim, &ok, 1).build());
        scene.start("tablet", &ok, true);
        assert_eq!(scene.request(Method::Bye).call_id(), invite.call_id());
        let expected = if devices == DrainDevices::Each { &missed[..] } else { &missed[2..] };
        assert_eq!(scene.heard("tablet"), expected, "{devices:?}");
    }
}

#[test]
fn of_a_message_too_long_to_be_kept_the_sender_hears_that_it_failed() {
    let mut moving = on_the_phone(false, Continuity::Replaces);
    let far = moving.ends()[0];
    let long = message("alice", "m1", &"z".repeat(1_500_000));
    moving.scene.say_in_part(far, "m1", &long, 1_200_000);
    let invite = moving.replacing(TABLET);
    moving.scene.send(&invite);
    moving.far_answers(200);
    taken(&mut moving, &invite);
    moving.scene.say_rest(far, "m1", &long, 1_200_000);
    assert_eq!(moving.scene.ends[far].wire.iter().filter_map(|one| one.status()).next_back(), Some(481));
    assert!(moving.scene.heard("tablet").is_empty());
    moving.goes_on_with("tablet");
}

#[test]
fn a_far_end_may_come_over_another_connection_once_it_is_asked() {
    for accepts in [true, false] {
        let mut moving = on_the_phone(false, Continuity::Replaces);
        let invite = moving.replacing(TABLET);
        moving.scene.send(&invite);
        moving.scene.drop_connection(moving.ends()[0], cpm_wire::io::Closing::Finished);
        moving.scene.none(Method::Bye);
        moving.far_answers(if accepts { 200 } else { 488 });
        if accepts {
            taken(&mut moving, &invite);
            moving.phone_is_released();
            moving.goes_on_with("tablet");
        } else {
            assert_eq!(moving.scene.response(Method::Invite, 488).call_id(), invite.call_id());
            moving.pair.ended_on_both_sides(&mut moving.scene);
        }
    }
}
