//! Faults in what becomes of a session that does not move. [PF-DEV-04].

use super::{place, refuses};
use crate::faults::Fault;
use crate::faults::multi_device::{Call, Calls, answers_own};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::sessions::acceptance;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("refusal-ends-the-session", "When a session cannot move, it ends", || {
        Ends::boxed(|old, call| old.user == call.user)
    }),
    Fault::of_function("stranger-gets-in", "A stranger who names a session is accepted", || {
        Box::new(LetsStrangersIn(Calls::default()))
    }),
    Fault::of_function("stranger-ends-the-session", "A stranger who names a session ends it", || {
        Ends::boxed(|old, call| old.user != call.user)
    }),
];

/// Ends a session that a refused call names.
struct Ends {
    calls: Calls,
    which: fn(&Call, &Call) -> bool,
}

impl Ends {
    fn boxed(which: fn(&Call, &Call) -> bool) -> Box<dyn Mischief> {
        Box::new(Ends { calls: Calls::default(), which })
    }

    /// The far end's BYE.
    fn farewell(&self, call: &Call) -> Option<Bytes> {
        let old = place(&self.calls, call).filter(|old| (self.which)(old, call))?;
        self.calls.beside(old, Side::Remote).find_map(|far| far.by_peer(Method::Bye))
    }
}

impl Mischief for Ends {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        if way == Way::Out && answers_own(message) {
            return Fate::LOST;
        }
        let farewell = self.calls.of(message).filter(|_| refuses(message)).and_then(|call| self.farewell(call));
        match (farewell, way) {
            (Some(bye), Way::In) => Fate::Instead(vec![message.octets().clone(), bye]),
            (Some(bye), Way::Out) => Fate::Replied(vec![bye]),
            (None, _) => Fate::Pass,
        }
    }
}

struct LetsStrangersIn(Calls);

impl Mischief for LetsStrangersIn {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, way, message);
        let call = self.0.of(message).filter(|call| way == Way::Out && refuses(message) && call.way == Way::In);
        let strange = call.filter(|call| place(&self.0, call).is_some_and(|old| old.user != call.user));
        strange.map_or(Fate::Pass, |call| Fate::altered(acceptance(&call.invite, message)))
    }
}
