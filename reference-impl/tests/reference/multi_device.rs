//! Several devices of one user in sessions between two, in virtual time.

mod forking;
mod together;

use crate::pair::chat;
use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_reference::config::{Config, DeviceMode, Policy};
use cpm_wire::sip::{Message, Method};

/// Bob has a phone and a tablet, nothing is kept for him, and his devices are called so.
fn in_mode(device_mode: DeviceMode) -> Scene {
    in_mode_with(device_mode, |_| {})
}

fn in_mode_with(device_mode: DeviceMode, change: impl FnOnce(&mut Config)) -> Scene {
    let policy = Policy { device_mode: Some(device_mode), store: false, ..Policy::default() };
    let mut scene = Scene::with(|config| {
        config.policies.insert("plain".to_owned(), policy);
        change(config);
    });
    scene.register("reg-1");
    scene.register_tablet("reg-2");
    scene
}

/// The serving CSCF tells that Bob's phone is gone.
fn unregister(call_id: &str) -> Message {
    register(call_id, INSTANCE, CONTACT, "", 0)
}

/// Alice calls Bob.
fn call(scene: &mut Scene) -> Message {
    let invite = chat(scene, "1", false).build();
    scene.send(&invite);
    invite
}

/// The next INVITE to this device, or to the public identity.
fn to(scene: &mut Scene, target: &str) -> Message {
    scene.take(target, |one| one.request_uri() == Some(target) && one.method() == Method::Invite)
}

/// A device picks up: its end is called `name`. Gives the INVITE and its answer.
fn picks_up(scene: &mut Scene, target: &str, name: &str) -> (Message, Message) {
    let invite = to(scene, target);
    answers(scene, invite, target, name)
}

fn answers(scene: &mut Scene, invite: Message, target: &str, name: &str) -> (Message, Message) {
    let sdp = scene.end(name, "passive", "sendrecv");
    let answer = scene.answer(&invite, 200, &format!("<{target}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.start(name, &invite, false);
    (invite, answer)
}

/// The caller has its one 2xx.
fn caller_is_answered(scene: &mut Scene, invite: &Message) -> Message {
    let ok = scene.response(Method::Invite, 200);
    assert_eq!(ok.call_id(), invite.call_id());
    scene.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
    scene.start("caller-1", &ok, false);
    ok
}

/// The caller hears this, and the call is over.
fn refused(scene: &mut Scene, invite: &Message, status: u16) {
    let refusal = scene.response(Method::Invite, status);
    assert_eq!(refusal.call_id(), invite.call_id());
}
