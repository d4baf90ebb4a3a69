//! The life of an entity tag: each publication of a user builds on the one before, or begins anew (RFC 3903 section 4).

use super::published::wrong;
use super::{Judged, PRS_01, Unmet, harness, missing, settled};
use crate::rules::findings::untimely;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::presence::Publication;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const ENTITY_TAGS: RuleEntry = RuleEntry {
    id: "presence.entity_tags",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "A publication that refreshes, changes or removes another names the entity tag that was given for that one last; one \
           that does not has a body, and none comes back to a tag that was refused with a 412.",
    source: "PF-PRS-01, RFC 3903 sections 4 and 4.1",
};

/// Each publication of the person builds on the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EntityTags {
    /// Whose presence.
    pub person: String,
}

impl Rule for EntityTags {
    fn entry(&self) -> &'static RuleEntry {
        &ENTITY_TAGS
    }

    fn expects(&self) -> String {
        format!("each publication of {} builds on the one before, by its entity tag", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

/// What became of an entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is the last of its publication.
    InForce,
    /// Something newer was published in its place, in this frame.
    Replaced(u64),
    /// The server did not know it any more, as of this frame.
    Refused(u64),
}

impl EntityTags {
    fn judged(&self, story: &Story) -> Judged {
        let mut tags: BTreeMap<&str, Fate> = BTreeMap::new();
        let mut conditional = 0;
        for one in story.publications_of(&self.person) {
            match &one.before {
                None if one.said.is_none() => {
                    let observed = format!("{} names no entity tag, and has no body", one.told());
                    return Err(wrong(&ENTITY_TAGS, self.expects(), observed, one));
                }
                None => {}
                Some(tag) => {
                    self.builds_on(story, one, tag, tags.get(tag.as_str()).copied())?;
                    conditional += 1;
                }
            }
            follow(&mut tags, one);
        }
        match (conditional, story.publications_of(&self.person).last()) {
            (0, last) => {
                let observed = format!("no publication of {} names an entity tag", self.person);
                Err(missing(story, &ENTITY_TAGS, self.expects(), observed, last.map(|one| one.frame)))
            }
            (checks, _) => Ok(Judgement::Met { checks }),
        }
    }

    /// That a tag is one to build on, at the time of a publication.
    fn builds_on(&self, story: &Story, one: &Publication, tag: &str, fate: Option<Fate>) -> Result<(), Unmet> {
        let observed = match fate {
            Some(Fate::InForce) => return Ok(()),
            None => {
                let observed = format!("{} names {tag:?}, which was never given", one.told());
                return Err(wrong(&ENTITY_TAGS, self.expects(), observed, one));
            }
            Some(Fate::Replaced(frame)) => {
                format!("{} names {tag:?}, for which frame {frame} gave another", one.told())
            }
            Some(Fate::Refused(frame)) => {
                format!("{} names {tag:?}, which was refused with 412 in frame {frame}", one.told())
            }
        };
        // Whoever never heard an answer knows no better.
        Err(untimely(story, &ENTITY_TAGS, self.expects(), observed, one.frame).into())
    }
}

/// What a publication does to the tags. What it is answered with holds from the next one on.
fn follow<'a>(tags: &mut BTreeMap<&'a str, Fate>, one: &'a Publication) {
    let before = one.before.as_deref();
    if let (Some(tag), Some(refused)) = (before, one.refused_with(412)) {
        tags.insert(tag, Fate::Refused(refused.answer.frame));
    }
    let Some(answered) = one.accepted() else { return };
    if let Some(tag) = before {
        tags.insert(tag, Fate::Replaced(answered.answer.frame));
    }
    let removed = answered.expires == Some(0);
    if let Some(tag) = answered.tag.as_deref() {
        tags.insert(tag, if removed { Fate::Replaced(answered.answer.frame) } else { Fate::InForce });
    }
}

pub(super) const PUBLISHED_ANEW: RuleEntry = RuleEntry {
    id: "presence.published_anew",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "Who is told that a publication is not known any more (412) publishes anew: without an entity tag, and the whole \
           state.",
    source: "PF-PRS-01, RFC 3903 section 4",
};

/// After a 412, the person is published anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PublishedAnew {
    /// Whose presence.
    pub person: String,
}

impl Rule for PublishedAnew {
    fn entry(&self) -> &'static RuleEntry {
        &PUBLISHED_ANEW
    }

    fn expects(&self) -> String {
        format!("{} is published anew, after a 412", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl PublishedAnew {
    fn judged(&self, story: &Story) -> Judged {
        let all: Vec<&Publication> = story.publications_of(&self.person).collect();
        let Some(refused) = all.iter().find_map(|one| one.refused_with(412)) else {
            return Err(self.never_refused(story, &all));
        };
        let refused = refused.answer.frame;
        let after = || all.iter().filter(|one| one.frame > refused);
        if after().any(|one| one.before.is_none() && one.said.is_some() && one.accepted().is_some()) {
            return Ok(Judgement::Met { checks: 2 });
        }
        let observed = match after().next() {
            Some(next) if next.before.is_some() => format!("{} names an entity tag again", next.told()),
            Some(next) => format!("{} has no body, or was not accepted", next.told()),
            None => format!("nothing was published after the 412 in frame {refused}"),
        };
        Err(missing(story, &PUBLISHED_ANEW, self.expects(), observed, refused))
    }

    /// Nothing was refused so: because nothing came that names a tag, or because the tester did not refuse it.
    fn never_refused(&self, story: &Story, all: &[&Publication]) -> Unmet {
        let Some(first) = all.first() else {
            let observed = format!("nothing was published of {}", self.person);
            return missing(story, &PUBLISHED_ANEW, self.expects(), observed, None::<u64>);
        };
        if all.iter().any(|one| one.before.is_some()) {
            return harness(format!("no publication of {} was refused with 412", self.person));
        }
        let observed = format!("{} was followed by none that builds on it", first.told());
        missing(story, &PUBLISHED_ANEW, self.expects(), observed, first.frame)
    }
}
