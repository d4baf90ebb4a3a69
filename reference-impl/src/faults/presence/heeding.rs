//! Faults in what is made of what users say of themselves elsewhere. [PF-PRS-01]

use super::Refused;
use crate::faults::Fault;
use crate::faults::choices::Told;
use crate::faults::editing::{answer, with_text};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::pidf::{Basic, Document};
use cpm_wire::sip::{Message, Method};
use std::collections::HashSet;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("watches-no-presence", "Nobody's presence is asked for", || {
        Box::new(Told(|config| config.presence.iter_mut().for_each(|conduct| conduct.watcher = false)))
    }),
    Fault::of_function("hears-closed-as-open", "Who takes no messages gets them all the same", || {
        Box::new(Heard("closed", "open"))
    }),
    Fault::of_function("hears-open-as-closed", "Who takes messages gets none", || Box::new(Heard("open", "closed"))),
    Fault::of_function("delivers-nothing-on-open", "Who takes messages again gets none", || {
        Box::new(StaysClosed::default())
    }),
    Fault::of_function(
        "closes-when-watching-is-refused",
        "A user whose presence cannot be had gets no messages",
        || Box::new(ClosesWithIt::default()),
    ),
];

/// What a notification of presence says, on its way in.
fn notified(way: Way, message: &Message) -> Option<Document> {
    let notifies = way == Way::In && message.is_request() && message.method() == Method::Notify;
    Document::parse(message.body()).ok().filter(|_| notifies)
}

/// One basic status is taken for the other.
struct Heard(&'static str, &'static str);

impl Mischief for Heard {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Heard(said, heard) = self;
        match notified(way, message) {
            Some(_) => Fate::altered(with_text(message, &format!(">{said}<"), &format!(">{heard}<"))),
            None => Fate::Pass,
        }
    }
}

/// The subscriptions whose users were closed once.
#[derive(Default)]
struct StaysClosed(HashSet<String>);

impl Mischief for StaysClosed {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let (Some(document), Some(call_id)) = (notified(way, message), message.call_id()) else { return Fate::Pass };
        match document.basic() {
            Some(Basic::Closed) => {
                self.0.insert(call_id.to_owned());
                Fate::Pass
            }
            _ if self.0.contains(call_id) => Fate::Answered(answer(message, 200)),
            _ => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct ClosesWithIt(Refused);

impl Mischief for ClosesWithIt {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        self.0.learn(way, message, &Method::Subscribe);
        self.0.turned_away(way, message, 480)
    }
}
