//! What is to be handed over of users under interception, and what not. Every sentence here is a rule.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::lawful_interception as rules;
use crate::world::{Done, Scene, Told};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r"^the order about (\w+) is obeyed$",
            "The last order of the administration about the user was accepted.",
            |scene, args| Box::pin(obeyed(scene, args)),
        ),
        entry(
            &[Then],
            r"^the order about (\w+) is refused$",
            "The last order of somebody without authority was refused: by TLS, by HTTP or by the answer.",
            |scene, args| Box::pin(refused(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what happened in "([^"]+)" is handed over of (\w+)$"#,
            "Its beginning, answer and end, as they passed on one side at least.",
            |scene, args| Box::pin(events(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" is handed over of (\w+) as it was said$"#,
            "The words, with their message id, and each transfer of them once.",
            |scene, args| Box::pin(content(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)", which waited, is handed over of (\w+) once$"#,
            "The words, when they were taken, and not again when they were delivered.",
            |scene, args| Box::pin(once(scene, args)),
        ),
        entry(
            &[Then],
            r#"^nothing of "([^"]+)" of (\w+) is handed over$"#,
            "No event and no content of the session or message, under whatever task.",
            |scene, args| Box::pin(nothing(scene, args)),
        ),
        entry(
            &[Then],
            r"^what is handed over of (\w+) is nobody else's$",
            "Every event and content under the task is the user's.",
            |scene, args| Box::pin(nothing_else(scene, args)),
        ),
        entry(
            &[Then],
            r"^nobody can tell (\w+) from (\w+) by what passes$",
            "The target sends the same messages with the same headers for both; the first is under interception.",
            |scene, args| Box::pin(unnoticed(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

async fn obeyed(scene: &mut Scene, args: Args) -> Done {
    if scene.run.reads_interception() {
        // A hook that does not obey ends the scenario where it is told.
        return Ok(());
    }
    let within = scene.run.timers.answer;
    scene.judge(rules::InForce { person: text(&args, 0) }, within).await
}

async fn refused(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.answer;
    scene.judge(rules::Refused { person: text(&args, 0) }, within).await
}

async fn events(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.answer;
    let rule = rules::EventsHandedOver { label: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Interception, args.text(1)), rule, within).await
}

async fn content(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.answer;
    let rule = rules::ContentHandedOver { label: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Interception, args.text(1)), rule, within).await
}

async fn once(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let rule = rules::HandedOverOnce { label: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Interception, args.text(1)), rule, within).await
}

async fn nothing(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let rule = rules::NothingHandedOver { label: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Interception, args.text(1)), rule, within).await
}

async fn nothing_else(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let rule = rules::NothingElse { person: text(&args, 0) };
    scene.judge_told((Told::Interception, args.text(0)), rule, within).await
}

async fn unnoticed(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(rules::Unnoticed { person: text(&args, 0), other: text(&args, 1) }, within).await
}
