//! Sessions between two while they stand: held and resumed, changed by both at once, refreshed or forgotten.

use super::Keyword::{Given, When};
use super::sessions::{in_vain, party, with_end};
use super::{Args, StepEntry, entry};
use crate::actors::call::{Answering, CallState, Calls, Party};
use crate::actors::signalling::Signalling;
use crate::world::{Done, Scene};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::Method;
use std::time::Duration;

/// An interval of a session timer that nobody has to accept, in seconds.
const TOO_SMALL: u32 = 30;
/// The longest that an end waits after 491 (RFC 3261 section 14.1).
const GLARE: Duration = Duration::from_secs(4);

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given, When],
            r"^(\w+)(?:'s (\w+))? (refuses changes|accepts changes again)$",
            "What the end says when the other wants to change a session, from now on.",
            |scene, args| Box::pin(when_changed(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? (holds|resumes) "([^"]+)"( by an update)?$"#,
            "The end offers its media anew, in which it only sends or sends and receives: by another invitation in the \
             session, or by an update.",
            |scene, args| Box::pin(changes(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? and (\w+)(?:'s (\w+))? change "([^"]+)" at the same time$"#,
            "Both ends offer their media anew at once, so that the offers cross; one that is told to wait tries again.",
            |scene, args| Box::pin(change_at_once(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? begins sessions that (have to be refreshed|have to be refreshed too often)$",
            "The end offers a session timer: the interval of the profile, or one that is too small.",
            |scene, args| Box::pin(asks_for_refreshes(scene, args)),
        ),
        entry(
            &[When],
            r#"^(?:(\w+)(?:'s (\w+))? refreshes "([^"]+)" until its time would have passed|nobody refreshes "([^"]+)" until its time has passed)$"#,
            "The time of the session timer passes, with or without refreshes of the end.",
            |scene, args| Box::pin(time_of_the_timer(scene, args)),
        ),
    ]
}

async fn when_changed(scene: &mut Scene, args: Args) -> Done {
    let asked = if args.text(2) == "refuses changes" { Answering::Refuse(488) } else { Answering::Accept };
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.asked_to_change = asked).await
}

async fn changes(scene: &mut Scene, args: Args) -> Done {
    let (end, session) = (party(&args, 0), args.text(3).to_owned());
    let direction = if args.text(2) == "holds" { Direction::SendOnly } else { Direction::SendRecv };
    let method = if args.text(4).is_empty() { Method::Invite } else { Method::Update };
    let name = session.clone();
    let asked = with_end(scene, &end, move |calls, signalling| calls.change(signalling, &name, method, direction));
    if !asked.await? {
        return in_vain(scene, format!("{} has no session to change", end.person)).await;
    }
    settle_changes(scene, vec![end], &session).await
}

/// Waits until every change that these ends asked for has been answered.
async fn settle_changes(scene: &mut Scene, ends: Vec<Party>, session: &str) -> Done {
    let (session, within) = (session.to_owned(), scene.run.timers.answer);
    scene
        .stage
        .until(within, move |ensemble, _| {
            let calls = ends.iter().filter_map(|end| ensemble.calls.get(end)?.of(&session));
            calls.into_iter().all(|call| call.changes.iter().all(|change| change.status.is_some()))
        })
        .await?;
    Ok(())
}

async fn change_at_once(scene: &mut Scene, args: Args) -> Done {
    let (one, other, session) = (party(&args, 0), party(&args, 2), args.text(4).to_owned());
    let (ends, name) = ([one.clone(), other.clone()], session.clone());
    let changed = scene
        .stage
        .act(move |play| {
            let mut changed = ends.iter().map(|end| {
                let change = |calls: &mut Calls, signalling: &mut Signalling| {
                    calls.change(signalling, &name, Method::Invite, Direction::SendRecv)
                };
                play.ensemble.with_calls(end, change) == Some(true)
            });
            // Both, whatever becomes of the first.
            changed.by_ref().filter(|changed| *changed).count() == 2
        })
        .await?;
    if !changed {
        return in_vain(scene, format!("{session:?} does not stand at both ends")).await;
    }
    settle_changes(scene, vec![one.clone(), other.clone()], &session).await?;
    for end in [one, other] {
        try_change_again(scene, &end, &session).await?;
    }
    Ok(())
}

/// An end that was told 491 waits as long as RFC 3261 section 14.1 asks of either side at most, and tries once more.
async fn try_change_again(scene: &mut Scene, end: &Party, session: &str) -> Done {
    let name = session.to_owned();
    let waits = move |calls: &mut Calls, _: &mut Signalling| {
        calls.of(&name).and_then(|call| call.changes.last()).is_some_and(|change| change.status == Some(491))
    };
    if !with_end(scene, end, waits).await? {
        return Ok(());
    }
    scene.stage.quiet(GLARE).await?;
    let name = session.to_owned();
    with_end(scene, end, move |calls, signalling| {
        calls.change(signalling, &name, Method::Invite, Direction::SendRecv);
    })
    .await?;
    settle_changes(scene, vec![end.clone()], session).await
}

async fn asks_for_refreshes(scene: &mut Scene, args: Args) -> Done {
    let interval = u32::try_from(scene.run.timers.session_expires.as_secs()).unwrap_or(u32::MAX);
    // RFC 4028 section 4: no interval is shorter than 90 s.
    let seconds = if args.text(2).ends_with("too often") { TOO_SMALL } else { interval };
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.expires = Some(seconds)).await
}

async fn time_of_the_timer(scene: &mut Scene, args: Args) -> Done {
    let interval = scene.run.timers.session_expires;
    let over = interval + scene.run.timers.answer;
    let name = if args.text(0).is_empty() { args.text(3) } else { args.text(2) }.to_owned();
    let stands = scene.stage.act(move |play| {
        let calls = play.ensemble.calls.values().filter_map(|calls| calls.of(&name));
        // With one end alone there is nothing that could last.
        calls.filter(|call| call.state == CallState::Established).count() > 1
    });
    if !stands.await? {
        return in_vain(scene, "there is no session whose time could pass".to_owned()).await;
    }
    if args.text(0).is_empty() {
        return Ok(scene.stage.quiet(over).await?);
    }
    let (end, session) = (party(&args, 0), args.text(2).to_owned());
    // Half of the interval, as RFC 4028 section 7.4 recommends; three times, so that its end passes.
    for _ in 0..3 {
        scene.stage.quiet(interval / 2).await?;
        let name = session.clone();
        if !with_end(scene, &end, move |calls, signalling| calls.refresh(signalling, &name)).await? {
            return Ok(());
        }
        settle_changes(scene, vec![end.clone()], &session).await?;
    }
    Ok(())
}
