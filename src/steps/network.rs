//! What the surroundings do: time passes, the target is killed and started again.

use super::Keyword::When;
use super::{Args, StepEntry, entry};
use crate::world::{Done, Scene, Stop};
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r"^it is quiet for a while$",
            "Nothing is done for the quiet window of the profile.",
            |scene, args| Box::pin(quiet(scene, args)),
        ),
        entry(
            &[When],
            r"^the time for an answer to a message passes$",
            "The time after which a message without an answer counts as lost (RFC 4975: 30 s).",
            |scene, args| Box::pin(answer_time(scene, args)),
        ),
        entry(&[When], r"^the storage time passes$", "The retention time of the user's class.", |scene, args| {
            Box::pin(storage_time(scene, args))
        }),
        entry(
            &[When],
            r"^the participating function is killed and started again$",
            "The target dies without a word and comes back over what it stored.",
            |scene, args| Box::pin(kill(scene, args)),
        ),
        entry(
            &[When],
            r#"^the operator ends "([^"]+)" of (\w+)$"#,
            "The operator of the target ends a session of a user, by control.admin_release.",
            |scene, args| Box::pin(operator_ends(scene, args)),
        ),
        entry(
            &[When],
            r#"^the participating function comes back to "([^"]+)" for (\w+), or is out of it for good$"#,
            "Waits until the target has taken up the session again, or has ended or refused it.",
            |scene, args| Box::pin(comes_back(scene, args)),
        ),
        entry(
            &[When],
            r#"^the participating function has tried to deliver "([^"]+)" to (\w+)$"#,
            "Waits for an invitation of the target to a device of the user, and its end.",
            |scene, args| Box::pin(tried(scene, args)),
        ),
    ]
}

/// How long it takes at most until the other ends know that the connections of a killed process broke.
const BREAKING: Duration = Duration::from_millis(1);

async fn quiet(scene: &mut Scene, _: Args) -> Done {
    Ok(scene.stage.quiet(scene.run.timers.quiet).await?)
}

async fn answer_time(scene: &mut Scene, _: Args) -> Done {
    let span = scene.run.timers.msrp_response + scene.run.timers.rtt_allowance;
    Ok(scene.stage.quiet(span).await?)
}

async fn storage_time(scene: &mut Scene, _: Args) -> Done {
    let span = scene.run.timers.expiry + scene.run.timers.rtt_allowance;
    Ok(scene.stage.quiet(span).await?)
}

async fn kill(scene: &mut Scene, _: Args) -> Done {
    scene.stage.act(|play| play.note_target("killed")).await?;
    let killed = match &mut scene.own_target {
        Some(target) => target.kill_and_restart().await.map_err(|error| Stop::Harness(error.to_string())),
        None if scene.run.is_virtual() => {
            scene.stage.act(|play| play.restart_virtual_target()).await?;
            // Nobody sends anything over a connection of the old process once it is known to have broken.
            Ok(scene.stage.quiet(BREAKING).await?)
        }
        None => scene.run.restart_external().await.map_err(Scene::not_reached),
    };
    killed?;
    scene.stage.act(|play| play.note_target("started again")).await?;
    Ok(())
}

async fn operator_ends(scene: &mut Scene, args: Args) -> Done {
    let (session, person) = (args.text(0).to_owned(), args.text(1).to_owned());
    let (user, contribution) = scene
        .stage
        .act(move |play| {
            play.note_target("the operator ends a session");
            let occasion = play.ensemble.occasions.get(&session);
            (play.ensemble.identity_of(&person), occasion.map(|occasion| occasion.contribution.clone()))
        })
        .await?;
    let contribution = contribution.ok_or_else(|| Stop::Harness("a session that was not introduced".to_owned()))?;
    scene.run.release(&scene.stage, &scene.id, user, contribution).await
}

async fn comes_back(scene: &mut Scene, args: Args) -> Done {
    let (group, person) = (args.text(0).to_owned(), args.text(1).to_owned());
    let within = scene.run.timers.answer;
    scene
        .stage
        .until(within, move |ensemble, _| ensemble.focuses.get(&group).is_some_and(|focus| focus.came_back(&person)))
        .await?;
    Ok(())
}

async fn tried(scene: &mut Scene, args: Args) -> Done {
    let (group, person) = (args.text(0).to_owned(), args.text(1).to_owned());
    let within: Duration = scene.run.timers.drain + scene.run.timers.no_answer;
    // Without a try within that time the next trigger is simply the first one: nothing is proved here.
    scene.stage.until(within, move |ensemble, _| ensemble.has_tried(&person, &group)).await?;
    Ok(())
}
