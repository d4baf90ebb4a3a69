//! Orders: a connection for each, by whoever gives it, and the answer, which the rules read.

use super::{ADMINISTRATION, MediationFunction};
use crate::actors::ids::Ids;
use crate::actors::media::Links;
use crate::actors::outbox::Stream;
use crate::actors::{Ensemble, Person};
use crate::evidence::{ConnectionWhat, Event, Protocol};
use bytes::Bytes;
use cpm_wire::io::{Closing, ConnectionId, Output};
use cpm_wire::time::Time;
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::{self, Asked, Delivery, Destination, Header, Request, TargetIdentifier, Task};
use std::net::SocketAddr;

/// Where a network function takes orders, below its address.
const PATH: &str = "/X1/NE";

/// Who orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The administration that the target knows.
    Administration,
    /// Somebody with a certificate whom it does not know.
    Stranger,
    /// Somebody with the name of the administration, and a certificate of another authority.
    Impostor,
    /// Somebody who does not say who it is.
    Nobody,
}

/// An order that waits for its answer.
pub(super) struct Waiting {
    stream: Stream,
    /// What is to be said once the connection is there; none when it has been.
    order: Option<Bytes>,
    answer: x1::http::Framer,
}

impl MediationFunction {
    /// Orders the interception of a person.
    pub fn orders(&mut self, who: Who, person: &Person, now: Time, ids: &mut Ids, links: &mut Links) {
        let task = uuid(ids);
        let (address, delivery, did) = (self.advertise, Delivery::X2andX3, self.destination);
        let targets = person.identities.iter().filter_map(|identity| target(identity)).collect();
        // Whoever it is that orders without authority has a destination of its own.
        let did = if who == Who::Administration { did } else { uuid(ids) };
        let friendly_name = Some("mediation".to_owned());
        let destination = Asked::CreateDestination(Destination { did, friendly_name, delivery, address });
        let asked = Asked::ActivateTask(Task { xid: task, targets, delivery, destinations: vec![did] });
        // The destination is there from the first order on.
        let is_first = who != Who::Administration || self.last.is_none();
        let asked: Vec<Asked> = is_first.then_some(destination).into_iter().chain([asked]).collect();
        if who == Who::Administration {
            self.tasks.insert(person.name.clone(), task);
            self.last = Some((person.name.clone(), task));
        }
        self.sends(who, (&person.name, task, false), &asked, (now, ids), links);
    }

    /// Ends the interception of a person; false where none was ordered.
    pub fn ends(&mut self, person: &str, now: Time, ids: &mut Ids, links: &mut Links) -> bool {
        let Some(task) = self.tasks.remove(person) else { return false };
        self.sends(Who::Administration, (person, task, true), &[Asked::DeactivateTask(task)], (now, ids), links);
        true
    }

    /// Ends every interception that the administration ordered, and takes back where things are handed over.
    pub fn leaves(&mut self, now: Time, ids: &mut Ids, links: &mut Links) {
        let Some((person, task)) = self.last.take() else { return };
        let ended = std::mem::take(&mut self.tasks).into_values().map(Asked::DeactivateTask);
        let asked: Vec<Asked> = ended.chain([Asked::RemoveDestination(self.destination)]).collect();
        self.sends(Who::Administration, (&person, task, true), &asked, (now, ids), links);
    }

    /// Whether every order has its answer, or none to hope for.
    pub fn is_answered(&self) -> bool {
        self.waiting.is_empty()
    }

    fn sends(
        &mut self,
        who: Who,
        (person, task, ends): (&str, Uuid, bool),
        asked: &[Asked],
        (now, ids): (Time, &mut Ids),
        links: &mut Links,
    ) {
        let (connection, number, remote) = (links.open(), links.number(), self.access.x1);
        let authorised = who == Who::Administration;
        links.out.event(Event::Interception {
            person: person.to_owned(),
            task: task.to_string(),
            ends,
            authorised,
            connection: Some(number),
        });
        let mut header = || Header {
            admf: self.access.administration.to_string(),
            ne: "participating-function".to_owned(),
            timestamp: now.to_rfc3339(),
            version: x1::VERSION.to_owned(),
            transaction: uuid(ids),
        };
        let requests: Vec<Request> =
            asked.iter().map(|asked| Request { header: header(), asked: asked.clone() }).collect();
        let octets = x1::http::post(PATH, &remote.to_string(), x1::MEDIA_TYPE, &x1::write_requests(&requests));
        let stream =
            Stream { actor: ADMINISTRATION.into(), protocol: Protocol::Http, number, local: self.address, remote };
        let identity = match who {
            Who::Administration => Some(self.access.administration.clone()),
            Who::Stranger => Some(self.access.stranger.clone()),
            Who::Impostor => self.access.impostor.clone(),
            Who::Nobody => self.access.nobody.clone(),
        };
        links.out.net(match identity {
            Some(identity) => Output::ConnectSecured { connection, remote, identity },
            None => Output::Connect { connection, remote },
        });
        let answer = x1::http::Framer::responses();
        self.waiting.insert(connection, Waiting { stream, order: Some(octets), answer });
    }

    pub(super) fn connected(&mut self, connection: ConnectionId, ends: (SocketAddr, SocketAddr), links: &mut Links) {
        let Some(waiting) = self.waiting.get_mut(&connection) else { return };
        (waiting.stream.local, waiting.stream.remote) = ends;
        links.out.connection(&waiting.stream, ConnectionWhat::Opened);
        if let Some(order) = waiting.order.take() {
            links.out.stream(&waiting.stream, connection, order, None);
        }
    }

    /// An answer that is whole ends the connection: it was for this order alone.
    pub(super) fn answered(&mut self, connection: ConnectionId, octets: Bytes, links: &mut Links) {
        let Some(waiting) = self.waiting.get_mut(&connection) else { return };
        links.out.received(&waiting.stream, octets.clone());
        waiting.answer.push(&octets);
        // What is no answer that can be framed ends with the connection.
        if !matches!(waiting.answer.next(), Some(Ok(_))) {
            return;
        }
        links.out.connection(&waiting.stream, ConnectionWhat::Finished { by_target: false });
        links.out.net(Output::Close { connection });
        self.waiting.remove(&connection);
    }

    pub(super) fn ended(&mut self, connection: ConnectionId, how: Closing, links: &mut Links) {
        let Some(waiting) = self.waiting.remove(&connection) else { return };
        links.out.connection(&waiting.stream, how.into());
        if how == Closing::Finished {
            links.out.net(Output::Close { connection });
        }
    }
}

/// How a person is named in an order.
fn target(identity: &str) -> Option<TargetIdentifier> {
    let kind = match identity.split(':').next()? {
        "sip" | "sips" => "sipUri",
        "tel" => "telUri",
        _ => return None,
    };
    Some(TargetIdentifier { kind: kind.to_owned(), value: identity.to_owned() })
}

/// A name of version 4.
pub fn uuid(ids: &mut Ids) -> Uuid {
    let (high, low) = (ids.bits().to_be_bytes(), ids.bits().to_be_bytes());
    let mut octets = [0; 16];
    octets.iter_mut().zip(high.into_iter().chain(low)).for_each(|(octet, bits)| *octet = bits);
    Uuid::random(octets)
}

impl Ensemble {
    /// Orders the interception of a person; false where nobody can.
    pub fn intercepts(&mut self, who: Who, name: &str) -> bool {
        let (Some(mediation), Some(person)) = (&mut self.mediation, self.people.get(name)) else { return false };
        let signalling = &mut self.signalling;
        mediation.orders(who, person, signalling.now, &mut signalling.ids, &mut signalling.links);
        true
    }

    /// Ends every interception.
    pub fn nobody_is_watched(&mut self) {
        let signalling = &mut self.signalling;
        if let Some(mediation) = &mut self.mediation {
            mediation.leaves(signalling.now, &mut signalling.ids, &mut signalling.links);
        }
    }

    /// Whether no order waits for its answer.
    pub fn orders_are_answered(&self) -> bool {
        self.mediation.as_ref().is_none_or(MediationFunction::is_answered)
    }

    /// Ends the interception of a person; false where there is none.
    pub fn intercepts_no_more(&mut self, name: &str) -> bool {
        let signalling = &mut self.signalling;
        self.mediation
            .as_mut()
            .is_some_and(|mediation| mediation.ends(name, signalling.now, &mut signalling.ids, &mut signalling.links))
    }
}
