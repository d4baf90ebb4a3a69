//! What is said in groups: messages, reports, signs of writing, and what is no message at all.

use super::Keyword::When;
use super::groups::names;
use super::{Args, StepEntry, entry};
use crate::actors::client::reports;
use crate::actors::controlling_function::{Focus, Matter, Said, Saying};
use crate::world::{Done, Scene, Stop};
use cpm_wire::imdn::Notification;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r#"^these messages are sent to "([^"]+)":$"#,
            "Members say something, one after the other. Columns: author (\"the group\" for the focus itself), text, asks for \
             (delivered, displayed, failed), content (a file, a picture, a place, of the refused type), octets, only for.",
            |scene, args| Box::pin(messages(scene, args)),
        ),
        entry(
            &[When],
            r#"^these messages are sent to "([^"]+)" in interleaved chunks:$"#,
            "The same at once, in small chunks that take turns. One that is marked in the column given up is not sent to its end.",
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
            r#"^(\w+) is writing in "([^"]+)"$"#,
            "A sign of writing, once in an envelope and once without.",
            |scene, args| Box::pin(is_writing(scene, args)),
        ),
        entry(
            &[When],
            r#"^([\w, ]+) report "([^"]+)" as (delivered|displayed), gathered in one$"#,
            "The focus gathers the disposition notifications of several members in one message.",
            |scene, args| Box::pin(report_together(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) reports "([^"]+)" as (delivered|displayed)$"#,
            "A member sends a disposition notification about a message of a served user.",
            |scene, args| Box::pin(reports_on(scene, args)),
        ),
    ]
}

/// A message that a table asks for.
#[derive(Clone, Debug)]
pub(super) struct Line {
    author: String,
    text: String,
    content: String,
    only_for: String,
    given_up: bool,
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
                content: row.cell("content").to_owned(),
                only_for: row.cell("only for").to_owned(),
                given_up: row.cell("given up") == "yes",
                dispositions,
                octets: row.cell("octets").parse().unwrap_or_default(),
                chunk_octets: None,
            })
        })
        .collect()
}

/// What a line is made of. The refused type is the first that the statement names.
fn matter(scene: &Scene, line: &Line) -> Result<Matter, Stop> {
    match line.content.as_str() {
        "" => Ok(Matter::Text),
        "a file" => Ok(Matter::File),
        "a picture" => Ok(Matter::Picture),
        "a place" => Ok(Matter::Place),
        "of the refused type" => {
            let refused = scene.run.statement.store_policy().and_then(|policy| policy.refused_types.first());
            let refused = refused.ok_or_else(|| Scene::not_reached("the statement names no type that is not kept"))?;
            Ok(Matter::Other(refused.clone()))
        }
        other => Err(Stop::Harness(format!("no message is made of {other:?}"))),
    }
}

pub(super) fn halves(mut lines: Vec<Line>) -> (Vec<Line>, Vec<Line>) {
    let rest = lines.split_off(lines.len() / 2);
    (lines, rest)
}

/// More than envelope and headers of a message need.
const ENVELOPE_OCTETS: usize = 4096;

/// Nobody owes what is larger than the target said that it takes (`max-size`, RFC 4975 section 8.6).
async fn must_fit(scene: &Scene, group: &str, lines: &[Line]) -> Done {
    let Some(octets) = lines.iter().map(|line| line.octets).max().filter(|octets| *octets > 0) else { return Ok(()) };
    let needed = u64::try_from(octets + ENVELOPE_OCTETS).unwrap_or(u64::MAX);
    let group = group.to_owned();
    let fits = move |_: &crate::actors::Ensemble, story: &crate::story::Story| {
        story.most_octets_to_target(&group).is_none_or(|most| most >= needed)
    };
    if scene.stage.until(Duration::ZERO, fits).await? {
        return Ok(());
    }
    Err(Scene::not_reached(format!(
        "the target takes no message of {octets} octets, by the max-size of its description"
    )))
}

/// Lets members say these lines; waits for nothing.
pub(super) async fn send(scene: &mut Scene, group: &str, lines: Vec<Line>) -> Done {
    must_fit(scene, group, &lines).await?;
    let group = group.to_owned();
    let lines = lines.into_iter().map(|line| Ok((matter(scene, &line)?, line))).collect::<Result<Vec<_>, Stop>>()?;
    let known = scene
        .stage
        .act(move |play| {
            let Some(itself) = play.ensemble.focuses.get(&group).map(|focus| focus.uri.clone()) else { return false };
            for (matter, line) in &lines {
                let author = match line.author.as_str() {
                    "the group" => itself.clone(),
                    name => play.ensemble.remote_member(name),
                };
                let one = (!line.only_for.is_empty()).then(|| play.ensemble.remote_member(&line.only_for));
                let saying = Saying {
                    author: &author,
                    text: &line.text,
                    matter,
                    only_for: one.as_deref().map(|identity| (line.only_for.as_str(), identity)),
                    octets: line.octets,
                    dispositions: &line.dispositions,
                    chunk_octets: line.chunk_octets,
                    given_up: line.given_up,
                };
                play.ensemble.with_focus(&group, |focus, signalling| focus.say(signalling, &saying));
            }
            play.ensemble.with_focus(&group, Focus::give_up_doomed);
            true
        })
        .await?;
    if known { Ok(()) } else { Err(Stop::Harness("messages to a group that was not introduced".to_owned())) }
}

/// Waits until everything sent is answered, or cannot be any more. What it means is for the rules.
pub(super) async fn settle(scene: &mut Scene, group: &str) -> Done {
    let within = scene.run.timers.answer;
    let group = group.to_owned();
    let settled = move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        let carried = ensemble.homes.values().all(|home| !home.is_busy_with(&group));
        carried && ensemble.focuses.get(&group).is_none_or(Focus::is_settled)
    };
    scene.stage.until(within, settled).await?;
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

async fn is_writing(scene: &mut Scene, args: Args) -> Done {
    let (name, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    scene
        .stage
        .act(move |play| {
            let author = play.ensemble.remote_member(&name);
            play.ensemble.with_focus(&group, |focus, signalling| focus.writes(signalling, &author));
        })
        .await?;
    settle(scene, args.text(1)).await
}

fn notification(said: &Said, displayed: bool) -> Notification {
    if displayed {
        reports::displayed(&said.message_id, &said.date_time)
    } else {
        reports::delivered(&said.message_id, &said.date_time)
    }
}

async fn report_together(scene: &mut Scene, args: Args) -> Done {
    let (reporters, text, displayed) = (names(args.text(0)), args.text(1).to_owned(), args.text(2) == "displayed");
    let group = scene
        .stage
        .act(move |play| {
            let (group, said) = play.ensemble.said(&text)?;
            let notifications: Vec<Notification> = reporters
                .iter()
                .map(|name| Notification {
                    recipient_uri: Some(play.ensemble.remote_member(name)),
                    ..notification(&said, displayed)
                })
                .collect();
            play.ensemble.with_focus(&group, |focus, signalling| {
                focus.report_together(signalling, &said.author, &notifications);
            });
            Some(group)
        })
        .await?;
    let Some(group) = group else { return Err(Scene::not_reached("the message to report on never came to the group")) };
    settle(scene, &group).await
}

async fn reports_on(scene: &mut Scene, args: Args) -> Done {
    let (reporter, text, displayed) = (args.text(0).to_owned(), args.text(1).to_owned(), args.text(2) == "displayed");
    let group = scene
        .stage
        .act(move |play| {
            let reporter = play.ensemble.remote_member(&reporter);
            let (group, said) = play.ensemble.said(&text)?;
            play.ensemble.with_focus(&group, |focus, signalling| {
                focus.report(signalling, &reporter, &said.author, &notification(&said, displayed));
            });
            Some(group)
        })
        .await?;
    let Some(group) = group else { return Err(Scene::not_reached("the message to report on never came to the group")) };
    settle(scene, &group).await
}
