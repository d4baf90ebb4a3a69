//! Those around function and presence server, by datagrams of one socket: who writes to a user, the user's device, who says something of
//! the user elsewhere, and who watches.

use crate::peers::served::{PATIENCE, header, status};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

pub const BOB: &str = "sip:present-bob@example.com";
const ALICE: &str = "sip:alice@example.com";

pub struct People {
    socket: UdpSocket,
    function: SocketAddr,
    server: SocketAddr,
    last: u32,
    /// What has come to the device, by its words.
    pub delivered: Vec<String>,
    /// What the watcher has been told, the latest last.
    pub told: Vec<String>,
}

impl People {
    pub fn new(function: SocketAddr, server: SocketAddr) -> People {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        People { socket, function, server, last: 0, delivered: Vec::new(), told: Vec::new() }
    }

    fn own(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Sends a request until it has a final answer, and hears meanwhile what else comes; gives the answer.
    #[track_caller]
    fn ask(&mut self, to: SocketAddr, line: &str, fields: &str, body: &str) -> String {
        self.last += 1;
        let (own, number, method) = (self.own(), self.last, line.split(' ').next().unwrap_or_default());
        let branch = format!("z9hG4bK{}-{number}", own.port());
        let request = format!(
            "{line} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch={branch}\r\nMax-Forwards: 70\r\nCSeq: {number} {method}\r\n\
             {fields}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            self.socket.send_to(request.as_bytes(), to).unwrap();
            let sent = Instant::now();
            while sent.elapsed() < Duration::from_millis(500) {
                let answer = self.hear().filter(|answer| answer.contains(&branch));
                if let Some(answer) = answer.filter(|answer| status(answer).is_some_and(|status| status >= 200)) {
                    return answer;
                }
            }
        }
        panic!("no answer to {request}");
    }

    /// Takes in what comes next, if anything does: requests are answered, and a response is given.
    fn hear(&mut self) -> Option<String> {
        let mut octets = [0; 65_535];
        let (length, from) = self.socket.recv_from(&mut octets).ok()?;
        let message = String::from_utf8(octets[..length].to_vec()).unwrap();
        if status(&message).is_some() {
            return Some(message);
        }
        let body = message.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        match message.split(' ').next() {
            Some("MESSAGE") => {
                let words = body.lines().last().unwrap_or_default().to_owned();
                if !self.delivered.contains(&words) {
                    self.delivered.push(words);
                }
            }
            Some("NOTIFY") => self.told.push(body),
            _ => panic!("{message}"),
        }
        let copied = |name: &str| format!("{name}: {}\r\n", header(&message, name).unwrap());
        let vias = message.split("\r\n").filter(|line| line.to_ascii_lowercase().starts_with("via:"));
        let vias: String = vias.map(|line| format!("{line}\r\n")).collect();
        let rest: String = ["From", "To", "Call-ID", "CSeq"].iter().map(|name| copied(name)).collect();
        let answer = format!("SIP/2.0 200 OK\r\n{vias}{rest}Content-Length: 0\r\n\r\n");
        self.socket.send_to(answer.as_bytes(), from).unwrap();
        None
    }

    /// Hears what comes until this is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut so: impl FnMut(&People) -> bool) {
        let begun = Instant::now();
        while !so(self) {
            assert!(begun.elapsed() < PATIENCE, "{what}: {:?} {:?}", self.delivered, self.told);
            self.hear();
        }
    }

    /// The function is told that bob's device is registered for so many seconds.
    #[track_caller]
    pub fn registers(&mut self, seconds: u32) {
        let own = self.own();
        let device = format!(
            "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKd\r\nMax-Forwards: 70\r\nFrom: <{BOB}>;tag=d\r\n\
             To: <{BOB}>\r\nCall-ID: device\r\nCSeq: 1 REGISTER\r\n\
             Contact: <sip:present-bob@{own}>;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"\r\n\
             Expires: {seconds}\r\nContent-Length: 0\r\n\r\n"
        );
        let fields = format!(
            "From: <sip:{}>;tag=r\r\nTo: <{BOB}>\r\nCall-ID: third-party\r\nContact: <sip:{own}>\r\nExpires: {seconds}\r\n\
             Content-Type: message/sip\r\n",
            self.server
        );
        let ok = self.ask(self.function, &format!("REGISTER sip:{}", self.function), &fields, &device);
        assert_eq!(status(&ok), Some(200), "{ok}");
    }

    /// Somebody writes to bob; gives the status of the answer.
    #[track_caller]
    pub fn writes(&mut self, words: &str) -> u16 {
        let (own, number) = (self.own(), self.last + 1);
        let body = format!(
            "From: <{ALICE}>\r\nTo: <{BOB}>\r\nDateTime: 2026-11-22T12:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
             imdn.Message-ID: id-{number}\r\n\r\nContent-Type: text/plain\r\n\r\n{words}"
        );
        let fields = format!(
            "Route: <sip:{};lr>, <sip:{own};lr>\r\nFrom: <{ALICE}>;tag=a{number}\r\nTo: <{BOB}>\r\nCall-ID: message-{number}\r\n\
             P-Served-User: <{BOB}>;sescase=term;regstate=reg\r\nP-Asserted-Identity: <{ALICE}>\r\n\
             P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg\r\n\
             Conversation-ID: conversation-{number}\r\nContribution-ID: contribution-{number}\r\nContent-Type: message/cpim\r\n",
            self.function
        );
        let answer = self.ask(self.function, &format!("MESSAGE {BOB}"), &fields, &body);
        status(&answer).unwrap()
    }

    /// Bob says elsewhere whether he takes messages.
    #[track_caller]
    pub fn says(&mut self, basic: &str, tag: Option<&str>) -> String {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"{BOB}\">\
             <tuple id=\"desk\"><status><basic>{basic}</basic></status></tuple></presence>"
        );
        let tag = tag.map(|tag| format!("SIP-If-Match: {tag}\r\n")).unwrap_or_default();
        let fields = format!(
            "From: <{BOB}>;tag=p\r\nTo: <{BOB}>\r\nCall-ID: elsewhere\r\nEvent: presence\r\nExpires: 600\r\n{tag}\
             Content-Type: application/pidf+xml\r\n"
        );
        let answer = self.ask(self.server, &format!("PUBLISH {BOB}"), &fields, &body);
        assert_eq!(status(&answer), Some(200), "{answer}");
        header(&answer, "SIP-ETag").unwrap().to_owned()
    }

    /// Somebody watches bob.
    #[track_caller]
    pub fn watches(&mut self) {
        let own = self.own();
        let fields = format!(
            "From: <{ALICE}>;tag=w\r\nTo: <{BOB}>\r\nCall-ID: watch\r\nContact: <sip:alice@{own}>\r\nEvent: presence\r\n\
             Accept: application/pidf+xml\r\nExpires: 600\r\n"
        );
        let answer = self.ask(self.server, &format!("SUBSCRIBE {BOB}"), &fields, "");
        assert!(matches!(status(&answer), Some(200 | 202)), "{answer}");
    }
}
