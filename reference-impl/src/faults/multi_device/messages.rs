//! Faults in what the devices of a user get of messages outside sessions. [PF-DEV-02].

use crate::call::served::SessionCase;
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::messages::{is_pager_of, with_another_octet};
use crate::faults::passage::Way;
use crate::faults::policies_and_preferences::documents::{Misreads, replaced};
use crate::faults::scene::Scene;
use crate::faults::sessions::with_status;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Message, Method};
use std::collections::HashMap;
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("forgets-a-device", "Of several devices the first alone gets a message", || {
        Copies::boxed(|copies, way, message| match copies.is_later(way, message) {
            true => Fate::Answered(answer(message, 200)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function("gives-one-device-another-text", "Of several devices the second gets another text", || {
        Copies::boxed(|copies, way, message| match copies.is_later(way, message) {
            true => Fate::altered(with_another_octet(message)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function(
        "disowns-a-copied-message",
        "Whoever sent what several devices have hears that it failed",
        || Copies::boxed(disowned),
    ),
    Fault::of_function("fails-with-the-failing-device", "A device that fails a message fails it for all", || {
        Copies::boxed(fails_for_all)
    }),
    Fault::of_function("ignores-device-preference", "All devices get what the user wants on one", || {
        Misreads::boxed(
            |_, body| Some(replaced(body, |node| node.tag_name().name() == "devices", |_| String::new())),
            |_| {},
        )
    }),
];

/// The copies of messages for several devices.
struct Copies {
    /// By Call-ID.
    messages: HashMap<String, Copied>,
    does: fn(&mut Copies, Way, &Message) -> Fate,
}

#[derive(Default)]
struct Copied {
    /// The Request-URIs, in order.
    targets: Vec<String>,
    /// A device has failed it.
    failed: bool,
}

impl Copies {
    fn boxed(does: fn(&mut Copies, Way, &Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Copies { messages: HashMap::new(), does })
    }

    fn of(&mut self, message: &Message) -> Option<&mut Copied> {
        self.messages.get_mut(message.call_id()?).filter(|copied| copied.targets.len() > 1)
    }

    /// True for a copy to another device than the first.
    fn is_later(&mut self, way: Way, message: &Message) -> bool {
        let copy = way == Way::Out && is_pager_of(message, SessionCase::Terminating);
        let target = message.request_uri().unwrap_or_default();
        copy && self.of(message).is_some_and(|copied| copied.targets.first().is_some_and(|first| first != target))
    }
}

impl Mischief for Copies {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(call_id) = message.call_id().filter(|_| message.method() == Method::Message) else {
            return Fate::Pass;
        };
        if way == Way::Out && is_pager_of(message, SessionCase::Terminating) {
            let targets = &mut self.messages.entry(call_id.to_owned()).or_default().targets;
            let target = message.request_uri().unwrap_or_default().to_owned();
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        (self.does)(self, way, message)
    }
}

fn is_success(message: &Message) -> bool {
    message.status().is_some_and(|status| (200..300).contains(&status))
}

fn disowned(copies: &mut Copies, way: Way, message: &Message) -> Fate {
    match way == Way::Out && is_success(message) && copies.of(message).is_some() {
        true => Fate::altered(with_status(message, 500)),
        false => Fate::Pass,
    }
}

/// What the first device says waits for what the others say.
fn fails_for_all(copies: &mut Copies, way: Way, message: &Message) -> Fate {
    let Some(copied) = copies.of(message).filter(|_| message.status().is_some()) else { return Fate::Pass };
    match way {
        Way::In if is_success(message) => Fate::Later(Duration::from_millis(200)),
        Way::In => {
            copied.failed |= message.status().is_some_and(|status| status >= 300);
            Fate::Pass
        }
        Way::Out if copied.failed && is_success(message) => Fate::altered(with_status(message, 500)),
        Way::Out => Fate::Pass,
    }
}
