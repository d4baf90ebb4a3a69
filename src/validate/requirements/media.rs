//! What is asked of the media of each session between two: that both sides were told the same.

use super::call::Call;
use super::table::{Asked, Question};
use crate::rules::media_negotiation::{LinesAnswered, MediaAgreed, OfferGiven, PathsUntouched, ReportCarried};
use crate::rules::sessions::attempt::onward;
use crate::story::descriptions::{Description, Exchange};
use crate::story::legs::Leg;

pub(super) const ASKED: &[Asked] = &[
    Asked { rule: "media_negotiation.agreed", needs: "offer and answer of messages on both sides", of: agreed },
    Asked { rule: "media_negotiation.paths_untouched", needs: "offer and answer of messages on both sides", of: paths },
    Asked {
        rule: "media_negotiation.offer_given",
        needs: "an INVITE within a session that asks for an offer",
        of: offer_given,
    },
    Asked {
        rule: "media_negotiation.report_carried",
        needs: "an answer to a message at its far end, and a report on it",
        of: report,
    },
    Asked {
        rule: "media_negotiation.lines_answered",
        needs: "an offer of several media, answered on both sides",
        of: lines,
    },
];

/// The first offer on a leg that was answered.
fn first(leg: &Leg) -> Option<&Exchange> {
    leg.exchanges.iter().find(|exchange| exchange.answer.is_some())
}

/// What was described at first on each side: the caller offered, and the target offered that to the other side.
fn begun<'a>(call: &Call<'a>) -> Option<(&'a Exchange, &'a Exchange)> {
    let far = call.far().filter(|_| call.is_plain())?;
    let (near, far) = (first(call.calling())?, first(far)?);
    (!near.offer.by_target && far.offer.by_target).then_some((near, far))
}

/// Whether messages were agreed on both sides.
fn of_messages(call: &Call<'_>) -> bool {
    let path = |of: &Description| of.message().filter(|line| !line.is_refused()).and_then(|line| line.path());
    begun(call).is_some_and(|(near, far)| {
        let all = [Some(&near.offer), near.answer.as_ref(), Some(&far.offer), far.answer.as_ref()];
        all.into_iter().all(|of| of.is_some_and(|of| path(of).is_some()))
    })
}

fn agreed(call: &Call<'_>) -> Vec<Question> {
    let (session, person) = call.own();
    of_messages(call).then(|| Question::seen(MediaAgreed { session, person })).into_iter().collect()
}

fn paths(call: &Call<'_>) -> Vec<Question> {
    let (session, person) = call.own();
    of_messages(call).then(|| Question::seen(PathsUntouched { session, person })).into_iter().collect()
}

fn lines(call: &Call<'_>) -> Vec<Question> {
    let several = begun(call).is_some_and(|(near, _)| near.offer.lines.len() > 1);
    let (session, person) = call.own();
    several.then(|| Question::seen(LinesAnswered { session, person })).into_iter().collect()
}

fn offer_given(call: &Call<'_>) -> Vec<Question> {
    let asks = call.attempt.legs().any(|leg| leg.changes.iter().any(|change| change.asks && !change.by_target));
    let (session, person) = call.own();
    (asks && of_messages(call)).then(|| Question::seen(OfferGiven { session, person })).into_iter().collect()
}

/// Of messages of which something was told, and which came to one place alone.
fn report(call: &Call<'_>) -> Vec<Question> {
    if call.far().is_none() || !call.is_plain() {
        return Vec::new();
    }
    let mut questions = Vec::new();
    for said in call.said() {
        let of_id =
            |item: &&crate::story::Item| item.chat_id() == Some(said.id) && item.person.as_deref() == Some(call.person);
        let came: Vec<_> = call.story.items().iter().filter(of_id).filter(|item| onward(item.flow).is_none()).collect();
        let sent = call.story.items().iter().filter(of_id).filter(|item| onward(item.flow).is_some()).count();
        let told = call
            .story
            .outcomes()
            .iter()
            .any(|told| told.to_tester && Some(told.message_id.as_str()) == message_id(said.item));
        let ([came], 1, true) = (came.as_slice(), sent, told) else { continue };
        let Some(status) = came.refusal().map(|answer| answer.status).or(came.accepted().then_some(200)) else {
            continue;
        };
        let (session, person) = call.own();
        questions.push(Question::seen(ReportCarried { session, person, label: said.id.to_owned(), status }));
    }
    questions
}

fn message_id(item: &crate::story::Item) -> Option<&str> {
    match &item.carriage {
        crate::story::Carriage::Session { message_id, .. } => Some(message_id),
        crate::story::Carriage::Pager(_) => None,
    }
}
