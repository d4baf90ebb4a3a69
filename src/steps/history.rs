//! Conversations in the history: what a client asks for, and when the message store fails.

use super::Keyword::{Given, When};
use super::messages::{post, post_large, to_one};
use super::sessions::{end_of_device, party, settle_call};
use super::{Args, StepEntry, entry};
use crate::actors::call::{Calls, Party};
use crate::actors::session::HISTORY_SERVICE;
use crate::actors::signalling::Signalling;
use crate::world::{Done, Scene, Stop};
use cpm_wire::sip::Name;

/// The header by which a client asks that something is kept, and its word (L36).
const ASKS: (&str, &str) = ("X-CPM-History", "store");

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r#"^(\w+)'s (\w+) sends (\w+) the (large )?message "([^"]+)", (asking that it is kept|by the service of history)$"#,
            "A message whose author's client asks that it is kept in the history.",
            |scene, args| Box::pin(sends(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) calls (\w+) for "([^"]+)", (asking that it is kept|by the service of history)$"#,
            "A call whose client asks that the session is kept in the history.",
            |scene, args| Box::pin(calls(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+) and (\w+)'s (\w+) take files$",
            "Both ends take pictures in sessions, and not only what is in an envelope.",
            |scene, args| Box::pin(take_files(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends the file "([^"]+)" in "([^"]+)"$"#,
            "A picture goes to the other end as it is.",
            |scene, args| Box::pin(sends_file(scene, args)),
        ),
        entry(
            &[When],
            r"^the message store (fails|works again) for (\w+)$",
            "What is put there for the user is refused, until it works again. Others notice nothing.",
            |scene, args| Box::pin(store(scene, args)),
        ),
    ]
}

/// What a request says more, and the service that it asks for.
fn asking(how: &str) -> (Vec<(Name, String)>, Option<&'static str>) {
    match how {
        "by the service of history" => (Vec::new(), Some(HISTORY_SERVICE)),
        _ => (vec![(Name::parse(ASKS.0), ASKS.1.to_owned())], None),
    }
}

async fn sends(scene: &mut Scene, args: Args) -> Done {
    let (more, asks_for) = asking(args.text(5));
    let change = move |letter: &mut crate::actors::message::Letter| {
        letter.more.extend(more);
        letter.asks_for = asks_for;
    };
    match args.text(3) {
        "" => post(scene, party(&args, 0), to_one(args.text(2)), args.text(4), change).await,
        _ => post_large(scene, party(&args, 0), to_one(args.text(2)), args.text(4), change).await,
    }
}

async fn calls(scene: &mut Scene, args: Args) -> Done {
    let (caller, callee, session) = (party(&args, 0), args.text(2).to_owned(), args.text(3).to_owned());
    end_of_device(scene, &caller).await?;
    let (more, asks_for) = asking(args.text(4));
    let (end, name) = (caller.clone(), session.clone());
    let called = scene.stage.act(move |play| {
        let usual = play.ensemble.with_calls(&end, |calls, _| {
            let usual = calls.manner.clone();
            calls.manner.more.extend(more);
            calls.manner.asks_for = asks_for;
            usual
        });
        let called = play.ensemble.calls(&end, &callee, &name);
        play.ensemble.with_calls(&end, |calls, _| calls.manner = usual.unwrap_or_default());
        called
    });
    if !called.await? {
        return Err(Stop::Harness(format!("a call for {session:?}, which was not introduced")));
    }
    settle_call(scene, &caller, &session).await
}

/// The media type of a file: one whose octets nobody reads on the way.
const FILE: &str = "application/octet-stream";

async fn take_files(scene: &mut Scene, args: Args) -> Done {
    let remote = Party { person: args.text(0).to_owned(), device: None };
    let told = scene.stage.act(move |play| {
        [remote, party(&args, 1)].iter().all(|end| {
            let takes = Some(vec!["message/cpim".to_owned(), FILE.to_owned()]);
            play.ensemble.with_calls(end, |calls, _| calls.manner.accept_types = takes).is_some()
        })
    });
    if told.await? { Ok(()) } else { Err(Stop::Harness("files for somebody who is in no session".to_owned())) }
}

async fn sends_file(scene: &mut Scene, args: Args) -> Done {
    let (end, session) = (party(&args, 0), args.text(3).to_owned());
    let octets: Vec<u8> = b"\0\xff\r\n\x1a\n".iter().chain(args.text(2).as_bytes()).copied().collect();
    let sent = scene.stage.act(move |play| {
        let sends = |calls: &mut Calls, signalling: &mut Signalling| {
            calls.sends_file(signalling, &session, FILE, octets.into())
        };
        play.ensemble.with_calls(&end, sends).unwrap_or_default()
    });
    if !sent.await? {
        return Err(Scene::not_reached("there is no session for the file"));
    }
    Ok(scene.stage.quiet(scene.run.timers.quiet).await?)
}

async fn store(scene: &mut Scene, args: Args) -> Done {
    let (fails, name) = (args.text(0) == "fails", args.text(1).to_owned());
    let known = scene.stage.act(move |play| {
        let identities = play.ensemble.people.get(&name).map(|person| person.identities.clone());
        if let Some(identities) = &identities {
            play.ensemble.outages.set(identities, fails);
        }
        identities.is_some()
    });
    if known.await? { Ok(()) } else { Err(Stop::Harness("a store of somebody who was not introduced".to_owned())) }
}
