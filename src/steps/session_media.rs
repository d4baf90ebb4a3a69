//! What ends of sessions say of their media, and messages that are more than a few words.

use super::Keyword::{Given, When};
use super::sessions::{in_vain, party, say, with_end};
use super::{Args, StepEntry, entry};
use crate::actors::call::{Beside, Calls};
use crate::actors::signalling::Signalling;
use crate::world::{Done, Scene, Stop};
use cpm_wire::sdp::{Direction, Setup};
use cpm_wire::sip::Method;

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? offers (to connect or be connected to|to connect|to be connected to|media without a word of who connects)$",
            "Who opens the connection of its sessions, by the offers of the end.",
            |scene, args| Box::pin(who_connects(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? (connects|waits for the connection) where it may choose$",
            "Who opens the connection, by the answers of the end.",
            |scene, args| Box::pin(prefers(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? finds its way through media anchors$",
            "The end knows how a connection is found where something stands between (RFC 6714).",
            |scene, args| Box::pin(through_anchors(scene, args)),
        ),
        entry(
            &[Given],
            r#"^(\w+)(?:'s (\w+))? takes nothing but "([^"]+)" in sessions$"#,
            "The content types that the end lists.",
            |scene, args| Box::pin(takes_only(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? takes messages of at most (\d+) octets(, and does not say so)?$",
            "The largest message that the end takes, and unless it keeps that to itself says so.",
            |scene, args| Box::pin(takes_at_most(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? offers (sound|secured sound|sound and video|a floor|a floor by messages|talk bursts|a second message session) besides$",
            "Media that the end offers beside its message sessions; nobody ever speaks in them.",
            |scene, args| Box::pin(besides(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? takes whatever is offered besides$",
            "The end accepts media beside a message session.",
            |scene, args| Box::pin(takes_besides(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? offers no message session$",
            "The end offers text that is typed letter by letter, in a call for a chat.",
            |scene, args| Box::pin(offers_no_messages(scene, args)),
        ),
        entry(
            &[Given],
            r"^(\w+)(?:'s (\w+))? gives the address of (\w+)(?:'s (\w+))? as its own$",
            "The end offers to wait for the connection where somebody else waits for his.",
            |scene, args| Box::pin(elsewhere(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends "([^"]+)" of (\d+) octets in "([^"]+)"(?: in chunks of (\d+))?( and asks for a report)?$"#,
            "A message of so many octets at least, in as many parts as it takes; with a report of the far end where asked.",
            |scene, args| Box::pin(sends(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends "([^"]+)" and "([^"]+)" of (\d+) octets each in "([^"]+)", part by part in turn$"#,
            "Two messages at once, whose parts come in turn.",
            |scene, args| Box::pin(sends_two(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? begins to send "([^"]+)" of (\d+) octets in "([^"]+)" and (gives it up|hangs up|moves to another path)$"#,
            "A message in small parts; when some of them are on their way its sender gives it up, or ends the session, or \
             offers another path.",
            |scene, args| Box::pin(breaks_off(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? answers nothing in "([^"]+)" any more$"#,
            "The end keeps its connection and neither reads nor answers.",
            |scene, args| Box::pin(falls_silent(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? asks for an offer in "([^"]+)"$"#,
            "The end invites within the session and leaves it to the other to describe the media.",
            |scene, args| Box::pin(asks_for_offer(scene, args)),
        ),
    ]
}

async fn who_connects(scene: &mut Scene, args: Args) -> Done {
    let setup = match args.text(2) {
        "to connect or be connected to" => Some(Setup::Actpass),
        "to connect" => Some(Setup::Active),
        "to be connected to" => Some(Setup::Passive),
        _ => None,
    };
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.setup = setup).await
}

async fn prefers(scene: &mut Scene, args: Args) -> Done {
    let active = args.text(2) == "connects";
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.prefer_active = active).await
}

async fn through_anchors(scene: &mut Scene, args: Args) -> Done {
    with_end(scene, &party(&args, 0), |calls, _| calls.manner.cema = true).await
}

async fn takes_only(scene: &mut Scene, args: Args) -> Done {
    let kinds: Vec<String> = args.text(2).split_whitespace().map(str::to_owned).collect();
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.accept_types = Some(kinds)).await
}

async fn takes_at_most(scene: &mut Scene, args: Args) -> Done {
    let octets = u64::try_from(octets(&args, 2)?).ok();
    let says_so = args.text(3).is_empty();
    with_end(scene, &party(&args, 0), move |calls, _| {
        calls.manner.max_size = octets.filter(|_| says_so);
        calls.media.largest = octets;
    })
    .await
}

async fn besides(scene: &mut Scene, args: Args) -> Done {
    let media = match args.text(2) {
        "sound" => vec![Beside::Sound],
        "secured sound" => vec![Beside::SecuredSound],
        "sound and video" => vec![Beside::Sound, Beside::Video],
        "a floor" => vec![Beside::Sound, Beside::Floor],
        "a floor by messages" => vec![Beside::Sound, Beside::FloorInMessages],
        "talk bursts" => vec![Beside::Sound, Beside::TalkBursts],
        _ => vec![Beside::Messages],
    };
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.besides = media).await
}

async fn takes_besides(scene: &mut Scene, args: Args) -> Done {
    with_end(scene, &party(&args, 0), |calls, _| calls.manner.takes_besides = true).await
}

async fn offers_no_messages(scene: &mut Scene, args: Args) -> Done {
    with_end(scene, &party(&args, 0), |calls, _| calls.manner.offers_no_messages = true).await
}

async fn elsewhere(scene: &mut Scene, args: Args) -> Done {
    let theirs = with_end(scene, &party(&args, 2), |calls, _| calls.media.address).await?;
    with_end(scene, &party(&args, 0), move |calls, _| calls.manner.elsewhere = Some(theirs)).await
}

/// A number of octets of a sentence.
fn octets(args: &Args, at: usize) -> Result<usize, Stop> {
    args.text(at).parse().map_err(|_| Stop::Harness(format!("no number of octets: {}", args.text(at))))
}

async fn sends(scene: &mut Scene, args: Args) -> Done {
    let chunk = if args.text(5).is_empty() { None } else { Some(octets(&args, 5)?) };
    let what = say::What {
        octets: octets(&args, 3)?,
        chunk_octets: chunk,
        report: !args.text(6).is_empty(),
        ..say::What::default()
    };
    let said = say::say(scene, &party(&args, 0), args.text(4), args.text(2), what).await?;
    say::settle(scene, said).await
}

async fn sends_two(scene: &mut Scene, args: Args) -> Done {
    let what = say::What { octets: octets(&args, 4)?, chunk_octets: Some(SMALL), ..say::What::default() };
    let speaker = party(&args, 0);
    let one = say::say(scene, &speaker, args.text(5), args.text(2), what).await?;
    let other = say::say(scene, &speaker, args.text(5), args.text(3), what).await?;
    say::settle(scene, one).await?;
    say::settle(scene, other).await
}

async fn breaks_off(scene: &mut Scene, args: Args) -> Done {
    let what = say::What { octets: octets(&args, 3)?, chunk_octets: Some(SMALL), ..say::What::default() };
    let (end, session, text) = (party(&args, 0), args.text(4).to_owned(), args.text(2).to_owned());
    let gives_up = args.text(5) == "gives it up";
    let (speaker, name) = (end.clone(), session.clone());
    let begun = scene
        .stage
        .act(move |play| {
            let said = say::at_once(&mut play.ensemble, &speaker, &name, &text, what)?;
            play.ensemble.with_calls(&speaker, |calls, signalling| match gives_up {
                true => calls.give_up(signalling, &name, &said),
                false => calls.leave_off(signalling, &name, &said),
            })
        })
        .await?;
    if begun.is_none() {
        return in_vain(scene, format!("{} has no session in which to speak", end.person)).await;
    }
    // Time for the parts to be on their way.
    scene.stage.quiet(scene.run.timers.quiet).await?;
    match args.text(5) {
        "hangs up" => {
            with_end(scene, &end, move |calls, signalling| calls.hang_up(signalling, &session)).await?;
        }
        "moves to another path" => {
            let moved = move |calls: &mut Calls, signalling: &mut Signalling| {
                calls.change(signalling, &session, Method::Invite, Direction::SendRecv)
            };
            with_end(scene, &end, moved).await?;
        }
        _ => {}
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    // Time for whatever the target makes of what it holds in parts.
    Ok(scene.stage.quiet(scene.run.timers.quiet).await?)
}

async fn falls_silent(scene: &mut Scene, args: Args) -> Done {
    let session = args.text(2).to_owned();
    with_end(scene, &party(&args, 0), move |calls, _| calls.fall_silent(&session)).await
}

async fn asks_for_offer(scene: &mut Scene, args: Args) -> Done {
    let (end, session) = (party(&args, 0), args.text(2).to_owned());
    if !with_end(scene, &end, move |calls, signalling| calls.ask_for_offer(signalling, &session)).await? {
        return in_vain(scene, format!("{} has no session in which to ask", end.person)).await;
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

/// Octets of a part so small that many are needed, and a message is given up before all are on their way.
const SMALL: usize = 256;
