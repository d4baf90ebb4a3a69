//! Faults with the presence of users. [PF-PRS-01]

mod heeding;
mod publishing;

use super::Fault;
use super::editing::answer;
use super::passage::Way;
use super::tampering::Fate;
use crate::call::served::{SessionCase, served_user};
use cpm_wire::sip::{Message, Method};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[&[Fault]] = &[publishing::FAULTS, heeding::FAULTS];

/// The users of whom a request of the element's own was refused.
#[derive(Default)]
struct Refused {
    of_call: HashMap<String, String>,
    users: HashSet<String>,
}

impl Refused {
    /// Learns of a message: whose requests by this method are refused. They are forgotten when one is accepted.
    fn learn(&mut self, way: Way, message: &Message, method: &Method) {
        let Some(call_id) = message.call_id().filter(|_| message.method() == *method) else { return };
        match (way, message.status()) {
            (Way::Out, None) => {
                let about = message.event().is_some_and(|event| event.value == "presence");
                let user = served_user(message).filter(|_| about).map(|served| served.key);
                self.of_call.extend(user.map(|user| (call_id.to_owned(), user)));
            }
            (Way::In, Some(status)) => {
                let Some(user) = self.of_call.get(call_id) else { return };
                match status {
                    200..=299 => self.users.remove(user),
                    412 | 423 => false,
                    300.. => self.users.insert(user.clone()),
                    _ => false,
                };
            }
            _ => {}
        }
    }

    /// What comes for such a user gets this status; anything else passes.
    fn turned_away(&self, way: Way, message: &Message, status: u16) -> Fate {
        let comes = way == Way::In && matches!(message.method(), Method::Invite | Method::Message);
        let first = comes && message.is_request() && message.to_tag().is_none();
        let served = served_user(message).filter(|served| first && served.case == SessionCase::Terminating);
        match served.is_some_and(|served| self.users.contains(&served.key)) {
            true => Fate::Answered(answer(message, status)),
            false => Fate::Pass,
        }
    }
}
