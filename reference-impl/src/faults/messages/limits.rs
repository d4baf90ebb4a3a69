//! Faults in which MESSAGE is taken.

use crate::config::Config;
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::sessions::with_status;
use crate::faults::tampering::{Fate, Mischief};
use crate::functions::messages::{Kind, kind};
use cpm_wire::sip::{Message, Method};
use std::cell::Cell;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("refuses-at-the-limit", "A message is refused that is no larger than it may be", || {
        Box::new(RefusesAtTheLimit(Cell::new(None)))
    }),
    Fault::of_function("passes-over-the-limit", "A message goes on that is larger than it may be", || {
        Box::new(Unlimited)
    }),
    Fault::of_function("takes-a-body-without-envelope", "Content that is no message in CPIM is accepted", || {
        Box::new(TakesAnything)
    }),
];

/// Refuses what is about as large as it may be, however that is counted: the whole request, or its content. Holds the limit.
struct RefusesAtTheLimit(Cell<Option<usize>>);

impl Mischief for RefusesAtTheLimit {
    fn configure(&self, config: &mut Config) {
        self.0.set(config.max_pager_octets);
    }

    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let (Some(most), Kind::Message(body)) = (self.0.get(), pager_kind(way, message)) else { return Fate::Pass };
        let near = message.octets().len() >= most || body.octets > most / 2;
        if near && body.octets <= most { Fate::Answered(answer(message, 513)) } else { Fate::Pass }
    }
}

/// What a MESSAGE is that comes; anything else is nothing that could be carried.
fn pager_kind(way: Way, message: &Message) -> Kind {
    match way == Way::In && message.is_request() && message.method() == Method::Message {
        true => kind(message),
        false => Kind::Unfit(405),
    }
}

struct Unlimited;

impl Mischief for Unlimited {
    fn configure(&self, config: &mut Config) {
        config.max_pager_octets = None;
    }
}

struct TakesAnything;

impl Mischief for TakesAnything {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let unfit = message.method() == Method::Message && matches!(message.status(), Some(400 | 415));
        if way == Way::Out && unfit { Fate::altered(with_status(message, 200)) } else { Fate::Pass }
    }
}
