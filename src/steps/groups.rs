//! Groups: who is in them, who is invited, what is said, who comes and goes.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry};
use crate::actors::client::{Conduct, reports};
use crate::actors::controlling_function::{Focus, LegState, Saying};
use crate::actors::media::Media;
use crate::evidence::MemberStatus;
use crate::world::{Done, Scene, Stop};
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given],
            r#"^the group "([^"]+)" of ([\w, ]+)$"#,
            "A group chat with a focus of its own and members of other networks, all connected.",
            |scene, args| Box::pin(group(scene, args)),
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
            r#"^these messages are sent to "([^"]+)":$"#,
            "Members say something, one after the other. Columns: author, text, asks for (delivered, displayed, failed).",
            |scene, args| Box::pin(messages(scene, args)),
        ),
        entry(
            &[When],
            r#"^these messages are sent to "([^"]+)" in interleaved chunks:$"#,
            "The same at once, in small chunks that take turns. A further column, octets, gives the size of the content.",
            |scene, args| Box::pin(interleaved(scene, args)),
        ),
        entry(
            &[When],
            r#"^these odd items are sent to "([^"]+)":$"#,
            "Items without envelope, of a type that the target did not list, or without content. Column: item.",
            |scene, args| Box::pin(odd_items(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) (leaves|joins) "([^"]+)"$"#,
            "A member comes or goes; the focus tells those who watch.",
            |scene, args| Box::pin(member(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) reports "([^"]+)" as (delivered|displayed)$"#,
            "A member sends a disposition notification about a message of a served user.",
            |scene, args| Box::pin(reports_on(scene, args)),
        ),
        entry(
            &[When],
            r#"^"([^"]+)" ends$"#,
            "The focus ends the chat: it says so to those who watch, and ends every session.",
            |scene, args| Box::pin(ends(scene, args)),
        ),
    ]
}

/// A message that a table asks for.
#[derive(Clone, Debug)]
pub(super) struct Line {
    author: String,
    text: String,
    dispositions: Vec<String>,
    octets: usize,
    chunk_octets: Option<usize>,
}

pub(super) fn lines(args: &Args) -> Result<Vec<Line>, Stop> {
    args.rows()
        .map(|row| {
            let dispositions = row
                .cell("asks for")
                .split(',')
                .map(str::trim)
                .filter(|wish| !wish.is_empty())
                .map(|wish| match wish {
                    "delivered" => Ok("positive-delivery".to_owned()),
                    "failed" => Ok("negative-delivery".to_owned()),
                    "displayed" => Ok("display".to_owned()),
                    other => {
                        Err(Stop::Harness(format!("nobody can ask for {other:?}: delivered, displayed or failed")))
                    }
                })
                .collect::<Result<_, _>>()?;
            Ok(Line {
                author: row.cell("author").to_owned(),
                text: row.cell("text").to_owned(),
                dispositions,
                octets: row.cell("octets").parse().unwrap_or_default(),
                chunk_octets: None,
            })
        })
        .collect()
}

pub(super) fn halves(mut lines: Vec<Line>) -> (Vec<Line>, Vec<Line>) {
    let rest = lines.split_off(lines.len() / 2);
    (lines, rest)
}

async fn group(scene: &mut Scene, args: Args) -> Done {
    let name = args.text(0).to_owned();
    let members: Vec<String> =
        args.text(1).split(", ").flat_map(|part| part.split(" and ")).map(|name| name.trim().to_owned()).collect();
    let address =
        scene.stage.listen().await?.map_err(|error| Stop::Harness(format!("no port for a focus: {error}")))?;
    let timeout = scene.run.timers.msrp_response.max(Duration::from_secs(30));
    scene
        .stage
        .act(move |play| {
            let members = members.iter().map(|member| play.ensemble.remote_member(member)).collect();
            let signalling = &mut play.ensemble.signalling;
            let uri = format!("sip:{}@{}", signalling.ids.token(), signalling.cscf.advertise);
            let (contribution, conversation) = (signalling.ids.digits32(), signalling.ids.uuid());
            let media = Media::new(&format!("focus/{name}"), address, timeout);
            let focus = Focus::new(&name, uri, contribution, conversation, members, media);
            focus.introduce(signalling);
            play.ensemble.focuses.insert(name, focus);
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

/// Lets members say these lines; waits for nothing.
pub(super) async fn send(scene: &mut Scene, group: &str, lines: Vec<Line>) -> Done {
    let group = group.to_owned();
    let known = scene
        .stage
        .act(move |play| {
            for line in &lines {
                let author = play.ensemble.remote_member(&line.author);
                let saying = Saying {
                    author: &author,
                    text: &line.text,
                    octets: line.octets,
                    dispositions: &line.dispositions,
                    chunk_octets: line.chunk_octets,
                };
                if play.ensemble.with_focus(&group, |focus, signalling| focus.say(signalling, &saying)).is_none() {
                    return false;
                }
            }
            true
        })
        .await?;
    if known { Ok(()) } else { Err(Stop::Harness("messages to a group that was not introduced".to_owned())) }
}

/// Waits until everything sent is answered, or cannot be any more. What it means is for the rules.
pub(super) async fn settle(scene: &mut Scene, group: &str) -> Done {
    let within = scene.run.timers.answer;
    let group = group.to_owned();
    scene.stage.until(within, move |ensemble, _| ensemble.focuses.get(&group).is_none_or(Focus::is_settled)).await?;
    Ok(())
}

async fn messages(scene: &mut Scene, args: Args) -> Done {
    for line in lines(&args)? {
        send(scene, args.text(0), vec![line]).await?;
        settle(scene, args.text(0)).await?;
    }
    Ok(())
}

async fn interleaved(scene: &mut Scene, args: Args) -> Done {
    let mut lines = lines(&args)?;
    for line in &mut lines {
        line.chunk_octets = Some(1000);
    }
    send(scene, args.text(0), lines).await?;
    settle(scene, args.text(0)).await
}

async fn odd_items(scene: &mut Scene, args: Args) -> Done {
    let group = args.text(0).to_owned();
    for row in args.rows() {
        let (item, at) = (row.cell("item").to_owned(), group.clone());
        let known = scene
            .stage
            .act(move |play| play.ensemble.with_focus(&at, |focus, signalling| focus.odd_item(signalling, &item)))
            .await?;
        if known != Some(true) {
            return Err(Stop::Harness(format!("no odd item is called {:?}", row.cell("item"))));
        }
        settle(scene, &group).await?;
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

async fn reports_on(scene: &mut Scene, args: Args) -> Done {
    let (reporter, text, displayed) = (args.text(0).to_owned(), args.text(1).to_owned(), args.text(2) == "displayed");
    let group = scene
        .stage
        .act(move |play| {
            let reporter = play.ensemble.remote_member(&reporter);
            let (group, said) = play.ensemble.said(&text)?;
            play.ensemble.with_focus(&group, |focus, signalling| {
                let notification = if displayed {
                    reports::displayed(&said.message_id, &said.date_time)
                } else {
                    reports::delivered(&said.message_id, &said.date_time)
                };
                focus.report(signalling, &reporter, &said.author, &notification);
            });
            Some(group)
        })
        .await?;
    let Some(group) = group else { return Err(Scene::not_reached("the message to report on never came to the group")) };
    settle(scene, &group).await
}

async fn ends(scene: &mut Scene, args: Args) -> Done {
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
