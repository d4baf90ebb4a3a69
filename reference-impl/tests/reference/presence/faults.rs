//! Each seeded fault with presence is to be seen on the wire: the same script comes to something else.

use super::*;
use cpm_reference::faults::Fault;
use pretty_assertions::{assert_eq, assert_ne};
use std::time::Duration;

const FAULTS: [&str; 14] = [
    "publishes-no-presence",
    "publishes-no-change",
    "publishes-anew-for-every-change",
    "publishes-under-a-stale-tag",
    "publishes-anew-under-the-refused-tag",
    "gives-up-after-412",
    "says-open-when-the-last-device-left",
    "refreshes-with-another-state",
    "refuses-when-publishing-is-refused",
    "watches-no-presence",
    "hears-closed-as-open",
    "hears-open-as-closed",
    "delivers-nothing-on-open",
    "closes-when-watching-is-refused",
];

/// What the neighbourhood sees, line by line.
struct Script {
    scene: Scene,
    seen: Vec<String>,
    /// The subscription, once there is one.
    dialog: Option<(Message, Message)>,
    publications: usize,
    notifications: u32,
}

impl Script {
    /// Everything that comes is answered, PUBLISH and SUBSCRIBE with this status.
    fn answers(&mut self, status: u16) {
        while let Some(one) = self.scene.sip.pop_front() {
            let what = match one.status() {
                Some(status) => format!("{status} to {}", one.method()),
                None => format!("{} {}", one.method(), one.request_uri().unwrap_or_default()),
            };
            let body = String::from_utf8_lossy(one.body()).into_owned();
            let body: Vec<&str> = body.lines().filter(|line| !line.contains("timestamp")).collect();
            self.seen.push(format!("{what} {:?} {body:?}", one.header(&Name::SipIfMatch)));
            match one.method() {
                _ if one.status().is_some() => {}
                Method::Publish if status == 200 => {
                    self.publications += 1;
                    let response = Builder::response(&one, 200, "OK").to_tag("esc").header(Name::Expires, 20);
                    let tag = format!("t{}", self.publications);
                    self.scene.send(&response.header(Name::SipEtag, tag).build());
                }
                Method::Subscribe if status == 200 => {
                    let ok = response(&one, 200, "<sip:presence@example.com>", None);
                    let ok = ok.edit().set(Name::Expires, 3600).finish();
                    self.scene.send(&ok);
                    self.dialog = Some((one, ok));
                }
                Method::Publish | Method::Subscribe => drop(self.scene.answer(&one, status, "", None)),
                _ => drop(self.scene.answer(&one, 200, "", None)),
            }
        }
    }

    fn told(&mut self, body: &str) {
        self.notifications += 1;
        if let Some((subscribe, ok)) = self.dialog.clone() {
            let state = "active;expires=3600";
            notify_state(&mut self.scene, (&subscribe, &ok), self.notifications, state, (MEDIA_TYPE, body));
        }
        self.answers(200);
    }

    fn message(&mut self, id: &str) {
        message_to_bob(&mut self.scene, id);
        self.answers(200);
    }
}

/// Bob is published, and says this and that of himself; and the same where the presence server refuses all.
fn seen(fault: Option<&'static Fault>) -> Vec<String> {
    let scene = Scene::faulty(fault, present);
    let mut script = Script { scene, seen: Vec::new(), dialog: None, publications: 0, notifications: 0 };
    script.scene.send(&chat_register("reg-1"));
    script.answers(200);
    script.told(&open());
    script.message("a");
    script.told(&closed());
    script.message("b");
    script.told(&open());
    // Refreshed, changed and made anew.
    script.scene.pass(Duration::from_secs(11));
    script.answers(200);
    script.scene.send(&register("reg-2", TABLET_INSTANCE, TABLET, &format!(";{GROUP_TAG}"), 600));
    script.answers(412);
    script.scene.send(&register("reg-3", TABLET_INSTANCE, TABLET, "", 0));
    script.answers(200);
    script.scene.send(&register("reg-4", INSTANCE, CONTACT, "", 0));
    script.answers(200);
    let scene = Scene::faulty(fault, present);
    let mut refused = Script { scene, seen: script.seen, dialog: None, publications: 0, notifications: 0 };
    refused.scene.send(&chat_register("reg-1"));
    refused.answers(489);
    refused.message("a");
    refused.seen
}

#[test]
fn every_fault_shows() {
    let right = seen(None);
    assert_eq!(seen(None), right);
    for id in FAULTS {
        assert_ne!(seen(Some(Fault::named(id).unwrap())), right, "{id}");
    }
}
