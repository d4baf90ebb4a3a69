//! A run: the features against a target, from the selection to the results.

use std::net::SocketAddr;
use std::path::PathBuf;

use regex::Regex;
use tokio::sync::mpsc;

use crate::report::event::Event;
use crate::report::{Results, RunInfo};
use crate::target::Profile;
use crate::verdict::Outcome;

/// The link between tester and target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Real sockets.
    Sockets,
    /// A simulated network in virtual time, with the reference in this process.
    Virtual,
}

/// What of the features is to be run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Requirements; empty for all.
    pub requirements: Vec<String>,
    /// A tag expression of cucumber, `@SHALL and not @slow`.
    pub tags: Option<String>,
    /// A pattern that the title or the id has to match.
    pub name: Option<Regex>,
}

impl Selection {
    /// True when everything is selected.
    pub fn is_full(&self) -> bool {
        self.requirements.is_empty() && self.tags.is_none() && self.name.is_none()
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
}

/// What is to be run, against what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The target's profile.
    pub profile: Profile,
    /// True when the target is the embedded reference.
    pub embedded: bool,
    /// The program that serves the embedded reference; this one when missing.
    pub program: Option<PathBuf>,
    /// What of the features.
    pub selection: Selection,
    /// How many scenarios at once; 64 when missing.
    pub jobs: Option<usize>,
    /// The seed of all names; from the clock when missing.
    pub seed: Option<u64>,
    /// The folder of the run.
    pub output: PathBuf,
    /// Start no further scenario after the first that does not pass.
    pub fail_fast: bool,
    /// Sockets or virtual.
    pub link: LinkKind,
    /// The run's id and start.
    pub info: RunInfo,
}

/// Why a run cannot take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The features are at fault: the suite's own mistake.
    #[error("the features are at fault: {0}")]
    Features(String),
    /// An option is.
    #[error("{0}")]
    Usage(String),
    /// A socket cannot be bound.
    #[error("cannot listen at {address}: {source}; choose another address in actors.serving_cscf.bind of the profile")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The embedded target does not start.
    #[error("{0}")]
    Target(String),
    /// The target cannot be reached.
    #[error("the target at {address} cannot be reached: {why}")]
    Unreachable {
        /// Where it was looked for.
        address: SocketAddr,
        /// What the network said.
        why: String,
    },
    /// The run's folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing fits the selection.
    #[error("no scenario fits the selection; `cpm-conformance list scenarios` shows what there is")]
    NothingSelected,
}

/// One scenario of the plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The scenario.
    pub written: Written,
    /// Whether it will run; else what becomes of it, and why.
    pub applicable: Result<(), (Outcome, String)>,
}

/// What would run, and why not.
///
/// # Errors
/// Features at fault, or an expression that is none.
pub fn plan(_selection: &Selection, _profile: &Profile, _embedded: bool) -> Result<Vec<Planned>, RunError> {
    Ok(Vec::new())
}

/// Runs the features. Each scenario's result goes to `sink` as soon as it is known.
///
/// # Errors
/// Whatever keeps the run from taking place; a failing target is a result, never an error.
pub async fn run(_options: Options, _sink: mpsc::UnboundedSender<Event>) -> Result<Results, RunError> {
    Err(RunError::NothingSelected)
}
