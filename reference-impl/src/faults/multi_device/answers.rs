//! Faults in what becomes of the answers of several devices. [PF-DEV-01].

use super::{Call, Calls, asks};
use crate::faults::Fault;
use crate::faults::editing::{answer, with_field};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::sessions::with_status;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("leaves-the-loser-ringing", "A device has answered, and the other one rings on", || {
        Losing::boxed(|way, message| match way == Way::Out && asks(message, Method::Cancel) {
            true => Fate::Answered(answer(message, 200)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function("acknowledges-no-loser", "Who accepts second gets no ACK", || {
        Losing::boxed(|way, message| match way == Way::Out && asks(message, Method::Ack) {
            true => Fate::LOST,
            false => Fate::Pass,
        })
    }),
    Fault::of_function("leaves-the-loser-in-session", "Who accepts second gets no BYE", || {
        Losing::boxed(|way, message| match way == Way::Out && asks(message, Method::Bye) {
            true => Fate::Answered(answer(message, 200)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function("sends-two-successes", "The caller hears of both acceptances", || {
        Box::new(TwoSuccesses::default())
    }),
    Fault::of_function("first-refusal-ends-all", "The first refusal of a device is that of its user", || {
        Box::new(FirstRefusal::default())
    }),
    Fault::of_function("worst-answer", "Of all refusals the caller hears another than the best", || {
        Box::new(WorstAnswer::default())
    }),
];

/// Does something to what is signalled with a device after another one has accepted.
struct Losing {
    calls: Calls,
    does: fn(Way, &Message) -> Fate,
}

impl Losing {
    fn boxed(does: fn(Way, &Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Losing { calls: Calls::default(), does })
    }
}

impl Mischief for Losing {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        let lost = |call: &&Call| call.way == Way::Out && !call.refused && self.calls.is_later(call);
        match self.calls.of(message).filter(lost) {
            Some(_) => (self.does)(way, message),
            None => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct TwoSuccesses(Calls);

impl Mischief for TwoSuccesses {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let again = self.0.of(message).is_some_and(|call| call.accepted.is_some());
        self.0.watch(scene, way, message);
        let accepts = way == Way::In && message.method() == Method::Invite && message.status() == Some(200);
        let Some(call) = self.0.of(message).filter(|call| accepts && !again && self.0.is_later(call)) else {
            return Fate::Pass;
        };
        let far =
            self.0.beside(call, Side::Remote).find_map(|far| far.answer.as_ref().filter(|_| far.accepted.is_some()));
        let Some(answer) = far else { return Fate::Pass };
        let to = answer.to().map(|to| format!("<{}>;tag=second", to.uri)).unwrap_or_default();
        Fate::Replied(vec![with_field(answer, Name::To, to)])
    }
}

#[derive(Default)]
struct FirstRefusal {
    calls: Calls,
    /// With which status a device has refused, by contribution.
    refused: HashMap<String, u16>,
}

impl Mischief for FirstRefusal {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        let Some(status) = message.status().filter(|status| *status >= 300 && message.method() == Method::Invite)
        else {
            return Fate::Pass;
        };
        let Some(call) = self.calls.of(message) else { return Fate::Pass };
        match (way, call.side) {
            (Way::In, Side::Device) if call.way == Way::Out => {
                self.refused.entry(call.contribution.clone()).or_insert(status);
                Fate::altered(with_status(message, 603))
            }
            (Way::Out, Side::Remote) => match self.refused.get(&call.contribution) {
                Some(first) => Fate::altered(with_status(message, *first)),
                None => Fate::Pass,
            },
            _ => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct WorstAnswer(Calls);

impl Mischief for WorstAnswer {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, way, message);
        let refuses = message.method() == Method::Invite && message.status().is_some_and(|status| status >= 300);
        let Some(call) = self.0.of(message).filter(|_| way == Way::Out && refuses) else { return Fate::Pass };
        let several = self.0.beside(call, Side::Device).filter(|device| device.refused).count() > 1;
        if several { Fate::altered(with_status(message, 500)) } else { Fate::Pass }
    }
}
