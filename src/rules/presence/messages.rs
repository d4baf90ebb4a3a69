//! Messages to a user who is not there, as presence says: no device hears of them until it is (L06, L12).

use super::availability::{closed_at, opens_after, until};
use super::{Judged, PRS_01, harness, missing, settled, unkept};
use crate::rules::deferred_messages::kept::Kept;
use crate::rules::messages::course::Course;
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::standalone::Standalone;
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const MESSAGE_WITHHELD: RuleEntry = RuleEntry {
    id: "presence.message_withheld",
    requirement: PRS_01,
    level: Level::May,
    absence: true,
    ledger: &["L12"],
    stage3: false,
    what: "A message to a user whose presence is closed is offered to no device of the user, and is answered.",
    source: "PF-PRS-01, RFC 3863 section 4.1.4",
};

/// The message is offered to no device of the person while presence is closed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageWithheld {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for MessageWithheld {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_WITHHELD
    }

    fn expects(&self) -> String {
        format!("\"{}\" is offered to no device of {}, whose presence is closed", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl MessageWithheld {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        closed_at(story, &self.person, sent.frame, &MESSAGE_WITHHELD, &self.expects())?;
        let until = until(story, &self.person, asked(story, self));
        if let Some(offer) = kept.offers().find(|offer| offer.frame < until) {
            let device = offer.device.as_deref().unwrap_or("devices");
            let observed = format!("{} offers it to {}'s {device}", offer.told(), self.person);
            return Err(unkept(&MESSAGE_WITHHELD, self.expects(), observed, offer.frame));
        }
        match sent.answer() {
            Some(_) => Ok(Judgement::Met { checks: 2 }),
            None => {
                let observed = format!("{} was never answered", sent.told());
                Err(missing(story, &MESSAGE_WITHHELD, self.expects(), observed, sent.frame))
            }
        }
    }
}

pub(super) const MESSAGE_COMES: RuleEntry = RuleEntry {
    id: "presence.message_comes",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &["L06", "L12"],
    stage3: false,
    what: "A message that was taken for a user whose presence was closed comes when presence is open again.",
    source: "PF-PRS-01, PF-MSG-04",
};

/// The message reaches the person now that presence is open, unless its author was told that it does not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageComes {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for MessageComes {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_COMES
    }

    fn expects(&self) -> String {
        format!("\"{}\" reaches {}, whose presence is open again", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl MessageComes {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        let opens = opens_after(story, &self.person, sent.frame)
            .ok_or_else(|| harness(format!("nobody told that the presence of {} is open again", self.person)))?;
        if is_refused(&sent) || interworked(story, &kept) {
            return Ok(Judgement::Met { checks: 1 });
        }
        if let Some(early) = kept.taken().find(|item| item.frame < opens) {
            let observed = format!("it came in frame {}, before presence was open (frame {opens})", early.frame);
            return Err(unkept(&MESSAGE_COMES, self.expects(), observed, early));
        }
        match kept.taken().count() {
            0 => {
                let observed = format!("{} was taken, and presence is open since frame {opens}", sent.told());
                Err(missing(story, &MESSAGE_COMES, self.expects(), observed, opens))
            }
            checks => Ok(Judgement::Met { checks }),
        }
    }
}

/// Whether its author knows that it came to nothing.
fn is_refused(sent: &Standalone<'_>) -> bool {
    sent.answer().is_some_and(|answer| !answer.is_success()) || sent.items().any(|item| item.refusal().is_some())
}

/// Whether it went on by another service, which took it.
fn interworked(story: &Story, kept: &Kept<'_>) -> bool {
    Course::of(story, kept.announced)
        .is_some_and(|course| course.came().any(|one| one.flow == Flow::TargetToInterworking && one.taken()))
}
