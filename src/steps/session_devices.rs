//! Sessions of a user with several devices: they answer at the same time, leave one by one, and take sessions over from
//! one another.

use super::Keyword::When;
use super::outcomes::second_trigger;
use super::sessions::{called_there, end_of_device, in_vain, party, say, settle_call, with_end};
use super::{Args, StepEntry, devices, entry};
use crate::actors::Ensemble;
use crate::actors::call::{CallState, Party};
use crate::actors::calls::How;
use crate::actors::signalling::DeviceKey;
use crate::story::Story;
use crate::world::{Done, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r#"^(\w+)'s (\w+) and (?:his|her|their) (\w+) pick up "([^"]+)" at the same time$"#,
            "Two devices that ring accept at once, so that their acceptances cross whatever the target says to them.",
            |scene, args| Box::pin(pick_up_at_once(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) leaves "([^"]+)"$"#,
            "One device ends the session for itself, and leaves it to the target to close the connection of its media.",
            |scene, args| Box::pin(leaves(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) says "([^"]+)" in "([^"]+)" and wants to know when it is shown$"#,
            "A message with a wish for reports of display.",
            |scene, args| Box::pin(says_to_be_shown(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) shows "([^"]+)" of "([^"]+)"$"#,
            "The device tells the author, in the session, that the message was shown.",
            |scene, args| Box::pin(shows(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) takes "([^"]+)" over from (?:his|her|their) (\w+) (by its dialog|by its contribution|as the statement says)(?:, while (\w+) says "([^"]+)")?$"#,
            "Another device of the user asks for the session that the first one has: it names the dialog, or calls with the \
             contribution of the session; or the first device refers the session to it, where the statement says so.",
            |scene, args| Box::pin(takes_over(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) refers "([^"]+)" to (?:his|her|their) (\w+)(?:, while (\w+) says "([^"]+)")?$"#,
            "The device that has the session asks the target to have it at another device of the user.",
            |scene, args| Box::pin(refers(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? waits for "([^"]+)" to stand$"#,
            "Time for an acceptance that is on its way, or for a target that moves sessions by itself, as its statement says; \
             what it did is for the rules.",
            |scene, args| Box::pin(waits(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) fails to take "([^"]+)" over from (?:his|her|their) (\w+) (by its dialog|by its contribution)$"#,
            "The same with a description of media that nobody can use.",
            |scene, args| Box::pin(fails_to_take_over(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) names the dialog of "([^"]+)" at (\w+)'s (\w+)$"#,
            "A device of somebody else asks for a session that is not its user's.",
            |scene, args| Box::pin(stranger(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) stops after (\d+) messages? of "([^"]+)", and (?:his|her|their) (\w+) takes the delivery over$"#,
            "In the middle of a delivery of a group another device asks for it, in the way that the statement names.",
            |scene, args| Box::pin(takes_delivery_over(scene, args)),
        ),
    ]
}

fn device(args: &Args, person: usize, device: usize) -> Party {
    Party { person: args.text(person).to_owned(), device: Some(args.text(device).to_owned()) }
}

fn key(party: &Party) -> DeviceKey {
    (party.person.clone(), party.device.clone().unwrap_or_default())
}

async fn pick_up_at_once(scene: &mut Scene, args: Args) -> Done {
    let ends = [device(&args, 0, 1), device(&args, 0, 2)];
    let session = args.text(3).to_owned();
    for end in &ends {
        called_there(scene, end, &session).await?;
    }
    let (both, name) = (ends.clone(), session.clone());
    let picked = scene
        .stage
        .act(move |play| {
            let Some(occasion) = play.ensemble.occasions.get(&name).cloned() else { return false };
            let mut picked = both.iter().map(|end| {
                play.ensemble.with_calls(end, |calls, signalling| calls.pick_up(signalling, &occasion)) == Some(true)
            });
            // Both, whatever becomes of the first.
            picked.by_ref().filter(|picked| *picked).count() == both.len()
        })
        .await?;
    if !picked {
        return in_vain(scene, format!("{session:?} does not ring at both devices")).await;
    }
    let within = scene.run.timers.answer;
    let settled = move |ensemble: &Ensemble, _: &Story| {
        let of_session = ensemble.calls.values().filter_map(|calls| Some((calls, calls.of(&session)?)));
        let mut ends = of_session.map(|(calls, call)| match call.state {
            // A device that the target has told nothing yet, but not the caller.
            CallState::Early => calls.party.device.is_some(),
            CallState::Established => calls.carries(&session),
            CallState::Refused(_) | CallState::Ended => true,
        });
        ends.all(|settled| settled)
    };
    scene.stage.until(within, settled).await?;
    Ok(())
}

async fn leaves(scene: &mut Scene, args: Args) -> Done {
    let (end, session) = (device(&args, 0, 1), args.text(2).to_owned());
    if !with_end(scene, &end, move |calls, signalling| calls.leave(signalling, &session)).await? {
        return in_vain(scene, format!("{} has no session to leave", end.person)).await;
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn says_to_be_shown(scene: &mut Scene, args: Args) -> Done {
    let speaker = Party { person: args.text(0).to_owned(), device: None };
    let what = say::What { display: true, ..say::What::default() };
    let said = say::say(scene, &speaker, args.text(2), args.text(1), what).await?;
    say::settle(scene, said).await
}

async fn shows(scene: &mut Scene, args: Args) -> Done {
    let (end, session, text) = (device(&args, 0, 1), args.text(3).to_owned(), args.text(2).to_owned());
    let (at, of, label, within) = (end.clone(), session.clone(), text.clone(), scene.run.timers.answer);
    let came = move |ensemble: &Ensemble, story: &Story| {
        let received = ensemble.calls.get(&at).and_then(|calls| calls.of(&of)).map(|call| &call.received);
        let mut ids = story.cast().called_in(&of, &label);
        received.is_some_and(|received| ids.any(|id| received.iter().any(|known| known == id)))
    };
    scene.stage.until(within, came).await?;
    let does = end.clone();
    let shown = scene
        .stage
        .act(move |play| {
            let ids: Vec<String> = play.story().cast().called_in(&session, &text).map(str::to_owned).collect();
            let author = play.ensemble.other_end(&session, &does);
            ids.last().and_then(|id| {
                play.ensemble
                    .with_calls(&does, |calls, signalling| calls.report_shown(signalling, &session, &author, id))
            })
        })
        .await?;
    if shown != Some(true) {
        return in_vain(scene, format!("nothing of that name came to {}'s {}", args.text(0), args.text(1))).await;
    }
    Ok(())
}

/// Something that is said while a session is on its way to another device.
struct Meanwhile {
    speaker: String,
    text: String,
}

fn meanwhile(args: &Args, at: usize) -> Option<Meanwhile> {
    let (speaker, text) = (args.text(at).to_owned(), args.text(at + 1).to_owned());
    (!speaker.is_empty()).then_some(Meanwhile { speaker, text })
}

/// The first way of the statement in which a device can ask for a move.
fn claimed(scene: &Scene) -> &'static str {
    let ways = [("replaces", "by its dialog"), ("same_contribution", "by its contribution"), ("refer", "by referring")];
    let way = ways.iter().find(|(key, _)| scene.run.statement.has("continuity", key));
    way.map_or("by its dialog", |(_, way)| way)
}

async fn takes_over(scene: &mut Scene, args: Args) -> Done {
    let (to, from, session) = (device(&args, 0, 1), device(&args, 0, 3), args.text(2).to_owned());
    let way = if args.text(4) == "as the statement says" { claimed(scene) } else { args.text(4) }.to_owned();
    end_of_device(scene, &to).await?;
    let asks = move |ensemble: &mut Ensemble, to: &Party, from: &Party, session: &str| match way.as_str() {
        "by referring" => ensemble.refers(from, to, session),
        way => {
            let how = How { names_the_dialog: way == "by its dialog", ..How::default() };
            ensemble.claims(to, from, session, &how)
        }
    };
    moves(scene, (from, to), session, meanwhile(&args, 5), asks).await
}

async fn refers(scene: &mut Scene, args: Args) -> Done {
    let (from, to, session) = (device(&args, 0, 1), device(&args, 0, 3), args.text(2).to_owned());
    end_of_device(scene, &to).await?;
    moves(scene, (from, to), session, meanwhile(&args, 4), |ensemble, to, from, session| {
        ensemble.refers(from, to, session)
    })
    .await
}

/// Asks for a move, says something at the same time, and waits until it has come to something.
async fn moves(
    scene: &mut Scene,
    (from, to): (Party, Party),
    session: String,
    meanwhile: Option<Meanwhile>,
    asks: impl FnOnce(&mut Ensemble, &Party, &Party, &str) -> bool + Send + 'static,
) -> Done {
    let (one, other, name) = (from.clone(), to.clone(), session.clone());
    let asked = scene.stage.act(move |play| asks(&mut play.ensemble, &other, &one, &name)).await?;
    if !asked {
        return in_vain(scene, format!("{} has no session that could move", from.person)).await;
    }
    if let Some(Meanwhile { speaker, text }) = meanwhile {
        let speaker = Party { person: speaker, device: None };
        let said = say::say(scene, &speaker, &session, &text, say::What::default()).await?;
        say::settle(scene, said).await?;
    }
    let within = scene.run.timers.answer;
    let over = move |ensemble: &Ensemble, _: &Story| {
        let state = |end: &Party| ensemble.calls.get(end).and_then(|calls| calls.of(&session)).map(|call| call.state);
        let there = ensemble.calls.get(&to).is_some_and(|calls| calls.carries(&session));
        let gone = state(&from) != Some(CallState::Established);
        match state(&to) {
            Some(CallState::Established) => there && gone,
            Some(CallState::Refused(_) | CallState::Ended) => true,
            Some(CallState::Early) | None => false,
        }
    };
    scene.stage.until(within, over).await?;
    Ok(())
}

async fn waits(scene: &mut Scene, args: Args) -> Done {
    let (end, session, within) = (party(&args, 0), args.text(2).to_owned(), scene.run.timers.answer);
    let carries =
        move |ensemble: &Ensemble, _: &Story| ensemble.calls.get(&end).is_some_and(|calls| calls.carries(&session));
    scene.stage.until(within, carries).await?;
    Ok(())
}

async fn fails_to_take_over(scene: &mut Scene, args: Args) -> Done {
    let (to, from, session) = (device(&args, 0, 1), device(&args, 0, 3), args.text(2).to_owned());
    let how = How { names_the_dialog: args.text(4) == "by its dialog", without_media: true, ..How::default() };
    end_of_device(scene, &to).await?;
    claims(scene, &to, from, session, how).await
}

async fn stranger(scene: &mut Scene, args: Args) -> Done {
    let (to, from, session) = (device(&args, 0, 1), device(&args, 3, 4), args.text(2).to_owned());
    end_of_device(scene, &to).await?;
    claims(scene, &to, from, session, How { names_the_dialog: true, insists: true, without_media: false }).await
}

async fn claims(scene: &mut Scene, to: &Party, from: Party, session: String, how: How) -> Done {
    let (end, name) = (to.clone(), session.clone());
    if !scene.stage.act(move |play| play.ensemble.claims(&end, &from, &name, &how)).await? {
        return in_vain(scene, format!("there is no session for {} to ask for", to.person)).await;
    }
    settle_call(scene, to, &session).await
}

async fn takes_delivery_over(scene: &mut Scene, args: Args) -> Done {
    let (from, to) = (key(&device(&args, 0, 1)), key(&device(&args, 0, 4)));
    let group = args.text(3).to_owned();
    let after = args.text(2).parse().map_err(|_| Stop::Harness("that is no number".to_owned()))?;
    devices::make(scene, &from, true).await?;
    devices::make(scene, &to, true).await?;
    if !stops_amid(scene, &from, &group, after).await? {
        return in_vain(scene, "the delivery did not come so far that it could move".to_owned()).await;
    }
    let way = claimed(scene);
    let (to_key, from_key) = (to.clone(), from);
    let asked = scene
        .stage
        .act(move |play| {
            let ensemble = &mut play.ensemble;
            let asked = match way {
                "by referring" => ensemble.device_refers(&from_key, &to_key, &group),
                way => ensemble.device_takes_over(&to_key, &from_key, &group, way == "by its dialog"),
            };
            ensemble.register(&to_key, "registration");
            asked
        })
        .await?;
    if !asked {
        return in_vain(scene, "there is no session of the group that could move".to_owned()).await;
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.registers_pending()).await?;
    Ok(())
}

/// A device registers and stops reading after so many messages of a group; false when so many did not come.
async fn stops_amid(scene: &mut Scene, from: &DeviceKey, group: &str, after: usize) -> Result<bool, Stop> {
    let (at, of) = (from.clone(), group.to_owned());
    scene
        .stage
        .act(move |play| {
            let contribution = play.contribution_of(&of).unwrap_or_default();
            play.ensemble.with_device(&at, |device, _| device.halts_after = Some((contribution, after)));
        })
        .await?;
    devices::switch_on(scene, &from.0, &from.1, "registration").await?;
    // A delivery that waits for another trigger gets one (L06).
    Ok(has_halted(scene, from).await? || second_trigger(scene, &from.0).await? && has_halted(scene, from).await?)
}

async fn has_halted(scene: &mut Scene, at: &DeviceKey) -> Result<bool, Stop> {
    let (at, within) = (at.clone(), scene.run.timers.drain);
    let halted = move |ensemble: &Ensemble, _: &Story| ensemble.devices.get(&at).is_some_and(|device| device.halted);
    Ok(scene.stage.until(within, halted).await?)
}
