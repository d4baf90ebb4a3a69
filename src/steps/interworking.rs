//! The interworking function: what it does, for whom it speaks, and who sends others to it.

use super::Keyword::{Given, When};
use super::messages::{conduct, ends, post, to_one};
use super::sessions::{end_of_device, media, party};
use super::{Args, StepEntry, entry};
use crate::actors::call::{Answering, Party};
use crate::actors::client::Conduct;
use crate::actors::interworking_function::INTERWORKING_FUNCTION;
use crate::world::{Done, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given, When],
            r#"^the interworking function (takes|refuses) what it is sent(?: with "(unavailable|unknown|out of order|declined)")?$"#,
            "What becomes of messages and sessions that CPM does not reach. Where nothing is said, it reaches nobody either.",
            |scene, args| Box::pin(takes(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+), whom short messages alone reach$",
            "A user of another network who is known by a telephone number, and not to CPM.",
            |scene, args| Box::pin(reached_by_short_messages(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^(\w+)(?:'s (\w+))? refuses what comes with code (\d) of those that lead (to interworking|nowhere)$",
            "From now on the end refuses messages and sessions with that code of the statement's list, or of those that do not \
             stand in it. A device does not say that its user cannot be reached now.",
            |scene, args| Box::pin(refuses(scene, args)),
        ),
        entry(
            &[When],
            r#"^the interworking function tells of "([^"]+)" that it went on$"#,
            "The author of the message gets an interworking notification.",
            |scene, args| Box::pin(tells(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) sends (\w+) the message "([^"]+)" without any name of a conversation$"#,
            "What another service brings need not know of conversations and contributions.",
            |scene, args| Box::pin(sends_unnamed(scene, args)),
        ),
    ]
}

async fn takes(scene: &mut Scene, args: Args) -> Done {
    let conduct = match (args.text(0), args.text(1)) {
        ("takes", _) => Conduct::Accept,
        (_, "unavailable") => Conduct::Refuse(480),
        (_, "out of order") => Conduct::Refuse(503),
        (_, "declined") => Conduct::Refuse(603),
        _ => Conduct::Refuse(404),
    };
    let party = Party { person: INTERWORKING_FUNCTION.to_owned(), device: None };
    let known = party.clone();
    if !scene.stage.act(move |play| play.ensemble.calls.contains_key(&known)).await? {
        let media = media(scene, &party).await?;
        scene.stage.act(move |play| play.ensemble.interworking_end(media).is_some()).await?;
    }
    let told = scene.stage.act(move |play| play.ensemble.interworking_takes(conduct));
    if told.await? {
        Ok(())
    } else {
        Err(Stop::Harness("there is no interworking function around a client".to_owned()))
    }
}

async fn reached_by_short_messages(scene: &mut Scene, args: Args) -> Done {
    let name = args.text(0).to_owned();
    Ok(scene.stage.act(move |play| play.ensemble.reached_by_short_messages(&name)).await?)
}

/// Codes that no list of the ledger has, in this order.
const NOWHERE: [u16; 5] = [486, 603, 403, 500, 400];

async fn refuses(scene: &mut Scene, args: Args) -> Done {
    let end = party(&args, 0);
    let listed = scene.run.statement.interworking_codes();
    let codes: Vec<u16> = match args.text(3) {
        "nowhere" => NOWHERE.into_iter().filter(|code| !listed.contains(code)).collect(),
        // What a device says of a user who cannot be reached now may have a message kept (L12).
        _ if end.device.is_some() => listed.into_iter().filter(|code| !matches!(code, 408 | 480)).collect(),
        _ => listed,
    };
    let number = args.text(2).parse::<usize>().unwrap_or(1).saturating_sub(1);
    let status = codes.get(number % codes.len().max(1)).copied();
    let status = status.ok_or_else(|| Scene::not_reached("the statement leaves no such code"))?;
    conduct(scene, end.clone(), Conduct::Refuse(status)).await?;
    match end.device {
        Some(_) => end_of_device(scene, &end).await?,
        None => ends(scene, &end, &to_one(&end.person)).await?,
    }
    let called = scene.stage.act(move |play| {
        play.ensemble.with_calls(&end, |calls, _| calls.manner.called = Answering::Refuse(status));
    });
    Ok(called.await?)
}

async fn tells(scene: &mut Scene, args: Args) -> Done {
    let label = args.text(0).to_owned();
    if !scene.stage.act(move |play| play.ensemble.interworking_tells(&label)).await? {
        return Err(Stop::Harness("word of a message that nobody sent".to_owned()));
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn sends_unnamed(scene: &mut Scene, args: Args) -> Done {
    let author = Party { person: args.text(0).to_owned(), device: None };
    post(scene, author, to_one(args.text(1)), args.text(2), |letter| letter.unnamed = true).await
}
