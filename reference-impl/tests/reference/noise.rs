//! Whatever arrives, the function goes on: mutations of everything that the neighbourhood says, by a fixed seed.

use crate::scene::Scene;
use crate::scene::messages::*;
use cpm_reference::call::tokens::Tokens;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

/// Some octets less, more, or other.
fn mutated(octets: &[u8], random: &mut Tokens) -> Vec<u8> {
    let mut octets = octets.to_vec();
    for _ in 0..=random.number() % 4 {
        let at = random.number() as usize % octets.len().max(1);
        match random.number() % 4 {
            0 => octets.truncate(at),
            1 if !octets.is_empty() => octets[at] = random.number() as u8,
            2 => octets.insert(at.min(octets.len()), b"\r\n;:<>\"= \0"[random.number() as usize % 10]),
            _ => {
                let piece = octets[at.min(octets.len())..].to_vec();
                octets.extend(piece.into_iter().take(40));
            }
        }
    }
    octets
}

fn everything(scene: &mut Scene) -> Vec<Message> {
    let sdp = scene.end("focus-9", "actpass", "sendrecv");
    let invite = invitation("9", "call-9", &sdp, false);
    let subscribe = initial(Method::Subscribe, FOCUS, BOB, FOCUS, "sub-9", "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{CONTACT}>"))
        .header(Name::Event, "conference")
        .build();
    let message = initial(Method::Message, BOB, "sip:carol@example.com", BOB, "msg-9", "sescase=term;regstate=unreg")
        .body("message/cpim", report("carol", "bob", "m0", "delivered"))
        .build();
    let answer = response(&invite, 200, "<sip:x@192.0.2.1>", Some(sdp));
    let bye = in_dialog(Method::Bye, &invite, &answer, 7).build();
    vec![invite, subscribe, message, chat_register("reg-9"), answer, bye]
}

#[test]
fn mutated_sip_harms_nobody() {
    let mut random = Tokens::new(4711);
    for round in 0..40 {
        let mut scene = Scene::new();
        scene.stand_in("1");
        let sent = scene.focus_says("1", &["m1"]);
        let said = everything(&mut scene);
        for _ in 0..50 {
            let message = &said[random.number() as usize % said.len()];
            scene.send_octets(mutated(message.octets(), &mut random));
        }
        scene.pass(Duration::from_millis(700));
        scene.sip.clear();
        scene.send(&register(
            &format!("ok-{round}"),
            "urn:uuid:other",
            "sip:bob@192.0.2.99",
            &format!(";{GROUP_TAG}"),
            60,
        ));
        let drain = scene.take("a drain", |one| {
            one.request_uri() == Some("sip:bob@192.0.2.99")
                && one.header(&Name::ContributionId) == Some("contribution-1")
        });
        let sdp = scene.end("phone", "active", "sendrecv");
        scene.answer_with(drain, "phone", sdp);
        assert_eq!(scene.heard("phone")[..1], sent[..1]);
    }
}

#[test]
fn mutated_msrp_harms_nobody() {
    let mut random = Tokens::new(4712);
    for _ in 0..40 {
        let mut scene = Scene::new();
        let (_, ok) = scene.stand_in("1");
        let sent = scene.focus_says("1", &["m1"]);
        let path = crate::scene::media(&ok).path[0].clone();
        let send = format!(
            "MSRP a1b2 SEND\r\nTo-Path: {path}\r\nFrom-Path: msrp://127.0.0.1:9000/focus-1;tcp\r\nMessage-ID: x\r\n\
             Byte-Range: 1-5/5\r\nSuccess-Report: yes\r\nContent-Type: message/cpim\r\n\r\nhello\r\n-------a1b2$\r\n"
        );
        for _ in 0..50 {
            scene.media_noise(&[&mutated(send.as_bytes(), &mut random)]);
        }
        scene.register("reg-1");
        scene.answer_drain("phone", "sendrecv");
        assert_eq!(scene.heard("phone")[..1], sent[..1]);
    }
}
