//! The exchange as lines of text: who sent what to whom, one line a message. For the failure block.

use super::words::{fate, first_line};
use crate::evidence::{Direction, Event, Record, What};

/// The last `most` lines of an exchange.
#[must_use]
pub fn lines(records: &[Record], most: usize) -> Vec<String> {
    let numbered = records.iter().enumerate().rev();
    let told = numbered.filter_map(|(index, record)| line(record).map(|line| format!("{} {line}", index + 1)));
    let mut lines: Vec<String> = told.take(most).collect();
    lines.reverse();
    lines
}

fn line(record: &Record) -> Option<String> {
    match &record.what {
        What::Octets(octets) => {
            let arrow = match octets.direction {
                Direction::Sent => "->",
                Direction::Received => "<-",
            };
            first_line(octets.protocol, &octets.octets).map(|what| format!("{} {arrow} {what}", octets.actor))
        }
        What::Connection(connection) => fate(connection.what).map(|what| format!("{} {what}", connection.actor)),
        What::Event(Event::Awaited { rule, ms, .. }) => Some(format!("after {ms} ms no {rule}")),
        What::Event(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use cpm_wire::time::Time;
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::evidence::{Connection, ConnectionWhat, Octets, Protocol, Transport};

    fn octets(actor: &str, protocol: Protocol, direction: Direction, octets: &'static str) -> Record {
        let here = "127.0.0.1:1".parse().unwrap();
        Record {
            at: Time::ZERO,
            what: What::Octets(Octets {
                actor: Arc::from(actor),
                step: 1,
                protocol,
                transport: Transport::Tcp,
                direction,
                local: here,
                remote: here,
                connection: None,
                octets: Bytes::from_static(octets.as_bytes()),
                malformed: None,
            }),
        }
    }

    #[test]
    fn the_last_lines_say_who_sent_what() {
        let here = "127.0.0.1:1".parse().unwrap();
        let reset = Connection {
            actor: Arc::from("device/Bob/phone"),
            step: 1,
            connection: 1,
            local: here,
            remote: here,
            what: ConnectionWhat::Reset { by_target: true },
        };
        let records = [
            octets("serving_cscf", Protocol::Sip, Direction::Sent, "REGISTER sip:a@b SIP/2.0\r\n\r\n"),
            octets("serving_cscf", Protocol::Sip, Direction::Sent, "INVITE sip:bob@b;gr=1 SIP/2.0\r\n\r\n"),
            Record { at: Time::ZERO, what: What::Event(Event::StepEnded { index: 1 }) },
            octets("serving_cscf", Protocol::Sip, Direction::Received, "SIP/2.0 480 Temporarily Unavailable\r\n\r\n"),
            octets("focus/g", Protocol::Msrp, Direction::Sent, "MSRP a786hjs2 SEND\r\nTo-Path: x\r\n"),
            octets("focus/g", Protocol::Msrp, Direction::Sent, "the middle of a chunk"),
            octets("focus/g", Protocol::Msrp, Direction::Received, "MSRP a786hjs2 200 OK\r\n"),
            Record { at: Time::ZERO, what: What::Connection(reset) },
        ];
        let expected = [
            "2 serving_cscf -> INVITE sip:bob@b",
            "4 serving_cscf <- 480 Temporarily Unavailable",
            "5 focus/g -> SEND",
            "7 focus/g <- 200 OK",
            "8 device/Bob/phone connection reset by the target",
        ];
        assert_eq!(lines(&records, 5), expected);
    }
}
