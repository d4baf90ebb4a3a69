//! What is asked of calls that came to several devices of a user: whose answer counts, and whom the session reaches.

use std::time::Duration;

use super::call::Call;
use super::messages::Said;
use super::table::{Asked, Question};
use crate::rules::multi_device::{
    BestAnswer, ChangeReachesAll, ChangeReachesOnly, DeclinedForUser, NothingAfterLeaving, OneAcceptance, ReachesAll,
    ShownOnce, SucceedsAt, WhoStaysTakesPart,
};
use crate::rules::sessions::accord::own_accord;
use crate::rules::sessions::attempt::refusal;
use crate::story::Flow;
use crate::story::legs::{End, Leg};

pub(super) const ASKED: &[Asked] = &[
    Asked {
        rule: "multi_device.one_acceptance",
        needs: "a call to several devices, and an acceptance",
        of: one_acceptance,
    },
    Asked {
        rule: "multi_device.succeeds_at",
        needs: "a refusal of one device, and the acceptance of another",
        of: succeeds_at,
    },
    Asked { rule: "multi_device.best_answer", needs: "refusals of several devices, and of the call", of: best_answer },
    Asked {
        rule: "multi_device.declined_for_user",
        needs: "a device that declined for the user while another rang",
        of: declined,
    },
    Asked {
        rule: "multi_device.who_stays_takes_part",
        needs: "a message of the caller to several devices",
        of: who_stays,
    },
    Asked {
        rule: "multi_device.reaches_all",
        needs: "the same, where the statement joins all devices",
        of: reaches_all,
    },
    Asked {
        rule: "multi_device.change_reaches_only",
        needs: "a change by the caller, and one device in the session",
        of: only,
    },
    Asked {
        rule: "multi_device.change_reaches_all",
        needs: "a change by the caller, and several devices in the session",
        of: all,
    },
    Asked { rule: "multi_device.nothing_after_leaving", needs: "the BYE of one of several devices", of: after_leaving },
    Asked { rule: "multi_device.shown_once", needs: "reports of devices that they showed a message", of: shown_once },
];

/// An acceptance that comes so soon after another crossed what was to tell its device.
const CROSSING: Duration = Duration::from_secs(2);

/// The name of a device that a leg leads to.
fn device(leg: &Leg) -> Option<String> {
    leg.device.clone().filter(|_| leg.end == End::Device)
}

/// Whether a call of somebody else reached several legs of the user's devices.
fn is_forked(call: &Call<'_>) -> bool {
    let devices = || call.attempt.called.iter().filter(|leg| leg.end == End::Device);
    devices().count() > 1 && devices().all(|leg| leg.device.is_some()) && call.is_plain() && call.waited()
}

/// The devices whose acceptance the target let stand.
fn staying<'a>(call: &Call<'a>) -> Vec<&'a Leg> {
    call.attempt.taken().filter(|leg| own_accord(call.story, leg).is_none()).collect()
}

fn one_acceptance(call: &Call<'_>) -> Vec<Question> {
    let taken = call.taken();
    let answers = || taken.iter().filter_map(|leg| leg.answer).map(|answer| answer.frame);
    let Some(last) = answers().max().filter(|_| is_forked(call) && !staying(call).is_empty()) else {
        return Vec::new();
    };
    let told = call.calling().answer.map_or(last, |answer| answer.frame);
    if call.refused().is_some() || call.clock.between(told, last) < CROSSING && answers().any(|frame| frame > told) {
        return Vec::new();
    }
    let (session, person) = call.own();
    let open = call.open_since(last.max(told));
    vec![Question::new(OneAcceptance { session, person, least: taken.len() }, open)]
}

fn succeeds_at(call: &Call<'_>) -> Vec<Question> {
    let refused = call.attempt.called.iter().any(|leg| refusal(leg).is_some() && leg.cancelled.is_none());
    let stay = staying(call);
    let ([leg], true) = (stay.as_slice(), refused && is_forked(call)) else { return Vec::new() };
    let (Some(accepted), Some(device)) = (leg.answer.map(|answer| answer.frame), device(leg)) else {
        return Vec::new();
    };
    if call.refused().is_some_and(|answer| answer.frame < accepted) {
        return Vec::new();
    }
    let (session, person) = call.own();
    vec![Question::new(SucceedsAt { session, person, device }, call.open_since(accepted))]
}

fn best_answer(call: &Call<'_>) -> Vec<Question> {
    let Some(heard) = call.refused().filter(|_| is_forked(call)) else { return Vec::new() };
    let said = |leg: &Leg| refusal(leg).is_some_and(|answer| leg.cancelled.is_some() || answer.frame < heard.frame);
    if !call.attempt.called.iter().all(|leg| said(leg)) {
        return Vec::new();
    }
    let (session, person) = call.own();
    let devices = call.attempt.called.iter().filter_map(|leg| device(leg)).collect();
    vec![Question::seen(BestAnswer { session, person, devices })]
}

fn declined(call: &Call<'_>) -> Vec<Question> {
    let declines = |leg: &&&Leg| refusal(leg).is_some_and(|answer| answer.status >= 600);
    let first = call.attempt.called.iter().find(declines).filter(|_| is_forked(call));
    let (Some(first), Some(heard)) = (first, call.calling().answer) else { return Vec::new() };
    let taken = call.taken();
    let rang = call.attempt.called.iter().filter(|leg| !std::ptr::eq(**leg, *first));
    let other = if heard.is_success() { taken.first().copied() } else { rang.copied().next() };
    let (Some(device), Some(other)) = (device(first), other.and_then(device)) else { return Vec::new() };
    let (session, person) = call.own();
    vec![Question::new(DeclinedForUser { session, person, device, other }, call.open_since(heard.frame))]
}

/// What the caller said to several devices that stay, and why one of them may have got none of it.
fn said_to_several<'a>(call: &Call<'a>) -> Vec<(Said<'a>, Vec<&'a Leg>, Option<String>)> {
    let stay = staying(call);
    if stay.len() < 2 || !is_forked(call) || !call.calling().established() {
        return Vec::new();
    }
    let by_caller = call.said().into_iter().filter(|said| said.item.flow == Flow::NetworkToTarget);
    let told = |said: Said<'a>| {
        let open = stay.iter().find_map(|leg| call.may_be_kept(&said, leg));
        (said, stay.clone(), open)
    };
    by_caller.map(told).collect()
}

fn who_stays(call: &Call<'_>) -> Vec<Question> {
    let ask = |(said, _, open): (Said<'_>, Vec<&Leg>, Option<String>)| {
        let (session, person) = call.own();
        Question::new(WhoStaysTakesPart { session, person, label: said.id.to_owned() }, open)
    };
    said_to_several(call).into_iter().map(ask).collect()
}

fn reaches_all(call: &Call<'_>) -> Vec<Question> {
    if !call.statement.has("device_mode", "all_joined") {
        return Vec::new();
    }
    let ask = |(said, stay, open): (Said<'_>, Vec<&Leg>, Option<String>)| {
        let (session, person) = call.own();
        let devices = stay.into_iter().filter_map(device).collect();
        Question::new(ReachesAll { session, person, label: said.id.to_owned(), devices }, open)
    };
    said_to_several(call).into_iter().map(ask).collect()
}

/// The frame from which on the last change by the caller has to have reached the devices.
fn changed(call: &Call<'_>) -> Option<u64> {
    let by_caller = call.calling().end == End::Network && call.is_plain() && call.is_kept();
    let change = call.change_at(End::Network).filter(|_| by_caller && call.calling().established())?;
    change.answer.filter(|answer| answer.is_success()).map(|answer| answer.frame)
}

/// Why a change may not have reached a device that was in the session.
fn may_be_left_out(call: &Call<'_>, since: u64) -> Option<String> {
    let soon = |leg: &Leg| leg.ended.as_ref().is_some_and(|end| call.clock.between(since, end.frame) < call.answer);
    let over = call.attempt.legs().any(soon).then(|| "the session ended soon after".to_owned());
    over.or_else(|| call.open_since(since))
}

fn only(call: &Call<'_>) -> Vec<Question> {
    let (Some(since), Some(far)) = (changed(call), call.far()) else { return Vec::new() };
    let elsewhere =
        |leg: &&Leg| leg.end == End::Device && leg.person.as_deref() == Some(call.person) && leg.device != far.device;
    // What is offered to another device may be about another session.
    let alone = call.story.legs().iter().filter(elsewhere).all(|leg| leg.group.as_deref() == Some(call.session));
    let Some(device) = device(far).filter(|_| alone) else { return Vec::new() };
    let (session, person) = call.own();
    vec![Question::new(ChangeReachesOnly { session, person, device }, may_be_left_out(call, since))]
}

fn all(call: &Call<'_>) -> Vec<Question> {
    let stay = staying(call);
    let Some(since) = changed(call).filter(|_| stay.len() > 1 && is_forked(call)) else { return Vec::new() };
    let gone = stay.iter().any(|leg| leg.ended.as_ref().is_some_and(|end| end.frame < since));
    if gone {
        return Vec::new();
    }
    let (session, person) = call.own();
    let devices = stay.into_iter().filter_map(device).collect();
    vec![Question::new(ChangeReachesAll { session, person, devices }, may_be_left_out(call, since))]
}

fn after_leaving(call: &Call<'_>) -> Vec<Question> {
    if !is_forked(call) || !call.is_kept() {
        return Vec::new();
    }
    let left = |leg: &&Leg| leg.ended.as_ref().is_some_and(|end| !end.by_target && end.answer.is_some());
    let mut questions = Vec::new();
    for leg in staying(call).into_iter().filter(left) {
        let answered = leg.ended.as_ref().and_then(|end| end.answer).map_or(u64::MAX, |answer| answer.frame);
        let later = call.said().into_iter().filter(|said| said.item.first > answered);
        questions.extend(later.filter_map(|said| {
            let (session, person) = call.own();
            Some(Question::seen(NothingAfterLeaving {
                session,
                person,
                device: device(leg)?,
                label: said.id.to_owned(),
            }))
        }));
    }
    questions
}

fn shown_once(call: &Call<'_>) -> Vec<Question> {
    let several = call.taken().len() > 1 && is_forked(call);
    let from_network = call.said().into_iter().filter(|said| several && said.item.flow == Flow::NetworkToTarget);
    let ask = |said: Said<'_>| {
        let (session, person) = call.own();
        Question::seen(ShownOnce { session, person, label: said.id.to_owned() })
    };
    from_network.map(ask).collect()
}
