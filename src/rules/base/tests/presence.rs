//! Golden scenes of which headers stand in which messages.

use super::sip::{NOTIFY, SUBSCRIBE, answered, asked, bye, exchange, invite, message, paged, paged_ok};
use super::{Case, Turn, case, target, tester};

pub(super) fn cases() -> Vec<Case> {
    let published = || {
        let [asked, answered] = exchange("PUBLISH", "Event: presence\n");
        [asked, answered.with("Content-Length", "SIP-ETag: a1\nExpires: 60\nContent-Length")]
    };
    let subscribed = || {
        let answer = paged_ok().with("c2@", "c4@").with("MESSAGE", "SUBSCRIBE").with("z9hG4bKm1", "z9hG4bKs1");
        let answer = answer.with("<sip:alice@home.example>;tag=a2", "<sip:bob@home.example>;tag=b3");
        let answer = answer.with("Content-Length", "Expires: 300\nContact: <sip:chat@home.example>\nContent-Length");
        [tester(SUBSCRIBE), answer]
    };
    let reliable = "RSeq: 1\nRequire: 100rel\nContact: <sip:bob@192.0.2.4>";
    let calling = || asked().with("Content-Length", "Supported: 100rel\nContent-Length");
    let rung = || [calling(), answered().with("200 OK", "183 Progress").with("Contact: <sip:bob@192.0.2.4>", reliable)];
    let timed = "Session-Expires: 1800;refresher=uac\nRequire: timer\nContact: <sip:bob@192.0.2.4>";
    let timed = || [asked(), answered().with("Contact: <sip:bob@192.0.2.4>", timed)];
    let options = exchange("OPTIONS", "");
    let options = [options[0].clone(), options[1].clone().with("Content-Length", "Allow: INVITE\nContent-Length")];
    let sent = |rule, scene: Turn, from: &str, to: &str| case(rule, [scene], from, to);
    let of = |method, more| exchange(method, more)[0].clone();
    let refer = of("REFER", "Refer-To: <sip:c@home.example>\nContact: <sip:a@home.example>\n");
    vec![
        sent("base.sip.required_header", refer, "Refer-To: <sip:c@home.example>\n", ""),
        sent("base.sip.required_header", of("PRACK", "RAck: 1 1 INVITE\n"), "RAck: 1 1 INVITE\n", ""),
        case("base.sip.required_header", published(), "Event: presence\n", ""),
        case("base.sip.required_header", published(), "SIP-ETag: a1\n", ""),
        case("base.sip.required_header", published(), "Expires: 60\n", ""),
        case(
            "base.sip.publication_body",
            [exchange("PUBLISH", "Event: presence\n")[0].clone()],
            "Content-Type: text/plain\nContent-Length: ~\n\nHi",
            "Content-Length: ~\n\n",
        ),
        case("base.sip.required_header", subscribed(), "Expires: 300\nContact: <sip:chat", "Contact: <sip:chat"),
        sent("base.sip.customary_header", target(SUBSCRIBE), "Expires: 300\n", ""),
        case("base.sip.customary_header", options, "Allow: INVITE\n", ""),
        sent("base.sip.misplaced_header", message(), "Expires: 600", "Unsupported: 100rel"),
        sent("base.sip.misplaced_header", message(), "Expires: 600", "Session-Expires: 600"),
        sent("base.sip.misplaced_header", message(), "Expires: 600", "Replaces: 1@x;to-tag=1;from-tag=2"),
        case("base.sip.misplaced_header", [paged(), paged_ok()], "Content-Length: 0", "Max-Forwards: 70"),
        case("base.sip.misplaced_header", [paged(), paged_ok()], "Content-Length: 0", "Min-Expires: 70"),
        sent("base.sip.misplaced_contact", bye(), "Content-Length: ~", "Contact: <sip:a@home.example>"),
        sent("base.sip.subscription_expires", target(NOTIFY), "active;expires=300", "active"),
        sent("base.sip.subscription_seconds", target(NOTIFY), "active;expires=300", "active;expires=soon"),
        case("base.sip.reliable_response", rung(), "RSeq: 1\n", ""),
        case("base.sip.reliable_response", rung(), "Require: 100rel\n", ""),
        sent(
            "base.sip.session_timer",
            invite().with("Content-Length", "Session-Expires: 1800\nMin-SE: 1800\nContent-Length"),
            "Session-Expires: 1800",
            "Session-Expires: 1799",
        ),
        case("base.sip.session_timer", timed(), ";refresher=uac", ""),
        case("base.sip.session_timer", timed(), "Require: timer\n", ""),
        sent("base.sip.asserted_identity", invite(), ", <tel:+12015550123>", ", <sip:a@home.example>"),
        sent("base.sip.asserted_identity", invite(), ", <tel:+12015550123>", ", <urn:service:sos>"),
        sent(
            "base.sip.preferred_and_asserted",
            invite(),
            "Content-Length: ~",
            "P-Preferred-Identity: <sip:alice@home.example>",
        ),
    ]
}
