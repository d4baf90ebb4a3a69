//! Faults in who is called. [PF-DEV-01].

use super::{BRANCH, Calls, asks};
use crate::call::registrations::{self, Registrations, Told};
use crate::faults::Fault;
use crate::faults::editing::{answer, call};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::sessions::begins_between_two;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("calls-one-device-only", "Of the devices of a user the first alone is called", || {
        Box::new(CallsOne::default())
    }),
    Fault::of_function("order-reversed", "Of two devices the second is called first", || Box::new(Reverses::default())),
    Fault::of_function("all-at-once-in-sequence", "A device is called before it is its turn", || {
        Box::new(CallsBoth::default())
    }),
    Fault::of_function("joins-an-unwanted-device", "Devices are not told apart by their instances", || {
        Box::new(ForgetsInstances)
    }),
];

#[derive(Default)]
struct CallsOne(Calls);

impl Mischief for CallsOne {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, way, message);
        let Some(call) = self.0.of(message).filter(|call| call.side == Side::Device && call.way == Way::Out) else {
            return Fate::Pass;
        };
        let first = self
            .0
            .legs
            .iter()
            .find(|other| other.call_id == call.call_id || other.is_beside(call) && other.side == Side::Device);
        if way == Way::In || first.is_some_and(|first| first.call_id == call.call_id) {
            return Fate::Pass;
        }
        if asks(message, Method::Invite) { Fate::Answered(answer(message, 480)) } else { Fate::LOST }
    }
}

/// Who is registered, as the serving CSCF tells it.
#[derive(Default)]
struct Registered(Registrations);

impl Registered {
    fn watch(&mut self, scene: &Scene, way: Way, message: &Message) {
        if way == Way::Out || !asks(message, Method::Register) {
            return;
        }
        let told = registrations::told(scene.now, message);
        for user in registrations::users_of(message) {
            match &told {
                Told::Registered(devices) => devices.iter().cloned().for_each(|device| {
                    self.0.register(scene.now, &user, device);
                }),
                Told::Gone(devices) => devices.iter().for_each(|device| {
                    self.0.forget(&user, Some(&device.key));
                }),
                Told::AllGone => {
                    self.0.forget(&user, None);
                }
            }
        }
    }

    /// Of two devices the other one's contact.
    fn other(&self, scene: &Scene, user: &str, target: &str) -> Option<String> {
        let contacts: Vec<String> =
            self.0.devices(scene.now, user).into_iter().filter_map(|device| device.contact).collect();
        match contacts.as_slice() {
            [one, other] if one == target => Some(other.clone()),
            [one, other] if other == target => Some(one.clone()),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Reverses {
    registered: Registered,
    /// By Call-ID, who was meant and who is called.
    turned: HashMap<String, (String, String)>,
}

impl Mischief for Reverses {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.registered.watch(scene, way, message);
        let Some(call_id) = message.call_id().filter(|_| way == Way::Out && message.is_request()) else {
            return Fate::Pass;
        };
        if let Some(leg) = call(scene, way, message).filter(|_| begins_between_two(message))
            && let Some(other) = self.registered.other(scene, &leg.user, &leg.target)
        {
            self.turned.entry(call_id.to_owned()).or_insert_with(|| (leg.target.clone(), other));
        }
        match self.turned.get(call_id) {
            Some((meant, called)) if message.request_uri() == Some(meant) => {
                Fate::altered(message.edit().set_request_uri(called).finish().octets().clone())
            }
            _ => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct CallsBoth {
    registered: Registered,
    /// The contributions of which both are called.
    called: HashSet<String>,
}

const OWN_CALL: &str = "fault-";

impl Mischief for CallsBoth {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.registered.watch(scene, way, message);
        if way == Way::In && message.call_id().is_some_and(|call_id| call_id.starts_with(OWN_CALL)) {
            return Fate::LOST;
        }
        let Some(leg) = call(scene, way, message).filter(|_| begins_between_two(message)) else { return Fate::Pass };
        let Some(other) = self.registered.other(scene, &leg.user, &leg.target) else { return Fate::Pass };
        if !self.called.insert(leg.contribution.clone()) {
            return Fate::Pass;
        }
        let via = message.header(&Name::Via).unwrap_or_default().replace("z9hG4bK", BRANCH);
        let copy = message.edit().set_request_uri(&other).set(Name::Via, via);
        let copy = copy.set(Name::CallId, format!("{OWN_CALL}{}", leg.call_id)).finish();
        Fate::Followed(vec![(Duration::from_millis(1), copy.octets().clone())])
    }
}

struct ForgetsInstances;

impl Mischief for ForgetsInstances {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::Out || !asks(message, Method::Register) {
            return Fate::Pass;
        }
        let body = String::from_utf8_lossy(message.body());
        let instance = ";+sip.instance=\"";
        let parts: Vec<&str> = body.split(instance).collect();
        let Some((first, rest)) = parts.split_first().filter(|(_, rest)| !rest.is_empty()) else { return Fate::Pass };
        let kept = rest.iter().filter_map(|part| part.split_once('"').map(|(_, kept)| kept));
        let body: String = [*first].into_iter().chain(kept).collect();
        let content_type = message.header(&Name::ContentType).unwrap_or_default();
        Fate::altered(message.edit().body(content_type, Bytes::from(body)).finish().octets().clone())
    }
}
