//! Each seeded fault with history is to be seen: the same script leaves something else in the store, or on the wire.

use super::*;
use cpm_reference::faults::Fault;
use pretty_assertions::{assert_eq, assert_ne};
use std::time::Duration;

const FAULTS: [&str; 19] = [
    "keeps-no-history",
    "keeps-everybodys-history",
    "hears-no-request-for-history",
    "keeps-other-words",
    "keeps-another-author",
    "keeps-another-time",
    "keeps-another-identifier",
    "keeps-everything-as-sent",
    "keeps-under-no-session",
    "keeps-nothing-of-the-user",
    "keeps-nothing-for-the-user",
    "keeps-no-reports",
    "keeps-no-pager-messages",
    "keeps-no-files",
    "keeps-no-session-information",
    "keeps-no-group-state",
    "keeps-everything-twice",
    "gives-up-what-the-store-refuses",
    "waits-for-the-store",
];

/// What is in the store, whoever it is of, and how messages were answered, for users whose policy says this.
fn play(fault: Option<&'static Fault>, history: Option<bool>) -> Vec<String> {
    let mut scene = Scene::faulty(fault, |config| {
        config.message_store = Some(access());
        config.history_request = vec![HistoryRequest::RecipientSetting, HistoryRequest::SenderHeader];
        config.policies = [("plain".to_owned(), Policy { history, ..Policy::default() })].into();
    });
    scene.history.is_there = true;
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["g1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    scene.focus_ends(&invite, &ok);
    scene.pass(Duration::from_secs(1));
    scene.sip.clear();
    let mut seen = Vec::new();
    let asking = message_of(BOB, ALICE, "m0").header(Name::parse("X-CPM-History"), "store");
    sends(&mut scene, &asking.build(), &mut seen);
    sends(&mut scene, &message_of(ALICE, BOB, "m1").build(), &mut seen);
    sends(&mut scene, &message_of(BOB, ALICE, "m2").build(), &mut seen);
    let told =
        between(Method::Message, ALICE, BOB, "r").body("message/cpim", report("alice", "bob", "m2", "delivered"));
    sends(&mut scene, &told.build(), &mut seen);
    scene.history.refuses_objects = true;
    for id in ["m3", "m4"] {
        sends(&mut scene, &message_of(ALICE, BOB, id).build(), &mut seen);
    }
    scene.history.refuses_objects = false;
    scene.pass(scene.config.retry);
    scene.sip.clear();
    let talk = Talk::begin(&mut scene, ALICE, BOB, "c", false);
    scene.say("alice", "m5", &envelope(ALICE, BOB, "m5"));
    scene.say_as("alice", "f", "image/png", &Bytes::from_static(b"\x89PNG\x00"), None);
    talk.end(&mut scene);
    scene.pass(Duration::from_secs(1));
    seen.extend(kept(&scene).into_iter().map(|(folder, text)| format!("{folder} {text}")));
    seen
}

/// The message is sent, and whatever goes on is taken. What the sender hears is seen.
fn sends(scene: &mut Scene, message: &Message, seen: &mut Vec<String>) {
    scene.send(message);
    while let Some(one) = scene.sip.pop_front() {
        match one.status() {
            Some(status) => seen.push(format!("{} {status}", one.call_id().unwrap_or_default())),
            None => scene.accept(&one),
        }
    }
}

#[test]
fn each_fault_is_seen() {
    let of_both = |fault| [Some(true), None].map(|history| play(fault, history));
    let right = of_both(None);
    assert_eq!(right, of_both(None));
    for id in FAULTS {
        let fault = Fault::named(id).unwrap_or_else(|| panic!("{id}"));
        assert_ne!(of_both(Some(fault)), right, "{id}");
    }
}
