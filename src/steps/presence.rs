//! The presence server: what it does with what is asked of it, and what it says of users.

use super::Keyword::{Given, When};
use super::waiting_messages::settle;
use super::{Args, StepEntry, entry};
use crate::actors::presence_server::{Conduct, PresenceServer, Shown};
use crate::verdict::Blame;
use crate::world::{Done, Scene, Stop};
use bytes::Bytes;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given, When],
            r"^the presence server (takes|refuses|forbids|fails at|does not answer) (what is published of|who watches) (\w+)$",
            "What becomes of publications of a user, or of subscriptions to the user. Where nothing is said, they are taken.",
            |scene, args| Box::pin(conducts(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^the presence server keeps what is published of (\w+) for (\d+) seconds at (least|most)$",
            "For how long a publication has to be meant, or is granted.",
            |scene, args| Box::pin(keeps(scene, args)),
        ),
        entry(
            &[When],
            r"^the presence server forgets what was published of (\w+)$",
            "Who builds on it is told that it is not known.",
            |scene, args| Box::pin(forgets(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^the presence of (\w+) is (open|closed)$",
            "What the presence server says of the user from here on, whatever was published.",
            |scene, args| Box::pin(is_shown(scene, args)),
        ),
        entry(
            &[When],
            r"^the presence of (\w+) is told in (a broken document|a document of entities|a document about nothing)$",
            "Whoever watches the user is told something that is no presence document.",
            |scene, args| Box::pin(tells_rubbish(scene, args)),
        ),
    ]
}

/// What nobody sees of presence where the target brings its own server, or none is there.
fn not_observable() -> Stop {
    let why = "not observable: the tester plays no presence server (network.presence.mode: tester)".to_owned();
    Stop::Unseen { why, blame: Blame::Configuration }
}

/// That the tester plays the presence server.
pub(super) async fn observed(scene: &mut Scene) -> Done {
    let plays = scene.stage.act(|play| play.ensemble.presence_server.is_some()).await?;
    if plays { Ok(()) } else { Err(not_observable()) }
}

async fn at_server(scene: &mut Scene, work: impl FnOnce(&mut PresenceServer) + Send + 'static) -> Done {
    let done = scene.stage.act(move |play| play.ensemble.presence_server.as_mut().map(work));
    done.await?.ok_or_else(not_observable)
}

async fn conducts(scene: &mut Scene, args: Args) -> Done {
    let conduct = match args.text(0) {
        "refuses" => Conduct::Refuses(489),
        "forbids" => Conduct::Refuses(403),
        "fails at" => Conduct::Refuses(500),
        "does not answer" => Conduct::Silent,
        _ => Conduct::Takes,
    };
    let (published, person) = (args.text(1) == "what is published of", args.text(2).to_owned());
    at_server(scene, move |server| match published {
        true => server.publishing(&person, conduct),
        false => server.watching(&person, conduct),
    })
    .await
}

async fn keeps(scene: &mut Scene, args: Args) -> Done {
    let seconds = args.text(1).parse().map_err(|_| Stop::Harness("no number of seconds".to_owned()))?;
    let (least, most) = if args.text(2) == "least" { (Some(seconds), None) } else { (None, Some(seconds)) };
    let person = args.text(0).to_owned();
    at_server(scene, move |server| server.keeps(&person, least, most)).await
}

async fn forgets(scene: &mut Scene, args: Args) -> Done {
    let person = args.text(0).to_owned();
    at_server(scene, move |server| server.forgets(&person)).await
}

async fn is_shown(scene: &mut Scene, args: Args) -> Done {
    let shown = if args.text(1) == "open" { Shown::Open } else { Shown::Closed };
    let person = args.text(0).to_owned();
    if !scene.stage.act(move |play| play.ensemble.is_shown(&person, shown)).await? {
        return Err(not_observable());
    }
    settle(scene).await
}

/// Entities that would come to much more than they are.
const ENTITIES: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE presence [<!ENTITY a \"aaaaaaaaaaaaaaaa\">\n\
    <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\n<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">\n\
    <!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>\n\
    <presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:nobody@example.com\">\
    <tuple id=\"t\"><status><basic>closed</basic></status><note>&d;&d;&d;&d;</note></tuple></presence>\n";

async fn tells_rubbish(scene: &mut Scene, args: Args) -> Done {
    let (rubbish, why) = match args.text(1) {
        "a broken document" => ("<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"><tuple id=", "not well-formed"),
        "a document of entities" => (ENTITIES, "entities of its own"),
        _ => ("<nothing xmlns=\"urn:example:nothing\"/>", "another document"),
    };
    let person = args.text(0).to_owned();
    let told =
        scene.stage.act(move |play| play.ensemble.tells_rubbish(&person, Bytes::from_static(rubbish.as_bytes()), why));
    if !told.await? {
        return Err(Scene::not_reached("nobody watches the user"));
    }
    settle(scene).await
}
