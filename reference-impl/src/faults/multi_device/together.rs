//! Faults with several devices that are in a session at once. [PF-DEV-05].

use super::{Calls, answers_own, asks};
use crate::faults::Fault;
use crate::faults::editing::{self, OWN, envelope, sent_back};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::sessions::carrying::altered;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] =
    &[
        Fault::of_function("copies-to-one-only", "What the far end says one device alone gets", || {
            Copies::boxed(|copy, message| match copy.of == Side::Remote && copy.is_later {
                true => Fate::Answered(msrp::response(message, 200)),
                false => Fate::Pass,
            })
        }),
        Fault::of_function("own-messages-not-copied", "What one device says the others do not get", || {
            Copies::boxed(|copy, message| match copy.of == Side::Device {
                true => Fate::Answered(msrp::response(message, 200)),
                false => Fate::Pass,
            })
        }),
        Fault::of_function("alters-the-copy", "What the far end says comes as another text to one device", || {
            Copies::boxed(|copy, message| match copy.of == Side::Remote && copy.is_later {
                true => altered(message),
                false => Fate::Pass,
            })
        }),
        Fault::of_function("own-messages-come-back", "What a device says it gets itself, too", || Box::new(ComesBack)),
        Fault::of_function("copies-after-leaving", "Who has left gets what is said", || {
            Box::new(KeepsWhoLeaves::default())
        }),
        Fault::of_function("one-leaving-ends-all", "When one device leaves, so does the far end", || {
            Box::new(EndsAll(Calls::default()))
        }),
    ];

/// A message on its way to a device.
struct Copy {
    /// Whose it is.
    of: Side,
    /// The device accepted after another one.
    is_later: bool,
}

/// Does something to what goes to a device.
struct Copies {
    calls: Calls,
    /// Whose a message is, by its Message-ID.
    authors: HashMap<String, Side>,
    does: fn(&Copy, &msrp::Message) -> Fate,
}

impl Copies {
    fn boxed(does: fn(&Copy, &msrp::Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Copies { calls: Calls::default(), authors: HashMap::new(), does })
    }
}

impl Mischief for Copies {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let Some(call) = self.calls.of_media(scene, way, message) else { return Fate::Pass };
        let Some(id) = message.message_id().filter(|_| message.is(&msrp::Method::Send) && message.body().is_some())
        else {
            return Fate::Pass;
        };
        if way == Way::In {
            self.authors.insert(id.to_owned(), call.side);
            return Fate::Pass;
        }
        match self.authors.get(id).filter(|_| call.side == Side::Device) {
            Some(of) => (self.does)(&Copy { of: *of, is_later: self.calls.is_later(call) }, message),
            None => Fate::Pass,
        }
    }
}

struct ComesBack;

impl Mischief for ComesBack {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if editing::answers_own(way, message) {
            return Fate::LOST;
        }
        let own =
            way == Way::In && scene.leg_of(way, message).is_some_and(|leg| leg.side == Side::Device && !leg.of_group);
        match envelope(message).filter(|_| own && message.flag == msrp::Flag::Complete) {
            Some(envelope) => {
                let name = format!("{}{OWN}", message.transaction);
                Fate::Replied(vec![sent_back(message, &name, envelope.octets())])
            }
            None => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct KeepsWhoLeaves {
    calls: Calls,
    left: HashSet<String>,
}

impl Mischief for KeepsWhoLeaves {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let leaves = asks(message, Method::Bye);
        let Some(call) = self.calls.of(message).filter(|call| leaves && call.side == Side::Device) else {
            self.calls.watch(scene, way, message);
            return Fate::Pass;
        };
        let others = self.calls.beside(call, Side::Device).any(|other| other.stands());
        let left = self.left.contains(&call.call_id) || way == Way::In && others;
        if left {
            self.left.insert(call.call_id.clone());
        }
        self.calls.watch(scene, way, message);
        if left { Fate::Answered(editing::answer(message, 200)) } else { Fate::Pass }
    }
}

struct EndsAll(Calls);

impl Mischief for EndsAll {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, way, message);
        if way == Way::Out && answers_own(message) {
            return Fate::LOST;
        }
        let leaves = way == Way::In && asks(message, Method::Bye);
        let leaving = self.0.of(message).filter(|call| leaves && call.side == Side::Device);
        let far = leaving.and_then(|call| self.0.beside(call, Side::Remote).find_map(|far| far.by_peer(Method::Bye)));
        match far {
            Some(bye) => Fate::Instead(vec![message.octets().clone(), bye]),
            None => Fate::Pass,
        }
    }
}
