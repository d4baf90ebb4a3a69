//! Each seeded fault with interworking is to be seen on the wire: the same script comes to something else.

use super::*;
use crate::scene::messages::report;
use cpm_reference::faults::Fault;
use pretty_assertions::{assert_eq, assert_ne};
use std::time::Duration;

const FAULTS: [&str; 15] = [
    "interworks-nothing",
    "interworks-on-any-code",
    "leaves-out-codes",
    "interworks-before-it-defers",
    "defers-before-it-interworks",
    "interworks-under-another-conversation",
    "interworks-under-another-contribution",
    "alters-what-is-interworked",
    "loses-what-is-interworked",
    "drops-interworking-notifications",
    "alters-interworking-notifications",
    "refuses-the-interworking-function",
    "says-interworked-when-it-failed",
    "says-failed-when-interworked",
    "keeps-quiet-when-interworking-fails",
];

/// What the neighbourhood sees, line by line.
struct Script {
    scene: Scene,
    seen: Vec<String>,
}

impl Script {
    fn new(fault: Option<&'static Fault>) -> Script {
        let scene = Scene::faulty(fault, |config| {
            config.interworking = Some(Interworking::at(FUNCTION));
            config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
        });
        Script { scene, seen: Vec::new() }
    }

    /// A message goes between two; CPM and the interworking function answer it so.
    fn message(&mut self, from: &str, to: &str, id: &str, body: Bytes, (by_cpm, by_function): (u16, u16)) {
        let message =
            between(Method::Message, from, to, id, !id.starts_with("absent")).body("message/cpim", body).build();
        self.scene.send(&message);
        for _ in 0..4 {
            while let Some(one) = self.scene.sip.pop_front() {
                let what = match one.status() {
                    Some(status) => status.to_string(),
                    None => format!("{} {}", one.method(), one.request_uri().unwrap_or_default()),
                };
                let named = |name: Name| one.header(&name).unwrap_or_default().to_owned();
                let body = String::from_utf8_lossy(one.body()).into_owned();
                let ids = (named(Name::ConversationId), named(Name::ContributionId));
                self.seen.push(format!("{id}: {what} {} {ids:?} {body}", is_interworked(&one)));
                if one.is_request() {
                    let status = if is_interworked(&one) { by_function } else { by_cpm };
                    self.scene.answer(&one, status, "", None);
                }
            }
            self.scene.pass(Duration::from_millis(100));
        }
    }

    fn play(mut self) -> Vec<String> {
        self.scene.documents.is_there = true;
        self.scene.register("reg-1");
        self.message(BOB, ALICE, "taken", envelope("m1"), (404, 200));
        self.message(BOB, ALICE, "refused", envelope("m2"), (415, 403));
        self.message(BOB, ALICE, "busy", envelope("m3"), (486, 200));
        self.message(ALICE, BOB, "absent", envelope("m4"), (480, 200));
        let told = "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>m1</message-id>\
                    <datetime>2026-01-02T03:04:05Z</datetime><interworking-notification \
                    xmlns=\"urn:oma:xml:cpm:imdn-extensions:1.0\"><status><legacy-sms/></status>\
                    </interworking-notification></imdn>";
        let told = cpim::Builder::new(ALICE, BOB).message_id("n").content("message/imdn+xml", told).build();
        self.message(ALICE, BOB, "told", told, (200, 200));
        self.message(ALICE, BOB, "reported", report("alice", "bob", "m1", "delivered"), (200, 200));
        self.message("tel:+15550001", BOB, "short", envelope("m5"), (200, 200));
        self.scene.documents.put(BOB, "index", &[("", INTERWORK)]);
        self.scene.register("reg-2");
        self.message(ALICE, BOB, "absent-2", envelope("m6"), (480, 200));
        self.seen
    }
}

#[test]
fn each_fault_is_seen() {
    let right = Script::new(None).play();
    assert_eq!(right, Script::new(None).play());
    for id in FAULTS {
        let fault = Fault::named(id).unwrap_or_else(|| panic!("{id}"));
        assert_ne!(Script::new(Some(fault)).play(), right, "{id}");
    }
}
