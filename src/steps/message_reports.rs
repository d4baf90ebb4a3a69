//! Reports on standalone messages: what a recipient tells the author, at once or later.

use super::Keyword::{Given, When};
use super::waiting_messages::settle;
use super::{Args, StepEntry, entry};
use crate::actors::client::reports::displayed;
use crate::actors::message::Reporting;
use crate::actors::signalling::DeviceKey;
use crate::world::{Done, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given, When],
            r"^(\w+) reports nothing by (?:himself|herself|themself)$",
            "A user of another network takes messages and says nothing of them, until told to.",
            |scene, args| Box::pin(says_nothing(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) reports the messages? "([^"]+)"(?: and "([^"]+)")? as (delivered|displayed)(, gathered in one|, compressed)?$"#,
            "A user of another network reports on messages of a served user. Gathered: all in one; compressed: with a content coding.",
            |scene, args| Box::pin(reports(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+) reports a message as delivered that (\w+) never sent$",
            "A report with a message id that the target has never seen.",
            |scene, args| Box::pin(reports_strangely(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) shows the message "([^"]+)"$"#,
            "The user reads a message, and the device reports that, if it was asked for.",
            |scene, args| Box::pin(shows(scene, args)),
        ),
    ]
}

async fn says_nothing(scene: &mut Scene, args: Args) -> Done {
    let name = args.text(0).to_owned();
    scene
        .stage
        .act(move |play| {
            play.ensemble.remote_member(&name);
            play.ensemble.remotes.entry(name).or_default().receiving.reports = false;
        })
        .await?;
    Ok(())
}

async fn reports(scene: &mut Scene, args: Args) -> Done {
    let labels: Vec<String> = [1, 2].map(|at| args.text(at).to_owned()).into_iter().filter(|l| !l.is_empty()).collect();
    let reporter = args.text(0).to_owned();
    let (displayed, manner) = (args.text(3) == "displayed", args.text(4).to_owned());
    let known = scene
        .stage
        .act(move |play| {
            let all: Option<Vec<_>> = labels.iter().map(|label| play.ensemble.sent(label).cloned()).collect();
            let all = all.unwrap_or_default();
            let Some(to) = all.first().map(|sent| sent.author.clone()) else { return false };
            let about = all.into_iter().map(|sent| (sent.waits.message_id, sent.date_time)).collect();
            let (gathered, encoded) = (manner == ", gathered in one", manner == ", compressed");
            play.ensemble.reports_from_afar(&Reporting { reporter, to, about, displayed, gathered, encoded });
            true
        })
        .await?;
    if !known {
        return Err(Stop::Harness("a report on a message that nobody sent".to_owned()));
    }
    settle(scene).await
}

async fn reports_strangely(scene: &mut Scene, args: Args) -> Done {
    let (reporter, to) = (args.text(0).to_owned(), args.text(1).to_owned());
    scene
        .stage
        .act(move |play| {
            let strange = play.ensemble.unheard_of();
            let about = vec![(strange.message_id, play.ensemble.signalling.now.to_rfc3339())];
            let reporting = Reporting { reporter, to, about, displayed: false, gathered: false, encoded: false };
            play.ensemble.reports_from_afar(&reporting);
        })
        .await?;
    settle(scene).await
}

async fn shows(scene: &mut Scene, args: Args) -> Done {
    let device: DeviceKey = (args.text(0).to_owned(), args.text(1).to_owned());
    let label = args.text(2).to_owned();
    scene
        .stage
        .act(move |play| {
            let id = play.ensemble.sent(&label).map(|sent| sent.waits.message_id.clone()).unwrap_or_default();
            play.ensemble.with_device(&device, |device, signalling| {
                let taken = device.received.iter().find(|taken| taken.message_id == id && taken.asks_for("display"));
                // What never came is not shown; the Then that awaits the report will say so.
                if let Some(taken) = taken.cloned() {
                    let at = taken.date_time.clone().unwrap_or_else(|| signalling.now.to_rfc3339());
                    device.reports(signalling, &taken, &displayed(&taken.message_id, &at));
                }
            })
        })
        .await?;
    settle(scene).await
}
