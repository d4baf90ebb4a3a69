//! What is to be seen of preferences and policies. Every sentence here is a rule.

use super::Keyword::Then;
use super::outcomes::await_complete;
use super::{Args, StepEntry, entry};
use crate::rules::policies_and_preferences as rules;
use crate::world::{Done, Scene};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+) never hears of the call for "([^"]+)", (?:whose caller is (blocked|anonymous|forbidden)|being (unavailable))$"#,
            "The target refuses the call by itself, and no device of the user is called.",
            |scene, args| Box::pin(refused(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call of (\w+) for "([^"]+)" is not let out$"#,
            "The target refuses the call by itself, and nobody is called.",
            |scene, args| Box::pin(not_let_out(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) has no (messages|sound|video), and whatever else it has works$"#,
            "The medium is offered to nobody and not accepted; the others are, or the whole offer is refused.",
            |scene, args| Box::pin(barred(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) has (sound|video)$"#,
            "The medium is offered to the other side, and accepted.",
            |scene, args| Box::pin(had(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call of (\w+) for "([^"]+)" hides who calls$"#,
            "The call asks for privacy; the network is told who it is all the same.",
            |scene, args| Box::pin(private(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call of (\w+) for "([^"]+)" says who calls$"#,
            "The call asks for no privacy, and its From is as it was sent.",
            |scene, args| Box::pin(shown(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) gets of "([^"]+)" what others than (\w+) wrote$"#,
            "What others wrote is delivered; what the one wrote may be, or not.",
            |scene, args| Box::pin(others_delivered(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

async fn refused(scene: &mut Scene, args: Args) -> Done {
    let case = match (args.text(2), args.text(3)) {
        ("anonymous", _) => "anonymous",
        (_, "unavailable") => "unavailable",
        _ => "block",
    };
    let rule = rules::Refused { session: text(&args, 1), person: text(&args, 0), case: case.to_owned() };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn not_let_out(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NotLetOut { session: text(&args, 1), person: text(&args, 0) };
    scene.judge(rule, scene.run.timers.quiet).await
}

/// The word for a medium in a session description.
fn medium(args: &Args, at: usize) -> String {
    let word = match args.text(at) {
        "messages" => "message",
        "sound" => "audio",
        other => other,
    };
    word.to_owned()
}

async fn barred(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MediumBarred { session: text(&args, 0), person: text(&args, 1), medium: medium(&args, 2) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn had(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MediumHad { session: text(&args, 0), person: text(&args, 1), medium: medium(&args, 2) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn private(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Private { session: text(&args, 1), person: text(&args, 0) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn shown(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Shown { session: text(&args, 1), person: text(&args, 0) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn others_delivered(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::OthersDelivered { group: text(&args, 1), person: text(&args, 0), blocked: text(&args, 2) };
    await_complete(scene, text(&args, 0), rule).await
}
