//! What the presence server holds of a user is what is so.

use super::availability::next_change;
use super::{Judged, PRS_01, Unmet, missing, settled, unkept};
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::presence::{Publication, Said};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Level};
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub(super) const PUBLISHED: RuleEntry = RuleEntry {
    id: "presence.published",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "What is published of a user is open while a device of the user is registered, and closed or removed when none is.",
    source: "PF-PRS-01, RFC 3903 section 4, RFC 3863 section 4.1.4",
};

/// The presence server holds that the person is there, or is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Published {
    /// Whose presence.
    pub person: String,
    /// Whether the person is there: `open` or `closed`.
    pub state: String,
}

impl Rule for Published {
    fn entry(&self) -> &'static RuleEntry {
        &PUBLISHED
    }

    fn expects(&self) -> String {
        format!("{} is published as {}", self.person, self.state)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl Published {
    fn judged(&self, story: &Story) -> Judged {
        let asked = asked(story, self);
        let until = next_change(story, &self.person, asked);
        let changed = story.cast().reachability(&self.person).map(|change| change.frame);
        let changed = changed.filter(|frame| *frame < asked).last().unwrap_or_default();
        let all: Vec<&Publication> = story.publications_of(&self.person).filter(|one| one.frame < until).collect();
        let Some(last) = all.iter().rfind(|one| one.accepted().is_some()) else {
            return Err(missing(story, &PUBLISHED, self.expects(), self.nothing(all.last().copied()), changed));
        };
        let held = Held::after(&all);
        let says = |said: Said| held.iter().find(|one| one.said == said);
        let observed = match (self.state == "open", says(Said::Open)) {
            (true, Some(_)) => return Ok(Judgement::Met { checks: held.len() }),
            (false, Some(open)) => format!("what was published in frame {} still says open", open.frame),
            (_, None) if says(Said::Unknown).is_some() => {
                let why = format!("{} does not say open or closed in a way that can be read", last.told());
                return Err(Judgement::Unseen { why, blame: Blame::Unknown }.into());
            }
            (false, None) => return Ok(Judgement::Met { checks: 1 }),
            (true, None) => match held.last() {
                Some(held) => format!("what was published in frame {} says {}", held.frame, held.said.told()),
                None => "nothing that was published is in force any more".to_owned(),
            },
        };
        Err(missing(story, &PUBLISHED, self.expects(), observed, last.frame))
    }

    fn nothing(&self, last: Option<&Publication>) -> String {
        match last {
            None => format!("nothing was published of {}", self.person),
            Some(last) => match &last.answer {
                Some(answered) => format!("{} was refused ({})", last.told(), answered.answer.status),
                None => format!("{} was never answered", last.told()),
            },
        }
    }
}

/// What the presence server holds of a person under one entity tag.
#[derive(Clone, Debug)]
struct Held {
    /// The PUBLISH that brought it, or kept it up.
    frame: u64,
    /// The entity tag.
    tag: String,
    /// What it says.
    said: Said,
    /// Until when.
    until: Time,
}

impl Held {
    /// What it holds after these.
    fn after(all: &[&Publication]) -> Vec<Held> {
        let mut held: Vec<Held> = Vec::new();
        for publication in all {
            held.retain(|one| publication.at < one.until);
            take(&mut held, publication);
        }
        held
    }
}

/// Takes one PUBLISH with its answer (RFC 3903 section 6).
fn take(held: &mut Vec<Held>, publication: &Publication) {
    let before = |held: &[Held]| held.iter().position(|one| Some(&one.tag) == publication.before.as_ref());
    if publication.refused_with(412).is_some() {
        before(held).map(|at| held.remove(at));
    }
    let Some(answered) = publication.accepted() else { return };
    let replaced = before(held).map(|at| held.remove(at));
    let granted = answered.expires.or(publication.expires).unwrap_or_default();
    let Some(tag) = answered.tag.clone().filter(|_| granted > 0) else { return };
    let said = publication.said.or(replaced.map(|one| one.said)).unwrap_or(Said::Nothing);
    held.push(Held { frame: publication.frame, tag, said, until: answered.at + Duration::from_secs(granted.into()) });
}

/// What was published is not what it is to be.
pub(super) fn wrong(entry: &'static RuleEntry, expected: String, observed: String, one: &Publication) -> Unmet {
    unkept(entry, expected, observed, one.frame)
}
