//! Records of sessions and messages.

use super::*;
use crate::pair::{ringing, up, up_with};
use crate::scene::charging_server::{said, subscriber, told};
use cpm_wire::diameter::dictionary::*;
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn a_session_has_a_start_and_a_stop_of_one_session_and_the_icid_of_its_leg() {
    let mut scene = charging(Charging::Offline);
    let pair = up_with(&mut scene, "1", vector("ab-12"));
    assert_eq!(scene.charging.records(), [(START, 0)]);
    changed(&mut scene, &pair, 2);
    hung_up(&mut scene, &pair);
    assert_eq!(scene.charging.records(), [(START, 0), (INTERIM, 1), (STOP, 2)]);
    let start = scene.charging.asked[0].clone();
    for record in &scene.charging.asked {
        assert_eq!(record.session_id(), start.session_id());
        assert_eq!(subscriber(record), BOB);
        assert_eq!(told(record, &IMS_CHARGING_IDENTIFIER).as_deref(), Some("ab-12"));
        assert_eq!(told(record, &USER_SESSION_ID).as_deref(), pair.invite.call_id());
        assert_eq!((said(record, &ROLE_OF_NODE), said(record, &NODE_FUNCTIONALITY)), (Some(1), Some(6)));
        assert_eq!(told(record, &CALLING_PARTY_ADDRESS).as_deref(), Some(ALICE));
        assert_eq!(told(record, &CALLED_PARTY_ADDRESS).as_deref(), Some(BOB));
        assert_eq!(record.find(&SERVICE_CONTEXT_ID).unwrap().text(), Ok("32260@3gpp.org"));
        assert_eq!(record.find(&ORIGIN_HOST).unwrap().text(), Ok("pf.example.com"));
        assert!(record.header().flags.has(cpm_wire::diameter::CommandFlags::PROXIABLE));
    }
    scene.pass(Duration::from_secs(20));
    assert_eq!((scene.charging.asked.len(), scene.store.contents().charging.len()), (3, 0));
}

#[test]
fn the_callee_ends_a_session_and_changes_it_as_well() {
    let mut scene = charging(Charging::Offline);
    let pair = up(&mut scene, "1");
    let offer = scene.end("callee-1", "actpass", "sendonly");
    scene.send(&pair.by_callee(Method::Invite, 2).body("application/sdp", offer).build());
    let onward = scene.request(Method::Invite);
    let sdp = scene.end("caller-1", "passive", "recvonly");
    scene.answer(&onward, 200, "<sip:caller@192.0.2.1>", Some(sdp));
    scene.response(Method::Invite, 200);
    scene.request(Method::Ack);
    scene.send(&pair.by_callee(Method::Ack, 2).build());
    scene.send(&pair.by_callee(Method::Bye, 3).build());
    scene.response(Method::Bye, 200);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    assert_eq!(scene.charging.records(), [(START, 0), (INTERIM, 1), (STOP, 2)]);
}

#[test]
fn who_names_no_icid_gets_one_on_every_leg() {
    let mut scene = charging(Charging::Offline);
    let (_, onward) = ringing(&mut scene, "1", |invite| invite);
    let vector = onward.charging_vector().unwrap().get("icid-value").flatten().unwrap().into_owned();
    scene.answer(&onward, 486, "", None);
    scene.response(Method::Invite, 486);
    let event = &scene.charging.asked[0];
    assert_eq!(told(event, &IMS_CHARGING_IDENTIFIER), Some(vector));
    // A session that did not come to be is an event, with the reason.
    assert_eq!(scene.charging.records(), [(ALONE, 0)]);
    assert_eq!(said(event, &CAUSE_CODE), Some(486));
}

#[test]
fn a_message_is_one_event_for_who_sends_and_for_who_receives_it() {
    for (from, to, role) in [(ALICE, BOB, 1), (BOB, ALICE, 0)] {
        let mut scene = charging(Charging::Offline);
        let message = pager(from, to, "a").build();
        carried(&mut scene, &message, 200);
        scene.send(&message);
        assert_eq!(scene.charging.records(), [(ALONE, 0)]);
        let event = &scene.charging.asked[0];
        assert_eq!((said(event, &ROLE_OF_NODE), told(event, &USER_SESSION_ID)), (Some(role), None));
        assert_eq!(told(event, &CALLING_PARTY_ADDRESS).as_deref(), Some(from));
        assert_eq!((subscriber(event).as_str(), said(event, &CAUSE_CODE)), (BOB, None));
    }
}

#[test]
fn a_message_that_is_kept_is_charged_when_it_is_kept_and_not_again() {
    let mut scene = Scene::with(|config| configure(config, Charging::Offline, |_| {}));
    scene.charging.is_there = true;
    let away =
        pager(ALICE, BOB, "a").build().edit().set(Name::PServedUser, format!("<{BOB}>;sescase=term;regstate=unreg"));
    scene.send(&away.finish());
    scene.response(Method::Message, 202);
    assert_eq!(scene.charging.records(), [(ALONE, 0)]);
    scene.register("reg-1");
    scene.pass(Duration::from_secs(1));
    let delivery = scene.request(Method::Message);
    scene.accept(&delivery);
    assert_eq!(scene.charging.records(), [(ALONE, 0)]);
}

#[test]
fn a_running_session_is_recorded_from_time_to_time_where_that_is_configured() {
    let mut scene = charging_with(Charging::Offline, |config| {
        config.charging.as_mut().unwrap().interim = Some(Duration::from_secs(10));
    });
    let pair = up(&mut scene, "1");
    scene.pass(Duration::from_secs(25));
    hung_up(&mut scene, &pair);
    assert_eq!(scene.charging.records(), [(START, 0), (INTERIM, 1), (INTERIM, 2), (STOP, 3)]);
}

#[test]
fn who_is_not_charged_leaves_no_record() {
    let mut scene = charging(Charging::None);
    let pair = up(&mut scene, "1");
    hung_up(&mut scene, &pair);
    carried(&mut scene, &pager(ALICE, BOB, "a").build(), 200);
    assert_eq!(scene.charging.asked, []);
}
