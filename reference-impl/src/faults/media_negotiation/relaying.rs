//! Faults with messages on their way through a session between two. [PF-SES-05].

use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::msrp::{self, Flag, Message, Method};
use std::collections::HashSet;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("alters-later-parts", "A part of a message that is not its first has another octet", || {
        Passing::boxed(alters)
    }),
    Fault::of_function("loses-second-parts", "Of the parts of a message one is acknowledged and lost", || {
        Box::new(LosesParts { lost: HashSet::new() })
    }),
    Fault::of_function("swallows-reports", "Who asks for a report of success gets none", || Passing::boxed(swallows)),
    Fault::of_function("reports-success-in-any-case", "Who is refused is told that all is well", || {
        Passing::boxed(all_is_well)
    }),
    Fault::of_function("completes-what-is-given-up", "A message that is given up arrives as far as it came", || {
        Passing::boxed(|way, message| if way == Way::In { completed(message) } else { Fate::Pass })
    }),
];

/// Does the same to whatever passes in a session between two.
struct Passing {
    does: fn(Way, &Message) -> Fate,
}

impl Passing {
    fn boxed(does: fn(Way, &Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Passing { does })
    }
}

impl Mischief for Passing {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if between_two(scene, way, message) { (self.does)(way, message) } else { Fate::Pass }
    }
}

fn between_two(scene: &Scene, way: Way, message: &Message) -> bool {
    scene.leg_of(way, message).is_some_and(|leg| !leg.of_group)
}

fn is_later_part(message: &Message) -> bool {
    message.is(&Method::Send) && message.byte_range().is_some_and(|range| range.start > 1)
}

fn alters(way: Way, message: &Message) -> Fate {
    let part = message.body_range().filter(|range| way == Way::Out && is_later_part(message) && !range.is_empty());
    let mut octets = message.octets().to_vec();
    let Some(first) = part.and_then(|range| octets.get_mut(range.start)) else { return Fate::Pass };
    *first ^= 1;
    Fate::altered(octets)
}

fn swallows(way: Way, message: &Message) -> Fate {
    if way == Way::Out && message.is(&Method::Report) { Fate::LOST } else { Fate::Pass }
}

/// The octets with another text for one of theirs.
fn with(message: &Message, from: &str, to: &str) -> Fate {
    let text = String::from_utf8_lossy(message.octets()).replacen(from, to, 1);
    Fate::altered(Bytes::from(text))
}

fn all_is_well(way: Way, message: &Message) -> Fate {
    let refuses = message.status().filter(|status| *status >= 300);
    let reports = message.status_header().filter(|status| *status >= 300);
    match (way, refuses, reports) {
        (Way::Out, Some(status), _) => with(message, &format!(" {status}"), " 200"),
        (Way::Out, _, Some(status)) => with(message, &format!("000 {status}"), "000 200"),
        _ => Fate::Pass,
    }
}

/// The empty chunk that gives a message up, as its last.
fn completed(message: &Message) -> Fate {
    let Some(range) = message.byte_range().filter(|_| message.flag == Flag::Abort) else { return Fate::Pass };
    let held = range.start.saturating_sub(1);
    let total = range.total.map(|total| format!("/{total}")).unwrap_or_default();
    let text = String::from_utf8_lossy(message.octets()).replacen(&total, &format!("/{held}"), 1);
    let (end, last) = (format!("{}#", message.transaction), format!("{}$", message.transaction));
    Fate::altered(Bytes::from(text.replacen(&end, &last, 1)))
}

struct LosesParts {
    lost: HashSet<String>,
}

impl Mischief for LosesParts {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let later = way == Way::In && is_later_part(message) && message.flag != Flag::Abort;
        let Some(id) = message.message_id().filter(|_| later && between_two(scene, way, message)) else {
            return Fate::Pass;
        };
        if self.lost.insert(id.to_owned()) { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
    }
}
