//! Messages and disposition notifications that wait for their user, in virtual time. [PF-MSG-03], [PF-MSG-04], [PF-DEV-03].

mod disk;
mod expiring;
mod faults;
mod fetching;
mod large;
mod pushing;
mod reports;
mod telling;
mod wishes;

use crate::scene::Scene;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name};

const ALICE: &str = "sip:alice@example.com";
const DEFERRED: &str = "sip:deferred@example.com";
const NOTICE: &str = "application/x-cpm-deferred-messages+xml";
const ABSENT: &str = "sescase=term;regstate=unreg";
const PRESENT: &str = "sescase=term;regstate=reg";

/// A message from Alice in its envelope; its sender wants these dispositions.
fn envelope(id: &str, dispositions: &[&str]) -> Bytes {
    cpim::Builder::new(ALICE, BOB)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(dispositions)
        .content("text/plain;charset=utf-8", format!("text of {id}"))
        .build()
}

/// Alice sends Bob a MESSAGE; its Call-ID names it.
fn from_alice(id: &str, case: &str) -> Builder {
    initial(Method::Message, BOB, ALICE, BOB, id, case)
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, "conversation-1")
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg")
        .header(Name::AcceptContact, "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"")
}

/// Bob is absent; each of these is deferred.
fn deferred(scene: &mut Scene, ids: &[&str]) {
    for id in ids {
        scene.send(&from_alice(id, ABSENT).body("message/cpim", envelope(id, &["negative-delivery"])).build());
        scene.response(Method::Message, 202);
    }
}

/// The next MESSAGE to a contact.
fn pushed_to(scene: &mut Scene, contact: &str) -> Message {
    let fits =
        |one: &Message| one.is_request() && one.method() == Method::Message && one.request_uri() == Some(contact);
    scene.take("a MESSAGE to the device", fits)
}

/// The next NOTIFY to a device, by its own port of 192.0.2.x; it is answered.
fn told(scene: &mut Scene, contact: &str) -> String {
    let fits = |one: &Message| one.is_request() && one.method() == Method::Notify && one.request_uri() == Some(contact);
    let notify = scene.take("a NOTIFY to the device", fits);
    scene.accept(&notify);
    String::from_utf8(notify.body().to_vec()).unwrap()
}

/// A device subscribes to what waits for Bob.
fn subscribe(scene: &mut Scene, contact: &str, instance: &str, call_id: &str, expires: u32) {
    let subscribe = initial(Method::Subscribe, BOB, BOB, BOB, call_id, "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{contact}>;+sip.instance=\"<{instance}>\""))
        .header(Name::PAssertedIdentity, format!("<{BOB}>"))
        .header(Name::Event, "deferred-messages")
        .header(Name::Accept, NOTICE)
        .header(Name::Expires, expires);
    scene.send(&subscribe.build());
    scene.response(Method::Subscribe, 200);
}

/// A device calls for an item; its end has this name.
fn fetch(scene: &mut Scene, contact: &str, id: &str, end: &str) -> Message {
    let sdp = scene.end(end, "active", "recvonly");
    let invite = initial(Method::Invite, DEFERRED, BOB, DEFERRED, &format!("fetch-{end}"), "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{contact}>"))
        .header(Name::PAssertedIdentity, format!("<{BOB}>"))
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, "conversation-1")
        .header(Name::AcceptContact, "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.deferred\"")
        .body("application/sdp", sdp);
    let invite = invite.build();
    scene.send(&invite);
    invite
}

/// The call is answered: the item comes, and the function ends the session.
fn fetched(scene: &mut Scene, invite: &Message, end: &str) -> Vec<Bytes> {
    let ok = scene.response(Method::Invite, 200);
    assert_eq!(crate::scene::media(&ok).direction, cpm_wire::sdp::Direction::SendOnly);
    scene.send(&in_dialog(Method::Ack, invite, &ok, 1).build());
    scene.start(end, &ok, true);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    scene.heard(end).to_vec()
}
