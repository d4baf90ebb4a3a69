//! Golden scenes of dialogs: sessions, subscriptions, reliable responses, lifetimes.

use super::sip::{NOTIFY, SUBSCRIBE, accepted, ack, answered, asked, bye, exchange, invite};
use pretty_assertions::assert_eq;

use super::{Case, Turn, case, judge, last, target, tester};

pub(super) fn cases() -> Vec<Case> {
    [sessions(), subscriptions(), reliability(), lifetimes()].into_iter().flatten().collect()
}

fn more(turn: Turn, headers: &str) -> Turn {
    turn.with("Content-Length", &format!("{headers}\nContent-Length"))
}

/// A BYE by the target within the dialog of its INVITE, and the answer.
fn ended() -> [Turn; 2] {
    let ok = accepted().with("1 INVITE", "2 BYE").with("z9hG4bKi1", "z9hG4bKb1");
    [bye(), ok.with("Contact: <sip:bob@192.0.2.4>\n", "")]
}

/// Another request of the target in the dialog.
fn again(method: &str, cseq: u32) -> Turn {
    let turn = bye().with("BYE sip", &format!("{method} sip")).with("2 BYE", &format!("{cseq} {method}"));
    more(turn.with("z9hG4bKb1", &format!("z9hG4bK{method}{cseq}")), "Contact: <sip:pf.home.example:5060>")
}

/// An INVITE by the tester in the dialog, and the target's answer.
fn crossing() -> [Turn; 2] {
    let asked = tester(
        "INVITE sip:pf.home.example:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKt1
Max-Forwards: 70
From: <sip:bob@home.example>;tag=b1
To: \"Alice\" <sip:alice@home.example>;tag=a1
Call-ID: c1@pf.home.example
CSeq: 7 INVITE
Contact: <sip:bob@192.0.2.4>
Content-Length: ~

",
    );
    let text = asked.text.replace("\r\n", "\n").replace("Max-Forwards: 70\n", "");
    let text = text.replace("INVITE sip:pf.home.example:5060 SIP/2.0", "SIP/2.0 491 Request Pending");
    [asked, target(text.replace("Contact: <sip:bob@192.0.2.4>", "Contact: <sip:pf.home.example:5060>"))]
}

/// Who has the answer to his own INVITE may accept the next one, in whatever order the two were sent.
#[test]
fn an_invite_that_comes_after_the_answer_may_be_accepted() {
    let [asked, pending] = crossing();
    let own_ok = accepted().with("1 INVITE", "2 INVITE").with("z9hG4bKi1", "z9hG4bKINVITE2");
    let fine = pending.with("491 Request Pending", "200 OK");
    let scene = [invite(), accepted(), ack(), again("INVITE", 2), asked, own_ok, fine];
    assert_eq!(judge(&scene), []);
}

/// Both sides ask, the tester first, and the target accepts while its own INVITE has no answer.
fn asked_second() -> [Turn; 6] {
    let [asked, pending] = crossing();
    let accepts = pending.with("491 Request Pending", "200 OK");
    [invite(), accepted(), ack(), asked, again("INVITE", 2), accepts]
}

fn glares(scene: &[Turn]) -> Vec<u64> {
    let found = judge(scene).into_iter().filter(|finding| finding.rule == "base.sip.glare");
    found.filter_map(|finding| finding.frame).collect()
}

/// A stream keeps the order of its sender.
#[test]
fn who_asks_second_is_judged_over_one_connection() {
    let scene = asked_second().map(Turn::over_tcp);
    assert_eq!(glares(&scene), [6]);
    let mut refused = scene.clone();
    refused[5] = refused[5].clone().with("200 OK", "491 Request Pending");
    assert_eq!(judge(&refused), []);
    // Who has accepted may ask next.
    let mut after = scene.clone();
    after.swap(4, 5);
    assert_eq!(judge(&after), []);
    // Who has the answer to his own INVITE may accept.
    let own = super::sip::refused().with("1 INVITE", "2 INVITE").with("z9hG4bKi1", "z9hG4bKINVITE2").over_tcp();
    let answered = [&scene[..5], &[own], &scene[5..]].concat();
    assert!(glares(&answered).is_empty());
}

/// Of datagrams a copy may be the first that is seen, and a proxy may have had datagrams.
#[test]
fn who_asks_second_is_not_judged_where_the_order_may_be_another() {
    assert_eq!(judge(&asked_second()), []);
    let mut over_two = asked_second().map(Turn::over_tcp);
    over_two[5] = asked_second()[5].clone();
    assert!(glares(&over_two).is_empty());
    let mut behind = asked_second().map(Turn::over_tcp);
    let via = "Via: SIP/2.0/UDP phone.example:5060;branch=z9hG4bKphone\nMax-Forwards";
    behind[4] = behind[4].clone().with("Max-Forwards", via);
    assert!(glares(&behind).is_empty());
}

fn sessions() -> Vec<Case> {
    let [bye_sent, bye_ok] = ended();
    let call = || vec![invite(), accepted(), ack()];
    let recorded = "Record-Route: <sip:b.example;lr>,<sip:a.example;lr>";
    let routed = bye().with("Max-Forwards", "Route: <sip:a.example;lr>, <sip:b.example;lr>\nMax-Forwards");
    let update_ok = accepted().with("1 INVITE", "2 INVITE").with("z9hG4bKi1", "z9hG4bKINVITE2");
    let with = |turns: &[Turn]| [call(), turns.to_vec()].concat();
    let [crossed, pending] = crossing();
    let trying = accepted().with("200 OK", "100 Trying").with(";tag=b1", "").with("Contact: <sip:bob@192.0.2.4>\n", "");
    vec![
        case(
            "base.sip.remote_target",
            with(std::slice::from_ref(&bye_sent)),
            "BYE sip:bob@192.0.2.4",
            "BYE sip:bob@192.0.2.5",
        ),
        case(
            "base.sip.route_set",
            [invite(), more(accepted(), recorded), ack(), routed],
            "Route: <sip:a.example;lr>, <sip:b.example;lr>\nMax",
            "Route: <sip:b.example;lr>, <sip:a.example;lr>\nMax",
        ),
        last("base.sip.after_bye", with(&[bye_sent.clone(), bye_ok, bye_sent]), again("INVITE", 3)),
        case(
            "base.sip.overlap",
            with(&[again("INVITE", 2), update_ok, again("INVITE", 3)]),
            "SIP/2.0 200 OK\nVia: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKINVITE2",
            "SIP/2.0 183 Progress\nVia: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKINVITE2",
        ),
        case("base.sip.glare", with(&[again("INVITE", 2), crossed, pending]), "491 Request Pending", "200 OK"),
        last("base.sip.late_trying", [invite(), accepted(), accepted()], trying),
    ]
}

/// A SUBSCRIBE by the tester, the target's answer, and its NOTIFY.
fn subscribed() -> [Turn; 3] {
    let ok = target(
        "SIP/2.0 200 OK
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKs1
From: <sip:bob@home.example>;tag=b3
To: <sip:chat@home.example>;tag=f1
Call-ID: c4@pf.home.example
CSeq: 1 SUBSCRIBE
Contact: <sip:chat@home.example>
Expires: 300
Content-Length: ~

",
    );
    [tester(SUBSCRIBE), ok, target(NOTIFY).with("c3@ue", "c4@pf.home.example")]
}

fn subscriptions() -> Vec<Case> {
    let [asking, ok, notify] = subscribed();
    let next = notify.clone().with("5 NOTIFY", "6 NOTIFY").with("z9hG4bKn1", "z9hG4bKn2");
    let refused = "SIP/2.0 403 Forbidden\nVia: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKs1";
    let accepted = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKs1";
    let tagged = |turn: Turn| more(turn, "SIP-ETag: t1\nExpires: 60");
    let [published, published_ok] = exchange("PUBLISH", "Event: presence\n");
    let refreshed = published.clone().with("Event: presence", "Event: presence\nSIP-If-Match: t1");
    let refreshed = refreshed.with("1 PUBLISH", "2 PUBLISH").with("z9hG4bKm1", "z9hG4bKm2");
    vec![
        case("base.sip.notify_unasked", [asking.clone(), ok.clone(), notify.clone()], accepted, refused),
        case(
            "base.sip.notify_event",
            [asking.clone(), ok.clone(), notify.clone()],
            "isfocus\nEvent: conference",
            "isfocus\nEvent: presence",
        ),
        case(
            "base.sip.notify_after_end",
            [asking, ok, notify.with("active;expires=300", "active;expires=299"), next],
            "active;expires=299",
            "terminated;reason=noresource",
        ),
        case("base.sip.entity_tag", [published, tagged(published_ok), refreshed], "SIP-ETag: t1", "SIP-ETag: t2"),
    ]
}

fn reliability() -> Vec<Case> {
    let rung = |number: u32| {
        let progress = answered().with("200 OK", &format!("18{number} Progress"));
        more(progress, &format!("Require: 100rel\nRSeq: {number}"))
    };
    let asking = || more(asked(), "Supported: 100rel");
    let [prack, _] = exchange("PRACK", "RAck: 1 1 INVITE\n");
    let prack = prack
        .with("c2@", "c1@")
        .with("tag=a2", "tag=a1")
        .with("To: <sip:bob@home.example>", "To: <sip:bob@home.example>;tag=b1");
    let prack = prack.with("PRACK sip:bob@home.example", "PRACK sip:bob@192.0.2.4").with("1 PRACK", "2 PRACK");
    vec![
        case("base.sip.reliable_unasked", [asking(), rung(1)], "Supported: 100rel", "Supported: timer"),
        case("base.sip.rseq_order", [asking(), rung(1), rung(2)], "RSeq: 2", "RSeq: 3"),
        case("base.sip.prack", [asking(), rung(1), prack], "RAck: 1 1 INVITE", "RAck: 2 1 INVITE"),
    ]
}

fn lifetimes() -> Vec<Case> {
    let [asking, ok, _] = subscribed();
    let timed = || more(asked(), "Session-Expires: 1800;refresher=uac");
    let answer = || more(answered(), "Session-Expires: 1700;refresher=uac\nRequire: timer");
    let small = more(answered().with("200 OK", "422 Too Small"), "Min-SE: 1800");
    let retry = timed().with("z9hG4bKi1", "z9hG4bKi2").with("1 INVITE", "2 INVITE");
    let first = timed().with("Session-Expires: 1800", "Session-Expires: 100");
    vec![
        case(
            "base.sip.granted_lifetime",
            [asking, ok],
            "CSeq: 1 SUBSCRIBE\nContact: <sip:chat@home.example>\nExpires: 300",
            "CSeq: 1 SUBSCRIBE\nContact: <sip:chat@home.example>\nExpires: 301",
        ),
        case("base.sip.session_interval", [timed(), answer()], "Session-Expires: 1700", "Session-Expires: 1900"),
        case("base.sip.session_interval", [timed(), answer()], "1700;refresher=uac", "1700;refresher=uas"),
        case("base.sip.session_retry", [first, small, retry], "Session-Expires: 1800", "Session-Expires: 1799"),
    ]
}
