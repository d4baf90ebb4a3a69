//! What is to be seen of sessions of a user with several devices, and of sessions that move. Every sentence here is a rule.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::{multi_device, session_continuity as continuity};
use crate::world::{Done, Scene};
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    let mut all = calls();
    all.extend(joined());
    all.extend(moves());
    all
}

fn calls() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^the call for "([^"]+)" is offered to (\w+)'s (\w+) and (?:his|her|their) (\w+)$"#,
            "An invitation for each device, or one that the serving CSCF forks, bears the conversation of the call.",
            |scene, args| Box::pin(offered(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) is accepted once, and no device is left behind(, both having accepted)?$"#,
            "The caller gets one acceptance. Each device that accepted is in the session or told that it is over; each that \
             rang and did not is told that it is over.",
            |scene, args| Box::pin(one_acceptance(scene, args)),
        ),
        entry(
            &[Then],
            r#"^whoever stays in "([^"]+)" of (\w+) gets "([^"]+)"$"#,
            "A device whose acceptance the target let stand takes part.",
            |scene, args| Box::pin(who_stays(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call for "([^"]+)" succeeds at (\w+)'s (\w+)$"#,
            "The device accepted, is acknowledged and stays, and the caller gets a success, whatever others said.",
            |scene, args| Box::pin(succeeds(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the caller of "([^"]+)" gets the best of the refusals of (\w+)'s (\w+) and (?:his|her|their) (\w+)$"#,
            "One final answer, of the class that RFC 3261 section 16.7 calls the best of those that were given.",
            |scene, args| Box::pin(best_answer(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) is over for all when (?:his|her|their) (\w+) declines, or goes on at (?:his|her|their) (\w+)$"#,
            "As the statement says; the other way is a warning.",
            |scene, args| Box::pin(declined(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the change of "([^"]+)" reaches (\w+)'s (\w+) and no other device$"#,
            "The last change by the other side is offered to the device that is in the session, and to none that is not.",
            |scene, args| Box::pin(change_only(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the change of "([^"]+)" reaches (\w+)'s (\w+) and (?:his|her|their) (\w+)$"#,
            "The last change by the other side is offered to each device in the session.",
            |scene, args| Box::pin(change_all(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the call for "([^"]+)" goes to (\w+)'s (\w+) first(?:, and then to (?:his|her|their) (\w+)|, and to no other device)$"#,
            "The order of the user's wish: no device is called before the one before it has answered.",
            |scene, args| Box::pin(in_turn(scene, args)),
        ),
    ]
}

fn joined() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) and (?:his|her|their) (\w+) are in "([^"]+)" together$"#,
            "Both accepted, were acknowledged and stay; the caller got one acceptance.",
            |scene, args| Box::pin(all_joined(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" reaches everybody in "([^"]+)", also (\w+)'s (\w+)(?: and (?:his|her|their) (\w+))?$"#,
            "What was said comes unchanged to these devices, and to the other side if a device said it.",
            |scene, args| Box::pin(reaches_all(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+), which has left "([^"]+)", gets nothing of "([^"]+)"$"#,
            "Nothing that was said afterwards comes to the device, and the session stands for everybody else.",
            |scene, args| Box::pin(nothing_after(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the author of "([^"]+)" in "([^"]+)" learns that (\w+) was shown it$"#,
            "Once at least, and once for each device that showed it at most.",
            |scene, args| Box::pin(shown(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" is on (\w+)'s (\w+) alone$"#,
            "The session came to be there, and no other device was called for it.",
            |scene, args| Box::pin(only_there(scene, args)),
        ),
    ]
}

fn moves() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) has moved from (?:his|her|their) (\w+) to (?:his|her|their) (\w+)$"#,
            "It stands at the other device under the same identifiers, the first is let go, the other side noticed no end.",
            |scene, args| Box::pin(moved(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of (\w+) stays at (?:his|her|their) (\w+), for (?:his|her|their) (\w+) cannot have it$"#,
            "The attempt of the other device failed, and nobody was told that the session is over.",
            |scene, args| Box::pin(stays(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" is not lost in "([^"]+)" of (\w+)(?:, and is at (?:his|her|their) (\w+))?$"#,
            "What was said arrives at the other side of the session, unchanged and under no second message id.",
            |scene, args| Box::pin(carried(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) is kept out of "([^"]+)" at (\w+)'s (\w+)$"#,
            "Whoever named the dialog of somebody else is refused and gets nothing of it; the session lives.",
            |scene, args| Box::pin(stranger(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) and (?:his|her|their) (\w+) have every message of "([^"]+)" together$"#,
            "A delivery that began at one device and went on at another is complete over both.",
            |scene, args| Box::pin(complete(scene, args)),
        ),
    ]
}

fn text(args: &Args, at: usize) -> String {
    args.text(at).to_owned()
}

/// The texts at these places that are there.
fn texts(args: &Args, places: &[usize]) -> Vec<String> {
    places.iter().map(|at| text(args, *at)).filter(|text| !text.is_empty()).collect()
}

/// How long an answer may take that passes through the target.
fn answered(scene: &Scene) -> Duration {
    scene.run.timers.answer
}

async fn offered(scene: &mut Scene, args: Args) -> Done {
    let (session, person, devices) = (text(&args, 0), text(&args, 1), texts(&args, &[2, 3]));
    scene.judge(multi_device::OfferedToAll { session, person, devices }, answered(scene)).await
}

async fn one_acceptance(scene: &mut Scene, args: Args) -> Done {
    let least = if args.text(2).is_empty() { 1 } else { 2 };
    let rule = multi_device::OneAcceptance { session: text(&args, 0), person: text(&args, 1), least };
    scene.judge(rule, answered(scene)).await
}

async fn who_stays(scene: &mut Scene, args: Args) -> Done {
    let (session, person, label) = (text(&args, 0), text(&args, 1), text(&args, 2));
    scene.judge(multi_device::WhoStaysTakesPart { session, person, label }, answered(scene)).await
}

async fn succeeds(scene: &mut Scene, args: Args) -> Done {
    let (session, person, device) = (text(&args, 0), text(&args, 1), text(&args, 2));
    scene.judge(multi_device::SucceedsAt { session, person, device }, answered(scene)).await
}

async fn best_answer(scene: &mut Scene, args: Args) -> Done {
    let (session, person, devices) = (text(&args, 0), text(&args, 1), texts(&args, &[2, 3]));
    scene.judge(multi_device::BestAnswer { session, person, devices }, answered(scene)).await
}

async fn declined(scene: &mut Scene, args: Args) -> Done {
    let (session, person) = (text(&args, 0), text(&args, 1));
    let rule = multi_device::DeclinedForUser { session, person, device: text(&args, 2), other: text(&args, 3) };
    scene.judge(rule, answered(scene)).await
}

async fn change_only(scene: &mut Scene, args: Args) -> Done {
    let (session, person, device) = (text(&args, 0), text(&args, 1), text(&args, 2));
    scene.judge(multi_device::ChangeReachesOnly { session, person, device }, answered(scene)).await
}

async fn change_all(scene: &mut Scene, args: Args) -> Done {
    let (session, person, devices) = (text(&args, 0), text(&args, 1), texts(&args, &[2, 3]));
    scene.judge(multi_device::ChangeReachesAll { session, person, devices }, answered(scene)).await
}

async fn in_turn(scene: &mut Scene, args: Args) -> Done {
    let (session, person, order) = (text(&args, 0), text(&args, 1), texts(&args, &[2, 3]));
    // What the vendor prepared is in an order that the vendor alone knows.
    let order = if scene.run.is_preset() { Vec::new() } else { order };
    let within = answered(scene) + scene.run.timers.no_answer;
    scene.judge(multi_device::CalledInTurn { session, person, order }, within).await
}

async fn all_joined(scene: &mut Scene, args: Args) -> Done {
    let (session, person, devices) = (text(&args, 3), text(&args, 0), texts(&args, &[1, 2]));
    scene.judge(multi_device::AllJoined { session, person, devices }, answered(scene)).await
}

async fn reaches_all(scene: &mut Scene, args: Args) -> Done {
    let (session, person, devices) = (text(&args, 1), text(&args, 2), texts(&args, &[3, 4]));
    let rule = multi_device::ReachesAll { session, person, label: text(&args, 0), devices };
    scene.judge(rule, scene.run.timers.msrp_response).await
}

async fn nothing_after(scene: &mut Scene, args: Args) -> Done {
    let (session, person) = (text(&args, 2), text(&args, 0));
    let rule = multi_device::NothingAfterLeaving { session, person, device: text(&args, 1), label: text(&args, 3) };
    scene.judge(rule, scene.run.timers.quiet).await
}

async fn shown(scene: &mut Scene, args: Args) -> Done {
    let (session, person, label) = (text(&args, 1), text(&args, 2), text(&args, 0));
    scene.judge(multi_device::ShownOnce { session, person, label }, scene.run.timers.quiet).await
}

async fn only_there(scene: &mut Scene, args: Args) -> Done {
    let (session, person, device) = (text(&args, 0), text(&args, 1), text(&args, 2));
    scene.judge(multi_device::OnlyThere { session, person, device }, scene.run.timers.quiet).await
}

async fn moved(scene: &mut Scene, args: Args) -> Done {
    let (session, person) = (text(&args, 0), text(&args, 1));
    let rule = continuity::MovedTo { session, person, from: text(&args, 2), to: text(&args, 3) };
    scene.judge(rule, answered(scene)).await
}

async fn stays(scene: &mut Scene, args: Args) -> Done {
    let (session, person) = (text(&args, 0), text(&args, 1));
    let rule = continuity::StaysAt { session, person, device: text(&args, 2), other: text(&args, 3) };
    scene.judge(rule, answered(scene)).await
}

async fn carried(scene: &mut Scene, args: Args) -> Done {
    let (session, person, label) = (text(&args, 1), text(&args, 2), text(&args, 0));
    let device = Some(text(&args, 3)).filter(|device| !device.is_empty());
    scene.judge(continuity::CarriedOver { session, person, label, device }, scene.run.timers.msrp_response).await
}

async fn stranger(scene: &mut Scene, args: Args) -> Done {
    let (session, person) = (text(&args, 1), text(&args, 2));
    let rule = continuity::StrangerKeptOut { session, person, device: text(&args, 3), stranger: text(&args, 0) };
    scene.judge(rule, answered(scene)).await
}

async fn complete(scene: &mut Scene, args: Args) -> Done {
    let (group, person) = (text(&args, 3), text(&args, 0));
    let rule = continuity::CompleteAtBoth { group, person, from: text(&args, 1), to: text(&args, 2) };
    scene.judge(rule, super::outcomes::drain_time(scene)).await
}
