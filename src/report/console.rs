//! What a run says while it goes and when it is over: a bar on a terminal, a line for each scenario elsewhere; then the
//! failure blocks, a verdict for each requirement and one for the run.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use super::event::ScenarioResult;
use super::failure::FailureBlock;
use super::results::{RequirementResult, Results};
use super::style::{Style, one_line};
use super::waivers::Status;
use super::{Event, Reporter};
use crate::requirements::Catalogue;
use crate::verdict::{FindingVerdict, Outcome};

/// Tells a run to a person.
#[derive(Debug)]
pub struct Console<W: Write> {
    out: W,
    style: Style,
    progress: Progress,
    catalogue: Catalogue,
}

/// How progress is told.
#[derive(Debug)]
pub enum Progress {
    /// A bar, on a terminal.
    Bar(ProgressBar),
    /// A line for each scenario.
    Lines,
    /// Not at all: only what is no pass, and the verdict.
    Quiet,
}

impl Progress {
    /// What suits standard error: a bar on a terminal.
    #[must_use]
    pub fn of_terminal(quiet: bool) -> Progress {
        match (quiet, io::stderr().is_terminal()) {
            (true, _) => Progress::Quiet,
            (false, true) => Progress::Bar(ProgressBar::hidden()),
            (false, false) => Progress::Lines,
        }
    }
}

impl<W: Write> Console<W> {
    /// A console that writes here.
    pub fn new(out: W, style: Style, progress: Progress) -> Console<W> {
        Console { out, style, progress, catalogue: Catalogue::embedded() }
    }

    fn started(&mut self, scenarios: usize) {
        if let Progress::Bar(bar) = &mut self.progress {
            *bar = ProgressBar::new(scenarios as u64);
            let template = "{bar:40} {pos}/{len} {elapsed} {msg}";
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
    }

    fn finished(&mut self, scenario: &ScenarioResult) -> io::Result<()> {
        match &self.progress {
            Progress::Bar(bar) => {
                bar.set_message(scenario.id.clone());
                bar.inc(1);
                Ok(())
            }
            Progress::Lines => {
                let word = format!("{:<14}", scenario.outcome);
                let seconds = scenario.duration_ms as f64 / 1000.0;
                writeln!(
                    self.out,
                    "{} {}  {} ({seconds:.2} s)",
                    self.style.outcome(scenario.outcome, &word),
                    scenario.id,
                    one_line(&scenario.title)
                )
            }
            Progress::Quiet => Ok(()),
        }
    }

    fn over(&mut self, results: &Results) -> io::Result<()> {
        if let Progress::Bar(bar) = &self.progress {
            bar.finish_and_clear();
        }
        for scenario in &results.scenarios {
            self.failure(scenario)?;
        }
        if !matches!(self.progress, Progress::Quiet) {
            writeln!(self.out)?;
            for row in &results.requirements {
                self.requirement(row)?;
            }
        }
        for waiver in results.waivers.iter().flatten().filter(|waiver| waiver.status != Status::NotAsked) {
            writeln!(self.out, "{}", one_line(&waiver.line()))?;
        }
        self.verdict(results)
    }

    fn failure(&mut self, scenario: &ScenarioResult) -> io::Result<()> {
        if !matches!(scenario.outcome, Outcome::Fail | Outcome::Inconclusive | Outcome::Error) {
            return Ok(());
        }
        let Some(block) = FailureBlock::of(scenario, &self.catalogue) else { return Ok(()) };
        let word = scenario.outcome.to_string().to_uppercase();
        let word = self.style.outcome(scenario.outcome, &word);
        write!(self.out, "\n{word}  {}\n{}", block.heading, block.text())
    }

    fn requirement(&mut self, row: &RequirementResult) -> io::Result<()> {
        let word = self.style.outcome(row.verdict, &format!("{:<14}", row.verdict));
        let why = row.reason.as_ref().map(|why| format!("  {}", one_line(why))).unwrap_or_default();
        let (passed, all) = row.test_purposes;
        let shown = format!("{passed} of {}", counted(all, "test purpose"));
        let scenarios = counted(row.scenarios.len(), "scenario");
        writeln!(self.out, "{word} {:<14} {:<7} {shown:<24} {scenarios}{why}", row.id, row.level)
    }

    fn verdict(&mut self, results: &Results) -> io::Result<()> {
        let warnings = results.scenarios.iter().flat_map(|scenario| &scenario.findings);
        let warnings = warnings.filter(|finding| finding.verdict == FindingVerdict::Warning).count();
        if warnings > 0 {
            writeln!(self.out, "{} in results.json, which change no verdict", counted(warnings, "warning"))?;
        }
        let total: Vec<String> = Outcome::ALL
            .into_iter()
            .map(|outcome| (results.counts.total(outcome), outcome))
            .filter(|(count, _)| *count > 0)
            .map(|(count, outcome)| format!("{count} {outcome}"))
            .collect();
        let total = if total.is_empty() { "no scenario".to_owned() } else { total.join(", ") };
        let seconds = results.run.duration_ms as f64 / 1000.0;
        writeln!(self.out, "{}: {total} in {seconds:.1} s", results.verdict.as_str())
    }
}

/// A number with its noun.
fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

impl<W: Write> Reporter for Console<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(run) => self.started(run.scenarios),
            Event::ScenarioStarted { .. } => {}
            Event::ScenarioFinished(scenario) => self.finished(scenario)?,
            Event::RunFinished(results) => self.over(results)?,
        }
        self.out.flush()
    }
}
