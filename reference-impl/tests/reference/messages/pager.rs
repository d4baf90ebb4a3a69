//! Pager mode: both directions, what is carried unchanged, what is not carried.

use super::*;
use crate::scene::header;
use cpm_reference::config::{MissingIds, Policy};
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn a_message_reaches_the_other_side_as_it_was_sent_and_its_answer_comes_back() {
    for (from, to, target) in [(ALICE, BOB, CONTACT), (BOB, ALICE, ALICE)] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        let sent = sends(&mut scene, from, to, "a");
        let onward = goes_on(&mut scene);
        assert_eq!((onward.request_uri(), onward.body()), (Some(target), sent.body()));
        assert_eq!(onward.header(&Name::Route), Some(format!("<sip:odi-a@{CSCF};lr>").as_str()));
        assert_eq!(onward.max_forwards(), Some(Ok(67)));
        for name in [Name::From, Name::To, Name::ConversationId, Name::ContributionId, Name::PAssertedIdentity] {
            assert_eq!(onward.header(&name), sent.header(&name), "{name}");
        }
        scene.answer(&onward, 200, "", None);
        assert_eq!(scene.response(Method::Message, 200).vias().count(), 1);
        scene.none(Method::Message);
    }
}

#[test]
fn what_the_sender_says_of_the_content_goes_on_with_it_whatever_its_encoding() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    for (number, encoding) in ["7bit", "8bit", "binary", "quoted-printable", "base64", "x-own"].iter().enumerate() {
        let text = format!(
            "From: <sip:a@e>\r\nTo: <sip:b@e>\r\nX-Own: 1\r\n\r\nContent-Type: text/plain\r\n\
             Content-Transfer-Encoding: {encoding}\r\nContent-ID: <x@e>\r\n\r\n=41=\r\n\0\u{fc}\r\n.\r\n"
        );
        let call_id = format!("t{number}");
        scene.send(&bare(ALICE, BOB, &call_id).body("message/cpim", text.clone()).build());
        let onward = goes_on(&mut scene);
        assert_eq!(onward.body(), text.as_bytes(), "{encoding}");
        scene.accept(&onward);
        scene.response(Method::Message, 200);
    }
    for coding in ["gzip", "deflate", "x-own", "identity"] {
        let octets: Vec<u8> = match coding {
            "identity" => envelope("z", "hi").to_vec(),
            _ => (0..=255).collect(),
        };
        let sent = bare(ALICE, BOB, coding).header(Name::ContentEncoding, coding);
        scene.send(&sent.body("message/cpim", octets.clone()).build());
        let onward = goes_on(&mut scene);
        assert_eq!((header(&onward, Name::ContentEncoding), onward.body()), (coding, &octets[..]));
        scene.accept(&onward);
        scene.response(Method::Message, 200);
    }
}

#[test]
fn what_is_no_message_in_an_envelope_is_refused_in_both_directions() {
    let broken: [(Option<&str>, &str, u16); 7] = [
        (Some("text/plain"), "hello", 415),
        (Some("application/x-unknown"), "hello", 415),
        (Some("multipart/mixed;boundary=b"), "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", 415),
        (Some("multipart/mixed"), "--b--\r\n", 415),
        (Some("message/cpim"), "no header", 400),
        (Some("message/cpim"), "", 400),
        (None, "", 400),
    ];
    let mut scene = Scene::new();
    scene.register("reg-1");
    for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
        for (number, (content_type, body, status)) in broken.iter().enumerate() {
            let message = bare(from, to, &format!("{number}-{}", from.len()));
            let message = match content_type {
                Some(content_type) => message.body(content_type, *body).build(),
                None => message.build(),
            };
            scene.send(&message);
            let refusal = refused(&mut scene, *status);
            assert_eq!(refusal.header(&Name::Accept).is_some(), *status == 415);
        }
        // The same way is open to what is in one.
        sends(&mut scene, from, to, &format!("good-{}", from.len()));
        let onward = goes_on(&mut scene);
        scene.accept(&onward);
        scene.response(Method::Message, 200);
    }
}

#[test]
fn the_limit_counts_the_octets_of_the_envelope() {
    let mut scene = Scene::with(|config| config.max_pager_octets = Some(900));
    scene.register("reg-1");
    for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
        for (octets, fits) in [(899, true), (900, true), (901, false), (5000, false)] {
            let call_id = format!("{octets}-{}", from.len());
            scene.send(&bare(from, to, &call_id).body("message/cpim", envelope_of(octets)).build());
            if !fits {
                refused(&mut scene, 513);
                continue;
            }
            let onward = goes_on(&mut scene);
            assert_eq!(onward.body(), &envelope_of(octets)[..]);
            scene.accept(&onward);
            scene.response(Method::Message, 200);
        }
    }
}

#[test]
fn without_a_limit_a_long_message_goes_on() {
    let mut scene = Scene::with(|config| config.max_pager_octets = None);
    scene.register("reg-1");
    let long = envelope_of(20_000);
    scene.send(&bare(ALICE, BOB, "a").body("message/cpim", long.clone()).build());
    assert_eq!(goes_on(&mut scene).body(), &long[..]);
}

#[test]
fn a_policy_may_refuse_sizes_and_types() {
    let policy =
        Policy { max_message_octets: Some(500), refused_types: vec!["image/gif".to_owned()], ..Policy::default() };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), policy)].into());
    scene.register("reg-1");
    scene.send(&bare(ALICE, BOB, "a").body("message/cpim", envelope_of(501)).build());
    refused(&mut scene, 413);
    let picture = cpim::Builder::new("sip:a@e", "sip:b@e").content("Image/GIF; x=y", "GIF").build();
    scene.send(&bare(ALICE, BOB, "b").body("message/cpim", picture).build());
    refused(&mut scene, 415);
    sends(&mut scene, ALICE, BOB, "c");
    goes_on(&mut scene);
}

#[test]
fn a_message_without_identifiers_is_refused_gets_them_or_goes_on() {
    let without = || bare(ALICE, BOB, "a").build().edit().remove(&Name::ContributionId);
    for (conduct, comes) in [(MissingIds::Refuse, false), (MissingIds::Insert, true), (MissingIds::PassOn, true)] {
        let mut scene = Scene::with(|config| config.missing_ids = conduct);
        scene.register("reg-1");
        scene.send(&without().body("message/cpim", envelope("a", "hi")).finish());
        if !comes {
            refused(&mut scene, 400);
            continue;
        }
        let onward = goes_on(&mut scene);
        assert_eq!(onward.header(&Name::ContributionId).is_some(), conduct == MissingIds::Insert);
        assert_eq!(onward.header(&Name::ConversationId), Some("conversation-a"));
    }
}

#[test]
fn a_refusal_goes_back_with_its_reasons_and_an_absent_user_is_refused_for() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    sends(&mut scene, ALICE, BOB, "a");
    let onward = goes_on(&mut scene);
    let refusal = response(&onward, 486, "", None).edit().set(Name::Warning, "399 x \"busy\"").finish();
    scene.send(&refusal);
    assert_eq!(header(&scene.response(Method::Message, 486), Name::Warning), "399 x \"busy\"");
    sends(&mut scene, BOB, ALICE, "b");
    let onward = goes_on(&mut scene);
    scene.answer(&onward, 404, "", None);
    scene.response(Method::Message, 404);
    // RFC 4320 section 4.2.
    sends(&mut scene, BOB, ALICE, "c");
    let onward = goes_on(&mut scene);
    scene.answer(&onward, 408, "", None);
    scene.response(Method::Message, 480);
}

#[test]
fn nobody_waits_longer_for_a_device_than_the_sender_does() {
    let mut scene = Scene::with(|config| config.no_answer = Duration::from_secs(2));
    scene.register("reg-1");
    sends(&mut scene, ALICE, BOB, "a");
    let onward = goes_on(&mut scene);
    scene.pass(Duration::from_millis(1900));
    assert_eq!(scene.starts(), Vec::<String>::new());
    scene.pass(Duration::from_millis(200));
    let last = scene.sip.pop_front().unwrap();
    assert!(last.status().is_some_and(|status| status >= 200));
    // An answer that comes after that is nobody's.
    scene.accept(&onward);
    assert_eq!(scene.starts(), Vec::<String>::new());
}

#[test]
fn so_many_messages_may_be_under_way_and_no_more() {
    let mut scene = Scene::with(|config| config.max_messages = 2);
    scene.register("reg-1");
    for call_id in ["a", "b"] {
        sends(&mut scene, ALICE, BOB, call_id);
    }
    sends(&mut scene, ALICE, BOB, "c");
    assert!(scene.response(Method::Message, 503).header(&Name::RetryAfter).is_some());
    let onward = goes_on(&mut scene);
    scene.accept(&onward);
    scene.response(Method::Message, 200);
    goes_on(&mut scene);
    sends(&mut scene, ALICE, BOB, "d");
    goes_on(&mut scene);
}

#[test]
fn headers_of_a_megabyte_harm_nobody() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let long = "x".repeat(1_000_000);
    let message = pager(ALICE, BOB, "a").edit().set(Name::Subject, &long).finish();
    scene.send(&message);
    let answered = scene.sip.iter().any(|one| one.status().is_some_and(|status| status >= 400));
    let passed = scene.sip.iter().any(|one| one.is_request() && one.method() == Method::Message);
    assert!(answered || passed, "{:?}", scene.starts());
    scene.sip.clear();
    let long = format!("From: <sip:a@e>\r\nTo: <sip:b@e>\r\nX: {long}\r\n\r\nContent-Type: text/plain\r\n\r\nx");
    scene.send(&bare(ALICE, BOB, "b").body("message/cpim", long).build());
    refused(&mut scene, 400);
    sends(&mut scene, ALICE, BOB, "c");
    goes_on(&mut scene);
}
