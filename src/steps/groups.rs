//! Groups: who is in them, who is invited, who comes and goes, how they end and begin again.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry};
use crate::actors::client::Conduct;
use crate::actors::controlling_function::{Focus, LegState, Names};
use crate::actors::media::Media;
use crate::evidence::{ChatKind, MemberStatus};
use crate::world::{Done, Scene, Stop};
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given],
            r#"^the (closed )?group "([^"]+)" of ([\w, ]+)$"#,
            "A group chat with a focus of its own and members of other networks, all connected. A closed one stays as it is.",
            |scene, args| Box::pin(group(scene, args)),
        ),
        entry(
            &[Given],
            r#"^the chat of two "([^"]+)" with (\w+)$"#,
            "A chat of somebody of another network with one served user, who is invited to it like to a group.",
            |scene, args| Box::pin(chat_of_two(scene, args)),
        ),
        entry(
            &[Given],
            r#"^(\w+) hides who (?:he|she|they) (?:is|are) in "([^"]+)"$"#,
            "The others know the member by another address from then on.",
            |scene, args| Box::pin(hides(scene, args)),
        ),
        entry(
            &[Given],
            r#"^(\w+)'s (\w+) takes part in "([^"]+)"$"#,
            "The user has been invited, the device has accepted, and the session carries messages.",
            |scene, args| Box::pin(takes_part(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) invites (\w+) to "([^"]+)"$"#,
            "The focus invites a served user on behalf of a member, with the list of its participants.",
            |scene, args| Box::pin(invites(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) invites (\w+) to "([^"]+)", who (declines|joins and leaves)$"#,
            "An invitation that the user's device refuses, or accepts only to leave at once.",
            |scene, args| Box::pin(invites_in_vain(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) invites (\w+) to "([^"]+)", and the group gives up while it rings$"#,
            "The focus withdraws the invitation before anybody answered it.",
            |scene, args| Box::pin(gives_up(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) (leaves|joins) "([^"]+)"$"#,
            "A member comes or goes; the focus tells those who watch.",
            |scene, args| Box::pin(member(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) is removed from "([^"]+)"$"#,
            "The focus removes a served user: it says so to those who watch, and ends the user's session.",
            |scene, args| Box::pin(removed(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) starts "([^"]+)" again$"#,
            "A member starts an ended chat again, at a new focus, and with it everybody is invited who was there at the end.",
            |scene, args| Box::pin(starts_again(scene, args)),
        ),
        entry(
            &[When],
            r#"^"([^"]+)" (ends|goes on)$"#,
            "The focus ends the chat: it says so to those who watch, and ends every session. Or nothing happens.",
            |scene, args| Box::pin(ends(scene, args)),
        ),
    ]
}

/// The names in "Alice, Carol and Dave".
pub(super) fn names(text: &str) -> Vec<String> {
    text.split(", ").flat_map(|part| part.split(" and ")).map(|name| name.trim().to_owned()).collect()
}

async fn group(scene: &mut Scene, args: Args) -> Done {
    let kind = if args.text(0).is_empty() { ChatKind::Open } else { ChatKind::Closed };
    chat(scene, args.text(1), kind, names(args.text(2))).await
}

async fn chat_of_two(scene: &mut Scene, args: Args) -> Done {
    chat(scene, args.text(0), ChatKind::OneToOne, names(args.text(1))).await
}

async fn chat(scene: &mut Scene, name: &str, kind: ChatKind, members: Vec<String>) -> Done {
    let name = name.to_owned();
    let address =
        scene.stage.listen().await?.map_err(|error| Stop::Harness(format!("no port for a focus: {error}")))?;
    let timeout = scene.run.timers.msrp_response.max(Duration::from_secs(30));
    let advertised = scene.run.media_advertise();
    scene
        .stage
        .act(move |play| {
            let members: Vec<String> = members.iter().map(|member| play.ensemble.remote_member(member)).collect();
            let signalling = &mut play.ensemble.signalling;
            let device = format!("sip:{}@{}", signalling.ids.token(), signalling.cscf.advertise);
            let other = members.first().filter(|_| kind == ChatKind::OneToOne).cloned();
            let names = Names {
                uri: other.unwrap_or_else(|| device.clone()),
                contribution: signalling.ids.digits32(),
                conversation: signalling.ids.uuid(),
                device,
            };
            let media = Media::new(&format!("focus/{name}"), address, timeout).told_as(advertised);
            let focus = Focus::new(&name, kind, names, members, media);
            focus.introduce(signalling);
            play.ensemble.focuses.insert(name, focus);
        })
        .await?;
    Ok(())
}

async fn hides(scene: &mut Scene, args: Args) -> Done {
    let (name, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    scene
        .stage
        .act(move |play| {
            let entity = play.ensemble.remote_member(&name);
            play.ensemble.with_focus(&group, |focus, signalling| focus.hide(signalling, &entity));
        })
        .await?;
    Ok(())
}

async fn invite(scene: &mut Scene, inviter: &str, person: &str, group: &str) -> Done {
    let (inviter, person, group) = (inviter.to_owned(), person.to_owned(), group.to_owned());
    let known = scene
        .stage
        .act(move |play| {
            let inviter = play.ensemble.remote_member(&inviter);
            let identity = play.ensemble.identity_of(&person);
            let registered = play.ensemble.is_registered(&person);
            play.ensemble
                .with_focus(&group, |focus, signalling| {
                    focus.invite(signalling, &person, &identity, &inviter, registered)
                })
                .is_some()
        })
        .await?;
    if known { Ok(()) } else { Err(Stop::Harness("an invitation to a group that was not introduced".to_owned())) }
}

/// Waits for what becomes of an invitation: a final answer, and then the connection of its session.
async fn settle_invitation(scene: &mut Scene, person: &str, group: &str) -> Done {
    let within = scene.run.timers.answer + scene.run.timers.no_answer;
    let (person, group) = (person.to_owned(), group.to_owned());
    scene
        .stage
        .until(within, move |ensemble, _| {
            let focus = ensemble.focuses.get(&group);
            focus.is_some_and(|focus| match focus.legs.get(&person).map(|leg| leg.state) {
                Some(LegState::Inviting) => false,
                Some(LegState::Established) => focus.carries(&person),
                _ => true,
            })
        })
        .await?;
    Ok(())
}

async fn invites(scene: &mut Scene, args: Args) -> Done {
    invite(scene, args.text(0), args.text(1), args.text(2)).await?;
    settle_invitation(scene, args.text(1), args.text(2)).await
}

async fn invites_in_vain(scene: &mut Scene, args: Args) -> Done {
    let (person, group) = (args.text(1).to_owned(), args.text(2).to_owned());
    if args.text(3) == "declines" {
        set_conduct(scene, &person, Conduct::Refuse(603)).await?;
        invite(scene, args.text(0), &person, &group).await?;
        settle_invitation(scene, &person, &group).await?;
        return set_conduct(scene, &person, Conduct::Accept).await;
    }
    invite(scene, args.text(0), &person, &group).await?;
    settle_invitation(scene, &person, &group).await?;
    let (whose, of, within) = (person.clone(), group.clone(), scene.run.timers.answer);
    let joined = scene.stage.until(within, move |ensemble, _| ensemble.takes_part_anywhere(&whose, &of)).await?;
    if !joined {
        return Err(Scene::not_reached(format!("no device of {person} could be brought into {group:?}")));
    }
    scene.stage.act(move |play| play.ensemble.leaves(&person, &group)).await?;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn set_conduct(scene: &mut Scene, person: &str, conduct: Conduct) -> Done {
    let person = person.to_owned();
    scene
        .stage
        .act(move |play| {
            for (_, device) in play.ensemble.devices.iter_mut().filter(|((owner, _), _)| *owner == person) {
                device.conduct = conduct;
            }
        })
        .await?;
    Ok(())
}

async fn gives_up(scene: &mut Scene, args: Args) -> Done {
    invite(scene, args.text(0), args.text(1), args.text(2)).await?;
    let (person, group) = (args.text(1).to_owned(), args.text(2).to_owned());
    let within = scene.run.timers.answer.min(scene.run.timers.no_answer / 2);
    let (rung, at) = (person.clone(), group.clone());
    scene
        .stage
        .until(within, move |ensemble, _| {
            let focus = ensemble.focuses.get(&at);
            focus
                .and_then(|focus| focus.legs.get(&rung))
                .is_some_and(|leg| leg.rings || leg.state != LegState::Inviting)
        })
        .await?;
    let (withdrawn, at) = (person.clone(), group.clone());
    scene
        .stage
        .act(move |play| play.ensemble.with_focus(&at, |focus, signalling| focus.withdraw(signalling, &withdrawn)))
        .await?;
    let answer = scene.run.timers.answer;
    scene.stage.until(answer, move |ensemble, _| !ensemble.signalling.invites_pending()).await?;
    let _ = (person, group);
    Ok(())
}

async fn takes_part(scene: &mut Scene, args: Args) -> Done {
    let (person, device, group) = (args.text(0).to_owned(), args.text(1).to_owned(), args.text(2).to_owned());
    let at = group.clone();
    let inviter = scene.stage.act(move |play| play.ensemble.first_member(&at)).await?;
    let Some(inviter) = inviter else { return Err(Stop::Harness("a group without members".to_owned())) };
    invite(scene, &inviter, &person, &group).await?;
    let within = scene.run.timers.answer;
    let (who, which, at) = (person.clone(), device.clone(), group.clone());
    let joined = scene.stage.until(within, move |ensemble, _| ensemble.takes_part(&who, &which, &at)).await?;
    if !joined {
        return Err(Scene::not_reached(format!("{person}'s {device} could not be brought into {group:?}")));
    }
    Ok(())
}

async fn member(scene: &mut Scene, args: Args) -> Done {
    let (name, group) = (args.text(0).to_owned(), args.text(2).to_owned());
    let status = if args.text(1) == "joins" { MemberStatus::Connected } else { MemberStatus::Departed };
    scene
        .stage
        .act(move |play| {
            let entity = play.ensemble.remote_member(&name);
            play.ensemble.with_focus(&group, |focus, signalling| focus.member(signalling, &entity, status));
        })
        .await?;
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.notifications_pending()).await?;
    Ok(())
}

async fn removed(scene: &mut Scene, args: Args) -> Done {
    let (person, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    scene.stage.act(move |play| play.ensemble.removes(&person, &group)).await?;
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn starts_again(scene: &mut Scene, args: Args) -> Done {
    let (inviter, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    scene.stage.act(move |play| play.ensemble.starts_again(&inviter, &group)).await?;
    let (within, group) = (scene.run.timers.answer + scene.run.timers.no_answer, args.text(1).to_owned());
    scene
        .stage
        .until(within, move |ensemble, _| {
            let legs = ensemble.focuses.get(&group).map(|focus| (focus, focus.legs.iter()));
            legs.is_none_or(|(focus, mut legs)| {
                legs.all(|(person, leg)| match leg.state {
                    LegState::Inviting => false,
                    LegState::Established => focus.carries(person),
                    _ => true,
                })
            })
        })
        .await?;
    Ok(())
}

async fn ends(scene: &mut Scene, args: Args) -> Done {
    if args.text(1) == "goes on" {
        return Ok(());
    }
    let group = args.text(0).to_owned();
    // Who stands in for a user has to have had the time to ask for the roster: once the chat has ended nobody tells it.
    let (at, within) = (group.clone(), scene.run.timers.answer);
    scene
        .stage
        .until(within, move |ensemble, _| {
            let watched = ensemble.focuses.get(&at).is_none_or(|focus| focus.is_watched_by_all());
            watched && !ensemble.signalling.notifications_pending()
        })
        .await?;
    scene.stage.act(move |play| play.ensemble.with_focus(&group, Focus::end)).await?;
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}
