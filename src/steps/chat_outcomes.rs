//! What is to be seen of particular chats: quotas, private words, several devices, groups that moved, are closed, or whose
//! members hide. Every sentence here is a rule.

use super::Keyword::Then;
use super::groups::names;
use super::outcomes::{await_complete, drain_time, name, said};
use super::{Args, StepEntry, entry};
use crate::rules::missed_group_content as missed;
use crate::world::{Done, Scene};
use missed::{Asked, Reply};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^"([^"]+)" of "([^"]+)" is not delivered to (\w+)$"#,
            "One item reaches no device of the user: it was given up, is of a refused type, or is for somebody else.",
            |scene, args| Box::pin(never_reaches(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) receives of "([^"]+)" what (?:his|her|their) quota lets be kept$"#,
            "The set that arrives is the one that the declared conduct at the quota leaves.",
            |scene, args| Box::pin(quota_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^no sign of writing and no empty item of "([^"]+)" is delivered to (\w+)$"#,
            "What only passes is not kept.",
            |scene, args| Box::pin(nothing_transient(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of "([^"]+)" reaches (\w+) whole$"#,
            "One message arrives to the last octet, however it was cut.",
            |scene, args| Box::pin(came_whole(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" of "([^"]+)" reaches (\w+), for (?:him|her|them) alone$"#,
            "A private message arrives, and is still addressed to the user alone.",
            |scene, args| Box::pin(private_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) and then (?:his|her|their) (\w+) get of "([^"]+)" what the statement says for several devices$"#,
            "Each device gets the set once, or the second none; both get the final list.",
            |scene, args| Box::pin(each_device(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) returns to "([^"]+)" as the statement says, after (?:his|her|their) (\w+) has taken part$"#,
            "What the device that was there has seen comes to the other one by the declared preference.",
            |scene, args| Box::pin(returns_by_preference(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) gets on "([^"]+)" of "([^"]+)" no more delivery reports of (\w+) than the statement says$"#,
            "One delivery report, or one for each device.",
            |scene, args| Box::pin(reports_collapsed(scene, args)),
        ),
        entry(
            &[Then],
            r#"^what reaches (\w+) of "([^"]+)" leads to where it is now$"#,
            "Content of the old focus and the new one comes, and with it the identity and the list of the new one.",
            |scene, args| Box::pin(newest_focus(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the wish of (\w+) to (add somebody to|start|rejoin) "([^"]+)"(?: again)? is (granted|refused)$"#,
            "The wish reaches the newest focus, or the factory, and the device gets its answer.",
            |scene, args| Box::pin(answered(scene, args)),
        ),
        entry(
            &[Then],
            r#"^"([^"]+)" is still a closed group for (\w+)$"#,
            "Where a carrier shows the sort of the group, it shows the right one.",
            |scene, args| Box::pin(kind_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+) receives every message of "([^"]+)" up to (?:his|her|their) removal$"#,
            "Everything from the invitation to the moment in which the user was removed.",
            |scene, args| Box::pin(up_to_removal(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the messages of (\w+) in "([^"]+)" reach (\w+) under (?:his|her|their) name$"#,
            "The identity of an author who does not hide arrives.",
            |scene, args| Box::pin(identity_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^nothing tells (\w+) who hides in "([^"]+)"$"#,
            "The identity of one who hides stands in nothing that comes to the user's devices.",
            |scene, args| Box::pin(anonymity_kept(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the delivery reports of ([\w, ]+) on "([^"]+)" reach (\w+)$"#,
            "Each of them arrives, together or one by one.",
            |scene, args| Box::pin(all_reports_reach(scene, args)),
        ),
        entry(
            &[Then],
            r#"^(\w+)'s (\w+) receives "([^"]+)" in one stream$"#,
            "Complete, and no item twice, though the device and the target called one another.",
            |scene, args| Box::pin(one_stream(scene, args)),
        ),
    ]
}

async fn never_reaches(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    let rule = missed::NeverReaches { label: name(&args, 0), group: name(&args, 1), person: name(&args, 2) };
    scene.judge(rule, within).await
}

async fn quota_kept(scene: &mut Scene, args: Args) -> Done {
    let rule = missed::QuotaKept { person: name(&args, 0), group: name(&args, 1) };
    await_complete(scene, name(&args, 0), rule).await
}

async fn nothing_transient(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::NothingTransient { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn came_whole(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene);
    let rule = missed::CameWhole { label: name(&args, 0), group: name(&args, 1), person: name(&args, 2) };
    scene.judge(rule, within).await
}

async fn private_kept(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene);
    let rule = missed::PrivateKept { label: name(&args, 0), group: name(&args, 1), person: name(&args, 2) };
    scene.judge(rule, within).await
}

async fn each_device(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene) + scene.run.timers.notify_spacing;
    let (person, first, second) = (name(&args, 0), name(&args, 1), name(&args, 2));
    scene.judge(missed::EachDevice { person, group: name(&args, 3), first, second }, within).await
}

async fn returns_by_preference(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene);
    let (person, returning, live) = (name(&args, 0), name(&args, 1), name(&args, 3));
    scene.judge(missed::ReturnsByPreference { person, group: name(&args, 2), live, returning }, within).await
}

async fn reports_collapsed(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene).max(scene.run.timers.quiet);
    let (author, label, group, person) = (name(&args, 0), name(&args, 1), name(&args, 2), name(&args, 3));
    scene.judge(missed::ReportsCollapsed { author, person, group, label }, within).await
}

async fn newest_focus(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene) + scene.run.timers.notify_spacing;
    scene.judge(missed::NewestFocus { person: name(&args, 0), group: name(&args, 1) }, within).await
}

async fn answered(scene: &mut Scene, args: Args) -> Done {
    let what = match args.text(1) {
        "add somebody to" => Asked::Add,
        "start" => Asked::Restart,
        _ => Asked::Rejoin,
    };
    let outcome = if args.text(3) == "granted" { Reply::Granted } else { Reply::Refused };
    let within = scene.run.timers.answer;
    scene.judge(missed::Answered { person: name(&args, 0), group: name(&args, 2), what, outcome }, within).await
}

async fn kind_kept(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene);
    scene.judge(missed::KindKept { group: name(&args, 0), person: name(&args, 1) }, within).await
}

async fn up_to_removal(scene: &mut Scene, args: Args) -> Done {
    let rule = missed::UpToRemoval { person: name(&args, 0), group: name(&args, 1) };
    await_complete(scene, name(&args, 0), rule).await
}

async fn identity_kept(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene);
    let (identity_name, group, person) = (name(&args, 0), name(&args, 1), name(&args, 2));
    scene.judge(missed::IdentityKept { person, group, identity_name }, within).await
}

async fn anonymity_kept(scene: &mut Scene, args: Args) -> Done {
    let within = scene.run.timers.quiet;
    scene.judge(missed::AnonymityKept { person: name(&args, 0), group: name(&args, 1) }, within).await
}

async fn all_reports_reach(scene: &mut Scene, args: Args) -> Done {
    let (group, _) = said(scene, args.text(1)).await?;
    let within = drain_time(scene);
    let rule = missed::AllReportsReach {
        person: name(&args, 2),
        group,
        label: name(&args, 1),
        reporters: names(args.text(0)),
    };
    scene.judge(rule, within).await
}

async fn one_stream(scene: &mut Scene, args: Args) -> Done {
    let within = drain_time(scene).max(scene.run.timers.quiet);
    let (person, device, group) = (name(&args, 0), name(&args, 1), name(&args, 2));
    scene.judge(missed::OneStream { person, group, device }, within).await
}
