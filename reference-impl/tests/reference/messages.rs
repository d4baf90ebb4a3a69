//! Messages outside sessions, in virtual time. [PF-MSG-01], [PF-MSG-02], [PF-DEV-02], [PF-PRF-01].

mod devices;
mod large;
mod lists;
mod pager;
mod wishes;

use crate::scene::Scene;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name};

const ALICE: &str = "sip:alice@example.com";
const CAROL: &str = "sip:carol@example.com";
const SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg";

/// A message of a user in its envelope.
fn envelope(id: &str, text: &str) -> Bytes {
    cpim::Builder::new("sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid")
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(&["positive-delivery", "display"])
        .content("text/plain;charset=utf-8", text.to_owned())
        .build()
}

/// An envelope of so many octets.
fn envelope_of(octets: usize) -> Bytes {
    let more = envelope("m1", &"x".repeat(octets)).len() - octets;
    let fitting = envelope("m1", &"x".repeat(octets - more));
    assert_eq!(fitting.len(), octets);
    fitting
}

/// One sends the other a message: Bob is served, and sends it or is to get it. Without content.
fn bare(from: &str, to: &str, call_id: &str) -> Builder {
    let case = if from == BOB { "sescase=orig;regstate=reg" } else { "sescase=term;regstate=reg" };
    initial(Method::Message, to, from, to, call_id, case)
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, format!("conversation-{call_id}"))
        .header(Name::PAssertedIdentity, format!("<{from}>"))
        .header(Name::PAssertedService, SERVICE)
        .header(Name::AcceptContact, "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"")
}

fn pager(from: &str, to: &str, call_id: &str) -> Message {
    bare(from, to, call_id).body("message/cpim", envelope(call_id, "hello")).build()
}

/// Sends a message, and gives it.
fn sends(scene: &mut Scene, from: &str, to: &str, call_id: &str) -> Message {
    let message = pager(from, to, call_id);
    scene.send(&message);
    message
}

/// The MESSAGE by which a message goes on.
fn goes_on(scene: &mut Scene) -> Message {
    scene.request(Method::Message)
}

/// The message is refused, and nobody hears of it.
fn refused(scene: &mut Scene, status: u16) -> Message {
    scene.none(Method::Message);
    scene.response(Method::Message, status)
}
