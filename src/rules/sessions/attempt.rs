//! One call for a session: the leg of who calls, and what the target made of it on the other side.

use super::{Unmet, harness, missing, outside};
use crate::rules::{Judgement, Rule, RuleEntry};
use crate::story::legs::{End, Ending, Leg, Media};
use crate::story::{Answer, Flow, Item, Story};
use crate::target::statement::Statement;
use serde::Serialize;

/// A call for a session, from its INVITE on.
pub(crate) struct Attempt<'a> {
    pub story: &'a Story,
    /// The leg of the caller.
    pub calling: &'a Leg,
    /// The legs that the target opened on the other side for it.
    pub called: Vec<&'a Leg>,
}

/// The frame in which this very question was asked. What happens after it belongs to the next.
pub(in crate::rules) fn asked<R: Rule + Serialize>(story: &Story, rule: &R) -> u64 {
    let arguments = serde_json::to_value(rule).unwrap_or_default();
    story.asked(rule.id(), &arguments).unwrap_or(u64::MAX)
}

/// Legs of a session of a user.
pub(crate) fn legs<'a>(story: &'a Story, session: &'a str, person: &'a str) -> impl Iterator<Item = &'a Leg> {
    story
        .legs()
        .iter()
        .filter(move |leg| leg.group.as_deref() == Some(session) && leg.person.as_deref() == Some(person))
}

/// Whether the tester sent this call wrong on purpose.
fn is_wrong(story: &Story, leg: &Leg) -> bool {
    !leg.by_target && story.wrong_calls().iter().any(|wrong| wrong.call_id == leg.call_id)
}

/// The side that is not this one.
pub(in crate::rules) const fn opposite(end: End) -> End {
    match end {
        End::Network => End::Device,
        End::Device | End::Interworking | End::Client => End::Network,
    }
}

/// The answer by which a leg did not come to be.
pub(crate) fn refusal(leg: &Leg) -> Option<Answer> {
    leg.answer.filter(|answer| !answer.is_success())
}

impl<'a> Attempt<'a> {
    /// All calls of a session of a user, in order.
    pub fn all(story: &'a Story, session: &str, person: &str) -> Vec<Attempt<'a>> {
        let calling: Vec<&Leg> = story
            .legs()
            .iter()
            .filter(|leg| leg.group.as_deref() == Some(session) && leg.person.as_deref() == Some(person))
            .filter(|leg| !leg.by_target && !leg.merged && !is_wrong(story, leg))
            .collect();
        let until = calling.iter().skip(1).map(|leg| leg.invited).chain([u64::MAX]);
        let called = |calling: &Leg, until: u64| {
            story
                .legs()
                .iter()
                .filter(|leg| leg.group.as_deref() == Some(session) && leg.person.as_deref() == Some(person))
                .filter(|leg| leg.by_target && !leg.echoed && leg.end == opposite(calling.end))
                .filter(|leg| (calling.invited..until).contains(&leg.invited))
                .collect()
        };
        calling
            .iter()
            .zip(until)
            .map(|(leg, until)| Attempt { story, calling: leg, called: called(leg, until) })
            .collect()
    }

    /// The last call of a session that began before a frame.
    pub fn last(story: &'a Story, session: &str, person: &str, before: u64) -> Result<Attempt<'a>, Unmet> {
        let mut all = Attempt::all(story, session, person);
        all.retain(|attempt| attempt.calling.invited < before);
        all.pop().ok_or_else(|| harness(format!("nobody called for \"{session}\"")))
    }

    /// The legs on the other side that came to be.
    pub fn taken(&self) -> impl Iterator<Item = &'a Leg> {
        self.called.iter().copied().filter(|leg| leg.established())
    }

    /// The leg on the other side that came to be, when the caller's did, too. Otherwise why the session never stood.
    pub fn stood(&self, entry: &RuleEntry, expected: String) -> Result<&'a Leg, Unmet> {
        let taken = self.taken().next();
        let call = format!("the call in frame {}", self.calling.invited);
        let observed = match (self.calling.answer, taken) {
            (Some(answer), Some(taken)) if answer.is_success() => return Ok(taken),
            (Some(answer), None) if answer.is_success() => {
                format!("{call} was accepted in frame {}, and nobody on the other side had accepted it", answer.frame)
            }
            (Some(answer), None) if self.called.iter().any(|leg| refusal(leg).is_some()) => {
                return Err(harness(format!("{call} was refused by who was called ({})", answer.status)));
            }
            (Some(answer), taken) => {
                let side = taken.map_or("no answer from there", |_| "an acceptance there");
                format!("{call} was answered {} in frame {} after {side}", answer.status, answer.frame)
            }
            (None, Some(taken)) => format!("{call} was accepted (frame {}), and its caller never heard", spot(taken)),
            (None, None) if self.calling.cancelled.is_some() => return Err(harness(format!("{call} was withdrawn"))),
            (None, None) => format!("{call} was never answered"),
        };
        let frame = self.calling.answer.map_or(self.calling.invited, |answer| answer.frame);
        Err(missing(self.story, entry, expected, observed, frame))
    }

    /// The BYE by which the tester ended the session first, with the leg that it was on.
    pub fn hung_up(&self) -> Option<(&'a Leg, &'a Ending)> {
        let own = self.legs().filter_map(|leg| Some((leg, leg.ended.as_ref().filter(|ending| !ending.by_target)?)));
        own.min_by_key(|(_, ending)| ending.frame)
    }

    /// The BYE by which the target ended the session, of its own accord: towards the caller, or the last one towards the
    /// other side.
    pub fn broken_off(&self) -> Option<&'a Ending> {
        let by_target = |leg: &'a Leg| leg.ended.as_ref().filter(|ending| ending.by_target);
        let there: Vec<&Leg> = self.taken().collect();
        let all_there = there.iter().map(|leg| by_target(leg)).collect::<Option<Vec<_>>>();
        let last_there = all_there.and_then(|all| all.into_iter().max_by_key(|ending| ending.frame));
        let first = by_target(self.calling).into_iter().chain(last_there).min_by_key(|ending| ending.frame)?;
        let own = self.hung_up().map(|(_, ending)| ending.frame);
        // A device that has gone has left its sessions.
        let person = self.calling.person.as_deref().unwrap_or_default();
        let gone = self.story.cast().losses(person).into_iter().find(|gone| *gone > self.calling.invited);
        own.into_iter().chain(gone).all(|before| first.frame < before).then_some(first)
    }

    /// Every leg of the call.
    pub fn legs(&self) -> impl Iterator<Item = &'a Leg> {
        std::iter::once(self.calling).chain(self.called.iter().copied())
    }

    /// What was met, if the target had a part in it. Where the statement puts the target into the path of the media, and
    /// they go past it, what was seen is nothing that the target did (L29).
    pub fn met(&self, entry: &RuleEntry, statement: &Statement, checks: usize) -> Judgement {
        let Some(leg) = self.passed_by().filter(|_| statement.has("media_path", "in")) else {
            return Judgement::Met { checks };
        };
        let expected = "media_path: in, as the statement says".to_owned();
        let observed = format!("the description in frame {} has the path of the other end, unchanged", leg.invited);
        Judgement::Broken(outside(entry, "L29", expected, observed, leg.invited))
    }

    /// The leg in which the media of the other end stand as they were.
    fn passed_by(&self) -> Option<&'a Leg> {
        let (own, target) = (path(self.calling.own.as_ref()), path(self.calling.target.as_ref()));
        let same = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
        let mut legs = self.called.iter().copied();
        legs.find(|leg| same(own, path(leg.target.as_ref())) || same(target, path(leg.own.as_ref())))
    }
}

fn path(media: Option<&Media>) -> Option<&str> {
    media.map(|media| media.session.as_str())
}

/// The frame in which a leg was answered, or else begun.
pub(in crate::rules) fn spot(leg: &Leg) -> u64 {
    leg.answer.map_or(leg.invited, |answer| answer.frame)
}

/// Messages that came in a leg, or went.
pub(crate) fn items_of<'a>(story: &'a Story, leg: &'a Leg) -> impl Iterator<Item = &'a Item> {
    story.items().iter().filter(move |item| story.leg_of(item).is_some_and(|of| std::ptr::eq(of, leg)))
}

/// The flow on the other side of the target, in which a message of this flow goes on.
pub(crate) const fn onward(flow: Flow) -> Option<Flow> {
    match flow {
        Flow::NetworkToTarget => Some(Flow::TargetToDevice),
        Flow::DeviceToTarget => Some(Flow::TargetToNetwork),
        Flow::TargetToDevice
        | Flow::TargetToNetwork
        | Flow::TargetToInterworking
        | Flow::InterworkingToTarget
        | Flow::ToClient
        | Flow::FromClient => None,
    }
}
