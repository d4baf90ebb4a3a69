//! Scenes in forms that are legal and rare: RFC 3261 sections 7.3 and 25.1, RFC 2045 and 2046. Nothing is found in them.

use super::sip::{accepted, invite, message};
use super::{Turn, judge};

/// Nothing is found in the scene.
#[track_caller]
fn right(scene: &[Turn]) {
    let found = judge(scene);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_response_brings_back_a_via_however_it_is_written() {
    let top = "SIP/2.0/UDP pf.home.example:5060;branch=z9hG4bKi1";
    for odd in [
        "sip / 2.0/\n uDp  PF.home.example : 5060 ; Branch\t=\n z9hG4bKi1",
        "SIP/2.0/UDP\tpf.home.example:5060;x=\"a, b;c\";branch=z9hG4bKi1",
    ] {
        right(&[invite(), accepted().with(top, odd)]);
        right(&[invite().with(top, odd), accepted()]);
    }
    assert!(!judge(&[invite(), accepted().with("pf.home.example:5060", "pf.home.example:5061")]).is_empty());
}

#[test]
fn a_tag_is_found_among_parameters_with_angle_brackets() {
    let odd = "x=\"of, \\\"it\\\"; <there>\";tag=a1;y=\"<z>\"";
    right(&[invite().with("tag=a1", odd), accepted().with("tag=a1", odd)]);
    assert!(!judge(&[invite().with("tag=a1", "x=\"<y>;tag=a1\"")]).is_empty());
    assert!(!judge(&[invite().with("<sip:alice@home.example>;tag=a1", "<sip:alice@home.example;tag=a1>")]).is_empty());
}

#[test]
fn an_address_without_brackets_has_parameters_of_any_kind() {
    let odd = "Contact: sip:pf.home.example:5060 ;+sip.instance=\"<urn:uuid:1>\"; q = 0.5";
    right(&[invite().with("Contact: <sip:pf.home.example:5060>", odd), accepted()]);
}

#[test]
fn a_length_has_any_number_of_zeros_before_it() {
    right(&[message().with("Content-Length: ~", "l :\t00000000000000002")]);
    assert!(!judge(&[message().with("Content-Length: ~", "Content-Length: 2 2")]).is_empty());
}

#[test]
fn a_media_type_has_white_space_around_its_slash() {
    let subscribe = super::target(super::sip::SUBSCRIBE);
    let odd = "Accept: text/plain, Application /\n Conference-Info+XML ;q=1\nExpires: 300";
    right(&[subscribe.clone().with("Expires: 300", odd)]);
    assert!(!judge(&[subscribe.with("Expires: 300", "Accept: text/plain\nExpires: 300")]).is_empty());
}

#[test]
fn a_boundary_in_quotes_is_what_its_escapes_mean() {
    let kind = "Content-Type: multipart / mixed ; Boundary = \"a\\b \\?c\"";
    let parts = "before\n--ab ?c \n\nHi\n--ab ?c--\nbehind";
    let scene = message().with("Content-Type: text/plain", kind).with("\n\nHi", &format!("\n\n{parts}"));
    right(std::slice::from_ref(&scene));
    assert!(!judge(&[scene.with("--ab ?c--", "--ab c--")]).is_empty());
}

#[test]
fn a_description_has_lines_and_attributes_of_all_kinds() {
    let lines = "i=About it\nu=http://home.example/?a=b\ne=Alice <alice@home.example>\np=+1 617 555-6011\nb=AS:64\nb=X-YZ:0\nt=0 0\nr=604800 3600 0 90000\nr=7d 1h 0 25h\nz=2882844526 -1h 2898848070 0\nt=3034423619 3042462419\na=tool:x\na=sendrecv\na=setup:actpass\nm=audio 49170/2 RTP/AVP 0 96\ni=Sound\nc=IN IP4 224.2.1.1/127/3\nc=IN IP6 FF15::101/3\nb=AS:1\na=rtpmap:96 L8/8000\na=x:y:z";
    let description = super::descriptions::SDP
        .replace("t=0 0", lines)
        .replace("c=IN IP4 192.0.2.1\n", "")
        .replace("TCP/TLS/MSRP *\n", "TCP/TLS/MSRP *\nc=IN IP4 pf.home.example\n")
        .replace(
            "a=sendonly",
            "a=connection:new\na=max-size:1000\na=accept-wrapped-types:* text/html;x=y\na=msrp-cema\na=unknown",
        );
    let kind = "Content-Type: application/sdp\nContent-Length";
    right(&[invite().with("Content-Length", kind).with("\n\n", &format!("\n\n{description}"))]);
}

#[test]
fn an_envelope_has_namespaces_parameters_and_lists() {
    let envelope = "NS: <urn:ietf:params:cpim-headers:>\nNS: i <urn:ietf:params:imdn>\nNS: x <mid:x@home.example>\nFrom: im:alice@home.example <sip:alice@home.example>\nTo: Bob <tel:+12015550123>\ncc: <sip:carol@home.example;user=phone>\nDateTime: 2026-01-02T03:04:05.678+01:00\nSubject: One\nSubject:;lang=fr Un\nRequire: Subject, x.Way\nx.Way: any\u{e9}\ni.Message-ID: Ab/+=_@x\ni.Disposition-Notification: display, negative-delivery;x=y\ni.IMDN-Record-Route: <sip:pf.home.example>\ni.Original-To: <sip:bob@home.example>\n\nContent-type:\n text/plain\nContent-Transfer-Encoding: 8BIT\n\nHi";
    let scene = message().with("text/plain", "Message / CPIM").with("\n\nHi", &format!("\n\n{envelope}"));
    right(&[scene.with("im:alice@home.example <sip", "\"Alice\" <sip")]);
}
