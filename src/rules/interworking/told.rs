//! Word that a message went on by another service finds its way to the author (L04).

use super::IWF_01;
use crate::rules::disposition_reports::brought::{Brought, about};
use crate::rules::sessions::{Judged, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const TOLD: RuleEntry = RuleEntry {
    id: "interworking.told",
    requirement: IWF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L04"],
    stage3: false,
    what: "What the interworking function tells the author of a message about it reaches a device of the author, and says \
           the same.",
    source: "PF-IWF-01, RFC 5438 section 6",
};

/// The author hears from the interworking function that the message went on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The author.
    pub person: String,
    /// What the message is called.
    pub label: String,
}

impl Rule for Told {
    fn entry(&self) -> &'static RuleEntry {
        &TOLD
    }

    fn expects(&self) -> String {
        format!("{} hears that \"{}\" went on by another service", self.person, self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl Told {
    fn judged(&self, story: &Story) -> Judged {
        let announced = story.announced().iter().rev().find(|known| known.label == self.label);
        let id = announced.and_then(|known| known.message_id.as_deref());
        let id = id.ok_or_else(|| harness(format!("nobody sent the message \"{}\"", self.label)))?;
        let of_ours = |(item, _): &Brought<'_>| item.person.as_deref() == Some(self.person.as_str());
        let sent = about(story, Flow::NetworkToTarget, id).find(of_ours);
        let (from, said) = sent.ok_or_else(|| harness(format!("nobody told {} of \"{}\"", self.person, self.label)))?;
        let mut came =
            about(story, Flow::TargetToDevice, id).filter(of_ours).filter(|(item, _)| item.frame > from.frame);
        let Some((item, report)) = came.find(|(item, _)| item.accepted()) else {
            let answer = from.answer.map_or_else(|| "never answered".to_owned(), |answer| answer.status.to_string());
            let observed = format!("the word in frame {} ({answer}) never came", from.frame);
            return Err(missing(story, &TOLD, self.expects(), observed, from));
        };
        if report != said {
            let observed = format!("frame {} says {}, and {} was said", item.frame, report.status, said.status);
            return Err(unkept(&TOLD, self.expects(), observed, item));
        }
        match from.answer {
            Some(answer) if !answer.is_success() => {
                let observed = format!("the word in frame {} was answered {}", from.frame, answer.status);
                Err(unkept(&TOLD, self.expects(), observed, answer.frame))
            }
            _ => Ok(Judgement::Met { checks: 2 }),
        }
    }
}
