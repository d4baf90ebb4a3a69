//! What second readers read, what they are known not to, and what they build.

use std::net::IpAddr;

use pretty_assertions::assert_eq;

use super::*;
use crate::evidence::{Direction, Octets, Protocol, Record, Transport, What};
use crate::rules::base::{Checker, Judged};

const MESSAGE: &str = "MESSAGE sip:bob@home.example SIP/2.0\r
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;rport\r
Max-Forwards: 70\r
From: \"Alice\" <sip:alice@home.example>;tag=1\r
To: <sip:bob@home.example>\r
Call-ID: x@192.0.2.1\r
CSeq: 1 MESSAGE\r
P-Asserted-Identity: <tel:+12015550123>\r
Content-Type: text/plain\r
Content-Length: 2\r
\r
Hi";

const SDP: &str = "v=0\r
o=- 1 1 IN IP4 192.0.2.1\r
s=-\r
c=IN IP4 192.0.2.1\r
t=0 0\r
m=message 2855 TCP/MSRP *\r
a=path:msrp://192.0.2.1:2855/s;tcp\r
a=accept-types:message/cpim\r
";

fn with(from: &str, to: &str) -> String {
    assert!(MESSAGE.contains(from));
    MESSAGE.replacen(from, to, 1)
}

fn carrying(kind: &str, body: &str) -> String {
    let length = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    with("text/plain", kind).replace("Content-Length: 2\r\n\r\nHi", &length)
}

#[test]
fn a_plain_message_is_read_as_it_was_meant() {
    agrees(MESSAGE.as_bytes()).unwrap();
    let response = with("MESSAGE sip:bob@home.example SIP/2.0", "SIP/2.0 202 Accepted")
        .replace("<sip:bob@home.example>", "<sip:bob@home.example>;tag=2");
    agrees(response.as_bytes()).unwrap();
    agrees(with("From:", "f:").as_bytes()).unwrap();
    agrees(with("MESSAGE sip:bob@home.example", "MESSAGE sip:bob@home.example;transport=tcp").as_bytes()).unwrap();
    agrees(carrying("application/sdp", SDP).as_bytes()).unwrap();
}

/// Every limit is real: rsip or sdp-rs still fail at it, and the message is not put to them.
#[test]
fn each_limit_is_known_and_still_there() {
    let rsip_fails = |text: &str| match rsip::SipMessage::try_from(text.as_bytes()) {
        Ok(rsip::SipMessage::Request(read)) => !text.contains(&read.uri.to_string()),
        Ok(_) => false,
        Err(_) => true,
    };
    let uri = |uri: &str| with("MESSAGE sip:bob@home.example", &format!("MESSAGE {uri}"));
    for (limit, text) in [
        (Limit::FoldedHeader, with("Max-Forwards: 70", "Subject: a\r\n b\r\nMax-Forwards: 70")),
        (Limit::Ipv6Host, uri("sip:bob@[2001:db8::1]:5060")),
        (Limit::OtherScheme, uri("tel:+12015550123")),
        (Limit::OtherScheme, uri("urn:service:sos")),
        (Limit::ColonInUriParameter, uri("sip:bob@home.example;gr=urn:uuid:1")),
        (Limit::UnknownMethod, MESSAGE.replace("MESSAGE", "PING")),
    ] {
        let message = Message::parse(Bytes::from(text.clone())).unwrap();
        assert_eq!(limit_of_message(&message), Some(limit), "{text}");
        assert!(rsip_fails(&text), "rsip reads it now: {text}");
        agrees(text.as_bytes()).unwrap();
    }
    let compact = with("From:", "f:");
    assert!(rsip::Request::try_from(compact.as_bytes()).unwrap().from_header().is_err());
    assert_eq!(limit_of_names(&Message::parse(Bytes::from(compact)).unwrap()), Some(Limit::CompactName));
    let quoted = with(";tag=1", ";x=\"y\";tag=1");
    let read = rsip::Request::try_from(quoted.as_bytes()).unwrap();
    assert!(read.from_header().unwrap().typed().is_err());
    assert_eq!(limit_of_address("<sip:a@b>;x=\"y\";tag=1"), Some(Limit::QuotedParameter));
    agrees(quoted.as_bytes()).unwrap();
    for spaced in [
        with(";tag=1", " ;tag=1"),
        with(";tag=1", ";tag\t=1"),
        with("SIP/2.0/UDP", "SIP/ 2.0/UDP"),
        with("1 MESSAGE", "1\tMESSAGE"),
    ] {
        let read = rsip::Request::try_from(spaced.as_bytes()).unwrap();
        let from = read.from_header().unwrap().typed().is_ok();
        let via = read.via_header().unwrap().typed().is_ok();
        let cseq = read.cseq_header().unwrap().typed().is_ok_and(|cseq| cseq.method == rsip::Method::Message);
        assert!(!(from && via && cseq), "rsip reads it now: {spaced}");
        agrees(spaced.as_bytes()).unwrap();
    }
    assert_eq!(limit_of_address("<sip:a@b> ;tag=1"), Some(Limit::WhiteSpace));
    assert_eq!(limit_of_address("\"a \\\" ; b\" <sip:a@b>;tag=1"), None);
    let named = SDP.replace("c=IN IP4 192.0.2.1", "c=IN IP4 pf.home.example");
    assert_eq!(limit_of_description(&named), Some(Limit::HostNameInSdp));
    assert!(sdp_rs::SessionDescription::try_from(named.as_str()).is_err());
    agrees(carrying("application/sdp", &named).as_bytes()).unwrap();
}

#[test]
fn what_is_read_otherwise_is_told() {
    let told = |text: String| agrees(text.as_bytes()).unwrap_err().to_string();
    // A last line without CRLF is lost by sdp-rs.
    assert!(told(carrying("application/sdp", SDP.trim_end())).starts_with("sdp-rs reads"));
    let parts = format!("--b\r\nContent-Type: application/sdp\r\n\r\n{}\r\n--b--\r\n", SDP.replace("t=0 0", "t=a b"));
    assert!(told(carrying("multipart/mixed;boundary=b", &parts)).starts_with("sdp-rs cannot read the session"));
    // The body goes on behind its length: rsip does not stop there.
    assert!(told(MESSAGE.to_owned() + "!").starts_with("rsip reads \"Hi!\" for the body"));
    assert!(told("MESSAGE\r\n\r\n".to_owned()).starts_with("it is no SIP message"));
}

fn request(method: PlainMethod) -> PlainRequest<'static> {
    PlainRequest {
        method,
        uri: "sip:pf.home.example:5060;transport=tcp",
        from: "sip:tester@home.example",
        from_tag: "t1",
        to: "sip:pf.home.example",
        call_id: "c1@192.0.2.1",
        cseq: 7,
        tcp: true,
        sent_by: "192.0.2.1:5060",
        branch: "z9hG4bKa1",
        headers: &[("Accept", "application/sdp"), ("Conversation-ID", "f81d4fae")],
        body: None,
    }
}

/// What the base rules say of octets that the tester would send.
fn judged(octets: Bytes) -> Vec<String> {
    let record = Record {
        at: cpm_wire::time::Time::ZERO,
        what: What::Octets(Octets {
            actor: std::sync::Arc::from("serving_cscf"),
            step: 0,
            protocol: Protocol::Sip,
            transport: Transport::Tcp,
            direction: Direction::Sent,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.2:5060".parse().unwrap(),
            connection: Some(1),
            octets,
            malformed: None,
        }),
    };
    Checker::new(Judged::Both).observe(1, &record).into_iter().map(|finding| finding.observed).collect()
}

#[test]
fn a_plain_probe_is_what_rfc_3261_asks_for() {
    let octets = plain_request(&request(PlainMethod::Options)).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&octets).replace("\r\n", "\n"),
        "OPTIONS sip:pf.home.example:5060;transport=TCP SIP/2.0
Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKa1
Max-Forwards: 70
From: <sip:tester@home.example>;tag=t1
To: <sip:pf.home.example>
Call-ID: c1@192.0.2.1
CSeq: 7 OPTIONS
Accept: application/sdp
Conversation-ID: f81d4fae
Content-Length: 0

"
    );
    assert_eq!(judged(octets.clone()), [""; 0]);
    agrees(&octets).unwrap();
}

#[test]
fn a_plain_message_carries_octets_unchanged() {
    let body = [0xFF, 0x00, b'\r', b'\n'];
    let with_body = PlainRequest { body: Some(("application/octet-stream", &body)), ..request(PlainMethod::Message) };
    let octets = plain_request(&with_body).unwrap();
    let message = Message::parse(octets.clone()).unwrap();
    assert_eq!((message.body(), message.method()), (&body[..], Method::Message));
    assert_eq!(judged(octets), [""; 0]);
}

#[test]
fn what_rsip_would_send_wrong_is_refused() {
    let tel = PlainRequest { to: "tel:+1201", ..request(PlainMethod::Message) };
    let why = plain_request(&tel).unwrap_err().to_string();
    assert_eq!(why, "rsip does not take the URI \"tel:+1201\": it makes tel:1201 of it");
    let odd = PlainRequest { call_id: "", ..request(PlainMethod::Options) };
    assert!(matches!(plain_request(&odd), Err(NotPlain::Request(_))));
}

#[test]
fn a_plain_offer_is_one_for_everybody() {
    let offer = |address: &str, direction| PlainOffer {
        session_id: 1,
        version: 1,
        address: address.parse::<IpAddr>().unwrap(),
        port: 2855,
        path: "msrp://192.0.2.1:2855/s1;tcp",
        setup: "actpass",
        direction,
        accept_types: "message/cpim",
        accept_wrapped_types: "text/plain message/imdn+xml",
    };
    let text = plain_offer(&offer("192.0.2.1", "sendrecv")).unwrap();
    assert_eq!(
        text.replace("\r\n", "\n"),
        "v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=message 2855 TCP/MSRP *
a=accept-types:message/cpim
a=accept-wrapped-types:text/plain message/imdn+xml
a=path:msrp://192.0.2.1:2855/s1;tcp
a=setup:actpass
a=sendrecv
"
    );
    let session = cpm_wire::sdp::Session::parse(text.as_bytes()).unwrap();
    assert_eq!(session.media().count(), 1);
    assert!(plain_offer(&offer("2001:db8::1", "inactive")).unwrap().contains("c=IN IP6 2001:db8::1\r\n"));
    assert!(matches!(plain_offer(&offer("192.0.2.1", "both")), Err(NotPlain::Offer(_))));
}
