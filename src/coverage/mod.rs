//! Coverage: what holds together between sentence, requirement, test purpose, scenario, rule, reference and fault, without a
//! target. It is made of what is embedded in the program, and says what is missing. The layout of the specification of tests
//! follows that of the enabler test specifications of OMA.

pub mod baseline;
pub mod gaps;
pub mod material;
pub mod pages;
pub mod sources;
#[cfg(test)]
mod tests;
pub mod text;
pub mod traceability;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use gaps::{Gap, Kind};
pub use material::Material;
use sources::Place;

use crate::requirements::{FaultKind, Requirement, Sign, TestPurpose};
use crate::target::Role;
use crate::verdict::Level;

/// The schema of coverage.json.
pub const SCHEMA: &str = "cpm-coverage/1";

/// What stands in coverage.json.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// The shape of the file.
    pub schema: &'static str,
    /// How much there is.
    pub counts: Counts,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// Each requirement, with all that serves it.
    pub requirements: Vec<Covered>,
    /// Each sentence of the source documents.
    pub sentences: Vec<Traced>,
    /// Each scenario.
    pub scenarios: Vec<Asking>,
    /// Each rule of a requirement.
    pub rules: Vec<Asked>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Sentences of the source documents.
    pub sentences: usize,
    /// Requirements.
    pub requirements: usize,
    /// Test purposes.
    pub test_purposes: usize,
    /// Scenarios.
    pub scenarios: usize,
    /// Rules of requirements.
    pub rules: usize,
    /// Seeded faults.
    pub faults: usize,
    /// Entries of the ledger.
    pub ledger: usize,
    /// What is missing.
    pub gaps: usize,
}

/// A requirement, with all that serves it.
#[derive(Clone, Debug, Serialize)]
pub struct Covered {
    /// Its id.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Who has to meet it.
    pub subject: Role,
    /// The word of its room.
    pub word: String,
    /// Where the paper says it.
    pub source: String,
    /// What it asks, in our words.
    pub summary: String,
    /// Where the sentences stand that led to it.
    pub sentences: Vec<String>,
    /// What shows it.
    pub test_purposes: Vec<Purpose>,
    /// The rules that serve it.
    pub rules: Vec<&'static str>,
    /// Where the reference meets it.
    pub reference: Vec<Place>,
    /// What breaks it.
    pub faults: Vec<Fault>,
    /// The ledger entries that have a say.
    pub ledger: Vec<String>,
    /// Why there is none of something: `rules`, `code` or the like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub none: BTreeMap<String, String>,
}

/// A test purpose, with the scenarios that serve it.
#[derive(Clone, Debug, Serialize)]
pub struct Purpose {
    /// Its id.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Whether something has to happen.
    pub sign: Sign,
    /// What it shows, in our words.
    pub summary: String,
    /// The ledger entries that have a say.
    pub ledger: Vec<String>,
    /// Its scenarios.
    pub scenarios: Vec<String>,
    /// The rules that these ask.
    pub rules: Vec<&'static str>,
}

/// A seeded fault, with what is meant to show it.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// Its id.
    pub id: String,
    /// Whether it has to fail.
    pub kind: FaultKind,
    /// The test purposes that are meant to show it.
    pub shown_by: Vec<String>,
}

/// A sentence of a source document, with what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Traced {
    /// Document and place.
    pub id: String,
    /// What it says, in our words.
    pub says: String,
    /// The requirements to which it led.
    pub requirements: Vec<String>,
    /// The test purposes that take up just this.
    pub test_purposes: Vec<String>,
    /// Why it led to none, or what else it is.
    pub reason: Option<String>,
}

/// A scenario, with the rules that it asks.
#[derive(Clone, Debug, Serialize)]
pub struct Asking {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The feature file.
    pub feature: String,
    /// The requirements that it serves.
    pub requirements: Vec<String>,
    /// The test purposes that it serves.
    pub test_purposes: Vec<String>,
    /// The rules that it asks, in this order.
    pub rules: Vec<&'static str>,
}

/// A rule, with how many scenarios ask it.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Its id.
    pub id: &'static str,
    /// The requirement that it serves.
    pub requirement: &'static str,
    /// The ledger entries that it heeds.
    pub ledger: &'static [&'static str],
    /// How many scenarios ask it.
    pub scenarios: usize,
}

/// The coverage that this material comes to.
#[must_use]
pub fn coverage(material: &Material) -> Coverage {
    let scenarios: Vec<Asking> = material.procedures.iter().map(|own| asking(material, own)).collect();
    let requirements: Vec<Covered> =
        material.catalogue.requirements().iter().map(|own| covered(material, own, &scenarios)).collect();
    let sentences = traced(material);
    let rules = asked(material, &scenarios);
    let gaps = gaps::gaps(material);
    let counts = Counts {
        sentences: sentences.len(),
        requirements: requirements.len(),
        test_purposes: requirements.iter().map(|own| own.test_purposes.len()).sum(),
        scenarios: scenarios.len(),
        rules: rules.len(),
        faults: material.faults.len(),
        ledger: material.ledger.entries().len(),
        gaps: gaps.len(),
    };
    Coverage { schema: SCHEMA, counts, gaps, requirements, sentences, scenarios, rules }
}

fn asking(material: &Material, procedure: &crate::run::Procedure) -> Asking {
    let own = &procedure.written;
    Asking {
        id: own.id.clone(),
        title: own.title.clone(),
        feature: own.feature.clone(),
        requirements: own.requirements.clone(),
        test_purposes: own.test_purposes.clone(),
        rules: material.asked(procedure).into_iter().map(|rule| rule.id).collect(),
    }
}

fn covered(material: &Material, requirement: &Requirement, scenarios: &[Asking]) -> Covered {
    let sentences = material.traceability.sentences().filter(|(_, said)| said.rows.contains(&requirement.id));
    let faults = requirement.faults.iter().map(|fault| Fault {
        id: fault.id.clone(),
        kind: fault.kind,
        shown_by: fault.shown_by.clone(),
    });
    let ledger: BTreeSet<&String> = requirement.test_purposes.iter().flat_map(|purpose| &purpose.ledger).collect();
    let rules = material.rules.iter().filter(|rule| rule.requirement == Some(requirement.id.as_str()));
    Covered {
        id: requirement.id.clone(),
        level: requirement.level,
        subject: requirement.subject,
        word: requirement.word.clone(),
        source: requirement.source.to_string(),
        summary: requirement.summary.clone(),
        sentences: sentences.map(|(document, said)| format!("{} {}", document.id, said.place)).collect(),
        test_purposes: requirement.test_purposes.iter().map(|own| purpose(own, scenarios)).collect(),
        rules: rules.map(|rule| rule.id).collect(),
        reference: material.code.get(&requirement.id).into_iter().flatten().cloned().collect(),
        faults: faults.collect(),
        ledger: ledger.into_iter().cloned().collect(),
        none: requirement.none.clone(),
    }
}

fn purpose(purpose: &TestPurpose, scenarios: &[Asking]) -> Purpose {
    let own: Vec<&Asking> = scenarios.iter().filter(|own| own.test_purposes.contains(&purpose.id)).collect();
    let rules: BTreeSet<&'static str> = own.iter().flat_map(|own| own.rules.iter().copied()).collect();
    Purpose {
        id: purpose.id.clone(),
        level: purpose.level,
        sign: purpose.sign,
        summary: purpose.summary.clone(),
        ledger: purpose.ledger.clone(),
        scenarios: own.iter().map(|own| own.id.clone()).collect(),
        rules: rules.into_iter().collect(),
    }
}

fn traced(material: &Material) -> Vec<Traced> {
    let all = material.traceability.sentences().map(|(document, said)| Traced {
        id: format!("{} {}", document.id, said.place),
        says: said.says.clone(),
        requirements: said.rows.clone(),
        test_purposes: said.purposes.clone(),
        reason: said.reason.clone(),
    });
    all.collect()
}

fn asked(material: &Material, scenarios: &[Asking]) -> Vec<Asked> {
    let all = material.rules.iter().map(|rule| Asked {
        id: rule.id,
        requirement: rule.requirement.unwrap_or_default(),
        ledger: rule.ledger,
        scenarios: scenarios.iter().filter(|own| own.rules.contains(&rule.id)).count(),
    });
    all.collect()
}
