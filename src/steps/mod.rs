//! The vocabulary of the features: one table of sentences, ordered by who acts.
//!
//! A When only sends and waits until what it sent is answered or can no longer be; it never waits for compliance. What
//! a requirement demands is awaited in a Then, by a rule.

mod charging;
mod charging_outcomes;
mod chat_outcomes;
mod client_outcomes;
mod clients;
mod device_outcomes;
mod devices;
mod groups;
mod history;
mod history_outcomes;
mod interception;
mod interception_outcomes;
mod interworking;
mod interworking_outcomes;
mod list_outcomes;
mod message_outcomes;
mod message_reports;
mod messages;
mod network;
mod outcomes;
mod people;
mod preference_outcomes;
mod preferences;
mod presence;
mod presence_outcomes;
mod report_outcomes;
mod session_changes;
mod session_devices;
mod session_media;
mod session_media_outcomes;
mod session_outcomes;
mod sessions;
mod speech;
mod waiting_messages;
mod waiting_outcomes;

use crate::world::{Done, Scene, Stop, World};
use cucumber::step;
use futures::future::LocalBoxFuture;
use gherkin::StepType;
pub use preferences::classes;
use regex::bytes::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use std::sync::LazyLock;

/// Where a sentence may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// Given: what is so before anything happens.
    Given,
    /// When: what happens.
    When,
    /// Then: what is to be seen.
    Then,
}

impl Keyword {
    /// The keyword of a sentence in a feature.
    pub(crate) const fn of(step: StepType) -> Keyword {
        match step {
            StepType::Given => Keyword::Given,
            StepType::When => Keyword::When,
            StepType::Then => Keyword::Then,
        }
    }

    /// The word as it stands in a feature.
    pub const fn as_str(self) -> &'static str {
        match self {
            Keyword::Given => "Given",
            Keyword::When => "When",
            Keyword::Then => "Then",
        }
    }
}

type Run = for<'a> fn(&'a mut Scene, Args) -> LocalBoxFuture<'a, Done>;

/// One sentence of the vocabulary.
pub struct StepEntry {
    /// Where it may stand.
    pub keywords: &'static [Keyword],
    /// Its pattern, a regular expression over the whole sentence.
    pub pattern: &'static str,
    /// What it means.
    pub what: &'static str,
    run: Run,
}

/// What a sentence says in particular.
#[derive(Clone, Debug, Default)]
pub struct Args {
    captures: Vec<String>,
    table: Vec<Vec<String>>,
}

impl Args {
    /// The `n`th captured text, from 0; empty if there is none.
    pub fn text(&self, n: usize) -> &str {
        self.captures.get(n).map(String::as_str).unwrap_or_default()
    }

    /// The rows of the table under the sentence, each as a map from heading to cell.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let heading = self.table.first();
        self.table.iter().skip(1).filter_map(move |cells| heading.map(|heading| Row { heading, cells }))
    }
}

/// A row of a table.
pub struct Row<'a> {
    heading: &'a [String],
    cells: &'a [String],
}

impl Row<'_> {
    /// The cell under a heading; empty if there is none.
    pub fn cell(&self, name: &str) -> &str {
        let at = self.heading.iter().position(|heading| heading == name);
        at.and_then(|at| self.cells.get(at)).map(String::as_str).unwrap_or_default()
    }
}

const fn entry(keywords: &'static [Keyword], pattern: &'static str, what: &'static str, run: Run) -> StepEntry {
    StepEntry { keywords, pattern, what, run }
}

/// All sentences.
pub fn catalogue() -> &'static [StepEntry] {
    static ALL: LazyLock<Vec<StepEntry>> = LazyLock::new(|| {
        let mut all = Vec::new();
        all.extend(people::steps());
        all.extend(devices::steps());
        all.extend(groups::steps());
        all.extend(speech::steps());
        all.extend(sessions::steps());
        all.extend(session_changes::steps());
        all.extend(session_media::steps());
        all.extend(session_devices::steps());
        all.extend(session_outcomes::steps());
        all.extend(device_outcomes::steps());
        all.extend(preferences::steps());
        all.extend(preference_outcomes::steps());
        all.extend(session_media_outcomes::steps());
        all.extend(waiting_messages::steps());
        all.extend(waiting_outcomes::steps());
        all.extend(message_reports::steps());
        all.extend(report_outcomes::steps());
        all.extend(history::steps());
        all.extend(history_outcomes::steps());
        all.extend(interworking::steps());
        all.extend(interworking_outcomes::steps());
        all.extend(network::steps());
        all.extend(outcomes::steps());
        all.extend(clients::steps());
        all.extend(client_outcomes::steps());
        all.extend(chat_outcomes::steps());
        all.extend(list_outcomes::steps());
        all.extend(messages::steps());
        all.extend(message_outcomes::steps());
        all.extend(charging::steps());
        all.extend(charging_outcomes::steps());
        all.extend(presence::steps());
        all.extend(presence_outcomes::steps());
        all.extend(interception::steps());
        all.extend(interception_outcomes::steps());
        all
    });
    &ALL
}

struct Compiled {
    regex: Regex,
    entry: &'static StepEntry,
}

/// So large may all sentences of one keyword become together.
const COMPILED_OCTETS: usize = 64 << 20;

/// The sentences of one keyword.
#[derive(Default)]
struct Sentences {
    all: Vec<Compiled>,
    together: RegexSet,
}

impl Sentences {
    fn new(keyword: Keyword) -> Sentences {
        let own = catalogue().iter().filter(|entry| entry.keywords.contains(&keyword));
        let all: Vec<Compiled> =
            own.filter_map(|entry| Some(Compiled { regex: compiled(entry.pattern)?, entry })).collect();
        let patterns = all.iter().map(|sentence| sentence.entry.pattern);
        let together = RegexSetBuilder::new(patterns).unicode(false).size_limit(COMPILED_OCTETS).build();
        Sentences { all, together: together.unwrap_or_default() }
    }

    /// The sentences that say this.
    fn saying(&self, text: &str) -> impl Iterator<Item = &Compiled> {
        self.together.matches(text.as_bytes()).into_iter().filter_map(|at| self.all.get(at))
    }
}

/// The pattern of a sentence over octets: that of a word in any script is a hundred times as large.
fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// The texts that a pattern has captured.
fn captured(captures: &Captures<'_>) -> Vec<String> {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    captures.iter().skip(1).map(|capture| capture.map_or(String::new(), |c| text(c.as_bytes()))).collect()
}

fn sentences(keyword: Keyword) -> &'static Sentences {
    static OF_KEYWORDS: LazyLock<[Sentences; 3]> =
        LazyLock::new(|| [Keyword::Given, Keyword::When, Keyword::Then].map(Sentences::new));
    let [given, when, then] = &*OF_KEYWORDS;
    match keyword {
        Keyword::Given => given,
        Keyword::When => when,
        Keyword::Then => then,
    }
}

/// The one sentence of the vocabulary that says this.
pub fn sentence(keyword: Keyword, text: &str) -> Option<&'static StepEntry> {
    sentences(keyword).saying(text).next().map(|compiled| compiled.entry)
}

/// What cucumber matches sentences with: anything, for it would try one pattern after the other. [`dispatch`] tells them apart.
pub fn collection() -> step::Collection<World> {
    let none = step::Collection::new();
    match regex::Regex::new("") {
        Ok(all) => none.given(None, all.clone(), dispatch).when(None, all.clone(), dispatch).then(None, all, dispatch),
        Err(_) => none,
    }
}

fn dispatch(world: &mut World, context: step::Context) -> LocalBoxFuture<'_, ()> {
    Box::pin(async move {
        let Some(scene) = world.scene.as_mut() else { halt(world.no_scene.clone()) };
        let step = context.step;
        let keyword = Keyword::of(step.ty);
        let mut saying = sentences(keyword).saying(&step.value);
        let only = saying.next().filter(|_| saying.next().is_none());
        let found = only.and_then(|only| Some((only.entry, only.regex.captures(step.value.as_bytes())?)));
        let done = match found {
            None => Err(Stop::Harness(format!("no sentence of the vocabulary, or more than one, is: {}", step.value))),
            Some((entry, captures)) => {
                let table = step.table.as_ref().map(|table| table.rows.clone()).unwrap_or_default();
                let args = Args { captures: captured(&captures), table };
                let line = u32::try_from(step.position.line).unwrap_or(u32::MAX);
                let (word, text) = (step.keyword.trim().to_owned(), step.value.clone());
                let begun = scene.stage.act(move |play| play.begin_step(&word, &text, line)).await;
                match begun {
                    Err(dead) => Err(dead.into()),
                    Ok(()) => (entry.run)(scene, args).await,
                }
            }
        };
        if let Err(stop) = done {
            scene.stop = Some(stop.clone());
            halt(Some(stop));
        }
    })
}

/// Leaves the scenario. Cucumber knows no other way out of a step than unwinding; the payload is the typed stop.
#[track_caller]
fn halt(stop: Option<Stop>) -> ! {
    let stop = stop.unwrap_or_else(|| Stop::Harness("the scene was not set".to_owned()));
    std::panic::resume_unwind(Box::new(stop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run;
    use pretty_assertions::assert_eq;

    #[test]
    fn every_pattern_compiles_and_is_anchored() {
        for keyword in [Keyword::Given, Keyword::When, Keyword::Then] {
            let own = catalogue().iter().filter(|entry| entry.keywords.contains(&keyword)).count();
            assert_eq!([sentences(keyword).all.len(), sentences(keyword).together.len()], [own; 2]);
        }
        for entry in catalogue() {
            assert!(entry.pattern.starts_with('^') && entry.pattern.ends_with('$'), "{}", entry.pattern);
            assert!(!entry.keywords.is_empty() && !entry.what.is_empty(), "{}", entry.pattern);
        }
    }

    #[test]
    fn every_step_of_the_features_is_one_sentence_of_the_vocabulary() {
        let features = run::features::all().unwrap();
        let scenarios = || features.iter().flat_map(|written| &written.feature.scenarios);
        for step in scenarios().flat_map(|scenario| &scenario.steps) {
            let said = sentences(Keyword::of(step.ty)).saying(&step.value);
            assert_eq!(said.count(), 1, "{}", step.value);
        }
        assert!(scenarios().count() > 200);
    }

    #[test]
    fn no_two_sentences_are_equal() {
        let mut patterns: Vec<&str> = catalogue().iter().map(|entry| entry.pattern).collect();
        patterns.sort_unstable();
        let all = patterns.len();
        patterns.dedup();
        assert_eq!(patterns.len(), all);
    }
}
