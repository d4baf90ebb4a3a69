//! Golden scenes of documents about registrations, lists, writing and waiting messages.

use super::{Case, Turn, case, target};

const REGINFO: &str = "<?xml version=\"1.0\"?>
<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\" version=\"0\" state=\"full\">
<registration aor=\"sip:bob@home.example\" id=\"a7\" state=\"active\">
<contact id=\"76\" state=\"active\" event=\"registered\" duration-registered=\"7322\" q=\"0.8\">
<uri>sip:bob@192.0.2.4</uri>
<gr:pub-gruu uri=\"sip:bob@home.example;gr=urn:uuid:1\"/>
<gr:temp-gruu uri=\"sip:tgruu.1@home.example;gr\" first-cseq=\"54301\"/>
</contact>
<contact id=\"77\" state=\"terminated\" event=\"expired\"><uri>sip:bob@192.0.2.5</uri></contact>
</registration>
</reginfo>";
const LISTS: &str = "<?xml version=\"1.0\"?>
<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\" xmlns:cp=\"urn:ietf:params:xml:ns:copycontrol\">
<list name=\"friends\"><entry uri=\"sip:bob@home.example\" cp:copyControl=\"to\" cp:anonymize=\"true\"/>
<entry uri=\"sip:carol@home.example\"/><entry-ref ref=\"users/x\"/><external anchor=\"http://home.example/x\"/>
<list name=\"near\"/><list name=\"far\"/></list>
</resource-lists>";
const PIDF: &str = "<?xml version=\"1.0\"?>
<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"pres:bob@home.example\">
<tuple id=\"phone\"><status><basic>open</basic></status>
<contact priority=\"0.8\">sip:bob@192.0.2.4</contact><note>At lunch</note><timestamp>2026-01-02T03:04:05Z</timestamp></tuple>
<tuple id=\"desk\"><status/></tuple>
</presence>";
const COMPOSING: &str = "<?xml version=\"1.0\"?>
<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\">
<state>active</state><contenttype>text/plain</contenttype><refresh>90</refresh>
</isComposing>";
const SUMMARY: &str = "Messages-Waiting: yes
Message-Account: sip:alice@vmail.example.com
Voice-Message: 2/8 (0/2)

To: <alice@atlanta.example.com>
";
const NOTIFY: &str = "NOTIFY sip:bob@192.0.2.4 SIP/2.0
Via: SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKn1
Max-Forwards: 70
From: <sip:bob@home.example>;tag=f1
To: <sip:bob@home.example>;tag=b3
Call-ID: c3@ue
CSeq: 5 NOTIFY
Contact: <sip:pf.home.example>
Event: EVENT
Subscription-State: active;expires=300
Content-Type: KIND
Content-Length: ~

";

fn notify(event: &str, kind: &str, body: &str) -> Turn {
    target(NOTIFY.replace("EVENT", event).replace("KIND", kind) + body)
}

fn message(kind: &str, body: &str) -> Turn {
    let text = super::sip::message().text.replace("\r\n", "\n").replace("text/plain", kind);
    target(text.trim_end_matches("Hi").to_owned() + body)
}

fn reginfo() -> Turn {
    notify("reg", "application/reginfo+xml", REGINFO)
}

fn next_reginfo(cseq: u32, version: u32) -> Turn {
    reginfo()
        .with("z9hG4bKn1", &format!("z9hG4bKr{cseq}"))
        .with("CSeq: 5", &format!("CSeq: {cseq}"))
        .with("version=\"0\" state=\"full\"", &format!("version=\"{version}\" state=\"partial\""))
}

pub(super) fn cases() -> Vec<Case> {
    [registrations(), presence(), lists(), others()].into_iter().flatten().collect()
}

fn registrations() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [reginfo()], from, to);
    let series = || [reginfo(), next_reginfo(6, 1), next_reginfo(7, 2)];
    vec![
        sent("base.reginfo.root", "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\"", "<reginfo xmlns=\"urn:x\""),
        sent("base.reginfo.values", " version=\"0\"", ""),
        sent("base.reginfo.values", "state=\"full\"", "state=\"whole\""),
        sent("base.reginfo.values", "event=\"registered\"", "event=\"arrived\""),
        sent("base.reginfo.values", "duration-registered=\"7322\"", "duration-registered=\"PT1H\""),
        sent("base.reginfo.identity", "aor=\"sip:bob@home.example\"", "aor=\"bob\""),
        sent("base.reginfo.identity", "id=\"77\"", "id=\"76\""),
        sent("base.reginfo.identity", " id=\"a7\"", ""),
        sent("base.reginfo.contact_uri", "<uri>sip:bob@192.0.2.5</uri>", ""),
        sent("base.reginfo.event", "event=\"expired\"", "event=\"refreshed\""),
        sent("base.reginfo.registration_state", "id=\"a7\" state=\"active\"", "id=\"a7\" state=\"terminated\""),
        sent("base.reginfo.gruu", " first-cseq=\"54301\"", ""),
        sent("base.reginfo.first_full", "state=\"full\"", "state=\"partial\""),
        case("base.reginfo.version", series(), "version=\"2\"", "version=\"1\" a=\"\""),
        case("base.reginfo.version_step", series(), "version=\"2\"", "version=\"4\""),
    ]
}

fn presence() -> Vec<Case> {
    let told = |rule, from, to| case(rule, [notify("presence", "application/pidf+xml", PIDF)], from, to);
    vec![
        told("base.pidf.root", "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"", "<presence xmlns=\"urn:x\""),
        told("base.pidf.root", " entity=\"pres:bob@home.example\"", ""),
        told("base.pidf.tuple", "id=\"desk\"", "id=\"phone\""),
        told("base.pidf.tuple", " id=\"desk\"", ""),
        told("base.pidf.tuple", "<status/>", ""),
        told("base.pidf.basic", "<basic>open", "<basic>away"),
        told("base.pidf.basic", "</basic>", "</basic><basic>closed</basic>"),
        told("base.pidf.contact", "priority=\"0.8\"", "priority=\"8\""),
        told("base.pidf.contact", ">sip:bob@192.0.2.4<", ">bob<"),
        told("base.pidf.timestamp", "2026-01-02T03:04:05Z", "at noon"),
    ]
}

fn lists() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [message("application/resource-lists+xml", LISTS)], from, to);
    vec![
        sent("base.resource_lists.unique", "sip:carol@home.example", "sip:bob@home.example"),
        sent("base.resource_lists.unique", "name=\"far\"", "name=\"near\""),
        sent("base.resource_lists.reference", " ref=\"users/x\"", ""),
        sent("base.resource_lists.reference", " anchor=\"http://home.example/x\"", ""),
        sent("base.resource_lists.copy_control", "anonymize=\"true\"", "anonymize=\"maybe\""),
    ]
}

fn others() -> Vec<Case> {
    let writes = |rule, from, to| case(rule, [message("application/im-iscomposing+xml", COMPOSING)], from, to);
    let waits = |rule, from, to| {
        case(rule, [notify("message-summary", "application/simple-message-summary", SUMMARY)], from, to)
    };
    vec![
        writes("base.is_composing.root", "urn:ietf:params:xml:ns:im-iscomposing", "urn:x"),
        writes("base.is_composing.shape", "<state>active</state>", ""),
        writes("base.is_composing.shape", "<refresh>", "<lastactive>2026-01-02T03:04:05Z</lastactive><refresh>"),
        writes("base.is_composing.values", "<refresh>90", "<refresh>0"),
        writes("base.is_composing.state", "<state>active", "<state>busy"),
        waits("base.message_summary.status", "Messages-Waiting: yes", "Messages-Waiting: maybe"),
        waits("base.message_summary.status", "Voice-Message: 2/8 (0/2)\n", "Messages-Waiting: no\n"),
        waits("base.message_summary.line", "2/8 (0/2)", "2 (0/2)"),
        waits("base.message_summary.line", "sip:alice@vmail.example.com", "alice"),
    ]
}
