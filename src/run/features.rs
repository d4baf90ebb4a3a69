//! The features, which are part of this program, and what of them a selection takes.

use super::{RunError, Shard};
use crate::evidence::{Header, Sentence};
use crate::report::RunInfo;
use crate::verdict::Level;
use cucumber::feature::Ext as _;
use cucumber::tag::Ext as _;
use gherkin::tagexpr::TagOperation;
use gherkin::{Feature, GherkinEnv, Scenario};
use include_dir::{Dir, include_dir};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

static FEATURES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/features");

/// What of the features is to be run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Requirements; empty for all.
    pub requirements: Vec<String>,
    /// A tag expression of cucumber, `@SHALL and not @slow`.
    pub tags: Option<String>,
    /// A pattern that the title or the id has to match.
    pub name: Option<Regex>,
    /// Which part of all that.
    pub shard: Shard,
}

impl Selection {
    /// True when everything is selected.
    pub fn is_full(&self) -> bool {
        self.requirements.is_empty() && self.tags.is_none() && self.name.is_none() && self.shard == Shard::WHOLE
    }
}

/// One scenario as it stands in a feature, an outline's row being one of its own.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its id: test purpose, slug, and row.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The file, from the project's root.
    pub feature: String,
    /// The line.
    pub line: u32,
    /// Test purposes, the first of which gives the id.
    pub test_purposes: Vec<String>,
    /// Requirements.
    pub requirements: Vec<String>,
    /// SHALL, MAY, policy or context.
    pub level: String,
    /// The role of the element under test.
    pub role: String,
    /// All tags, without the at sign.
    pub tags: Vec<String>,
    /// What is done in it, those of the background first.
    pub sentences: Vec<Sentence>,
}

impl Written {
    /// How binding it is.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::ALL.into_iter().find(|level| level.as_str() == self.level).unwrap_or(Level::Context)
    }

    /// The head of its evidence in a run against a target with this statement (ICS) and these timers (IXIT).
    #[must_use]
    pub fn header(&self, run: &RunInfo, target_name: &str, statement: Value, timers: Value) -> Header {
        let own = self.clone();
        Header {
            suite_version: run.suite_version.clone(),
            run_id: run.id.clone(),
            scenario_id: own.id,
            title: own.title,
            feature: own.feature,
            line: own.line,
            test_purposes: own.test_purposes,
            requirements: own.requirements,
            level: self.level(),
            role: own.role,
            target_name: target_name.to_owned(),
            statement,
            timers,
            seed: run.seed,
            profile: run.invocation.target.clone(),
            sentences: own.sentences,
        }
    }
}

/// A feature with its scenarios.
#[derive(Clone, Debug)]
pub struct WrittenFeature {
    /// The feature as cucumber takes it, outlines expanded.
    pub feature: Feature,
    /// Its scenarios, in the order of `feature.scenarios`.
    pub scenarios: Vec<Written>,
}

/// All features, in the order of their files. They are read once in the life of a process.
///
/// # Errors
/// A feature that cannot be parsed, or a scenario without id, requirement, level or role: faults of the suite.
pub fn all() -> Result<&'static [WrittenFeature], RunError> {
    static ALL: OnceLock<Vec<WrittenFeature>> = OnceLock::new();
    if let Some(all) = ALL.get() {
        return Ok(all);
    }
    let all = read()?;
    Ok(ALL.get_or_init(|| all))
}

fn read() -> Result<Vec<WrittenFeature>, RunError> {
    let mut files: Vec<_> =
        FEATURES.find("**/*.feature").map_err(|error| RunError::Features(error.to_string()))?.collect();
    files.sort_by_key(|entry| entry.path().to_owned());
    let mut features = Vec::new();
    for entry in files {
        let Some(file) = entry.as_file() else { continue };
        let path = format!("features/{}", file.path().display());
        let text = file.contents_utf8().ok_or_else(|| RunError::Features(format!("{path}: not UTF-8")))?;
        let mut feature = Feature::parse(text, GherkinEnv::default())
            .map_err(|error| RunError::Features(format!("{path}: {error}")))?;
        feature.path = Some(path.clone().into());
        let feature = feature.expand_examples().map_err(|error| RunError::Features(format!("{path}: {error}")))?;
        features.push(written(feature, &path)?);
    }
    Ok(features)
}

fn written(feature: Feature, path: &str) -> Result<WrittenFeature, RunError> {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for scenario in &feature.scenarios {
        *rows.entry(id_tag(scenario).unwrap_or_default().to_owned()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let background = feature.background.as_ref().map(|own| own.steps.as_slice()).unwrap_or_default();
    let mut scenarios = Vec::new();
    for scenario in &feature.scenarios {
        let line = u32::try_from(scenario.position.line).unwrap_or_default();
        let missing = |what: &str| RunError::Features(format!("{path}:{line}: the scenario has no {what} tag"));
        let base = id_tag(scenario).ok_or_else(|| missing("test purpose"))?.to_owned();
        let row = seen.entry(base.clone()).or_default();
        *row += 1;
        let id = if rows.get(&base).is_some_and(|rows| *rows > 1) { format!("{base}.{row}") } else { base };
        let tags = &scenario.tags;
        let requirements: Vec<String> =
            tags.iter().filter(|tag| tag.starts_with("CPM-CONV-") || tag.starts_with("PF-")).cloned().collect();
        if requirements.is_empty() {
            return Err(missing("requirement"));
        }
        let level = tags.iter().find(|tag| ["SHALL", "MAY", "policy", "context"].contains(&tag.as_str()));
        let role = tags.iter().find(|tag| ["participating-function", "client"].contains(&tag.as_str()));
        scenarios.push(Written {
            id,
            title: scenario.name.clone(),
            feature: path.to_owned(),
            line,
            test_purposes: test_purposes(tags),
            requirements,
            level: level.ok_or_else(|| missing("level"))?.clone(),
            role: role.ok_or_else(|| missing("role"))?.clone(),
            tags: tags.clone(),
            sentences: background.iter().chain(&scenario.steps).map(sentence).collect(),
        });
    }
    Ok(WrittenFeature { feature, scenarios })
}

fn sentence(step: &gherkin::Step) -> Sentence {
    Sentence {
        keyword: step.keyword.trim().to_owned(),
        text: step.value.clone(),
        line: u32::try_from(step.position.line).unwrap_or_default(),
        table: step.table.as_ref().map(|table| table.rows.clone()).unwrap_or_default(),
        text_below: step.docstring.clone(),
    }
}

fn id_tag(scenario: &Scenario) -> Option<&str> {
    scenario.tags.iter().map(String::as_str).find(|tag| tag.starts_with("TP-"))
}

/// The test purposes of a scenario: its TP tags without slugs.
fn test_purposes(tags: &[String]) -> Vec<String> {
    tags.iter()
        .filter(|tag| tag.starts_with("TP-"))
        .map(|tag| tag.split('.').next().unwrap_or_default().to_owned())
        .collect()
}

/// A selection with its tag expression read.
pub struct Chooser<'a> {
    selection: &'a Selection,
    tags: Option<TagOperation>,
}

impl<'a> Chooser<'a> {
    /// Reads the tag expression.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(selection: &'a Selection) -> Result<Chooser<'a>, RunError> {
        let tags = selection
            .tags
            .as_deref()
            .map(|text| {
                text.parse::<TagOperation>().map_err(|error| RunError::Usage(format!("--tags {text:?}: {error}")))
            })
            .transpose()?;
        Ok(Chooser { selection, tags })
    }

    /// True when a scenario is selected.
    pub fn takes(&self, scenario: &Written) -> bool {
        let wanted = &self.selection.requirements;
        let by_requirement = wanted.is_empty() || scenario.requirements.iter().any(|id| wanted.contains(id));
        let by_tag = self.tags.as_ref().is_none_or(|tags| tags.eval(&scenario.tags));
        let by_name = self
            .selection
            .name
            .as_ref()
            .is_none_or(|name| name.is_match(&scenario.title) || name.is_match(&scenario.id));
        by_requirement && by_tag && by_name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_say_their_test_purpose() {
        let mut ids = std::collections::BTreeSet::new();
        for scenario in all().unwrap().iter().flat_map(|feature| &feature.scenarios) {
            assert!(scenario.id.starts_with(scenario.test_purposes.first().unwrap()), "{}", scenario.id);
            assert!(ids.insert(scenario.id.clone()), "twice: {}", scenario.id);
        }
        assert!(!ids.is_empty());
    }

    #[test]
    fn a_selection_takes_what_it_names() {
        let features = all().unwrap();
        let selection = Selection {
            requirements: vec!["CPM-CONV-058a".to_owned()],
            tags: Some("not @slow".to_owned()),
            ..Selection::default()
        };
        let chooser = Chooser::new(&selection).unwrap();
        let all: Vec<_> = features.iter().flat_map(|feature| &feature.scenarios).collect();
        let taken: Vec<_> = all.iter().filter(|scenario| chooser.takes(scenario)).collect();
        assert!(!taken.is_empty() && taken.len() < all.len());
        assert!(taken.iter().all(|scenario| scenario.requirements.contains(&"CPM-CONV-058a".to_owned())));
        assert!(taken.iter().all(|scenario| !scenario.tags.contains(&"slow".to_owned())));
    }
}
