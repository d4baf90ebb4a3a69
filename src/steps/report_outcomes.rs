//! What is to be seen of reports on standalone messages. Every sentence here is a rule.

use super::Keyword::Then;
use super::outcomes::drain_time;
use super::waiting_messages::identifiers;
use super::{Args, StepEntry, entry};
use crate::rules::disposition_reports as rules;
use crate::story::content::Disposition;
use crate::world::{Done, Scene};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^the (delivery|display) report of (\w+) on the message "([^"]+)" reaches its author$"#,
            "What the devices of a served user report reaches the author, once at least and once for each device at most.",
            |scene, args| Box::pin(reaches_author(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the (delivery|display) report on the message "([^"]+)" comes to (\w+), who sent it$"#,
            "What recipients report reaches a device of the served user who wrote the message.",
            |scene, args| Box::pin(reaches_user(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the author of the message "([^"]+)" to (\w+) learns that it failed$"#,
            "By an error as answer, or by a report; and not by a report of delivery besides.",
            |scene, args| Box::pin(failure_told(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the author of the message "([^"]+)" to (\w+) gets no report of failure$"#,
            "No report that it failed leaves the target.",
            |scene, args| Box::pin(no_failure_told(scene, args)),
        ),
        entry(
            &[Then],
            r"^every report that reaches (\w+) says what somebody sent$",
            "The message that a report names, and what it says of it, are those of a report that was sent to the user.",
            |scene, args| Box::pin(unaltered(scene, args)),
        ),
        entry(
            &[Then],
            r"^nobody reports on a report to or of (\w+)$",
            "No report names a message that is a report itself.",
            |scene, args| Box::pin(none_on_reports(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

fn kind(args: &Args) -> Disposition {
    if args.text(0) == "display" { Disposition::Displayed } else { Disposition::Delivered }
}

async fn reaches_author(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ReachesAuthor { person: text(&args, 1), label: text(&args, 2), kind: kind(&args) };
    scene.judge(rule, drain_time(scene)).await
}

async fn reaches_user(scene: &mut Scene, args: Args) -> Done {
    let about = identifiers(scene, args.text(1)).await?.message_id;
    let rule = rules::ReachesUser { person: text(&args, 2), about, label: text(&args, 1), kind: kind(&args) };
    scene.judge(rule, drain_time(scene)).await
}

async fn failure_told(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::FailureTold { person: text(&args, 1), label: text(&args, 0) };
    scene.judge(rule, drain_time(scene)).await
}

async fn no_failure_told(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NoFailureTold { person: text(&args, 1), label: text(&args, 0) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn unaltered(scene: &mut Scene, args: Args) -> Done {
    scene.judge(rules::Unaltered { person: text(&args, 0) }, scene.run.timers.quiet).await
}

async fn none_on_reports(scene: &mut Scene, args: Args) -> Done {
    scene.judge(rules::NoneOnReports { person: text(&args, 0) }, scene.run.timers.quiet).await
}
