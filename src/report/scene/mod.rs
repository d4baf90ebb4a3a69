//! The page of a scenario: what was asked, what was done and seen, step by step and octet by octet, and what was found where.
//! Made from the evidence and from what it was judged to be, so that a run, and whoever reads its evidence later, write the same.

mod layers;
mod octets;
mod pages;
mod records;
mod steps;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashMap;

use cpm_wire::time::Time;

use super::event::ScenarioResult;
use super::ladder::messages::{Told, messages};
use super::ladder::svg::{Flag, Flags, svg};
use super::ladder::{Ladder, mermaid};
use super::page::escaped;
use super::style::{cut, one_line};
use crate::evidence::{Header, Record};
use crate::requirements::Catalogue;
use crate::verdict::{Finding, FindingVerdict};

pub use writer::{SceneWriter, clear};

/// A scenario that was played and judged.
pub struct Scene<'a> {
    /// Under what circumstances.
    pub header: &'a Header,
    /// Its evidence.
    pub records: &'a [Record],
    /// What it came to.
    pub result: &'a ScenarioResult,
    /// What the paper asks.
    pub catalogue: &'a Catalogue,
    /// Records whose first octets belong to a message of an earlier record, and which that is.
    earlier: HashMap<u64, u64>,
    /// The findings about each record, by their place.
    found: HashMap<u64, Vec<usize>>,
}

/// The files about a scenario, by their names from the folder of the run: its page, and its ladder as SVG and as Mermaid text.
#[must_use]
pub fn files(
    header: &Header,
    records: &[Record],
    result: &ScenarioResult,
    catalogue: &Catalogue,
) -> [(String, String); 3] {
    let messages = messages(records);
    let scene = Scene::new(header, records, result, catalogue, &messages);
    let ladder = Ladder::of(header, records, &messages);
    let (flags, id) = (scene.flags(), &result.id);
    let title = format!("Ladder of {id}");
    let page = format!("../scenario/{id}.html");
    [
        (format!("scenario/{id}.html"), pages::scenario(&scene, &ladder, &flags, &messages)),
        (format!("evidence/{id}.svg"), svg(&ladder, &title, &flags, &page)),
        (format!("evidence/{id}.mmd"), mermaid::mermaid(&ladder, &flags)),
    ]
}

impl<'a> Scene<'a> {
    fn new(
        header: &'a Header,
        records: &'a [Record],
        result: &'a ScenarioResult,
        catalogue: &'a Catalogue,
        messages: &[Vec<Told>],
    ) -> Scene<'a> {
        let mut earlier = HashMap::new();
        for told in messages.iter().flatten() {
            let Some(first) = told.frames().next() else { continue };
            earlier.extend(told.frames().skip(1).filter(|frame| *frame != first).map(|frame| (frame, first)));
        }
        let mut found: HashMap<u64, Vec<usize>> = HashMap::new();
        for (place, finding) in result.findings.iter().enumerate() {
            found.entry(finding.frame.unwrap_or_default()).or_default().push(place);
        }
        Scene { header, records, result, catalogue, earlier, found }
    }

    /// When it began.
    fn began(&self) -> Time {
        self.records.first().map_or(Time::ZERO, |record| record.at)
    }

    fn earlier(&self, frame: u64) -> Option<u64> {
        self.earlier.get(&frame).copied()
    }

    /// The findings about a record, with their numbers from 1.
    fn found_in(&self, frame: u64) -> impl Iterator<Item = (usize, &'a Finding)> {
        let places = self.found.get(&frame).map(Vec::as_slice).unwrap_or_default();
        let findings = &self.result.findings;
        places.iter().filter_map(|place| Some((place + 1, findings.get(*place)?)))
    }

    /// The word of the worst that was found in a record.
    fn worst_in(&self, frame: u64) -> Option<&'static str> {
        self.found_in(frame)
            .map(|(_, finding)| finding.verdict)
            .max_by_key(|verdict| rank(*verdict))
            .map(FindingVerdict::as_str)
    }

    /// What was found, for the drawings.
    fn flags(&self) -> Flags {
        let frames = self.found.keys().filter(|frame| **frame > 0);
        let flag = |frame: &u64| {
            let (number, finding) =
                self.found_in(*frame).max_by_key(|(number, own)| (rank(own.verdict), usize::MAX - number))?;
            Some((*frame, Flag { verdict: finding.verdict.as_str(), anchor: format!("place-{number}") }))
        };
        frames.filter_map(flag).collect()
    }

    /// A finding as it stands below its octets.
    fn brief(&self, number: usize) -> String {
        let Some(finding) = number.checked_sub(1).and_then(|place| self.result.findings.get(place)) else {
            return String::new();
        };
        let word = finding.verdict.as_str();
        format!(
            "<aside class=\"finding {word}\" id=\"place-{number}\"><a href=\"#finding-{number}\">{word}: {}</a> \
             <p>observed: {}</p><p>expected: {}</p></aside>",
            escaped(&one_line(&finding.rule)),
            escaped(&cut(&one_line(&finding.observed), 600)),
            escaped(&cut(&one_line(&finding.expected), 600))
        )
    }
}

/// How much a finding weighs.
const fn rank(verdict: FindingVerdict) -> u8 {
    match verdict {
        FindingVerdict::Warning => 0,
        FindingVerdict::Inconclusive => 1,
        FindingVerdict::Fail => 2,
        FindingVerdict::Error => 3,
    }
}
