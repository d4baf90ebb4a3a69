//! Golden scenes of what clients send: registrations, and lists of whom to invite.

use super::sip::invite;
use super::{Case, Turn, case, judge, target};

const REGISTER: &str = "REGISTER sip:home.example SIP/2.0
Via: SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKr1
Max-Forwards: 70
From: <sip:bob@home.example>;tag=r1
To: <sip:bob@home.example>
Call-ID: reg1@192.0.2.4
CSeq: 1 REGISTER
Contact: <sip:bob@192.0.2.4:5060>;expires=600;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"
Supported: path, gruu
Content-Length: 0

";
const LISTS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\" xmlns:cp=\"urn:ietf:params:xml:ns:copycontrol\"><list>
<entry uri=\"sip:alice@home.example\" cp:copyControl=\"to\"/>
<entry uri=\"tel:+12015550123\"/>
</list></resource-lists>";

fn register() -> Turn {
    target(REGISTER)
}

fn again() -> Turn {
    register().with("z9hG4bKr1", "z9hG4bKr2").with("CSeq: 1", "CSeq: 2")
}

const SUBSCRIBE: &str = "SUBSCRIBE sip:chat@home.example SIP/2.0
Via: SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKs1
Max-Forwards: 70
From: <sip:bob@home.example>;tag=b3
To: <sip:chat@home.example>
Call-ID: c4@192.0.2.4
CSeq: 1 SUBSCRIBE
Contact: <sip:bob@192.0.2.4:5060>
Event: conference
Accept: text/plain, Application/Conference-Info+XML;q=0.5
Expires: 300
Content-Length: 0

";

/// An INVITE to a factory, with the list of those whom it is to invite.
fn restart(disposition: &str) -> Turn {
    let body = format!(
        "Require: recipient-list-invite\nContent-Type: multipart/mixed;boundary=b1\nContent-Length: ~\n\n--b1\n\
         Content-Type: text/plain\n\nx\n--b1\nContent-Type: application/resource-lists+xml\n\
         Content-Disposition: {disposition}\n\n{LISTS}\n--b1--\n"
    );
    invite().with("Content-Length: ~\n\n", &body)
}

pub(super) fn cases() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [register()], from, to);
    let listed = |rule, from, to| case(rule, [restart("recipient-list")], from, to);
    vec![
        sent("base.sip.register_uri", "REGISTER sip:home.example", "REGISTER sip:bob@home.example"),
        sent("base.sip.contact_expires", "expires=600", "expires=soon"),
        sent("base.sip.instance", "\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"", "\"bob's phone\""),
        sent("base.sip.instance", "<urn:uuid:", "<uuid:"),
        case("base.sip.contact_star", [cleared("0")], "Expires: 0", "Expires: 600"),
        case("base.sip.contact_star", [cleared("0")], "Expires: 0\n", ""),
        case("base.sip.contact_star", [cleared("0")], "Contact: *", "Contact: *, <sip:bob@192.0.2.4>"),
        case("base.sip.contact_star", [invite()], "<sip:pf.home.example:5060>", "*"),
        case("base.sip.register_cseq", [register(), again()], "CSeq: 2", "CSeq: 1"),
        case("base.sip.conference_accept", [target(SUBSCRIBE)], ", Application/Conference-Info+XML;q=0.5", ""),
        listed("base.resource_lists.root", "xmlns=\"urn:ietf:params:xml:ns:resource-lists\" ", ""),
        listed("base.resource_lists.entry", "uri=\"tel:+12015550123\"", ""),
        listed("base.resource_lists.entry", "uri=\"tel:+12015550123", "uri=\"bob"),
        listed("base.resource_lists.copy_control", "copyControl=\"to\"", "copyControl=\"from\""),
        listed("base.sip.recipient_list", "Require: recipient-list-invite\n", ""),
        listed("base.sip.recipient_list", "Require: recipient-list-invite", "Require: 100rel"),
    ]
}

fn cleared(seconds: &str) -> Turn {
    let contact = "Contact: <sip:bob@192.0.2.4:5060>;expires=600;\
                   +sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"\n";
    register().with(contact, &format!("Contact: *\nExpires: {seconds}\n"))
}

#[test]
fn a_third_party_registers_where_it_was_told_to() {
    let third = register().with("REGISTER sip:home.example", "REGISTER sip:chat@as.home.example");
    let third = third.with("From: <sip:bob@home.example>", "From: <sip:scscf.home.example>");
    assert_eq!(judge(&[third]), vec![]);
}

#[test]
fn a_subscription_may_accept_anything_or_say_nothing() {
    for accept in ["Accept: */*\n", "Accept: application/*;q=0.1\n", ""] {
        let line = "Accept: text/plain, Application/Conference-Info+XML;q=0.5\n";
        assert_eq!(judge(&[target(SUBSCRIBE).with(line, accept)]), vec![]);
    }
    let other = target(SUBSCRIBE).with("Event: conference", "Event: reg");
    assert_eq!(judge(&[other.with(", Application/Conference-Info+XML;q=0.5", "")]), vec![]);
}

#[test]
fn a_list_that_informs_requires_nothing() {
    let informed = restart("recipient-list-history;handling=optional").with("Require: recipient-list-invite\n", "");
    assert_eq!(judge(&[informed]), vec![]);
}

#[test]
fn a_number_that_was_lost_need_not_come_again() {
    assert_eq!(judge(&[register(), again().with("CSeq: 2", "CSeq: 7")]), vec![]);
}

/// Of a copy that comes after the next one nothing is known when the record began between the two.
#[test]
fn a_registration_from_before_the_record_may_come_late() {
    let numbered = |number: u32| {
        let (branch, cseq) = (format!("z9hG4bKr{number}"), format!("CSeq: {number} "));
        register().with("z9hG4bKr1", &branch).with("CSeq: 1 ", &cseq)
    };
    let rules = |scene: &[Turn]| judge(scene).into_iter().map(|finding| finding.rule).collect::<Vec<String>>();
    assert_eq!(rules(&[numbered(4), numbered(3), numbered(5)]), [""; 0]);
    assert_eq!(rules(&[numbered(3), numbered(5), numbered(4)]), ["base.sip.register_cseq"]);
}
