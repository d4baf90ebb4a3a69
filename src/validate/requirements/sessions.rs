//! What is asked of each session between two: that it is the same on both sides, and ends on both.

use std::time::Duration;

use super::call::{Call, UNPROVEN};
use super::messages::Said;
use super::table::{Asked, Question};
use crate::rules::policies_and_preferences::Private;
use crate::rules::sessions::attempt::{legs, refusal};
use crate::rules::sessions::{
    CallWithdrawn, Carried, ChangeCarried, ChangeRefused, EndedOnBothSides, Established, ExpiresInTime,
    NoSecondSession, NotEstablished, RefreshKeeps, RefusalCarried, SettledAfterGlare, SmallIntervalHandled,
};
use crate::story::legs::{End, Leg};
use crate::story::{Answer, Change};

pub(super) const ASKED: &[Asked] = &[
    Asked { rule: "sessions.established", needs: "an INVITE on both sides, and its acceptance", of: established },
    Asked {
        rule: "sessions.not_established",
        needs: "a refusal of the call, and an acceptance of it elsewhere",
        of: not_established,
    },
    Asked { rule: "sessions.refusal_carried", needs: "a refusal by everybody who was called", of: refusal_carried },
    Asked { rule: "sessions.carried", needs: "a message in a session of both sides", of: carried },
    Asked {
        rule: "sessions.change_carried",
        needs: "a new direction of messages that was not refused",
        of: change_carried,
    },
    Asked { rule: "sessions.change_refused", needs: "a change that was passed on and refused", of: change_refused },
    Asked {
        rule: "sessions.settled_after_glare",
        needs: "changes of both sides that crossed",
        of: settled_after_glare,
    },
    Asked { rule: "sessions.ended_on_both_sides", needs: "a BYE of one side", of: ended_on_both_sides },
    Asked { rule: "sessions.call_withdrawn", needs: "a CANCEL of the caller", of: call_withdrawn },
    Asked { rule: "sessions.expires_in_time", needs: "a session timer that ran out", of: expires_in_time },
    Asked { rule: "sessions.refresh_keeps", needs: "a refresh that was accepted", of: refresh_keeps },
    Asked { rule: "sessions.small_interval_handled", needs: "a session interval below 90 s", of: small_interval },
    Asked { rule: "sessions.no_second_session", needs: "an INVITE that came twice", of: no_second_session },
    Asked {
        rule: "policies_and_preferences.private",
        needs: "a call of a user that asks for privacy itself",
        of: private,
    },
];

/// A rule of a session and a user, where it is asked.
fn one(question: Option<Question>) -> Vec<Question> {
    question.into_iter().collect()
}

fn established(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        let far = call.attempt.taken().next().filter(|_| call.is_plain() && call.calling().acknowledged.is_some())?;
        let hides = |leg: &Leg| !leg.privacy.is_empty() || leg.from.to_ascii_lowercase().contains("anonymous");
        // What the call does not say, the target may say for it.
        let named =
            call.calling().conversation.is_some() && (call.calling().service.is_some() || far.service.is_none());
        let by = if call.calling().end == End::Device { call.calling() } else { far };
        let device = by.device.clone().filter(|_| named && !hides(call.calling()) && !hides(far))?;
        let (session, person) = call.own();
        let open = match call.calling().acknowledged.filter(|_| far.acknowledged.is_none() && call.is_back_to_back(far))
        {
            Some(acknowledged) => call.open_since(acknowledged.max(far.answer.map_or(0, |answer| answer.frame))),
            None => Some(UNPROVEN.to_owned()),
        };
        Some(Question::new(Established { session, person, device }, open))
    };
    one(ask())
}

fn not_established(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        let refused = call.refused().filter(|_| call.waited() && call.is_plain())?;
        let taken = call.attempt.taken().filter_map(|leg| leg.answer).map(|answer| answer.frame).max()?;
        // The rule knows no waiting.
        let over = call.open_since(refused.frame.max(taken)).is_none();
        let (session, person) = call.own();
        over.then(|| Question::new(NotEstablished { session, person }, None))
    };
    one(ask())
}

fn refusal_carried(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        let called = &call.attempt.called;
        let all = called
            .iter()
            .map(|leg| refusal(leg).filter(|_| leg.cancelled.is_none()))
            .collect::<Option<Vec<Answer>>>()?;
        let last = all.iter().map(|answer| answer.frame).max().filter(|_| call.waited() && call.is_plain())?;
        // Somebody else may have taken it; and who was told early was told by the target itself.
        let early = call.calling().answer.is_some_and(|answer| answer.is_success() || answer.frame < last);
        let (session, person) = call.own();
        (!early).then(|| Question::new(RefusalCarried { session, person }, call.open_since(last)))
    };
    one(ask())
}

fn carried(call: &Call<'_>) -> Vec<Question> {
    let Some(far) = call.far().filter(|_| call.is_plain()) else { return Vec::new() };
    let ask = |said: Said<'_>| {
        let there = if said.item.leg() == call.story.place_of(far) { call.calling() } else { far };
        let (session, person) = call.own();
        let open = call.may_be_kept(&said, there);
        Question::new(Carried { session, person, label: said.id.to_owned() }, open)
    };
    call.said().into_iter().map(ask).collect()
}

fn change_carried(call: &Call<'_>) -> Vec<Question> {
    let Some(far) = call.far().filter(|_| call.is_plain() && call.is_kept()) else { return Vec::new() };
    let ask = |by_device: bool| {
        let change = call.change_at(if by_device { End::Device } else { End::Network })?;
        // Who refuses a change may have reason to.
        let since = change.answer.map_or(Some(change.frame), |answer| answer.is_success().then_some(answer.frame))?;
        let soon = |leg: &Leg| leg.ended.as_ref().is_some_and(|end| call.clock.between(since, end.frame) < call.answer);
        let over = [call.calling(), far].into_iter().any(soon).then(|| "the session ended soon after".to_owned());
        let (session, person) = call.own();
        let open = over.or_else(|| call.open_since(since));
        Some(Question::new(ChangeCarried { session, person, by_device }, open))
    };
    [true, false].into_iter().filter_map(ask).collect()
}

fn change_refused(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        call.far().filter(|_| call.is_plain() && call.attempt.broken_off().is_none())?;
        let changes = || call.attempt.legs().flat_map(|leg| &leg.changes).filter(|change| change.describes);
        let last = changes().filter(|change| !change.by_target).max_by_key(|change| change.frame)?;
        let onward: Vec<_> = changes().filter(|change| change.by_target && change.frame > last.frame).collect();
        // What is only asked again, or says that there is no session, is no refusal of the change.
        let meant =
            |answer: Answer| !answer.is_success() && !matches!(answer.status, 401 | 407 | 408 | 422 | 481 | 491 | 500);
        let refused = !onward.is_empty() && onward.iter().all(|change| change.answer.is_some_and(meant));
        let (session, person) = call.own();
        refused.then(|| Question::seen(ChangeRefused { session, person }))
    };
    one(ask())
}

fn settled_after_glare(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        call.far().filter(|_| call.is_plain() && call.attempt.broken_off().is_none())?;
        let changes = || call.attempt.legs().flat_map(|leg| &leg.changes).filter(|change| change.describes);
        let refused = |answer: &Answer| !answer.is_success() && answer.status != 491;
        let elsewhere =
            changes().filter(|change| change.by_target).any(|change| change.answer.as_ref().is_some_and(refused));
        let accepted = changes().any(|change| !change.by_target && change.accepted());
        let (session, person) = call.own();
        (accepted && !elsewhere).then(|| Question::seen(SettledAfterGlare { session, person }))
    };
    one(ask())
}

fn ended_on_both_sides(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        let far = call
            .far()
            .filter(|far| call.is_plain() && call.attempt.broken_off().is_none() && far.acknowledged.is_some())?;
        let (_, ending) = call.attempt.hung_up()?;
        let challenged = ending.answer.is_some_and(|answer| matches!(answer.status, 401 | 407));
        let crossed =
            [call.calling(), far].iter().filter(|leg| leg.ended.as_ref().is_some_and(|end| !end.by_target)).count() > 1;
        let (session, person) = call.own();
        (!challenged && !crossed)
            .then(|| Question::new(EndedOnBothSides { session, person }, call.open_since(ending.frame)))
    };
    one(ask())
}

fn call_withdrawn(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        let cancelled = call.calling().cancelled.filter(|_| call.is_plain() && !call.attempt.called.is_empty())?;
        let in_time = call.calling().answer.is_none_or(|answer| !answer.is_success() && answer.frame > cancelled);
        // Who never answered can be told nothing (RFC 3261 section 9.1), and who was told and is silent is at fault itself.
        let deaf = |leg: &Leg| leg.answer.is_none() && (leg.heard.is_none() || leg.cancelled.is_some());
        let (session, person) = call.own();
        let asked = in_time && !call.attempt.called.iter().any(|leg| deaf(leg));
        asked.then(|| Question::new(CallWithdrawn { session, person }, call.open_since(cancelled)))
    };
    one(ask())
}

/// What timers and the way may add.
const SLACK: Duration = Duration::from_secs(1);

fn expires_in_time(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        // A proxy ends nothing by itself.
        call.far().filter(|far| call.is_plain() && call.is_back_to_back(far))?;
        let last = call.calling().intervals.last()?;
        let span = Duration::from_secs(u64::from(last.seconds?));
        let earliest = last.at + (span - (span / 3).min(Duration::from_secs(32)));
        // An earlier end has another reason.
        let early = call.attempt.broken_off().is_some_and(|ending| ending.at + SLACK < earliest);
        let left = call.clock.after(last.frame).saturating_sub(span);
        let open = (left < call.answer).then(|| "the capture ends before the session had to".to_owned());
        let (session, person) = call.own();
        (!early).then(|| Question::new(ExpiresInTime { session, person }, open))
    };
    one(ask())
}

fn refresh_keeps(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        call.far().filter(|_| call.is_plain())?;
        let first = call.calling().intervals.first()?;
        let expiry = first.at + Duration::from_secs(u64::from(first.seconds?));
        let changes = || call.attempt.legs().flat_map(|leg| &leg.changes).filter(|change| !change.by_target);
        // With these a refresh is to be tried again, or was no longer one (RFC 4028 section 7, RFC 3261 section 14.1).
        let again = |answer: Answer| matches!(answer.status, 401 | 407 | 408 | 422 | 481 | 491 | 500 | 503);
        let elsewhere =
            call.attempt.legs().flat_map(|leg| &leg.changes).any(|change| change.by_target && !change.accepted());
        let due =
            |change: &Change| change.answer.is_none_or(|answer| answer.is_success() || !elsewhere && !again(answer));
        let accepted = changes().next().is_some() && changes().all(due);
        // An end at any other time has another reason than the timer that was refreshed.
        let kept =
            call.attempt.broken_off().is_none_or(|ending| ending.at + SLACK >= expiry && ending.at <= expiry + SLACK);
        let (session, person) = call.own();
        (accepted && kept).then(|| Question::seen(RefreshKeeps { session, person }))
    };
    one(ask())
}

fn small_interval(call: &Call<'_>) -> Vec<Question> {
    let ask = || {
        let elsewhere = call.attempt.called.iter().any(|leg| refusal(leg).is_some_and(|answer| answer.status == 422));
        let (session, person) = call.own();
        let due = call.refused().is_none_or(|answer| answer.status == 422);
        (due && !elsewhere && call.is_plain()).then(|| Question::seen(SmallIntervalHandled { session, person }))
    };
    one(ask())
}

fn no_second_session(call: &Call<'_>) -> Vec<Question> {
    let calling = call.calling();
    let merged = |leg: &Leg| leg.merged && leg.call_id == calling.call_id && leg.cseq == calling.cseq;
    let twice = calling.repeated > 0 || legs(call.story, call.session, call.person).any(merged);
    let known = call.attempt.taken().all(|leg| leg.device.is_some() || leg.end == End::Network);
    let (session, person) = call.own();
    one((twice && known && call.is_plain()).then(|| Question::seen(NoSecondSession { session, person })))
}

fn private(call: &Call<'_>) -> Vec<Question> {
    let words: Vec<&str> = call.calling().privacy.iter().map(String::as_str).collect();
    // What else is asked for, a privacy service may have done, and taken the word away (RFC 3323 section 5).
    let alone = words.contains(&"id") && words.iter().all(|word| matches!(*word, "id" | "critical"));
    let asked = alone && call.calling().end == End::Device && call.far().is_some() && call.is_plain();
    let (session, person) = call.own();
    one(asked.then(|| Question::seen(Private { session, person })))
}
