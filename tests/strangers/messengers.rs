//! Messengers that nobody here wrote, at a home that nobody here wrote: linphonec and a client on pjsua2 write to each other, as CPIM
//! (RFC 3862) with notifications (RFC 5438), through Kamailio and the served reference, and baresip understands no CPIM. Their
//! configurations are in tests/strangers. Where one of them is not installed, that is said and no more.

mod baresip;
pub mod lines;
mod linphone;
mod pjsua;

use crate::kamailio::home::{self, Home};
use crate::peers::served::Served;
use linphone::Linphone;
use pjsua::Pjsua;
use pretty_assertions::assert_eq;

/// A message that is asked to be reported on.
fn message(id: &str, words: &str) -> String {
    format!(
        "From: <sip:bob@example.com>\r\nTo: <sip:alice@example.com>\r\nDateTime: 2026-11-22T12:00:00Z\r\n\
         NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: {id}\r\n\
         imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n\r\nContent-Type: text/plain\r\n\r\n{words}"
    )
}

/// The home and the function. Messengers give no identifiers of conversations: the function makes them.
fn home() -> Option<(Served, Home)> {
    if !home::is_installed() {
        return None;
    }
    let served = Served::with("missing_ids: insert\n");
    let home = Home::start(served.cscf, served.sip);
    Some((served, home))
}

/// Alice has linphonec, and bob pjsua2.
fn alice_and_bob() -> Option<(Served, Home, Linphone, Pjsua)> {
    if !(linphone::is_installed() && pjsua::is_installed()) {
        return None;
    }
    let (served, home) = home()?;
    let alice = Linphone::start("alice", served.cscf);
    home.says("third-party REGISTER: 200");
    let mut bob = Pjsua::start("bob", served.cscf);
    bob.register(true);
    home.says("third-party REGISTER: 200");
    Some((served, home, alice, bob))
}

/// The status of the notification that bob gets about this message of his.
#[track_caller]
fn notified(bob: &mut Pjsua, id: &str) -> String {
    let told = bob.message();
    assert!(told.contains(&format!("<message-id>{id}</message-id>")), "{told}");
    let status = told.split_once("<status>").and_then(|(_, rest)| rest.split(['<', '/', '>']).nth(1));
    status.unwrap_or_default().to_owned()
}

#[test]
fn a_message_reaches_linphonec_and_its_notification_comes_back() {
    let Some((served, home, mut alice, mut bob)) = alice_and_bob() else { return };
    bob.send("sip:alice@example.com", &message("m-there", "Are you there?"));
    alice.shows("sip:bob@example.com", "Are you there?");
    assert!(matches!(bob.answered(), 200 | 202));
    assert_eq!(notified(&mut bob, "m-there"), "delivered");
    home.stop();
    served.stop();
}

#[test]
fn a_message_of_linphonec_is_reported_on() {
    let Some((served, home, mut alice, mut bob)) = alice_and_bob() else { return };
    alice.writes("sip:bob@example.com", "Here I am.");
    let got = bob.message();
    assert!(got.ends_with("\r\n\r\nHere I am."), "{got}");
    assert!(got.contains("imdn.Disposition-Notification: positive-delivery"), "{got}");
    let id = got.split_once("imdn.Message-ID: ").and_then(|(_, rest)| rest.split("\r\n").next()).unwrap().to_owned();
    let told = got.split_once("DateTime: ").and_then(|(_, rest)| rest.split("\r\n").next()).unwrap();
    let report = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>{id}</message-id>\
         <datetime>{told}</datetime><delivery-notification><status><delivered/></status></delivery-notification></imdn>"
    );
    bob.send(
        "sip:alice@example.com",
        &format!(
            "From: <sip:bob@example.com>\r\nTo: <sip:alice@example.com>\r\n\r\nContent-Type: message/imdn+xml\r\n\
             Content-Disposition: notification\r\nContent-Length: {}\r\n\r\n{report}",
            report.len()
        ),
    );
    alice.logs("DeliveredToUser");
    home.stop();
    served.stop();
}

#[test]
fn who_was_away_gets_the_message_when_back() {
    let Some((served, home, mut alice, mut bob)) = alice_and_bob() else { return };
    alice.registers(false);
    home.says("third-party REGISTER: 200");
    bob.send("sip:alice@example.com", &message("m-away", "For later."));
    assert_eq!(bob.answered(), 202);
    alice.registers(true);
    alice.shows("sip:bob@example.com", "For later.");
    assert_eq!(notified(&mut bob, "m-away"), "delivered");
    home.stop();
    served.stop();
}

#[test]
fn a_notification_waits_for_its_user() {
    let Some((served, home, mut alice, mut bob)) = alice_and_bob() else { return };
    alice.registers(false);
    home.says("third-party REGISTER: 200");
    bob.send("sip:alice@example.com", &message("m-both", "One after the other."));
    assert_eq!(bob.answered(), 202);
    bob.register(false);
    home.says("third-party REGISTER: 200");
    alice.registers(true);
    alice.shows("sip:bob@example.com", "One after the other.");
    // Alice's notification is with the function by now, and bob is away.
    home.says("MESSAGE orig");
    bob.register(true);
    assert_eq!(notified(&mut bob, "m-both"), "delivered");
    home.stop();
    served.stop();
}

#[test]
fn who_understands_no_envelopes_refuses_them() {
    if !(baresip::is_installed() && pjsua::is_installed()) {
        return;
    }
    let Some((served, home)) = home() else { return };
    let carol = baresip::Baresip::start("alice", served.cscf);
    home.says("third-party REGISTER: 200");
    let mut bob = Pjsua::start("bob", served.cscf);
    bob.register(true);
    home.says("third-party REGISTER: 200");
    bob.send("sip:alice@example.com", &message("m-refused", "Can you read this?"));
    assert_eq!(bob.answered(), 415);
    carol.stop();
    home.stop();
    served.stop();
}
