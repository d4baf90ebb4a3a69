//! Interception on lawful order, in the manner of ETSI TS 103 221-1 (X1) and -2 (X2, X3). [PF-LI-01]
//!
//! It looks on: what passes a tasked user's legs is handed over as it passed, and nothing of it is kept, changed, added or
//! delayed for its sake. An event is a SIP message of a session or of a message outside sessions, on either side of the
//! function; content is a chunk of MSRP as it came, so that what is deferred is content when it is taken, and an event alone
//! when it is delivered.
//!
//! Simplified: a task knows the sessions that begin while it is active; tasks are kept in memory, and are given anew to a
//! function that starts anew; of the requests of X1 those are known that this needs.

mod audit;
mod observing;
mod orders;

pub use audit::Audit;

use crate::call::Mechanics;
use crate::config::Interception;
use crate::neighbours::{administration, mediation};
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::Task;
use cpm_wire::x2x3::{Attribute, Kind, Pdu, format};
use observing::{Found, Observing};
use std::collections::{BTreeMap, HashMap};

/// A task, and whom it is about.
struct Active {
    task: Task,
    /// The canonical forms of its targets, in their order.
    users: Vec<String>,
}

/// The tasks, and what is seen of their targets.
#[derive(Default)]
pub struct LawfulInterception {
    config: Option<Interception>,
    tasks: BTreeMap<Uuid, Active>,
    by_user: HashMap<String, Vec<Uuid>>,
    observing: Observing,
    audit: Audit,
}

impl LawfulInterception {
    /// No tasks yet; without a configuration there never are any.
    pub fn new(config: Option<&Interception>) -> LawfulInterception {
        let audit = Audit::new(config.is_some_and(|config| config.audit.is_some()));
        LawfulInterception { config: config.cloned(), audit, ..LawfulInterception::default() }
    }

    /// Takes orders, and hands over what has passed.
    pub fn serve(&mut self, m: &mut Mechanics) {
        // What has passed before an order is not about it.
        self.hand_over(m);
        while let Some(told) = m.administration.poll_told() {
            match told {
                administration::Told::Asked { connection, names, request } => {
                    self.asked(m, connection, &names, &request);
                }
                administration::Told::Refused { remote, why } => self.audit.refused(m.now, remote, why),
            }
        }
        while let Some(told) = m.mediation.poll_told() {
            let (did, state) = match told {
                mediation::Told::Open(did) => (did, "open"),
                mediation::Told::Closed(did) => (did, "closed"),
                mediation::Told::Lost(did) => (did, "lost"),
            };
            self.audit.delivery(m.now, did, state);
        }
    }

    /// The next line of the audit log.
    pub fn poll_audit(&mut self) -> Option<String> {
        self.audit.poll()
    }

    fn hand_over(&mut self, m: &mut Mechanics) {
        while let Some(seen) = m.sip.seen.poll() {
            let tasked = |user: &str| self.by_user.contains_key(user);
            let Some(found) = self.observing.sip(&seen, tasked) else { continue };
            let (local, remote) = (m.sip.local(), seen.remote);
            let (source, destination) = if seen.inbound { (remote, local) } else { (local, remote) };
            let places = Attribute::source(source).into_iter().chain(Attribute::destination(destination)).collect();
            let payload = seen.message.octets().clone();
            self.deliver(m, &found, Kind::X2, format::SIP, (payload, places));
        }
        while let Some(chunk) = m.media.seen.poll() {
            let Some(found) = self.observing.msrp(&chunk) else { continue };
            self.deliver(m, &found, Kind::X3, format::MSRP, (chunk.octets().clone(), Vec::new()));
        }
    }

    /// Hands something over for each task about the user.
    fn deliver(
        &mut self,
        m: &mut Mechanics,
        found: &Found,
        kind: Kind,
        format: u16,
        (payload, places): (bytes::Bytes, Vec<Attribute>),
    ) {
        for xid in self.by_user.get(&found.user).cloned().unwrap_or_default() {
            let Some(active) = self.tasks.get(&xid) else { continue };
            let wanted = match kind {
                Kind::X3 => active.task.delivery.has_content(),
                _ => active.task.delivery.has_events(),
            };
            if !wanted {
                continue;
            }
            let mut pdu = Pdu::of(kind, format, found.direction, xid, payload.clone());
            pdu.correlation = found.correlation;
            pdu.attributes.push(Attribute::sequence_number(self.observing.number(xid, found.correlation, kind)));
            pdu.attributes.push(Attribute::timestamp(m.now));
            pdu.attributes.extend(places.iter().cloned());
            let named = active.users.iter().position(|user| *user == found.user);
            let target = named.and_then(|at| active.task.targets.get(at));
            pdu.attributes.extend(target.map(|target| Attribute::matched_target(&target.value)));
            let octets = pdu.to_octets();
            for did in &active.task.destinations {
                let takes = m.mediation.takes(*did);
                if takes.is_some_and(|takes| if kind == Kind::X3 { takes.has_content() } else { takes.has_events() }) {
                    m.mediation.hand_over(m.now, *did, octets.clone());
                }
            }
        }
    }
}
