//! What is known of one user's documents, and whether it may be relied on.

use super::deciding::Documents;
use super::reading;
use super::ruleset::Ruleset;
use crate::neighbours::preferences::{Document, Outcome, Wanted};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A document as it came last.
#[derive(Debug, Default)]
struct Held {
    etag: Option<String>,
    rules: Option<Ruleset>,
}

/// What is known of one user's documents.
#[derive(Debug, Default)]
pub struct Known {
    held: BTreeMap<Document, Held>,
    /// Those that are being asked for.
    asked: BTreeSet<Document>,
    /// Something has changed since they were asked for.
    stale: bool,
    /// The server could not tell all of what was asked.
    failed: bool,
    /// When the server has told both the last time.
    fetched: Option<Time>,
    /// The entity tags that the server told of while it was asked.
    noted: Option<Tags>,
}

/// The entity tag of each document; none for one that is not there.
type Tags = [Option<String>; Document::ALL.len()];

impl Known {
    /// True when the documents are as the server has them, as far as can be told. `watched` are those whose changes are
    /// told; others may be used for a while.
    pub fn is_fresh(&self, now: Time, watched: bool, fresh: Duration) -> bool {
        let lasts = |fetched: Time| watched || now < fetched + fresh;
        !self.stale && !self.is_asked() && self.fetched.is_some_and(lasts)
    }

    /// True while the server is being asked.
    pub fn is_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// What is to be asked of the server.
    pub fn ask(&mut self, user: &str) -> Vec<Wanted> {
        self.asked = Document::ALL.into();
        (self.stale, self.failed) = (false, false);
        let wanted = |document: Document| {
            let etag = self.held.get(&document).and_then(|held| held.etag.clone());
            Wanted { user: user.to_owned(), document, etag }
        };
        Document::ALL.map(wanted).into()
    }

    /// The server has told something. True when nothing is asked any more.
    pub fn told(&mut self, now: Time, document: Document, outcome: Outcome) -> bool {
        self.asked.remove(&document);
        let held = self.held.entry(document).or_default();
        match outcome {
            // Of a document that cannot be read the one before it holds on.
            Outcome::Says { etag, octets } => {
                held.etag = etag;
                held.rules = reading::ruleset(&octets).ok().or(held.rules.take());
            }
            Outcome::Unchanged => {}
            Outcome::Absent => *held = Held::default(),
            Outcome::Unavailable => self.failed = true,
        }
        let done = !self.is_asked();
        if done && !self.failed {
            self.fetched = Some(now);
        }
        if let Some(tags) = self.noted.take_if(|_| done) {
            self.stale |= self.tags() != tags;
        }
        done
    }

    /// The server tells of all documents that there are, and of their entity tags. True when it has to be asked for them; while it
    /// is asked, what it answers is held against these.
    pub fn listed(&mut self, all: &[(Document, Option<String>)]) -> bool {
        let tag = |document| all.iter().find(|(of, _)| *of == document).and_then(|(_, etag)| etag.as_deref()).map(bare);
        let tags = Document::ALL.map(tag);
        if self.is_asked() {
            self.noted = Some(tags);
            return false;
        }
        self.stale |= self.tags() != tags;
        self.stale
    }

    fn tags(&self) -> Tags {
        Document::ALL.map(|document| self.held.get(&document).and_then(|held| held.etag.as_deref()).map(bare))
    }

    /// True when what was told last is known to have changed since, and the server can be asked.
    pub fn is_to_be_asked_again(&self) -> bool {
        self.stale && !self.failed
    }

    /// The server tells of a document that has this entity tag now. True when that is news.
    pub fn changed(&mut self, document: Document, etag: Option<&str>) -> bool {
        let held = self.held.get(&document).and_then(|held| held.etag.as_deref()).map(bare);
        let news = self.is_asked() || self.fetched.is_none() || held != etag.map(bare);
        self.stale |= news;
        news
    }

    /// What is known may not be relied on any more.
    pub fn doubt(&mut self) {
        self.stale = true;
    }

    /// What is known, in place of the user's own document `preset` where there never was one.
    pub fn documents<'a>(&'a self, preset: &'a Ruleset) -> Documents<'a> {
        let rules = |document| self.held.get(&document).and_then(|held| held.rules.as_ref());
        Documents { provider: rules(Document::Provider), user: rules(Document::Index).or(Some(preset)) }
    }
}

/// An entity tag as a notification has it.
fn bare(etag: &str) -> String {
    etag.trim_start_matches("W/").trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const NOW: Time = Time::from_nanos(1_000_000_000);
    const EMPTY: &str = "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy'/>";

    fn says(etag: &str, text: &str) -> Outcome {
        Outcome::Says { etag: Some(etag.to_owned()), octets: text.to_owned().into() }
    }

    fn known() -> Known {
        let mut known = Known::default();
        known.ask("sip:b@e");
        assert!(!known.told(NOW, Document::Index, says("\"1\"", EMPTY)));
        assert!(known.told(NOW, Document::Provider, Outcome::Absent));
        known
    }

    #[test]
    fn what_was_told_is_asked_after_by_its_tag() {
        let mut known = known();
        let etags: Vec<_> = known.ask("sip:b@e").into_iter().map(|wanted| wanted.etag).collect();
        assert_eq!(etags, [Some("\"1\"".to_owned()), None]);
        assert!(known.is_asked());
    }

    #[test]
    fn it_is_relied_on_while_changes_are_told_or_for_a_while() {
        let known = known();
        assert!(known.is_fresh(NOW + Duration::from_secs(9), true, Duration::ZERO));
        assert!(!known.is_fresh(NOW, false, Duration::ZERO));
        assert!(known.is_fresh(NOW, false, Duration::from_secs(1)));
        assert!(!Known::default().is_fresh(NOW, true, Duration::ZERO));
    }

    #[test]
    fn a_change_is_news_when_the_tag_is_another() {
        let mut known = known();
        assert!(!known.changed(Document::Index, Some("1")));
        assert!(known.is_fresh(NOW, true, Duration::ZERO));
        assert!(known.changed(Document::Index, Some("\"2\"")));
        assert!(!known.is_fresh(NOW, true, Duration::ZERO));
        assert!(known.is_to_be_asked_again());
        known.ask("sip:b@e");
        known.told(NOW, Document::Index, says("\"2\"", EMPTY));
        // Whatever is told now may be later than what is on its way.
        assert!(known.changed(Document::Provider, None));
        assert!(known.told(NOW, Document::Provider, Outcome::Unavailable));
        assert!(!known.is_to_be_asked_again());
    }

    #[test]
    fn what_is_listed_while_it_is_asked_for_is_held_against_the_answer() {
        let listed = |etag: &str| {
            let mut known = Known::default();
            known.ask("sip:b@e");
            assert!(!known.listed(&[(Document::Index, Some(etag.to_owned()))]));
            known.told(NOW, Document::Index, says("\"1\"", EMPTY));
            known.told(NOW, Document::Provider, Outcome::Absent);
            known.is_to_be_asked_again()
        };
        assert!(!listed("1"));
        assert!(listed("2"));
        assert!(known().listed(&[]));
        assert!(!known().listed(&[(Document::Index, Some("1".to_owned()))]));
    }

    #[test]
    fn a_document_that_cannot_be_read_leaves_the_one_before_it() {
        let (mut known, preset) = (known(), Ruleset::default());
        known.ask("sip:b@e");
        known.told(NOW, Document::Index, says("\"2\"", "rubbish"));
        known.told(NOW, Document::Provider, says("\"3\"", "rubbish"));
        assert!(known.held.get(&Document::Index).unwrap().rules.is_some());
        assert!(known.documents(&preset).provider.is_none());
        known.ask("sip:b@e");
        known.told(NOW, Document::Index, Outcome::Unavailable);
        assert!(known.held.get(&Document::Index).unwrap().rules.is_some());
        known.told(NOW, Document::Index, Outcome::Absent);
        assert!(known.held.get(&Document::Index).unwrap().rules.is_none());
    }
}
