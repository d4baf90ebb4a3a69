//! What is not given out: a message that is to wait until its condition holds (L13), and one to a user for whom nothing is
//! kept (L19).

use super::MSG_04;
use super::kept::Kept;
use crate::rules::findings::outside;
use crate::rules::sessions::attempt::asked;
use crate::rules::sessions::{Judged, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::standalone::Mode;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const KEPT_BACK: RuleEntry = RuleEntry {
    id: "deferred_messages.kept_back",
    requirement: MSG_04,
    level: Level::Shall,
    absence: true,
    ledger: &["L13"],
    stage3: false,
    what: "A message that is to wait is not offered to any device of its recipient before its condition holds.",
    source: "PF-MSG-04",
};

/// The message is offered to no device of the person for now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptBack {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for KeptBack {
    fn entry(&self) -> &'static RuleEntry {
        &KEPT_BACK
    }

    fn expects(&self) -> String {
        format!("\"{}\" is kept, and for now offered to no device of {}", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        absent(self.judged(story), moment)
    }
}

impl KeptBack {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        let until = until(story, &self.person, asked(story, self));
        if let Some(offer) = kept.offers().find(|offer| offer.frame < until) {
            let device = offer.device.as_deref().unwrap_or("devices");
            let observed = format!("{} offers it to {}'s {device}", offer.told(), self.person);
            return Err(unkept(&KEPT_BACK, self.expects(), observed, offer.frame));
        }
        match sent.answer() {
            Some(answer) if answer.is_success() => Ok(Judgement::Met { checks: 1 }),
            Some(answer) => {
                let observed = format!("{} was refused ({}, frame {})", sent.told(), answer.status, answer.frame);
                Err(unkept(&KEPT_BACK, self.expects(), observed, answer.frame))
            }
            None => {
                let observed = format!("{} was never answered", sent.told());
                Err(missing(story, &KEPT_BACK, self.expects(), observed, sent.frame))
            }
        }
    }
}

/// The frame in which, after the question, something changed for a person by which a condition may hold: a wish, or a
/// device that comes.
fn until(story: &Story, person: &str, asked: u64) -> u64 {
    let comes = story.cast().reachability(person).map(|change| change.frame);
    let wishes = story.cast().wishes(person);
    comes.chain(wishes).filter(|frame| *frame > asked).min().unwrap_or(u64::MAX)
}

pub(super) const REFUSED: RuleEntry = RuleEntry {
    id: "deferred_messages.refused",
    requirement: MSG_04,
    level: Level::Shall,
    absence: true,
    ledger: &["L12", "L19"],
    stage3: false,
    what: "A message to a user for whom nothing is kept is refused or dropped, and never comes.",
    source: "PF-MSG-04",
};

/// The message is refused, or dropped, and nothing of it comes to the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for Refused {
    fn entry(&self) -> &'static RuleEntry {
        &REFUSED
    }

    fn expects(&self) -> String {
        format!("\"{}\" is not kept for {}, and never comes", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        absent(self.judged(story), moment)
    }
}

impl Refused {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        if let Some(offer) = kept.offers().next() {
            let observed = format!("{} offers it to {}", offer.told(), self.person);
            return Err(unkept(&REFUSED, self.expects(), observed, offer.frame));
        }
        if let Some(item) = kept.arrivals().next() {
            let observed = format!("it came in frame {}", item.frame);
            return Err(unkept(&REFUSED, self.expects(), observed, item));
        }
        let Some(answer) = sent.answer() else {
            let observed = format!("{} was never answered", sent.told());
            return Err(missing(story, &REFUSED, self.expects(), observed, sent.frame));
        };
        // A MESSAGE may be taken and dropped; who opens a session for what is dropped does what no entry speaks of.
        let whole = sent.items().any(|item| item.content.body.length > 0 && item.accepted());
        if answer.is_success() && sent.mode == Mode::Large && whole {
            let observed = format!("{} was accepted, and so was what came in its session", sent.told());
            return Err(Judgement::Broken(outside(&REFUSED, "L19", self.expects(), observed, answer.frame)).into());
        }
        Ok(Judgement::Met { checks: 1 })
    }
}

/// What is said of an absence: as long as more may come, nothing.
pub(super) fn absent(judged: Judged, moment: Moment) -> Assessment {
    match (&judged, moment) {
        (Ok(_), Moment::Open) => Judgement::Undecided.into(),
        _ => settled(judged, Vec::new(), moment),
    }
}
