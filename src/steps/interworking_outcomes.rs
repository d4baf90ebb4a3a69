//! What is to be seen of what goes to the interworking function, and comes from it. Every sentence here is a rule.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::interworking as rules;
use crate::world::{Done, Scene};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^"([^"]+)" for (\w+) goes on to the interworking function, which takes it$"#,
            "It gets there as it was, and who sent it hears of the success.",
            |scene, args| Box::pin(interworked(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" for (\w+) does not go to the interworking function$"#,
            "The refusal of the recipient's side is the end of it.",
            |scene, args| Box::pin(not_interworked(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" for (\w+) goes to the interworking function in vain$"#,
            "Who sent it hears one refusal, of the interworking function or of the recipient's side.",
            |scene, args| Box::pin(fails_well(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) hears that "([^"]+)" went on by another service$"#,
            "What the interworking function tells of a message reaches its author.",
            |scene, args| Box::pin(told(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) gets "([^"]+)" from another service$"#,
            "What the interworking function brings comes to the device as a message of CPM.",
            |scene, args| Box::pin(terminated(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" for (\w+), which names no conversation, is handled as the ledger allows$"#,
            "It is refused, or delivered with or without names.",
            |scene, args| Box::pin(unnamed(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what comes first becomes of "([^"]+)" for (\w+), who (wishes|does not wish) other services$"#,
            "It is kept, or it is interworked, as the statement says.",
            |scene, args| Box::pin(precedence(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

async fn interworked(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Interworked { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn not_interworked(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NotInterworked { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn fails_well(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::FailsWell { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn told(scene: &mut Scene, args: Args) -> Done {
    scene.judge(rules::Told { person: text(&args, 0), label: text(&args, 1) }, scene.run.timers.answer).await
}

async fn terminated(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Terminated { label: text(&args, 2), person: text(&args, 0), device: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn unnamed(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Unnamed { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn precedence(scene: &mut Scene, args: Args) -> Done {
    let wished = args.text(2) == "wishes";
    let rule = rules::Precedence { label: text(&args, 0), person: text(&args, 1), wished };
    scene.judge(rule, scene.run.timers.quiet).await
}
