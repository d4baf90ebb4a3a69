//! What is to be seen of presence. Every sentence here is a rule.

use super::Keyword::Then;
use super::outcomes::{await_complete, drain_time};
use super::presence::observed;
use super::{Args, StepEntry, entry};
use crate::rules::{Rule, presence as rules};
use crate::world::{Done, Scene};
use serde::Serialize;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    let mut all = of_sources();
    all.extend(of_watchers());
    all
}

fn of_sources() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r"^(\w+) is published as (open|closed)$",
            "What the presence server holds of the user says so; what is removed is closed.",
            |scene, args| Box::pin(published(scene, args)),
        ),
        entry(
            &[Then],
            r"^each publication of (\w+) builds on the one before$",
            "It names the entity tag that was given last, or begins anew.",
            |scene, args| Box::pin(builds_on(scene, args)),
        ),
        entry(
            &[Then],
            r"^(\w+) is published anew$",
            "What is not known any more is followed by the whole state, without an entity tag.",
            |scene, args| Box::pin(anew(scene, args)),
        ),
        entry(
            &[Then],
            r"^what is published of (\w+) is kept up$",
            "It is refreshed before its time is over.",
            |scene, args| Box::pin(kept_up(scene, args)),
        ),
        entry(
            &[Then],
            r"^what is published of (\w+) lasts long enough, or is given up$",
            "Who is told that it is too brief asks for longer, or not again.",
            |scene, args| Box::pin(long_enough(scene, args)),
        ),
    ]
}

fn of_watchers() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r"^the presence of (\w+) is watched$",
            "The target has subscribed to it, and took every word of it.",
            |scene, args| Box::pin(watched(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" is kept from (\w+), whose presence is closed$"#,
            "It is offered to no device within the quiet window, and was answered.",
            |scene, args| Box::pin(message_withheld(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" comes, now that the presence of (\w+) is open$"#,
            "What was taken reaches a device; what was refused was refused to its author.",
            |scene, args| Box::pin(message_comes(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call for "([^"]+)" is kept from (\w+), whose presence is closed$"#,
            "No device hears of it within the quiet window, and it was answered.",
            |scene, args| Box::pin(call_withheld(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" is kept from (\w+), whose presence is closed$"#,
            "No device hears of the group within the quiet window, and the invitation was answered.",
            |scene, args| Box::pin(chat_withheld(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what was said in "([^"]+)" comes, now that the presence of (\w+) is open$"#,
            "All that was taken of the group reaches a device.",
            |scene, args| Box::pin(chat_comes(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

/// Judges a rule of presence, where the tester plays the presence server.
async fn judged(scene: &mut Scene, rule: impl Rule + Serialize + 'static, within: Duration) -> Done {
    observed(scene).await?;
    scene.judge(rule, within).await
}

/// Awaits what comes because presence is open again. Where that is no trigger by the statement (L06), another is given.
async fn triggered(scene: &mut Scene, person: String, rule: impl Rule + Serialize + Clone + 'static) -> Done {
    observed(scene).await?;
    if scene.run.statement.has("reachability_trigger", "presence") {
        return scene.judge(rule, drain_time(scene)).await;
    }
    await_complete(scene, person, rule).await
}

async fn published(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Published { person: text(&args, 0), state: text(&args, 1) };
    judged(scene, rule, scene.run.timers.answer).await
}

async fn builds_on(scene: &mut Scene, args: Args) -> Done {
    judged(scene, rules::EntityTags { person: text(&args, 0) }, scene.run.timers.answer).await
}

async fn anew(scene: &mut Scene, args: Args) -> Done {
    judged(scene, rules::PublishedAnew { person: text(&args, 0) }, scene.run.timers.answer).await
}

async fn kept_up(scene: &mut Scene, args: Args) -> Done {
    judged(scene, rules::KeptUp { person: text(&args, 0) }, Duration::ZERO).await
}

async fn long_enough(scene: &mut Scene, args: Args) -> Done {
    judged(scene, rules::LongEnough { person: text(&args, 0) }, scene.run.timers.answer).await
}

async fn watched(scene: &mut Scene, args: Args) -> Done {
    judged(scene, rules::Watched { person: text(&args, 0) }, scene.run.timers.answer).await
}

async fn message_withheld(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MessageWithheld { person: text(&args, 1), label: text(&args, 0) };
    judged(scene, rule, scene.run.timers.quiet).await
}

async fn message_comes(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MessageComes { person: text(&args, 1), label: text(&args, 0) };
    triggered(scene, text(&args, 1), rule).await
}

async fn call_withheld(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::CallWithheld { session: text(&args, 0), person: text(&args, 1) };
    judged(scene, rule, scene.run.timers.quiet).await
}

async fn chat_withheld(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ChatWithheld { person: text(&args, 1), group: text(&args, 0) };
    judged(scene, rule, scene.run.timers.quiet).await
}

async fn chat_comes(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ChatComes { person: text(&args, 1), group: text(&args, 0) };
    triggered(scene, text(&args, 1), rule).await
}
