//! The rules that a scenario awaited, in evidence: made again, and judged at the places where the run judged them.

use crate::evidence::{Event, Record, What};
use crate::rules::{self, Judgement, Moment, Rule};
use crate::story::Story;
use crate::target::Statement;
use crate::verdict::Finding;
use serde_json::Value;
use std::sync::Arc;

/// A rule that was met, and how many positive checks against the wire it made.
struct Check {
    rule: Arc<dyn Rule>,
    checks: usize,
}

/// The rule that was awaited last.
struct Last {
    rule: Arc<dyn Rule>,
    arguments: Value,
    /// What it came to, once it was decided.
    judgement: Option<Judgement>,
}

/// What the rules of a scenario said, and the story that they said it of.
pub(super) struct Awaited<'a> {
    pub story: Story,
    pub warnings: Vec<Finding>,
    statement: &'a Statement,
    checks: Vec<Check>,
    last: Option<Last>,
}

impl<'a> Awaited<'a> {
    /// Reads evidence record by record.
    ///
    /// # Errors
    /// No run leaves such evidence; in words.
    pub fn replay(statement: &'a Statement, records: &[Record]) -> Result<Awaited<'a>, String> {
        let (story, warnings, checks) = (Story::new(), Vec::new(), Vec::new());
        let mut awaited = Awaited { story, warnings, statement, checks, last: None };
        for (frame, record) in (1..).zip(records) {
            match &record.what {
                What::Event(Event::Awaited { rule, arguments, .. }) => awaited.begin(rule, arguments)?,
                What::Event(Event::Decided { closed, lagged }) => awaited.decide(*closed, *lagged)?,
                _ => {}
            }
            awaited.story.observe(frame, record);
        }
        Ok(awaited)
    }

    fn begin(&mut self, id: &str, arguments: &Value) -> Result<(), String> {
        // A rule that was broken is given a second chance at most, and no other rule before it.
        if let Some(last) = self.last.as_ref().filter(|last| last.unmet())
            && (last.rule.id() != id || last.arguments != *arguments)
        {
            return Err(went_on(last));
        }
        let rule = rules::named(id, arguments).map_err(|error| error.to_string())?;
        self.last = Some(Last { rule, arguments: arguments.clone(), judgement: None });
        Ok(())
    }

    fn decide(&mut self, closed: bool, lagged: bool) -> Result<(), String> {
        let open = self.last.as_mut().filter(|last| last.judgement.is_none());
        let last = open.ok_or("a rule is decided that nobody awaited")?;
        let moment = if closed { Moment::Closed } else { Moment::Open };
        let assessment = last.rule.conclude(&self.story, self.statement, moment, lagged);
        self.warnings.extend(assessment.warnings);
        if let Judgement::Met { checks } = assessment.judgement {
            self.checks.push(Check { rule: last.rule.clone(), checks });
        }
        last.judgement = Some(assessment.judgement);
        Ok(())
    }

    /// What the rule that was awaited last came to; none when it was not decided.
    pub fn last(&self) -> Option<&Judgement> {
        self.last.as_ref()?.judgement.as_ref()
    }

    /// Why a scenario that ran to its end should not have, if so.
    pub fn went_on(&self) -> Option<String> {
        self.last.as_ref().filter(|last| last.unmet()).map(went_on)
    }

    /// What was met must still hold at the end. Gives what does not. What the tester sent in a frame that is `late` need not
    /// have been answered.
    pub fn close(&mut self, late: impl Fn(u64) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for check in &self.checks {
            let assessment = check.rule.judge(&self.story, self.statement, Moment::Closed);
            for warning in assessment.warnings {
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
            }
            if let Judgement::Broken(finding) = assessment.judgement {
                let open = || check.rule.judge(&self.story, self.statement, Moment::Open).judgement;
                if !(finding.frame.is_some_and(&late) && matches!(open(), Judgement::Undecided)) {
                    findings.push(finding);
                }
            }
        }
        findings
    }

    /// How many checks against the wire were made by rules that were met.
    pub fn made(&self) -> usize {
        self.checks.iter().map(|check| check.checks).sum()
    }

    /// A scenario that made no positive check against the wire, or asserts an absence without its contrast, proves nothing.
    pub fn hollow(&self) -> Option<&'static str> {
        let positive =
            self.checks.iter().filter(|check| !check.rule.absence()).map(|check| check.checks).sum::<usize>();
        match (positive, self.checks.iter().any(|check| check.rule.absence())) {
            (0, true) => {
                Some("the scenario asserts an absence and shows no contrast: the same behaviour, seen elsewhere")
            }
            (0, false) => Some("the scenario passed without a single check against the wire"),
            _ => None,
        }
    }
}

impl Last {
    fn unmet(&self) -> bool {
        !matches!(self.judgement, Some(Judgement::Met { .. }))
    }
}

fn went_on(last: &Last) -> String {
    format!("the evidence goes on although the rule {} was not met", last.rule.id())
}
