//! Golden scenes of session descriptions, and of offers and answers.

use super::content::carrying;
use super::sip::accepted;
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
        sent("base.sdp.line_end", "s=-\n", "s=-\r\n"),
        sent("base.sdp.path_scheme", "a=path:msrps://", "a=path:msrp://"),
        sent("base.sdp.once", "s=-\n", "s=-\ns=-\n"),
        sent("base.sdp.once", "c=IN IP4 192.0.2.1\nt", "c=IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nt"),
        sent("base.sdp.session_name", "s=-\n", "s=\n"),
        sent("base.sdp.session_name", "s=-\n", "s=-\ni=\n"),
        sent("base.sdp.contact", "s=-\n", "s=-\nu=nowhere\n"),
        sent("base.sdp.contact", "s=-\n", "s=-\ne=pf\np=+1 613 555 0100\n"),
        sent("base.sdp.contact", "s=-\n", "s=-\ne=pf@home.example\np=none\n"),
        sent("base.sdp.bandwidth", "t=0 0", "b=AS 64\nt=0 0"),
        sent("base.sdp.time", "t=0 0", "t=0"),
        sent("base.sdp.time", "t=0 0", "t=0 0\nr=7d 1h"),
        sent("base.sdp.time", "t=0 0", "t=0 0\nr=7d 1h 0 25h\nz=2882844526 -1h 2898848070"),
        sent("base.sdp.key", "t=0 0", "t=0 0\nk=prompt"),
        sent("base.sdp.attribute", "a=sendonly", "a=send only"),
        sent("base.sdp.attribute", "a=sendonly", "a=sendonly\na=label:"),
        sent("base.sdp.origin", "1 1 IN IP4 192.0.2.1", "1 1 IN IP4 2001:db8::1"),
        sent("base.sdp.connection", "c=IN IP4 192.0.2.1", "c=IN IP6 192.0.2.1"),
        sent("base.sdp.accept_wrapped_types", "a=sendonly", "a=sendonly\na=accept-wrapped-types:text"),
        sent("base.sdp.max_size", "a=sendonly", "a=sendonly\na=max-size:1M"),
        sent("base.sdp.reuse", "a=sendonly", "a=sendonly\na=connection:old"),
        sent("base.sdp.cema", "a=sendonly", "a=sendonly\na=msrp-cema:yes"),
        sent("base.sdp.attribute_once", "a=setup:actpass", "a=setup:actpass\na=setup:actpass"),
    ]
}

/// An offer to send a picture.
fn file_offer() -> Turn {
    offer().with(
        "a=sendonly\n",
        "a=sendonly\na=file-selector:name:\"My picture.jpg\" type:image/jpeg size:4092 hash:sha-1:72:24:5F:E8\na=file-transfer-id:Q6LMoGymJdh0IKIgD6wD0jkcfgva4xvE\na=file-disposition:render\na=file-date:creation:\"Mon, 15 May 2006 15:01:31 +0300\"\na=file-icon:cid:id2@alicepc.example.com\na=file-range:1-*\n",
    )
}

fn files() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [file_offer()], from, to);
    vec![
        sent("base.sdp.file_selector", "size:4092", "size:large"),
        sent("base.sdp.file_selector", "size:4092", "size:4092 size:4092"),
        sent("base.sdp.file_selector", "name:\"My picture.jpg\"", "name:\"My picture.jpg"),
        sent("base.sdp.file_selector", "sha-1:72", "sha-1:7"),
        sent("base.sdp.file_attribute", "file-transfer-id:Q6L", "file-transfer-id:Q6 L"),
        sent("base.sdp.file_attribute", "a=file-icon:cid:", "a=file-icon:"),
        sent("base.sdp.file_attribute", "a=file-range:1-*", "a=file-range:0-*"),
        sent("base.sdp.file_transfer_id", "a=file-transfer-id:Q6LMoGymJdh0IKIgD6wD0jkcfgva4xvE\n", ""),
    ]
}

fn answers() -> Vec<Case> {
    let given = |rule, from, to| case(rule, [offered(), answer()], from, to);
    vec![
        last("base.sdp.answer", [offered(), answer()], answer().with("4A:AD:B9\n", "4A:AD:B9\nm=audio 0 RTP/AVP 0\n")),
        given("base.sdp.answer", "m=message 9 TCP/TLS/MSRP", "m=message 9 TLS/MSRP"),
        last(
            "base.sdp.answer",
            [offered().with("message 2855", "message 0"), answer().with("message 9", "message 0")],
            answer(),
        ),
        given("base.sdp.direction_mirrored", "a=recvonly", "a=sendrecv"),
        given("base.sdp.setup", "a=setup:active", "a=setup:actpass"),
        given("base.sdp.answer_time", "t=0 0\nm=message 9", "t=0 3724394400\nm=message 9"),
        last(
            "base.sdp.answer_formats",
            [offered().with("message 2855 TCP/TLS/MSRP *", "image 2855 udptl t38"), image_answer("t38")],
            image_answer("t37"),
        ),
        case("base.sdp.version", renewed(), "o=pf 1 2", "o=pf 1 1"),
        case("base.sdp.version_step", renewed(), "o=pf 1 2", "o=pf 1 3"),
        case("base.sdp.version_kept", renewed(), "a=sendrecv", "a=sendonly"),
    ]
}

fn image_answer(format: &str) -> Turn {
    answer().with("message 9 TCP/TLS/MSRP *", &format!("image 9 udptl {format}"))
}

/// An INVITE, its answer by the tester, and another INVITE that changes something.
fn renewed() -> [Turn; 3] {
    let next = offer()
        .with("INVITE sip:bob@home.example", "INVITE sip:bob@192.0.2.4")
        .with("z9hG4bKi1", "z9hG4bKi9")
        .with("To: <sip:bob@home.example>", "To: <sip:bob@home.example>;tag=b1")
        .with("CSeq: 1", "CSeq: 2")
        .with("a=sendonly", "a=sendrecv")
        .with("o=pf 1 1", "o=pf 1 2");
    [offer(), accepted_with(ANSWER), next]
}

/// The tester's 2xx with a body.
pub(super) fn accepted_with(body: &str) -> Turn {
    let text = accepted().text.replace("\r\n", "\n");
    tester(text.replace("Content-Length", "Content-Type: application/sdp\nContent-Length") + body)
}

/// An INVITE without an offer, which comes in the 2xx and is answered in the ACK.
fn late() -> [Turn; 3] {
    let ack = super::sip::ACK.replace("Content-Length", "Content-Type: application/sdp\nContent-Length");
    let offer = SDP.replace("a=sendonly", "a=recvonly").replace("o=pf", "o=bob").replace("192.0.2.1", "192.0.2.4");
    let answer = ANSWER.replace("a=recvonly", "a=sendonly").replace("o=bob", "o=pf").replace("192.0.2.4", "192.0.2.1");
    [super::sip::invite(), accepted_with(&offer), target(ack + &answer)]
}

fn negotiations() -> Vec<Case> {
    let silent = answer().with("Content-Type: application/sdp\n", "").with(ANSWER, "");
    vec![
        last("base.sdp.answer_missing", [offered(), answer()], silent),
        last("base.sdp.answer_missing", late(), target(super::sip::ACK)),
        Case {
            rule: "base.sdp.offer_pending",
            right: renewed().to_vec(),
            wrong: renewed()[..1].iter().chain(&renewed()[2..]).cloned().collect(),
        },
        case("base.sdp.answer", late(), "m=message 9 TCP/TLS/MSRP", "m=message 9 TLS/MSRP"),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [sdp(), files(), answers(), negotiations()].into_iter().flatten().collect()
}
