//! Charging, in virtual time. [PF-SES-04].

mod failures;
mod faults;
mod offline;
mod online;
mod quota;

use crate::pair::{ALICE, Pair};
use crate::scene::Scene;
use crate::scene::charging_server::access;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::{Charging, Config};
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name};

/// START, INTERIM and STOP of a session, EVENT of a message.
const START: u32 = 2;
const INTERIM: u32 = 3;
const STOP: u32 = 4;
const ALONE: u32 = 1;
/// INITIAL, UPDATE and TERMINATION of a session, EVENT of a message.
const INITIAL: u32 = 1;
const UPDATE: u32 = 2;
const TERMINATION: u32 = 3;
const ONE_TIME: u32 = 4;

/// A function that charges its users so; Bob's phone is registered.
fn charging_with(how: Charging, change: impl FnOnce(&mut Config)) -> Scene {
    let mut scene = Scene::with(|config| configure(config, how, change));
    begin(&mut scene);
    scene
}

fn configure(config: &mut Config, how: Charging, change: impl FnOnce(&mut Config)) {
    config.charging = Some(access());
    config.policies.entry("plain".to_owned()).or_default().charging = how;
    change(config);
}

fn begin(scene: &mut Scene) {
    scene.charging.is_there = true;
    scene.register("reg-1");
}

fn charging(how: Charging) -> Scene {
    charging_with(how, |_| {})
}

/// A message of a user in its envelope.
fn envelope(id: &str) -> Bytes {
    cpim::Builder::new("sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid")
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .content("text/plain;charset=utf-8", "hello".to_owned())
        .build()
}

/// One sends the other a message: Bob is served, and sends it or is to get it.
fn pager(from: &str, to: &str, call_id: &str) -> Builder {
    let case = if from == BOB { "sescase=orig;regstate=reg" } else { "sescase=term;regstate=reg" };
    initial(Method::Message, to, from, to, call_id, case)
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, format!("conversation-{call_id}"))
        .header(Name::PAssertedIdentity, format!("<{from}>"))
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg")
        .header(Name::AcceptContact, "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"")
        .body("message/cpim", envelope(call_id))
}

/// A message goes on, and is taken or refused.
fn carried(scene: &mut Scene, message: &Message, status: u16) -> Message {
    scene.send(message);
    let onward = scene.request(Method::Message);
    scene.answer(&onward, status, "", None);
    scene.response(Method::Message, status);
    onward
}

/// The caller hangs up, and the callee hears of it.
fn hung_up(scene: &mut Scene, pair: &Pair) {
    scene.send(&pair.by(true, Method::Bye, 9).build());
    scene.response(Method::Bye, 200);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
}

/// The caller offers another direction, to which the callee agrees.
fn changed(scene: &mut Scene, pair: &Pair, cseq: u32) {
    let offer = scene.end("caller-1", "actpass", "sendonly");
    scene.send(&pair.by(true, Method::Update, cseq).body("application/sdp", offer).build());
    let onward = scene.request(Method::Update);
    let sdp = scene.end("callee-1", "passive", "recvonly");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.response(Method::Update, 200);
}

/// The caller and the callee say something.
fn says(scene: &mut Scene, from: &str, id: &str) {
    scene.say(from, id, &message("alice", id, "hello"));
    assert_eq!(scene.status_of(from, id), Some(200));
}

/// Alice's INVITE with this charging vector.
fn vector(icid: &str) -> impl FnOnce(Builder) -> Builder {
    let vector = format!("icid-value={icid};orig-ioi=home1.example");
    move |invite| invite.header(Name::PChargingVector, vector)
}
