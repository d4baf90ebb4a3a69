//! Closed groups, removal, anonymity, and chats that go on at another focus, in virtual time.
//! [CPM-CONV-058, CPM-CONV-058a]

use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_wire::cpim;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;

const CLOSED: &str = "+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.closedgroupchat\"";
const NEWEST: &str = "sip:group-2@focus.example.com";
const LIST: &str = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>\
    <entry uri=\"sip:alice@example.com\"/></list></resource-lists>";

/// The function stands in after this invitation.
fn stand_in_after(scene: &mut Scene, invite: Message) -> (Message, Message) {
    scene.send(&invite);
    let ok = scene.invitation_accepted("1", &invite);
    (invite, ok)
}

fn closed(scene: &mut Scene) -> (Message, Message) {
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, false).edit();
    let invite = invite.set(Name::Contact, format!("<{FOCUS}>;isfocus;{GROUP_TAG};{CLOSED}"));
    let invite = invite.set(Name::AcceptContact, format!("*;{CLOSED};require;explicit")).finish();
    stand_in_after(scene, invite)
}

/// A REFER of Bob's phone.
fn refer(builder: cpm_wire::sip::Builder, contact: &str) -> Message {
    let refer = builder.header(Name::ReferTo, "<cid:list@192.0.2.7>").header(Name::Contact, contact);
    let refer = refer.header(Name::Require, "multiple-refer, norefersub").header(Name::ReferSub, "false");
    refer.body("application/resource-lists+xml", LIST).build()
}

#[test]
fn a_closed_group_stays_closed_in_the_drain_invitation_and_when_it_is_restarted() {
    let mut scene = Scene::new();
    let (invite, ok) = closed(&mut scene);
    scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    scene.restart();
    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "recvonly");
    assert!(header(&drain, Name::Contact).contains(CLOSED), "{}", header(&drain, Name::Contact));
    assert_eq!(header(&drain, Name::Contact).matches("icsi-ref").count(), 1);
    assert_eq!(header(&drain, Name::AcceptContact), format!("*;{CLOSED};require;explicit"));
    scene.say("phone", "r", &report("bob", "alice", "m1", "delivered"));
    scene.request(Method::Bye);

    let sdp = scene.end("phone-2", "active", "sendrecv");
    let restart = from_device("1", FACTORY, "restart-1", &sdp, Some(LIST)).edit();
    let restart =
        restart.set(Name::Contact, format!("<{CONTACT}>;+sip.instance=\"<{INSTANCE}>\";{GROUP_TAG};{CLOSED}"));
    scene.send(&restart.finish());
    let onward = scene.request(Method::Invite);
    assert_eq!(onward.request_uri(), Some(FACTORY));
    assert_eq!(header(&onward, Name::Contact), format!("<sip:{TARGET}>;{GROUP_TAG};{CLOSED}"));
    let refusal = response(&onward, 403, "", None).edit();
    let warning = "122 factory.example.com \"Function not allowed\"";
    scene.send(&refusal.append(Name::Warning, warning).finish());
    scene.request(Method::Ack);
    let told = scene.response(Method::Invite, 403);
    assert_eq!(header(&told, Name::Warning), warning);
}

#[test]
fn a_refused_restart_leaves_the_session_that_goes_on_alone() {
    let mut scene = Scene::new();
    closed(&mut scene);
    let mut sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    scene.device_calls(FACTORY, "restart-1", "phone-2", Some(LIST));
    let onward = scene.request(Method::Invite);
    scene.answer(&onward, 403, "", None);
    scene.request(Method::Ack);
    scene.response(Method::Invite, 403);
    scene.none(Method::Bye);
    sent.extend(scene.focus_says("1", &["m2"]));
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn an_accepted_restart_takes_the_place_of_the_session() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    let restart = scene.device_calls(FACTORY, "restart-1", "phone-2", Some(LIST));
    let onward = scene.request(Method::Invite);
    scene.none(Method::Bye);
    let sdp = scene.end("focus-2", "passive", "sendrecv");
    scene.answer(&onward, 200, &format!("<{NEWEST}>;isfocus"), Some(sdp));
    scene.start("focus-2", &onward, false);
    // Both the former focus and the former session of the phone are left.
    for _ in 0..2 {
        let bye = scene.request(Method::Bye);
        scene.accept(&bye);
    }
    scene.device_let_in("phone-2", &restart);
    let live = scene.focus_says("2", &["m2"]);
    assert_eq!(scene.heard("phone-2"), live);
}

#[test]
fn adding_somebody_is_for_the_focus_to_decide_within_the_session() {
    let mut scene = Scene::new();
    closed(&mut scene);
    scene.register("reg-1");
    let (invite, ok) = scene.answer_drain("phone", "sendrecv");
    for (cseq, status) in [(1, 403), (2, 202)] {
        let refer = refer(back_in_dialog(Method::Refer, &invite, &ok, cseq), &format!("<{CONTACT}>"));
        scene.send(&refer);
        let onward = scene.request(Method::Refer);
        assert_eq!(header(&onward, Name::ReferTo), "<cid:list@192.0.2.7>");
        assert_eq!(header(&onward, Name::Require), "multiple-refer, norefersub");
        assert_eq!(header(&onward, Name::Contact).split(';').next(), Some(format!("<sip:{TARGET}>").as_str()));
        assert_eq!(onward.body(), LIST.as_bytes());
        scene.answer(&onward, status, "<sip:focus>", None);
        let told = scene.response(Method::Refer, status);
        assert_eq!(told.contacts().count(), usize::from(status < 300));
    }
}

#[test]
fn adding_somebody_is_for_the_focus_to_decide_outside_the_session() {
    let mut scene = Scene::new();
    closed(&mut scene);
    scene.register("reg-1");
    let refer = initial(Method::Refer, FOCUS, BOB, FOCUS, "refer-1", "sescase=orig;regstate=reg");
    scene.send(&self::refer(refer, &format!("<{CONTACT}>")));
    let onward = scene.request(Method::Refer);
    assert_eq!(onward.request_uri(), Some(FOCUS));
    assert_eq!(onward.body(), LIST.as_bytes());
    let warning = "399 focus.example.com \"closed\"";
    let refusal = response(&onward, 403, "", None).edit().append(Name::Warning, warning).finish();
    scene.send(&refusal);
    assert_eq!(header(&scene.response(Method::Refer, 403), Name::Warning), warning);
}

#[test]
fn one_who_was_removed_gets_what_came_before_and_asks_the_focus_to_come_back() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    let bye = in_dialog(Method::Bye, &invite, &ok, 2).header(Name::Reason, "SIP;cause=200;text=\"Booted\"").build();
    scene.send(&bye);
    scene.response(Method::Bye, 200);
    // The focus may try: there is no session any more.
    scene.say("focus-1", "late", &message("alice", "m3", "too late"));
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    assert_eq!(scene.heard("phone"), sent);
    for id in ["m1", "m2"] {
        scene.say("phone", &format!("r-{id}"), &report("bob", "alice", id, "delivered"));
    }
    scene.request(Method::Bye);
    for (call, status) in [("rejoin-1", 403), ("rejoin-2", 404)] {
        scene.device_calls(FOCUS, call, call, None);
        let onward = scene.request(Method::Invite);
        assert_eq!(onward.request_uri(), Some(FOCUS));
        scene.answer(&onward, status, "", None);
        scene.response(Method::Invite, status);
    }
}

#[test]
fn who_is_anonymous_stays_so() {
    let mut scene = Scene::new();
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, false).edit();
    let hidden = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
    let invite = invite.set(Name::From, format!("{hidden};tag=f")).remove(&Name::ReferredBy);
    let invite = invite.append(Name::Privacy, "id").finish();
    let (invite, ok) = stand_in_after(&mut scene, invite);
    let by_nobody = cpim::Builder::new("sip:anonymous@anonymous.invalid", FOCUS)
        .message_id("a1")
        .dispositions(&["positive-delivery"])
        .content("text/plain", "guess")
        .build();
    scene.say("focus-1", "f", &by_nobody);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "recvonly");
    assert!(header(&drain, Name::From).starts_with(&format!("{hidden};tag=")));
    assert_eq!(header(&drain, Name::Privacy), "id");
    assert_eq!(drain.header(&Name::ReferredBy), None);
    assert_eq!(drain.headers(&Name::PAssertedIdentity).collect::<Vec<_>>(), [format!("<{FOCUS}>")]);
    assert_eq!(scene.heard("phone"), [by_nobody]);
    // A report to nobody is taken, and goes nowhere.
    let told = report("bob", "anonymous", "a1", "delivered");
    let told =
        String::from_utf8(told.to_vec()).unwrap().replace("anonymous@example.com", "anonymous@anonymous.invalid");
    scene.say("phone", "r", &told.into());
    assert_eq!(scene.status_of("phone", "r"), Some(200));
    scene.none(Method::Message);
    scene.request(Method::Bye);
}

#[test]
fn a_word_of_the_focus_itself_is_drained() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let word = cpim::Builder::new(FOCUS, BOB).message_id("s1").content("text/plain", "Carol is the host now").build();
    scene.say("focus-1", "f", &word);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), [word]);
}

#[test]
fn a_system_message_outside_the_session_waits_for_its_user() {
    let mut scene = Scene::new();
    let word = initial(Method::Message, BOB, FOCUS, BOB, "sys-1", "sescase=term;regstate=unreg")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.systemmsg")
        .body("message/cpim", cpim::Builder::new(FOCUS, BOB).content("text/plain", "note").build())
        .build();
    scene.send(&word);
    scene.response(Method::Message, 202);
    scene.register("reg-1");
    let told = scene.request(Method::Message);
    assert_eq!(told.body(), word.body());
    assert_eq!(header(&told, Name::PAssertedService), "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.systemmsg");
}

/// A chat that ended and was started again by a member, while Bob was away.
fn started_again(scene: &mut Scene) -> Vec<bytes::Bytes> {
    let (invite, ok) = scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    let sdp = scene.end("focus-2", "actpass", "sendrecv");
    let again = invitation("1", "call-2", &sdp, false).edit();
    let again =
        again.set(Name::Contact, format!("<{NEWEST}>;isfocus")).set(Name::PAssertedIdentity, format!("<{NEWEST}>"));
    let again = again.finish();
    scene.send(&again);
    scene.invitation_accepted("2", &again);
    sent.extend(scene.focus_says("2", &["m2"]));
    sent
}

#[test]
fn a_chat_that_was_started_again_elsewhere_is_drained_as_one_and_goes_on_at_the_newest_focus() {
    let mut scene = Scene::new();
    let mut sent = started_again(&mut scene);
    // The newest focus is asked for its members, although the former one had not said its last word.
    let asked = std::iter::from_fn(|| {
        let at = scene.sip.iter().position(|one| one.is_request() && one.method() == Method::Subscribe)?;
        scene.sip.remove(at)
    });
    assert_eq!(asked.last().unwrap().request_uri(), Some(NEWEST));
    scene.restart();
    let sdp = scene.end("focus-3", "passive", "sendrecv");
    let resumed = scene.request(Method::Invite);
    scene.answer(&resumed, 200, &format!("<{NEWEST}>;isfocus"), Some(sdp));
    scene.start("focus-3", &resumed, false);
    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "sendrecv");
    assert!(header(&drain, Name::Contact).starts_with(&format!("<{NEWEST}>;isfocus")));
    assert_eq!(scene.heard("phone"), sent);

    // A phone that knows the former focus alone is led to the newest.
    let rejoin = scene.device_calls(FOCUS, "rejoin-1", "phone-2", None);
    let ok = scene.device_let_in("phone-2", &rejoin);
    assert!(header(&ok, Name::Contact).starts_with(&format!("<{NEWEST}>;isfocus")));
    sent = scene.focus_says("3", &["m3"]);
    assert_eq!(scene.heard("phone-2"), sent);
}

#[test]
fn a_rejoin_of_a_former_focus_goes_on_to_the_newest() {
    let mut scene = Scene::new();
    started_again(&mut scene);
    let bye = scene.sip.iter().position(|one| one.is_request() && one.method() == Method::Bye);
    assert_eq!(bye, None);
    scene.drop_connection("focus-2", cpm_wire::io::Closing::Reset);
    scene.pass(std::time::Duration::from_secs(1));
    let mend = scene.request(Method::Invite);
    scene.answer(&mend, 481, "", None);
    let join = scene.request(Method::Invite);
    assert_eq!(join.request_uri(), Some(NEWEST));
    scene.answer(&join, 404, "", None);
    scene.device_calls(FOCUS, "rejoin-1", "phone", None);
    let onward = scene.request(Method::Invite);
    assert_eq!(onward.request_uri(), Some(NEWEST));
}

#[test]
fn what_is_on_its_way_to_a_device_that_rejoins_does_not_come_twice() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2", "m3"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = scene.end("phone", "active", "sendrecv");
    scene.send(&response(&invite, 200, &format!("<{CONTACT}>"), Some(sdp)));
    scene.request(Method::Ack);
    scene.prepare("phone", &invite, true);
    scene.ends.get_mut("phone").unwrap().status = None;
    scene.run();
    assert_eq!(scene.heard("phone"), &sent[..1]);
    // The phone has the first message and has not answered it yet.
    let rejoin = scene.device_calls(FOCUS, "rejoin-1", "phone-2", None);
    scene.device_let_in("phone-2", &rejoin);
    assert_eq!(scene.heard("phone-2").len(), 0);
    scene.answer_held("phone");
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    assert_eq!(scene.heard("phone-2"), &sent[1..]);
}
