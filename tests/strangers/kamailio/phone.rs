//! A phone: SIP by datagrams over its home (RFC 3261), MSRP by a connection of its own (RFC 4975), and no more of either than a
//! call of two takes.

use crate::peers::served::{PATIENCE, header, status};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

/// The service of chats of two.
const SERVICE: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"";

pub struct Phone {
    user: &'static str,
    sip: UdpSocket,
    msrp: TcpListener,
    home: SocketAddr,
    /// Numbers what it begins.
    last: Cell<u32>,
}

/// The end of a dialog that the phone has begun.
pub struct Dialog {
    call_id: String,
    from: String,
    to: String,
    target: String,
    routes: Vec<String>,
    number: u32,
}

impl Phone {
    pub fn new(user: &'static str, home: SocketAddr) -> Phone {
        let sip = UdpSocket::bind("127.0.0.1:0").unwrap();
        sip.connect(home).unwrap();
        sip.set_read_timeout(Some(PATIENCE)).unwrap();
        Phone { user, sip, msrp: TcpListener::bind("127.0.0.1:0").unwrap(), home, last: Cell::new(0) }
    }

    pub fn uri(&self) -> String {
        format!("sip:{}@example.com", self.user)
    }

    fn contact(&self) -> String {
        format!("<sip:{}@{}>;{SERVICE}", self.user, self.sip.local_addr().unwrap())
    }

    fn next(&self) -> u32 {
        self.last.set(self.last.get() + 1);
        self.last.get()
    }

    fn send(&self, message: &str) {
        self.sip.send(message.as_bytes()).unwrap();
    }

    /// A request, complete but for what `more` says; a line of it may end the header.
    fn request(&self, line: &str, dialog: &str, number: u32, more: &str) -> String {
        let method = line.split(' ').next().unwrap();
        let own = self.sip.local_addr().unwrap();
        let branch = format!("z9hG4bK-{}-{method}-{}", self.user, self.next());
        format!(
            "{line} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch={branch}\r\nMax-Forwards: 70\r\n{dialog}\
             CSeq: {number} {method}\r\n{more}"
        )
    }

    /// Registers for so many seconds; none leaves.
    #[track_caller]
    pub fn register(&self, seconds: u32) -> String {
        let (uri, number) = (self.uri(), self.next());
        let dialog = format!("From: <{uri}>;tag=r{number}\r\nTo: <{uri}>\r\nCall-ID: register-{}\r\n", self.user);
        let more = format!("Contact: {}\r\nExpires: {seconds}\r\nContent-Length: 0\r\n\r\n", self.contact());
        self.send(&self.request("REGISTER sip:example.com", &dialog, number, &more));
        self.receive("SIP/2.0 ")
    }

    /// Calls somebody into a chat of two; gives the INVITE.
    pub fn invite(&self, other: &Phone) -> String {
        let (uri, number) = (self.uri(), self.next());
        let dialog = format!(
            "Route: <sip:{};lr>\r\nFrom: <{uri}>;tag=i{number}\r\nTo: <{}>\r\nCall-ID: {}-{number}\r\n",
            self.home,
            other.uri(),
            self.user
        );
        let body = self.description("actpass");
        let more = format!(
            "Contact: {}\r\nAccept-Contact: *;{SERVICE}\r\nP-Preferred-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session\r\n\
             Conversation-ID: f81d4fae-7dec-11d0-a765-{number}\r\nContribution-ID: abcdef-1234-5678-90ab-{number}\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            self.contact(),
            body.len()
        );
        let invite = self.request(&format!("INVITE {}", other.uri()), &dialog, 1, &more);
        self.send(&invite);
        invite
    }

    /// The connection by which somebody comes to where the own description says.
    #[track_caller]
    fn connected(&self) -> TcpStream {
        let begun = Instant::now();
        self.msrp.set_nonblocking(true).unwrap();
        loop {
            if let Ok((stream, _)) = self.msrp.accept() {
                stream.set_nonblocking(false).unwrap();
                return stream;
            }
            assert!(begun.elapsed() < PATIENCE, "nobody connects to {}", self.user);
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn description(&self, setup: &str) -> String {
        let port = self.msrp.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message {port} TCP/MSRP *\r\n\
             a=accept-types:message/cpim\r\na=accept-wrapped-types:text/plain\r\n\
             a=path:msrp://127.0.0.1:{port}/{};tcp\r\na=setup:{setup}\r\n",
            self.user
        )
    }

    /// The next message that begins so. Others are what came before, once more.
    #[track_caller]
    pub fn receive(&self, beginning: &str) -> String {
        let begun = Instant::now();
        let mut octets = [0; 65_535];
        while begun.elapsed() < PATIENCE {
            let length = self.sip.recv(&mut octets).unwrap_or_else(|error| panic!("no {beginning:?}: {error}"));
            let message = String::from_utf8(octets[..length].to_vec()).unwrap();
            if message.starts_with(beginning) && status(&message) != Some(100) {
                return message;
            }
        }
        panic!("no {beginning:?}");
    }

    /// The first final response.
    #[track_caller]
    pub fn final_answer(&self) -> String {
        let mut answer = self.receive("SIP/2.0 ");
        while status(&answer).is_some_and(|status| status < 200) {
            answer = self.receive("SIP/2.0 ");
        }
        answer
    }

    fn respond(&self, request: &str, line: &str, more: &str) -> String {
        let copied = ["Via", "Record-Route", "From", "Call-ID", "CSeq"];
        let copied: String = copied
            .iter()
            .flat_map(|name| headers(request, name).into_iter().map(move |value| format!("{name}: {value}\r\n")))
            .collect();
        let to = header(request, "To").unwrap();
        let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={}", self.user) };
        let response = format!("SIP/2.0 {line}\r\n{copied}To: {to}{tag}\r\n{more}");
        self.send(&response);
        response
    }

    pub fn ring(&self, invite: &str) {
        let more = format!("Contact: {}\r\nContent-Length: 0\r\n\r\n", self.contact());
        self.respond(invite, "180 Ringing", &more);
    }

    /// Takes a call; gives the answer. Who is left the choice connects.
    pub fn answer(&self, invite: &str) -> String {
        let body = self.description(if setup(invite) == "active" { "passive" } else { "active" });
        let (contact, length) = (self.contact(), body.len());
        let more =
            format!("Contact: {contact}\r\nContent-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{body}");
        self.respond(invite, "200 OK", &more)
    }

    pub fn refuse(&self, invite: &str) {
        self.respond(invite, "486 Busy Here", "Content-Length: 0\r\n\r\n");
    }

    pub fn accept(&self, request: &str) {
        self.respond(request, "200 OK", "Content-Length: 0\r\n\r\n");
    }

    /// The dialog that this answer to an own INVITE makes (RFC 3261 section 12.1.2).
    pub fn calling(&self, invite: &str, answer: &str) -> Dialog {
        let contact = header(answer, "Contact").unwrap();
        let target = contact.split(['<', '>']).nth(1).unwrap_or(contact).to_owned();
        let text = |message, name| header(message, name).unwrap().to_owned();
        let routes = headers(answer, "Record-Route").into_iter().rev().map(str::to_owned).collect();
        let (call_id, from, to) = (text(invite, "Call-ID"), text(invite, "From"), text(answer, "To"));
        Dialog { call_id, from, to, target, routes, number: 1 }
    }

    fn in_dialog(&self, method: &str, dialog: &Dialog) {
        let routes: String = dialog.routes.iter().map(|route| format!("Route: {route}\r\n")).collect();
        let Dialog { call_id, from, to, target, number, .. } = dialog;
        let fields = format!("{routes}From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n");
        self.send(&self.request(&format!("{method} {target}"), &fields, *number, "Content-Length: 0\r\n\r\n"));
    }

    pub fn acknowledge(&self, dialog: &Dialog) {
        self.in_dialog("ACK", dialog);
    }

    /// The ACK of a refusal is of the INVITE's own transaction (RFC 3261 section 17.1.1.3).
    pub fn acknowledge_refusal(&self, invite: &str, refusal: &str) {
        let kept = ["Via", "Max-Forwards", "Route", "From", "Call-ID"];
        let kept: String = kept.iter().map(|name| format!("{name}: {}\r\n", header(invite, name).unwrap())).collect();
        let line = invite.lines().next().unwrap().replace("INVITE", "ACK");
        let to = header(refusal, "To").unwrap();
        self.send(&format!("{line}\r\n{kept}To: {to}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"));
    }

    pub fn hang_up(&self, dialog: &mut Dialog) {
        dialog.number += 1;
        self.in_dialog("BYE", dialog);
    }
}

/// All values of a header, from above; several may stand in a line.
fn headers<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let values = |line: &'a str| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then_some(value)
    };
    let head = message.split("\r\n").take_while(|line| !line.is_empty());
    head.filter_map(values).flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// What a description says in the line that begins so.
fn described<'a>(message: &'a str, beginning: &str) -> &'a str {
    message
        .lines()
        .find_map(|line| line.strip_prefix(beginning))
        .unwrap_or_else(|| panic!("no {beginning} in {message}"))
}

pub fn media_line(message: &str) -> String {
    format!("m={}", described(message, "m="))
}

/// The path of a message session.
pub fn path(message: &str) -> &str {
    described(message, "a=path:")
}

fn setup(message: &str) -> &str {
    described(message, "a=setup:")
}

/// One end of a message session.
pub struct Chat {
    stream: TcpStream,
    own: String,
    peer: String,
    waiting: Vec<u8>,
    last: u32,
}

impl Chat {
    /// The end of who offered.
    pub fn offered(phone: &Phone, offer: &str, answer: &str) -> Chat {
        Chat::open(phone, setup(answer) == "passive", path(offer), path(answer))
    }

    /// The end of who answered.
    pub fn answered(phone: &Phone, answer: &str, offer: &str) -> Chat {
        Chat::open(phone, setup(answer) == "active", path(answer), path(offer))
    }

    fn open(phone: &Phone, connects: bool, own: &str, peer: &str) -> Chat {
        let stream = match connects {
            true => TcpStream::connect(peer.split('/').nth(2).unwrap()).unwrap(),
            false => phone.connected(),
        };
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut chat = Chat { stream, own: own.to_owned(), peer: peer.to_owned(), waiting: Vec::new(), last: 0 };
        if connects {
            // The first request tells the other whose connection it is (RFC 4975 section 5.4).
            chat.sends("");
            assert!(chat.next().contains(" 200"), "the connection is known");
        }
        chat
    }

    fn sends(&mut self, content: &str) {
        self.last += 1;
        let (own, peer, name) = (&self.own, &self.peer, format!("t{:06}", self.last));
        let length = content.len();
        let body = match content {
            "" => String::new(),
            content => format!("Content-Type: message/cpim\r\n\r\n{content}\r\n"),
        };
        let range = if length == 0 { "1-0/0".to_owned() } else { format!("1-{length}/{length}") };
        let send = format!(
            "MSRP {name} SEND\r\nTo-Path: {peer}\r\nFrom-Path: {own}\r\nMessage-ID: m{name}\r\nByte-Range: {range}\r\n\
             {body}-------{name}$\r\n"
        );
        self.stream.write_all(send.as_bytes()).unwrap();
    }

    /// The next request or response, whole. A request that has nothing to say only opens the connection, and is answered.
    #[track_caller]
    fn next(&mut self) -> String {
        loop {
            let message = self.read();
            if !message.contains(" SEND\r\n") || message.contains("\r\n\r\n") {
                return message;
            }
            self.accepts(&message);
        }
    }

    fn accepts(&mut self, send: &str) {
        let name = send.split(' ').nth(1).unwrap();
        let (to, from) = (header(send, "From-Path").unwrap(), header(send, "To-Path").unwrap());
        let ok = format!("MSRP {name} 200 OK\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n-------{name}$\r\n");
        self.stream.write_all(ok.as_bytes()).unwrap();
    }

    #[track_caller]
    fn read(&mut self) -> String {
        loop {
            let text = String::from_utf8(self.waiting.clone()).unwrap();
            if let Some(name) = text.split(' ').nth(1)
                && let Some(end) = text.find(&format!("-------{name}$\r\n"))
            {
                let rest = end + "-------$\r\n".len() + name.len();
                self.waiting.drain(..rest);
                return text[..end].to_owned();
            }
            let mut octets = [0; 4096];
            let length = self.stream.read(&mut octets).unwrap();
            assert_ne!(length, 0, "the connection ends after {text:?}");
            self.waiting.extend_from_slice(&octets[..length]);
        }
    }

    /// The content of the next message, which is answered.
    #[track_caller]
    fn hears(&mut self) -> String {
        let send = self.next();
        self.accepts(&send);
        let (_, content) = send.split_once("\r\n\r\n").unwrap();
        content.strip_suffix("\r\n").unwrap_or(content).to_owned()
    }

    /// Says something, as CPIM (RFC 3862); it comes to the other as it was said, and is acknowledged.
    #[track_caller]
    pub fn tells(&mut self, other: &mut Chat, from: &Phone, to: &Phone, words: &str) {
        let content = format!(
            "From: <{}>\r\nTo: <{}>\r\nDateTime: 2026-11-21T12:00:00Z\r\n\r\nContent-Type: text/plain\r\n\r\n{words}",
            from.uri(),
            to.uri()
        );
        self.sends(&content);
        assert_eq!(other.hears(), content);
        let answer = self.next();
        assert!(answer.contains(" 200"), "{answer}");
    }
}
