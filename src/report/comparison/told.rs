//! A comparison in words: for a terminal and for a pull request.

use std::fmt::Write;

use super::{Change, Comparison, Shift};
use crate::report::style::one_line;

impl Comparison {
    /// Each sort of change with its lines, the worst first; those without any are left out.
    pub(super) fn sections(&self) -> Vec<(&'static str, Vec<String>)> {
        let change = |change: &Change| {
            let of = if change.requirements.is_empty() {
                String::new()
            } else {
                format!(" ({})", change.requirements.join(", "))
            };
            let found = change.found.as_ref().map(|found| format!(": {found}")).unwrap_or_default();
            format!("{}{of}: {}, before {}{found}", change.id, change.after, change.before)
        };
        let shift = |unit: &'static str| {
            move |shift: &Shift| format!("{}: {}{unit}, before {}", shift.id, shift.after, shift.before)
        };
        let sections = [
            ("requirements", self.requirements.iter().map(change).collect()),
            ("regressed", self.regressed.iter().map(change).collect()),
            ("fixed", self.fixed.iter().map(change).collect()),
            ("flaky", self.flaky.clone()),
            ("removed", self.removed.clone()),
            ("new", self.new.clone()),
            ("fewer checks", self.fewer_checks.iter().map(shift("")).collect()),
            ("requirement changed", self.requirement_changed.clone()),
            ("stale waivers", self.stale_waivers.clone()),
            ("slower", self.slower.iter().map(shift(" ms")).collect()),
            ("quicker", self.quicker.iter().map(shift(" ms")).collect()),
            ("not the same", self.inputs.clone()),
        ];
        sections.into_iter().filter(|(_, lines): &(_, Vec<String>)| !lines.is_empty()).collect()
    }

    /// For people, on a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, lines) in self.sections() {
            for line in lines {
                let _ = writeln!(text, "{name:<20} {}", one_line(&line));
            }
        }
        let _ = writeln!(text, "{} against {}: {}", self.after, self.before, self.verdict());
        text
    }

    /// For a pull request: at most `most` lines of each sort.
    #[must_use]
    pub fn markdown(&self, most: usize) -> String {
        let mut text = format!("Against {}: {}\n", self.before, self.verdict());
        for (name, lines) in self.sections() {
            let _ = writeln!(text, "\n**{name}** ({})\n", lines.len());
            for line in lines.iter().take(most) {
                let _ = writeln!(text, "- {}", one_line(line).replace('<', "&lt;"));
            }
            if lines.len() > most {
                let _ = writeln!(text, "- and {} more", lines.len() - most);
            }
        }
        text
    }

    /// The comparison in a sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let counts = format!("{} regressed, {} fixed", self.regressed.len(), self.fixed.len());
        if self.is_worse() {
            format!("worse: {counts}")
        } else if self.sections().iter().all(|(name, _)| matches!(*name, "slower" | "quicker" | "not the same")) {
            "no verdict differs".to_owned()
        } else {
            format!("no worse: {counts}")
        }
    }
}
