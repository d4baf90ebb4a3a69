//! What is to be seen of the media of sessions between two.

use super::Keyword::Then;
use super::{Args, StepEntry, entry};
use crate::rules::media_negotiation as rules;
use crate::world::{Done, Scene, Stop};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^the media of "([^"]+)" are agreed rightly on both sides of (\w+)$"#,
            "Offer and answer of both sides come to one message session that works: who connects, and whither, is settled.",
            |scene, args| Box::pin(agreed(scene, args)),
        ),
        entry(
            &[Then],
            r#"^each end of "([^"]+)" of (\w+) knows the path of the other$"#,
            "Where the target stays out of the path of messages, it passes on the paths of both ends as they are.",
            |scene, args| Box::pin(untouched(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the offer of "([^"]+)" to (\w+) is refused$"#,
            "An offer that nobody can accept comes to nothing: the call is refused, or its media are.",
            |scene, args| Box::pin(refused(scene, args)),
        ),
        entry(
            &[Then],
            r#"^who asks for an offer in "([^"]+)" of (\w+) is given one$"#,
            "An invitation within the session that leaves the description to the other side is answered with one, or refused.",
            |scene, args| Box::pin(given(scene, args)),
        ),
        entry(
            &[Then],
            r#"^the sender of "([^"]+)" in "([^"]+)" of (\w+) learns that it (arrived|is too large|was never answered)$"#,
            "What became of a message at the far end reaches who sent it.",
            |scene, args| Box::pin(learns(scene, args)),
        ),
        entry(
            &[Then],
            r#"^each medium of "([^"]+)" of (\w+) is passed on or refused$"#,
            "Of an offer of several media each is answered by itself, and both ends learn the same.",
            |scene, args| Box::pin(by_medium(scene, args)),
        ),
    ]
}

async fn agreed(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::MediaAgreed { session: args.text(0).to_owned(), person: args.text(1).to_owned() };
    scene.judge(rule, scene.run.timers.msrp_response).await
}

async fn untouched(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::PathsUntouched { session: args.text(0).to_owned(), person: args.text(1).to_owned() };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn refused(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::OfferRefused { session: args.text(0).to_owned(), person: args.text(1).to_owned() };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn given(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::OfferGiven { session: args.text(0).to_owned(), person: args.text(1).to_owned() };
    scene.judge(rule, scene.run.timers.answer).await
}

async fn learns(scene: &mut Scene, args: Args) -> Done {
    let status = match args.text(3) {
        "arrived" => 200,
        "is too large" => 413,
        "was never answered" => 408,
        other => return Err(Stop::Harness(format!("nothing that a sender learns: {other}"))),
    };
    let (label, session, person) = (args.text(0).to_owned(), args.text(1).to_owned(), args.text(2).to_owned());
    let within = scene.run.timers.msrp_response + scene.run.timers.answer;
    scene.judge(rules::ReportCarried { session, person, label, status }, within).await
}

async fn by_medium(scene: &mut Scene, args: Args) -> Done {
    let rule = rules::LinesAnswered { session: args.text(0).to_owned(), person: args.text(1).to_owned() };
    scene.judge(rule, scene.run.timers.answer).await
}
