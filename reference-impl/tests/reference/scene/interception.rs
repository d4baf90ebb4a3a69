//! The administration and mediation of the neighbourhood: orders in, what was intercepted out.

use super::Scene;
use bytes::Bytes;
use cpm_reference::core::Input;
use cpm_wire::io::{self, Closing, ConnectionId};
use cpm_wire::sip::Message;
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::http::{self, Framer};
use cpm_wire::x1::{
    self, Asked, Delivery, Destination, Header, Outcome, Request, Response, TargetIdentifier, Task, VERSION,
};
use cpm_wire::x2x3::{self, Kind, Pdu};
use std::collections::HashMap;

/// Who may give orders.
pub const ADMINISTRATION: &str = "admf.example.com";
pub const DESTINATION: Uuid = Uuid([0xD1; 16]);
pub const TASK: Uuid = Uuid([0x7A; 16]);

#[derive(Default)]
pub struct Interception {
    /// While true nobody can connect to the mediation function.
    pub away: bool,
    /// What was handed over.
    pub pdus: Vec<Pdu>,
    mediation: HashMap<ConnectionId, x2x3::Framer>,
    /// What came back on connections of the administration.
    orders: HashMap<ConnectionId, Vec<u8>>,
    opened: u64,
}

impl Interception {
    /// The function opens a connection; gives what it hears.
    pub fn connects(&mut self, connection: ConnectionId, remote: std::net::SocketAddr) -> Vec<io::Input> {
        if self.away {
            return vec![io::Input::Closed { connection, how: Closing::Refused }];
        }
        self.mediation.insert(connection, x2x3::Framer::default());
        let local = super::address(41_000);
        let names = vec!["mdf.example.com".to_owned()];
        vec![io::Input::Connected { connection, local, remote }, io::Input::Authenticated { connection, names }]
    }

    /// True for octets of these interfaces.
    pub fn takes(&mut self, connection: ConnectionId, octets: &Bytes) -> bool {
        if let Some(back) = self.orders.get_mut(&connection) {
            back.extend_from_slice(octets);
            return true;
        }
        let Some(framer) = self.mediation.get_mut(&connection) else { return false };
        framer.push(octets);
        while let Some(next) = framer.next() {
            self.pdus.push(Pdu::parse(next.unwrap()).unwrap());
        }
        true
    }

    /// The connections of the mediation function break.
    pub fn breaks(&mut self) -> Vec<ConnectionId> {
        std::mem::take(&mut self.mediation).into_keys().collect()
    }

    /// A connection that broke did not.
    pub fn listens_again(&mut self, connection: ConnectionId) {
        self.mediation.insert(connection, x2x3::Framer::default());
    }

    /// The SIP messages that were handed over.
    pub fn events(&self) -> Vec<Message> {
        let events = self.pdus.iter().filter(|pdu| pdu.kind == Kind::X2);
        events.map(|pdu| Message::parse(pdu.payload.clone()).unwrap()).collect()
    }

    /// The contents that were handed over.
    pub fn contents(&self) -> Vec<&Pdu> {
        self.pdus.iter().filter(|pdu| pdu.kind == Kind::X3).collect()
    }
}

/// A request of the administration.
pub fn request(asked: Asked) -> Request {
    let header = Header {
        admf: ADMINISTRATION.to_owned(),
        ne: "pf.example.com".to_owned(),
        timestamp: "2026-01-31T09:05:07.250000Z".to_owned(),
        version: VERSION.to_owned(),
        transaction: Uuid::random([9; 16]),
    };
    Request { header, asked }
}

pub fn destination() -> Asked {
    let address = super::address(6514);
    let friendly_name = Some("mediation".to_owned());
    Asked::CreateDestination(Destination { did: DESTINATION, friendly_name, delivery: Delivery::X2andX3, address })
}

pub fn task(xid: Uuid, target: &str, delivery: Delivery) -> Asked {
    let targets = vec![TargetIdentifier { kind: "sipUri".to_owned(), value: target.to_owned() }];
    Asked::ActivateTask(Task { xid, targets, delivery, destinations: vec![DESTINATION] })
}

impl Scene {
    /// Somebody opens a connection to X1, bears these names unless there are none, and says this; gives all that comes back.
    pub fn says_to_x1(&mut self, names: Option<&[&str]>, octets: &[u8]) -> String {
        self.interception.opened += 1;
        let connection = ConnectionId::accepted((1 << 40) + self.interception.opened);
        let (local, remote) = (self.config.interception.as_ref().unwrap().listen, super::address(42_000));
        self.interception.orders.insert(connection, Vec::new());
        let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let authenticated = names.map(|names| io::Input::Authenticated { connection, names });
        let accepted = io::Input::Accepted { connection, local, remote };
        let received = io::Input::Received { connection, octets: Bytes::copy_from_slice(octets) };
        for input in [Some(accepted), authenticated, Some(received)].into_iter().flatten() {
            self.core.handle_input(self.now, Input::Net(input));
        }
        self.run();
        let back = self.interception.orders.remove(&connection).unwrap_or_default();
        String::from_utf8(back).unwrap()
    }

    /// Somebody of these names gives orders; gives the status, and what became of them.
    pub fn orders(&mut self, names: &[&str], asked: Vec<Asked>) -> (u16, Vec<Response>) {
        let requests: Vec<Request> = asked.into_iter().map(request).collect();
        let octets = http::post("/X1", "pf.example.com", x1::MEDIA_TYPE, &x1::write_requests(&requests));
        let back = self.says_to_x1(Some(names), &octets);
        let mut framer = Framer::responses();
        framer.push(back.as_bytes());
        let message = framer.next().unwrap().unwrap();
        (message.status().unwrap(), x1::read_responses(&message.body).unwrap())
    }

    /// The administration gives an order, which is obeyed.
    pub fn order(&mut self, asked: Asked) {
        let (status, responses) = self.orders(&[ADMINISTRATION], vec![asked]);
        assert_eq!((status, &responses[0].outcome), (200, &Outcome::Completed));
    }

    /// A user is intercepted from now on.
    pub fn intercept(&mut self, target: &str) {
        self.order(destination());
        self.order(task(TASK, target, Delivery::X2andX3));
    }
}
