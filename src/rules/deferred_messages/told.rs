//! A device learns that something waits for its user: by word of it, or because it is pushed (L32, L35).

use super::MSG_04;
use super::kept::{Kept, remarks, words_to};
use crate::rules::findings::outside;
use crate::rules::sessions::{Judged, missing, settled};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::standalone::Standalone;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const TOLD: RuleEntry = RuleEntry {
    id: "deferred_messages.told",
    requirement: MSG_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L32", "L35"],
    stage3: false,
    what: "A device that can be reached is told of a message that waits for its user, or is given it.",
    source: "PF-MSG-04",
};

/// The device is told of the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Whose.
    pub person: String,
    /// Which device.
    pub device: String,
    /// What the message is called.
    pub label: String,
}

impl Rule for Told {
    fn entry(&self) -> &'static RuleEntry {
        &TOLD
    }

    fn expects(&self) -> String {
        format!("{}'s {} is told that \"{}\" waits, or is given it", self.person, self.device, self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match Kept::of(story, &self.person, &self.label) {
            Ok(kept) => {
                let (judged, warnings) = told(&TOLD, self.expects(), statement, &kept, &self.device);
                settled(judged, warnings, moment)
            }
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

/// Whether a device was told of a message, and what is worth telling of how.
pub(in crate::rules) fn told(
    entry: &RuleEntry,
    expected: String,
    statement: &Statement,
    kept: &Kept<'_>,
    device: &str,
) -> (Judged, Vec<Finding>) {
    let sent = match kept.submitted() {
        Ok(sent) => sent,
        Err(nobody) => return (Err(nobody), Vec::new()),
    };
    if let Some(word) = kept.told_to(device).next() {
        let remarks = remarks(entry, statement, word.carrier.as_str(), word.frame).collect();
        return (Ok(Judgement::Met { checks: 1 }), remarks);
    }
    if let Some(offer) = offered_to(kept, device) {
        return (Ok(Judgement::Met { checks: 1 }), remarks(entry, statement, "push", offer.frame).collect());
    }
    // Word of something came after the message was sent, in a form from which nobody can tell of what.
    let unreadable =
        words_to(kept.story, kept.person, device).find(|word| word.frame > sent.frame && !word.is_listed());
    let judged = match unreadable {
        Some(word) => {
            let observed = format!("word came in frame {} ({})", word.frame, word.carrier.as_str());
            let observed = format!("{observed}, and nobody can tell of what");
            Judgement::Broken(outside(entry, "L35", expected, observed, word.frame)).into()
        }
        None => {
            let observed = format!("neither word of it nor itself came to the {device}");
            missing(kept.story, entry, expected, observed, sent.frame)
        }
    };
    (Err(judged), Vec::new())
}

/// The first time that the target offered a message to this device, or to the user at large.
pub(in crate::rules) fn offered_to<'a>(kept: &Kept<'a>, device: &str) -> Option<Standalone<'a>> {
    kept.offers().find(|offer| offer.at_large || offer.device.as_deref() == Some(device))
}
