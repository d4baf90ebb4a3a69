//! Sessions, messages and subscriptions between a client and its network.

use super::super::super::super::missed_group_content::tests::script::octets::{multipart, sdp};
use super::super::super::super::missed_group_content::tests::script::{Wire, chunk};
use super::{CONTRIBUTION, FOCUS, Script};
use crate::evidence::{ConnectionWhat, Direction, Protocol};
use Direction::{Received, Sent};

/// How the network offers a session, and how the client answers.
#[derive(Clone)]
pub struct Offer<'a> {
    pub direction: &'a str,
    pub answered: &'a str,
    /// 0 for no answer.
    pub status: u16,
    pub rings: bool,
    pub from: &'a str,
    pub asserted: Option<&'a str>,
    pub at_focus: bool,
    pub list: Option<&'a [&'a str]>,
    /// What the client takes within CPIM.
    pub wrapped: &'a str,
    pub described: bool,
    /// The answer takes the stream of messages.
    pub takes_media: bool,
}

impl Default for Offer<'_> {
    fn default() -> Self {
        Offer {
            direction: "sendonly",
            answered: "recvonly",
            status: 200,
            rings: false,
            from: FOCUS,
            asserted: Some(FOCUS),
            at_focus: true,
            list: None,
            wrapped: "*",
            described: true,
            takes_media: true,
        }
    }
}

const TAKEN: &str = "message/cpim application/conference-info+xml";
const IDS: &str = "Contribution-ID: contribution-books\r\nConversation-ID: conversation-books\r\n";

/// A request or an answer: its first line, who is called what, headers, and a body with its type.
fn message(
    start: &str,
    n: u32,
    cseq: &str,
    (from, to): (&str, &str),
    headers: &str,
    (kind, body): (&str, &str),
) -> String {
    let kind = if body.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
    let tag = |uri: &str, tag: &str| if tag.is_empty() { format!("<{uri}>") } else { format!("<{uri}>;tag={tag}") };
    let split = |who: &str| who.split_once('#').map_or((who.to_owned(), String::new()), |(a, b)| (a.into(), b.into()));
    let ((from, from_tag), (to, to_tag)): ((String, String), (String, String)) = (split(from), split(to));
    format!(
        "{start}\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{n}-{cseq}\r\nFrom: {}\r\nTo: {}\r\n\
         CSeq: 1 {cseq}\r\nMax-Forwards: 70\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
        tag(&from, &from_tag),
        tag(&to, &to_tag),
        body.len()
    )
}

impl Script {
    /// The network offers a session, the client answers.
    pub fn offers(&mut self, offer: &Offer<'_>) -> Wire {
        let n = self.next();
        let leg = wire(n, false);
        let (from, to) = (format!("{}#net{n}", offer.from), "sip:bob@example.com".to_owned());
        let contact = if offer.at_focus {
            format!("Contact: <{FOCUS}>;isfocus\r\n")
        } else {
            "Contact: <sip:pf.example.com>\r\n".to_owned()
        };
        let asserted = offer.asserted.map_or(String::new(), |uri| format!("P-Asserted-Identity: <{uri}>\r\n"));
        let headers = format!("Call-ID: {}\r\n{contact}{asserted}{IDS}", leg.call_id);
        let description = sdp(&leg.own_path, offer.direction, TAKEN, "*");
        let (kind, body) = match offer.list {
            Some(list) => multipart(&description, list),
            None => ("application/sdp".to_owned(), description),
        };
        let start = "INVITE sip:bob@192.0.2.77:5070 SIP/2.0";
        self.sip(Sent, message(start, n, "INVITE", (&from, &to), &headers, (&kind, &body)));
        let tagged = format!("{to}#cli{n}");
        let call = format!("Call-ID: {}\r\nContact: <sip:bob@192.0.2.77:5070>\r\n", leg.call_id);
        if offer.rings {
            self.sip(Received, message("SIP/2.0 180 Ringing", n, "INVITE", (&from, &tagged), &call, ("", "")));
        }
        if offer.status > 0 {
            self.answers(&leg, offer);
        }
        if (200..300).contains(&offer.status) {
            self.connected(ConnectionWhat::Opened);
        }
        leg
    }

    /// The client takes a session after all.
    pub fn takes(&mut self, leg: &Wire, offer: &Offer<'_>) {
        self.answers(leg, offer);
        self.connected(ConnectionWhat::Opened);
    }

    fn answers(&mut self, leg: &Wire, offer: &Offer<'_>) {
        let n: u32 = leg.call_id.trim_start_matches("call-").parse().unwrap();
        let call = format!("Call-ID: {}\r\nContact: <sip:bob@192.0.2.77:5070>\r\n", leg.call_id);
        let described = offer.status < 300 && offer.described;
        let path = if offer.takes_media { leg.target_path.clone() } else { leg.target_path.replace(":2855/", ":0/") };
        let body = if described { sdp(&path, offer.answered, TAKEN, offer.wrapped) } else { String::new() };
        let (from, to) = (format!("{}#net{n}", offer.from), format!("sip:bob@example.com#cli{n}"));
        let start = format!("SIP/2.0 {} Whatever", if offer.status == 0 { 200 } else { offer.status });
        self.sip(Received, message(&start, n, "INVITE", (&from, &to), &call, ("application/sdp", &body)));
    }

    /// A session with missed content, which the client takes.
    pub fn drains(&mut self) -> Wire {
        self.offers(&Offer::default())
    }

    /// The live session of the chat, which the client takes.
    pub fn goes_on(&mut self) -> Wire {
        self.offers(&Offer { direction: "sendrecv", answered: "sendrecv", ..Offer::default() })
    }

    /// The client opens a session, which the network takes.
    pub fn calls(&mut self, uri: &str, list: Option<&[&str]>, contribution: &str) -> Wire {
        let n = self.next();
        let leg = wire(n, true);
        let from = format!("sip:bob@example.com#cli{n}");
        let ids =
            if contribution == CONTRIBUTION { IDS.to_owned() } else { format!("Contribution-ID: {contribution}\r\n") };
        let headers = format!("Call-ID: {}\r\nContact: <sip:bob@192.0.2.77:5070>\r\n{ids}", leg.call_id);
        let description = sdp(&leg.target_path, "sendrecv", TAKEN, "*");
        let (kind, body) = match list {
            Some(list) => multipart(&description, list),
            None => ("application/sdp".to_owned(), description),
        };
        let start = format!("INVITE {uri} SIP/2.0");
        self.sip(Received, message(&start, n, "INVITE", (&from, uri), &headers, (&kind, &body)));
        let headers = format!("Call-ID: {}\r\nContact: <{uri}>;isfocus\r\n", leg.call_id);
        let body = sdp(&leg.own_path, "sendrecv", TAKEN, "*");
        let to = format!("{uri}#net{n}");
        self.sip(Sent, message("SIP/2.0 200 OK", n, "INVITE", (&from, &to), &headers, ("application/sdp", &body)));
        let (start, headers) = (format!("ACK {uri} SIP/2.0"), format!("Call-ID: {}\r\n", leg.call_id));
        self.sip(Received, message(&start, n, "ACK", (&from, &to), &headers, ("", "")));
        leg
    }

    /// One side ends a session.
    pub fn ends(&mut self, leg: &Wire, direction: Direction, uri: &str) -> u64 {
        let n = self.next();
        let made: u32 = leg.call_id.trim_start_matches("call-").parse().unwrap();
        let (own, peer) = (format!("sip:x@example.com#net{made}"), format!("sip:y@example.com#cli{made}"));
        let (from, to) = if direction == Sent { (own, peer) } else { (peer, own) };
        let start = format!("BYE {uri} SIP/2.0");
        let headers = format!("Call-ID: {}\r\n", leg.call_id);
        self.sip(direction, message(&start, n, "BYE", (&from, &to), &headers, ("", "")))
    }

    /// A SEND of the network, with the client's answer; none when the status is 0.
    pub fn sends(&mut self, leg: &Wire, content: &str, status: u16) -> u64 {
        self.send(leg, Sent, "message/cpim", content, status)
    }

    /// A SEND of the client, which the network takes.
    pub fn says(&mut self, leg: &Wire, content: &str) -> u64 {
        self.send(leg, Received, "message/cpim", content, 200)
    }

    /// A SEND in one chunk.
    pub fn send(&mut self, leg: &Wire, direction: Direction, kind: &str, content: &str, status: u16) -> u64 {
        let n = self.next();
        let (id, total) = (format!("mid-{n}"), content.len());
        let octets = chunk(leg, direction, n, &id, kind, content.as_bytes(), (1, total), '$');
        let frame = self.octets(Protocol::Msrp, Some(leg.connection), direction, octets);
        if status > 0 {
            let (to, from, back) = match direction {
                Sent => (&leg.own_path, &leg.target_path, Received),
                Received => (&leg.target_path, &leg.own_path, Sent),
            };
            let answer =
                format!("MSRP tid{n} {status} whatever\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n-------tid{n}$\r\n");
            self.octets(Protocol::Msrp, Some(leg.connection), back, answer);
        }
        frame
    }

    /// A MESSAGE with a CPIM body, answered 200.
    pub fn pages(&mut self, direction: Direction, content: &str) -> u64 {
        let n = self.next();
        let (own, peer) = ("sip:alice@example.com#net", "sip:bob@example.com#cli");
        let (from, to) = if direction == Sent { (own, "sip:bob@example.com") } else { (peer, "sip:alice@example.com") };
        let start = format!("MESSAGE {to} SIP/2.0");
        let call = format!("Call-ID: call-{n}\r\n");
        let frame = self.sip(direction, message(&start, n, "MESSAGE", (from, to), &call, ("message/cpim", content)));
        let back = if direction == Sent { Received } else { Sent };
        let tagged = format!("{to}#other");
        self.sip(back, message("SIP/2.0 200 OK", n, "MESSAGE", (from, &tagged), &call, ("", "")));
        frame
    }

    /// The client subscribes to a roster. Gives what its notifications need.
    pub fn subscribes(&mut self, uri: &str) -> u32 {
        let n = self.next();
        let from = format!("sip:bob@example.com#cli{n}");
        let headers = format!(
            "Call-ID: call-{n}\r\nEvent: conference\r\nAccept: application/conference-info+xml\r\nExpires: 3600\r\n\
             Contact: <sip:bob@192.0.2.77:5070>\r\n"
        );
        let start = format!("SUBSCRIBE {uri} SIP/2.0");
        self.sip(Received, message(&start, n, "SUBSCRIBE", (&from, uri), &headers, ("", "")));
        let (to, headers) = (format!("{uri}#net{n}"), format!("Call-ID: call-{n}\r\nExpires: 3600\r\n"));
        self.sip(Sent, message("SIP/2.0 200 OK", n, "SUBSCRIBE", (&from, &to), &headers, ("", "")));
        n
    }

    /// The network notifies the client, which answers; not when the status is 0.
    pub fn notifies(&mut self, subscription: u32, document: &str, status: u16) -> u64 {
        let n = self.next();
        let (from, to) = (format!("{FOCUS}#net{subscription}"), format!("sip:bob@example.com#cli{subscription}"));
        let call = format!("Call-ID: call-{subscription}\r\n");
        let headers = format!("{call}Event: conference\r\nSubscription-State: active;expires=600\r\n");
        let kind = "application/conference-info+xml";
        let start = "NOTIFY sip:bob@192.0.2.77:5070 SIP/2.0";
        let frame = self.sip(Sent, message(start, n, "NOTIFY", (&from, &to), &headers, (kind, document)));
        if status > 0 {
            let start = format!("SIP/2.0 {status} Whatever");
            self.sip(Received, message(&start, n, "NOTIFY", (&from, &to), &call, ("", "")));
        }
        frame
    }
}

fn wire(n: u32, by_target: bool) -> Wire {
    Wire {
        call_id: format!("call-{n}"),
        own_path: format!("msrp://192.0.2.10:7000/net{n};tcp"),
        target_path: format!("msrp://198.51.100.1:2855/cli{n};tcp"),
        actor: "media".to_owned(),
        connection: u64::from(n),
        by_target,
    }
}
