//! Disposition notifications in both directions, in virtual time. [CPM-CONV-058, CPM-CONV-058a, L04]

use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_reference::config::NotificationPath;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;

/// Carol's report on a message of Bob's comes to Bob as a request of its own.
fn report_message(call_id: &str, registered: bool) -> Message {
    let state = if registered { "sescase=term;regstate=reg" } else { "sescase=term;regstate=unreg" };
    initial(Method::Message, BOB, "sip:carol@example.com", BOB, call_id, state)
        .header(Name::ContributionId, "contribution-1")
        .body("message/cpim", report("carol", "bob", "m0", "delivered"))
        .build()
}

#[test]
fn a_report_of_the_absence_is_drained_in_its_place() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    let told = report("carol", "bob", "m0", "delivered");
    scene.say("focus-1", "f", &told);
    sent.push(told);
    sent.extend(scene.focus_says("1", &["m2"]));
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_device_that_takes_no_notifications_in_the_session_gets_them_by_message() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let told = report("carol", "bob", "m0", "delivered");
    scene.say("focus-1", "f", &told);
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = scene.end("phone", "active", "sendrecv").replace(" message/imdn+xml", "");
    scene.answer_with(invite, "phone", sdp);
    let message = scene.request(Method::Message);
    assert_eq!(message.request_uri(), Some(CONTACT));
    assert_eq!(message.body(), &told[..]);
    scene.accept(&message);
    assert_eq!(scene.heard("phone"), sent);
    assert!(scene.store.contents().items.iter().all(|item| !item.delivered.is_empty()));
}

#[test]
fn where_notifications_are_to_come_by_message_none_comes_in_a_session() {
    let mut scene = Scene::with(|config| config.delivery.notifications = vec![NotificationPath::Message]);
    scene.stand_in("1");
    let told = report("carol", "bob", "m0", "delivered");
    scene.say("focus-1", "f", &told);
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    let message = scene.request(Method::Message);
    assert_eq!(message.body(), &told[..]);
    scene.accept(&message);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn the_report_of_a_device_goes_to_the_focus_while_the_chat_lasts_and_only_once() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    assert_eq!(scene.heard("focus-1").len(), 0);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    let own = report("bob", "alice", "m1", "delivered");
    scene.say("phone", "p1", &own);
    scene.say("phone", "p2", &own);
    assert_eq!(scene.status_of("phone", "p2"), Some(200));
    let shown = report("bob", "alice", "m1", "displayed");
    scene.say("phone", "p3", &shown);
    assert_eq!(scene.heard("focus-1"), [own, shown]);
}

#[test]
fn the_answer_of_the_focus_is_that_to_the_device() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    scene.ends.get_mut("focus-1").unwrap().status = Some(413);
    scene.say("phone", "p1", &message("bob", "b1", "too much"));
    assert_eq!(scene.status_of("phone", "p1"), Some(413));
}

#[test]
fn a_report_by_message_waits_for_an_absent_user() {
    let mut scene = Scene::new();
    scene.hold_disk = true;
    scene.send(&report_message("msg-1", false));
    assert_eq!(scene.starts(), Vec::<String>::new());
    scene.release_disk();
    scene.response(Method::Message, 202);
    scene.restart();
    scene.register("reg-1");
    let message = scene.request(Method::Message);
    assert_eq!(message.request_uri(), Some(CONTACT));
    assert_eq!(message.header(&Name::ContributionId), Some("contribution-1"));
    assert_eq!(message.body(), &report("carol", "bob", "m0", "delivered")[..]);
    scene.accept(&message);
    assert_eq!(scene.store.contents().deferred.len(), 0);
    scene.register("reg-2");
    scene.none(Method::Message);
}

#[test]
fn a_message_goes_on_to_a_registered_device_and_its_answer_comes_back() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sent = report_message("msg-1", true);
    scene.send(&sent);
    let onward = scene.request(Method::Message);
    assert_eq!(onward.request_uri(), Some(CONTACT));
    assert_eq!(onward.header(&Name::Route), Some(format!("<sip:odi-msg-1@{CSCF};lr>").as_str()));
    assert_eq!(onward.max_forwards(), Some(Ok(67)));
    assert_eq!(onward.vias().count(), 2);
    let answer = Message::parse(response(&onward, 200, "", None).octets().clone()).unwrap();
    scene.send(&answer);
    assert_eq!(scene.response(Method::Message, 200).vias().count(), 1);
}

#[test]
fn a_device_that_cannot_be_had_leaves_the_report_with_the_function() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.send(&report_message("msg-1", true));
    let onward = scene.request(Method::Message);
    scene.answer(&onward, 480, "", None);
    scene.response(Method::Message, 202);
    scene.register("reg-2");
    scene.request(Method::Message);
}

#[test]
fn what_is_no_message_in_cpim_does_not_wait_for_an_absent_user() {
    let mut scene = Scene::new();
    let pager = initial(Method::Message, BOB, "sip:carol@example.com", BOB, "msg-1", "sescase=term;regstate=unreg");
    scene.send(&pager.body("text/plain", "hello").build());
    scene.response(Method::Message, 415);
}

#[test]
fn a_report_by_message_reaches_its_author_once_and_a_failed_one_may_be_repeated() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    let author = "sip:alice@example.com";
    for (call, comes, answer) in
        [("msg-1", true, 500), ("msg-2", true, 200), ("msg-3", false, 200), ("unnamed", false, 200)]
    {
        let sent = initial(Method::Message, author, BOB, author, call, "sescase=orig;regstate=reg");
        // It need not say to which chat it belongs.
        let sent = if call == "unnamed" { sent } else { sent.header(Name::ContributionId, "contribution-1") };
        scene.send(&sent.body("message/cpim", report("bob", "alice", "m1", "delivered")).build());
        if comes {
            let onward = scene.request(Method::Message);
            scene.answer(&onward, answer, "", None);
        }
        scene.none(Method::Message);
        scene.response(Method::Message, answer);
    }
    // So does one that comes in the session.
    scene.say("phone", "p1", &report("bob", "alice", "m1", "delivered"));
    scene.none(Method::Message);
}

#[test]
fn a_report_that_is_addressed_to_nobody_goes_to_the_author_of_its_message() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    let told = report("bob", "anonymous", "m1", "delivered");
    let told =
        String::from_utf8(told.to_vec()).unwrap().replace("anonymous@example.com", "anonymous@anonymous.invalid");
    scene.say("phone", "p1", &told.into());
    assert_eq!(scene.request(Method::Message).request_uri(), Some("sip:alice@example.com"));
}

#[test]
fn a_message_of_the_served_user_goes_on() {
    let mut scene = Scene::new();
    let author = "sip:alice@example.com";
    let sent = initial(Method::Message, author, BOB, author, "msg-1", "sescase=orig;regstate=reg")
        .body("message/cpim", report("bob", "alice", "m1", "displayed"))
        .build();
    scene.send(&sent);
    let onward = scene.request(Method::Message);
    assert_eq!(onward.request_uri(), Some(author));
    scene.answer(&onward, 200, "", None);
    scene.response(Method::Message, 200);
}
