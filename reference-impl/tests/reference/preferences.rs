//! What users wish and their provider orders, in virtual time. [PF-SES-03, PF-PRF-01]

mod changes;
mod decisions;
mod server;
mod withheld;

use crate::scene::Scene;
use crate::scene::document_server::ROOT;
use crate::scene::messages::*;
use cpm_reference::config::{Config, PreferencesAccess};
use cpm_wire::sip::{Builder, Message, Method, Name};

const ALICE: &str = "sip:alice@example.com";
const CAROL: &str = "sip:carol@example.com";
/// A refusal.
const REJECT: &str = "<p:handling>reject</p:handling>";
const ALLOW: &str = "<p:handling>allow</p:handling>";

/// A function that asks the document server.
fn with_server(change: impl FnOnce(&mut Config)) -> Scene {
    let mut scene = Scene::with(|config| {
        config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
        change(config);
    });
    scene.documents.is_there = true;
    scene.register("reg-1");
    scene
}

/// One wants a session with the other: Bob is served, and calls or is called.
fn inviting(caller: &str, callee: &str, call_id: &str, sdp: String) -> Builder {
    let case = if caller == BOB { "sescase=orig;regstate=reg" } else { "sescase=term;regstate=reg" };
    initial(Method::Invite, callee, caller, callee, call_id, case)
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, format!("conversation-{call_id}"))
        .header(Name::PAssertedIdentity, format!("<{caller}>"))
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
        .header(Name::Contact, "<sip:caller@192.0.2.1>")
        .body("application/sdp", sdp)
}

/// A plain call.
fn calls(scene: &mut Scene, caller: &str, callee: &str, call_id: &str) -> Message {
    let sdp = scene.end("caller", "actpass", "sendrecv");
    let invite = inviting(caller, callee, call_id, sdp).build();
    scene.send(&invite);
    invite
}

/// The INVITE by which the call goes on.
fn goes_on(scene: &mut Scene) -> Message {
    scene.take("the onward INVITE", |one| one.method() == Method::Invite && one.is_request())
}

/// The call is refused, and nobody hears of it. Gives the refusal.
fn refused(scene: &mut Scene, status: u16) -> Message {
    scene.none(Method::Invite);
    scene.response(Method::Invite, status)
}
