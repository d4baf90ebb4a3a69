//! What goes to the interworking function, in virtual time. [PF-IWF-01]

mod faults;
mod messages;
mod sessions;

use crate::scene::Scene;
use crate::scene::document_server::ROOT;
use crate::scene::messages::{BOB, CSCF, initial};
use bytes::Bytes;
use cpm_reference::config::{Config, Interworking, OfflinePrecedence, Policy, PreferencesAccess};
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name};

const ALICE: &str = "sip:alice@example.com";
const FUNCTION: &str = "sip:iwf@example.com";
const INTERWORK: &str = "<p:handling>interwork</p:handling>";
const UNAVAILABLE: &str = "<p:availability>unavailable</p:availability>";

/// A function that has an interworking function beside it.
fn with_function(change: impl FnOnce(&mut Config)) -> Scene {
    Scene::with(|config| {
        config.interworking = Some(Interworking::at(FUNCTION));
        change(config);
    })
}

/// The same, with Bob's phone.
fn with_phone(change: impl FnOnce(&mut Config)) -> Scene {
    let mut scene = with_function(change);
    scene.register("reg-1");
    scene
}

/// Nothing is stored for anybody.
fn storing_nothing(config: &mut Config) {
    config.policies = [("plain".to_owned(), Policy { store: false, ..Policy::default() })].into();
}

/// Bob has this document.
fn with_document(action: &str) -> Scene {
    let mut scene = with_function(|config| config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap())));
    scene.documents.put(BOB, "index", &[("", action)]);
    scene
}

fn envelope(id: &str) -> Bytes {
    cpim::Builder::new(ALICE, BOB)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(&["positive-delivery", "interworking"])
        .content("text/plain;charset=utf-8", format!("text of {id}"))
        .build()
}

/// A request between Alice and Bob, who is served.
fn between(method: Method, from: &str, to: &str, id: &str, registered: bool) -> Builder {
    let case = match (from == BOB, registered) {
        (true, _) => "sescase=orig;regstate=reg",
        (false, true) => "sescase=term;regstate=reg",
        (false, false) => "sescase=term;regstate=unreg",
    };
    initial(method, to, from, to, id, case)
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, format!("conversation-{id}"))
        .header(Name::PAssertedIdentity, format!("<{from}>"))
}

/// True for a request to the interworking function.
fn is_interworked(message: &Message) -> bool {
    let second = message.routes().nth(1).and_then(Result::ok).map(|route| route.uri.to_owned());
    let is_new = message.is_request() && matches!(message.method(), Method::Message | Method::Invite);
    is_new && second.is_some_and(|uri| uri.starts_with(FUNCTION))
}

/// The request that goes to the interworking function; it is what was sent, by way of the serving CSCF.
fn interworked(scene: &mut Scene, sent: &Message) -> Message {
    let request = scene.take("the request to the interworking function", is_interworked);
    let orig = if sent.header(&Name::PServedUser).unwrap().contains("orig") { ";orig" } else { "" };
    let first = request.routes().next().unwrap().unwrap();
    assert_eq!(first.uri, format!("sip:{CSCF};lr{orig}"));
    assert_eq!(request.request_uri(), sent.request_uri());
    assert_ne!(request.call_id(), sent.call_id());
    for name in [Name::ConversationId, Name::ContributionId, Name::PAssertedIdentity] {
        assert_eq!(request.header(&name), sent.header(&name), "{name}");
    }
    request
}

/// Nothing has gone to the interworking function.
fn not_interworked(scene: &Scene) {
    assert!(!scene.sip.iter().any(is_interworked), "{:#?}", scene.starts());
}
