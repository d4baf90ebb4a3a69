//! What coverage is made from: catalogue, ledger, features, vocabulary, rules, faults, the reference, and the sentences of the
//! source documents. All of it is embedded in the program; a test may change a part.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{self, Place};
use super::traceability::Traceability;
use crate::interpretations::Ledger;
use crate::requirements::Catalogue;
use crate::rules::{self, RuleEntry};
use crate::run::{self, Procedure, RunError};
use crate::stage::trial::Subject;
use crate::steps::{self, Keyword};

/// All of it.
#[derive(Clone, Debug)]
pub struct Material {
    /// The requirements, with test purposes and faults.
    pub catalogue: Catalogue,
    /// The ledger.
    pub ledger: Ledger,
    /// The scenarios.
    pub procedures: Vec<Procedure>,
    /// The rules of requirements. Base rules hold in every scenario, so that nobody has to ask them.
    pub rules: Vec<RuleEntry>,
    /// The rules that each Then awaits, by its pattern.
    pub awaited: BTreeMap<String, BTreeSet<String>>,
    /// The faults that the reference can have.
    pub faults: Vec<String>,
    /// The code of the reference that cites each requirement.
    pub code: BTreeMap<String, BTreeSet<Place>>,
    /// The sentences of the source documents.
    pub traceability: Traceability,
}

impl Material {
    /// What is embedded in the program.
    ///
    /// # Errors
    /// Features at fault.
    pub fn embedded() -> Result<Material, RunError> {
        let types: Vec<_> = rules::types().collect();
        Ok(Material {
            catalogue: Catalogue::embedded(),
            ledger: Ledger::embedded(),
            procedures: run::procedures()?,
            rules: rules::catalogue().iter().filter(|rule| rule.requirement.is_some()).copied().collect(),
            awaited: sources::awaited(&types),
            faults: Subject::faults().filter_map(|subject| Some(subject.fault()?.id.to_owned())).collect(),
            code: sources::citations(),
            traceability: Traceability::embedded(),
        })
    }

    /// The rules that a scenario asks, in the order of its sentences.
    #[must_use]
    pub fn asked(&self, procedure: &Procedure) -> Vec<&RuleEntry> {
        let mut asked: Vec<&RuleEntry> = Vec::new();
        for (_, own) in self.outcomes(procedure) {
            for id in own.into_iter().flatten() {
                let rule = self.rules.iter().find(|rule| rule.id == *id);
                asked.extend(rule.filter(|rule| !asked.iter().any(|known| known.id == rule.id)));
            }
        }
        asked
    }

    /// Each Then of a scenario, with the rules that it awaits; none when no sentence of the vocabulary says that.
    pub fn outcomes<'a>(
        &'a self,
        procedure: &'a Procedure,
    ) -> impl Iterator<Item = (&'a str, Option<&'a BTreeSet<String>>)> {
        let thens = procedure.sentences.iter().filter(|sentence| sentence.keyword == Keyword::Then);
        thens.map(|sentence| (sentence.text.as_str(), self.behind(&sentence.text)))
    }

    /// The rules that a Then awaits.
    #[must_use]
    pub fn behind(&self, then: &str) -> Option<&BTreeSet<String>> {
        self.awaited.get(steps::sentence(Keyword::Then, then)?.pattern)
    }
}
