//! The last call of a session between two, as the capture shows it: what of it is plain enough for a rule to be asked.

use std::time::Duration;

use super::clock::Clock;
use crate::rules::sessions::accord::own_accord;
use crate::rules::sessions::attempt::{Attempt, items_of, legs, refusal};
use crate::story::legs::{End, Leg};
use crate::story::{Answer, Change, Item, Story};
use crate::target::statement::Statement;

/// A call, and what is known around it.
pub(super) struct Call<'a> {
    pub story: &'a Story,
    pub statement: &'a Statement,
    pub clock: &'a Clock,
    /// From a stimulus to what has to follow of it.
    pub answer: Duration,
    pub session: &'a str,
    pub person: &'a str,
    pub attempt: Attempt<'a>,
}

/// Why what is missing of a call is not decided, where the rule is not about that at all.
pub(super) const UNPROVEN: &str = "what is missing may have gone another way than the capture shows";

impl<'a> Call<'a> {
    pub fn calling(&self) -> &'a Leg {
        self.attempt.calling
    }

    /// The arguments that most rules have.
    pub fn own(&self) -> (String, String) {
        (self.session.to_owned(), self.person.to_owned())
    }

    /// The legs on the other side that came to be.
    pub fn taken(&self) -> Vec<&'a Leg> {
        self.attempt.taken().collect()
    }

    /// The one leg on the other side, where there is one and the session stood on both sides.
    pub fn far(&self) -> Option<&'a Leg> {
        match self.taken().as_slice() {
            [only] if self.calling().established() => Some(only),
            _ => None,
        }
    }

    /// How the caller was turned down.
    pub fn refused(&self) -> Option<Answer> {
        refusal(self.calling())
    }

    /// Whether the caller let it be as it was: nothing was taken back.
    pub fn waited(&self) -> bool {
        self.calling().cancelled.is_none()
    }

    /// Whether all legs of the session belong to this call alone: it did not move, no device joined later, and no other call of
    /// the conversation waited at the same time.
    pub fn is_plain(&self) -> bool {
        let calling = self.calling();
        let answered = calling.answer.map_or(u64::MAX, |answer| answer.frame);
        let later = self.attempt.called.iter().any(|leg| leg.invited > answered);
        let asked = |leg: &&Leg| !leg.by_target && !leg.merged && leg.established();
        let others = legs(self.story, self.session, self.person).filter(asked).any(|leg| !std::ptr::eq(leg, calling));
        let of_session = |group: Option<&str>| group == Some(self.session);
        let referred = self.story.referrals().iter().any(|referral| of_session(referral.group.as_deref()));
        !later && !others && !referred && !self.is_crossed()
    }

    /// Whether another call with the same Conversation-ID waited for its answer at the same time: then a call of the target may
    /// be the one of either.
    fn is_crossed(&self) -> bool {
        let calling = self.calling();
        let end = |leg: &Leg| leg.answer.map_or(u64::MAX, |answer| answer.frame);
        self.story.legs().iter().any(|other| {
            !other.by_target
                && other.conversation == calling.conversation
                && other.group != calling.group
                && other.invited < end(calling)
                && calling.invited < end(other)
        })
    }

    /// Whether the target made a call of its own of it, and did not pass it on as it came (RFC 3261 section 16).
    pub fn is_back_to_back(&self, far: &Leg) -> bool {
        self.calling().call_id != far.call_id
    }

    /// Why something that has to follow a frame may come after the capture, or not at all since the device was lost.
    pub fn open_since(&self, frame: u64) -> Option<String> {
        let after = self.clock.after(frame);
        let ms = self.answer.as_millis();
        let losses = self.story.cast().losses(self.person);
        let soon = |lost: u64| lost >= self.calling().invited && self.clock.between(frame, lost) < self.answer;
        if let Some(lost) = losses.into_iter().find(|lost| soon(*lost)) {
            return Some(format!("a device of {} went in packet {lost}", self.person));
        }
        let too_short =
            || format!("the capture ends {} ms after packet {frame}, and {ms} ms are allowed", after.as_millis());
        (after < self.answer).then(too_short)
    }

    /// The last change of what was agreed that an end asked for, where it is plain what it was to change.
    pub fn change_at(&self, end: End) -> Option<&'a Change> {
        let leg = self.attempt.legs().find(|leg| leg.end == end && leg.established())?;
        let changes: Vec<&Change> = leg.changes.iter().filter(|change| !change.by_target && change.describes).collect();
        let (last, before) = changes.split_last()?;
        let first = || leg.exchanges.first()?.of(false)?.message()?.message.as_ref().map(|media| media.direction);
        let was = before.last().map_or_else(first, |change| change.offer);
        (last.offer.is_some() && last.offer != was).then_some(last)
    }

    /// Whether any message of this leg is in the capture.
    pub fn has_media(&self, leg: &Leg) -> bool {
        items_of(self.story, leg).any(Item::accepted)
    }

    /// Whether the target ended none of the legs without having been told to.
    pub fn is_kept(&self) -> bool {
        self.attempt.legs().filter(|leg| leg.established()).all(|leg| own_accord(self.story, leg).is_none())
    }
}
