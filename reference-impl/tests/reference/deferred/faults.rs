//! Each fault of these rooms can be seen from outside: the same script comes to something else.

use super::*;
use crate::scene::document_server::ROOT;
use cpm_reference::config::{Policy, PolicyOfUsers, PreferencesAccess};
use cpm_reference::faults::Fault;
use std::time::Duration;

const FAULTS: [&str; 31] = [
    "loses-a-deferred-message",
    "alters-a-deferred-message",
    "loses-a-deferred-message-on-delivery",
    "delivers-a-deferred-message-twice-under-new-ids",
    "delivers-after-expiry",
    "forgets-the-senders-lifetime",
    "keeps-quiet-about-expiry",
    "defers-for-who-wants-none",
    "forgets-deferred-messages-at-restart",
    "delivers-what-is-to-wait",
    "gives-a-rejected-item",
    "gives-another-item-for-an-unknown-one",
    "tells-and-does-not-give",
    "gives-a-fetched-item-again",
    "gives-to-the-first-device-alone",
    "tells-one-device-only",
    "tells-of-fetched-items",
    "keeps-quiet-about-a-retrieval",
    "tells-a-late-device-of-nothing",
    "tells-of-all-but-the-oldest",
    "tells-devices-that-are-not-wanted",
    "strips-report-requests",
    "loses-stored-reports",
    "forgets-reports-at-restart",
    "answers-reports-with-reports",
    "fails-and-delivers",
    "says-failed-unasked",
    "keeps-quiet-about-failure",
    "alters-a-foreign-report",
    "doubles-a-report",
    "drops-reports-of-a-user",
];

/// A neighbourhood that answers whatever it is asked, and writes down what it saw.
struct Script {
    scene: Scene,
    seen: Vec<String>,
    calls: usize,
}

impl Script {
    fn new(fault: Option<&'static Fault>) -> Script {
        let scene = Scene::faulty(fault, |config| {
            config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
            config.policies.insert("off".to_owned(), Policy { store: false, ..Policy::default() });
            config.users.push(PolicyOfUsers { prefix: "sip:off".to_owned(), policy: "off".to_owned() });
        });
        let mut script = Script { scene, seen: Vec::new(), calls: 0 };
        script.scene.documents.is_there = true;
        script
    }

    /// Answers what has come, with this status where it is a message.
    fn answers(&mut self, status: u16) {
        while let Some(message) = self.scene.sip.pop_front() {
            let line = self.scene_line(&message);
            self.seen.push(line);
            if message.is_request() && message.method() != Method::Ack {
                let status = if message.method() == Method::Message { status } else { 200 };
                self.scene.answer(&message, status, "", None);
            }
        }
    }

    fn scene_line(&self, message: &Message) -> String {
        let start = String::from_utf8_lossy(message.octets()).lines().next().unwrap().to_owned();
        format!("{start}\n{}", String::from_utf8_lossy(message.body()))
    }

    fn sends(&mut self, message: &Message) {
        self.scene.send(message);
        self.answers(200);
    }

    fn deferred(&mut self, id: &str, more: &[(Name, &str)], case: &str) {
        let message = from_alice(id, case);
        let message = more.iter().fold(message, |message, (name, value)| message.header(name.clone(), value));
        self.sends(&message.body("message/cpim", envelope(id, &["negative-delivery"])).build());
    }

    fn subscribes(&mut self, contact: &str, instance: &str, call_id: &str) {
        let subscribe = initial(Method::Subscribe, BOB, BOB, BOB, call_id, "sescase=orig;regstate=reg")
            .header(Name::Contact, format!("<{contact}>;+sip.instance=\"<{instance}>\""))
            .header(Name::Event, "deferred-messages")
            .header(Name::Expires, 600);
        self.sends(&subscribe.build());
    }

    fn fetches(&mut self, contact: &str, id: &str) {
        self.calls += 1;
        let end = format!("end{}", self.calls);
        let invite = fetch(&mut self.scene, contact, id, &end);
        let ok = |one: &Message| one.method() == Method::Invite && !one.is_request();
        let Some(at) = self.scene.sip.iter().position(ok) else { return self.answers(200) };
        let answer = self.scene.sip.remove(at).unwrap();
        self.seen.push(format!("{id}: {:?}", answer.status()));
        if answer.status() == Some(200) {
            self.scene.send(&in_dialog(Method::Ack, &invite, &answer, 1).build());
            self.scene.start(&end, &answer, true);
            self.seen.push(format!("{:?}", self.scene.heard(&end)));
        }
        self.answers(200);
    }

    fn rejects(&mut self, id: &str) {
        let body = format!(
            "<deferred-messages xmlns=\"urn:cpm-conformance:deferred-messages\"><message \
             contribution-id=\"contribution-{id}\" status=\"rejected\"/></deferred-messages>"
        );
        let message = initial(Method::Message, DEFERRED, BOB, DEFERRED, "reject", "sescase=orig;regstate=reg")
            .header(Name::ContributionId, format!("contribution-{id}"));
        self.sends(&message.body(NOTICE, body).build());
    }

    fn registers(&mut self, call_id: &str) {
        self.scene.register(call_id);
        self.answers(200);
    }
}

/// What is seen of a function in all that these rooms do.
fn seen(fault: Option<&'static Fault>) -> Vec<String> {
    let mut script = Script::new(fault);
    let off = from_alice("off", ABSENT).body("message/cpim", envelope("off", &[])).build();
    let off = off.edit().set(Name::PServedUser, format!("<sip:off@example.com>;{ABSENT}")).finish();
    script.sends(&off);
    script.deferred("brief", &[(Name::Expires, "5")], ABSENT);
    script.deferred("m1", &[], ABSENT);
    let report_to_bob = |call_id: &str, case: &str, about: &str| {
        initial(Method::Message, BOB, ALICE, BOB, call_id, case)
            .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
            .body("message/cpim", report("alice", "bob", about, "delivered"))
            .build()
    };
    script.sends(&report_to_bob("r1", ABSENT, "own"));
    script.scene.pass(Duration::from_secs(6));
    script.answers(200);
    script.scene.restart();
    script.registers("reg-1");
    // Live: what reaches the device, what it reports, what comes back, what it refuses.
    script.deferred("live", &[], PRESENT);
    let own = initial(Method::Message, ALICE, BOB, ALICE, "own-1", "sescase=orig;regstate=reg")
        .header(Name::ContributionId, "contribution-own")
        .header(Name::ConversationId, "conversation-1")
        .header(Name::PAssertedIdentity, format!("<{BOB}>"))
        .body("message/cpim", envelope("own", &["positive-delivery"]));
    script.sends(&own.build());
    let by_device = initial(Method::Message, ALICE, BOB, ALICE, "d1", "sescase=orig;regstate=reg");
    script.sends(&by_device.body("message/cpim", report("bob", "alice", "live", "delivered")).build());
    script.sends(&report_to_bob("r2", PRESENT, "foreign"));
    script.scene.send(&from_alice("no", PRESENT).body("message/cpim", envelope("no", &["display"])).build());
    script.answers(603);
    script.scene.pass(Duration::from_secs(1));
    // Two devices are told, and fetch.
    script.scene.send(&chat_register("gone").edit().set(Name::Expires, 0).finish());
    script.answers(200);
    for id in ["m2", "m3", "m4", "m5"] {
        script.deferred(id, &[], ABSENT);
    }
    script.subscribes(CONTACT, INSTANCE, "sub-1");
    script.subscribes(TABLET, TABLET_INSTANCE, "sub-2");
    script.fetches(CONTACT, "m2");
    script.fetches(TABLET, "m2");
    script.rejects("m3");
    script.fetches(CONTACT, "m3");
    script.fetches(TABLET, "unknown");
    script.fetches(TABLET, "m4");
    // Wishes.
    let only = format!("<p:devices only='true'><p:device instance='{INSTANCE}'/></p:devices>");
    script.scene.documents.put(BOB, "index", &[("", "<p:handling>defer</p:handling>")]);
    script.deferred("m6", &[], PRESENT);
    script.scene.documents.put(BOB, "index", &[("", &only)]);
    script.registers("reg-2");
    script.scene.register_tablet("reg-3");
    script.answers(200);
    script.scene.pass(Duration::from_secs(1));
    script.answers(200);
    script.seen
}

#[test]
fn every_fault_shows() {
    let right = seen(None);
    assert_eq!(right, seen(None), "the script is the same each time");
    let hidden: Vec<&str> =
        FAULTS.into_iter().filter(|id| seen(Some(Fault::named(id).expect("a fault"))) == right).collect();
    assert!(hidden.is_empty(), "{hidden:?} cannot be seen");
}
