//! What is to be seen of lists of participants, between the first and the last. Every sentence here is a rule.

use super::Keyword::Then;
use super::outcomes::{drain_time, name};
use super::{Args, StepEntry, entry};
use crate::rules::missed_group_content as missed;
use crate::world::{Done, Scene, Stop};
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+) holds the final list of "([^"]+)" by (notifications|the invitation|a document among the messages|the message store)$"#,
            "The list that this carrier brought equals the roster of the focus.",
            |scene, args| Box::pin(final_list_by(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) receives the list with which (?:he|she|they) (?:was|were) invited to "([^"]+)"$"#,
            "Any declared carrier brings the list of the user's own invitation.",
            |scene, args| Box::pin(initial_list(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) can tell who was in "([^"]+)" at each of its messages$"#,
            "The lists fold to the final one, and at the place of each message to the roster of the focus at that time.",
            |scene, args| Box::pin(roster_history(scene, args)),
        ),
        entry(
            &[Then],
            r#"^each round of lists of "([^"]+)" for (\w+) begins whole and goes on in order$"#,
            "Within one subscription, or one session, a whole list comes first, and versions grow.",
            |scene, args| Box::pin(versions_grow(scene, args)),
        ),
        entry(
            &[Then],
            r#"^no change in "([^"]+)" that (\w+) had seen is told (?:him|her|them) again$"#,
            "What a device saw change before it was lost is not told as new afterwards.",
            |scene, args| Box::pin(not_told_again(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the lists of "([^"]+)" for (\w+) end as the chat does$"#,
            "In a chat that goes on, in a subscription that lives; in one that has ended, with the word that there is no more.",
            |scene, args| Box::pin(lists_end_well(scene, args)),
        ),
    ]
}

/// Notifications may be spaced; every increment of these scenarios has the time for it.
fn list_time(scene: &Scene) -> Duration {
    drain_time(scene) + scene.run.timers.notify_spacing * 8
}

async fn final_list_by(scene: &mut Scene, args: Args) -> Done {
    let carrier = match args.text(2) {
        "notifications" => missed::Carrier::Notifications,
        "the invitation" => missed::Carrier::DrainInvitation,
        "a document among the messages" => missed::Carrier::Session,
        "the message store" => missed::Carrier::Store,
        other => return Err(Stop::Harness(format!("no list comes by {other:?}"))),
    };
    let within = list_time(scene);
    scene.judge(missed::FinalList { person: name(&args, 0), group: name(&args, 1), carrier }, within).await
}

async fn initial_list(scene: &mut Scene, args: Args) -> Done {
    let within = list_time(scene);
    scene.judge(missed::InitialList { person: name(&args, 0), group: name(&args, 1) }, within).await
}

async fn roster_history(scene: &mut Scene, args: Args) -> Done {
    let within = list_time(scene);
    scene.judge(missed::RosterHistory { person: name(&args, 0), group: name(&args, 1) }, within).await
}

async fn versions_grow(scene: &mut Scene, args: Args) -> Done {
    let within = list_time(scene);
    scene.judge(missed::VersionsGrow { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn not_told_again(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::NotToldAgain { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn lists_end_well(scene: &mut Scene, args: Args) -> Done {
    let within = list_time(scene);
    scene.judge(missed::ListsEndWell { group: name(&args, 0), person: name(&args, 1) }, within).await
}
