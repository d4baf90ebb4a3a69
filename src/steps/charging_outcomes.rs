//! What is charged to served users, as it is to be seen at the charging server: every Then is a rule.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::charging as rules;
use crate::world::{Done, Scene, Told};
use std::time::Duration;

/// How long whoever lost the charging server takes to find it again, and to hand over what waits: RFC 6733 section 2.1 has 30 s
/// before a connection is tried anew, and RFC 3539 section 3.4.1 as much before it is given up.
const FOUND_AGAIN: Duration = Duration::from_secs(90);

pub(super) fn steps() -> Vec<StepEntry> {
    let mut all = charged();
    all.extend(unpaid());
    all
}

fn charged() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) is recorded from its beginning to its end$"#,
            "There is a first record and, since the end, a last one, under the charging identifier of the session's requests.",
            |scene, args| Box::pin(session_recorded(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" of (\w+) is recorded once$"#,
            "There is one record of an event.",
            |scene, args| Box::pin(message_recorded(scene, args)),
        ),
        entry(
            &[Then],
            r#"^credit for "([^"]+)" of (\w+) is asked for before it goes on$"#,
            "The charging server is asked before anybody on the other side is called, and told when the session has ended.",
            |scene, args| Box::pin(session_reserved(scene, args)),
        ),
        entry(
            &[Then],
            r#"^credit for the message "([^"]+)" of (\w+) is asked for$"#,
            "There is a request about the event, or a first and a last one.",
            |scene, args| Box::pin(message_debited(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) goes on, though no credit is asked of (?:him|her|them)$"#,
            "The charging server said that credit control does not apply, and the session stands.",
            |scene, args| Box::pin(session_uncharged(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" of (\w+) goes on, though no credit is asked of (?:him|her|them)$"#,
            "The charging server said that credit control does not apply, and the message was delivered.",
            |scene, args| Box::pin(message_uncharged(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the change of "([^"]+)" of (\w+) is charged$"#,
            "There is a record in between, or a request for more credit, after it.",
            |scene, args| Box::pin(change_charged(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)", which waited, is charged to (\w+)$"#,
            "It is charged as it came in, as it went out, or both times, each time once.",
            |scene, args| Box::pin(item_charged(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) is recorded after all$"#,
            "The session stood while the charging server was away, and its records have come since.",
            |scene, args| Box::pin(recorded_later(scene, args)),
        ),
    ]
}

fn unpaid() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) comes to nothing for want of credit$"#,
            "Nobody on the other side is called, and the caller gets a refusal.",
            |scene, args| Box::pin(session_unpaid(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the message "([^"]+)" of (\w+) goes nowhere for want of credit$"#,
            "Nothing of it comes out, and its sender gets a refusal, or it is let fall.",
            |scene, args| Box::pin(message_unpaid(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) goes on without the charging server$"#,
            "Nobody answers about credit, and the session stands, as the statement says.",
            |scene, args| Box::pin(goes_on_without(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) comes to nothing without the charging server$"#,
            "Nobody answers about credit, and nothing of the session stands, as the statement says.",
            |scene, args| Box::pin(ends_without(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) ends with (?:his|her|their) credit$"#,
            "When the last units are used up the target ends the session on both sides, and tells what was used.",
            |scene, args| Box::pin(ended_with_credit(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what "([^"]+)" of (\w+) has used is told when (?:his|her|their) credit is used up$"#,
            "Where the statement has the user led elsewhere or restricted, the charging server is told then.",
            |scene, args| Box::pin(kept_after_credit(scene, args)),
        ),
    ]
}

/// The captured text, for a rule.
fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

async fn session_recorded(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::SessionRecorded { session: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Charges, args.text(1)), rule, scene.run.timers.answer).await
}

async fn session_reserved(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::SessionReserved { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn session_uncharged(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::SessionUncharged { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn change_charged(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::ChangeCharged { session: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Charges, args.text(1)), rule, scene.run.timers.answer).await
}

async fn session_unpaid(scene: &mut Scene, args: Args) -> Done {
    // What was refused may go on all the same.
    scene.stage.quiet(scene.run.timers.quiet).await?;
    let rule = rules::SessionUnpaid { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn recorded_later(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::RecordedLater { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, FOUND_AGAIN).await
}

async fn goes_on_without(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::GoesOnWithout { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn ends_without(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::EndsWithout { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn ended_with_credit(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::EndedWithCredit { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn kept_after_credit(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::KeptAfterCredit { session: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn message_recorded(scene: &mut Scene, args: Args) -> Done {
    // A second record may come after the first.
    scene.stage.quiet(scene.run.timers.quiet).await?;
    let rule = rules::MessageRecorded { label: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Charges, args.text(1)), rule, scene.run.timers.answer).await
}

async fn message_debited(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MessageDebited { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn message_uncharged(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MessageUncharged { label: text(&args, 0), person: text(&args, 1) };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn message_unpaid(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MessageUnpaid { label: text(&args, 0), person: text(&args, 1) };
    scene.stage.quiet(scene.run.timers.quiet).await?;
    scene.judge(rule, scene.run.timers.answer).await
}

async fn item_charged(scene: &mut Scene, args: Args) -> Done {
    scene.stage.quiet(scene.run.timers.quiet).await?;
    let rule = rules::ItemCharged { label: text(&args, 0), person: text(&args, 1) };
    scene.judge_told((Told::Charges, args.text(1)), rule, scene.run.timers.answer).await
}
