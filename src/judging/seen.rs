//! How many messages of the target were seen of each enabler [PF-ENB-01]: octets are looked at, and nothing is judged.

use std::collections::HashMap;

use bytes::Bytes;
use cpm_wire::msrp::Framer;

use crate::evidence::{Direction, Octets, Protocol, Record, What};
use crate::report::{Enabler, Seen};

/// The messages of the target in this evidence.
pub(super) fn seen(records: &[Record]) -> Seen {
    let mut seen = Seen::default();
    let mut streams: HashMap<(&str, Option<u64>), Framer> = HashMap::new();
    for record in records {
        let What::Octets(octets) = &record.what else { continue };
        if octets.direction != Direction::Received {
            continue;
        }
        match octets.protocol {
            Protocol::Sip => seen.add(of_sip(&octets.octets), 1),
            Protocol::Diameter => seen.add(Enabler::Charging, 1),
            Protocol::Http => seen.add(Enabler::Xdm, requests(&octets.octets)),
            Protocol::Msrp => {
                let stream = streams.entry((&octets.actor, octets.connection)).or_default();
                seen.add(Enabler::Messaging, framed(stream, octets));
            }
            // Where conversations are kept, and what is intercepted, is the matter of no enabler of the list.
            Protocol::Imap | Protocol::X2x3 => {}
        }
    }
    seen
}

/// How many messages end with these octets of a stream.
fn framed(stream: &mut Framer, octets: &Octets) -> usize {
    stream.push(Bytes::clone(&octets.octets));
    std::iter::from_fn(|| stream.next()).take_while(Result::is_ok).count()
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

    #[test]
    fn requests_for_documents_are_counted_and_answers_are_not() {
        assert_eq!(requests(b"GET /xcap-root/x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\n\r\n"), 2);
        assert_eq!(requests(b"HTTP/1.1 200 OK\r\n\r\n"), 0);
    }
}
