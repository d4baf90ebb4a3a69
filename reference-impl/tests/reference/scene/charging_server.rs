//! The charging server: it remembers what it is told, and grants what the script has it grant.

use cpm_reference::config::ChargingAccess;
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::peer::{Event, Identity, Over, Peer};
use cpm_wire::diameter::{Builder, Group, Message, Value, command, result};
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3868);

/// How the function gets there.
pub fn access() -> ChargingAccess {
    ChargingAccess::at(ADDRESS)
}

/// What is answered to a question about credit.
#[derive(Clone)]
pub enum Credit {
    /// This result and no more.
    Result(u32),
    /// Units of a type, and whether they are the last.
    Units(Definition, u64, bool),
    /// They hold for so many seconds.
    ValidFor(u32),
}

#[derive(Default)]
pub struct ChargingServer {
    /// False for a server that cannot be reached.
    pub is_there: bool,
    /// It takes what it gets, and says nothing.
    pub is_silent: bool,
    /// What ACRs are answered with.
    pub accounting_result: Option<u32>,
    pub credit: Option<Credit>,
    /// Credit-Control-Failure-Handling in each answer.
    pub failure_handling: Option<i32>,
    /// All requests of the function, in order.
    pub asked: Vec<Message>,
    /// How often the function has said that it leaves.
    pub parted: usize,
    /// What the function answered.
    pub answers: Vec<Message>,
    lines: HashMap<ConnectionId, Peer>,
}

impl ChargingServer {
    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.is_there && address == ADDRESS
    }

    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Accepted { local, .. } => *local == ADDRESS,
            Input::Received { connection, .. } | Input::Closed { connection, .. } => {
                self.lines.contains_key(connection)
            }
            Input::Connected { .. } | Input::Authenticated { .. } | Input::Datagram { .. } => false,
        }
    }

    pub fn receive(&mut self, now: Time, input: Input) -> Vec<Output> {
        let identity = Arc::new(Identity::charging("ocs.example.com", "example.com", "scene"));
        match input {
            Input::Accepted { connection, local, .. } => {
                self.lines.insert(connection, Peer::accepted(now, identity, local.ip(), 1));
                Vec::new()
            }
            Input::Received { connection, octets } => {
                let mut peer = self.lines.remove(&connection).unwrap();
                peer.receive(now, octets);
                while let Some(event) = peer.poll_event() {
                    match event {
                        Event::Request(request) => {
                            self.asked.push(request.clone());
                            if !self.is_silent {
                                peer.answer(&self.answer(&request, &identity));
                            }
                        }
                        Event::Answer(_, answer) => self.answers.push(answer),
                        Event::Open(_) => {}
                        Event::Over(Over::Left(_)) => self.parted += 1,
                        Event::Over(over) => panic!("{over:?}"),
                    }
                }
                self.said(connection, peer)
            }
            Input::Closed { connection, .. } => {
                self.lines.remove(&connection);
                Vec::new()
            }
            other => panic!("{other:?}"),
        }
    }

    fn said(&mut self, connection: ConnectionId, mut peer: Peer) -> Vec<Output> {
        let octets = std::iter::from_fn(|| peer.poll_octets());
        let said = octets.map(|octets| Output::Send { connection, octets }).collect();
        self.lines.insert(connection, peer);
        said
    }

    /// Nothing goes over the connections any more that there were.
    pub fn hang_up(&mut self) -> Vec<ConnectionId> {
        self.is_there = false;
        self.lines.drain().map(|(connection, _)| connection).collect()
    }

    /// Says these octets on the connection there is.
    pub fn say(&self, octets: &'static [u8]) -> Output {
        let connection = *self.lines.keys().next().expect("a connection");
        Output::Send { connection, octets: octets.into() }
    }

    /// Asks the function something.
    pub fn ask(&mut self, request: &Message) -> Vec<Output> {
        let connection = *self.lines.keys().next().expect("a connection");
        let mut peer = self.lines.remove(&connection).unwrap();
        peer.request(request).expect("an open connection");
        self.said(connection, peer)
    }

    fn answer(&self, request: &Message, identity: &Identity) -> Message {
        let answer = request.answer();
        let copied = |answer: Builder, definitions: &[Definition]| {
            let avps = definitions.iter().filter_map(|definition| request.find(definition));
            avps.fold(answer, |answer, avp| answer.raw(avp.code, avp.flags, avp.vendor, avp.data))
        };
        if request.header().command == command::ACCOUNTING {
            let answer = answer.avp(&RESULT_CODE, self.accounting_result.unwrap_or(result::SUCCESS));
            let definitions = [ACCOUNTING_RECORD_TYPE, ACCOUNTING_RECORD_NUMBER, ACCT_APPLICATION_ID];
            return copied(identity.sign(answer), &definitions).build().unwrap();
        }
        let ends = number(request, &CC_REQUEST_TYPE) == 3 || action(request) == Some(1);
        let credit = self.credit.clone().filter(|_| !ends);
        let code = match credit {
            Some(Credit::Result(code)) => code,
            _ => result::SUCCESS,
        };
        let answer = identity.sign(answer.avp(&RESULT_CODE, code));
        let answer = copied(answer, &[AUTH_APPLICATION_ID, CC_REQUEST_TYPE, CC_REQUEST_NUMBER]);
        let handling = self.failure_handling.into_iter();
        let answer = handling
            .fold(answer, |answer, handling| answer.avp(&CREDIT_CONTROL_FAILURE_HANDLING, Value::Integer32(handling)));
        match credit {
            Some(Credit::Units(definition, units, last)) => {
                answer.group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| granted(group, &definition, units, last))
            }
            Some(Credit::ValidFor(seconds)) => answer.avp(&VALIDITY_TIME, seconds),
            _ => answer,
        }
        .build()
        .unwrap()
    }

    /// The accounting records that came, by type and number.
    pub fn records(&self) -> Vec<(u32, u32)> {
        let records = self.asked.iter().filter(|one| one.header().command == command::ACCOUNTING);
        let said = |one: &Message| (number(one, &ACCOUNTING_RECORD_TYPE), number(one, &ACCOUNTING_RECORD_NUMBER));
        records.map(said).collect()
    }

    /// The questions about credit that came, by type and number.
    pub fn questions(&self) -> Vec<(u32, u32)> {
        let said = |one: &Message| (number(one, &CC_REQUEST_TYPE), number(one, &CC_REQUEST_NUMBER));
        self.credits().map(said).collect()
    }

    pub fn credits(&self) -> impl Iterator<Item = &Message> {
        self.asked.iter().filter(|one| one.header().command == command::CREDIT_CONTROL)
    }
}

impl super::Scene {
    /// The charging server asks the function something.
    pub fn charging_asks(&mut self, request: &Message) {
        let said = self.charging.ask(request);
        said.into_iter().for_each(|output| self.peer_output(output));
        self.run();
    }

    /// The charging server says these octets.
    pub fn charging_says(&mut self, octets: &'static [u8]) {
        let said = self.charging.say(octets);
        self.peer_output(said);
        self.run();
    }

    /// The charging server is gone, with its connections.
    pub fn charging_goes(&mut self) {
        for connection in self.charging.hang_up() {
            self.cut(connection, Closing::Reset);
        }
        self.run();
    }
}

fn granted(group: Group, definition: &Definition, units: u64, last: bool) -> Group {
    let group = group.group(&GRANTED_SERVICE_UNIT, |group| match definition.kind {
        Kind::Unsigned32 => group.avp(definition, units as u32),
        _ => group.avp(definition, units),
    });
    match last {
        true => group.group(&FINAL_UNIT_INDICATION, |group| group.avp(&FINAL_UNIT_ACTION, Value::Integer32(0))),
        false => group,
    }
}

/// An AVP of four octets.
pub fn number(message: &Message, definition: &Definition) -> u32 {
    message.find(definition).unwrap().unsigned32().unwrap()
}

/// Requested-Action.
pub fn action(message: &Message) -> Option<u32> {
    message.find(&REQUESTED_ACTION).map(|action| action.unsigned32().unwrap())
}

/// A text in IMS-Information.
pub fn told(message: &Message, definition: &Definition) -> Option<String> {
    let information = message.find(&SERVICE_INFORMATION)?.group().find(&IMS_INFORMATION)?;
    Some(information.group().find(definition)?.text().unwrap().to_owned())
}

/// Four octets in IMS-Information.
pub fn said(message: &Message, definition: &Definition) -> Option<i32> {
    let information = message.find(&SERVICE_INFORMATION)?.group().find(&IMS_INFORMATION)?;
    Some(information.group().find(definition)?.integer32().unwrap())
}

/// Who is charged, in a record or in a question.
pub fn subscriber(message: &Message) -> String {
    let within = || message.find(&SERVICE_INFORMATION)?.group().find(&SUBSCRIPTION_ID);
    let subscription = message.find(&SUBSCRIPTION_ID).or_else(within).unwrap();
    subscription.group().find(&SUBSCRIPTION_ID_DATA).unwrap().text().unwrap().to_owned()
}

/// Seconds, octets and messages that were used, if that is said.
pub fn used(message: &Message) -> Option<(u32, u64, u64)> {
    let used = message.find(&MULTIPLE_SERVICES_CREDIT_CONTROL)?.group().find(&USED_SERVICE_UNIT)?;
    let long = |definition: &Definition| used.group().find(definition).unwrap().unsigned64().unwrap();
    let seconds = used.group().find(&CC_TIME).unwrap().unsigned32().unwrap();
    Some((seconds, long(&CC_TOTAL_OCTETS), long(&CC_SERVICE_SPECIFIC_UNITS)))
}
