//! What served users wish, and what their provider orders about them.

use super::Keyword::{Given, When};
use super::sessions::settle_call;
use super::{Args, StepEntry, captured, compiled, entry, groups};
use crate::actors::call::{Naming, Party};
use crate::actors::preference_server::{Change, DeviceWish, Medium, Order, Way};
use crate::world::{Done, Scene, Stop};
use gherkin::{Step, StepType};
use regex::bytes::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The sentences about a user's own wishes: who wishes, what, and whom or what it is about.
const WISHES: [(&str, &str); 15] = [
    (r"^(\w+) (blocks) (\w+)$", "Calls and messages of somebody are to be refused."),
    (r"^(\w+) (allows) (\w+) again$", "Calls and messages of somebody are no longer to be refused."),
    (
        r"^(\w+) (refuses anonymous callers)$",
        "Calls and messages of those who do not say who they are are to be refused.",
    ),
    (r"^(\w+) (refuses) (messages|sound|video) in sessions$", "A medium is not wanted in sessions."),
    (r"^(\w+) (is set) (available|unavailable)$", "The user wishes to be reached, or not."),
    (
        r"^(\w+) (may not call|may call|may not write to|may write to) (\w+)(?: again)?$",
        "What the user's own rules say of calls and messages to somebody.",
    ),
    (r"^(\w+) (wants messages to wait)$", "What comes is to be kept until the user wishes otherwise."),
    (r"^(\w+) (wants messages at once)(?: again)?$", "What comes is to be delivered when it comes."),
    (
        r"^(\w+) (wants to be reached by other services|wants messages kept) while offline$",
        "Whether what comes while the user is offline is to be interworked.",
    ),
    (
        r"^(\w+) (wants conversations kept|wants no conversations kept)$",
        "Whether the user's conversations are put into the history.",
    ),
    (r"^(\w+) (hides|shows) (?:his|her|their) identity$", "Whether those who are called may learn who the user is."),
    (r"^(\w+)('s devices are called one after the other): (.+)$", "The order in which the user's devices are called."),
    (r"^(\w+) (wants (?:sessions|messages) on) (?:his|her|their) (\w+) only$", "One device alone is to be reached."),
    (r"^(\w+) (wants sessions on every device at once)$", "All devices are called, and all that answer stay."),
    (r"^(\w+) (has no wish) about (?:his|her|their) devices$", "What was wished of devices holds no longer."),
];

pub(super) fn steps() -> Vec<StepEntry> {
    let wishes = WISHES
        .iter()
        .map(|(pattern, what)| entry(&[Given, When], pattern, what, |scene, args| Box::pin(wishes(scene, args))));
    let others = [
        entry(
            &[Given, When],
            r"^the provider (forbids|allows) (\w+) to call (\w+)$",
            "The provider's policy about a served user, whatever the user wishes.",
            |scene, args| Box::pin(rules(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^the provider is neutral about (\w+)$",
            "The provider leaves it to the user.",
            |scene, args| Box::pin(leaves(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? calls (\w+) for "([^"]+)" without saying who (?:he|she|they) (?:is|are)$"#,
            "A call whose From names nobody and which asks for privacy (RFC 3325 section 9); the network knows who it is.",
            |scene, args| Box::pin(calls(scene, args, Naming::Private)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? calls (\w+) for "([^"]+)" under no name$"#,
            "A call whose From names nobody, and which asks for no privacy by itself.",
            |scene, args| Box::pin(calls(scene, args, Naming::Nameless)),
        ),
    ];
    wishes.chain(others).collect()
}

/// What a sentence of [`WISHES`] says.
fn read(args: &Args) -> Option<(String, Change)> {
    let other = || args.text(2).to_owned();
    let change = match args.text(1) {
        "blocks" => Change::Bars(Way::Terminating, other(), true),
        "allows" => Change::Bars(Way::Terminating, other(), false),
        "refuses anonymous callers" => Change::RefusesAnonymous,
        "refuses" => Change::RefusesMedium(match args.text(2) {
            "messages" => Medium::Message,
            "sound" => Medium::Audio,
            _ => Medium::Video,
        }),
        "is set" => Change::Available(args.text(2) == "available"),
        "may not call" | "may not write to" => Change::Bars(Way::Originating, other(), true),
        "may call" | "may write to" => Change::Bars(Way::Originating, other(), false),
        "wants messages to wait" => Change::Defers(true),
        "wants messages at once" => Change::Defers(false),
        "wants to be reached by other services" => Change::Interworks(true),
        "wants messages kept" => Change::Interworks(false),
        "wants conversations kept" => Change::Keeps(true),
        "wants no conversations kept" => Change::Keeps(false),
        "hides" => Change::Hides(true),
        "shows" => Change::Hides(false),
        "'s devices are called one after the other" => devices(Order::Sequential, groups::names(args.text(2)), false),
        "wants sessions on" | "wants messages on" => devices(Order::Parallel, vec![other()], true),
        "wants sessions on every device at once" => devices(Order::All, Vec::new(), false),
        "has no wish" => Change::Devices(None),
        _ => return None,
    };
    Some((args.text(0).to_owned(), change))
}

const fn devices(order: Order, devices: Vec<String>, only: bool) -> Change {
    Change::Devices(Some(DeviceWish { order, devices, only }))
}

/// The classes of prepared users who fit the first wish of each person in a scenario.
pub fn classes(steps: &[Step]) -> BTreeMap<String, &'static str> {
    static PATTERNS: LazyLock<Vec<Regex>> =
        LazyLock::new(|| WISHES.iter().filter_map(|(pattern, _)| compiled(pattern)).collect());
    let mut classes = BTreeMap::new();
    // Nobody is prepared for what is to change later.
    for step in steps.iter().filter(|step| step.ty == StepType::Given) {
        let Some(found) = PATTERNS.iter().find_map(|pattern| pattern.captures(step.value.as_bytes())) else {
            continue;
        };
        let args = Args { captures: captured(&found), table: Vec::new() };
        let Some((person, change)) = read(&args) else { continue };
        // A wish that no class is for leaves a plain user.
        classes.entry(person).or_insert_with(|| change.class().unwrap_or("plain"));
    }
    classes
}

async fn wishes(scene: &mut Scene, args: Args) -> Done {
    let wish = read(&args).ok_or_else(|| Stop::Harness("nobody knows such a wish".to_owned()))?;
    holds(scene, wish.0, wish.1).await
}

async fn rules(scene: &mut Scene, args: Args) -> Done {
    let (allows, caller, callee) = (args.text(0) == "allows", args.text(1).to_owned(), args.text(2).to_owned());
    let (one, other) = (caller.clone(), callee.clone());
    let served = scene.stage.act(move |play| play.ensemble.serves(&one, &other)).await?;
    let (person, way) =
        served.ok_or_else(|| Stop::Harness(format!("neither {caller} nor {callee} is a served user")))?;
    let other = if way == Way::Terminating { caller } else { callee };
    holds(scene, person, Change::Ruled(way, other, allows)).await
}

async fn leaves(scene: &mut Scene, args: Args) -> Done {
    holds(scene, args.text(0).to_owned(), Change::Neutral).await
}

/// Makes known that something holds from now on, and waits until it does.
async fn holds(scene: &mut Scene, person: String, change: Change) -> Done {
    let prepared_for = scene.prepared_for.remove(&person);
    let means = scene.run.means(&change, prepared_for)?;
    if let (Some(identity), Change::Bars(_, other, _)) = (scene.run.blocked_caller(), &change) {
        let (name, other) = (other.clone(), other.clone());
        if !scene.stage.act(move |play| play.ensemble.known_as(&name, &identity)).await? {
            return Err(Scene::not_reached(format!("{other} was somebody else before being blocked")));
        }
    }
    let name = person.clone();
    let wish = scene.stage.act(move |play| play.ensemble.prefers(&name, change)).await?;
    let wish = wish.ok_or_else(|| Stop::Harness(format!("{person}, or a device, was not introduced")))?;
    scene.run.provide(means, &scene.stage, &scene.id, wish).await
}

async fn calls(scene: &mut Scene, args: Args, naming: Naming) -> Done {
    let caller: Party = super::sessions::party(&args, 0);
    let (callee, session) = (args.text(2).to_owned(), args.text(3).to_owned());
    let (end, name) = (caller.clone(), session.clone());
    let called = scene.stage.act(move |play| {
        play.ensemble.with_calls(&end, |calls, _| calls.manner.naming = naming);
        let called = play.ensemble.calls(&end, &callee, &name);
        play.ensemble.with_calls(&end, |calls, _| calls.manner.naming = Naming::Named);
        called
    });
    if !called.await? {
        return Err(Stop::Harness(format!("a call for {session:?}, which was not introduced")));
    }
    settle_call(scene, &caller, &session).await
}
