//! Faults with who may send a user messages, and whom the user may send them. [PF-MSG-01], [PF-PRF-01].

use crate::call::served::{SessionCase, served_user};
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::messages::{in_own_transaction, is_pager, is_pager_of};
use crate::faults::multi_device::answers_own;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::sessions::with_status;
use crate::faults::tampering::{Fate, Mischief};
use crate::functions::messages::is_large;
use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("passes-a-blocked-author", "A message of an author whom the user has blocked comes", || {
        Leaks::boxed(SessionCase::Terminating, &[403, 603], false)
    }),
    Fault::of_function("passes-an-anonymous-author", "A message of an author who is not named comes", || {
        Leaks::boxed(SessionCase::Terminating, &[433], false)
    }),
    Fault::of_function("hands-over-before-it-refuses", "A message that is refused comes all the same", || {
        Leaks::boxed(SessionCase::Terminating, &[403, 433, 603], true)
    }),
    Fault::of_function("hands-over-to-the-unavailable", "A message comes to a user who is not to be reached", || {
        Leaks::boxed(SessionCase::Terminating, &[202, 480], true)
    }),
    Fault::of_function("refuses-all-authors", "Nobody may send the user a message", || {
        Box::new(Refuses { case: SessionCase::Terminating, which: is_pager })
    }),
    Fault::of_function("refuses-all-large-authors", "Nobody may send the user a large message", || {
        Box::new(Refuses { case: SessionCase::Terminating, which: begins_large })
    }),
    Fault::of_function("lets-out-a-barred-message", "A message goes to whom the user may not send any", || {
        Leaks::boxed(SessionCase::Originating, &[403, 603], false)
    }),
    Fault::of_function(
        "tells-the-barred-before-it-refuses",
        "A message that may not leave leaves all the same",
        || Leaks::boxed(SessionCase::Originating, &[403, 603], true),
    ),
    Fault::of_function("lets-no-message-out", "The user may send nobody a message", || {
        Box::new(Refuses { case: SessionCase::Originating, which: is_pager })
    }),
    Fault::of_function("drops-privacy-of-messages", "A message goes on without the privacy that is asked for", || {
        Box::new(Drops(Name::Privacy))
    }),
    Fault::of_function(
        "drops-the-identity-of-hidden-authors",
        "Who sends a message and is hidden is not named to the trusted either",
        || Box::new(Drops(Name::PAssertedIdentity)),
    ),
];

/// A message that is answered so goes on although it has not gone on.
struct Leaks {
    case: SessionCase,
    statuses: &'static [u16],
    /// Its sender hears the answer; else that it was taken.
    tells: bool,
    /// By Call-ID, what has come and has not gone on.
    waiting: HashMap<String, Message>,
}

impl Leaks {
    fn boxed(case: SessionCase, statuses: &'static [u16], tells: bool) -> Box<dyn Mischief> {
        Box::new(Leaks { case, statuses, tells, waiting: HashMap::new() })
    }
}

impl Mischief for Leaks {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(call_id) = message.call_id().filter(|_| message.method() == Method::Message) else {
            return Fate::Pass;
        };
        match way {
            Way::In if answers_own(message) => Fate::LOST,
            Way::In if is_pager_of(message, self.case) && is_reachable(message) => {
                self.waiting.insert(call_id.to_owned(), message.clone());
                Fate::Pass
            }
            Way::Out if message.is_request() => {
                self.waiting.remove(call_id);
                Fate::Pass
            }
            Way::Out if message.status().is_some_and(|status| self.statuses.contains(&status)) => {
                let Some(request) = self.waiting.remove(call_id) else { return Fate::Pass };
                let answer = if self.tells { message.octets().clone() } else { with_status(message, 200) };
                Fate::Instead(vec![onward(&request), answer])
            }
            Way::In | Way::Out => Fate::Pass,
        }
    }
}

/// False when the serving CSCF says that the user has no device.
fn is_reachable(message: &Message) -> bool {
    served_user(message).is_some_and(|served| served.registered != Some(false))
}

/// The message as it would go on.
fn onward(request: &Message) -> Bytes {
    let hops = request.max_forwards().and_then(Result::ok).unwrap_or(70).saturating_sub(1);
    let onward = request.edit().remove_first(&Name::Route).set(Name::MaxForwards, hops).finish();
    in_own_transaction(&onward).octets().clone()
}

/// Refuses all of this kind in one direction.
struct Refuses {
    case: SessionCase,
    which: fn(&Message) -> bool,
}

impl Mischief for Refuses {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let meant = || (self.which)(message) && served_user(message).is_some_and(|served| served.case == self.case);
        if way == Way::In && meant() { Fate::Answered(answer(message, 603)) } else { Fate::Pass }
    }
}

fn begins_large(message: &Message) -> bool {
    message.is_request() && message.method() == Method::Invite && message.to_tag().is_none() && is_large(message)
}

/// Takes a header from messages of the user that have privacy.
struct Drops(Name);

impl Mischief for Drops {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let hidden = is_pager_of(message, SessionCase::Originating) && message.header(&Name::Privacy).is_some();
        match way == Way::Out && hidden {
            true => Fate::altered(message.edit().remove(&self.0).finish().octets().clone()),
            false => Fate::Pass,
        }
    }
}
