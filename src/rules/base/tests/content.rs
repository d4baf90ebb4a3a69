//! Golden scenes of what messages carry: SDP, multipart, CPIM, disposition notifications, conference state.

use super::sip::{INVITE, accepted, message};
use super::{Case, Turn, case, judge, last, target, tester};

pub(super) const SDP: &str = "v=0
o=pf 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=message 2855 TCP/TLS/MSRP *
a=path:msrps://192.0.2.1:2855/s1;tcp
a=setup:actpass
a=sendonly
a=accept-types:message/cpim text/*
a=fingerprint:SHA-1 4A:AD:B9
";
const ANSWER: &str = "v=0
o=bob 2 1 IN IP4 192.0.2.4
s=-
c=IN IP4 192.0.2.4
t=0 0
m=message 9 TCP/TLS/MSRP *
a=path:msrps://192.0.2.4:7394/s2;tcp
a=setup:active
a=recvonly
a=accept-types:*
a=fingerprint:SHA-1 4A:AD:B9
";
const CPIM: &str = "From: Alice <sip:alice@home.example>
To: <sip:bob@home.example>
DateTime: 2026-01-02T03:04:05.678Z
NS: imdn <urn:ietf:params:imdn>
imdn.Message-ID: m1
imdn.Disposition-Notification: positive-delivery, display

Content-Type: text/plain; charset=utf-8

Hi";
const IMDN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">
<message-id>m1</message-id>
<datetime>2026-01-02T03:04:05Z</datetime>
<delivery-notification><status><delivered/></status></delivery-notification>
</imdn>";
const CONFERENCE: &str = "<?xml version=\"1.0\"?>
<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" entity=\"sip:chat@home.example\" state=\"full\" version=\"1\">
<conference-description><subject>x</subject></conference-description>
<users><user entity=\"sip:bob@home.example\" state=\"full\"><endpoint entity=\"sip:bob@home.example\"><status>connected</status></endpoint></user></users>
</conference-info>";
const LIST_NAMESPACE: &str = "xmlns=\"urn:ietf:params:xml:ns:resource-lists\"";
const NOTIFY: &str = "NOTIFY sip:bob@192.0.2.4 SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKn1
Max-Forwards: 70
From: <sip:chat@home.example>;tag=f1
To: <sip:bob@home.example>;tag=b3
Call-ID: c3@ue
CSeq: 5 NOTIFY
Contact: <sip:chat@home.example>;isfocus
Event: conference
Subscription-State: active
Content-Type: application/conference-info+xml
Content-Length: ~

";

/// An INVITE of the target with a body.
fn carrying(kind: &str, body: &str) -> Turn {
    target(INVITE.replace("Content-Length", &format!("Content-Type: {kind}\nContent-Length")) + body)
}

fn offer() -> Turn {
    carrying("application/sdp", SDP)
}

/// The tester's offer, which the target answers.
fn offered() -> Turn {
    let Turn { text, .. } = offer();
    tester(text.replace("\r\n", "\n"))
}

fn answer() -> Turn {
    let text = accepted()
        .text
        .replace("\r\n", "\n")
        .replace("Content-Length", "Content-Type: application/sdp\nContent-Length");
    target(text + ANSWER)
}

/// A 488 may say in SDP what would be possible, which is no answer.
#[test]
fn a_description_in_a_refusal_is_no_answer() {
    let refusal =
        answer().with("200 OK", "488 Not Acceptable Here").with("4A:AD:B9\n", "4A:AD:B9\nm=audio 0 RTP/AVP 0\n");
    assert_eq!(judge(&[offered(), refusal]), []);
}

#[test]
fn comments_and_sections_cut_no_data() {
    let told = imdn()
        .with("<message-id>m1", "<message-id><!-- - --><![CDATA[m]]>1")
        .with("<datetime>2026", "<datetime>20<!-- -->26");
    assert_eq!(judge(&[told]), []);
    assert_eq!(judge(&[conference().with("<status>connected", "<status><!-- - -->conn<!-- -->ected")]), []);
}

fn cpim() -> Turn {
    let text = message().text.replace("\r\n", "\n").replace("text/plain", "message/cpim");
    target(text.trim_end_matches("Hi").to_owned() + CPIM)
}

fn imdn() -> Turn {
    cpim().with("imdn.Disposition-Notification: positive-delivery, display\n", "").with(
        "Content-Type: text/plain; charset=utf-8\n\nHi",
        &format!("Content-Type: message/imdn+xml\nContent-Disposition: notification\n\n{IMDN}"),
    )
}

fn conference() -> Turn {
    target(NOTIFY.to_owned() + CONFERENCE)
}

fn next_conference(branch: &str, cseq: u32, version: u32) -> Turn {
    conference()
        .with("z9hG4bKn1", &format!("z9hG4bK{branch}"))
        .with("CSeq: 5", &format!("CSeq: {cseq}"))
        .with("state=\"full\" version=\"1\"", &format!("state=\"partial\" version=\"{version}\""))
}

pub(super) fn cases() -> Vec<Case> {
    [sdp(), answers(), multipart(), cpims(), imdns(), conferences()].into_iter().flatten().collect()
}

fn sdp() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [offer()], from, to);
    vec![
        sent("base.sdp.line", "a=sendonly", "a:sendonly"),
        sent("base.sdp.order", "t=0 0\n", ""),
        sent("base.sdp.order", "c=IN IP4 192.0.2.1\nt=0 0", "t=0 0\nc=IN IP4 192.0.2.1"),
        sent("base.sdp.origin", "o=pf 1 1", "o=pf one 1"),
        sent("base.sdp.origin", "v=0", "v=1"),
        sent("base.sdp.connection", "c=IN IP4 192.0.2.1\n", ""),
        sent("base.sdp.media", "m=message 2855 TCP/TLS/MSRP *", "m=message 2855 TCP/TLS/MSRP"),
        sent("base.sdp.media", "m=message 2855", "m=message 285500"),
        sent("base.sdp.message_format", "TCP/TLS/MSRP *", "TCP/TLS/MSRP 0"),
        sent("base.sdp.path", "a=path:msrps://192.0.2.1:2855/s1;tcp\n", ""),
        sent("base.sdp.path", "msrps://192.0.2.1:2855/s1;tcp", "msrps://192.0.2.1:2855/s1"),
        sent("base.sdp.accept_types", "a=accept-types:message/cpim text/*\n", ""),
        sent("base.sdp.accept_types", "message/cpim text/*", "cpim"),
        sent("base.sdp.setup", "a=setup:actpass", "a=setup:both"),
        sent("base.sdp.direction", "a=sendonly\n", "a=sendonly\na=recvonly\n"),
        sent("base.sdp.fingerprint", "4A:AD:B9", "4A:ad:B9"),
        sent("base.sdp.fingerprint_with_tls", "a=fingerprint:SHA-1 4A:AD:B9\n", ""),
        sent("base.sdp.path_address", "msrps://192.0.2.1:2855", "msrps://192.0.2.1:2856"),
        sent("base.sdp.line_end", "4A:AD:B9\n", "4A:AD:B9"),
    ]
}

fn answers() -> Vec<Case> {
    let given = |rule, from, to| case(rule, [offered(), answer()], from, to);
    let again = offer()
        .with("z9hG4bKi1", "z9hG4bKi9")
        .with("CSeq: 1", "CSeq: 2")
        .with("a=sendonly", "a=sendrecv")
        .with("o=pf 1 1", "o=pf 1 2");
    vec![
        last("base.sdp.answer", [offered(), answer()], answer().with("4A:AD:B9\n", "4A:AD:B9\nm=audio 0 RTP/AVP 0\n")),
        given("base.sdp.answer", "m=message 9 TCP/TLS/MSRP", "m=message 9 TCP/MSRP"),
        last(
            "base.sdp.answer",
            [offered().with("message 2855", "message 0"), answer().with("message 9", "message 0")],
            answer(),
        ),
        given("base.sdp.direction_mirrored", "a=recvonly", "a=sendrecv"),
        given("base.sdp.setup", "a=setup:active", "a=setup:actpass"),
        case("base.sdp.version", [offer(), again], "o=pf 1 2", "o=pf 1 1"),
    ]
}

fn multipart() -> Vec<Case> {
    let body = format!(
        "--b1\nContent-Type: application/sdp\n\n{SDP}\n--b1\nContent-Type: application/resource-lists+xml\n\n<resource-lists {LIST_NAMESPACE}/>\n--b1--\n"
    );
    let whole = carrying("multipart/mixed;boundary=\"b1\"", &body);
    vec![
        case("base.mime.multipart", [whole.clone()], "--b1--\n", ""),
        case("base.mime.multipart", [whole.clone()], ";boundary=\"b1\"", ""),
        case("base.sdp.setup", [whole.clone()], "a=setup:actpass", "a=setup:no"),
        case("base.xml.well_formed", [whole], "lists\"/>", "lists\">"),
    ]
}

fn cpims() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [cpim()], from, to);
    vec![
        sent(
            "base.cpim.structure",
            "Content-Type: text/plain; charset=utf-8\n\nHi",
            "Content-Type: text/plain; charset=utf-8\nHi",
        ),
        sent(
            "base.cpim.header",
            "To: <sip:bob@home.example>\nDateTime",
            "To:<sip:bob@home.example>\nTo: <sip:bob@home.example>\nDateTime",
        ),
        sent("base.cpim.namespace", "NS: imdn <urn:ietf:params:imdn>\n", ""),
        sent("base.cpim.namespace", "<urn:ietf:params:imdn>", "urn:ietf:params:imdn"),
        sent("base.cpim.address", "Alice <sip:alice@home.example>", "Alice <alice>"),
        sent("base.cpim.address_brackets", "Alice <sip:alice@home.example>", "sip:alice@home.example"),
        sent("base.cpim.date_time", "2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05"),
        sent("base.cpim.customary", "DateTime: 2026-01-02T03:04:05.678Z\n", ""),
        sent(
            "base.cpim.case",
            "To: <sip:bob@home.example>\nDateTime",
            "to: <sip:bob@home.example>\nTo: <sip:bob@home.example>\nDateTime",
        ),
        sent("base.cpim.content_type", "text/plain; charset=utf-8", "text"),
        sent("base.cpim.imdn_message_id", "imdn.Message-ID: m1\n", ""),
        sent("base.cpim.imdn_message_id", "imdn.Message-ID: m1\n", "imdn.Message-ID: m1\nimdn.Message-ID: m2\n"),
        sent("base.cpim.imdn_dispositions", "positive-delivery, display", "positive-delivery; display, "),
    ]
}

fn imdns() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [imdn()], from, to);
    vec![
        sent(
            "base.imdn.asks_for_none",
            "imdn.Message-ID: m1\n",
            "imdn.Message-ID: m1\nimdn.Disposition-Notification: display\n",
        ),
        sent("base.imdn.content_disposition", "Content-Disposition: notification\n", ""),
        sent("base.imdn.root", "urn:ietf:params:xml:ns:imdn", "urn:ietf:params:xml:ns:other"),
        sent("base.imdn.message_id", "<message-id>m1</message-id>", "<message-id/>"),
        sent(
            "base.imdn.shape",
            "</imdn>",
            "<display-notification><status><displayed/></status></display-notification></imdn>",
        ),
        sent("base.imdn.shape", "<delivery-notification><status><delivered/></status></delivery-notification>", ""),
        sent("base.imdn.status", "<delivered/>", "<displayed/>"),
        sent("base.imdn.date_time", "<datetime>2026-01-02T03:04:05Z</datetime>", "<datetime>now</datetime>"),
        sent("base.xml.well_formed", "</imdn>", ""),
    ]
}

fn conferences() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [conference()], from, to);
    let series = || [conference(), next_conference("n2", 6, 2), next_conference("n3", 7, 3)];
    vec![
        sent("base.conference_info.root", "urn:ietf:params:xml:ns:conference-info", "urn:ietf:params:xml:ns:other"),
        sent("base.conference_info.entity", "<user entity=\"sip:bob@home.example\" ", "<user "),
        sent("base.conference_info.values", "<status>connected</status>", "<status>here</status>"),
        sent("base.conference_info.values", "version=\"1\"", "version=\"one\""),
        sent(
            "base.conference_info.order",
            "<status>connected</status>",
            "<joining-method>dialed-in</joining-method><status>connected</status>",
        ),
        sent("base.conference_info.first_full", "state=\"full\" version", "state=\"partial\" version"),
        case("base.conference_info.version", series(), "version=\"3\"", "version=\"2\""),
        case("base.conference_info.version_step", series(), "version=\"3\"", "version=\"5\""),
    ]
}

#[test]
fn a_notification_that_was_overtaken_says_nothing_of_versions() {
    let scene = [conference(), next_conference("n3", 7, 3), next_conference("n2", 6, 2)];
    let rules: Vec<String> = judge(&scene).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["base.conference_info.version_step", "base.sip.cseq_order_datagrams"]);
}
