//! What a device asks for and may not have: what was rejected, what another device has fetched, what never was (L32).

use super::MSG_04;
use super::kept::{brought, fetches, words_to};
use crate::rules::findings::warning;
use crate::rules::sessions::attempt::asked;
use crate::rules::sessions::{Judged, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::deferred::Notice;
use crate::story::legs::Leg;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const FETCH_YIELDS_NOTHING: RuleEntry = RuleEntry {
    id: "deferred_messages.fetch_yields_nothing",
    requirement: MSG_04,
    level: Level::Shall,
    absence: true,
    ledger: &["L32", "L35"],
    stage3: false,
    what: "Whoever asks for a message that does not wait any more, or never did, gets no content.",
    source: "PF-MSG-04, PF-DEV-03",
};

/// The device asked for something, and gets no content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchYieldsNothing {
    /// Whose.
    pub person: String,
    /// Which device.
    pub device: String,
    /// What it is called.
    pub label: String,
    /// The Contribution-ID that the device named.
    pub contribution: String,
}

impl Rule for FetchYieldsNothing {
    fn entry(&self) -> &'static RuleEntry {
        &FETCH_YIELDS_NOTHING
    }

    fn expects(&self) -> String {
        format!("{}'s {}, which asks for \"{}\", gets no content", self.person, self.device, self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            // Content may still come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (Ok(judgement), Moment::Closed) => settled(Ok(judgement), self.stale(story), moment),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl FetchYieldsNothing {
    /// The request that is asked about.
    fn fetch<'a>(&'a self, story: &'a Story) -> Option<&'a Leg> {
        let before = asked(story, self);
        let own = fetches(story, &self.person, &self.contribution)
            .filter(|leg| leg.device.as_deref() == Some(self.device.as_str()) && leg.invited < before);
        own.last()
    }

    /// What another device has fetched the last word to this one should not say that it waits.
    fn stale(&self, story: &Story) -> Vec<Finding> {
        let Some(fetch) = self.fetch(story) else { return Vec::new() };
        let taken = fetches(story, &self.person, &self.contribution).find(|leg| brought(story, leg).is_some());
        let until = |word: &&Notice| word.frame < fetch.invited && word.is_listed();
        let last = words_to(story, &self.person, &self.device).filter(until).last();
        let told = last.filter(|word| word.tells(&[self.contribution.as_str()]));
        let stale = taken.zip(told).filter(|(taken, _)| taken.invited < fetch.invited);
        let warned = stale.map(|(taken, word)| {
            let expected = format!("word that \"{}\" waits no more, once another device has it", self.label);
            let observed =
                format!("it was fetched in frame {}, and the last word is that in frame {}", taken.invited, word.frame);
            warning(&FETCH_YIELDS_NOTHING, "L35", expected, observed, word.frame)
        });
        warned.into_iter().collect()
    }

    fn judged(&self, story: &Story) -> Judged {
        let fetch = self.fetch(story).ok_or_else(|| harness(format!("the {} asked for nothing", self.device)))?;
        if let Some(item) = brought(story, fetch) {
            let observed = format!("content came in its session (frame {})", item.frame);
            return Err(unkept(&FETCH_YIELDS_NOTHING, self.expects(), observed, item));
        }
        if fetch.answer.is_none() {
            let observed = format!("its request in frame {} was never answered", fetch.invited);
            return Err(missing(story, &FETCH_YIELDS_NOTHING, self.expects(), observed, fetch.invited));
        }
        Ok(Judgement::Met { checks: 1 })
    }
}
