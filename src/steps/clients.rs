//! A client under test: its user, its network, and what comes to it.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry};
use crate::actors::media::Media;
use crate::actors::participating_function::{Delivery, Ending, Home, Inviter, Lists, Telling};
use crate::world::{Done, Scene, Stop};
use cpm_wire::sdp::Direction;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given],
            r#"^(\w+)'s (\w+), under test, is registered$"#,
            "The client under test serves this user, and has registered. Its user switches it on where a hook stands for the user.",
            |scene, args| Box::pin(registered(scene, args)),
        ),
        entry(
            &[Given, When],
            r#"^(\w+) is invited to "([^"]+)" while (?:his|her|their) client is away$"#,
            "The participating function stands in: what is said from here on, and who comes and goes, is kept for the client.",
            |scene, args| Box::pin(invited(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s session of "([^"]+)" breaks off$"#,
            "The network ends the session; what follows is kept for the client.",
            |scene, args| Box::pin(breaks_off(scene, args)),
        ),
        entry(
            &[When],
            r#"^what (\w+) missed of "([^"]+)" is delivered in (a session of its own|a session that goes on)(?:, with the lists in between (by notification|in the session)( and no final one| and the last change in the final one alone)?)?(, in nobody's name|, in the name of a member without a number)?$"#,
            "The participating function invites the client and sends what was kept, one item after the other. In a session of \
             its own the client only receives. Without a final list the last change is not told at all.",
            |scene, args| Box::pin(delivered(scene, args)),
        ),
        entry(
            &[When],
            r#"^"([^"]+)" of "([^"]+)" is delivered to (\w+) once more$"#,
            "The same message again in the open session, under the same message id.",
            |scene, args| Box::pin(once_more(scene, args)),
        ),
        entry(
            &[When],
            r#"^the delivery of "([^"]+)" to (\w+) ends$"#,
            "The participating function ends the session, when everything in it is answered.",
            |scene, args| Box::pin(delivery_ends(scene, args)),
        ),
        entry(
            &[When],
            r#"^notifications stored for (\w+) in "([^"]+)" are delivered in a session of their own(, whose sender nobody vouches for)?$"#,
            "A session for stored notifications, opened in the name of the store.",
            |scene, args| Box::pin(notifications(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)'s (\w+) is told of the members of "([^"]+)" (by an old list|by a list with a gap before it|in words that nobody knows|in broken words|as they are)$"#,
            "A notification that a client has to bear, and at last one that it can use.",
            |scene, args| Box::pin(told(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) (opens|restarts|rejoins|leaves) "([^"]+)" on (?:his|her|their) (\w+)$"#,
            "The user does something in a chat.",
            |scene, args| Box::pin(acts(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) says "([^"]+)" in "([^"]+)" on (?:his|her|their) (\w+)$"#,
            "The user says something, and asks for reports.",
            |scene, args| Box::pin(says(scene, args)),
        ),
    ]
}

async fn registered(scene: &mut Scene, args: Args) -> Done {
    let (person, device) = (args.text(0).to_owned(), args.text(1).to_owned());
    let identities = scene.draw_user_under_test()?;
    let identity = identities.first().cloned().unwrap_or_default();
    let address =
        scene.stage.listen().await?.map_err(|error| Stop::Harness(format!("no port for the network: {error}")))?;
    let timeout = scene.run.timers.msrp_response.max(std::time::Duration::from_secs(30));
    let advertised = scene.run.media_advertise();
    let before = scene.run.registration_of(&identity);
    let (name, own) = (person.clone(), device.clone());
    scene
        .stage
        .act(move |play| {
            play.link.claim(&identities);
            play.ensemble.served_user(&name, identities, "plain");
            let media = Media::new(&format!("participating_function/{name}"), address, timeout).told_as(advertised);
            play.ensemble.client_under_test(Home::new(&name, &own, &identity, media));
            if let Some((request, peer)) = before {
                play.ensemble.registered(&name, &request, Some(&peer));
            }
        })
        .await?;
    // Who has a hook is switched on anew; who has none may have come already, or comes in time.
    let there = |name: String| {
        move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
            ensemble.homes.get(&name).is_some_and(|home| home.registration.is_some())
        }
    };
    if scene.run.can_act() {
        scene.stage.act(|play| play.ensemble.forget_registrations()).await?;
        scene.act_as_user(&person, &device, "register", None, None).await?;
    }
    match scene.stage.until(scene.run.timers.answer, there(person.clone())).await? {
        true => Ok(()),
        false => Err(Scene::not_reached(format!("{person}'s client does not register"))),
    }
}

async fn invited(scene: &mut Scene, args: Args) -> Done {
    at_home(scene, args.text(0), args.text(1), |home, focus, signalling| home.invited_in_absence(focus, signalling))
        .await
}

/// Lets the home network of a person do something with a group.
async fn at_home(
    scene: &mut Scene,
    person: &str,
    group: &str,
    work: impl FnOnce(
        &mut Home,
        &mut crate::actors::controlling_function::Focus,
        &mut crate::actors::signalling::Signalling,
    ) + Send
    + 'static,
) -> Done {
    let (person, group) = (person.to_owned(), group.to_owned());
    let done = scene.stage.act(move |play| play.ensemble.with_home_and_focus(&person, &group, work)).await?;
    done.ok_or_else(|| Stop::Harness("a client or a group that was not introduced".to_owned()))
}

async fn breaks_off(scene: &mut Scene, args: Args) -> Done {
    let (person, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    at_home(scene, &person, &group, {
        let person = person.clone();
        move |home, focus, signalling| {
            focus.break_off(signalling, &person);
            home.lost(focus);
        }
    })
    .await?;
    let quiet = |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| !ensemble.signalling.anything_pending();
    scene.stage.until(scene.run.timers.answer, quiet).await?;
    Ok(())
}

async fn delivered(scene: &mut Scene, args: Args) -> Done {
    let (person, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    let direction = if args.text(2) == "a session of its own" { Direction::SendOnly } else { Direction::SendRecv };
    let lists = match args.text(3) {
        "" => Lists::None,
        "by notification" => Lists::Notifications,
        _ => Lists::Session,
    };
    let ending = match args.text(4) {
        "" => Ending::Whole,
        " and no final one" => Ending::Nothing,
        _ => Ending::FinalListAlone,
    };
    let inviter = match args.text(5) {
        "" => scene
            .stage
            .act({
                let group = group.clone();
                move |play| play.ensemble.first_member(&group).map(|name| play.ensemble.identity_of(&name))
            })
            .await?
            .map_or(Inviter::Nobody, Inviter::Member),
        ", in nobody's name" => Inviter::Nobody,
        // No user part at all: what a client that looks for a telephone number stumbles over.
        _ => Inviter::Member("sip:remote.example".to_owned()),
    };
    let delivery = Delivery { direction, inviter, lists, ending };
    at_home(scene, &person, &group, move |home, focus, signalling| {
        focus.kept_after_end = true;
        home.deliver(focus, signalling, &delivery);
    })
    .await?;
    settled(scene, person, group).await
}

/// Waits until what was sent to a client is answered, or can no longer be.
async fn settled(scene: &mut Scene, person: String, group: String) -> Done {
    let within = scene.run.timers.answer.max(scene.run.timers.msrp_response);
    let over = move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        let home = ensemble.homes.get(&person);
        home.is_none_or(|home| home.is_answered(&group) && !home.is_busy_with(&group))
            && !ensemble.signalling.anything_pending()
    };
    scene.stage.until(within, over).await?;
    Ok(())
}

async fn once_more(scene: &mut Scene, args: Args) -> Done {
    let (text, group, person) = (args.text(0).to_owned(), args.text(1).to_owned(), args.text(2).to_owned());
    let (whose, of) = (person.clone(), group.clone());
    let sent = scene
        .stage
        .act(move |play| {
            let again = |home: &mut Home,
                         focus: &mut crate::actors::controlling_function::Focus,
                         signalling: &mut crate::actors::signalling::Signalling| {
                home.repeat(focus, signalling, &text)
            };
            play.ensemble.with_home_and_focus(&whose, &of, again)
        })
        .await?;
    if sent != Some(true) && !refused_or_left(scene, &person, &group).await? {
        return Err(Scene::not_reached(format!("there is no session in which something of {group} can be repeated")));
    }
    settled(scene, person, group).await
}

/// True when the client has refused a session of a group, or ended one: that is judged in the end.
async fn refused_or_left(scene: &mut Scene, person: &str, group: &str) -> Result<bool, Stop> {
    let (person, group) = (person.to_owned(), group.to_owned());
    let gone = move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        ensemble.homes.get(&person).is_some_and(|home| home.is_turned_down(&group))
    };
    Ok(scene.stage.until(std::time::Duration::ZERO, gone).await?)
}

async fn delivery_ends(scene: &mut Scene, args: Args) -> Done {
    let (group, person) = (args.text(0).to_owned(), args.text(1).to_owned());
    settled(scene, person.clone(), group.clone()).await?;
    let of = group.clone();
    at_home(scene, &person, &group, move |home, _, signalling| home.end(signalling, &of)).await?;
    settled(scene, person, group).await
}

async fn notifications(scene: &mut Scene, args: Args) -> Done {
    let (person, group) = (args.text(0).to_owned(), args.text(1).to_owned());
    let asserted = args.text(2).is_empty();
    at_home(scene, &person, &group, move |home, focus, signalling| {
        home.deliver_notifications(focus, signalling, asserted);
    })
    .await?;
    settled(scene, person, group).await
}

async fn told(scene: &mut Scene, args: Args) -> Done {
    let (person, group) = (args.text(0).to_owned(), args.text(2).to_owned());
    let telling = match args.text(3) {
        "by an old list" => Telling::Old,
        "by a list with a gap before it" => Telling::Gap,
        "in words that nobody knows" => Telling::Unknown,
        "in broken words" => Telling::Broken,
        _ => Telling::Anew,
    };
    let of = group.clone();
    let watched = move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        ensemble.focuses.get(&of).is_some_and(|focus| !focus.watchers.is_empty())
    };
    if !scene.stage.until(scene.run.timers.answer, watched).await? {
        return match asked_once(scene, &group).await? {
            // What has become of the subscription is judged in the end.
            true => Ok(()),
            false => Err(Scene::not_reached(format!("{person}'s client does not ask who is in \"{group}\""))),
        };
    }
    let of = group.clone();
    scene
        .stage
        .act(move |play| play.ensemble.with_focus(&of, |focus, signalling| focus.tell(signalling, telling)))
        .await?;
    settled(scene, person, group).await
}

/// True when the client has asked for the members of a group, whatever became of it.
async fn asked_once(scene: &mut Scene, group: &str) -> Result<bool, Stop> {
    let of = group.to_owned();
    let asked = move |_: &crate::actors::Ensemble, story: &crate::story::Story| {
        story.subscriptions().iter().any(|one| one.by_target && one.group.as_deref() == Some(&of))
    };
    Ok(scene.stage.until(std::time::Duration::ZERO, asked).await?)
}

async fn acts(scene: &mut Scene, args: Args) -> Done {
    let (person, group, device) = (args.text(0).to_owned(), args.text(2).to_owned(), args.text(3).to_owned());
    let act = match args.text(1) {
        "opens" => "open",
        "restarts" => "restart",
        "rejoins" => "rejoin",
        _ => "leave",
    };
    if act == "restart" {
        informed(scene, &person, &group).await?;
    }
    scene.act_as_user(&person, &device, act, Some(&group), None).await?;
    followed(scene, person, group).await
}

/// Waits until a client that asks who is in a group since something of it was delivered is told: a restart is about those. One
/// that does not ask is waited for as long as answers may take.
async fn informed(scene: &mut Scene, person: &str, group: &str) -> Done {
    let (person, group) = (person.to_owned(), group.to_owned());
    let told = move |ensemble: &crate::actors::Ensemble, story: &crate::story::Story| {
        let delivered = story.legs().iter().filter(|leg| !leg.by_target && leg.person.as_deref() == Some(&person));
        let invited = delivered.filter(|leg| leg.group.as_deref() == Some(&group)).map(|leg| leg.invited).max();
        let mut asked =
            story.subscriptions().iter().filter(|one| one.by_target && one.group.as_deref() == Some(&group));
        let watches = ensemble.focuses.get(&group).is_some_and(|focus| !focus.watchers.is_empty());
        (watches || asked.any(|one| Some(one.frame) > invited)) && !ensemble.signalling.anything_pending()
    };
    scene.stage.until(scene.run.timers.answer, told).await?;
    Ok(())
}

async fn says(scene: &mut Scene, args: Args) -> Done {
    let (person, text) = (args.text(0).to_owned(), args.text(1).to_owned());
    let (group, device) = (args.text(2).to_owned(), args.text(3).to_owned());
    scene.act_as_user(&person, &device, "send", Some(&group), Some(&text)).await?;
    let (of, what) = (group.clone(), text.clone());
    let heard = move |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        ensemble.focuses.get(&of).is_some_and(|focus| focus.said.iter().any(|said| said.text == what))
    };
    match scene.stage.until(scene.run.timers.answer, heard).await? {
        true => Ok(()),
        false => Err(Scene::not_reached(format!("{person}'s client does not send {text:?} to \"{group}\""))),
    }
}

/// What a user did may take its time on the wire; nothing is demanded of it here.
async fn followed(scene: &mut Scene, person: String, group: String) -> Done {
    scene.stage.quiet(scene.run.timers.quiet).await?;
    settled(scene, person, group).await
}
