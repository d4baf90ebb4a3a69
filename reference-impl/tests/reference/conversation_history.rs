//! What is kept in the history of a user, in virtual time. [PF-HIS-01]

mod faults;
mod store;
mod what;
mod whose;

use crate::scene::Scene;
use crate::scene::history_store::access;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::{Config, HistoryRequest, Policy};
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name};

const ALICE: &str = "sip:alice@example.com";
const USER: &str = "bob@example.com";

/// A function with a message store, for users whose policy says this of history.
fn with_history(history: Option<bool>, change: impl FnOnce(&mut Config)) -> Scene {
    let mut scene = Scene::with(|config| {
        config.message_store = Some(access());
        config.policies = [("plain".to_owned(), Policy { history, ..Policy::default() })].into();
        change(config);
    });
    scene.history.is_there = true;
    scene
}

/// A function that keeps the history of everybody, and Bob's phone.
fn keeping() -> Scene {
    let mut scene = with_history(Some(true), |_| {});
    scene.register("reg-1");
    scene
}

fn envelope(from: &str, to: &str, id: &str) -> Bytes {
    cpim::Builder::new(from, to)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .dispositions(&["positive-delivery"])
        .content("text/plain;charset=utf-8", format!("text of {id}"))
        .build()
}

fn between(method: Method, from: &str, to: &str, id: &str) -> Builder {
    let case = if from == BOB { "sescase=orig;regstate=reg" } else { "sescase=term;regstate=reg" };
    initial(method, to, from, to, id, case)
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, format!("conversation-{id}"))
        .header(Name::PAssertedIdentity, format!("<{from}>"))
}

fn message_of(from: &str, to: &str, id: &str) -> Builder {
    between(Method::Message, from, to, id).body("message/cpim", envelope(from, to, id))
}

/// The MESSAGE is sent, and taken at the other end.
fn taken(scene: &mut Scene, message: &Message) {
    scene.send(message);
    let onward = scene.request(Method::Message);
    scene.answer(&onward, 200, "", None);
    scene.response(Method::Message, 200);
}

/// The objects of Bob's store: folder and text of each.
fn kept(scene: &Scene) -> Vec<(String, String)> {
    let own = scene.history.objects.iter().filter(|(user, ..)| user == USER);
    own.map(|(_, folder, object)| (folder.clone(), String::from_utf8(object.to_vec()).unwrap())).collect()
}

/// The identifiers of the messages that are kept, with their direction.
fn ids(scene: &Scene) -> Vec<String> {
    let field = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        line.unwrap_or_default()
    };
    let ids = kept(scene).into_iter().map(|(_, text)| {
        let id = field(&text, "IMDN-Message-ID");
        (!id.is_empty()).then(|| format!("{id} {}", field(&text, "Message-Direction")))
    });
    ids.flatten().collect()
}

/// Alice and Bob talk: Bob is called, or calls. The ends are `alice` and `bob`.
struct Talk {
    invite: Message,
    ok: Message,
    from_bob: bool,
}

impl Talk {
    fn begin(scene: &mut Scene, from: &str, to: &str, id: &str, ask: bool) -> Talk {
        let (caller, callee) = if from == BOB { ("bob", "alice") } else { ("alice", "bob") };
        let invite = between(Method::Invite, from, to, id)
            .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
            .header(Name::Contact, "<sip:caller@192.0.2.1>");
        let invite = if ask { invite.header(Name::parse("X-CPM-History"), "store") } else { invite };
        let invite = invite.body("application/sdp", scene.end(caller, "actpass", "sendrecv")).build();
        scene.send(&invite);
        let onward = scene.request(Method::Invite);
        let sdp = scene.end(callee, "passive", "sendrecv");
        scene.answer(&onward, 200, "<sip:callee@192.0.2.9>", Some(sdp));
        scene.request(Method::Ack);
        scene.start(callee, &onward, false);
        let ok = scene.response(Method::Invite, 200);
        scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
        scene.start(caller, &ok, false);
        Talk { invite, ok, from_bob: from == BOB }
    }

    fn end(&self, scene: &mut Scene) {
        scene.send(&in_dialog(Method::Bye, &self.invite, &self.ok, 2).build());
        scene.response(Method::Bye, 200);
        let bye = scene.request(Method::Bye);
        scene.accept(&bye);
        assert_eq!(self.from_bob, self.invite.header(&Name::From).unwrap().contains("bob"));
    }
}
