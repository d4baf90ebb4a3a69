//! Devices: they register and go, lose their connection, answer or do not, speak and join.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry, speech};
use crate::actors::client::{Client, Conduct, LegState};
use crate::actors::media::Media;
use crate::actors::signalling::DeviceKey;
use crate::verdict::Blame;
use crate::world::{Done, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r"^(\w+)'s (\w+) registers(?: again)?$",
            "The serving CSCF tells the target that the device is registered, or registered anew.",
            |scene, args| Box::pin(registers(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+), which cannot chat, registers$",
            "The same for a device that registers without the feature tags of CPM sessions.",
            |scene, args| Box::pin(registers_without_chat(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) registers while these messages are sent to "([^"]+)":$"#,
            "Registration and messages at the same time, without waiting for one another.",
            |scene, args| Box::pin(registers_meanwhile(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+), which can chat now, registers again$",
            "A device that registered without the feature tags of CPM sessions registers anew with them.",
            |scene, args| Box::pin(can_chat_now(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) registers, and amid the delivery these messages are sent to "([^"]+)":$"#,
            "As soon as the device has something of the group, members say something more, all at once.",
            |scene, args| Box::pin(amid_the_delivery(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) rejoins "([^"]+)" and registers$"#,
            "Both at the same time, the rejoin first.",
            |scene, args| Box::pin(rejoins_and_registers(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) will rejoin when it is invited$",
            "The next invitation to a group that reaches the device crosses with its own wish to be in it.",
            |scene, args| Box::pin(will_cross(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) is deregistered by (the user|the network)$",
            "The serving CSCF tells the target that the device is gone; its connections break.",
            |scene, args| Box::pin(deregistered(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) loses its connection( and its registration)?$",
            "The device's connections break without a word; with the registration, the serving CSCF tells the target.",
            |scene, args| Box::pin(loses_connection(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) falls silent$",
            "The device answers nothing any more, though its connections stay open.",
            |scene, args| Box::pin(falls_silent(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^(\w+)'s (\w+) answers invitations with nothing but ringing$",
            "From now on the device rings and never answers.",
            |scene, args| Box::pin(conduct(scene, args, Conduct::Ring)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) answers invitations with "(busy|unavailable|timed out|declined)"$"#,
            "From now on the device refuses invitations in this way.",
            |scene, args| Box::pin(refuses(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) accepts invitations again$",
            "From now on the device accepts invitations at once, as every device does at first.",
            |scene, args| Box::pin(conduct(scene, args, Conduct::Accept)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) takes (no notifications in a session|notifications in a session again)$",
            "Whether the device lists disposition notifications among the types that it takes in sessions.",
            |scene, args| Box::pin(takes_notifications(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) will lose its connection after (\d+) messages of "([^"]+)"$"#,
            "The device's connection breaks once it has acknowledged so many messages of the group in one session.",
            |scene, args| Box::pin(will_lose_connection(scene, args)),
        ),
        entry(
            &[When],
            r"^(\w+)'s (\w+) has lost its connection$",
            "Waits until what the device was told to do has happened.",
            |scene, args| Box::pin(has_lost_connection(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) sends "([^"]+)" to "([^"]+)"$"#,
            "The device says something in a group, and asks for reports of delivery and display.",
            |scene, args| Box::pin(sends(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) rejoins "([^"]+)"$"#,
            "The device invites itself at the identity of the group session.",
            |scene, args| Box::pin(rejoins(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) asks anew for the members of "([^"]+)"$"#,
            "A further subscription of the device to the roster.",
            |scene, args| Box::pin(asks_for_members(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) asks to add (\w+) to "([^"]+)"$"#,
            "The device asks the group, in its session, to add somebody.",
            |scene, args| Box::pin(asks_to_add(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) restarts "([^"]+)" with the list that it holds$"#,
            "The device calls the conference factory with the members of the list that it was given.",
            |scene, args| Box::pin(restarts(scene, args)),
        ),
    ]
}

fn key(args: &Args) -> DeviceKey {
    (args.text(0).to_owned(), args.text(1).to_owned())
}

/// Makes a device if the person has none of that name.
pub(super) async fn make(scene: &mut Scene, key: &DeviceKey, can_chat: bool) -> Done {
    let wanted = key.clone();
    if scene.stage.act(move |play| play.ensemble.devices.contains_key(&wanted)).await? {
        return Ok(());
    }
    let address =
        scene.stage.listen().await?.map_err(|error| Stop::Harness(format!("no port for a device: {error}")))?;
    let timeout = scene.run.timers.msrp_response;
    let advertised = scene.run.media_advertise();
    let key = key.clone();
    let known = scene
        .stage
        .act(move |play| {
            let identity = play.ensemble.identity_of(&key.0);
            let signalling = &mut play.ensemble.signalling;
            let instance = format!("urn:uuid:{}", signalling.ids.uuid());
            let contact = format!("sip:{}@{}", signalling.ids.token(), signalling.cscf.advertise);
            let media = Media::new(&format!("device/{}/{}", key.0, key.1), address, timeout).told_as(advertised);
            let device = Client::new(key, &identity, instance, contact, can_chat, media);
            play.ensemble.device(device);
            !identity.is_empty()
        })
        .await?;
    if known { Ok(()) } else { Err(Stop::Harness("a device of somebody who was not introduced".to_owned())) }
}

/// Registers a device, and waits until the target has answered the serving CSCF.
pub(super) async fn switch_on(scene: &mut Scene, person: &str, device: &str, trigger: &'static str) -> Done {
    let key = (person.to_owned(), device.to_owned());
    make(scene, &key, true).await?;
    // What waits, the target is about to deliver.
    scene.probe(person).await?;
    scene.last_trigger = scene
        .stage
        .act(move |play| {
            let frame = play.next_frame();
            play.ensemble.register(&key, trigger);
            frame
        })
        .await?;
    settle_registrations(scene).await
}

async fn settle_registrations(scene: &mut Scene) -> Done {
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.registers_pending()).await?;
    let Some(settling) = scene.run.core_settles() else { return Ok(()) };
    // The core answers the device, and tells the target by itself: when, nobody sees.
    scene.stage.until(settling, |ensemble, _| ensemble.registration_failed().is_some()).await?;
    let failed = scene.stage.act(|play| play.ensemble.registration_failed().map(str::to_owned)).await?;
    failed.map_or(Ok(()), |why| Err(Stop::Unseen { why, blame: Blame::Configuration }))
}

async fn registers(scene: &mut Scene, args: Args) -> Done {
    switch_on(scene, args.text(0), args.text(1), "registration").await
}

async fn registers_without_chat(scene: &mut Scene, args: Args) -> Done {
    let key = key(&args);
    make(scene, &key, false).await?;
    scene.stage.act(move |play| play.ensemble.register(&key, "registration without chat")).await?;
    settle_registrations(scene).await
}

async fn can_chat_now(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    scene.stage.act(move |play| play.ensemble.chats_now(&device)).await?;
    switch_on(scene, args.text(0), args.text(1), "registration with the tag").await
}

async fn amid_the_delivery(scene: &mut Scene, args: Args) -> Done {
    let lines = speech::lines(&args)?;
    switch_on(scene, args.text(0), args.text(1), "registration").await?;
    let (person, group, within) = (args.text(0).to_owned(), args.text(2).to_owned(), scene.run.timers.drain);
    // Without a delivery within that time the messages are sent all the same: what it means is for the rules.
    scene.stage.until(within, move |ensemble, _| ensemble.has_begun_to_receive(&person, &group)).await?;
    speech::send(scene, args.text(2), lines).await?;
    speech::settle(scene, args.text(2)).await
}

async fn rejoins_and_registers(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    make(scene, &device, true).await?;
    let group = args.text(2).to_owned();
    scene.last_trigger = scene
        .stage
        .act(move |play| {
            let frame = play.next_frame();
            play.ensemble.device_joins(&device, &group, None, "rejoin");
            play.ensemble.register(&device, "registration");
            frame
        })
        .await?;
    settle_registrations(scene).await?;
    settle_joining(scene, &args).await
}

async fn will_cross(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    make(scene, &device, true).await?;
    scene.stage.act(move |play| play.ensemble.with_device(&device, |device, _| device.crosses = true)).await?;
    Ok(())
}

async fn asks_for_members(scene: &mut Scene, args: Args) -> Done {
    let (device, group) = (key(&args), args.text(2).to_owned());
    let asked = scene.stage.act(move |play| play.ensemble.device_asks_for_members(&device, &group)).await?;
    if !asked {
        return Err(Scene::not_reached("the device was never told where the group is"));
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn asks_to_add(scene: &mut Scene, args: Args) -> Done {
    let (device, wanted, group) = (key(&args), args.text(2).to_owned(), args.text(3).to_owned());
    let (at, of, within) = (device.clone(), group.clone(), scene.run.timers.drain);
    scene.stage.until(within, move |ensemble, _| ensemble.takes_part(&at.0, &at.1, &of)).await?;
    if !scene.stage.act(move |play| play.ensemble.device_adds(&device, &group, &wanted)).await? {
        return Err(Scene::not_reached(format!("{}'s {} has no session in which to ask", args.text(0), args.text(1))));
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn registers_meanwhile(scene: &mut Scene, args: Args) -> Done {
    let key = key(&args);
    make(scene, &key, true).await?;
    let (half, rest) = speech::halves(speech::lines(&args)?);
    speech::send(scene, args.text(2), half).await?;
    scene.stage.act(move |play| play.ensemble.register(&key, "registration")).await?;
    speech::send(scene, args.text(2), rest).await?;
    speech::settle(scene, args.text(2)).await
}

async fn deregistered(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let trigger = format!("deregistration by {}", args.text(2));
    scene
        .stage
        .act(move |play| {
            play.ensemble.deregister(&device, &trigger);
            play.ensemble.with_device(&device, |device, signalling| device.lose_connection(signalling, &trigger));
        })
        .await?;
    settle_registrations(scene).await
}

async fn loses_connection(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let goes = !args.text(2).is_empty();
    scene
        .stage
        .act(move |play| {
            play.ensemble
                .with_device(&device, |device, signalling| device.lose_connection(signalling, "loses its connection"));
            if goes {
                play.ensemble.deregister(&device, "deregistration after a loss");
            }
        })
        .await?;
    settle_registrations(scene).await
}

async fn falls_silent(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    scene.stage.act(move |play| play.ensemble.with_device(&device, Client::fall_silent)).await?;
    Ok(())
}

async fn conduct(scene: &mut Scene, args: Args, conduct: Conduct) -> Done {
    let device = key(&args);
    make(scene, &device, true).await?;
    scene.stage.act(move |play| play.ensemble.with_device(&device, |device, _| device.conduct = conduct)).await?;
    Ok(())
}

async fn refuses(scene: &mut Scene, args: Args) -> Done {
    let status = match args.text(2) {
        "busy" => 486,
        "unavailable" => 480,
        "timed out" => 408,
        _ => 603,
    };
    conduct(scene, args, Conduct::Refuse(status)).await
}

async fn takes_notifications(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let takes = args.text(2).ends_with("again");
    scene
        .stage
        .act(move |play| play.ensemble.with_device(&device, |device, _| device.takes_notifications = takes))
        .await?;
    Ok(())
}

async fn will_lose_connection(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    make(scene, &device, true).await?;
    let after = args.text(2).parse().unwrap_or_default();
    let group = args.text(3).to_owned();
    scene
        .stage
        .act(move |play| {
            let chat = play.ensemble.focuses.get(&group).map(|focus| focus.contribution.clone());
            play.ensemble.with_device(&device, |device, _| device.breaks_after = chat.map(|chat| (chat, after)));
        })
        .await?;
    Ok(())
}

async fn has_lost_connection(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let within = scene.run.timers.drain;
    let broke = move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        ensemble.devices.get(&device).is_some_and(|device| device.broke)
    };
    // Not delivered so far that it could break: the Then that awaits the content will say what is missing.
    scene.stage.until(within, broke).await?;
    Ok(())
}

async fn sends(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let (text, group) = (args.text(2).to_owned(), args.text(3).to_owned());
    let name = group.clone();
    let said = scene.stage.act(move |play| play.ensemble.device_says(&device, &group, &text)).await?;
    if !said {
        return Err(Scene::not_reached(format!("{}'s {} has no session in which to send", args.text(0), args.text(1))));
    }
    let text = args.text(2).to_owned();
    let within = scene.run.timers.answer;
    let arrived = scene
        .stage
        .until(within, move |ensemble, _| {
            ensemble.focuses.get(&name).is_some_and(|focus| focus.said.iter().any(|said| said.text == text))
        })
        .await?;
    if arrived { Ok(()) } else { Err(Scene::not_reached("the message of the device did not reach the group")) }
}

async fn rejoins(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let group = args.text(2).to_owned();
    scene.stage.act(move |play| play.ensemble.device_joins(&device, &group, None, "rejoin")).await?;
    settle_joining(scene, &args).await
}

async fn restarts(scene: &mut Scene, args: Args) -> Done {
    let device = key(&args);
    let group = args.text(2).to_owned();
    let factory = scene.run.factory();
    let held = scene.stage.act(move |play| play.ensemble.device_restarts(&device, &group, &factory)).await?;
    if !held {
        return Err(Scene::not_reached("the device holds no list with which to restart the group"));
    }
    settle_joining(scene, &args).await
}

async fn settle_joining(scene: &mut Scene, args: &Args) -> Done {
    let device = key(args);
    let within = scene.run.timers.answer;
    scene
        .stage
        .until(within, move |ensemble, _| {
            ensemble
                .devices
                .get(&device)
                .is_some_and(|device| device.legs.values().next_back().is_some_and(|leg| leg.state != LegState::Early))
        })
        .await?;
    Ok(())
}
