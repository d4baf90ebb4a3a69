//! Hostile input: whatever the octets are, they are refused or passed over; the chat and its history live, and memory is
//! bounded. [CPM-CONV-058c, CPM-CONV-058d]

use crate::client_scene::Home;
use crate::client_scene::words::*;
use bytes::Bytes;
use cpm_reference::client::control::Act;
use cpm_wire::imdn::{self, Kind, Status};
use cpm_wire::sip::{Method, Name};
use cpm_wire::{cpim, msrp};
use pretty_assertions::assert_eq;

/// The client in a chat, in which one message came.
fn chatting() -> (Home, String) {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    home.watched();
    home.say("1", "first", message("m1"));
    (home, contact)
}

/// Nothing was lost, and the session goes on.
fn lives(home: &mut Home) {
    assert_eq!(home.say("1", "last", message("m2")), Some(200));
    assert_eq!(home.texts(), ["text of m1", "text of m2"]);
    assert_eq!(about(&home.heard("1")), ["m1 delivered", "m2 delivered"]);
    home.none(Method::Bye);
}

#[test]
fn envelopes_that_cannot_be_read_are_refused() {
    let (mut home, _) = chatting();
    let endless = format!("From: <{ALICE}>\r\n{}", "X: y\r\n".repeat(100_000));
    let binary: Vec<u8> = (0..=255).cycle().take(5000).collect();
    for (n, hostile) in [b"".to_vec(), b"\r\n".to_vec(), endless.into_bytes(), binary].into_iter().enumerate() {
        let status = home.say("1", &format!("hostile-{n}"), hostile);
        assert!(matches!(status, Some(200 | 400) | None), "{status:?}");
    }
    assert_eq!(home.say_as("1", "alien", "application/x-alien", "?"), Some(415));
    lives(&mut home);
}

#[test]
fn notifications_that_cannot_be_read_change_nothing() {
    let (mut home, _) = chatting();
    let body = |xml: &str| {
        cpim::Builder::new(ALICE, BOB).message_id("n").content(imdn::MEDIA_TYPE, xml.as_bytes().to_vec()).build()
    };
    let deep = "<a>".repeat(100_000);
    let entity =
        "<!DOCTYPE i [<!ENTITY a \"&b;&b;\"><!ENTITY b \"b\">]><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">&a;</imdn>";
    for (n, hostile) in ["", "<imdn", entity, &deep].into_iter().enumerate() {
        assert_eq!(home.say("1", &format!("hostile-{n}"), body(hostile)), Some(400));
    }
    // About somebody else's message, about none, and of a kind that nobody knows.
    home.say("1", "others", notification("m1", Kind::Display, Status::Displayed));
    home.say("1", "none", notification("", Kind::Delivery, Status::Delivered));
    home.say("1", "odd", notification("m1", Kind::Interworking, Status::Other("pigeon".to_owned())));
    let together = cpim::Builder::new(ALICE, BOB).content("multipart/mixed; boundary=b", "--b--").build();
    home.say("1", "together", together);
    assert_eq!(home.chat().messages[0].state, "received");
    lives(&mut home);
}

#[test]
fn a_message_that_is_too_large_is_refused_and_a_long_one_is_cut() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    let said = home.say("1", "huge", Bytes::from(vec![b'x'; 11 << 20]));
    assert_eq!(said, Some(413));
    let long = |n: usize| {
        let id = format!("long-{n}");
        cpim::Builder::new(ALICE, FOCUS).message_id(&id).content("text/plain", "é".repeat(200_000).into_bytes()).build()
    };
    for n in 0..30 {
        assert_eq!(home.say("1", &format!("l{n}"), long(n)), Some(200));
    }
    let shown: usize = home.texts().iter().map(String::len).sum();
    assert!(shown <= 4 << 20, "{shown} octets are kept");
    assert_eq!(home.chat().messages.last().unwrap().message_id, "long-29");
}

#[test]
fn noise_on_the_media_port_hurts_nobody() {
    let (mut home, _) = chatting();
    for hostile in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\0", b"MSRP t SEND\r\nTo-Path: nowhere\r\n-------t$\r\n"] {
        home.noise(hostile);
    }
    home.noise(&vec![b'M'; 1 << 20]);
    let path = "msrp://127.0.0.1:7001/guessed;tcp".to_owned();
    let stray = msrp::Chunk {
        transaction: "tstray1",
        to_path: std::slice::from_ref(&path),
        from_path: "msrp://127.0.0.1:9000/stray;tcp",
        message_id: "x",
        byte_range: msrp::ByteRange { start: 1, end: Some(1), total: Some(1) },
        content: Some(("text/plain", b"x")),
        success_report: false,
        failure_report: msrp::FailureReport::Yes,
        flag: msrp::Flag::Complete,
    };
    home.noise(&msrp::send(&stray).1);
    lives(&mut home);
}

#[test]
fn signalling_that_makes_no_sense_is_refused() {
    let (mut home, contact) = chatting();
    for hostile in ["", "\0", "INVITE\r\n\r\n", "INVITE sip:x SIP/2.0\r\nVia: ?\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n"] {
        home.send_octets(hostile.as_bytes().to_vec());
    }
    home.send_octets(vec![0xff; 60_000]);
    let sdp = home.description("x", "passive", "sendrecv");
    let whole = invitation(&contact, "h1", FOCUS, &sdp, &[ALICE]);
    let cases = [
        (whole.edit().remove(&Name::ContributionId).finish(), 400),
        (invitation(&contact, "h2", FOCUS, &sdp, &[ALICE]).edit().remove(&Name::Contact).finish(), 400),
        (invitation(&contact, "h3", FOCUS, "v=0", &[ALICE]), 488),
        (invitation(&contact, "h4", FOCUS, &sdp.replace("a=path", "a=pith"), &[ALICE]), 488),
        (invitation(&contact, "h5", FOCUS, &sdp, &[ALICE]).edit().set(Name::Require, "teleport").finish(), 420),
        (
            invitation("sip:nobody@example.com", "h6", FOCUS, &sdp, &[ALICE])
                .edit()
                .set(Name::To, "<sip:nobody@x>")
                .finish(),
            404,
        ),
    ];
    for (invite, status) in cases {
        home.send(&invite);
        home.response(Method::Invite, status);
    }
    for method in [Method::Notify, Method::Bye, Method::Update] {
        home.send(&initial(method.clone(), &contact, ALICE, &format!("stray-{method}")).build());
        home.response(method, 481);
    }
    for (n, list) in ["<resource-lists", "<!DOCTYPE x [<!ENTITY a \"a\">]><resource-lists/>"].into_iter().enumerate() {
        let invite = invitation_with(&contact, &format!("list-{n}"), FOCUS, &sdp, list);
        home.send(&invite);
        home.response(Method::Invite, 200);
    }
    lives(&mut home);
}

#[test]
fn a_message_outside_sessions_that_cannot_be_read_is_refused() {
    let (mut home, contact) = chatting();
    let pager = |call_id: &str, kind: &str, body: &[u8]| {
        of_chat(initial(Method::Message, &contact, ALICE, call_id)).body(kind, body.to_vec()).build()
    };
    home.send(&pager("p1", "text/plain", b"hello"));
    home.response(Method::Message, 415);
    home.send(&pager("p2", "message/cpim", b"nothing"));
    home.response(Method::Message, 400);
    home.send(&pager("p3", "message/cpim", &delivered("nobody's")));
    home.response(Method::Message, 200);
    lives(&mut home);
}

#[test]
fn an_author_who_is_no_address_is_sent_nothing() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendonly");
    for (n, author) in ["x y z", "", "http://example.com/", "sip:"].into_iter().enumerate() {
        let octets = String::from_utf8_lossy(&message(&format!("m{n}"))).replace(ALICE, author);
        assert_eq!(home.say("1", &format!("a{n}"), octets), Some(200));
    }
    // The group is told instead, where the author hides behind it.
    while let Some(at) = home.sip.iter().position(|one| one.method() == Method::Message) {
        assert_eq!(home.sip.remove(at).unwrap().request_uri(), Some(FOCUS));
    }
    home.ends(&leg);
    assert_eq!(home.texts().len(), 4);
    assert!(home.act(Act::Open, None).ok);
}

#[test]
fn chats_without_end_are_refused_at_last() {
    let (mut home, contact) = Home::registered();
    let sdp = home.description("x", "passive", "sendonly");
    let mut refused = 0;
    for n in 0..300 {
        let invite = invitation(&contact, &format!("c{n}"), FOCUS, &sdp, &[ALICE]);
        home.send(&invite.edit().set(Name::ContributionId, format!("chat-{n}")).finish());
        let answer = home.take("an answer", |one| {
            one.status().is_some_and(|status| status >= 200) && one.method() == Method::Invite
        });
        refused += usize::from(answer.status() == Some(486));
    }
    assert_eq!((home.chats(BOB).len(), refused), (256, 44));
}

#[test]
fn of_chats_that_are_over_the_empty_ones_give_way_first() {
    let (mut home, contact) = Home::registered();
    for n in 0..300 {
        let end = format!("c{n}");
        let sdp = home.description(&end, "passive", "sendonly");
        let invite = invitation(&contact, &end, FOCUS, &sdp, &[ALICE]);
        let leg = home.opens(invite.edit().set(Name::ContributionId, format!("chat-{n}")).finish(), &end);
        if n == 0 {
            home.say(&end, "a", message("m1"));
        }
        home.ends(&leg);
    }
    let chats = home.chats(BOB);
    let shown = |name: &str| chats.iter().any(|chat| chat.contribution == name);
    assert_eq!((chats.len(), shown("chat-0"), shown("chat-1"), shown("chat-299")), (256, true, false, true));
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    /// The octets with some changed, some left out, or the end cut off.
    fn spoil(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut spoilt = octets.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(spoilt.len());
            match self.below(4) {
                0 => spoilt.truncate(at.max(1)),
                1 => drop(spoilt.remove(at)),
                2 => spoilt.insert(at, b"\r\n<>;:\0\xff"[self.below(8)]),
                _ => spoilt[at] = self.below(256) as u8,
            }
            if spoilt.is_empty() {
                spoilt.push(b' ');
            }
        }
        spoilt
    }
}

#[test]
fn spoilt_octets_of_every_kind_break_nothing() {
    let (mut home, contact) = chatting();
    let mut dice = Dice(7);
    let sdp = home.description("x", "passive", "sendonly");
    let invite = invitation(&contact, "spoilt", FOCUS, &sdp, &[ALICE]);
    let pager = of_chat(initial(Method::Message, &contact, ALICE, "pager"));
    let pager = pager.body("message/cpim", delivered("nobody's")).build();
    let document = full(1, vec![is_in("alice"), is_in("bob")]);
    for n in 0..1500 {
        let octets = dice.spoil(if n % 2 == 0 { invite.octets() } else { pager.octets() });
        home.send_octets(octets);
        let (kind, octets) = match n % 3 {
            0 => ("message/cpim", dice.spoil(&asking(&format!("s{n}"), &[]))),
            1 => ("message/cpim", dice.spoil(&delivered("m1"))),
            _ => (DOCUMENT, dice.spoil(document.as_bytes())),
        };
        assert!(home.say_as("1", &format!("spoilt-{n}"), kind, octets).is_some(), "every SEND is answered");
        home.sip.clear();
    }
    let spoilt = dice.spoil(&[b'-'; 5000]);
    home.noise(&spoilt);
    assert_eq!(home.say("1", "last", message("m2")), Some(200));
    let chats = home.chats(BOB);
    let chat = chats.iter().find(|chat| chat.contribution == "contribution-1").unwrap();
    let texts: Vec<&str> = chat.messages.iter().map(|message| message.text.as_str()).collect();
    assert!(texts.contains(&"text of m1") && texts.contains(&"text of m2"));
}
