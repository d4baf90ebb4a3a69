//! The presence of users, in virtual time. [PF-PRS-01]

mod faults;
mod source;
mod watcher;

use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_reference::config::{Config, Policy, PresenceConduct};
use cpm_wire::cpim;
use cpm_wire::pidf::{Basic, Document, MEDIA_TYPE, Tuple};
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};

const ALICE: &str = "sip:alice@example.com";

/// Bob has presence, as have all users.
fn present(config: &mut Config) {
    config.presence = Some(PresenceConduct::both());
    config.policies.insert("plain".to_owned(), Policy { presence: true, ..Policy::default() });
}

/// The same, with only the one or the other.
fn with(change: impl FnOnce(&mut PresenceConduct)) -> Scene {
    Scene::with(|config| {
        present(config);
        change(config.presence.as_mut().unwrap());
    })
}

/// The next PUBLISH is taken, under this tag.
fn taken(scene: &mut Scene, tag: &str, seconds: u32) -> Message {
    let publish = scene.request(Method::Publish);
    let response = Builder::response(&publish, 200, "OK").to_tag("esc");
    scene.send(&response.header(Name::SipEtag, tag).header(Name::Expires, seconds).build());
    publish
}

/// A request is answered so, with one header more.
fn answered_with(scene: &mut Scene, request: &Message, status: u16, name: Name, value: &str) {
    let response = Builder::response(request, status, reason_phrase(status)).to_tag("server");
    scene.send(&response.header(name, value).build());
}

/// The subscription that the function has just asked for is taken.
fn subscribed(scene: &mut Scene) -> (Message, Message) {
    let subscribe = scene.request(Method::Subscribe);
    let ok = response(&subscribe, 200, "<sip:presence@example.com>", None).edit().set(Name::Expires, 3600).finish();
    scene.send(&ok);
    (subscribe, ok)
}

/// The presence server tells this, and hears that status.
fn notify(scene: &mut Scene, (subscribe, ok): &(Message, Message), cseq: u32, body: &str, status: u16) {
    notify_state(scene, (subscribe, ok), cseq, "active;expires=3600", (MEDIA_TYPE, body));
    scene.response(Method::Notify, status);
}

fn notify_state(
    scene: &mut Scene,
    (subscribe, ok): (&Message, &Message),
    cseq: u32,
    state: &str,
    (media_type, body): (&str, &str),
) {
    let notify = back_in_dialog(Method::Notify, subscribe, ok, cseq)
        .header(Name::Contact, "<sip:presence@example.com>")
        .header(Name::Event, "presence")
        .header(Name::SubscriptionState, state)
        .body(media_type, body.to_owned());
    scene.send(&notify.build());
}

/// What a user says.
fn said(entity: &str, basics: &[Basic]) -> String {
    let tuple = |(number, basic): (usize, &Basic)| Tuple::new(&format!("t{number}"), *basic);
    Document::new(entity, basics.iter().enumerate().map(tuple).collect()).to_xml()
}

fn open() -> String {
    said(BOB, &[Basic::Open])
}

fn closed() -> String {
    said(BOB, &[Basic::Closed])
}

/// Alice sends Bob a message.
fn message_to_bob(scene: &mut Scene, id: &str) {
    let envelope = cpim::Builder::new(ALICE, BOB)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .content("text/plain;charset=utf-8", format!("text of {id}"))
        .build();
    let message = initial(Method::Message, BOB, ALICE, BOB, id, "sescase=term;regstate=reg")
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, format!("conversation-{id}"))
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg")
        .body("message/cpim", envelope);
    scene.send(&message.build());
}

/// A message for Bob comes through at once.
fn comes_at_once(scene: &mut Scene, id: &str) {
    message_to_bob(scene, id);
    let onward = scene.request(Method::Message);
    assert!(String::from_utf8_lossy(onward.body()).contains(&format!("text of {id}")));
    scene.accept(&onward);
    scene.response(Method::Message, 200);
}

/// A message for Bob is taken, and waits.
fn waits(scene: &mut Scene, id: &str) {
    message_to_bob(scene, id);
    scene.response(Method::Message, 202);
    scene.none(Method::Message);
}

/// What waited comes.
fn arrives(scene: &mut Scene, id: &str) {
    let pushed = scene.request(Method::Message);
    assert!(String::from_utf8_lossy(pushed.body()).contains(&format!("text of {id}")));
    scene.accept(&pushed);
}
