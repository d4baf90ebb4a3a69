//! The sentences of the two source documents, each with what became of it, from `fixtures/traceability.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::yaml;

const FILE: &str = include_str!("../../fixtures/traceability.yaml");

/// All sentences, and what was planned for the requirements that they led to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traceability {
    /// The source documents.
    pub documents: Vec<Document>,
    /// How many test purposes each requirement is to have, by its id. They are numbered from 01.
    pub planned: BTreeMap<String, usize>,
}

/// A source document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its short name.
    pub id: String,
    /// What it is, in our words.
    pub title: String,
    /// Its sentences, in their order.
    pub sentences: Vec<Said>,
}

/// A sentence or bullet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Where it stands.
    pub place: String,
    /// What it says, in our words.
    pub says: String,
    /// The requirements to which it led.
    #[serde(default)]
    pub rows: Vec<String>,
    /// The test purposes that take up just this.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// Why it led to none, or what else it is.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Traceability {
    /// What is embedded in the program.
    ///
    /// # Panics
    /// Never: the file is part of the program, and a test reads it.
    #[must_use]
    pub fn embedded() -> Traceability {
        match yaml::read(FILE) {
            Ok(read) => read,
            Err(fault) => unreachable!("fixtures/traceability.yaml: {fault:?}"),
        }
    }

    /// Every sentence, with its document.
    pub fn sentences(&self) -> impl Iterator<Item = (&Document, &Said)> {
        self.documents.iter().flat_map(|document| document.sentences.iter().map(move |said| (document, said)))
    }
}
