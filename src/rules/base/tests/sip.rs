//! Golden scenes of SIP.

use super::{Case, Turn, case, last, target, tester};

pub(super) const INVITE: &str = "INVITE sip:bob@home.example SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKi1
Max-Forwards: 70
Route: <sip:scscf.home.example;lr>
From: \"Alice\" <sip:alice@home.example>;tag=a1
To: <sip:bob@home.example>
Call-ID: c1@pf.home.example
CSeq: 1 INVITE
Contact: <sip:pf.home.example:5060>
P-Asserted-Identity: <sip:alice@home.example>, <tel:+12015550123>
Content-Length: ~

";
const OK_INVITE: &str = "SIP/2.0 200 OK
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKi1;received=127.0.0.1
From: \"Alice\" <sip:alice@home.example>;tag=a1
To: <sip:bob@home.example>;tag=b1
Call-ID: c1@pf.home.example
CSeq: 1 INVITE
Contact: <sip:bob@192.0.2.4>
Content-Length: ~

";
pub(super) const ACK: &str = "ACK sip:bob@192.0.2.4 SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKk1
Max-Forwards: 70
From: \"Alice\" <sip:alice@home.example>;tag=a1
To: <sip:bob@home.example>;tag=b1
Call-ID: c1@pf.home.example
CSeq: 1 ACK
Content-Length: ~

";
pub(super) const MESSAGE: &str = "MESSAGE sip:bob@home.example SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKm1
Max-Forwards: 70
From: <sip:alice@home.example>;tag=a2
To: <sip:bob@home.example>
Call-ID: c2@pf.home.example
CSeq: 1 MESSAGE
Expires: 600
Content-Type: text/plain
Content-Length: ~

Hi";
pub(super) const NOTIFY: &str = "NOTIFY sip:bob@192.0.2.4 SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKn1
Max-Forwards: 70
From: <sip:chat@home.example>;tag=f1
To: <sip:bob@home.example>;tag=b3
Call-ID: c3@ue
CSeq: 5 NOTIFY
Contact: <sip:chat@home.example>;isfocus
Event: conference
Subscription-State: active;expires=300
Content-Length: ~

";
pub(super) const SUBSCRIBE: &str = "SUBSCRIBE sip:chat@home.example SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKs1
Max-Forwards: 70
From: <sip:bob@home.example>;tag=b3
To: <sip:chat@home.example>
Call-ID: c4@pf.home.example
CSeq: 1 SUBSCRIBE
Contact: <sip:pf.home.example:5060>
Event: conference
Expires: 300
Content-Length: ~

";

pub(super) fn invite() -> Turn {
    target(INVITE)
}

/// The tester's answer to the INVITE.
pub(super) fn accepted() -> Turn {
    tester(OK_INVITE)
}

pub(super) fn refused() -> Turn {
    accepted().with("200 OK", "486 Busy Here").with("Contact: <sip:bob@192.0.2.4>\n", "")
}

pub(super) fn ringing() -> Turn {
    accepted().with("200 OK", "180 Ringing")
}

pub(super) fn ack() -> Turn {
    target(ACK)
}

fn ack_of_refusal() -> Turn {
    ack().with("z9hG4bKk1", "z9hG4bKi1").with("sip:bob@192.0.2.4", "sip:bob@home.example")
}

pub(super) fn bye() -> Turn {
    ack().with("ACK sip", "BYE sip").with("1 ACK", "2 BYE").with("z9hG4bKk1", "z9hG4bKb1")
}

fn cancel() -> Turn {
    let text = INVITE.replace("INVITE", "CANCEL").replace("Contact: <sip:pf.home.example:5060>\n", "");
    target(text.replace("P-Asserted-Identity: <sip:alice@home.example>, <tel:+12015550123>\n", ""))
}

pub(super) fn message() -> Turn {
    target(MESSAGE)
}

/// An INVITE by the tester, which the target answers.
pub(super) fn asked() -> Turn {
    tester(INVITE)
}

pub(super) fn answered() -> Turn {
    target(OK_INVITE)
}

/// A MESSAGE by the tester and the target's answer.
pub(super) fn paged() -> Turn {
    tester(MESSAGE)
}

pub(super) fn paged_ok() -> Turn {
    target(
        "SIP/2.0 200 OK
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKm1
From: <sip:alice@home.example>;tag=a2
To: <sip:bob@home.example>;tag=b2
Call-ID: c2@pf.home.example
CSeq: 1 MESSAGE
Content-Length: 0

",
    )
}

pub(super) fn cases() -> Vec<Case> {
    [fields(), addresses(), responses(), transactions()].into_iter().flatten().collect()
}

fn fields() -> Vec<Case> {
    let sent = |rule, scene: Turn, from, to| case(rule, [scene], from, to);
    vec![
        sent("base.sip.message", invite(), "CSeq: 1 INVITE", "CSeq 1 INVITE"),
        sent("base.sip.message", message(), "Content-Length: ~", "Content-Length: 3"),
        sent("base.sip.message", invite(), "INVITE sip:bob@home.example", "INVITE <sip:bob@home.example>"),
        case("base.sip.message", [invite(), accepted()], "SIP/2.0 200", "SIP/2.0 700"),
        case("base.sip.message", [invite(), accepted()], "SIP/2.0 200", "SIP/2.0 099"),
        case("base.sip.message", [invite(), accepted()], "SIP/2.0 200", "SIP/2.0 99"),
        case("base.sip.message", [invite(), accepted()], "SIP/2.0 200", "SIP/2.0 2000"),
        sent("base.sip.start_line", invite(), "INVITE sip:bob@home.example", "INVITE sip:bob@home_example"),
        sent("base.sip.mandatory_header", invite(), "Max-Forwards: 70\n", ""),
        sent("base.sip.mandatory_header", invite(), "Call-ID: c1@pf.home.example\n", ""),
        sent("base.sip.repeated_header", invite(), "Max-Forwards: 70\n", "Max-Forwards: 70\nMax-Forwards: 70\n"),
        sent("base.sip.repeated_header", invite(), "CSeq: 1 INVITE\n", "CSeq: 1 INVITE\nCSeq: 1 INVITE\n"),
        sent("base.sip.max_forwards", invite(), "Max-Forwards: 70", "Max-Forwards: 256"),
        sent("base.sip.cseq", invite(), "CSeq: 1 INVITE", "CSeq: 1 UPDATE"),
        sent("base.sip.cseq", invite(), "CSeq: 1 INVITE", "CSeq: 2147483648 INVITE"),
        sent("base.sip.call_id", invite(), "c1@pf.home.example", "c1@pf@home.example"),
        sent("base.sip.surplus", message(), "Content-Length: ~", "Content-Length: 1"),
        sent("base.sip.start_line", invite(), "INVITE sip:bob@home.example", "INVITE sip:bob@home.example?Route=x"),
        sent(
            "base.sip.date",
            message().with("Expires", "Date: Fri, 01 Jan 2010 16:00:00 GMT\nExpires"),
            "16:00:00 GMT",
            "16:00:00 EST",
        ),
        sent("base.sip.content_length", invite().over_tcp(), "Content-Length: ~\n", ""),
        sent("base.sip.content_type", message(), "Content-Type: text/plain\n", ""),
        sent("base.sip.content_type", message(), "Content-Type: text/plain", "Content-Type: text"),
        sent("base.sip.contact", invite(), "Contact: <sip:pf.home.example:5060>\n", ""),
        sent("base.sip.contact", invite(), "<sip:pf.home.example:5060>", "<sip:pf.home.example>, <sip:x.example>"),
        sent("base.sip.contact", target(NOTIFY), "Contact: <sip:chat@home.example>;isfocus\n", ""),
        case("base.sip.contact", [asked(), answered()], "Contact: <sip:bob@192.0.2.4>\n", ""),
        sent(
            "base.sip.contact_refresh",
            invite().with("To: <sip:bob@home.example>", "To: <sip:bob@home.example>;tag=b1"),
            "Contact: <sip:pf.home.example:5060>\n",
            "",
        ),
        sent("base.sip.contact_in_message", message(), "Expires: 600", "Contact: <sip:pf.home.example>"),
        sent("base.sip.event", target(SUBSCRIBE), "Event: conference\n", ""),
        sent("base.sip.event", target(SUBSCRIBE), "Event: conference", "Event: conference, presence"),
        sent("base.sip.subscription_state", target(NOTIFY), "Subscription-State: active;expires=300\n", ""),
        sent("base.sip.subscription_state", target(NOTIFY), "State: active;expires=300", "State: ;expires=300"),
        sent("base.sip.expires", message(), "Expires: 600", "Expires: soon"),
    ]
}

fn addresses() -> Vec<Case> {
    let sent = |rule, scene: Turn, from, to| case(rule, [scene], from, to);
    vec![
        sent("base.sip.address", invite(), "From: \"Alice\"", "From: \"Alice"),
        sent("base.sip.address", invite(), "From: \"Alice\"", "From: Alice@home"),
        sent("base.sip.address", invite(), "<tel:+12015550123>", "<tel:0123>"),
        sent("base.sip.address", invite(), "<sip:pf.home.example:5060>", "<sip:pf.home.example:50600000>"),
        sent("base.sip.route", invite(), "<sip:scscf.home.example;lr>", "sip:scscf.home.example;lr"),
        sent(
            "base.sip.from_tag",
            invite(),
            "Alice\" <sip:alice@home.example>;tag=a1",
            "Alice\" <sip:alice@home.example>",
        ),
        case(
            "base.sip.to_tag",
            [paged(), paged_ok()],
            "To: <sip:bob@home.example>;tag=b2",
            "To: <sip:bob@home.example>",
        ),
        sent("base.sip.via", invite(), "SIP/2.0/UDP pf.home.example:5060", "SIP/2.1/UDP pf.home.example:5060"),
        sent("base.sip.via", invite(), "SIP/2.0/UDP pf.home.example:5060", "SIP/2.0/UDP pf home"),
        sent("base.sip.branch_cookie", invite(), "branch=z9hG4bKi1", "branch=i1"),
        sent("base.sip.branch", invite(), "branch=z9hG4bKi1", "branch=z9hG4bK"),
        sent("base.sip.via_transport", invite(), "SIP/2.0/UDP", "SIP/2.0/TCP"),
        case(
            "base.sip.cancel_via",
            [invite(), ringing(), cancel()],
            "CANCEL sip:bob@home.example SIP/2.0\nVia: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKi1\n",
            "CANCEL sip:bob@home.example SIP/2.0\nVia: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKi1\nVia: SIP/2.0/UDP ue;branch=z9hG4bKu\n",
        ),
    ]
}

fn responses() -> Vec<Case> {
    let refusal = |line: &'static str, header: &'static str| {
        let text = format!("{line}\n{header}\nVia");
        [paged(), paged_ok().with("SIP/2.0 200 OK\nVia", &text)]
    };
    let needs = |rule, line, header: &'static str| case(rule, refusal(line, header), &format!("{header}\n"), "");
    vec![
        needs("base.sip.explained_refusal", "SIP/2.0 405 Method Not Allowed", "Allow: INVITE, ACK"),
        needs("base.sip.explained_refusal", "SIP/2.0 420 Bad Extension", "Unsupported: recipient-list-invite"),
        needs("base.sip.explained_refusal", "SIP/2.0 423 Interval Too Brief", "Min-Expires: 60"),
        needs("base.sip.explained_refusal_habit", "SIP/2.0 489 Bad Event", "Allow-Events: conference"),
        needs("base.sip.explained_refusal_habit", "SIP/2.0 415 Unsupported Media Type", "Accept: text/plain"),
        case("base.sip.non_invite_response", [paged(), paged_ok()], "200 OK", "180 Ringing"),
        case("base.sip.non_invite_response", [paged(), paged_ok()], "200 OK", "408 Request Timeout"),
    ]
}

/// A request by the tester made of the MESSAGE, and the target's 200 to it.
pub(super) fn exchange(method: &str, more: &str) -> [Turn; 2] {
    let request = MESSAGE.replace("MESSAGE", method).replace("Expires: 600\n", more);
    let response = paged_ok().text.replace("\r\n", "\n").replace("MESSAGE", method);
    [tester(request), target(response)]
}

fn transactions() -> Vec<Case> {
    let page = || [paged(), paged_ok()];
    vec![
        last("base.sip.response_unasked", page(), paged_ok().with("z9hG4bKm1", "z9hG4bKx")),
        last(
            "base.sip.response_via",
            [asked(), answered()],
            answered().with("pf.home.example:5060", "pf.home.example:5062"),
        ),
        last("base.sip.response_copy", page(), paged_ok().with("tag=a2", "tag=a3")),
        last("base.sip.response_copy", page(), paged_ok().with("CSeq: 1", "CSeq: 2")),
        last("base.sip.final_once", [paged(), paged_ok(), paged_ok()], paged_ok().with("200 OK", "486 Busy Here")),
        last(
            "base.sip.final_once",
            [asked(), answered(), answered().with("tag=b1", "tag=b2")],
            answered().with("tag=b1", "tag=b2").with("200 OK", "486 Busy Here"),
        ),
        last(
            "base.sip.branch_reused",
            [message(), message().with("z9hG4bKm1", "z9hG4bKm2").with("c2@", "c9@")],
            message().with("c2@", "c9@"),
        ),
        last("base.sip.retransmission", [message(), message()], message().with("Expires: 600", "Expires: 599")),
        last(
            "base.sip.retransmission",
            [paged(), paged_ok(), paged_ok()],
            paged_ok().with("Content-Length: 0", "Content-Length:  0"),
        ),
        case("base.sip.ack_of_refusal", [invite(), refused(), ack_of_refusal()], "CSeq: 1 ACK", "CSeq: 2 ACK"),
        last(
            "base.sip.ack_of_refusal",
            [invite(), refused(), ack_of_refusal()],
            ack_of_refusal().with("z9hG4bKi1", "z9hG4bKi2"),
        ),
        case("base.sip.ack_of_success", [invite(), accepted(), ack()], "z9hG4bKk1", "z9hG4bKi1"),
        case("base.sip.ack_of_success", [invite(), accepted(), ack()], "SIP/2.0 200 OK", "SIP/2.0 180 Ringing"),
        last("base.sip.ack_of_success", [invite(), accepted(), ack()], ack().with("tag=b1", "tag=b2")),
        case("base.sip.cancel", [invite(), ringing(), cancel()], "CANCEL sip:bob@home", "CANCEL sip:bill@home"),
        last("base.sip.cancel", [invite(), ringing(), cancel()], cancel().with("z9hG4bKi1", "z9hG4bKi2")),
        case("base.sip.cancel_early", [invite(), ringing(), cancel()], "180 Ringing", "486 Busy Here"),
        case("base.sip.cseq_order", [invite(), accepted(), ack(), bye()], "2 BYE", "1 BYE"),
        case("base.sip.cseq_order", [renumbered(7).over_tcp(), bye_of(8).over_tcp()], "8 BYE", "6 BYE"),
        case("base.sip.cseq_order_datagrams", [renumbered(7), bye_of(8)], "8 BYE", "6 BYE"),
    ]
}

fn renumbered(cseq: u32) -> Turn {
    invite().with("CSeq: 1", &format!("CSeq: {cseq}"))
}

fn bye_of(cseq: u32) -> Turn {
    bye().with("CSeq: 2", &format!("CSeq: {cseq}"))
}
