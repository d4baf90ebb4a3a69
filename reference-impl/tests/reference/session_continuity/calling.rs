//! The tablet is called for the session: the phone asks for that, or is gone.

use super::*;
use cpm_wire::io::Closing;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn refers(moving: &mut Moving, to: &str) {
    let refer = moving.by_phone(Method::Refer, 5).header(Name::ReferTo, format!("<{to}>"));
    moving.scene.send(&refer.build());
}

/// What the phone hears of its REFER.
fn told(moving: &mut Moving) -> String {
    let notify = moving.scene.request(Method::Notify);
    assert_eq!(notify.call_id(), moving.pair.leg(moving.originating));
    moving.scene.accept(&notify);
    String::from_utf8_lossy(notify.body()).trim_end().to_owned()
}

fn tablet_rings(moving: &mut Moving) -> Message {
    let invite = moving.scene.request(Method::Invite);
    assert_eq!(invite.request_uri(), Some(TABLET));
    assert_eq!(header(&invite, Name::ContributionId), "contribution-1");
    assert_eq!(header(&invite, Name::ConversationId), "conversation");
    assert_eq!(invite.from().unwrap().uri, crate::pair::ALICE);
    assert_eq!(invite.to().unwrap().uri, BOB);
    invite
}

fn tablet_answers(moving: &mut Moving, invite: &Message) {
    let sdp = moving.scene.end("tablet", "passive", "sendrecv");
    moving.scene.answer(invite, 200, &format!("<{TABLET}>"), Some(sdp));
    moving.scene.request(Method::Ack);
    moving.scene.start("tablet", invite, false);
}

#[test]
fn a_device_hands_the_session_over() {
    let gruu = format!("{BOB};gr={TABLET_INSTANCE}");
    for (originating, target) in [(false, TABLET), (true, TABLET), (false, gruu.as_str()), (false, BOB)] {
        let mut moving = on_the_phone(originating, Continuity::Refer);
        refers(&mut moving, target);
        moving.scene.response(Method::Refer, 202);
        assert_eq!(told(&mut moving), "SIP/2.0 100 Trying");
        let invite = tablet_rings(&mut moving);
        moving.goes_on_with(moving.ends()[1]);
        let phone = moving.ends()[1];
        moving.scene.ends.get_mut(phone).unwrap().status = None;
        let words = moving.far_says("m1");
        tablet_answers(&mut moving, &invite);
        moving.far_is_answered("m1");
        assert_eq!(moving.scene.heard("tablet"), [words]);
        assert_eq!(told(&mut moving), "SIP/2.0 200 OK");
        moving.phone_is_released();
        moving.goes_on_with("tablet");
    }
}

#[test]
fn a_device_that_refuses_leaves_the_session_where_it_is() {
    for answers in [true, false] {
        let mut moving = on_the_phone(false, Continuity::Refer);
        refers(&mut moving, TABLET);
        told(&mut moving);
        let invite = tablet_rings(&mut moving);
        match answers {
            true => {
                moving.scene.answer(&invite, 603, "", None);
                assert_eq!(told(&mut moving), "SIP/2.0 603 Decline");
            }
            false => {
                moving.scene.answer(&invite, 180, "", None);
                moving.scene.pass(Duration::from_secs(6));
                moving.scene.request(Method::Cancel);
                assert!(told(&mut moving).starts_with("SIP/2.0 408"));
            }
        }
        moving.scene.none(Method::Bye);
        moving.goes_on_with(moving.ends()[1]);
    }
}

#[test]
fn a_phone_that_hangs_up_after_its_refer_leaves_the_session_to_the_tablet() {
    let mut moving = on_the_phone(false, Continuity::Refer);
    refers(&mut moving, TABLET);
    told(&mut moving);
    let invite = tablet_rings(&mut moving);
    moving.scene.send(&moving.by_phone(Method::Bye, 6).build());
    moving.scene.response(Method::Bye, 200);
    let words = moving.far_says("m1");
    moving.scene.none(Method::Bye);
    tablet_answers(&mut moving, &invite);
    assert_eq!(moving.scene.heard("tablet"), [words]);
    moving.far_is_answered("m1");
    moving.goes_on_with("tablet");
}

#[test]
fn a_refer_to_somebody_else_goes_to_the_far_end() {
    let mut moving = on_the_phone(false, Continuity::Refer);
    refers(&mut moving, "sip:carol@example.com");
    assert_eq!(moving.scene.request(Method::Refer).call_id(), moving.pair.leg(true));
    moving.scene.none(Method::Invite);
}

#[test]
fn the_function_calls_another_device_when_the_phone_is_gone() {
    for (originating, lost) in [(false, false), (true, false), (false, true)] {
        let mut moving = on_the_phone(originating, Continuity::InternalSwitch);
        let phone = moving.ends()[1];
        moving.scene.ends.get_mut(phone).unwrap().status = None;
        let unheard = (!lost).then(|| moving.far_says("m1"));
        match lost {
            true => moving.scene.drop_connection(phone, Closing::Reset),
            false => {
                moving.scene.send(&register("reg-4", INSTANCE, CONTACT, "", 0));
                moving.scene.response(Method::Register, 200);
            }
        }
        let invite = tablet_rings(&mut moving);
        moving.phone_is_released();
        let words = moving.far_says("m2");
        tablet_answers(&mut moving, &invite);
        let expected: Vec<_> = unheard.into_iter().chain([words]).collect();
        assert_eq!(moving.scene.heard("tablet"), expected);
        moving.far_is_answered("m2");
        moving.goes_on_with("tablet");
    }
}

#[test]
fn without_another_device_that_takes_it_the_session_ends() {
    let mut moving = on_the_phone(false, Continuity::InternalSwitch);
    moving.scene.send(&register("reg-4", INSTANCE, CONTACT, "", 0));
    let invite = tablet_rings(&mut moving);
    moving.phone_is_released();
    moving.scene.answer(&invite, 486, "", None);
    assert_eq!(moving.scene.request(Method::Bye).call_id(), moving.pair.leg(true));
}
