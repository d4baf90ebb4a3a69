//! A session, a chat or a message of a user, on either side of the target: the messages of SIP that make it.

use crate::rules::messages::course::Course;
use crate::rules::sessions::{Unmet, harness};
use crate::story::Story;
use crate::story::legs::{End, Leg};
use crate::story::signals::Signal;
use crate::story::standalone::{Mode, Standalone};

/// One side of the target in an affair.
pub(super) struct Side<'a> {
    /// Who is there.
    pub end: End,
    /// What begins it, what answers that, and what ends it.
    pub signals: Vec<&'a Signal>,
}

/// A session, a chat or a message of a user.
pub(super) struct Affair<'a> {
    /// The sides on which there was anything of it.
    pub sides: Vec<Side<'a>>,
    /// The Call-IDs of all its dialogs and requests.
    pub call_ids: Vec<&'a str>,
    /// The imdn.Message-ID of a message.
    pub message_id: Option<&'a str>,
}

impl<'a> Affair<'a> {
    /// What is called so, of this user.
    pub fn of(story: &'a Story, label: &'a str, person: &'a str) -> Result<Affair<'a>, Unmet> {
        let affair = match story.cast().group(label) {
            Some(_) => Affair::of_session(story, label, person),
            None => Affair::of_message(story, label, person)?,
        };
        if affair.sides.iter().all(|side| side.signals.is_empty()) {
            return Err(harness(format!("there was nothing of \"{label}\" of {person} since the first order")));
        }
        Ok(affair)
    }

    fn of_session(story: &'a Story, session: &'a str, person: &'a str) -> Affair<'a> {
        let own = |leg: &&Leg| leg.group.as_deref() == Some(session) && leg.person.as_deref() == Some(person);
        let legs: Vec<&'a Leg> = story.legs().iter().filter(own).filter(|leg| !leg.echoed && !leg.merged).collect();
        let side = |end: End| {
            let there = legs.iter().copied().filter(|leg| leg.end == end);
            Side { end, signals: at(story, there.flat_map(of_leg)) }
        };
        let sides = [End::Network, End::Device].map(side).into_iter().filter(|side| !side.signals.is_empty()).collect();
        Affair { sides, call_ids: legs.iter().map(|leg| leg.call_id.as_str()).collect(), message_id: None }
    }

    fn of_message(story: &'a Story, label: &'a str, person: &'a str) -> Result<Affair<'a>, Unmet> {
        let course = Course::last(story, label, u64::MAX)?;
        let all = std::iter::once(course.sent).chain(course.came());
        let own: Vec<Standalone<'a>> = all.filter(|passage| passage.person.as_deref() == Some(person)).collect();
        let side = |end: End| {
            let there = own.iter().filter(|passage| end_of(passage) == end);
            Side { end, signals: at(story, there.flat_map(of_passage)) }
        };
        let sides = [End::Network, End::Device].map(side).into_iter().filter(|side| !side.signals.is_empty()).collect();
        let call_ids = own.iter().map(|passage| passage.passage().call_id.as_str()).collect();
        Ok(Affair { sides, call_ids, message_id: course.announced.message_id.as_deref() })
    }
}

/// The messages in these frames, as far as they were kept.
fn at(story: &Story, frames: impl Iterator<Item = u64>) -> Vec<&Signal> {
    let signals = story.signals();
    let find = |frame: u64| signals.get(signals.binary_search_by_key(&frame, |signal| signal.frame).ok()?);
    frames.filter_map(find).collect()
}

/// The INVITE of a leg, its final answer, and the BYE.
fn of_leg(leg: &Leg) -> Vec<u64> {
    let answer = leg.answer.map(|answer| answer.frame);
    let ended = leg.ended.as_ref().map(|ending| ending.frame);
    [Some(leg.invited), answer, ended].into_iter().flatten().collect()
}

fn of_passage(passage: &Standalone<'_>) -> Vec<u64> {
    match passage.mode {
        Mode::Pager => {
            [Some(passage.frame), passage.answer().map(|answer| answer.frame)].into_iter().flatten().collect()
        }
        Mode::Large => passage.legs().flat_map(of_leg).collect(),
    }
}

fn end_of(passage: &Standalone<'_>) -> End {
    use crate::story::Flow::{DeviceToTarget, TargetToDevice};
    if matches!(passage.flow, DeviceToTarget | TargetToDevice) { End::Device } else { End::Network }
}
