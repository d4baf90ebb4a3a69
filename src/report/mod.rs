//! Reports: a run makes events, reporters read them. What a run came to is computed once, in [`results`]; no reporter
//! computes a verdict.

pub mod badge;
pub mod causes;
pub mod command;
pub mod comparison;
pub mod console;
pub mod contrast;
pub mod csv;
mod difference;
pub mod enablers;
pub mod event;
pub mod excerpt;
pub mod failure;
pub mod junit;
pub mod ladder;
pub mod manifest;
pub mod ndjson;
pub mod page;
pub mod results;
pub mod run_folder;
pub mod run_page;
pub mod scene;
pub mod seen;
pub mod signature;
pub mod style;
pub mod summary;
pub mod traceability;
pub mod waivers;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::io;

pub use difference::Difference;
pub use enablers::{Enabler, EnablerResult};
pub use event::{Event, EvidenceRef, Invocation, RunInfo, ScenarioResult, Selection, TargetInfo};
pub use excerpt::{Excerpt, Excerpts};
pub use results::{Results, RunVerdict, excused_results, exit_code, results};
pub use seen::{ResponseTime, Seen, Timed};
pub use waivers::Waivers;

/// Someone who reads the events of a run.
pub trait Reporter {
    /// Takes one event.
    ///
    /// # Errors
    /// The report could not be written.
    fn event(&mut self, event: &Event) -> io::Result<()>;
}
