//! Messages that are to wait: who asks for that and how long, and what devices do about what waits.

use super::Keyword::{Given, When};
use super::devices;
use super::messages::{dispositions, post, post_large, to_one};
use super::{Args, StepEntry, entry};
use crate::actors::Ensemble;
use crate::actors::call::Party;
use crate::actors::client::deferred::Waits;
use crate::actors::message::Letter;
use crate::actors::session::DEFERRED_SERVICE;
use crate::actors::signalling::DeviceKey;
use crate::world::{Done, Scene, Stop};
use cpm_wire::sip::Name;
use std::time::Duration;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r#"^(\w+) sends (\w+) the (large )?message "([^"]+)", to be kept for (\d+) seconds( in the way of CPM)?(?:, asking for reports of ([\w, ]+))?$"#,
            "A message whose author says how long it is to be kept: by the header of RFC 3428, or by that of CPM.",
            |scene, args| Box::pin(sends_for_a_time(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) sends (\w+) the (large )?message "([^"]+)", (asking that it waits|by the service for what waits)$"#,
            "A message whose author asks that it is kept at first: by a wish of RFC 3841, or by the service that it names.",
            |scene, args| Box::pin(sends_to_wait(scene, args)),
        ),
        entry(&[When], r"^(\d+) seconds pass$", "Nothing is done for so long.", |scene, args| {
            Box::pin(passes(scene, args))
        }),
        entry(
            &[Given, When],
            r"^(\w+)'s (\w+) (asks|does not ask) to be told what waits$",
            "Whether the device subscribes to word of messages that wait, at once or when it registers.",
            |scene, args| Box::pin(asks(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^(\w+) chooses on (?:his|her|their) (\w+) what to fetch$",
            "The device fetches nothing of what it is told of, until its user says so.",
            |scene, args| Box::pin(chooses(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) fetches (?:the message "([^"]+)"|a message that nobody sent)$"#,
            "The device asks for one message, whether it waits or not.",
            |scene, args| Box::pin(fetches(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) rejects the message "([^"]+)"$"#,
            "The device says that its user does not want a message that waits.",
            |scene, args| Box::pin(rejects(scene, args)),
        ),
    ]
}

fn key(args: &Args) -> DeviceKey {
    (args.text(0).to_owned(), args.text(1).to_owned())
}

async fn sends_for_a_time(scene: &mut Scene, args: Args) -> Done {
    let seconds = args.text(4).to_owned();
    let name = if args.text(5).is_empty() { Name::Expires } else { Name::MessageExpires };
    let asked = dispositions(args.text(6));
    let change = move |letter: &mut Letter| {
        letter.dispositions = asked;
        letter.more.push((name, seconds));
    };
    sends(scene, &args, change).await
}

async fn sends_to_wait(scene: &mut Scene, args: Args) -> Done {
    let asks = args.text(4) == "asking that it waits";
    let change = move |letter: &mut Letter| {
        if asks {
            letter.more.push((Name::RequestDisposition, "queue".to_owned()));
        } else {
            letter.asks_for = Some(DEFERRED_SERVICE);
        }
    };
    sends(scene, &args, change).await
}

async fn sends(scene: &mut Scene, args: &Args, change: impl FnOnce(&mut Letter) + Send + 'static) -> Done {
    let author = Party { person: args.text(0).to_owned(), device: None };
    let addressed = to_one(args.text(1));
    match args.text(2) {
        "" => post(scene, author, addressed, args.text(3), change).await,
        _ => post_large(scene, author, addressed, args.text(3), change).await,
    }
}

async fn passes(scene: &mut Scene, args: Args) -> Done {
    let seconds = args.text(0).parse().unwrap_or_default();
    Ok(scene.stage.quiet(Duration::from_secs(seconds) + scene.run.timers.rtt_allowance).await?)
}

async fn asks(scene: &mut Scene, args: Args) -> Done {
    let (device, asks) = (key(&args), args.text(2) == "asks");
    devices::make(scene, &device, true).await?;
    scene
        .stage
        .act(move |play| {
            play.ensemble.with_device(&device, |device, signalling| {
                device.waiting.asks = Some(asks);
                if asks && device.registered {
                    device.asks_for_word(signalling);
                }
            })
        })
        .await?;
    settle(scene).await
}

async fn chooses(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    devices::make(scene, &device, true).await?;
    scene.stage.act(move |play| play.ensemble.with_device(&device, |device, _| device.waiting.chooses = true)).await?;
    Ok(())
}

/// The identifiers of a message by its name; those of one that nobody sent, where there is no name.
pub(super) async fn identifiers(scene: &mut Scene, label: &str) -> Result<Waits, Stop> {
    let label = label.to_owned();
    let known = scene.stage.act(move |play| match label.as_str() {
        "" => Some(play.ensemble.unheard_of()),
        label => play.ensemble.sent(label).map(|sent| sent.waits.clone()),
    });
    let known = known.await?;
    known.ok_or_else(|| Stop::Harness("a message that nobody sent".to_owned()))
}

async fn fetches(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let waits = identifiers(scene, args.text(2)).await?;
    let (at, contribution) = (device.clone(), waits.contribution.clone());
    if !scene.stage.act(move |play| play.ensemble.device_fetches(&device, &waits)).await? {
        return Err(Stop::Harness("a device that was not introduced".to_owned()));
    }
    let over = move |ensemble: &Ensemble, _: &crate::story::Story| {
        ensemble.devices.get(&at).is_some_and(|device| device.has_fetched(&contribution))
    };
    // What is not over by then is for the rules.
    scene.stage.until(scene.run.timers.answer, over).await?;
    Ok(())
}

async fn rejects(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let waits = identifiers(scene, args.text(2)).await?;
    if !scene.stage.act(move |play| play.ensemble.device_rejects(&device, &waits)).await? {
        return Err(Stop::Harness("a device that was not introduced".to_owned()));
    }
    settle(scene).await
}

pub(super) async fn settle(scene: &mut Scene) -> Done {
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}
