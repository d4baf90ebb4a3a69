//! A request too large for a datagram, to a neighbour that takes no TCP: it goes by UDP after all, and so does all that belongs to
//! it. (RFC 3261 section 18.1.1)

use super::*;
use cpm_wire::sip::Name;
use pretty_assertions::assert_eq;

const CAROL: &str = "sip:carol@remote.example";

#[test]
fn a_refusal_is_acknowledged_where_the_request_went_by_udp_after_all() {
    let cscf = Cscf { tcp: TcpListener::bind("127.0.0.1:0").unwrap(), ..Cscf::bind() };
    let (_files, config) = Files::new(cscf.address());
    let process = Process::start(&config);
    let path = "msrp://127.0.0.1:9/phone;tcp";
    let invite = initial(Method::Invite, CAROL, BOB, CAROL, "large", "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{CONTACT}>"))
        .header(Name::PAssertedIdentity, format!("<{BOB}>"))
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
        .header(Name::ContributionId, "contribution-1")
        .header(Name::ConversationId, "conversation-1")
        .header(Name::Subject, "x".repeat(1300))
        .body("application/sdp", sdp("127.0.0.1:9".parse().unwrap(), path, "active", "sendrecv"))
        .build();
    cscf.send(&invite, process.sip);
    let onward = cscf.receive(|message| message.is_request() && message.call_id() != Some("large"));
    assert_eq!((onward.method(), onward.via().unwrap().transport), (Method::Invite, "UDP"));
    for _ in 0..2 {
        cscf.answer(&onward, 486, "", None, process.sip);
        let ack = cscf.receive(|message| message.method() == Method::Ack && message.call_id() == onward.call_id());
        assert_eq!(ack.values(&Name::Via).next(), onward.values(&Name::Via).next());
    }
}
