//! The features as a specification of tests: each scenario with its sentences, for whoever reads them and runs nothing.

use super::RunError;
use super::features::{self, Written};
use crate::steps::Keyword;

/// A scenario and what is done in it.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// The scenario.
    pub written: Written,
    /// The title of its feature.
    pub chapter: String,
    /// What the feature says of itself, on one line; empty when it says nothing.
    pub introduction: String,
    /// Its sentences, in their order.
    pub sentences: Vec<Sentence>,
}

/// A sentence of a scenario.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// What sort it is: `And` is what stands before it.
    pub keyword: Keyword,
    /// Its words.
    pub text: String,
    /// The table under it: a heading, then rows.
    pub table: Vec<Vec<String>>,
}

/// All scenarios, in the order of the features.
///
/// # Errors
/// Features at fault.
pub fn procedures() -> Result<Vec<Procedure>, RunError> {
    let mut all = Vec::new();
    for features::WrittenFeature { feature, scenarios } in features::all()? {
        let introduction = feature.description.as_deref().unwrap_or_default();
        let introduction = introduction.split_whitespace().collect::<Vec<_>>().join(" ");
        let before = feature.background.as_ref().map(|background| background.steps.as_slice()).unwrap_or_default();
        for (scenario, written) in feature.scenarios.iter().zip(scenarios) {
            all.push(Procedure {
                written: written.clone(),
                chapter: feature.name.clone(),
                introduction: introduction.clone(),
                sentences: before.iter().chain(&scenario.steps).map(sentence).collect(),
            });
        }
    }
    Ok(all)
}

fn sentence(step: &gherkin::Step) -> Sentence {
    let table = step.table.as_ref().map(|table| table.rows.clone()).unwrap_or_default();
    Sentence { keyword: Keyword::of(step.ty), text: step.value.clone(), table }
}
