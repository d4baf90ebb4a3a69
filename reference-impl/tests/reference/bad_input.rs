//! What is broken, unknown or out of place is refused, and harms nobody.

use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_wire::sip::{Builder, Message, Method, Name};
use pretty_assertions::assert_eq;

fn options() -> Builder {
    Builder::request(Method::Options, &format!("sip:{TARGET}"))
        .header(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-options"))
        .header(Name::MaxForwards, 70)
        .header(Name::From, "<sip:tester@example.com>;tag=1")
        .header(Name::To, format!("<sip:{TARGET}>"))
        .header(Name::CallId, "options")
        .header(Name::CSeq, "1 OPTIONS")
}

fn changed(from: &Message, pairs: &[(&str, &str)]) -> Vec<u8> {
    let text = String::from_utf8(from.octets().to_vec()).unwrap();
    pairs.iter().fold(text, |text, (old, new)| text.replace(old, new)).into_bytes()
}

/// The final status for these octets.
fn status(scene: &mut Scene, octets: impl Into<bytes::Bytes>) -> Option<u16> {
    scene.send_octets(octets);
    scene.sip.pop_front().and_then(|message| message.status())
}

#[test]
fn an_element_that_lives_answers_options() {
    let mut scene = Scene::new();
    scene.send(&options().build());
    let ok = scene.response(Method::Options, 200);
    assert!(ok.header(&Name::Allow).unwrap().contains("INVITE"));
    assert!(ok.header(&Name::Server).unwrap().starts_with("cpm-reference/"));
}

#[test]
fn broken_requests_are_answered_400() {
    let plain = options().build();
    for pair in [
        ("CSeq: 1 OPTIONS", "CSeq: x OPTIONS"),
        ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
        ("Max-Forwards: 70", "Max-Forwards: many"),
        ("Max-Forwards: 70", "no colon in this line"),
        ("From: <sip:tester", "From: <<sip:tester"),
        ("Content-Length: 0", "Content-Length: 99"),
    ] {
        let mut scene = Scene::new();
        assert_eq!(status(&mut scene, changed(&plain, &[pair])), Some(400), "{pair:?}");
    }
}

#[test]
fn what_cannot_be_answered_is_dropped() {
    let plain = options().build();
    let mut scene = Scene::new();
    for octets in [
        changed(&plain, &[("OPTIONS sip:127.0.0.1:7000", "ACK sip:127.0.0.1:7000"), ("1 OPTIONS", "1 ACK")]),
        changed(&plain, &[("OPTIONS sip:127.0.0.1:7000 SIP/2.0", "SIP/2.0 200 OK")]),
        changed(&plain, &[("Via: ", "X-Via: ")]),
        b"\x00\x01\x02\x03".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"\r\n\r\n".to_vec(),
        b"".to_vec(),
    ] {
        let text = String::from_utf8_lossy(&octets).into_owned();
        assert_eq!(status(&mut scene, octets), None, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_refused_as_rfc_3261_says() {
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
    let invite = invitation("1", "call-1", sdp, false);
    let in_vain = |edit: Message| edit.octets().to_vec();
    let subscribe = initial(Method::Subscribe, FOCUS, BOB, FOCUS, "sub", "sescase=orig;regstate=reg")
        .header(Name::Contact, "<sip:x@192.0.2.1>")
        .header(Name::Event, "dialog")
        .build();
    for (octets, expected) in [
        (changed(&options().build(), &[("OPTIONS", "PUBLISH")]), 405),
        (changed(&options().build(), &[("OPTIONS", "FLY")]), 405),
        (in_vain(options().header(Name::Require, "levitation").build()), 420),
        (in_vain(invite.clone()), 488),
        (in_vain(invite.edit().set(Name::MaxForwards, 0).finish()), 483),
        (in_vain(invite.edit().set(Name::ContentType, "text/html").finish()), 415),
        (in_vain(invite.edit().append(Name::ContentEncoding, "gzip").finish()), 415),
        (in_vain(invite.edit().no_body().finish()), 488),
        (in_vain(invite.edit().set(Name::To, format!("<{BOB}>;tag=unknown")).finish()), 481),
        (in_vain(subscribe), 489),
        (changed(&options().build(), &[("OPTIONS", "BYE")]), 481),
        (changed(&options().build(), &[("OPTIONS", "NOTIFY")]), 481),
        (changed(&options().build(), &[("OPTIONS sip:127.0.0.1:7000 ", "OPTIONS mailto:x@y ")]), 416),
    ] {
        let mut scene = Scene::new();
        let text = String::from_utf8_lossy(&octets).into_owned();
        assert_eq!(status(&mut scene, octets), Some(expected), "{text}");
    }
}

#[test]
fn a_420_names_what_is_not_supported() {
    let mut scene = Scene::new();
    scene.send(&options().header(Name::Require, "levitation, timer").build());
    assert_eq!(scene.response(Method::Options, 420).header(&Name::Unsupported), Some("levitation"));
}

#[test]
fn an_in_dialog_request_with_an_old_number_is_refused() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.send(&in_dialog(Method::Options, &invite, &ok, 5).build());
    scene.sip.clear();
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 3).build());
    scene.response(Method::Bye, 500);
}

#[test]
fn broken_media_end_their_connection_and_stored_content_stays() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    let answers = scene.media_noise(&[
        b"MSRP a1b2c3 SEND\r\nTo-Path: msrp://127.0.0.1:7001/nobody;tcp\r\nFrom-Path: msrp://127.0.0.1:9000/x;tcp\r\n\
          Message-ID: 1\r\nByte-Range: 1-1/1\r\nContent-Type: text/plain\r\n\r\nx\r\n-------a1b2c3$\r\n",
    ]);
    assert!(answers.starts_with("MSRP a1b2c3 481"), "{answers}");
    scene.media_noise(&[b"GET / HTTP/1.1\r\n\r\n", &[0xff; 4096]]);
    scene.media_noise(&[&b"MSRP abcd SEND\r\n".repeat(3000)]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_flood_of_sessions_is_bounded() {
    let mut scene = Scene::with(|config| config.max_sessions = 3);
    for n in 0..5 {
        let group = n.to_string();
        let sdp = scene.end(&format!("focus-{n}"), "passive", "sendrecv");
        scene.send(&invitation(&group, &format!("call-{n}"), &sdp, false));
        scene.response(Method::Invite, if n < 3 { 200 } else { 503 });
    }
}
