//! What is to be seen in the history of a user. Every sentence here is a rule.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::Rule;
use crate::rules::conversation_history as rules;
use crate::story::content::Disposition;
use crate::verdict::Blame;
use crate::world::{Done, Scene, Stop};
use serde::Serialize;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^"([^"]+)" is kept in the history of (\w+)( after all)?$"#,
            "An object in the store holds it, with its id, author, time and direction. After all: once the store works again.",
            |scene, args| Box::pin(kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" is kept once in the history of (\w+)$"#,
            "The same, and no second object holds it.",
            |scene, args| Box::pin(kept_once(scene, args)),
        ),
        entry(
            &[Then],
            r#"^nothing of "([^"]+)" is kept in the history of (\w+)$"#,
            "Nothing with it is put into the store for the user.",
            |scene, args| Box::pin(nothing_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^that "([^"]+)" was (delivered|displayed) is kept in the history of (\w+)$"#,
            "An object in the store holds the notification.",
            |scene, args| Box::pin(report_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the file of "([^"]+)" is kept in the history of (\w+)$"#,
            "An object in the store has all its octets.",
            |scene, args| Box::pin(file_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" can be recognised in the history of (\w+)$"#,
            "Objects in the store name its contribution.",
            |scene, args| Box::pin(session_kept(scene, args)),
        ),
    ]
}

/// Awaits a rule about what is in the store, where that can be seen (L22).
async fn judge(scene: &mut Scene, rule: impl Rule + Serialize + 'static, within: Duration) -> Done {
    if !scene.run.sees_history() {
        let why = "not observable: history is not kept in a store that the tester can see (L22)".to_owned();
        return Err(Stop::Unseen { why, blame: Blame::Configuration });
    }
    scene.judge(rule, within).await
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

async fn kept(scene: &mut Scene, args: Args) -> Done {
    let timers = &scene.run.timers;
    let within = if args.text(2).is_empty() { timers.answer } else { timers.retry * 2 + timers.answer };
    judge(scene, rules::Kept { label: text(&args, 0), person: text(&args, 1) }, within).await
}

async fn kept_once(scene: &mut Scene, args: Args) -> Done {
    // A second one may come after the first.
    let (label, person) = (text(&args, 0), text(&args, 1));
    let (answer, quiet) = (scene.run.timers.answer, scene.run.timers.quiet);
    judge(scene, rules::Kept { label: label.clone(), person: person.clone() }, answer).await?;
    judge(scene, rules::KeptOnce { label, person }, quiet).await
}

async fn nothing_kept(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    judge(scene, rules::NothingKept { label: text(&args, 0), person: text(&args, 1) }, within).await
}

async fn report_kept(scene: &mut Scene, args: Args) -> Done {
    let kind = if args.text(1) == "displayed" { Disposition::Displayed } else { Disposition::Delivered };
    let rule = rules::ReportKept { label: text(&args, 0), person: text(&args, 2), kind };
    let within = scene.run.timers.answer;
    judge(scene, rule, within).await
}

async fn session_kept(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::SessionKept { session: text(&args, 0), person: text(&args, 1) };
    let within = scene.run.timers.answer;
    judge(scene, rule, within).await
}

async fn file_kept(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.answer;
    judge(scene, rules::FileKept { session: text(&args, 0), person: text(&args, 1) }, within).await
}
