//! The target watches a user, and takes what it is told.

use super::availability::{news, next_change};
use super::{Judged, PRS_01, missing, settled, unkept};
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const WATCHED: RuleEntry = RuleEntry {
    id: "presence.watched",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "The presence of a user who has a device is subscribed to, and what is told of it is taken.",
    source: "PF-PRS-01, RFC 3856 section 6, RFC 6665 section 4.1",
};

/// The target watches the person, and takes every word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Watched {
    /// Whose presence.
    pub person: String,
}

impl Rule for Watched {
    fn entry(&self) -> &'static RuleEntry {
        &WATCHED
    }

    fn expects(&self) -> String {
        format!("the presence of {} is watched", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl Watched {
    fn judged(&self, story: &Story) -> Judged {
        let Some(watch) = story.watchers_of(&self.person).last() else {
            let observed = format!("nobody asked for the presence of {}", self.person);
            return Err(missing(story, &WATCHED, self.expects(), observed, None::<u64>));
        };
        let end = next_change(story, &self.person, asked(story, self));
        let mut news = news(story, &self.person);
        news.retain(|news| news.frame < end);
        let refused = news.iter().filter_map(|news| news.answer).find(|answer| !answer.is_success());
        if let Some(answer) = refused {
            let observed = format!("a word of it was answered {} in frame {}", answer.status, answer.frame);
            return Err(unkept(&WATCHED, self.expects(), observed, answer.frame));
        }
        match news.last() {
            Some(last) if last.answer.is_some() => Ok(Judgement::Met { checks: news.len() }),
            Some(last) => {
                let observed = format!("the word in frame {} was not answered", last.frame);
                Err(missing(story, &WATCHED, self.expects(), observed, last.frame))
            }
            None => {
                let observed = format!("the SUBSCRIBE in frame {} came to nothing", watch.frame);
                Err(missing(story, &WATCHED, self.expects(), observed, watch.frame))
            }
        }
    }
}
