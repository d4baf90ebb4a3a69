//! More invitations than there may be sessions: the new ones are told to come later (RFC 3261 section 21.5.4), and what stands
//! is not touched, whoever it belongs to.

use super::request;
use super::served::{Neighbour, PATIENCE, Served, header, status};
use pretty_assertions::assert_eq;
use std::net::UdpSocket;
use std::time::Duration;

const STORM: u32 = 500;

/// The serving CSCF, with the called ends behind it.
struct Cscf(UdpSocket);

impl Cscf {
    fn of(served: &Served) -> Cscf {
        let socket = UdpSocket::bind(served.cscf).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Cscf(socket)
    }

    /// The next request of this method; others are passed over.
    #[track_caller]
    fn receive(&self, method: &str) -> String {
        let mut octets = [0; 65_535];
        loop {
            let length = self.0.recv(&mut octets).unwrap();
            let text = String::from_utf8(octets[..length].to_vec()).unwrap();
            if text.starts_with(&format!("{method} ")) {
                return text;
            }
        }
    }

    fn accept(&self, request: &str, served: &Served) {
        let copied = ["Via", "From", "Call-ID", "CSeq"];
        let copied: String =
            copied.iter().map(|name| format!("{name}: {}\r\n", header(request, name).unwrap())).collect();
        let (to, own) = (header(request, "To").unwrap(), self.0.local_addr().unwrap());
        let tag = if to.contains(";tag=") { "" } else { ";tag=called" };
        let body = if request.starts_with("INVITE") { description("called") } else { String::new() };
        let ok = format!(
            "SIP/2.0 200 OK\r\n{copied}To: {to}{tag}\r\nContact: <sip:device@{own}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.send_to(ok.as_bytes(), served.sip).unwrap();
    }
}

/// Nobody ever connects.
fn description(end: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n\
         a=accept-types:message/cpim\r\na=path:msrp://127.0.0.1:9/{end};tcp\r\na=setup:active\r\n"
    )
}

/// An INVITE of a served user.
fn invite(user: &str, number: u32) -> String {
    let body = description("caller");
    let more = format!(
        "Route: <sip:[target];lr>\r\nP-Served-User: <sip:{user}@example.com>;sescase=orig;regstate=reg\r\n\
         Contact: <sip:{user}@[own]>\r\nConversation-ID: {user}-{number}\r\nContribution-ID: {user}-{number}\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    request("INVITE", number).replace("Content-Length: 0\r\n\r\n", &more)
}

/// Sets a session up; gives what its caller got.
#[track_caller]
fn stands(neighbour: &Neighbour, cscf: &Cscf, served: &Served, user: &str, number: u32) -> String {
    neighbour.send(&invite(user, number));
    cscf.accept(&cscf.receive("INVITE"), served);
    let ok = neighbour.ask(&invite(user, number));
    assert_eq!(status(&ok), Some(200), "{ok}");
    neighbour.send(&in_dialog("ACK", number, &ok, number));
    cscf.receive("ACK");
    ok
}

/// A request of the caller in its session.
fn in_dialog(method: &str, number: u32, ok: &str, cseq: u32) -> String {
    request(method, cseq)
        .replace(&format!("Call-ID: {method}-{cseq}"), &format!("Call-ID: INVITE-{number}"))
        .replace("To: <sip:[target]>", &format!("To: {}", header(ok, "To").unwrap()))
        .replace(&format!("tag=s{cseq}"), &format!("tag=s{number}"))
}

#[test]
fn an_invite_storm_is_told_to_come_later_and_nobody_else_is_hurt() {
    // There is room for two sessions, and for a third that rings.
    let served = Served::with("max_sessions: 3\n");
    let (cscf, neighbour) = (Cscf::of(&served), served.neighbour());
    let of_alice = stands(&neighbour, &cscf, &served, "alice", 1);
    let of_bob = stands(&neighbour, &cscf, &served, "bob", 2);

    // The first is let in, and rings for as long as the storm lasts.
    neighbour.send(&invite("carol", 100));
    cscf.receive("INVITE");
    let stormy = served.neighbour();
    for number in 101..=100 + STORM {
        stormy.send(&invite("carol", number));
    }
    for number in 101..=100 + STORM {
        let refusal = stormy.ask(&invite("carol", number));
        assert_eq!((status(&refusal), header(&refusal, "Retry-After")), (Some(503), Some("5")), "{refusal}");
        let ack = invite("carol", number).replacen("INVITE", "ACK", 1);
        stormy.send(&ack.replace(&format!("CSeq: {number} INVITE"), &format!("CSeq: {number} ACK")));
    }
    // None of them went on.
    cscf.0.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut octets = [0; 65_535];
    while let Ok(length) = cscf.0.recv(&mut octets) {
        let text = String::from_utf8_lossy(&octets[..length]);
        assert!(text.contains("Contribution-ID: carol-100\r\n"), "{text}");
    }
    cscf.0.set_read_timeout(Some(PATIENCE)).unwrap();

    // Both sessions stand: each is ended by its own caller, and the other end hears of it.
    for (number, ok) in [(1, of_alice), (2, of_bob)] {
        let bye = in_dialog("BYE", number, &ok, 10 + number);
        neighbour.send(&bye);
        cscf.accept(&cscf.receive("BYE"), &served);
        let ended = neighbour.ask(&bye);
        assert_eq!(status(&ended), Some(200), "{ended}");
    }
    // There is room again.
    stands(&neighbour, &cscf, &served, "carol", 1000);
    served.stop();
}
