//! Word of messages that wait, at several devices: each is told, unless the user wants one of them alone to be (L16, L32).

use super::{DEV_03, Judged, harness, settled, unkept};
use crate::rules::deferred_messages::kept::{Kept, words_to};
use crate::rules::deferred_messages::told::{offered_to, told};
use crate::rules::findings::outside;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const EACH_TOLD: RuleEntry = RuleEntry {
    id: "multi_device.each_told",
    requirement: DEV_03,
    level: Level::Shall,
    absence: false,
    ledger: &["L32", "L35"],
    stage3: false,
    what: "Each device of a user that can be reached is told of a message that waits, or is given it.",
    source: "PF-DEV-03",
};

/// Each of the devices is told of the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EachTold {
    /// Whose.
    pub person: String,
    /// The devices.
    pub devices: Vec<String>,
    /// What the message is called.
    pub label: String,
}

impl Rule for EachTold {
    fn entry(&self) -> &'static RuleEntry {
        &EACH_TOLD
    }

    fn expects(&self) -> String {
        format!("{}'s {} are each told that \"{}\" waits", self.person, self.devices.join(" and "), self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let kept = match Kept::of(story, &self.person, &self.label) {
            Ok(kept) => kept,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let mut warnings = Vec::new();
        for device in &self.devices {
            let (judged, own) = told(&EACH_TOLD, self.expects(), statement, &kept, device);
            warnings.extend(own);
            if judged.is_err() {
                return settled(judged, warnings, moment);
            }
        }
        settled(Ok(Judgement::Met { checks: self.devices.len() }), warnings, moment)
    }
}

pub(super) const NOT_TOLD: RuleEntry = RuleEntry {
    id: "multi_device.not_told",
    requirement: DEV_03,
    level: Level::Shall,
    absence: true,
    ledger: &["L16", "L32", "L35"],
    stage3: false,
    what: "A device is not told of a message that does not wait any more, nor where the user wants another one told alone.",
    source: "PF-DEV-03",
};

/// The device is neither told of the message nor given it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotTold {
    /// Whose.
    pub person: String,
    /// Which device.
    pub device: String,
    /// What the message is called.
    pub label: String,
}

impl Rule for NotTold {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_TOLD
    }

    fn expects(&self) -> String {
        format!("{}'s {} is not told of \"{}\", nor given it", self.person, self.device, self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            // Word may still come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl NotTold {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        kept.submitted()?;
        if !story.cast().reachability(&self.person).any(|change| change.yes && change.device == self.device) {
            return Err(harness(format!("the {} was never there", self.device)));
        }
        if let Some(offer) = offered_to(&kept, &self.device) {
            return Err(unkept(&NOT_TOLD, self.expects(), format!("{} offers it", offer.told()), offer.frame));
        }
        let ids = kept.ids();
        match words_to(story, &self.person, &self.device).find(|word| word.tells(&ids)) {
            Some(word) if word.is_listed() => {
                Err(unkept(&NOT_TOLD, self.expects(), format!("it was told in frame {}", word.frame), word.frame))
            }
            Some(word) => {
                let observed = format!("word in frame {} names it, and nobody can tell in what state", word.frame);
                Err(Judgement::Broken(outside(&NOT_TOLD, "L35", self.expects(), observed, word.frame)).into())
            }
            None => Ok(Judgement::Met { checks: 1 }),
        }
    }
}
