//! What changes within a leg that stands: new offers by re-INVITE or UPDATE (RFC 3261 section 14, RFC 3311), and how long
//! the session lasts without a refresh (RFC 4028).

use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;

use super::legs::{Legs, Media, MediaDirection, When, seconds};
use super::session::Answer;

/// Changes kept of one leg.
const CHANGES: usize = 1024;

/// A re-INVITE or an UPDATE.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Where it was.
    pub frame: u64,
    /// Whether the target asked for it.
    pub by_target: bool,
    /// The direction that is offered for the media; of an INVITE without an offer, the one in its ACK.
    pub offer: Option<MediaDirection>,
    /// Whether it has a description of media at all; of an INVITE without one, whether its ACK has.
    pub describes: bool,
    /// Whether it is an INVITE that leaves the offer to the other side.
    pub asks: bool,
    /// The final answer.
    pub answer: Option<Answer>,
    /// The direction of the media in that answer.
    pub back: Option<MediaDirection>,
}

impl Change {
    /// Whether it came to be.
    pub fn accepted(&self) -> bool {
        self.answer.is_some_and(Answer::is_success)
    }

    /// Whether it was finally answered before this frame.
    pub fn answered_before(&self, frame: u64) -> bool {
        self.answer.is_some_and(|answer| answer.frame < frame)
    }
}

/// What an answer says of refreshes.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// Where it was said.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// How long the session lasts from there without a refresh, in seconds; none when it lasts without end.
    pub seconds: Option<u32>,
    /// Whether the target is the one to refresh it.
    pub by_target: bool,
}

impl Interval {
    /// From a 2xx to a request of the target, or to one of the tester.
    pub(super) fn read(when: When, asked_by_target: bool, answer: &Message) -> Option<Interval> {
        let When { frame, at } = when;
        let value = answer.header(&Name::SessionExpires).unwrap_or_default().to_ascii_lowercase();
        // Who is not named is the one who asked (RFC 4028 section 7.2).
        let by_target = asked_by_target != value.replace(' ', "").contains("refresher=uas");
        Some(Interval { frame, at, seconds: seconds(answer, &Name::SessionExpires), by_target })
    }
}

impl Legs {
    /// A re-INVITE or an UPDATE on a leg; gives its place among the changes.
    pub fn change(&mut self, frame: u64, at: usize, sent: bool, message: &Message) -> Option<usize> {
        let leg = self.get_mut(at).filter(|leg| leg.changes.len() < CHANGES)?;
        if !sent {
            leg.names(frame, message);
        }
        leg.changes.push(Change {
            frame,
            by_target: !sent,
            offer: Media::read(message).map(|media| media.direction),
            describes: !message.body().is_empty(),
            asks: message.method() == Method::Invite && message.body().is_empty(),
            answer: None,
            back: None,
        });
        Some(leg.changes.len() - 1)
    }

    /// The answer to a change.
    pub fn change_answered(&mut self, when: When, (at, place): (usize, usize), message: &Message) {
        let Some(status) = message.status().filter(|status| *status >= 200) else { return };
        let Some(leg) = self.get_mut(at) else { return };
        let Some(change) = leg.changes.get_mut(place).filter(|change| change.answer.is_none()) else { return };
        change.answer = Some(Answer { status, frame: when.frame });
        if (200..300).contains(&status) {
            change.back = Media::read(message).map(|media| media.direction);
            leg.intervals.extend(Interval::read(when, change.by_target, message));
        }
    }

    /// An ACK that describes media: the answer to an offer that its INVITE asked for.
    pub fn change_confirmed(&mut self, at: usize, sent: bool, message: &Message) {
        let Some(leg) = self.get_mut(at).filter(|_| message.method() == Method::Ack) else { return };
        let last = leg.changes.iter_mut().rev().find(|change| change.by_target != sent);
        let (Some(change), Some(media)) = (last, Media::read(message)) else { return };
        if change.offer.is_none() {
            change.offer = Some(media.direction);
            change.describes = true;
        }
    }
}
