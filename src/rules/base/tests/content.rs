//! Golden scenes of what messages carry: multipart, CPIM, disposition notifications, conference state.

use super::descriptions::SDP;
use super::sip::{INVITE, message};
use super::{Case, Turn, case, judge, last, target, tester};

pub(super) const CPIM: &str = "From: Alice <sip:alice@home.example>
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
Subscription-State: active;expires=300
Content-Type: application/conference-info+xml
Content-Length: ~

";

/// An INVITE of the target with a body.
pub(super) fn carrying(kind: &str, body: &str) -> Turn {
    target(INVITE.replace("Content-Length", &format!("Content-Type: {kind}\nContent-Length")) + body)
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

pub(super) fn imdn() -> Turn {
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
    [multipart(), cpims(), imdns(), conferences()].into_iter().flatten().collect()
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
        case("base.xml.well_formed", [whole.clone()], "lists\"/>", "lists\">"),
        last("base.mime.boundary", [whole], bounded_by(&"b".repeat(71))),
        case("base.mime.content_id", [related()], "Content-ID: <two@x>", "Content-ID: <one@x>"),
        case("base.mime.content_id", [related()], "Content-ID: <two@x>", "Content-ID: two@x"),
        case("base.mime.content_id", [related()], "Content-ID: <two@x>", "Content-ID: <two x>"),
        case("base.mime.related", [related()], "start=\"<one@x>\"", "start=\"<three@x>\""),
        case("base.mime.related", [related()], ";type=\"text/plain\"", ""),
    ]
}

fn bounded_by(boundary: &str) -> Turn {
    carrying(&format!("multipart/mixed;boundary=\"{boundary}\""), &format!("--{boundary}\n\nHi\n--{boundary}--\n"))
}

fn related() -> Turn {
    carrying(
        "multipart/related;boundary=b1;type=\"text/plain\";start=\"<one@x>\"",
        "--b1\nContent-ID: <one@x>\n\nHi\n--b1\nContent-ID: <two@x>\n\nHo\n--b1--\n",
    )
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
        sent("base.cpim.imdn_message_id_form", "imdn.Message-ID: m1\n", "imdn.Message-ID: m 1\n"),
        sent("base.cpim.once", "NS: imdn", "From: <sip:alice@home.example>\nNS: imdn"),
        sent("base.cpim.parameter", "NS: imdn", "Subject:;lang fr Objet\nNS: imdn"),
        sent("base.cpim.require", "NS: imdn", "Require: x.Header\nNS: imdn"),
        sent("base.cpim.character", "Alice <sip", "Ali\u{7}ce <sip"),
        sent("base.cpim.imdn_route", "imdn.Message-ID: m1\n", "imdn.Message-ID: m1\nimdn.IMDN-Record-Route: pf\n"),
        sent(
            "base.mime.content_id",
            "Content-Type: text/plain; charset=utf-8\n\nHi",
            "Content-Type: multipart/mixed;boundary=b\n\n--b\nContent-ID: x\n\nHi\n--b--",
        ),
    ]
}

/// Two notifications in one envelope.
fn gathered() -> Turn {
    let part =
        |disposition| format!("--b\nContent-Type: message/imdn+xml\nContent-Disposition: {disposition}\n\n{IMDN}\n");
    let one = part("notification").replace("m1", "m8");
    let other = part("Notification;handling=optional").replace("m1", "m9");
    let parts = format!("Content-Type: multipart/mixed;boundary=b\n\n{one}{other}--b--\n");
    let whole = format!("Content-Type: message/imdn+xml\nContent-Disposition: notification\n\n{IMDN}");
    imdn().with(&whole, &parts)
}

/// Where the whole is marked, the parts need no mark.
#[test]
fn what_is_gathered_may_be_marked_once() {
    let turn = gathered().with("Content-Disposition: notification\n", "").with(
        "Content-Type: multipart/mixed;boundary=b\n",
        "Content-Type: multipart/mixed;boundary=b\nContent-Disposition: notification\n",
    );
    assert_eq!(judge(&[turn]), []);
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
        case("base.imdn.content_disposition", [gathered()], "Content-Disposition: notification\n", ""),
        case(
            "base.imdn.content_disposition",
            [gathered()],
            "Content-Disposition: Notification;",
            "Content-Disposition: render;",
        ),
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
        sent(
            "base.imdn.addresses",
            "<delivery-notification>",
            "<recipient-uri>bob</recipient-uri><delivery-notification>",
        ),
        case("base.imdn.unasked", reported(), "positive-delivery, display", "negative-delivery, display"),
        case("base.imdn.unasked", reported(), "<delivered/>", "<failed/>"),
        case("base.imdn.date_time_copied", reported(), "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:06.678Z"),
        case("base.imdn.date_time_copied", reported(), ">2026-01-02T04:04:05+01", ">2026-01-02T04:04:05+02"),
    ]
}

/// A message of the tester that asks, and what the target reports of it.
fn reported() -> [Turn; 2] {
    let asks = tester(cpim().text.replace("\r\n", "\n"));
    let report = imdn().with("z9hG4bKm1", "z9hG4bKm8").with("CSeq: 1", "CSeq: 2");
    [
        asks,
        report
            .with("imdn.Message-ID: m1", "imdn.Message-ID: r1")
            .with(">2026-01-02T03:04:05Z", ">2026-01-02T04:04:05+01:00")
            .with("2026-01-02T03:04:05.678Z", "2026-01-02T03:05:00Z"),
    ]
}

/// A word that another document defines asks for something that is not known here.
#[test]
fn a_report_of_an_unknown_wish_is_no_fault() {
    let [asks, report] = reported();
    assert_eq!(judge(&[asks.with("positive-delivery, display", "interworking-sms"), report]), []);
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
        sent(
            "base.conference_info.once",
            "<subject>x</subject></conference-description>",
            "<subject>x</subject></conference-description><conference-description/>",
        ),
        sent("base.conference_info.unique", "</user>", "</user><user entity=\"sip:bob@home.example\"/>"),
        sent("base.conference_info.media_id", "</endpoint>", "<media><type>message</type></media></endpoint>"),
        sent(
            "base.conference_info.deleted",
            "<user entity=\"sip:bob@home.example\" state=\"full\">",
            "<user entity=\"sip:bob@home.example\" state=\"deleted\">",
        ),
        sent("base.conference_info.values", "</endpoint>", "<media id=\"1\"><status>open</status></media></endpoint>"),
        sent(
            "base.conference_info.values",
            "<users>",
            "<conference-state><user-count>many</user-count></conference-state><users>",
        ),
    ]
}

#[test]
fn a_notification_that_was_overtaken_says_nothing_of_versions() {
    let scene = [conference(), next_conference("n3", 7, 3), next_conference("n2", 6, 2)];
    let rules: Vec<String> = judge(&scene).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["base.conference_info.version_step", "base.sip.cseq_order_datagrams"]);
}
