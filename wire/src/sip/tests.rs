//! Golden messages typed from RFC 3261, and the traps of RFC 4475 in octets of our own.

mod making;
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
        ("Max-Forwards", "Route: sip:a;lr\r\nMax-Forwards", Name::Route),
        ("Max-Forwards", "Record-Route: <sip:a;lr>,\r\nMax-Forwards", Name::RecordRoute),
        ("Contact: <", "Contact: *, <", Name::Contact),
        ("branch=z9hG4bK74bf9", "branch=z9hG4bK74bf9;;", Name::Via),
        ("application/sdp", "application", Name::ContentType),
        ("tag=9fxced76sl", "tag=9fxced76sl\rX: y", Name::From),
    ];
    for (good, bad, field) in cases {
        let message = parse(&INVITE.replacen(good, bad, 1));
        assert_eq!(message.check_request().unwrap_err().field, field, "{bad}");
    }
}

#[test]
fn a_datagram_with_unusable_content_lengths_can_still_be_refused() {
    for bad in ["Content-Length: -4", "Content-Length: 4\r\nl: 5", "Content-Length: 99999999999999999999"] {
        let message = parse(&INVITE.replace("Content-Length: 4", bad));
        assert_eq!(message.body(), b"v=0\n", "{bad}");
        assert_eq!(message.check_request().unwrap_err().field, Name::ContentLength, "{bad}");
    }
}

#[test]
fn the_second_of_two_requests_in_a_datagram_is_surplus() {
    let message = parse(&format!("\r\n\r\n{INVITE}{INVITE}"));
    assert_eq!(message.octets().as_ref(), INVITE.as_bytes());
    assert_eq!((message.surplus(), parse(INVITE).surplus()), (INVITE.len(), 0));
}

/// The traps of RFC 4475 section 3.1.1 that a reader may fall into: all are legal.
#[test]
fn unusual_but_legal_messages_are_read() {
    let cases = [
        (
            "INVITE sip:bob@biloxi.com",
            "!odd-Method_*+`.%'~ sip:bob@biloxi.com",
            "CSeq: 1 INVITE",
            "CSeq: 1 !odd-Method_*+`.%'~",
        ),
        ("sip:bob@biloxi.com", "nobody+knows.this:opaque", "", ""),
        ("sip:bob@biloxi.com", "sip:user;par=u%40example.net@example.com", "", ""),
        ("sip:bob@biloxi.com", "sip:null-%00-null@[2001:db8::9]:5070;%6C%72", "", ""),
        ("From: Alice <", "From: caller<", "", ""),
        ("From: Alice <", "From: \"\\\u{7} \\\0 \\\u{7f} 大 \\\" <;,\"\t<", "", ""),
        ("To: Bob <sip:bob@biloxi.example.com>", "t: urn:service:sos;x=\"a,;>\";y", "", ""),
        ("/TCP client.atlanta.example.com:5060", "/UNKNOWN [2001:db8::1] : 5060 ;received=2001:db8::2", "", ""),
        ("Contact: <", "m: \"a, b\" <sip:c>;q=0.5, <tel:+1-2>,<", "", ""),
        ("Max-Forwards: 70", "Max-Forwards:\t\r\n 70 \r\n\t", "", ""),
        ("Max-Forwards: 70", "extension-!.%*+_`'~:\u{feff}x\r\nMax-Forwards: 070", "", ""),
    ];
    for (good, odd, other, replaced) in cases {
        let message = parse(&INVITE.replacen(good, odd, 1).replacen(other, replaced, 1));
        assert_eq!(message.check_request(), Ok(()), "{odd}");
    }
}

#[test]
fn long_values_and_many_fields_are_read_up_to_the_bound() {
    let long = "x".repeat(8000);
    let vias = "Via: SIP/2.0/UDP a.example;branch=z9hG4bKa\r\n".repeat(500);
    let text = INVITE.replace("Alice <", &format!("\"{long}\" <")).replace("Via:", &format!("{vias}Via:"));
    let message = parse(&text);
    assert_eq!((message.from().unwrap().display_name().unwrap().len(), message.vias().count()), (8000, 501));
    assert_eq!(message.check_request(), Ok(()));
    let error = Message::parse(Bytes::from(INVITE.replace("Alice", &"x".repeat(65536)))).unwrap_err();
    assert_eq!(error.kind, ParseErrorKind::TooLong);
}

#[test]
fn a_body_may_be_of_any_octets() {
    let mut octets = INVITE.replace("Content-Length: 4", "l: 6").into_bytes();
    octets.truncate(octets.len() - 4);
    octets.extend([0, 255, 13, 10, 13, 10]);
    let message = Message::parse(Bytes::from(octets)).unwrap();
    assert_eq!((message.body(), message.body_octets().as_ref()), (&[0, 255, 13, 10, 13, 10][..], message.body()));
    assert_eq!(message.text(message.body_span()), "");
}

#[test]
fn status_lines() {
    let status = |line: &str| Message::parse(Bytes::from(format!("{line}\r\nVia: x\r\n\r\n")));
    let message = status("SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять").unwrap();
    assert_eq!((message.status(), message.reason()), (Some(200), "= 2**3 * 5**2 но сто девяносто девять"));
    assert_eq!(status("SIP/2.0 100 ").unwrap().reason(), "");
    assert_eq!(status("sip/2.0 699").unwrap().status(), Some(699));
    for bad in
        ["SIP/2.0 4294967301 x", "SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/2.0 +20 x", "SIP/2.0 20", "SIP/2.0  200 x"]
    {
        assert_eq!(status(bad).unwrap_err().kind, ParseErrorKind::StartLine, "{bad}");
    }
    assert_eq!(status("SIP/3.0 200 OK").unwrap_err().kind, ParseErrorKind::Version);
}

#[test]
fn only_lists_are_split_at_commas() {
    let fields = "Subject: a, b\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\nSupported: a, b\r\nk: c\r\nX-Own: d, e\r\n";
    let message = parse(&INVITE.replace("Content-Type", &format!("{fields}Content-Type")));
    let values = |name: &Name| message.values(name).collect::<Vec<_>>();
    assert_eq!(values(&Name::Subject), ["a, b"]);
    assert_eq!(values(&Name::Date).len(), 1);
    assert_eq!(values(&Name::Supported), ["a", "b", "c"]);
    assert_eq!(values(&Name::parse("x-own")), ["d", "e"]);
    assert_eq!(message.headers(&Name::Supported).collect::<Vec<_>>(), ["a, b", "c"]);
    let span = message.span_of(values(&Name::Supported)[1]).unwrap();
    assert_eq!(&message.octets()[span.range()], b"b");
    assert_eq!(message.span_of("b"), None);
}

#[test]
fn what_a_cpm_element_reads_besides() {
    let fields = "Event: conference;id=7\r\nSubscription-State: active;expires=3600\r\n\
        Session-Expires: 1800;refresher=uac\r\nRetry-After: 120 (soon; maybe)\r\n\
        P-Charging-Vector: icid-value=\"a;b\";orig-ioi=home1.example\r\n\
        Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\";require;explicit\r\n\
        P-Asserted-Identity: \"Alice\" <sip:alice@home1.example>, <tel:+15551230001>\r\n";
    let message = parse(&INVITE.replace("Content-Type", &format!("{fields}Content-Type")));
    assert_eq!(message.event().unwrap().params.token("id"), Some("7"));
    assert_eq!(message.subscription_state().unwrap().value, "active");
    assert_eq!(message.seconds(&Name::SessionExpires), Some(1800));
    assert_eq!(message.seconds(&Name::RetryAfter), Some(120));
    assert_eq!(message.expires(), None);
    assert_eq!(message.charging_vector().unwrap().get("icid-value").unwrap().unwrap(), "a;b");
    let accepted = message.tokenized(&Name::AcceptContact).next().unwrap();
    assert_eq!((accepted.value, accepted.params.has("require")), ("*", true));
    let service = accepted.params.get("+g.3gpp.icsi-ref").unwrap().unwrap();
    assert_eq!(service, "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg");
    let asserted: Vec<_> = message.asserted_identities().map(|one| one.unwrap().uri).collect();
    assert_eq!(asserted, ["sip:alice@home1.example", "tel:+15551230001"]);
    assert_eq!(message.check_request(), Ok(()));
}
