//! What is said for or by a user under interception is handed over.

use super::LI_01;
use super::watched::{Watched, form};
use crate::rules::conversation_history::said::Said;
use crate::rules::sessions::{Judged, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::content::Content;
use crate::story::interception::{Copy, Kind, format};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const CONTENT: RuleEntry = RuleEntry {
    id: "lawful_interception.content_handed_over",
    requirement: LI_01,
    level: Level::May,
    absence: false,
    ledger: &["L30"],
    stage3: false,
    what: "What is said to or by a user under interception is handed over as it was said, and the same transfer of it once: what \
           goes over MSRP as content, what stands in a MESSAGE with that as an event.",
    source: "PF-LI-01",
};

/// What was said is handed over of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ContentHandedOver {
    /// What was said.
    pub label: String,
    /// Who is under interception.
    pub person: String,
}

impl Rule for ContentHandedOver {
    fn entry(&self) -> &'static RuleEntry {
        &CONTENT
    }

    fn expects(&self) -> String {
        format!("\"{}\" is handed over of {} as it was said", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = self.judged(story, &mut warnings);
        settled(judged, warnings, moment)
    }
}

impl ContentHandedOver {
    fn judged(&self, story: &Story, warnings: &mut Vec<Finding>) -> Judged {
        let said = Said::last(story, &self.label)?;
        let watched = Watched::new(story, &self.person);
        let found = Found::of(&watched, &said);
        let Some((frame, _)) = found.all().next() else {
            let observed =
                format!("it was said in frame {}, and no content with its message id is handed over", said.item.frame);
            let words = said.envelope.body.head();
            return Err(watched.lacking(&CONTENT, self.expects(), observed, words, said.item.frame));
        };
        if let Some((other, _)) = found.all().find(|(_, content)| !same_words(content, &said)) {
            let observed = format!("what is handed over in frame {other} has other words");
            return Err(unkept(&CONTENT, self.expects(), observed, other));
        }
        if let Some((first, again)) = found.twice() {
            let observed = format!("one and the same transfer is handed over in frame {first} and in frame {again}");
            return Err(unkept(&CONTENT, self.expects(), observed, again));
        }
        let chunk = watched.handed().find(|handed| handed.frame == frame && handed.is_chunk());
        warnings.extend(chunk.and_then(|chunk| form(&CONTENT, chunk, (Kind::X3, format::MSRP))));
        Ok(Judgement::Met { checks: 1 })
    }
}

fn same_words(content: &Content, said: &Said<'_>) -> bool {
    content.chat().is_some_and(|own| own.body == said.envelope.body)
}

/// All that was handed over of something that was said.
pub(super) struct Found<'a> {
    /// What went over MSRP.
    pub copies: Vec<&'a Copy>,
    /// What stood in a MESSAGE, with the frame of its report.
    pub pages: Vec<(u64, &'a Content)>,
}

impl<'a> Found<'a> {
    pub fn of(watched: &Watched<'a>, said: &Said<'_>) -> Found<'a> {
        let id = Some(said.id);
        let is_it = |content: &Content| content.chat().is_some_and(|own| own.message_id.as_deref() == id);
        let copies = watched.copies().filter(|copy| is_it(&copy.content)).collect();
        let pages = watched.signals().filter(|(_, signal)| is_it(&signal.content));
        Found { copies, pages: pages.map(|(handed, signal)| (handed.frame, &signal.content)).collect() }
    }

    fn all(&self) -> impl Iterator<Item = (u64, &'a Content)> {
        self.copies.iter().map(|copy| (copy.frame, &copy.content)).chain(self.pages.iter().copied())
    }

    /// Two contents of one transfer: to the same path of MSRP.
    fn twice(&self) -> Option<(u64, u64)> {
        self.copies.iter().enumerate().find_map(|(at, copy)| {
            let again = self.copies.iter().skip(at + 1).find(|other| other.session == copy.session)?;
            Some((copy.frame, again.frame))
        })
    }
}
