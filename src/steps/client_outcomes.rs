//! What is to be seen of a client under test. Every sentence here is a rule, or several. What only its user could see is
//! asked of the observer first.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::{Rule, client_deferred_content as client};
use crate::world::{Done, Scene, Told};
use serde::Serialize;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    let mut steps = on_the_wire();
    steps.extend(shown());
    steps
}

fn on_the_wire() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+)'s client takes what is delivered of "([^"]+)"$"#,
            "It accepts the session, its media can be used, and it acknowledges every message.",
            |scene, args| Box::pin(takes(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client reports what it got of "([^"]+)" as delivered$"#,
            "One report for each message that asks for it, under the right message id.",
            |scene, args| Box::pin(reports(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client reports what it got of "([^"]+)" as displayed, and not before it was opened$"#,
            "Displayed is reported after the user's act alone.",
            |scene, args| Box::pin(displays(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client does not report on reports of "([^"]+)"$"#,
            "No disposition notification about a disposition notification.",
            |scene, args| Box::pin(no_report_on_report(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client keeps its sessions of "([^"]+)"$"#,
            "Sessions and subscriptions live on, and later messages are acknowledged.",
            |scene, args| Box::pin(keeps_chat(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client restarts "([^"]+)" with the final list$"#,
            "It calls the conference factory with the others of the final list, in the same chat.",
            |scene, args| Box::pin(restarts(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client follows "([^"]+)" to its new focus$"#,
            "What it does later goes to the focus that answered the restart.",
            |scene, args| Box::pin(follows(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client (accepts|refuses) the session for stored notifications$"#,
            "Without the user, if the sender is vouched for and the client claims to; else not at all.",
            |scene, args| Box::pin(answers(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client keeps both sessions of "([^"]+)"$"#,
            "A delivery and the live session stand side by side.",
            |scene, args| Box::pin(keeps_both(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client bears the lists in between of "([^"]+)"$"#,
            "It answers them, whether it uses them or not, and its sessions live.",
            |scene, args| Box::pin(tolerates(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s client takes the next delivery of "([^"]+)"$"#,
            "After a delivery without a final list it takes another.",
            |scene, args| Box::pin(takes_next(scene, args)),
        ),
    ]
}

fn shown() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) shows "([^"]+)" of "([^"]+)" as (delivered|displayed)$"#,
            "A report has changed the state of the message that it is about, and of no other.",
            |scene, args| Box::pin(shows_state(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) shows "([^"]+)" of "([^"]+)" once$"#,
            "However often a message came, it is shown once.",
            |scene, args| Box::pin(shows_once(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) shows who is in "([^"]+)"$"#,
            "The members shown are those of the last good list.",
            |scene, args| Box::pin(shows_roster(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) still shows what was delivered of "([^"]+)"$"#,
            "The history is kept.",
            |scene, args| Box::pin(keeps_history(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) shows "([^"]+)" as one chat$"#,
            "Several sessions of one chat are one chat for the user.",
            |scene, args| Box::pin(shows_one(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) shows who came to "([^"]+)" and who went, and when$"#,
            "Changes of the members stand at their places among the messages; the final list wins.",
            |scene, args| Box::pin(shows_changes(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) keeps what it knew of "([^"]+)"$"#,
            "A delivery without a final list takes nothing away.",
            |scene, args| Box::pin(keeps_known(scene, args)),
        ),
    ]
}

/// The first two captures: whose client, and which chat.
fn of(args: &Args) -> (String, String) {
    (args.text(0).to_owned(), args.text(1).to_owned())
}

fn answer_time(scene: &Scene) -> Duration {
    scene.run.timers.answer
}

async fn takes(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::AcceptsDelivery { person, group }, within).await
}

async fn reports(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::ReportsDelivered { person, group }, within).await
}

async fn displays(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::DisplayedAfterOpening { person, group }, within).await
}

async fn no_report_on_report(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), scene.run.timers.quiet);
    scene.judge(client::NoReportOnReport { person, group }, within).await
}

async fn keeps_chat(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::KeepsChat { person, group }, within).await
}

async fn restarts(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::RestartsWithFinalList { person, group }, within).await
}

async fn follows(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::FollowsFocus { person, group }, within).await
}

async fn answers(scene: &mut Scene, args: Args) -> Done {
    let (person, within) = (args.text(0).to_owned(), answer_time(scene));
    scene.judge(client::AnswersStoredNotifications { person, accepted: args.text(1) == "accepts" }, within).await
}

async fn keeps_both(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::KeepsBothLegs { person, group }, within).await
}

async fn tolerates(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::ToleratesIntermediate { person, group }, within).await
}

async fn takes_next(scene: &mut Scene, args: Args) -> Done {
    let ((person, group), within) = (of(&args), answer_time(scene));
    scene.judge(client::TakesNextDelivery { person, group }, within).await
}

/// Judges what the device of a person, which the first two captures name, shows of the chat that stands in this one. A client
/// may show it a while after it has come, so the observer is asked until it is right.
async fn observed<R>(scene: &mut Scene, args: &Args, group: usize, rule: impl FnOnce(String, String) -> R) -> Done
where
    R: Rule + Serialize + 'static,
{
    let (person, device) = (args.text(0), args.text(1));
    let (rule, within) = (rule(person.to_owned(), args.text(group).to_owned()), answer_time(scene));
    scene.judge_told((Told::Shown(device), person), rule, within).await
}

async fn shows_state(scene: &mut Scene, args: Args) -> Done {
    let (label, state) = (args.text(2).to_owned(), args.text(4).to_owned());
    observed(scene, &args, 3, |person, group| client::ShowsState { person, group, label, state }).await
}

async fn shows_once(scene: &mut Scene, args: Args) -> Done {
    let label = args.text(2).to_owned();
    observed(scene, &args, 3, |person, group| client::ShownOnce { person, group, label }).await
}

async fn shows_roster(scene: &mut Scene, args: Args) -> Done {
    observed(scene, &args, 2, |person, group| client::ShowsRoster { person, group }).await
}

async fn keeps_history(scene: &mut Scene, args: Args) -> Done {
    observed(scene, &args, 2, |person, group| client::KeepsHistory { person, group }).await
}

async fn shows_one(scene: &mut Scene, args: Args) -> Done {
    observed(scene, &args, 2, |person, group| client::ShowsOneChat { person, group }).await
}

async fn shows_changes(scene: &mut Scene, args: Args) -> Done {
    observed(scene, &args, 2, |person, group| client::ShowsHistory { person, group }).await
}

async fn keeps_known(scene: &mut Scene, args: Args) -> Done {
    observed(scene, &args, 2, |person, group| client::KeepsWhatItKnew { person, group }).await
}
