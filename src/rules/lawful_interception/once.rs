//! What waits for a user under interception is content once: when it is taken for the user. That it is delivered later is an
//! event, and nothing new.

use super::LI_01;
use super::content::Found;
use super::watched::Watched;
use crate::rules::conversation_history::said::Said;
use crate::rules::sessions::{Judged, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::signals::Signal;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const ONCE: RuleEntry = RuleEntry {
    id: "lawful_interception.handed_over_once",
    requirement: LI_01,
    level: Level::May,
    absence: false,
    ledger: &["L30"],
    stage3: false,
    what: "What is kept for a user under interception is handed over as content when it is taken, and not once more when it is \
           delivered.",
    source: "PF-LI-01",
};

/// What was kept for the person is handed over once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandedOverOnce {
    /// What was said.
    pub label: String,
    /// Who is under interception.
    pub person: String,
}

impl Rule for HandedOverOnce {
    fn entry(&self) -> &'static RuleEntry {
        &ONCE
    }

    fn expects(&self) -> String {
        format!("\"{}\", which waited, is handed over of {} once, as it was taken", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            // It may come again.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl HandedOverOnce {
    fn judged(&self, story: &Story) -> Judged {
        let said = Said::last(story, &self.label)?;
        let watched = Watched::new(story, &self.person);
        let found = Found::of(&watched, &said);
        let taken = taken(story, &watched, &said);
        let frames: Vec<u64> =
            taken.reports.iter().copied().chain(found.copies.iter().map(|copy| copy.frame)).collect();
        let (Some(first), again) = (frames.first().copied(), frames.get(1).copied()) else {
            let observed = format!("it was taken in frame {}, and its content is handed over nowhere", said.item.frame);
            let words = said.envelope.body.head();
            return Err(watched.lacking(&ONCE, self.expects(), observed, words, said.item.frame));
        };
        // A request that came twice may be reported twice.
        let excused = found.copies.is_empty() && taken.reports.len() <= taken.passed;
        match again.filter(|_| !excused) {
            None => Ok(Judgement::Met { checks: 1 }),
            Some(again) => {
                let observed = format!("its content is handed over in frame {first} and again in frame {again}");
                Err(unkept(&ONCE, self.expects(), observed, again))
            }
        }
    }
}

/// Where what was said, as a MESSAGE, was taken.
struct Taken {
    /// How often its request passed.
    passed: usize,
    /// The frames in which that is reported.
    reports: Vec<u64>,
}

fn taken(story: &Story, watched: &Watched<'_>, said: &Said<'_>) -> Taken {
    let request = |signal: &&Signal| signal.sent && signal.status.is_none();
    let is_it = |signal: &&Signal| signal.content.chat().is_some_and(|own| own.message_id.as_deref() == Some(said.id));
    let passed: Vec<&Signal> = story.signals().iter().filter(request).filter(is_it).collect();
    let reports = watched.signals().filter(|(_, report)| report.status.is_none());
    let reports = reports.filter(|(_, report)| passed.iter().any(|signal| report.is(signal)));
    Taken { passed: passed.len(), reports: reports.map(|(handed, _)| handed.frame).collect() }
}
