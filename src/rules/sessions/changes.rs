//! What was agreed changes: the change reaches the other side, or is refused there, or two cross.

use super::attempt::{Attempt, asked};
use super::{Judged, SES_01, harness, missing, settled, unkept};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg, MediaDirection};
use crate::story::{Change, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const CHANGE_CARRIED: RuleEntry = RuleEntry {
    id: "sessions.change_carried",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "A change that one side offers reaches the other side, and its acceptance comes back.",
    source: "PF-SES-01, RFC 3261 section 14, RFC 3311, RFC 3264 section 8",
};

/// The last change of one side comes to be on both.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeCarried {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// Whether the user's device asked for it, or the other side.
    pub by_device: bool,
}

impl Rule for ChangeCarried {
    fn entry(&self) -> &'static RuleEntry {
        &CHANGE_CARRIED
    }

    fn expects(&self) -> String {
        let who = if self.by_device { "the device" } else { "the network's side" };
        format!("the change of \"{}\" by {who} comes to be on both sides", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl ChangeCarried {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        attempt.stood(&CHANGE_CARRIED, self.expects())?;
        let end = if self.by_device { End::Device } else { End::Network };
        let (own, others) = sides(&attempt, end);
        let change = own.iter().flat_map(|leg| own_changes(leg)).filter(|change| change.frame < until).last();
        let change = change.ok_or_else(|| harness(format!("nobody there changed \"{}\"", self.session)))?;
        let there: Vec<&Change> = others.iter().flat_map(|leg| carried_changes(leg, change)).collect();
        let broken = |observed, frame: u64| unkept(&CHANGE_CARRIED, self.expects(), observed, frame);
        match change.answer {
            None => {
                let observed = format!("the change in frame {} was never answered", change.frame);
                return Err(missing(story, &CHANGE_CARRIED, self.expects(), observed, change.frame));
            }
            Some(answer) if !answer.is_success() => {
                if there.iter().any(|change| refused(change)) {
                    return Err(harness(format!("the other side refused the change of \"{}\"", self.session)));
                }
                return Err(broken(
                    format!("it was answered {} (frame {})", answer.status, answer.frame),
                    answer.frame,
                ));
            }
            Some(answer) if !pairs(change.offer, change.back) => {
                let (offer, back) = (shown(change.offer), shown(change.back));
                return Err(broken(format!("the offer {offer} was answered {back}"), answer.frame));
            }
            Some(_) => {}
        }
        if there.iter().any(|there| there.offer == change.offer && there.accepted()) {
            return Ok(attempt.met(&CHANGE_CARRIED, statement, 2));
        }
        let Some(other) = there.iter().find(|there| there.accepted()) else {
            let observed = format!("the change in frame {} was accepted, and never came there", change.frame);
            return Err(missing(story, &CHANGE_CARRIED, self.expects(), observed, change.frame));
        };
        let observed = format!("the offer {} came there as {}", shown(change.offer), shown(other.offer));
        Err(broken(observed, other.frame))
    }
}

pub(super) const CHANGE_REFUSED: RuleEntry = RuleEntry {
    id: "sessions.change_refused",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "A change that the other side refuses is refused, and the session goes on as it was.",
    source: "PF-SES-01, RFC 3261 sections 12.2.1.2 and 14.1, RFC 3311 section 5.1",
};

/// The last change is refused by the other side, and so to who asked for it; the session goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeRefused {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for ChangeRefused {
    fn entry(&self) -> &'static RuleEntry {
        &CHANGE_REFUSED
    }

    fn expects(&self) -> String {
        format!("the change of \"{}\" is refused, and the session goes on", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl ChangeRefused {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        attempt.stood(&CHANGE_REFUSED, self.expects())?;
        let of_end = |end| {
            let (own, others) = sides(&attempt, end);
            let last = own.into_iter().flat_map(own_changes).filter(|change| change.frame < until).last()?;
            Some((last, others))
        };
        let asked_last = [End::Network, End::Device].into_iter().filter_map(of_end).max_by_key(|(own, _)| own.frame);
        let Some((change, others)) = asked_last else {
            return Err(harness(format!("nobody changed \"{}\"", self.session)));
        };
        let there: Vec<&Change> = others.iter().flat_map(|leg| carried_changes(leg, change)).collect();
        let broken = |observed, frame: u64| unkept(&CHANGE_REFUSED, self.expects(), observed, frame);
        let Some(answer) = change.answer else {
            let observed = format!("the change in frame {} was never answered", change.frame);
            return Err(missing(story, &CHANGE_REFUSED, self.expects(), observed, change.frame));
        };
        if !there.iter().any(|there| refused(there)) {
            if there.iter().any(|there| there.accepted()) {
                return Err(harness(format!("the other side accepted the change of \"{}\"", self.session)));
            }
            let observed = format!("the other side was not asked, and it was answered {}", answer.status);
            return Err(missing(story, &CHANGE_REFUSED, self.expects(), observed, answer.frame));
        }
        if answer.is_success() || ends_the_dialog(change) {
            return Err(broken(format!("the change was answered {}", answer.status), answer.frame));
        }
        if let Some(ending) = attempt.broken_off() {
            return Err(broken("the target ended the session".to_owned(), ending.frame));
        }
        Ok(attempt.met(&CHANGE_REFUSED, statement, 3))
    }
}

pub(super) const SETTLED_AFTER_GLARE: RuleEntry = RuleEntry {
    id: "sessions.settled_after_glare",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "Changes that cross are all answered, one comes to be, and the session goes on.",
    source: "PF-SES-01, RFC 3261 section 14.1, RFC 3311 section 5.2",
};

/// Both sides ask for a change at once, and the session works afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettledAfterGlare {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for SettledAfterGlare {
    fn entry(&self) -> &'static RuleEntry {
        &SETTLED_AFTER_GLARE
    }

    fn expects(&self) -> String {
        format!("\"{}\" works after both sides changed it at the same time", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl SettledAfterGlare {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        attempt.stood(&SETTLED_AFTER_GLARE, self.expects())?;
        let (near, far) = sides(&attempt, End::Network);
        let of_side = |legs: Vec<&'_ Leg>| -> Vec<Change> {
            legs.into_iter().flat_map(own_changes).filter(|change| change.frame < until).copied().collect()
        };
        let (near, far) = (of_side(near), of_side(far));
        let crossing = near.iter().flat_map(|one| far.iter().map(move |other| (one, other)));
        let crossing = crossing.rev().find(|(one, other)| cross(one, other));
        let Some((one, other)) = crossing else {
            return Err(harness(format!("no changes of \"{}\" crossed", self.session)));
        };
        let since = one.frame.min(other.frame);
        let broken = |observed, frame: u64| unkept(&SETTLED_AFTER_GLARE, self.expects(), observed, frame);
        let changes: Vec<&Change> = near.iter().chain(&far).filter(|change| change.frame >= since).collect();
        if let Some(open) = changes.iter().find(|change| change.answer.is_none()) {
            let observed = format!("the change in frame {} was never answered", open.frame);
            return Err(missing(story, &SETTLED_AFTER_GLARE, self.expects(), observed, open.frame));
        }
        if let Some(change) = changes.iter().find(|change| ends_the_dialog(change)) {
            let status = change.answer.map_or(0, |answer| answer.status);
            return Err(broken(format!("the change was answered {status}, as if there were no session"), change.frame));
        }
        if let Some(ending) = attempt.broken_off() {
            return Err(broken("the target ended the session".to_owned(), ending.frame));
        }
        if !changes.iter().any(|change| change.accepted()) {
            return Err(broken("every change was refused, also when it was tried again".to_owned(), since));
        }
        Ok(attempt.met(&SETTLED_AFTER_GLARE, statement, changes.len()))
    }
}

/// The legs that stand at this end, and those at the other.
fn sides<'a>(attempt: &Attempt<'a>, end: End) -> (Vec<&'a Leg>, Vec<&'a Leg>) {
    attempt.legs().filter(|leg| leg.established()).partition(|leg| leg.end == end)
}

/// Changes of the media that the tester asked for on a leg.
fn own_changes<'a>(leg: &'a Leg) -> impl Iterator<Item = &'a Change> + use<'a> {
    leg.changes.iter().filter(|change| !change.by_target && change.describes)
}

/// Changes that the target asked for on a leg after this one.
fn carried_changes<'a>(leg: &'a Leg, after: &Change) -> impl Iterator<Item = &'a Change> + use<'a> {
    let since = after.frame;
    leg.changes.iter().filter(move |change| change.by_target && change.frame > since)
}

fn refused(change: &Change) -> bool {
    change.answer.is_some_and(|answer| !answer.is_success())
}

/// Whether each was asked for before the other was answered.
fn cross(one: &Change, other: &Change) -> bool {
    !one.answered_before(other.frame) && !other.answered_before(one.frame)
}

/// Whether the answer says that there is no such session (RFC 3261 section 12.2.1.2).
fn ends_the_dialog(change: &Change) -> bool {
    change.answer.is_some_and(|answer| matches!(answer.status, 408 | 481))
}

/// Whether an offer may be answered so (RFC 3264 section 6.1). Where there is no offer of messages, nothing is asked.
fn pairs(offer: Option<MediaDirection>, back: Option<MediaDirection>) -> bool {
    use MediaDirection::{Inactive, RecvOnly, SendOnly, SendRecv};
    match (offer, back) {
        (Some(SendOnly), Some(back)) => matches!(back, RecvOnly | Inactive),
        (Some(RecvOnly), Some(back)) => matches!(back, SendOnly | Inactive),
        (Some(Inactive), Some(back)) => back == Inactive,
        (Some(SendRecv) | None, _) | (_, None) => true,
    }
}

fn shown(direction: Option<MediaDirection>) -> &'static str {
    direction.map_or("without messages", MediaDirection::as_str)
}
