//! Standalone messages: somebody writes to somebody, or to a list, in a MESSAGE or in large message mode.

use super::Keyword::{Given, When};
use super::sessions::{in_vain, media, party, settle_call};
use super::{Args, StepEntry, entry, groups};
use crate::actors::Ensemble;
use crate::actors::call::{CallState, Naming, Party};
use crate::actors::client::Conduct;
use crate::actors::message::{Addressed, EXPLODER, Form, Letter, Size};
use crate::actors::signalling::DeviceKey;
use crate::world::{Done, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends (\w+)(, at (?:his|her|their) telephone number,)? the (large )?message "([^"]+)"(?:, asking for reports of ([\w, ]+))?$"#,
            "Somebody writes to one: in a MESSAGE, or a large one over MSRP in a session of its own, which the author ends. \
             Reports: delivery, failure, display.",
            |scene, args| Box::pin(sends(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends the list ([\w, ]+) the (large )?message "([^"]+)"$"#,
            "Somebody writes to several, by the service that sends to lists.",
            |scene, args| Box::pin(sends_to_list(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+) sends (\w+) the copy of "([^"]+)" to the list ([\w, ]+)$"#,
            "What a function that sends to lists made for one of them: it tells who else got it.",
            |scene, args| Box::pin(sends_copy(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends (\w+) the (large )?message "([^"]+)" without saying who (?:he|she|they) (?:is|are)$"#,
            "A message whose author is named neither to the recipient nor in its envelope; the network knows who it is.",
            |scene, args| Box::pin(sends_as(scene, args, Naming::Private)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends (\w+) the (large )?message "([^"]+)" under no name$"#,
            "A message that names its author nowhere but to the network, and does not ask for privacy: that is left to others.",
            |scene, args| Box::pin(sends_as(scene, args, Naming::Nameless)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends (\w+) the message "([^"]+)" (as large as allowed|one octet too large)$"#,
            "As large as allowed: the whole request has as many octets as the statement lets a message have. One octet too \
             large: its envelope alone has one more than that.",
            |scene, args| Box::pin(sends_of_size(scene, args)),
        ),
        entry(
            &[When],
            r#"^(\w+)(?:'s (\w+))? sends (\w+) "([^"]+)" (without envelope|as something unknown|in a broken envelope)$"#,
            "What is sent is no message: plain text, a type that nobody knows, or an envelope that is none.",
            |scene, args| Box::pin(sends_wrongly(scene, args)),
        ),
        entry(
            &[Given, When],
            r#"^(\w+)(?:'s (\w+))? answers messages with "(busy|unavailable|declined|unsupported|forbidden|out of order|timed out)"$"#,
            "From now on the end refuses messages in this way, in either mode.",
            |scene, args| Box::pin(refuses(scene, args)),
        ),
        entry(
            &[Given, When],
            r"^(\w+)(?:'s (\w+))? (answers no messages|takes messages again)$",
            "Whether the end answers messages.",
            |scene, args| Box::pin(answers(scene, args)),
        ),
    ]
}

/// To one person.
pub(super) fn to_one(name: &str) -> Addressed {
    Addressed { to: vec![name.to_owned()], is_list: false, by_number: false }
}

/// The words of imdn.Disposition-Notification for what a sentence asks for.
pub(super) fn dispositions(words: &str) -> Vec<&'static str> {
    let word = |word: &String| match word.as_str() {
        "delivery" => "positive-delivery",
        "failure" => "negative-delivery",
        _ => "display",
    };
    groups::names(words).iter().filter(|name| !name.is_empty()).map(word).collect()
}

/// Sends a letter in a MESSAGE, and waits until it is answered; `change` makes it a particular one.
pub(super) async fn post(
    scene: &mut Scene,
    author: Party,
    addressed: Addressed,
    text: &str,
    change: impl FnOnce(&mut Letter) + Send + 'static,
) -> Done {
    ends(scene, &author, &addressed).await?;
    let text = text.to_owned();
    let sent = scene.stage.act(move |play| {
        let mut letter = play.ensemble.letter(&text);
        change(&mut letter);
        play.ensemble.posts(&author, &addressed, &letter)
    });
    if !sent.await? {
        return Err(Stop::Harness("a message to or of somebody who was not introduced".to_owned()));
    }
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

/// Sends a letter in a session of its own: the call, what is said in it, and its end when that was answered.
pub(super) async fn post_large(
    scene: &mut Scene,
    author: Party,
    addressed: Addressed,
    text: &str,
    change: impl FnOnce(&mut Letter) + Send + 'static,
) -> Done {
    ends(scene, &author, &addressed).await?;
    let (words, end, whom) = (text.to_owned(), author.clone(), addressed.clone());
    let called = scene.stage.act(move |play| {
        let mut letter = play.ensemble.letter(&words).longer_by(LARGE);
        change(&mut letter);
        play.ensemble.calls_with(&end, &whom, &letter).then_some(letter)
    });
    let Some(letter) = called.await? else {
        return Err(Stop::Harness("a message to or of somebody who was not introduced".to_owned()));
    };
    settle_call(scene, &author, text).await?;
    let (end, session, message_id) = (author.clone(), text.to_owned(), letter.message_id.clone());
    let speaker = author.clone();
    if !scene.stage.act(move |play| play.ensemble.says_in_session(&speaker, &addressed, &letter)).await? {
        return in_vain(scene, format!("there is no session for \"{text}\"")).await;
    }
    let within = scene.run.timers.msrp_response;
    let answered = move |ensemble: &Ensemble, _: &crate::story::Story| {
        let call = ensemble.calls.get(&end).and_then(|calls| calls.of(&session));
        call.is_none_or(|call| call.answered.contains_key(&message_id) || call.state != CallState::Established)
    };
    scene.stage.until(within, answered).await?;
    let session = text.to_owned();
    scene
        .stage
        .act(move |play| play.ensemble.with_calls(&author, |calls, signalling| calls.hang_up(signalling, &session)))
        .await?;
    let within = scene.run.timers.answer;
    scene.stage.until(within, |ensemble, _| !ensemble.signalling.anything_pending()).await?;
    Ok(())
}

/// How many octets a large message has beside its text.
const LARGE: usize = 3000;

/// Makes the ends that a message may need in large mode, also where the target chooses that: of users of other networks,
/// of the exploder, of the device that sends it.
pub(super) async fn ends(scene: &mut Scene, author: &Party, addressed: &Addressed) -> Done {
    let names: Vec<String> = addressed.to.iter().chain([&author.person]).cloned().collect();
    let is_list = addressed.is_list;
    let sender = author.clone();
    let missing: Vec<Party> = scene
        .stage
        .act(move |play| {
            let ensemble = &play.ensemble;
            let served = |name: &String| ensemble.people.get(name).is_some_and(|person| person.served);
            let remotes = names.into_iter().filter(|name| !served(name));
            let exploder = is_list.then(|| EXPLODER.to_owned());
            let remotes = remotes.chain(exploder).map(|person| Party { person, device: None });
            let all = remotes.chain(Some(sender).filter(|sender| sender.device.is_some()));
            all.filter(|party| !ensemble.calls.contains_key(party)).collect()
        })
        .await?;
    for party in missing {
        let media = media(scene, &party).await?;
        let made = scene.stage.act(move |play| match &party.device {
            _ if play.ensemble.calls.contains_key(&party) => true,
            Some(device) => {
                let key: DeviceKey = (party.person.clone(), device.clone());
                play.ensemble.device_end(&key, media).is_some()
            }
            None if party.person == EXPLODER => {
                play.ensemble.exploder_end(media);
                true
            }
            None => {
                play.ensemble.remote_end(&party.person, media);
                true
            }
        });
        if !made.await? {
            return Err(Stop::Harness("a device that was not introduced".to_owned()));
        }
    }
    Ok(())
}

async fn sends(scene: &mut Scene, args: Args) -> Done {
    let mut addressed = to_one(args.text(2));
    addressed.by_number = !args.text(3).is_empty();
    let asked = dispositions(args.text(6));
    let change = move |letter: &mut Letter| letter.dispositions = asked;
    match args.text(4) {
        "" => post(scene, party(&args, 0), addressed, args.text(5), change).await,
        _ => post_large(scene, party(&args, 0), addressed, args.text(5), change).await,
    }
}

async fn sends_to_list(scene: &mut Scene, args: Args) -> Done {
    let addressed = Addressed { to: groups::names(args.text(2)), is_list: true, by_number: false };
    match args.text(3) {
        "" => post(scene, party(&args, 0), addressed, args.text(4), |_| ()).await,
        _ => post_large(scene, party(&args, 0), addressed, args.text(4), |_| ()).await,
    }
}

async fn sends_copy(scene: &mut Scene, args: Args) -> Done {
    let names = groups::names(args.text(3));
    let others = scene
        .stage
        .act(move |play| names.into_iter().map(|name| play.ensemble.somebody(&name)).collect::<Vec<String>>());
    let others = others.await?;
    let change = move |letter: &mut Letter| letter.others = others;
    let author = Party { person: args.text(0).to_owned(), device: None };
    post(scene, author, to_one(args.text(1)), args.text(2), change).await
}

async fn sends_as(scene: &mut Scene, args: Args, naming: Naming) -> Done {
    let change = move |letter: &mut Letter| letter.naming = naming;
    let addressed = to_one(args.text(2));
    match args.text(3) {
        "" => post(scene, party(&args, 0), addressed, args.text(4), change).await,
        _ => post_large(scene, party(&args, 0), addressed, args.text(4), change).await,
    }
}

async fn sends_of_size(scene: &mut Scene, args: Args) -> Done {
    let limit = scene.run.statement.number("max_pager_octets").and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.ok_or_else(|| Stop::Harness("the statement names no limit of messages".to_owned()))?;
    let size = if args.text(4) == "as large as allowed" { Size::Request(limit) } else { Size::Envelope(limit + 1) };
    let change = move |letter: &mut Letter| letter.size = Some(size);
    post(scene, party(&args, 0), to_one(args.text(2)), args.text(3), change).await
}

async fn sends_wrongly(scene: &mut Scene, args: Args) -> Done {
    let form = match args.text(4) {
        "without envelope" => Form::Bare,
        "as something unknown" => Form::UnknownType,
        _ => Form::Broken,
    };
    let change = move |letter: &mut Letter| letter.form = form;
    post(scene, party(&args, 0), to_one(args.text(2)), args.text(3), change).await
}

async fn refuses(scene: &mut Scene, args: Args) -> Done {
    let status = match args.text(2) {
        "busy" => 486,
        "unavailable" => 480,
        "declined" => 603,
        "unsupported" => 415,
        "forbidden" => 403,
        "timed out" => 408,
        _ => 500,
    };
    conduct(scene, party(&args, 0), Conduct::Refuse(status)).await
}

async fn answers(scene: &mut Scene, args: Args) -> Done {
    let silent = args.text(2) == "answers no messages";
    conduct(scene, party(&args, 0), if silent { Conduct::Ring } else { Conduct::Accept }).await
}

/// Tells an end what to do with messages: a device of a served user, or a user of another network.
pub(super) async fn conduct(scene: &mut Scene, end: Party, conduct: Conduct) -> Done {
    let person = end.person.clone();
    if let Some(device) = &end.device {
        super::devices::make(scene, &(person.clone(), device.clone()), true).await?;
    }
    let told = scene.stage.act(move |play| match end.device {
        Some(device) => play
            .ensemble
            .with_device(&(end.person, device), |device, _| {
                device.receiving.conduct = conduct;
                device.conduct = conduct;
            })
            .is_some(),
        None => {
            play.ensemble.remote_takes(&end.person, conduct);
            true
        }
    });
    if told.await? { Ok(()) } else { Err(Stop::Harness(format!("{person} has no such device"))) }
}
