//! Golden messages typed from RFC 3261, and the traps of RFC 4475 in octets of our own.

mod properties;
mod streams;
mod torture;

use super::*;
use bytes::Bytes;
use pretty_assertions::assert_eq;

/// RFC 3261 section 24.2, F1.
const INVITE: &str = "INVITE sip:bob@biloxi.com SIP/2.0\r\n\
Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\n\
Max-Forwards: 70\r\n\
From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n\
To: Bob <sip:bob@biloxi.example.com>\r\n\
Call-ID: 3848276298220188511@atlanta.example.com\r\n\
CSeq: 1 INVITE\r\n\
Contact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\n\
Content-Type: application/sdp\r\n\
Content-Length: 4\r\n\
\r\n\
v=0\n";

/// Folding, odd white space, odd case, compact names and escapes: legal, as in RFC 4475 section 3.1.1.1.
const TORTUOUS: &str = "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n\
TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n\
from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n\
MaX-fOrWaRdS: 0068\r\n\
Call-ID: wsinv.ndaksdj@192.0.2.1\r\n\
Content-Length   : 0\r\n\
cseq: 0009\r\n  INVITE\r\n\
Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n\
s :\r\n\
v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n \
SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n\
m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n\
\r\n";

fn parse(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

#[test]
fn reads_the_invite_of_rfc_3261() {
    let message = parse(INVITE);
    assert_eq!(message.method(), Method::Invite);
    assert_eq!(message.request_uri(), Some("sip:bob@biloxi.com"));
    let via = message.via().unwrap();
    assert_eq!((via.transport, via.host, via.port), ("TCP", "client.atlanta.example.com", Some(5060)));
    assert_eq!(via.branch(), Some("z9hG4bK74bf9"));
    assert_eq!(message.from().unwrap().display, Some("Alice"));
    assert_eq!((message.from_tag(), message.to_tag()), (Some("9fxced76sl"), None));
    assert_eq!(message.cseq().unwrap(), CSeq { number: 1, method: Method::Invite });
    assert_eq!(message.contacts().next().unwrap().unwrap().uri, "sip:alice@client.atlanta.example.com;transport=tcp");
    assert_eq!(message.body(), b"v=0\n");
    assert_eq!(message.octets().as_ref(), INVITE.as_bytes());
    message.check_request().unwrap();
}

#[test]
fn reads_a_tortuous_but_legal_message() {
    let message = parse(TORTUOUS);
    assert_eq!(message.to_tag(), Some("1918181833n"));
    assert_eq!(message.from_tag(), Some("98asjd8"));
    assert_eq!(message.cseq().unwrap().number, 9);
    assert_eq!(message.max_forwards().unwrap().unwrap(), 68);
    let branches: Vec<_> = message.vias().map(|via| via.unwrap().branch().unwrap().to_owned()).collect();
    assert_eq!(branches, ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    assert_eq!(message.header(&Name::Subject), Some(""));
    message.check_request().unwrap();
}

#[test]
fn a_body_longer_than_told_is_cut_and_a_shorter_one_refused() {
    let long = format!("{INVITE}surplus");
    assert_eq!(parse(&long).body(), b"v=0\n");
    let short = INVITE.replace("Content-Length: 4", "Content-Length: 5");
    let error = Message::parse(Bytes::from(short)).unwrap_err();
    assert_eq!(error.kind, ParseErrorKind::ShortBody);
}

#[test]
fn says_what_is_wrong_and_where() {
    let cases: [(&str, &str, ParseErrorKind); 8] = [
        ("INVITE sip:bob@biloxi.com SIP/2.0", "INVITE  SIP/2.0", ParseErrorKind::StartLine),
        ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia", ParseErrorKind::Version),
        ("Max-Forwards: 70", "Max-Forwards 70", ParseErrorKind::HeaderLine),
        ("Content-Length: 4", "Content-Length: 99999999999999", ParseErrorKind::ShortBody),
        ("Via:", " Via:", ParseErrorKind::HeaderLine),
        ("Via:", "Vi a:", ParseErrorKind::HeaderLine),
        ("sip:bob@biloxi.com", "<sip:bob@biloxi.com>", ParseErrorKind::StartLine),
        ("\r\n\r\nv=0\n", "", ParseErrorKind::NoEnd),
    ];
    for (good, bad, kind) in cases {
        let text = INVITE.replacen(good, bad, 1);
        let error = Message::parse(Bytes::from(text)).unwrap_err();
        assert_eq!(error.kind, kind, "{bad}");
    }
    let mut octets = INVITE.as_bytes().to_vec();
    octets[160] = 0xff;
    assert_eq!(Message::parse(Bytes::from(octets)).unwrap_err().kind, ParseErrorKind::NotUtf8);
}

#[test]
fn a_request_that_cannot_be_served_is_told_by_its_field() {
    let cases = [
        ("CSeq: 1 INVITE", "CSeq: 1 ACK", Name::CSeq),
        ("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE", Name::CSeq),
        ("Max-Forwards: 70", "Max-Forwards: 300", Name::MaxForwards),
        ("To: Bob <sip:bob@biloxi.example.com>\r\n", "", Name::To),
        ("To: Bob <sip:bob@biloxi.example.com>", "To: \"Bob <sip:bob@biloxi.example.com>", Name::To),
        ("From: Alice <", "From: Al, ice <", Name::From),
        ("Via: SIP/2.0/TCP client", "Via: SIP/2.0/TCP  ;", Name::Via),
        ("Call-ID: 3848276298220188511@atlanta.example.com", "Call-ID: 38 48", Name::CallId),
        ("Call-ID: 3", "Call-ID: x\r\nCall-ID: 3", Name::CallId),
    ];
    for (good, bad, field) in cases {
        let message = parse(&INVITE.replacen(good, bad, 1));
        assert_eq!(message.check_request().unwrap_err().field, field, "{bad}");
    }
}

#[test]
fn an_edit_leaves_the_other_octets_alone() {
    let message = parse(TORTUOUS);
    let edited = message.edit().prepend(Name::Via, "SIP/2.0/UDP a.example;branch=z9hG4bKx").finish();
    let text = String::from_utf8(edited.octets().to_vec()).unwrap();
    let added = "Via: SIP/2.0/UDP a.example;branch=z9hG4bKx\r\n";
    assert_eq!(text.replacen(added, "", 1), TORTUOUS);
    let back = edited.edit().remove_first(&Name::Via).finish();
    assert_eq!(back.octets(), message.octets());
    let listed = parse(&INVITE.replace("Max-Forwards", "Route: <sip:a;lr>, <sip:b;lr>\r\nMax-Forwards"));
    let popped = listed.edit().remove_first(&Name::Route).finish();
    assert_eq!(popped.routes().map(|route| route.unwrap().uri.to_owned()).collect::<Vec<_>>(), ["sip:b;lr"]);
    let bodiless = message.edit().body("text/plain", Bytes::from_static(b"hello")).finish();
    assert_eq!((bodiless.body(), bodiless.content_length().unwrap().unwrap()), (&b"hello"[..], 5));
    assert_eq!(bodiless.edit().no_body().finish().content_length().unwrap().unwrap(), 0);
}

#[test]
fn a_response_copies_what_it_must() {
    let request = parse(&INVITE.replace("Max-Forwards", "Record-Route: <sip:p1;lr>\r\nMax-Forwards"));
    let response =
        Builder::response(&request, 200, "OK").to_tag("a6c85cf").header(Name::Contact, "<sip:bob@b>").build();
    assert_eq!(response.status(), Some(200));
    assert_eq!(response.to_tag(), Some("a6c85cf"));
    assert_eq!(response.header(&Name::RecordRoute), Some("<sip:p1;lr>"));
    assert_eq!(response.method(), Method::Invite);
    response.check_response().unwrap();
    assert!(Builder::response(&request, 486, "Busy Here").build().header(&Name::RecordRoute).is_none());
    assert_eq!(Builder::response(&response, 200, "OK").to_tag("other").build().to_tag(), Some("a6c85cf"));
}
