//! Faults in which devices a change reaches. [PF-DEV-01].

use super::{BRANCH, Call, Calls, answers_own, asks};
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::sessions::changes;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("change-to-every-device", "A change reaches devices that are not in the session", || {
        Box::new(Strays { instead: false, ..Strays::default() })
    }),
    Fault::of_function("change-to-the-wrong-device", "A change reaches a device that is not in the session", || {
        Box::new(Strays { instead: true, ..Strays::default() })
    }),
    Fault::of_function("one-change-in-all-joined", "Of several devices in a session one alone is changed", || {
        Box::new(OneChange::default())
    }),
];

#[derive(Default)]
struct Strays {
    calls: Calls,
    /// Whether the device that is meant is left out.
    instead: bool,
    /// What the function asked, by the Call-ID of the leg that it strayed to.
    asked: HashMap<String, Message>,
}

/// A change as it would be asked on another leg.
fn astray(change: &Message, call: &Call) -> Option<Bytes> {
    let answer = call.answer.as_ref()?;
    let via = change.header(&Name::Via)?.replace("z9hG4bK", BRANCH);
    let edit = change.edit().set_request_uri(call.invite.request_uri()?).set(Name::Via, via);
    let edit = edit.set(Name::From, answer.header(&Name::From)?).set(Name::To, answer.header(&Name::To)?);
    Some(edit.set(Name::CallId, &call.call_id).finish().octets().clone())
}

impl Mischief for Strays {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        if way == Way::In && answers_own(message) {
            let asked = message.call_id().and_then(|call_id| self.asked.get(call_id));
            let status = message.status().filter(|status| *status >= 200);
            return match asked.zip(status) {
                Some((asked, status)) => {
                    let refusal = Builder::response(asked, status.max(400), reason_phrase(status.max(400)));
                    Fate::altered(refusal.build().octets().clone())
                }
                None => Fate::LOST,
            };
        }
        let changed = self.calls.of(message).filter(|call| way == Way::Out && call.stands() && changes(message));
        let other = changed.and_then(|call| self.calls.beside(call, Side::Device).find(|other| !other.stands()));
        let Some((other, copy)) = other.and_then(|other| Some((other, astray(message, other)?))) else {
            return Fate::Pass;
        };
        if self.instead {
            self.asked.insert(other.call_id.clone(), message.clone());
            return Fate::altered(copy);
        }
        Fate::Followed(vec![(Duration::from_millis(1), copy)])
    }
}

#[derive(Default)]
struct OneChange {
    calls: Calls,
    /// The changes that were kept from a device, by Call-ID and number.
    kept: HashSet<(String, u32)>,
}

impl Mischief for OneChange {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        let Some(call) = self.calls.of(message).filter(|call| way == Way::Out && self.calls.is_later(call)) else {
            return Fate::Pass;
        };
        let change = (call.call_id.clone(), message.cseq().map_or(0, |cseq| cseq.number));
        if changes(message) && call.stands() {
            self.kept.insert(change);
            return Fate::Answered(answer(message, 488));
        }
        let acknowledges = asks(message, Method::Ack) && self.kept.contains(&change);
        if acknowledges { Fate::LOST } else { Fate::Pass }
    }
}
