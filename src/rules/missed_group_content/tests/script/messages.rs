//! Messages in the sessions of a script, and outside of them.

use super::octets::{Request, chunk};
use super::{Script, Wire};
use crate::evidence::{Direction, Protocol};

impl Script {
    /// A SEND from the tester's side, with the target's answer; none when the status is 0.
    pub fn sends(&mut self, leg: &Wire, content: &str, status: u16) -> u64 {
        self.send(leg, Direction::Sent, "message/cpim", content.as_bytes(), status)
    }

    /// A SEND of the target, with the tester's answer; none when the status is 0.
    pub fn gets(&mut self, leg: &Wire, content: &str, status: u16) -> u64 {
        self.send(leg, Direction::Received, "message/cpim", content.as_bytes(), status)
    }

    /// A SEND in one chunk. Gives the number of its frame.
    pub fn send(&mut self, leg: &Wire, direction: Direction, kind: &str, content: &[u8], status: u16) -> u64 {
        let n = self.next();
        let total = content.len();
        let chunk = chunk(leg, direction, n, &format!("mid-{n}"), kind, content, (1, total), '$');
        let frame = self.octets(Protocol::Msrp, &leg.actor, Some(leg.connection), direction, chunk);
        self.answers(leg, direction, n, status);
        frame
    }

    /// The answer to the SEND with transaction number `n`.
    pub fn answers(&mut self, leg: &Wire, direction: Direction, n: u32, status: u16) {
        if status == 0 {
            return;
        }
        let (to, from, back) = match direction {
            Direction::Sent => (&leg.own_path, &leg.target_path, Direction::Received),
            Direction::Received => (&leg.target_path, &leg.own_path, Direction::Sent),
        };
        let octets =
            format!("MSRP tid{n} {status} whatever\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n-------tid{n}$\r\n");
        self.octets(Protocol::Msrp, &leg.actor, Some(leg.connection), back, octets);
    }

    /// A SEND without a body, as the side that opens a connection sends it.
    pub fn bodiless(&mut self, leg: &Wire, status: u16) -> u64 {
        let n = self.next();
        let octets = format!(
            "MSRP tid{n} SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: mid-{n}\r\nByte-Range: 1-0/0\r\n-------tid{n}$\r\n",
            leg.target_path, leg.own_path
        );
        let frame = self.octets(Protocol::Msrp, &leg.actor, Some(leg.connection), Direction::Sent, octets);
        self.answers(leg, Direction::Sent, n, status);
        frame
    }

    /// The number that the next request gets; its MSRP Message-ID is `mid-` and the number.
    pub fn upcoming(&self) -> u32 {
        self.count + 1
    }

    /// A MESSAGE with a CPIM body, answered 200.
    pub fn pages(&mut self, direction: Direction, to: &str, headers: &str, content: &str) -> u64 {
        self.pages_as(direction, to, headers, "message/cpim", content)
    }

    /// A MESSAGE with a body of this type, answered 200.
    pub fn pages_as(&mut self, direction: Direction, to: &str, headers: &str, kind: &str, content: &str) -> u64 {
        let n = self.next();
        let request = Request::new("MESSAGE", to, n).headers(headers).body(kind, content);
        let frame = self.sip(direction, request.octets());
        let back = if direction == Direction::Sent { Direction::Received } else { Direction::Sent };
        self.sip(back, request.answer(200, "", ""));
        frame
    }
}
