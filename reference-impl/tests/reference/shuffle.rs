//! Devices that come and go in any order: whatever happens, each gets every message, and none of them out of order, in
//! virtual time. [CPM-CONV-058, CPM-CONV-058a]

use crate::scene::Scene;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::{Config, DeviceMode, Shape};
use cpm_wire::io::Closing;
use cpm_wire::sip::{Message, Method, Name};
use std::time::Duration;

/// A row of numbers (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

#[derive(Clone, Copy)]
struct Device {
    name: &'static str,
    contact: &'static str,
    instance: &'static str,
}

const DEVICES: [Device; 2] = [
    Device { name: "phone", contact: CONTACT, instance: INSTANCE },
    Device { name: "tablet", contact: TABLET, instance: TABLET_INSTANCE },
];

struct Life {
    scene: Scene,
    dice: Dice,
    said: Vec<Bytes>,
    /// All ends that devices had, oldest first, with the number of their device.
    ends: Vec<(usize, String)>,
    /// Invitations that ring.
    ringing: Vec<(usize, Message)>,
    /// Calls of devices that wait.
    calling: Vec<(usize, Message, String)>,
    /// The end of the focus that is used now.
    focus: String,
    count: u64,
    kind: bool,
}

impl Life {
    fn new(seed: u64, change: fn(&mut Config)) -> Life {
        let mut scene = Scene::with(change);
        scene.stand_in("1");
        let (ends, ringing, calling, said) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let focus = "focus-1".to_owned();
        Life { scene, dice: Dice(seed), said, ends, ringing, calling, focus, count: 0, kind: false }
    }

    fn fresh(&mut self, name: &str) -> String {
        self.count += 1;
        format!("{name}-{}", self.count)
    }

    fn register(&mut self, at: usize, expires: u32) {
        let (device, call) = (DEVICES[at], self.fresh("reg"));
        let register = register(&call, device.instance, device.contact, &format!(";{GROUP_TAG}"), expires);
        self.scene.send(&register);
    }

    fn say(&mut self) {
        if !self.scene.has_connection(&self.focus) {
            return;
        }
        let id = self.fresh("m");
        let octets = message("alice", &id, &format!("text of {id}"));
        let focus = self.focus.clone();
        self.scene.say(&focus, &id, &octets);
        if self.scene.status_of(&focus, &id) == Some(200) {
            self.said.push(octets);
        }
    }

    fn rejoin(&mut self, at: usize) {
        let (device, call, end) = (DEVICES[at], self.fresh("rejoin"), self.fresh(DEVICES[at].name));
        let sdp = self.scene.end(&end, "active", "sendrecv");
        let contact = format!("<{}>;+sip.instance=\"<{}>\";{GROUP_TAG}", device.contact, device.instance);
        let invite = from_device("1", FOCUS, &call, &sdp, None).edit().set(Name::Contact, contact).finish();
        self.calling.push((at, invite.clone(), end));
        self.scene.send(&invite);
    }

    fn lose(&mut self, at: usize) {
        let ends: Vec<String> = self.ends.iter().filter(|(own, _)| *own == at).map(|(_, end)| end.clone()).collect();
        for end in ends.iter().rev() {
            if self.scene.has_connection(end) {
                return self.scene.drop_connection(end, Closing::Reset);
            }
        }
    }

    /// A device falls silent for a while, or speaks again.
    fn hush(&mut self, at: usize) {
        let Some((_, end)) = self.ends.iter().rev().find(|(own, _)| *own == at).cloned() else { return };
        let silent = self.scene.ends[&end].status.is_none();
        self.scene.ends.get_mut(&end).unwrap().status = silent.then_some(200);
        self.scene.answer_held(&end);
    }

    fn act(&mut self) {
        let at = self.dice.below(2) as usize;
        match self.dice.below(14) {
            0..=4 => self.say(),
            5 => self.register(at, 600_000),
            6 => self.register(at, 0),
            7 => self.rejoin(at),
            8 => self.lose(at),
            9 => self.hush(at),
            10 => {
                if let Some((at, invite)) = self.ringing.pop() {
                    self.take_up(at, &invite);
                }
            }
            11 => self.mishap(),
            _ => {
                let span = Duration::from_millis(self.dice.below(4000));
                self.scene.pass(span);
            }
        }
        self.respond();
    }

    /// The function is killed and starts again, or its connection to the focus breaks.
    fn mishap(&mut self) {
        if self.dice.below(2) == 0 {
            self.ringing.clear();
            self.calling.clear();
            self.scene.restart();
        } else if self.scene.has_connection(&self.focus) {
            let focus = self.focus.clone();
            self.scene.drop_connection(&focus, Closing::Reset);
        }
    }

    fn take_up(&mut self, at: usize, invite: &Message) {
        let device = DEVICES[at];
        let end = self.fresh(device.name);
        let sdp = self.scene.end(&end, "active", "sendrecv");
        self.scene.answer(invite, 200, &format!("<{}>", device.contact), Some(sdp));
        self.ends.push((at, end.clone()));
        self.scene.start(&end, invite, true);
    }

    /// The neighbourhood answers all that the function has sent.
    fn respond(&mut self) {
        self.scene.run();
        while let Some(one) = self.scene.sip.pop_front() {
            if !one.is_request() {
                self.answered(&one);
                continue;
            }
            match one.method() {
                Method::Ack => {}
                Method::Invite => self.invited(&one),
                Method::Cancel => {
                    self.scene.accept(&one);
                    if let Some(at) = self.ringing.iter().position(|(_, invite)| invite.call_id() == one.call_id()) {
                        let (_, invite) = self.ringing.remove(at);
                        self.scene.answer(&invite, 487, "", None);
                    }
                }
                Method::Subscribe => {
                    self.scene.answer(&one, 404, "", None);
                }
                _ => self.scene.accept(&one),
            }
        }
    }

    fn answered(&mut self, response: &Message) {
        if response.method() != Method::Invite {
            return;
        }
        let Some(at) = self.calling.iter().position(|(_, invite, _)| invite.call_id() == response.call_id()) else {
            return;
        };
        match response.status() {
            Some(200) => {
                let (at, invite, end) = self.calling.remove(at);
                self.scene.send(&in_dialog(Method::Ack, &invite, response, 1).build());
                self.ends.push((at, end.clone()));
                self.scene.start(&end, response, true);
            }
            Some(300..) => drop(self.calling.remove(at)),
            _ => {}
        }
    }

    fn invited(&mut self, invite: &Message) {
        let Some(at) = DEVICES.iter().position(|device| invite.request_uri() == Some(device.contact)) else {
            return self.focus_invited(invite);
        };
        match self.dice.below(8) {
            _ if self.kind => self.take_up(at, invite),
            0 => {
                self.scene.answer(invite, 486, "", None);
            }
            1 => {
                self.scene.answer(invite, 180, "", None);
                self.ringing.push((at, invite.clone()));
            }
            _ => self.take_up(at, invite),
        }
    }

    /// The media path to the focus is built anew.
    fn focus_invited(&mut self, invite: &Message) {
        let focus = self.fresh("focus");
        let sdp = self.scene.end(&focus, "passive", "sendrecv");
        self.scene.answer(invite, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
        self.scene.start(&focus, invite, false);
        self.focus = focus;
    }

    /// Everything settles: what rings is taken up, who is silent speaks, and all devices are there.
    fn settle(&mut self) {
        self.kind = true;
        for (at, invite) in std::mem::take(&mut self.ringing) {
            self.take_up(at, &invite);
        }
        let ends: Vec<String> = self.ends.iter().map(|(_, end)| end.clone()).collect();
        for end in ends {
            self.scene.ends.get_mut(&end).unwrap().status = Some(200);
            self.scene.answer_held(&end);
        }
        self.respond();
        for _ in 0..3 {
            (0..DEVICES.len()).for_each(|at| self.register(at, 600_000));
            self.respond();
            self.scene.pass(Duration::from_secs(40));
            self.respond();
        }
    }

    /// What a device has heard, each message once, in the order of its first coming.
    fn heard(&self, at: usize) -> Vec<Bytes> {
        let mut heard: Vec<Bytes> = Vec::new();
        for (_, end) in self.ends.iter().filter(|(own, _)| *own == at) {
            for octets in self.scene.heard(end) {
                if self.said.contains(octets) && !heard.contains(octets) {
                    heard.push(octets.clone());
                }
            }
        }
        heard
    }
}

fn all_joined(config: &mut Config) {
    config.delivery.device_mode = vec![DeviceMode::AllJoined];
}

fn apart(config: &mut Config) {
    config.delivery.shape_live = Shape::SendonlyThenRejoin;
}

#[test]
fn nothing_is_lost_whatever_the_devices_do() {
    let ways: [fn(&mut Config); 3] = [|_| {}, all_joined, apart];
    for (way, seed) in ways.into_iter().flat_map(|way| (0..40).map(move |seed| (way, seed))) {
        let mut life = Life::new(seed, way);
        for _ in 0..60 {
            life.act();
        }
        life.settle();
        for (at, device) in DEVICES.iter().enumerate() {
            let heard = life.heard(at);
            let lost: Vec<usize> = (0..life.said.len()).filter(|n| !heard.contains(&life.said[*n])).collect();
            assert!(lost.is_empty(), "seed {seed}: the {} lost {lost:?} of {}", device.name, life.said.len());
            assert_eq!(heard, life.said, "seed {seed}: the {} has another order", device.name);
        }
    }
}
