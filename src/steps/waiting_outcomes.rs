//! What is to be seen of messages that wait. Every sentence here is a rule, or several.

use super::Keyword::Then;
use super::outcomes::{await_complete, await_kept, drain_time};
use super::waiting_messages::identifiers;
use super::{Args, StepEntry, entry, groups};
use crate::rules::deferred_messages as rules;
use crate::rules::multi_device;
use crate::world::{Done, Scene};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^the message "([^"]+)", which waited, reaches (\w+)(?:'s (\w+))?$"#,
            "It comes to a device of the user, by itself or because the device asked for it, once and as it was sent.",
            |scene, args| Box::pin(delivered(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" is refused, or reaches (\w+) after all$"#,
            "Its author is told that it came to nothing, or it is kept and delivered.",
            |scene, args| Box::pin(not_lost(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) is told that the message "([^"]+)" waits$"#,
            "Word of it comes to the device in any form, or the message itself.",
            |scene, args| Box::pin(told(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) and (?:his|her|their) (\w+) are both told that the message "([^"]+)" waits$"#,
            "Word of it, or the message itself, comes to each of the two devices.",
            |scene, args| Box::pin(each_told(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) is not told of the message "([^"]+)"$"#,
            "Neither word of it nor the message itself comes to the device.",
            |scene, args| Box::pin(not_told(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+), which asked for (?:the message "([^"]+)"|a message that nobody sent), gets nothing$"#,
            "The request is refused, or answered and brings no content.",
            |scene, args| Box::pin(fetched_nothing(scene, args)),
        ),
        entry(
            &[Then],
            r#"^for now the message "([^"]+)" is kept from (\w+)$"#,
            "It was taken, and is offered to no device within the quiet window.",
            |scene, args| Box::pin(kept_back(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" is not kept for (\w+), and never comes$"#,
            "It is refused or dropped, and offered to no device.",
            |scene, args| Box::pin(refused(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" has outlived its time, and never reaches (\w+)$"#,
            "It is offered to no device, and nobody is told that it was delivered; who asked is told that it failed.",
            |scene, args| Box::pin(expired(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

async fn delivered(scene: &mut Scene, args: Args) -> Done {
    let device = Some(text(&args, 2)).filter(|device| !device.is_empty());
    let rule = rules::Delivered { person: text(&args, 1), label: text(&args, 0), device };
    await_kept(scene, text(&args, 1), text(&args, 0), rule).await
}

async fn not_lost(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NotLost { person: text(&args, 1), label: text(&args, 0) };
    await_complete(scene, text(&args, 1), rule).await
}

async fn told(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Told { person: text(&args, 0), device: text(&args, 1), label: text(&args, 2) };
    scene.judge(rule, drain_time(scene)).await
}

async fn each_told(scene: &mut Scene, args: Args) -> Done {
    let devices = [1, 2].into_iter().flat_map(|at| groups::names(args.text(at))).collect();
    let rule = multi_device::EachTold { person: text(&args, 0), devices, label: text(&args, 3) };
    scene.judge(rule, drain_time(scene)).await
}

async fn not_told(scene: &mut Scene, args: Args) -> Done {
    let rule = multi_device::NotTold { person: text(&args, 0), device: text(&args, 1), label: text(&args, 2) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn fetched_nothing(scene: &mut Scene, args: Args) -> Done {
    let contribution = identifiers(scene, args.text(2)).await?.contribution;
    let label = if args.text(2).is_empty() { "a message that nobody sent" } else { args.text(2) }.to_owned();
    let rule = rules::FetchYieldsNothing { person: text(&args, 0), device: text(&args, 1), label, contribution };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn kept_back(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::KeptBack { person: text(&args, 1), label: text(&args, 0) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn refused(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Refused { person: text(&args, 1), label: text(&args, 0) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn expired(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Expired { person: text(&args, 1), label: text(&args, 0) };
    scene.judge(rule, scene.run.timers.quiet).await
}
