//! What is to be seen. Every sentence here is a rule, or several.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::{Rule, missed_group_content as missed};
use crate::story::content::Disposition;
use crate::verdict::Blame;
use crate::world::{Done, Scene, Stop};
use missed::Since;
use serde::Serialize;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+) receives every message of "([^"]+)" since (?:his|her|their) invitation$"#,
            "Everything said in the group from the invitation on reaches a device of the user, over one or more deliveries.",
            |scene, args| Box::pin(complete(scene, args, Since::Invitation)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) receives every message of "([^"]+)" since (?:his|her|their) invitation$"#,
            "The same at one particular device.",
            |scene, args| Box::pin(complete_at(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) receives every message of "([^"]+)" that (?:he|she|they) missed(, if need be at a second registration)?$"#,
            "Everything that no device of the user had acknowledged when the connection was lost, and all that followed.",
            |scene, args| Box::pin(complete(scene, args, Since::Loss)),
        ),
        entry(
            &[Then],
            r#"^(\w+) receives every message of "([^"]+)" that was acknowledged$"#,
            "Everything that the target had acknowledged to the focus.",
            |scene, args| Box::pin(complete(scene, args, Since::Acknowledged)),
        ),
        entry(
            &[Then],
            r#"^(\w+) receives "([^"]+)" of "([^"]+)"$"#,
            "One message reaches a device of the user.",
            |scene, args| Box::pin(receives_one(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the messages of "([^"]+)" reach (\w+) unchanged$"#,
            "Author, instant, message id, requested dispositions and body are those that were sent.",
            |scene, args| Box::pin(unchanged(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the messages of "([^"]+)" reach (\w+) in order$"#,
            "In the order in which the target had them, or in that of their dates.",
            |scene, args| Box::pin(in_order(scene, args)),
        ),
        entry(
            &[Then],
            r#"^no message of "([^"]+)" reaches (\w+) under two names$"#,
            "No content arrives twice under different message ids; the same id twice is a warning.",
            |scene, args| Box::pin(once(scene, args)),
        ),
        entry(
            &[Then],
            r#"^nothing of "([^"]+)" reached (\w+) before (?:he|she|they) could be reached$"#,
            "No delivery before the trigger, and one after it.",
            |scene, args| Box::pin(not_before(scene, args)),
        ),
        entry(
            &[Then],
            r#"^nothing of "([^"]+)" came to (\w+)'s (\w+) while it was gone$"#,
            "No delivery between the deregistration of a device and its return.",
            |scene, args| Box::pin(not_while_gone(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) holds the final list of "([^"]+)"$"#,
            "The list that the declared carrier brought equals the roster of the focus.",
            |scene, args| Box::pin(final_list(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the (display )?report of \w+ on "([^"]+)" reaches (\w+)$"#,
            "A member's disposition notification on a message of the user reaches a device of the user.",
            |scene, args| Box::pin(report_reaches_user(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the delivery report of (\w+) on "([^"]+)" reaches \w+$"#,
            "The delivery report of the user's device reaches the author, by the group or by a message.",
            |scene, args| Box::pin(report_reaches_author(scene, args)),
        ),
        entry(
            &[Then],
            r#"^no report of (\w+) in "([^"]+)" came before (?:he|she|they) had the message$"#,
            "Neither delivered nor displayed was reported while the message was only stored.",
            |scene, args| Box::pin(no_premature_report(scene, args)),
        ),
        entry(
            &[Then],
            r#"^nothing of "([^"]+)" reaches (\w+)$"#,
            "No message of the group reaches any device of the user within the quiet window.",
            |scene, args| Box::pin(nothing(scene, args)),
        ),
        entry(&[Then], r#"^nothing of "([^"]+)" reaches (\w+)'s (\w+)$"#, "The same for one device.", |scene, args| {
            Box::pin(nothing(scene, args))
        }),
        entry(
            &[Then],
            r"^nothing of one chat or user reaches another$",
            "What arrives belongs to the chat of the session that it arrives in, and to a chat of the user.",
            |scene, args| Box::pin(isolated(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the participating function has not left "([^"]+)" for (\w+)$"#,
            "The target did not end its leg to the focus of its own will.",
            |scene, args| Box::pin(leg_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the odd items of "([^"]+)" for (\w+) were handled well$"#,
            "The empty one was accepted, the others refused or dropped, and none was delivered.",
            |scene, args| Box::pin(odd_items(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the restart of "([^"]+)" by (\w+) reaches the conference factory$"#,
            "The device's call leaves the target for the factory with the same chat and the same list, the final one.",
            |scene, args| Box::pin(restart_routed(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) gets of "([^"]+)" what the statement says for one who (declines|joins and leaves|declines the delivery)$"#,
            "Nothing further, or all that follows: as the statement says, and never a fail by itself.",
            |scene, args| Box::pin(interest_ended(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of "([^"]+)" never reaches (\w+)$"#,
            "One message that has outlived its storage time reaches no device of the user.",
            |scene, args| Box::pin(expired(scene, args)),
        ),
        entry(
            &[Then],
            r#"^no message of "([^"]+)" reaches (\w+) a second time$"#,
            "After the last trigger nothing of the group is delivered again.",
            |scene, args| Box::pin(not_twice(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the participating function has not tried too often to deliver "([^"]+)" to (\w+)$"#,
            "At most the declared number of retries between two triggers.",
            |scene, args| Box::pin(attempts(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the first delivery of "([^"]+)" to (\w+) had brought (\d+) messages$"#,
            "So many messages were acknowledged in the first delivery.",
            |scene, args| Box::pin(first_delivery(scene, args)),
        ),
        entry(
            &[Then],
            r#"^no notification of "([^"]+)" reached (\w+) in a session that takes none$"#,
            "No disposition notification came in a session whose answer did not list its type.",
            |scene, args| Box::pin(no_unwanted_notification(scene, args)),
        ),
    ]
}

/// Awaits completeness; when it is late, gives one more trigger and waits once more.
pub(super) async fn await_complete(
    scene: &mut Scene,
    person: String,
    rule: impl Rule + Serialize + Clone + 'static,
) -> Done {
    let within = drain_time(scene);
    match scene.judge(rule.clone(), within).await {
        Err(Stop::Broken) => {
            if !second_trigger(scene, &person).await? {
                return Err(Stop::Broken);
            }
            scene.judge(rule, within).await?;
            late(scene)
        }
        other => other,
    }
}

/// All devices of a person that are registered do so once more; false when there are none.
pub(super) async fn second_trigger(scene: &mut Scene, person: &str) -> Result<bool, Stop> {
    let person = person.to_owned();
    let registered = scene
        .stage
        .act(move |play| {
            let devices = play.ensemble.devices.iter();
            let of_person: Vec<_> = devices
                .filter(|((owner, _), device)| *owner == person && device.registered)
                .map(|(key, _)| key.clone())
                .collect();
            for key in &of_person {
                play.ensemble.register(key, "second trigger");
            }
            !of_person.is_empty()
        })
        .await?;
    Ok(registered)
}

/// Complete, but only after a second trigger: for the test purpose that is about the moment this decides nothing.
fn late(scene: &mut Scene) -> Done {
    if scene.test_purposes.iter().any(|purpose| purpose == "TP-CPM-CONV-058a-01") {
        let why = "everything was delivered, but only after a second trigger".to_owned();
        return Err(Stop::Undecided { why, ledger: "L06".to_owned() });
    }
    Ok(())
}

pub(super) fn drain_time(scene: &Scene) -> Duration {
    scene.run.timers.drain + scene.run.timers.rtt_allowance
}

pub(super) fn name(args: &Args, n: usize) -> String {
    args.text(n).to_owned()
}

async fn complete(scene: &mut Scene, args: Args, since: Since) -> Done {
    let rule = missed::Complete { person: name(&args, 0), group: name(&args, 1), device: None, since };
    await_complete(scene, name(&args, 0), rule).await
}

async fn complete_at(scene: &mut Scene, args: Args) -> Done {
    let device = Some(name(&args, 1));
    let rule = missed::Complete { person: name(&args, 0), group: name(&args, 2), device, since: Since::Invitation };
    await_complete(scene, name(&args, 0), rule).await
}

/// The group in which something was said, and its message id.
pub(super) async fn said(scene: &mut Scene, text: &str) -> Result<(String, String), Stop> {
    let text = text.to_owned();
    let said =
        scene.stage.act(move |play| play.ensemble.said(&text).map(|(group, said)| (group, said.message_id))).await?;
    said.ok_or_else(|| Stop::Harness("a message that nobody sent".to_owned()))
}

async fn receives_one(scene: &mut Scene, args: Args) -> Done {
    let (_, about) = said(scene, args.text(1)).await?;
    let rule = missed::Arrives { person: name(&args, 0), group: name(&args, 2), message_id: about };
    await_kept(scene, name(&args, 0), name(&args, 1), rule).await
}

/// Awaits what was kept for a person under this name, as long as somebody owes it.
pub(super) async fn await_kept(
    scene: &mut Scene,
    person: String,
    text: String,
    rule: impl Rule + Clone + Serialize + 'static,
) -> Done {
    let trigger = scene.last_trigger;
    match await_complete(scene, person.clone(), rule).await {
        Err(Stop::Broken) if stored_too_long(scene, person, text, trigger).await? => Err(Stop::Unseen {
            why: "the tester took so long from sending the message to asking for it that its storage time may have ended before \
                  the time for its delivery"
                .to_owned(),
            blame: Blame::Harness,
        }),
        other => other,
    }
}

/// True when what is kept for a short time alone may have been thrown away before the time for its delivery was over, which begins
/// with this trigger: then nobody owes it any more.
async fn stored_too_long(scene: &Scene, person: String, text: String, trigger: u64) -> Result<bool, Stop> {
    let span = scene
        .stage
        .act(move |play| (play.class_of(&person) == Some("short_expiry")).then(|| play.between(&text, trigger)))
        .await?;
    let is_too_long = |span: Duration| span + drain_time(scene) >= scene.run.timers.expiry;
    Ok(span.is_some_and(|span| span.is_none_or(is_too_long)))
}

async fn unchanged(scene: &mut Scene, args: Args) -> Done {
    scene.judge(missed::Unchanged { group: name(&args, 0), person: name(&args, 1) }, Duration::ZERO).await
}

async fn in_order(scene: &mut Scene, args: Args) -> Done {
    scene.judge(missed::InOrder { group: name(&args, 0), person: name(&args, 1) }, Duration::ZERO).await
}

async fn once(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::Once { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn not_before(scene: &mut Scene, args: Args) -> Done {
    scene.judge(missed::NotBeforeReachable { group: name(&args, 0), person: name(&args, 1) }, Duration::ZERO).await
}

async fn final_list(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene) + scene.run.timers.notify_spacing;
    scene
        .judge(
            missed::FinalList { person: name(&args, 0), group: name(&args, 1), carrier: missed::Carrier::Declared },
            within,
        )
        .await
}

async fn report_reaches_user(scene: &mut Scene, args: Args) -> Done {
    let (group, about) = said(scene, args.text(1)).await?;
    let kind = if args.text(0).is_empty() { Disposition::Delivered } else { Disposition::Displayed };
    let rule = missed::ReportReachesUser { person: name(&args, 2), group, about, kind };
    let within = drain_time(scene);
    scene.judge(rule, within).await
}

async fn report_reaches_author(scene: &mut Scene, args: Args) -> Done {
    let (group, about) = said(scene, args.text(1)).await?;
    let rule = missed::ReportReachesAuthor { person: name(&args, 0), group, about, kind: Disposition::Delivered };
    let within = drain_time(scene);
    scene.judge(rule, within).await
}

async fn no_premature_report(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::NoPrematureReport { person: name(&args, 0), group: name(&args, 1) }, within).await
}

async fn nothing(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let device = Some(name(&args, 2)).filter(|device| !device.is_empty());
    let (owner, of) = (name(&args, 1), device.clone());
    let tagless = scene
        .stage
        .act(move |play| {
            let device = of.and_then(|of| play.ensemble.devices.get(&(owner, of)));
            device.is_some_and(|device| !device.can_chat)
        })
        .await?;
    let rule = missed::NothingDelivered { group: name(&args, 0), person: name(&args, 1), device, since: None, tagless };
    scene.judge(rule, within).await
}

async fn not_while_gone(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let rule = missed::NotWhileGone { group: name(&args, 0), person: name(&args, 1), device: name(&args, 2) };
    scene.judge(rule, within).await
}

async fn isolated(scene: &mut Scene, _: Args) -> Done {
    let within = scene.run.timers.quiet;
    let (people, groups) = scene.stage.act(|play| play.ensemble.cast()).await?;
    scene.judge(missed::Isolated { people, groups }, within).await
}

async fn leg_kept(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::LegKept { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn odd_items(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let (person, group) = (name(&args, 1), name(&args, 0));
    let (whose, of) = (person.clone(), group.clone());
    let message_ids = scene.stage.act(move |play| play.ensemble.odd_items(&whose, &of)).await?;
    scene.judge(missed::InputTolerated { person, group, message_ids }, within).await
}

async fn restart_routed(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.answer;
    scene.judge(missed::RestartRouted { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn interest_ended(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let conduct = match args.text(2) {
        "declines" => missed::Conduct::Declined,
        "joins and leaves" => missed::Conduct::Left,
        _ => missed::Conduct::DrainRefused,
    };
    scene.judge(missed::AfterInterestEnded { person: name(&args, 0), group: name(&args, 1), conduct }, within).await
}

async fn expired(scene: &mut Scene, args: Args) -> Done {
    let (_, about) = said(scene, args.text(0)).await?;
    let within = scene.run.timers.quiet;
    let rule = missed::ExpiredNotDelivered { group: name(&args, 1), person: name(&args, 2), message_id: about };
    scene.judge(rule, within).await
}

async fn not_twice(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene
        .judge(missed::NotTwice { group: name(&args, 0), person: name(&args, 1), since: scene.last_trigger }, within)
        .await
}

async fn attempts(scene: &mut Scene, args: Args) -> Done {
    let retries = scene.run.statement.number("drain_retries").unwrap_or_default();
    scene.judge(missed::WithinAttempts { group: name(&args, 0), person: name(&args, 1), retries }, Duration::ZERO).await
}

async fn first_delivery(scene: &mut Scene, args: Args) -> Done {
    let messages = args.text(2).parse().unwrap_or_default();
    let rule = missed::FirstDrainBrought { group: name(&args, 0), person: name(&args, 1), messages };
    scene.judge(rule, Duration::ZERO).await
}

async fn no_unwanted_notification(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::NoReportInSession { group: name(&args, 0), person: name(&args, 1) }, within).await
}
