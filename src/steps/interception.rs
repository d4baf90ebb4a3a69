//! Orders to intercept served users, by the administration and by those who may not give them.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry};
use crate::actors::mediation_function::{MediationFunction, Who, uuid};
use crate::evidence::{Event, What};
use crate::verdict::Blame;
use crate::world::{Done, Interception, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given, When],
            r"^the interception of (\w+) is ordered$",
            "By the administration: events and content, to the mediation function of the scenario.",
            |scene, args| Box::pin(ordered(scene, args)),
        ),
        entry(
            &[When],
            r"^the interception of (\w+) is ordered by (a stranger|an impostor|nobody)$",
            "By somebody whom the function does not know; with a certificate of an authority that it does not know; without any.",
            |scene, args| Box::pin(ordered_by(scene, args)),
        ),
        entry(&[When], r"^the interception of (\w+) is ended$", "By the administration.", |scene, args| {
            Box::pin(ended(scene, args))
        }),
    ]
}

async fn ordered(scene: &mut Scene, args: Args) -> Done {
    order(scene, args.text(0), Who::Administration).await
}

async fn ordered_by(scene: &mut Scene, args: Args) -> Done {
    let who = match args.text(1) {
        "a stranger" => Who::Stranger,
        "an impostor" => Who::Impostor,
        _ => Who::Nobody,
    };
    order(scene, args.text(0), who).await
}

async fn order(scene: &mut Scene, person: &str, who: Who) -> Done {
    if scene.run.reads_interception() {
        return tell(scene, person, Interception::Begin).await;
    }
    open(scene).await?;
    let name = person.to_owned();
    if !scene.stage.act(move |play| play.ensemble.intercepts(who, &name)).await? {
        return Err(Stop::Harness(format!("{person} was not introduced")));
    }
    answered(scene).await
}

/// Lets the operator of the target begin or end it, by the hook of the profile. From there on the order is in the evidence.
async fn tell(scene: &mut Scene, person: &str, act: Interception) -> Done {
    let name = person.to_owned();
    let user = scene.stage.act(move |play| play.ensemble.identity_of(&name)).await?;
    scene.run.intercept(&scene.id, &user, act).await?;
    let (person, ends) = (person.to_owned(), act == Interception::End);
    scene
        .stage
        .act(move |play| {
            let last = play.story().interception().tasks_of(&person).last().filter(|_| ends);
            let task = last.unwrap_or_else(|| uuid(&mut play.ensemble.signalling.ids)).to_string();
            play.record(What::Event(Event::Interception { person, task, ends, authorised: true, connection: None }));
        })
        .await?;
    Ok(())
}

/// Lets the mediation function be there.
async fn open(scene: &mut Scene) -> Done {
    let (access, there) =
        scene.stage.act(|play| (play.ensemble.access.clone(), play.ensemble.mediation.is_some())).await?;
    let Some(access) = access else {
        let why = "not observable: the tester orders no interception at the target (network.li, network.target.x1)";
        return Err(Stop::Unseen { why: why.to_owned(), blame: Blame::Configuration });
    };
    if there {
        return Ok(());
    }
    let address = scene.stage.listen_secured().await?.map_err(|why| Stop::Harness(why.to_string()))?;
    let advertise = scene.run.mediation_at(address);
    scene
        .stage
        .act(move |play| {
            let destination = uuid(&mut play.ensemble.signalling.ids);
            play.ensemble.mediation = Some(MediationFunction::new(address, advertise, access, destination));
        })
        .await?;
    Ok(())
}

/// Waits until the order has its answer, whatever that is: a rule judges it.
async fn answered(scene: &mut Scene) -> Done {
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| ensemble.orders_are_answered()).await?;
    Ok(())
}

async fn ended(scene: &mut Scene, args: Args) -> Done {
    if scene.run.reads_interception() {
        return tell(scene, args.text(0), Interception::End).await;
    }
    let name = args.text(0).to_owned();
    if !scene.stage.act(move |play| play.ensemble.intercepts_no_more(&name)).await? {
        return Err(Stop::Harness(format!("the interception of {} was never ordered", args.text(0))));
    }
    answered(scene).await
}
