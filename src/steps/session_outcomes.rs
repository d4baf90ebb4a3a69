//! What is to be seen of sessions between two. Every sentence here is a rule, or several.

use super::Keyword::Then;
use super::{Args, StepEntry, entry, groups};
use crate::rules::sessions as rules;
use crate::world::{Done, Scene};
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(?:the voice call )?"([^"]+)" stands with (\w+)'s (\w+)$"#,
            "The session is set up on both sides of the target, with the identifiers of its conversation and the identity of \
             the caller.",
            |scene, args| Box::pin(stands(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) comes to nothing$"#,
            "The caller gets a final refusal, and no session stands on either side.",
            |scene, args| Box::pin(comes_to_nothing(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the refusal of "([^"]+)" by \w+'s side reaches the caller of (\w+)$"#,
            "A refusal of the called end comes to the caller as one.",
            |scene, args| Box::pin(refusal_carried(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" arrives unchanged in "([^"]+)" of (\w+)$"#,
            "What one end said reaches the other with the same author, date, message id and octets, and was acknowledged.",
            |scene, args| Box::pin(carried(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" never arrives in "([^"]+)" of (\w+)$"#,
            "What one end began to say reaches the other not at all, or not as a whole message.",
            |scene, args| Box::pin(not_carried(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the change of "([^"]+)" by (\w+) reaches the other side of (\w+)$"#,
            "What one end offered anew is offered to the other, and its acceptance comes back.",
            |scene, args| Box::pin(change_carried(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the change of "([^"]+)" is refused to (\w+)'s other side, and nothing else happens$"#,
            "A change that one end refused is refused to the other, and the session stands as before.",
            |scene, args| Box::pin(change_refused(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) works after the changes crossed$"#,
            "Offers that cross end with one description on each side, and the session stands.",
            |scene, args| Box::pin(settled(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) has ended on both sides$"#,
            "The end of one side is the end of the other within the answer time.",
            |scene, args| Box::pin(ended(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call for "([^"]+)" of (\w+) is withdrawn on both sides$"#,
            "The caller is told that the call is terminated, and the called end rings no longer.",
            |scene, args| Box::pin(withdrawn(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) is released (on both sides|towards the other side)$"#,
            "The target itself ends the session: after an act of the operator, or because the user's device has gone.",
            |scene, args| Box::pin(released(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the wrong call for "([^"]+)" of (\w+) is handled well: ([\w ]+)$"#,
            "It is refused as it should be, or where that is allowed passed on.",
            |scene, args| Box::pin(refused_well(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) ends when its time has passed, and no earlier$"#,
            "A session that nobody refreshed has ended on both sides by its expiry, not before it may.",
            |scene, args| Box::pin(expired(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) stands because it was refreshed$"#,
            "A session that was refreshed outlives its interval.",
            |scene, args| Box::pin(refreshed(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the interval of "([^"]+)" of (\w+) is handled well$"#,
            "An interval that is too small is refused with the least one, raised, or passed on.",
            |scene, args| Box::pin(small_interval(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what is done in "([^"]+)" on behalf of (\w+) bears (?:his|her|their) name$"#,
            "Sessions that no client asked for are the user's own: identity, served user, identifiers of the chat.",
            |scene, args| Box::pin(on_behalf(scene, args)),
        ),
        entry(
            &[Then],
            r#"^everything said in "([^"]+)" of (\w+) stays in its own session$"#,
            "What is said in one of the sessions arrives in that one alone.",
            |scene, args| Box::pin(kept_apart(scene, args)),
        ),
        entry(
            &[Then],
            r#"^of (\w+)'s sessions "([^"]+)" is refused and "([^"]+)" is not$"#,
            "One session beyond the limit of the statement is refused; after another has ended the next is not.",
            |scene, args| Box::pin(limit(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) came to be once$"#,
            "An invitation that came twice made one session.",
            |scene, args| Box::pin(once(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

/// How long an answer may take that passes through the target.
fn answered(scene: &Scene) -> Duration {
    scene.run.timers.answer
}

async fn stands(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Established { session: text(&args, 0), person: text(&args, 1), device: text(&args, 2) };
    scene.judge(rule, answered(scene)).await
}

async fn comes_to_nothing(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NotEstablished { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn refusal_carried(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::RefusalCarried { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn carried(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::Carried { session: text(&args, 1), person: text(&args, 2), label: text(&args, 0) };
    scene.judge(rule, scene.run.timers.msrp_response).await
}

async fn not_carried(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NotCarried { session: text(&args, 1), person: text(&args, 2), label: text(&args, 0) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn change_carried(scene: &mut Scene, args: Args) -> Done {
    let by_device = args.text(1) == args.text(2);
    let rule = rules::ChangeCarried { session: text(&args, 0), person: text(&args, 2), by_device };
    scene.judge(rule, answered(scene)).await
}

async fn change_refused(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ChangeRefused { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn settled(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::SettledAfterGlare { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn ended(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::EndedOnBothSides { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn withdrawn(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::CallWithdrawn { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn released(scene: &mut Scene, args: Args) -> Done {
    let why = if args.text(2) == "on both sides" { "administration" } else { "deregistered" };
    let rule = rules::Released { session: text(&args, 0), person: text(&args, 1), why: why.to_owned() };
    scene.judge(rule, answered(scene)).await
}

async fn refused_well(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::RefusedWell { session: text(&args, 0), person: text(&args, 1), what: text(&args, 2) };
    scene.judge(rule, answered(scene)).await
}

async fn expired(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ExpiresInTime { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn refreshed(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::RefreshKeeps { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn small_interval(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::SmallIntervalHandled { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, answered(scene)).await
}

async fn on_behalf(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::OnBehalf { group: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.drain).await
}

async fn kept_apart(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::KeptApart { person: text(&args, 1), sessions: groups::names(args.text(0)) };
    scene.judge(rule, scene.run.timers.msrp_response).await
}

async fn limit(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::LimitKept { person: text(&args, 0), refused: text(&args, 1), later: text(&args, 2) };
    scene.judge(rule, answered(scene)).await
}

async fn once(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::NoSecondSession { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.quiet).await
}
