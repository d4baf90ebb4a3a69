//! Sessions between two: a served user and one of another network call each other, talk, hang up.

use super::Keyword::{Given, When};
use super::{Args, StepEntry, entry};
use crate::actors::Ensemble;
use crate::actors::call::{Answering, CallState, Calls, Party, Service, Words, Wrong};
use crate::actors::media::Media;
use crate::actors::signalling::{DeviceKey, Signalling};
use crate::evidence::{Event, What};
use crate::story::Story;
use crate::world::{Done, Scene, Stop};
use std::time::Duration;

/// The user does not want to be called.
const DECLINED: u16 = 603;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given],
            r#"^the (session|file transfer|voice call) "([^"]+)" of (\w+) with (\w+)(?: in the conversation of "([^"]+)")?$"#,
            "A session of a user of another network with a served user and the devices that he has, not begun yet: in a \
             conversation of its own, or in that of another session.",
            |scene, args| Box::pin(plan(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? calls (\w+) for "([^"]+)"$"#,
            "One end invites the other to the session, and it is answered, or rings.",
            |scene, args| Box::pin(calls(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^(\w+)(?:'s (\w+))? (rings when called|rings reliably when called|accepts calls again)$",
            "What the end does when it is called, from now on: it rings until it is told what to do, or accepts at once.",
            |scene, args| Box::pin(when_called(scene, args)),
        ),
        entry(
            &[Given, When],
            r#"^(\w+)(?:'s (\w+))? answers calls with "(busy|unavailable|declined|not acceptable here|forbidden|out of order)"$"#,
            "From now on the end refuses calls in this way.",
            |scene, args| Box::pin(refuses_calls(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? (picks up|turns down|withdraws the call for) "([^"]+)"$"#,
            "The called end accepts or refuses a call that rings, or the caller takes it back.",
            |scene, args| Box::pin(ends_the_ringing(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? (sends the call for|sends by a second way the call for) "([^"]+)"( again)?$"#,
            "The invitation of a session goes out once more: as it was, as if it had been lost, or by another branch of a \
             proxy, so that it is the same and yet another transaction.",
            |scene, args| Box::pin(calls_again(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? calls (\w+) for "([^"]+)" wrongly: ([\w ]+)$"#,
            "A call that is wrong, or asks too much: unknown dialog, bad description, without identifiers, unknown extension, \
             unknown proxy extension, no hops left.",
            |scene, args| Box::pin(calls_wrongly(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? says "([^"]+)" in "([^"]+)"$"#,
            "One end sends a message in the session, and its near side answers it.",
            |scene, args| Box::pin(says(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) begins as many sessions with (\w+) as the statement allows, "([^"]+)" the first$"#,
            "Sessions of one user of another network with a served one, one after the other, up to the limit of the statement.",
            |scene, args| Box::pin(up_to_the_limit(scene, args)),
        ),
        entry(&[When], r#"^(\w+)(?:'s (\w+))? hangs up "([^"]+)"$"#, "One end ends the session.", |scene, args| {
            Box::pin(hangs_up(scene, args))
        }),
    ]
}

/// The end that the captured texts `at` and `at + 1` name: a person, and for a served user the device.
pub(super) fn party(args: &Args, at: usize) -> Party {
    let device = Some(args.text(at + 1).to_owned()).filter(|device| !device.is_empty());
    Party { person: args.text(at).to_owned(), device }
}

/// Makes the end of a device of a served user, if there is none yet.
pub(super) async fn end_of_device(scene: &mut Scene, party: &Party) -> Done {
    let (end, device) = (party.clone(), party.device.clone().unwrap_or_default());
    if scene.stage.act(move |play| play.ensemble.calls.contains_key(&end)).await? {
        return Ok(());
    }
    let media = media(scene, party).await?;
    let key: DeviceKey = (party.person.clone(), device);
    let made = scene.stage.act(move |play| play.ensemble.device_end(&key, media).is_some()).await?;
    if made { Ok(()) } else { Err(Stop::Harness(format!("{} has no such device", party.person))) }
}

pub(super) async fn media(scene: &mut Scene, party: &Party) -> Result<Media, Stop> {
    let address =
        scene.stage.listen().await?.map_err(|error| Stop::Harness(format!("no port for a session: {error}")))?;
    let actor = match &party.device {
        Some(device) => format!("device/{}/{device}", party.person),
        None => format!("remote/{}", party.person),
    };
    let timeout = scene.run.timers.msrp_response.max(Duration::from_secs(30));
    Ok(Media::new(&actor, address, timeout).told_as(scene.run.media_advertise()))
}

async fn plan(scene: &mut Scene, args: Args) -> Done {
    let service = match args.text(0) {
        "session" => Service::Chat,
        "file transfer" => Service::FileTransfer,
        _ => Service::Voice,
    };
    let conversation = Some(args.text(4).to_owned()).filter(|other| !other.is_empty());
    introduce(scene, args.text(1), service, args.text(2), args.text(3), conversation).await
}

/// Brings a session in, and the ends that it may have.
async fn introduce(
    scene: &mut Scene,
    name: &str,
    service: Service,
    remote: &str,
    user: &str,
    conversation: Option<String>,
) -> Done {
    let (name, remote) = (name.to_owned(), remote.to_owned());
    let (of, who) = (user.to_owned(), remote.clone());
    let missing: Vec<Party> = scene
        .stage
        .act(move |play| {
            let devices: Vec<DeviceKey> = play.ensemble.devices.keys().filter(|key| key.0 == of).cloned().collect();
            let ends = devices.into_iter().map(|(person, device)| Party { person, device: Some(device) });
            let ends = ends.chain([Party { person: who, device: None }]);
            ends.filter(|party| !play.ensemble.calls.contains_key(party)).collect()
        })
        .await?;
    for party in missing {
        let media = media(scene, &party).await?;
        scene
            .stage
            .act(move |play| match &party.device {
                Some(device) => {
                    play.ensemble.device_end(&(party.person.clone(), device.clone()), media);
                }
                None => {
                    play.ensemble.remote_end(&party.person, media);
                }
            })
            .await?;
    }
    scene
        .stage
        .act(move |play| {
            let known = conversation.and_then(|other| play.ensemble.occasions.get(&other));
            let conversation = known.map(|known| known.conversation.clone());
            play.ensemble.plan(&name, &remote, service, conversation);
        })
        .await?;
    Ok(())
}

/// What an end was to do in a session came to nothing, for the target had not brought that about. It is written down, and the
/// rules that follow say what it means.
pub(super) async fn in_vain(scene: &mut Scene, text: String) -> Done {
    scene.stage.act(move |play| play.record(What::Event(Event::Note { text }))).await?;
    Ok(())
}

/// Lets one end do something; an end that was never introduced is the feature's mistake.
pub(super) async fn with_end<R: Send + 'static>(
    scene: &mut Scene,
    party: &Party,
    work: impl FnOnce(&mut Calls, &mut Signalling) -> R + Send + 'static,
) -> Result<R, Stop> {
    let end = party.clone();
    let done = scene.stage.act(move |play| play.ensemble.with_calls(&end, work)).await?;
    done.ok_or_else(|| Stop::Harness(format!("{} is in no session of this scenario", party.person)))
}

async fn calls(scene: &mut Scene, args: Args) -> Done {
    let caller = party(&args, 0);
    let (callee, session) = (args.text(2).to_owned(), args.text(3).to_owned());
    let (end, name) = (caller.clone(), session.clone());
    if !scene.stage.act(move |play| play.ensemble.calls(&end, &callee, &name)).await? {
        return Err(Stop::Harness(format!("a call for {session:?}, which was not introduced")));
    }
    settle_call(scene, &caller, &session).await
}

/// Waits for what becomes of a call: its connection, a refusal, or that another end rings. What the caller hears of the ringing
/// is no matter here: a function may say that it rings where nobody does, and keep silent where somebody does.
pub(super) async fn settle_call(scene: &mut Scene, caller: &Party, session: &str) -> Done {
    let (end, session, within) = (caller.clone(), session.to_owned(), scene.run.timers.answer);
    scene
        .stage
        .until(within, move |ensemble, _| {
            let Some(calls) = ensemble.calls.get(&end) else { return true };
            calls.of(&session).is_none_or(|call| match call.state {
                CallState::Early => waits_to_be_answered(ensemble, &end, &session),
                CallState::Established => calls.carries(&session) || call.local.is_none(),
                CallState::Refused(_) | CallState::Ended => true,
            })
        })
        .await?;
    Ok(())
}

/// Whether the session rings at another end than the caller's, and has been accepted at none.
fn waits_to_be_answered(ensemble: &Ensemble, caller: &Party, session: &str) -> bool {
    let called =
        || ensemble.calls.iter().filter(|(party, _)| *party != caller).filter_map(|(_, calls)| calls.of(session));
    let accepted = called().any(|call| call.state == CallState::Established);
    !accepted && called().any(|call| call.state == CallState::Early && call.rings)
}

async fn says(scene: &mut Scene, args: Args) -> Done {
    let said = say::say(scene, &party(&args, 0), args.text(3), args.text(2), say::What::default()).await?;
    say::settle(scene, said).await
}

/// Saying something in a session.
pub(super) mod say {
    use super::{Done, Party, Scene, Stop, Words};
    use crate::actors::Ensemble;

    /// What is said, beside its text.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct What {
        /// The least size of the content.
        pub octets: usize,
        /// The size of a chunk; none for the default.
        pub chunk_octets: Option<usize>,
        /// Whether a success report is asked for.
        pub report: bool,
        /// Whether its author wants to know when it is shown.
        pub display: bool,
    }

    /// Something that was said.
    pub struct Said {
        /// Who said it.
        pub speaker: Party,
        /// Where.
        pub session: String,
        /// Its Message-ID.
        pub message_id: String,
    }

    /// Lets one end say something within an act; gives the Message-ID, or none where there is no session.
    pub fn at_once(ensemble: &mut Ensemble, end: &Party, session: &str, text: &str, what: What) -> Option<String> {
        let to = ensemble.other_end(session, end);
        let content = text.chars().chain(".".chars().cycle().take(what.octets.saturating_sub(text.len())));
        let words = Words {
            session,
            to: &to,
            text,
            content_type: "text/plain; charset=utf-8",
            content: content.collect::<String>().into(),
            dispositions: if what.display { &["display"] } else { &[] },
            success_report: what.report,
            chunk_octets: what.chunk_octets,
        };
        ensemble.with_calls(end, |calls, signalling| calls.say(signalling, &words)).flatten()
    }

    /// Lets one end say something; waits for nothing. None where there is no session.
    pub async fn say(
        scene: &mut Scene,
        speaker: &Party,
        session: &str,
        text: &str,
        what: What,
    ) -> Result<Option<Said>, Stop> {
        let (end, name, text) = (speaker.clone(), session.to_owned(), text.to_owned());
        let said = scene.stage.act(move |play| at_once(&mut play.ensemble, &end, &name, &text, what)).await?;
        let Some(message_id) = said else {
            super::in_vain(scene, format!("{} has no session in which to speak", speaker.person)).await?;
            return Ok(None);
        };
        Ok(Some(Said { speaker: speaker.clone(), session: session.to_owned(), message_id }))
    }

    /// Waits until what was said is answered.
    pub async fn settle(scene: &mut Scene, said: Option<Said>) -> Done {
        let Some(said) = said else { return Ok(()) };
        let within = scene.run.timers.msrp_response;
        scene
            .stage
            .until(within, move |ensemble, _| {
                let call = ensemble.calls.get(&said.speaker).and_then(|calls| calls.of(&said.session));
                call.is_none_or(|call| call.answered.contains_key(&said.message_id))
            })
            .await?;
        Ok(())
    }
}

async fn up_to_the_limit(scene: &mut Scene, args: Args) -> Done {
    let limit = scene.run.statement.number("max_sessions");
    let limit = limit.ok_or_else(|| Stop::Harness("the statement names no limit of sessions".to_owned()))?;
    let caller = Party { person: args.text(0).to_owned(), device: None };
    for number in 1..=limit {
        let name = if number == 1 { args.text(2).to_owned() } else { format!("{} {number}", args.text(2)) };
        introduce(scene, &name, Service::Chat, args.text(0), args.text(1), None).await?;
        let (end, callee, session) = (caller.clone(), args.text(1).to_owned(), name.clone());
        scene.stage.act(move |play| play.ensemble.calls(&end, &callee, &session)).await?;
        settle_call(scene, &caller, &name).await?;
    }
    Ok(())
}

async fn hangs_up(scene: &mut Scene, args: Args) -> Done {
    let (end, session) = (party(&args, 0), args.text(2).to_owned());
    if !with_end(scene, &end, move |calls, signalling| calls.hang_up(signalling, &session)).await? {
        return in_vain(scene, format!("{} has no session to hang up", end.person)).await;
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

async fn when_called(scene: &mut Scene, args: Args) -> Done {
    let (called, reliable) = match args.text(2) {
        "rings when called" => (Answering::Ring, false),
        "rings reliably when called" => (Answering::Ring, true),
        _ => (Answering::Accept, false),
    };
    with_end(scene, &party(&args, 0), move |calls, _| {
        calls.manner.called = called;
        calls.manner.reliable = reliable;
    })
    .await
}

async fn refuses_calls(scene: &mut Scene, args: Args) -> Done {
    let status = match args.text(2) {
        "busy" => 486,
        "unavailable" => 480,
        "not acceptable here" => 488,
        "forbidden" => 403,
        "out of order" => 500,
        _ => 603,
    };
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.called = Answering::Refuse(status)).await
}

async fn ends_the_ringing(scene: &mut Scene, args: Args) -> Done {
    let (end, what, session) = (party(&args, 0), args.text(2).to_owned(), args.text(3).to_owned());
    called_there(scene, &end, &session).await?;
    let name = session.clone();
    let does = end.clone();
    let timers = &scene.run.timers;
    // One end turns down, and others may ring on for as long as the target lets them.
    let within = if what == "turns down" { timers.quiet } else { timers.answer };
    let done = scene
        .stage
        .act(move |play| {
            let occasion = play.ensemble.occasions.get(&name).cloned();
            play.ensemble.with_calls(&does, |calls, signalling| match what.as_str() {
                "picks up" => occasion.is_some_and(|occasion| calls.pick_up(signalling, &occasion)),
                "turns down" => calls.turn_down(signalling, &name, DECLINED),
                _ => calls.withdraw(signalling, &name),
            })
        })
        .await?;
    if done != Some(true) {
        return in_vain(scene, format!("nothing rings at {} for {session:?}", end.person)).await;
    }
    // Whatever becomes of it at any end.
    scene
        .stage
        .until(within, move |ensemble, _| {
            let of_session = ensemble.calls.values().filter_map(|calls| Some((calls, calls.of(&session)?)));
            let mut settled = of_session.map(|(calls, call)| match call.state {
                CallState::Early => false,
                CallState::Established => calls.carries(&session),
                CallState::Refused(_) | CallState::Ended => true,
            });
            settled.all(|settled| settled)
        })
        .await?;
    Ok(())
}

/// Waits until a call for a session is known at an end: of several that are called, one may ring before another.
pub(super) async fn called_there(scene: &mut Scene, end: &Party, session: &str) -> Done {
    let (end, session, within) = (end.clone(), session.to_owned(), scene.run.timers.answer);
    let known =
        move |ensemble: &Ensemble, _: &Story| ensemble.calls.get(&end).is_none_or(|calls| calls.of(&session).is_some());
    scene.stage.until(within, known).await?;
    Ok(())
}

async fn calls_again(scene: &mut Scene, args: Args) -> Done {
    let (end, session) = (party(&args, 0), args.text(3).to_owned());
    let another_way = args.text(2) == "sends by a second way the call for";
    let sent = with_end(scene, &end, move |calls, signalling| match another_way {
        true => calls.send_by_another_way(signalling, &session),
        false => calls.send_again(signalling, &session),
    });
    if !sent.await? {
        return Err(Scene::not_reached(format!("{} has called nobody", end.person)));
    }
    // Time for whatever the target makes of it; the call itself may go on ringing.
    Ok(scene.stage.quiet(scene.run.timers.quiet).await?)
}

async fn calls_wrongly(scene: &mut Scene, args: Args) -> Done {
    let (caller, callee, session) = (party(&args, 0), args.text(2).to_owned(), args.text(3).to_owned());
    let wrong = Wrong::parse(args.text(4))
        .ok_or_else(|| Stop::Harness(format!("no call is wrong in this way: {}", args.text(4))))?;
    let (end, name) = (caller.clone(), session.clone());
    if !scene.stage.act(move |play| play.ensemble.calls_wrongly(&end, &callee, &name, wrong)).await? {
        return Err(Stop::Harness(format!("a call for {session:?}, which was not introduced")));
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}
