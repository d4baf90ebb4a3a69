//! What was seen of the target besides what rules look at: messages by enabler [PF-ENB-01], what it calls itself, how its clock
//! goes, how long its answers took. Octets are looked at, and nothing is judged.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use cpm_wire::msrp::{self, Framer};
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;

use super::timing::Stopwatch;
use crate::evidence::{Direction, Octets, Protocol, Record, What};
use crate::report::style::{cut, one_line};
use crate::report::{Enabler, Seen};

/// So many characters of the name of a product are kept.
const NAME: usize = 200;

/// What was seen of the target in this evidence.
pub(super) fn seen(records: &[Record]) -> Seen {
    let mut looker = Looker::default();
    for record in records {
        if let What::Octets(octets) = &record.what {
            looker.take(record.at, octets);
        }
    }
    let Looker { mut seen, names, own_names, .. } = looker;
    names.difference(&own_names).for_each(|name| seen.name(name.clone()));
    seen
}

#[derive(Default)]
struct Looker<'a> {
    seen: Seen,
    streams: HashMap<(&'a str, Option<u64>, Direction), Framer>,
    watch: Stopwatch,
    /// What messages of the target say who made them. It passes on what others say of themselves, too ..
    names: BTreeSet<String>,
    /// .. such as the tester.
    own_names: BTreeSet<String>,
    /// Dates of the tester, which come back as well.
    own_dates: BTreeSet<String>,
}

impl<'a> Looker<'a> {
    fn take(&mut self, at: Time, octets: &'a Octets) {
        let received = octets.direction == Direction::Received;
        match octets.protocol {
            Protocol::Sip => {
                if received {
                    self.seen.add(of_sip(&octets.octets), 1);
                }
                if let Ok(message) = Message::parse(octets.octets.clone()) {
                    self.sip(at, octets.direction, &message);
                }
            }
            Protocol::Msrp => {
                for message in self.framed(octets) {
                    if received {
                        self.seen.add(Enabler::Messaging, 1);
                    }
                    self.watch.msrp(&mut self.seen, at, octets, &message);
                }
            }
            Protocol::Diameter if received => self.seen.add(Enabler::Charging, 1),
            Protocol::Http if received => self.seen.add(Enabler::Xdm, requests(&octets.octets)),
            // Where conversations are kept, and what is intercepted, is the matter of no enabler of the list.
            Protocol::Imap | Protocol::X2x3 | Protocol::Diameter | Protocol::Http => {}
        }
    }

    fn sip(&mut self, at: Time, direction: Direction, message: &Message) {
        self.watch.sip(&mut self.seen, at, direction, message);
        let told = [Name::Server, Name::UserAgent].into_iter().filter_map(|name| message.header(&name));
        let (told, date) = (told.map(|name| cut(&one_line(name), NAME)), message.header(&Name::Date));
        if direction == Direction::Sent {
            self.own_names.extend(told);
            self.own_dates.extend(date.map(str::to_owned));
            return;
        }
        self.names.extend(told);
        let date = date.filter(|date| !self.own_dates.contains(*date));
        if let Some(date) = date.and_then(Time::parse_sip_date) {
            self.seen.clock(seconds(date).saturating_sub(seconds(at)));
        }
    }

    /// The messages that are whole with these octets of a stream.
    fn framed(&mut self, octets: &'a Octets) -> Vec<msrp::Message> {
        let stream = self.streams.entry((&octets.actor, octets.connection, octets.direction)).or_default();
        stream.push(Bytes::clone(&octets.octets));
        std::iter::from_fn(|| stream.next()).map_while(Result::ok).collect()
    }
}

fn seconds(at: Time) -> i64 {
    i64::try_from(at.as_nanos() / 1_000_000_000).unwrap_or(i64::MAX)
}

/// How many requests begin in these octets of HTTP (RFC 9112 section 3).
fn requests(octets: &[u8]) -> usize {
    octets.windows(11).filter(|window| *window == b" HTTP/1.1\r\n").count()
}

/// The enabler of a SIP message: by its event package (RFC 6665), or because it is about a MESSAGE (RFC 3428).
fn of_sip(octets: &[u8]) -> Enabler {
    let text = String::from_utf8_lossy(octets);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    for (name, value) in head.split("\r\n").skip(1).filter_map(|line| line.split_once(':')) {
        let name = name.trim();
        let value = value.trim();
        if name.eq_ignore_ascii_case("Event") || name.eq_ignore_ascii_case("o") {
            match value.split([';', ' ']).next().unwrap_or_default() {
                "presence" | "presence.winfo" => return Enabler::Presence,
                "xcap-diff" | "ua-profile" => return Enabler::Xdm,
                _ => {}
            }
        }
        if name.eq_ignore_ascii_case("CSeq") && value.ends_with("MESSAGE") {
            return Enabler::Messaging;
        }
    }
    Enabler::SipCore
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::seen::response_times;
    use crate::report::{ScenarioResult, Timed, samples};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_sip_message_is_of_the_enabler_that_its_header_names() {
        let table = [
            ("INVITE sip:b@e SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nEvent: presence\r\n", Enabler::SipCore),
            ("MESSAGE sip:b@e SIP/2.0\r\nCSeq: 1 MESSAGE\r\n\r\n", Enabler::Messaging),
            ("SIP/2.0 200 OK\r\ncseq : 1 MESSAGE\r\n\r\n", Enabler::Messaging),
            ("PUBLISH sip:b@e SIP/2.0\r\nEvent: presence;x=y\r\n\r\n", Enabler::Presence),
            ("SUBSCRIBE sip:b@e SIP/2.0\r\no: xcap-diff\r\n\r\n", Enabler::Xdm),
            ("SUBSCRIBE sip:b@e SIP/2.0\r\nEvent: conference\r\n\r\n", Enabler::SipCore),
        ];
        for (text, enabler) in table {
            assert_eq!(of_sip(text.as_bytes()), enabler, "{text}");
        }
    }

    /// How often, and how long at the median, in microseconds.
    fn times(records: &[Record]) -> Vec<(Timed, usize, u64)> {
        let result = ScenarioResult { seen: seen(records), ..samples::failed() };
        let times = response_times(&[result]);
        times.iter().map(|own| (own.what, own.count, own.median_us)).collect()
    }

    fn recorded(all: impl IntoIterator<Item = (u64, What)>) -> Vec<Record> {
        all.into_iter().map(|(ms, what)| Record { at: Time::from_nanos(ms * 1_000_000), what }).collect()
    }

    #[test]
    fn a_request_is_timed_from_its_first_octets_to_its_answer() {
        let told = times(&samples::exchange());
        assert_eq!(told, [(Timed::InviteFinal, 1, 510_000), (Timed::MsrpSend, 3, 10_000)]);
    }

    #[test]
    fn ringing_is_timed_and_trying_is_not() {
        use Direction::{Received, Sent};
        let message = |first: &str, branch: &str, method: &str| {
            let text = format!(
                "{first}\r\nVia: SIP/2.0/UDP a;branch={branch}\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
            );
            move |direction| samples::octets("serving_cscf", Protocol::Sip, direction, text.clone())
        };
        let told = times(&recorded([
            (0, message("INVITE sip:b@e SIP/2.0", "z9hG4bK1", "INVITE")(Sent)),
            (5, message("SIP/2.0 100 Trying", "z9hG4bK1", "INVITE")(Received)),
            (30, message("SIP/2.0 180 Ringing", "z9hG4bK1", "INVITE")(Received)),
            (40, message("SIP/2.0 180 Ringing", "z9hG4bK1", "INVITE")(Received)),
            (90, message("SIP/2.0 486 Busy Here", "z9hG4bK1", "INVITE")(Received)),
            (95, message("SIP/2.0 486 Busy Here", "z9hG4bK1", "INVITE")(Received)),
            (96, message("ACK sip:b@e SIP/2.0", "z9hG4bK1", "ACK")(Sent)),
            (100, message("MESSAGE sip:b@e SIP/2.0", "z9hG4bK2", "MESSAGE")(Sent)),
            (107, message("SIP/2.0 202 Accepted", "z9hG4bK2", "MESSAGE")(Received)),
            // Of the target's own requests nothing is timed, nor what answers no request of ours.
            (110, message("OPTIONS sip:b@e SIP/2.0", "z9hG4bK3", "OPTIONS")(Received)),
            (111, message("SIP/2.0 200 OK", "z9hG4bK3", "OPTIONS")(Sent)),
            (112, message("SIP/2.0 200 OK", "z9hG4bK4", "REGISTER")(Received)),
        ]));
        let expected =
            [(Timed::InviteProvisional, 1, 30_000), (Timed::InviteFinal, 1, 90_000), (Timed::Message, 1, 7_000)];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_notification_is_timed_from_the_whole_message_at_a_device() {
        let send = |transaction: &str, id: &str, range: &str, body: &str, flag: char| {
            let text = format!(
                "MSRP {transaction} SEND\r\nTo-Path: msrp://a/b;tcp\r\nFrom-Path: msrp://c/d;tcp\r\nMessage-ID: {id}\r\n\
                 Byte-Range: {range}\r\nContent-Type: message/cpim\r\n\r\n{body}\r\n-------{transaction}{flag}\r\n"
            );
            samples::octets("device/Bob/phone", Protocol::Msrp, Direction::Received, text)
        };
        let head = "From: <sip:a@e>\r\nTo: <sip:b@e>\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: ";
        let message = format!("{head}m1\r\n\r\nContent-Type: text/plain\r\n\r\nhel");
        let told = |status: &str| {
            format!(
                "{head}n1\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>m1\
                 </message-id><datetime>2026-11-21T12:00:00Z</datetime>{status}</imdn>"
            )
        };
        let delivered = told("<delivery-notification><status><delivered/></status></delivery-notification>");
        let displayed = told("<display-notification><status><displayed/></status></display-notification>");
        let all = [
            (0, send("t1aaaa", "x", "1-100/103", &message, '+')),
            (10, send("t2aaaa", "x", "101-103/103", "lo!", '$')),
            (15, send("t3aaaa", "y", "1-*/*", &displayed, '$')),
            (35, send("t4aaaa", "z", "1-*/*", &delivered, '$')),
            (60, send("t5aaaa", "w", "1-*/*", &delivered, '$')),
        ];
        assert_eq!(times(&recorded(all.clone())), [(Timed::Notification, 1, 25_000)]);
        // One that comes before the message tells of no delivery to a device.
        assert_eq!(times(&recorded(all.into_iter().skip(3))), []);
    }

    #[test]
    fn a_target_is_called_what_it_says_and_not_what_it_passes_on() {
        let message = |direction, ms: u64, head: &str| {
            let text = format!("OPTIONS sip:b@e SIP/2.0\r\nCSeq: 1 OPTIONS\r\n{head}Content-Length: 0\r\n\r\n");
            (ms, samples::octets("serving_cscf", Protocol::Sip, direction, text))
        };
        let own = "User-Agent: tester\r\nDate: Thu, 01 Jan 1970 00:10:00 GMT\r\n";
        let seen = seen(&recorded([
            message(Direction::Sent, 1_000, own),
            message(Direction::Received, 1_100, own),
            message(Direction::Received, 2_000, "User-Agent: PF <1>\u{1b}\r\nDate: Thu, 01 Jan 1970 00:00:09 GMT\r\n"),
            message(Direction::Received, 3_000, &format!("Server: {}\r\n", "x".repeat(30_000))),
        ]));
        let names: Vec<&str> = seen.names.iter().map(String::as_str).collect();
        assert_eq!((names.len(), names[0]), (2, "PF <1>\\u{1b}"));
        assert!(names[1].len() < 300 && names[1].contains("characters cut"), "{}", names[1]);
        assert_eq!(seen.ahead_s, Some((7, 7)));
    }

    #[test]
    fn requests_for_documents_are_counted_and_answers_are_not() {
        assert_eq!(requests(b"GET /xcap-root/x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\n\r\n"), 2);
        assert_eq!(requests(b"HTTP/1.1 200 OK\r\n\r\n"), 0);
    }
}
