//! What is to be seen of standalone messages. Every sentence here is a rule.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::{messages as rules, multi_device, policies_and_preferences as policies};
use crate::world::{Done, Scene};

pub(super) fn steps() -> Vec<StepEntry> {
    let mut all = ways();
    all.extend(wishes());
    all.extend(devices());
    all
}

fn ways() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+)(?:'s (\w+))? gets the message "([^"]+)"$"#,
            "It comes there, in either mode, with the same author, date, message id, requests and octets, and its sender is \
             told.",
            |scene, args| Box::pin(delivered(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)(?:'s (\w+))? gets the large message "([^"]+)" in a session that is over$"#,
            "It comes there alone in a session of its own, which the target has ended.",
            |scene, args| Box::pin(one_message(scene, args)),
        ),
        entry(
            &[Then],
            r#"^everybody on the list gets the message "([^"]+)" of (\w+) once$"#,
            "Each member is reached once, by a copy of the target or by the exploder of lists, and nobody else is.",
            |scene, args| Box::pin(list_reached(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the copy of "([^"]+)" for (\w+) goes to nobody else$"#,
            "A list of those who got the message as well is no list to be sent to.",
            |scene, args| Box::pin(not_exploded(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" of (\w+) is refused for its size, or comes as a large one$"#,
            "Over the limit of the statement it goes on in no MESSAGE.",
            |scene, args| Box::pin(over_limit(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what was sent as "([^"]+)" is refused, being no message$"#,
            "The sender gets a refusal of the class of bad requests.",
            |scene, args| Box::pin(no_message(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" is nowhere altered$"#,
            "Whatever the target sends of it is as it was sent, and goes to whom it is for.",
            |scene, args| Box::pin(unaltered(scene, args)),
        ),
    ]
}

fn wishes() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+) never sees the message "([^"]+)", (?:whose author is (blocked|anonymous|forbidden)|being (unavailable))$"#,
            "It is refused, let fall, or kept for who is unavailable; no device of the user gets anything of it.",
            |scene, args| Box::pin(refused(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" of (\w+) hides who wrote it$"#,
            "It goes out with privacy, and the network knows all the same who wrote it.",
            |scene, args| Box::pin(hidden(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" of (\w+) is not let out$"#,
            "It is refused or let fall, and nobody gets anything of it.",
            |scene, args| Box::pin(not_let_out(scene, args)),
        ),
    ]
}

fn devices() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) and (?:his|her|their) (\w+) get the message "([^"]+)"$"#,
            "A copy comes to each, or one that the serving CSCF forks, and the sender gets one answer.",
            |scene, args| Box::pin(copied(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) gets the message "([^"]+)", though (?:his|her|their) (\w+) fails$"#,
            "That one device fails keeps the message from nobody else, and its sender is told of the success.",
            |scene, args| Box::pin(copied_in_spite(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) alone gets the message "([^"]+)"$"#,
            "No other device of the user gets anything of it.",
            |scene, args| Box::pin(only_there(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the author of "([^"]+)" hears of its delivery to (\w+)'s (\w+) and (?:his|her|their) (\w+) as the ledger allows$"#,
            "One notification of delivery, or one for each device.",
            |scene, args| Box::pin(reported(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

fn device(args: &Args, at: usize) -> Option<String> {
    Some(text(args, at)).filter(|device| !device.is_empty())
}

async fn delivered(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Delivered { label: text(&args, 2), person: text(&args, 0), device: device(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn one_message(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::OneMessage { label: text(&args, 2), person: text(&args, 0), device: device(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn list_reached(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ListReached { label: text(&args, 0), person: text(&args, 1) };
    // A second copy may come after the first.
    scene.stage.quiet(scene.run.timers.quiet).await?;
    scene.judge(rule, scene.run.timers.answer).await
}

async fn not_exploded(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NotExploded { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn over_limit(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::OverLimit { label: text(&args, 0), person: text(&args, 1) };
    // What was refused may come all the same.
    scene.stage.quiet(scene.run.timers.quiet).await?;
    scene.judge(rule, scene.run.timers.answer).await
}

async fn no_message(scene: &mut Scene, args: Args) -> Done {
    scene.stage.quiet(scene.run.timers.quiet).await?;
    scene.judge(rules::NoMessage { label: text(&args, 0) }, scene.run.timers.answer).await
}

async fn unaltered(scene: &mut Scene, args: Args) -> Done {
    scene.judge(rules::Unaltered { label: text(&args, 0) }, scene.run.timers.quiet).await
}

async fn refused(scene: &mut Scene, args: Args) -> Done {
    let case = match (args.text(2), args.text(3)) {
        ("anonymous", _) => "anonymous",
        (_, "unavailable") => "unavailable",
        _ => "block",
    };
    let rule = policies::MessageRefused { label: text(&args, 1), person: text(&args, 0), case: case.to_owned() };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn hidden(scene: &mut Scene, args: Args) -> Done {
    let rule = policies::MessagePrivate { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn not_let_out(scene: &mut Scene, args: Args) -> Done {
    let rule = policies::MessageNotLetOut { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn copied(scene: &mut Scene, args: Args) -> Done {
    let (label, person, devices) = (text(&args, 3), text(&args, 0), vec![text(&args, 1), text(&args, 2)]);
    scene.judge(multi_device::Copied { label, person, devices }, scene.run.timers.answer).await
}

async fn copied_in_spite(scene: &mut Scene, args: Args) -> Done {
    let (label, person) = (text(&args, 2), text(&args, 0));
    let rule = multi_device::CopiedInSpite { label, person, device: text(&args, 1), other: text(&args, 3) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn only_there(scene: &mut Scene, args: Args) -> Done {
    let (label, person) = (text(&args, 2), text(&args, 0));
    let rule = multi_device::MessageOnlyThere { label, person, device: text(&args, 1) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn reported(scene: &mut Scene, args: Args) -> Done {
    let (label, person, devices) = (text(&args, 0), text(&args, 1), vec![text(&args, 2), text(&args, 3)]);
    scene.judge(multi_device::ReportedByDevices { label, person, devices }, scene.run.timers.quiet).await
}
