//! What is stored and what is not, by its content and by the provider's policy, in virtual time. [CPM-CONV-058]

use crate::scene::Scene;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::{Policy, PolicyOfUsers, QuotaConduct};
use cpm_wire::cpim;
use cpm_wire::io::Closing;
use cpm_wire::sip::{Method, Name};
use pretty_assertions::assert_eq;

fn with_policy(policy: Policy) -> Scene {
    Scene::with(|config| {
        config.policies.insert("special".to_owned(), policy);
        config.users.push(PolicyOfUsers { prefix: "sip:bob@".to_owned(), policy: "special".to_owned() });
    })
}

fn drained(scene: &mut Scene) -> Vec<Bytes> {
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    scene.heard("phone").to_vec()
}

#[test]
fn a_quota_may_drop_the_oldest_and_tells_its_author() {
    let quota_conduct = QuotaConduct::DropOldest;
    let mut scene = with_policy(Policy { quota: Some(2), quota_conduct, ..Policy::default() });
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2", "m3", "m4"]);
    let told: Vec<String> =
        scene.heard("focus-1").iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect();
    assert_eq!(told.len(), 2);
    for (text, id) in told.iter().zip(["m1", "m2"]) {
        assert!(text.contains(&format!("<message-id>{id}</message-id>")) && text.contains("<failed/>"), "{text}");
    }
    assert_eq!(scene.store.contents().items.len(), 2);
    assert_eq!(drained(&mut scene), sent[2..]);
}

#[test]
fn a_quota_counts_what_is_undelivered_and_no_notifications() {
    let mut scene = with_policy(Policy { quota: Some(1), ..Policy::default() });
    scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    let told = report("carol", "bob", "m0", "delivered");
    scene.say("focus-1", "f", &told);
    assert_eq!(scene.status_of("focus-1", "f"), Some(200));
    sent.push(told);
    scene.say("focus-1", "f2", &message("alice", "m2", "two"));
    assert_eq!(scene.status_of("focus-1", "f2"), Some(413));
    assert_eq!(drained(&mut scene), sent);
    // What is with the device counts no more, and a member who takes part has no quota.
    sent.extend(scene.focus_says("1", &["m3", "m4"]));
    assert_eq!(scene.heard("phone"), sent);
    scene.drop_connection("phone", Closing::Reset);
    scene.focus_says("1", &["m5"]);
}

#[test]
fn a_type_that_is_not_stored_still_goes_to_a_member_who_takes_part() {
    let refused_types = vec!["image/jpeg".to_owned()];
    let mut scene = with_policy(Policy { refused_types, ..Policy::default() });
    scene.register("reg-1");
    scene.join("1");
    let image =
        cpim::Builder::new("sip:alice@example.com", FOCUS).message_id("i1").content("image/jpeg", "JFIF").build();
    scene.say("focus-1", "f1", &image);
    assert_eq!(scene.status_of("focus-1", "f1"), Some(200));
    assert_eq!(scene.heard("phone"), std::slice::from_ref(&image));
    scene.say("phone", "p1", &image);
    assert_eq!(scene.status_of("phone", "p1"), Some(200));
    // It is not kept for one who went away before it came.
    scene.ends.get_mut("phone").unwrap().status = None;
    scene.say("focus-1", "f2", &cpim::Builder::new("sip:alice@example.com", FOCUS).content("image/jpeg", "x").build());
    scene.drop_connection("phone", Closing::Reset);
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-2");
    scene.answer_drain("again", "sendrecv");
    assert_eq!(scene.heard("again"), sent);
}

#[test]
fn bodiless_and_transient_sends_are_no_items() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    let now = scene.now;
    scene.ends.get_mut("focus-1").unwrap().session.send_bodiless(now);
    scene.run();
    let composing = Bytes::from_static(b"<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'/>");
    scene.say_as("focus-1", "c1", "application/im-iscomposing+xml", &composing, None);
    assert_eq!(scene.status_of("focus-1", "c1"), Some(200));
    sent.extend(scene.focus_says("1", &["m2"]));
    assert_eq!(scene.store.contents().items.len(), 2);
    assert_eq!(drained(&mut scene), sent);
}

#[test]
fn an_aborted_message_is_never_stored_and_its_neighbours_are() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let one = message("alice", "m1", &"abcdefghij".repeat(400));
    let given_up = message("alice", "m2", &"0123456789".repeat(400));
    let other = message("carol", "m3", "three");
    scene.say_as("focus-1", "f1", "message/cpim", &one, Some(700));
    scene.say_and_abort("focus-1", "f2", &given_up, 700);
    scene.say("focus-1", "f3", &other);
    assert_eq!(scene.store.contents().items.len(), 2);
    assert_eq!(drained(&mut scene), [one, other]);
}

#[test]
fn what_breaks_off_with_its_connection_is_never_stored() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let whole = scene.focus_says("1", &["m1"]);
    scene.say_in_part("focus-1", "f2", &message("alice", "m2", &"0123456789".repeat(400)), 700);
    scene.drop_connection("focus-1", Closing::Reset);
    assert_eq!(scene.store.contents().items.len(), 1);
    assert_eq!(drained(&mut scene), whole);
}

#[test]
fn a_large_image_comes_whole_among_other_messages() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let pixels: Vec<u8> = (0..1_500_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let image =
        cpim::Builder::new("sip:alice@example.com", FOCUS).message_id("i1").content("image/png", pixels).build();
    let other = message("carol", "m1", &"0123456789".repeat(3000));
    let position = cpim::Builder::new("sip:carol@example.com", FOCUS)
        .message_id("g1")
        .content("application/vnd.gsma.rcspushlocation+xml", "<rcsenvelope/>")
        .build();
    scene.say_as("focus-1", "f1", "message/cpim", &image, Some(2048));
    scene.say_as("focus-1", "f2", "message/cpim", &other, Some(1024));
    scene.say("focus-1", "f3", &position);
    assert_eq!(drained(&mut scene), [image, other, position]);
}

#[test]
fn a_private_message_keeps_its_recipient() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    let private = cpim::Builder::new("sip:carol@example.com", BOB)
        .date_time("2026-01-02T03:04:05Z")
        .message_id("p1")
        .content("text/plain", "for you alone")
        .build();
    scene.say("focus-1", "f", &private);
    sent.push(private);
    assert_eq!(drained(&mut scene), sent);
    let told = cpim::Message::parse(scene.heard("phone")[1].clone()).unwrap();
    assert_eq!(told.to().collect::<Vec<_>>(), [format!("<{BOB}>")]);
}

/// Two reports in one message.
fn aggregated() -> Bytes {
    let one = |by: &str| {
        let whole = report(by, "bob", "m0", "delivered");
        let xml = cpim::Message::parse(whole).unwrap().body().to_vec();
        format!("--b\r\nContent-Type: message/imdn+xml\r\n\r\n{}\r\n", String::from_utf8(xml).unwrap())
    };
    cpim::Builder::new(FOCUS, BOB)
        .message_id("many")
        .content_disposition("notification")
        .content("multipart/mixed;boundary=b", format!("{}{}--b--\r\n", one("carol"), one("dave")))
        .build()
}

#[test]
fn notifications_that_come_together_are_delivered_together() {
    let mut scene = with_policy(Policy { quota: Some(0), ..Policy::default() });
    scene.stand_in("1");
    scene.say("focus-1", "f", &aggregated());
    assert_eq!(scene.status_of("focus-1", "f"), Some(200));
    assert_eq!(drained(&mut scene), [aggregated()]);
}

#[test]
fn a_device_that_does_not_take_them_together_in_its_session_gets_them_by_message() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.say("focus-1", "f", &aggregated());
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = scene.end("phone", "active", "sendrecv");
    let ok = response(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.send(&ok);
    scene.request(Method::Ack);
    scene.prepare("phone", &invite, true);
    scene.ends.get_mut("phone").unwrap().status = Some(415);
    scene.run();
    let message = scene.request(Method::Message);
    assert_eq!(message.body(), &aggregated()[..]);
    scene.ends.get_mut("phone").unwrap().status = Some(200);
    scene.accept(&message);
    assert_eq!(scene.heard("phone").last(), sent.last());
    assert_eq!(message.header(&Name::ContributionId), Some("contribution-1"));
}

#[test]
fn a_report_that_comes_together_with_others_is_reported_once() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1", "m2"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    let both = ["m1", "m2"].map(|id| {
        let whole = report("bob", "alice", id, "delivered");
        let xml = cpim::Message::parse(whole).unwrap().body().to_vec();
        format!("--b\r\nContent-Type: message/imdn+xml\r\n\r\n{}\r\n", String::from_utf8(xml).unwrap())
    });
    let both = cpim::Builder::new(BOB, "sip:alice@example.com")
        .content("multipart/mixed;boundary=b", format!("{}{}--b--\r\n", both[0], both[1]))
        .build();
    scene.say("phone", "p1", &both);
    scene.say("phone", "p2", &report("bob", "alice", "m2", "delivered"));
    assert_eq!(scene.heard("focus-1"), [both]);
}
