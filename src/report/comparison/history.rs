//! What scenarios came to in a chain of runs, each held against the one before: read from the baselines that they keep.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::verdict::Outcome;

/// So many runs are kept, the latest of them.
const RUNS: usize = 20;

/// Outcomes by scenario, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The ids of the runs.
    pub runs: Vec<String>,
    /// What each scenario came to in each of them; not run where it was not there.
    pub scenarios: BTreeMap<String, Vec<Outcome>>,
}

impl History {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// With a run that came after.
    #[must_use]
    pub(super) fn then(mut self, run: &Run) -> History {
        for (id, scenario) in run.scenarios() {
            let own = self.scenarios.entry(id.to_owned()).or_default();
            own.resize(self.runs.len(), Outcome::NotRun);
            own.push(scenario.verdict);
        }
        self.runs.push(run.told.run.id.clone());
        let (length, surplus) = (self.runs.len(), self.runs.len().saturating_sub(RUNS));
        for own in self.scenarios.values_mut() {
            own.resize(length, Outcome::NotRun);
            own.drain(..surplus);
        }
        self.runs.drain(..surplus);
        self
    }

    /// The outcomes of a scenario as a line of blocks, the higher the worse, the latest last; none where there is no run before.
    #[must_use]
    pub fn sparkline(&self, scenario: &str) -> Option<String> {
        let own = self.scenarios.get(scenario).filter(|_| self.runs.len() > 1)?;
        Some(own.iter().map(|outcome| block(*outcome)).collect())
    }
}

const fn block(outcome: Outcome) -> char {
    match outcome {
        Outcome::NotApplicable | Outcome::NotRun => '\u{b7}',
        Outcome::Pass => '\u{2581}',
        Outcome::Waived => '\u{2583}',
        Outcome::Inconclusive => '\u{2585}',
        Outcome::Fail => '\u{2587}',
        Outcome::Error => '\u{2588}',
    }
}
