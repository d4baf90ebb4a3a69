//! What a hook of the profile hands over of users under interception, where the target has another form than TS 103 221: the
//! same messages, without their PDUs.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use bytes::Bytes;
use cpm_wire::uuid::Uuid;

use super::{HANDED, Handed, Interception, Kind, Payload, Way, format};
use crate::evidence::{Direction, Event, Intercepted, InterceptedAs, Octets, Protocol, Towards, Transport};
use crate::story::cast::Cast;
use crate::story::legs::When;
use crate::story::transfer_coding;
use cpm_wire::x2x3::Pdu;

/// Questions kept of one scenario.
const QUESTIONS: usize = 10_000;

impl Interception {
    /// Where a hook was asked last what was intercepted of a person.
    pub fn asked_about(&self, person: &str) -> Option<u64> {
        self.asked.iter().rev().find(|(_, about)| about == person).map(|(frame, _)| *frame)
    }

    /// Takes what a hook hands over: all of it so far, of which what came before is nothing new. False where there is too much.
    pub(in crate::story) fn handed_over(&mut self, when: When, event: &Event, cast: &Cast) -> bool {
        let Event::HandedOver { person, task, items } = event else { return true };
        if self.asked.len() < QUESTIONS {
            self.asked.push((when.frame, person.clone()));
        }
        let Ok(task) = Uuid::from_str(task) else { return true };
        let mut listed: HashMap<&Intercepted, usize> = HashMap::new();
        let mut fits = true;
        for item in items {
            let times = listed.entry(item).or_default();
            *times += 1;
            let known = self.known.entry((task, item.clone())).or_default();
            if *known >= *times {
                continue;
            }
            *known += 1;
            fits &= self.handed.len() < HANDED;
            if fits {
                self.piece(when, task, item, cast);
            }
        }
        fits
    }

    fn piece(&mut self, when: When, task: Uuid, item: &Intercepted, cast: &Cast) {
        let (kind, format) = match item.protocol {
            InterceptedAs::Sip => (Kind::X2, format::SIP),
            InterceptedAs::Msrp => (Kind::X3, format::MSRP),
            InterceptedAs::Other => (Kind::X2, 0),
        };
        let way = match item.direction {
            Towards::ToUser => Way::ToTarget,
            Towards::FromUser => Way::FromTarget,
        };
        let plain = || Some(item.message.as_bytes().to_vec());
        let octets = if item.base64 { transfer_coding::base64(item.message.as_bytes()) } else { plain() };
        let octets = Bytes::from(octets.unwrap_or_default());
        let payload = match item.protocol {
            InterceptedAs::Other => Payload::Other(octets),
            InterceptedAs::Sip | InterceptedAs::Msrp => {
                let pdu = Pdu { correlation: item.correlation, ..Pdu::of(kind, format, way, task, octets.clone()) };
                self.payload(when, &carried(octets), &pdu, cast)
            }
        };
        let (correlation, frame, at) = (item.correlation, when.frame, when.at);
        self.handed.push(Handed { frame, at, kind, format, way, task, correlation, payload });
    }
}

/// Octets that crossed no socket of the tester.
fn carried(octets: Bytes) -> Octets {
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    Octets {
        actor: "".into(),
        step: 0,
        protocol: Protocol::X2x3,
        transport: Transport::Tcp,
        direction: Direction::Received,
        local: nowhere,
        remote: nowhere,
        connection: None,
        octets,
        malformed: None,
    }
}
