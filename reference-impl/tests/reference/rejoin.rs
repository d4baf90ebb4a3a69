//! Devices that come by themselves, in virtual time. [CPM-CONV-058a]

use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;

/// Bob's phone calls the focus of the chat, or the factory with a list.
fn call(scene: &mut Scene, target: &str, call_id: &str, end: &str, list: Option<&str>) -> Message {
    scene.device_calls(target, call_id, end, list)
}

#[test]
fn a_device_that_rejoins_gets_what_it_missed_in_its_own_session() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    let rejoin = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    let ok = scene.response(Method::Invite, 200);
    assert!(header(&ok, Name::Contact).starts_with(&format!("<{FOCUS}>;isfocus")));
    let routes: Vec<&str> = ok.record_routes().map(|route| route.unwrap().uri).collect();
    assert_eq!(routes, [format!("sip:{TARGET};lr"), format!("sip:{CSCF};lr")]);
    scene.send(&in_dialog(Method::Ack, &rejoin, &ok, 1).build());
    scene.start("phone", &ok, true);
    assert_eq!(scene.heard("phone"), sent);
    scene.none(Method::Invite);
    let live = scene.focus_says("1", &["m3"]);
    assert_eq!(scene.heard("phone").last(), live.last());
    // The device is joined: its registration brings no second invitation.
    scene.register("reg-1");
    scene.none(Method::Invite);
}

#[test]
fn a_rejoin_that_crosses_the_drain_takes_its_place() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let drain = scene.request(Method::Invite);
    scene.answer(&drain, 180, "", None);
    let rejoin = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &rejoin, &ok, 1).build());
    let cancel = scene.request(Method::Cancel);
    scene.accept(&cancel);
    scene.answer(&drain, 487, "", None);
    scene.start("phone", &ok, true);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_drain_that_a_rejoin_has_crossed_may_be_refused_or_answered() {
    for refused in [true, false] {
        let mut scene = Scene::new();
        scene.stand_in("1");
        let mut sent = scene.focus_says("1", &["m1", "m2"]);
        scene.register("reg-1");
        let drain = scene.request(Method::Invite);
        let rejoin = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
        // What the phone says to the drain was on its way already.
        if refused {
            scene.answer(&drain, 491, "", None);
            scene.request(Method::Ack);
        } else {
            let sdp = scene.end("needless", "active", "sendrecv");
            scene.answer(&drain, 200, &format!("<{CONTACT}>"), Some(sdp));
            scene.request(Method::Ack);
            let bye = scene.request(Method::Bye);
            assert_eq!(bye.call_id(), drain.call_id());
            scene.accept(&bye);
        }
        scene.device_let_in("phone", &rejoin);
        sent.extend(scene.focus_says("1", &["m3"]));
        assert_eq!(scene.heard("phone"), sent);
        scene.register("reg-2");
        scene.pass(std::time::Duration::from_secs(60));
        scene.none(Method::Invite);
        scene.none(Method::Bye);
    }
}

#[test]
fn a_phone_that_rejoins_before_it_registers_is_not_called() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    let rejoin = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    scene.register("reg-1");
    scene.none(Method::Invite);
    scene.device_let_in("phone", &rejoin);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_rejoin_of_an_ended_chat_is_the_focus_to_refuse_but_content_is_delivered() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    let rejoin = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    let onward = scene.request(Method::Invite);
    assert_eq!(onward.request_uri(), Some(FOCUS));
    assert_eq!(header(&onward, Name::Route), format!("<sip:odi-rejoin-1@{CSCF};lr>"));
    scene.answer(&onward, 404, "", None);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &rejoin, &ok, 1).build());
    scene.start("phone", &ok, true);
    assert_eq!(scene.heard("phone"), sent);
    scene.say("phone", "r", &report("bob", "alice", "m1", "delivered"));
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);

    // Now there is nothing left, and the focus alone answers.
    call(&mut scene, FOCUS, "rejoin-2", "phone-2", None);
    let onward = scene.request(Method::Invite);
    scene.answer(&onward, 404, "", None);
    scene.response(Method::Invite, 404);
}

#[test]
fn a_restart_goes_to_the_factory_with_the_name_and_the_list_of_the_device() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.focus_ends(&invite, &ok);
    let list = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>\
        <entry uri=\"sip:alice@example.com\"/></list></resource-lists>";
    let restart = call(&mut scene, FACTORY, "restart-1", "phone", Some(list));
    let onward = scene.request(Method::Invite);
    assert_eq!(onward.request_uri(), Some(FACTORY));
    assert_eq!(header(&onward, Name::ContributionId), "contribution-1");
    assert_eq!(header(&onward, Name::Require), "recipient-list-invite");
    assert_eq!(header(&onward, Name::PAssertedIdentity), format!("<{BOB}>"));
    let text = String::from_utf8_lossy(onward.body()).into_owned();
    assert!(text.contains(list) && text.contains("Content-Disposition: recipient-list\r\n"), "{text}");
    assert_ne!(crate::scene::media(&onward).path, crate::scene::media(&restart).path);

    let sdp = scene.end("focus-2", "passive", "sendrecv");
    scene.answer(&onward, 200, "<sip:group-2@focus.example.com>;isfocus", Some(sdp));
    scene.start("focus-2", &onward, false);
    let ok = scene.response(Method::Invite, 200);
    assert!(header(&ok, Name::Contact).starts_with("<sip:group-2@focus.example.com>;isfocus"));
    scene.send(&in_dialog(Method::Ack, &restart, &ok, 1).build());
    scene.start("phone", &ok, true);
    let live = scene.focus_says("2", &["m1"]);
    assert_eq!(scene.heard("phone"), live);
    let own = message("bob", "b1", "again");
    scene.say("phone", "p1", &own);
    assert_eq!(scene.heard("focus-2"), [own]);
}

#[test]
fn a_refused_rejoin_of_an_unknown_chat_leaves_nothing_behind() {
    let mut scene = Scene::new();
    call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    let onward = scene.request(Method::Invite);
    scene.answer(&onward, 403, "", None);
    scene.response(Method::Invite, 403);
    assert_eq!(scene.store.contents().chats.len(), 0);
}

#[test]
fn a_rejoin_that_is_cancelled_is_cancelled_at_the_focus() {
    let mut scene = Scene::new();
    let invite = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    let onward = scene.request(Method::Invite);
    scene.answer(&onward, 180, &format!("<{FOCUS}>"), None);
    let ringing = response(&invite, 180, "<sip:x>", None);
    let via = header(&invite, Name::Via).to_owned();
    let cancel = in_dialog(Method::Cancel, &invite, &ringing, 1).build();
    let cancel = cancel.edit().set(Name::Via, via).set(Name::To, format!("<{FOCUS}>")).set_request_uri(FOCUS).finish();
    scene.send(&cancel);
    scene.response(Method::Cancel, 200);
    scene.response(Method::Invite, 487);
    scene.request(Method::Cancel);
}

#[test]
fn a_device_that_joins_a_chat_in_session_is_let_into_a_full_function() {
    let mut scene = Scene::with(|config| config.max_sessions = 1);
    let (invite, ok) = scene.stand_in("1");
    let sdp = scene.end("focus-2", "passive", "sendrecv");
    let other = |call_id: &str| invitation("2", call_id, &sdp, false);
    scene.send(&other("other-1"));
    scene.response(Method::Invite, 503);
    let rejoin = call(&mut scene, FOCUS, "rejoin-1", "phone", None);
    scene.device_let_in("phone", &rejoin);
    scene.send(&other("other-2"));
    scene.response(Method::Invite, 503);
    scene.focus_ends(&invite, &ok);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    scene.send(&other("other-3"));
    scene.response(Method::Invite, 200);
}
