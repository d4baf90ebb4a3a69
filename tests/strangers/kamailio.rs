//! A home that nobody here wrote: Kamailio is registrar and proxy of two users, and every call goes through the served
//! reference on its way, for who calls and for who is called. Its configuration is tests/strangers/kamailio. Where Kamailio is
//! not installed, that is said and no more.

pub mod home;
mod phone;

use crate::peers::served::{Served, header, status};
use home::Home;
use phone::{Chat, Phone, media_line, path};
use pretty_assertions::{assert_eq, assert_ne};

/// Two users of one home, and the function that serves both.
struct Neighbourhood {
    served: Served,
    home: Home,
    alice: Phone,
    bob: Phone,
}

/// The home is there, the function is there, and both users have registered: the function was told so.
fn neighbourhood() -> Option<Neighbourhood> {
    if !home::is_installed() {
        return None;
    }
    let served = Served::start();
    let home = Home::start(served.cscf, served.sip);
    let (alice, bob) = (Phone::new("alice", served.cscf), Phone::new("store_off-bob", served.cscf));
    for phone in [&alice, &bob] {
        registered(&home, phone, 600);
    }
    Some(Neighbourhood { served, home, alice, bob })
}

/// A phone registers for so many seconds, and the function hears of it.
#[track_caller]
fn registered(home: &Home, phone: &Phone, seconds: u32) {
    let ok = phone.register(seconds);
    assert_eq!(status(&ok), Some(200), "{ok}");
    assert_eq!(header(&ok, "P-Associated-URI"), Some(&*format!("<{}>", phone.uri())), "{ok}");
    home.says("third-party REGISTER: 200");
}

#[test]
fn two_users_of_a_home_chat_through_the_function() {
    let Some(Neighbourhood { served, home, alice, bob }) = neighbourhood() else { return };
    let sent = alice.invite(&bob);
    let invite = bob.receive("INVITE");
    for (name, value) in [
        ("Conversation-ID", header(&sent, "Conversation-ID")),
        ("Contribution-ID", header(&sent, "Contribution-ID")),
        ("P-Asserted-Identity", Some(&*format!("<{}>", alice.uri()))),
        ("P-Served-User", None),
    ] {
        assert_eq!(header(&invite, name), value, "{name} of {invite}");
    }
    // Alice is served and then bob: each is a leg of its own.
    let [of_alice, between, of_bob] = ["new", "orig", "term"].map(|case| home.says(&format!("INVITE {case} ")));
    assert_eq!(header(&sent, "Call-ID"), Some(&*of_alice));
    assert_eq!(header(&invite, "Call-ID"), Some(&*of_bob));
    assert!(between != of_alice && between != of_bob, "{of_alice}, {between}, {of_bob}");
    let own = format!("m=message {} TCP/MSRP *", served.msrp.port());
    assert_eq!(media_line(&invite), own, "{invite}");

    bob.ring(&invite);
    alice.receive("SIP/2.0 180");
    let answer = bob.answer(&invite);
    let ok = alice.receive("SIP/2.0 200");
    assert_eq!(media_line(&ok), own, "{ok}");
    let mut call = alice.calling(&sent, &ok);
    alice.acknowledge(&call);
    bob.receive("ACK");

    let (mut at_bob, mut at_alice) = (Chat::answered(&bob, &answer, &invite), Chat::offered(&alice, &sent, &ok));
    assert_ne!(path(&invite), path(&ok), "a media session of its own on either side");
    at_alice.tells(&mut at_bob, &alice, &bob, "Is this how it is done?");
    at_bob.tells(&mut at_alice, &bob, &alice, "So it seems.");

    alice.hang_up(&mut call);
    bob.accept(&bob.receive("BYE"));
    let ok = alice.receive("SIP/2.0 200");
    assert_eq!(header(&ok, "CSeq"), Some("2 BYE"), "{ok}");
    home.stop();
    served.stop();
}

#[test]
fn who_has_left_the_home_is_not_called() {
    let Some(Neighbourhood { served, home, alice, bob }) = neighbourhood() else { return };
    registered(&home, &bob, 0);
    let sent = alice.invite(&bob);
    let refusal = alice.final_answer();
    assert_eq!(status(&refusal), Some(480), "{refusal}");
    alice.acknowledge_refusal(&sent, &refusal);
    // The contrast: once back, bob is called.
    registered(&home, &bob, 600);
    let sent = alice.invite(&bob);
    let invite = bob.receive("INVITE");
    assert_eq!(header(&invite, "Contribution-ID"), header(&sent, "Contribution-ID"), "{invite}");
    bob.refuse(&invite);
    bob.receive("ACK");
    let refusal = alice.final_answer();
    assert_eq!(status(&refusal), Some(486), "{refusal}");
    alice.acknowledge_refusal(&sent, &refusal);
    home.stop();
    served.stop();
}
