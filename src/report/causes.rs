//! What is wrong, by cause: scenarios that are no pass for one reason are told as one, however many there are.
//!
//! Scenarios belong together where the same rule speaks, or where different rules saw the same thing: what was observed, without
//! the names, addresses and numbers that are another scenario's. A base rule holds in every scenario, so that one breach
//! meets many: it is a cause of its own, unless it comes with another one nearly always, as its consequence does. Nothing
//! is judged here: which card a scenario stands on changes no verdict.

mod shape;

use std::collections::{BTreeMap, BTreeSet};

use super::event::ScenarioResult;
use crate::verdict::{Finding, Outcome};

/// One cause, with all scenarios that it spoils.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The scenario that shows it best: the one in which least happened.
    pub scenario: &'a ScenarioResult,
    /// What was found in it.
    pub finding: &'a Finding,
    /// All scenarios, that one among them.
    pub scenarios: Vec<&'a ScenarioResult>,
    /// The rules that spoke, and in how many of the scenarios.
    pub rules: BTreeMap<&'a str, usize>,
}

/// Of a hundred scenarios that a base rule spoils, so many have to fail for another cause too, for it to be a part of that.
const TOGETHER: usize = 80;

/// Findings that belong together, each with the place of its scenario.
type Group<'a> = Vec<(usize, &'a Finding)>;

/// The causes of all scenarios that came to this, the widest first.
#[must_use]
pub fn causes(scenarios: &[ScenarioResult], outcome: Outcome) -> Vec<Cause<'_>> {
    let mut own: Vec<Group<'_>> = Vec::new();
    let mut base: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for (at, scenario) in scenarios.iter().enumerate().filter(|(_, scenario)| scenario.outcome == outcome) {
        let deciding = |finding: &&Finding| Outcome::from(finding.verdict.verdict()) == outcome;
        for finding in scenario.findings.iter().filter(deciding) {
            if finding.rule.starts_with("base.") {
                base.entry(&finding.rule).or_default().push((at, finding));
            } else {
                own.push(vec![(at, finding)]);
            }
        }
    }
    let mut groups = joined(own);
    attach(&mut groups, base.into_values().collect());
    let mut causes: Vec<Cause<'_>> = groups.iter().filter_map(|group| cause(scenarios, group)).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.scenarios.len()));
    causes
}

/// Groups of findings of which no two share a rule or the shape of what was observed.
fn joined(findings: Vec<Group<'_>>) -> Vec<Group<'_>> {
    // Each mark is a rule, or a shape; it names the place of the group that has it.
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut marks: BTreeMap<String, usize> = BTreeMap::new();
    for group in findings {
        let own: Vec<String> = group.iter().flat_map(|(_, finding)| marks_of(finding)).collect();
        let known: BTreeSet<usize> = own.iter().filter_map(|mark| marks.get(mark).copied()).collect();
        let to = known.first().copied().unwrap_or(groups.len());
        if to == groups.len() {
            groups.push(Vec::new());
        }
        let mut moved = group;
        for from in known.iter().skip(1) {
            moved.extend(groups.get_mut(*from).map(std::mem::take).unwrap_or_default());
        }
        marks.values_mut().filter(|at| known.contains(&**at)).for_each(|at| *at = to);
        marks.extend(own.into_iter().map(|mark| (mark, to)));
        if let Some(group) = groups.get_mut(to) {
            group.append(&mut moved);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// By what a finding is known.
fn marks_of(finding: &Finding) -> Vec<String> {
    // What speaks of the scenario as a whole is one rule, whatever the reason.
    let rule = (finding.rule != "scenario").then(|| format!("rule {}", finding.rule));
    let seen = shape::shape(&finding.observed).map(|shape| format!("seen {shape}"));
    let alone = || vec![format!("text {}", finding.observed)];
    let marks: Vec<String> = rule.into_iter().chain(seen).collect();
    if marks.is_empty() { alone() } else { marks }
}

/// Puts the groups of base rules, the widest first, with the group of which they are a part, or beside the others.
fn attach<'a>(groups: &mut Vec<Group<'a>>, mut base: Vec<Group<'a>>) {
    let own = groups.len();
    base.sort_by_key(|group| std::cmp::Reverse(places(group).len()));
    for group in base {
        let spoiled = places(&group);
        let with = groups.iter_mut().enumerate().find(|(at, other)| {
            let others = places(other);
            let both = spoiled.intersection(&others).count() * 100;
            // Beside each other, two base rules are one cause only where they speak of the same scenarios.
            let of = if *at < own { spoiled.len() } else { spoiled.union(&others).count() };
            both >= of * TOGETHER
        });
        match with {
            Some((_, other)) => other.extend(group),
            None => groups.push(group),
        }
    }
}

fn places(group: &Group<'_>) -> BTreeSet<usize> {
    group.iter().map(|(at, _)| *at).collect()
}

/// What is told of a group: by the rule that spoke most often, in the scenario with the shortest exchange.
fn cause<'a>(scenarios: &'a [ScenarioResult], group: &Group<'a>) -> Option<Cause<'a>> {
    let mut rules: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, finding) in group {
        rules.entry(&finding.rule).or_default().insert(*at);
    }
    let weight = |finding: &Finding| {
        let times = rules.get(finding.rule.as_str()).map_or(0, BTreeSet::len);
        (!finding.rule.starts_with("base."), times)
    };
    let heaviest = group.iter().map(|(_, finding)| weight(finding)).max()?;
    let telling = group.iter().filter(|(_, finding)| weight(finding) == heaviest);
    let told = telling.filter_map(|(at, finding)| Some((scenarios.get(*at)?, *finding)));
    let (scenario, finding) = told.min_by_key(|(scenario, _)| scenario.ladder.len())?;
    let all = places(group).into_iter().filter_map(|at| scenarios.get(at)).collect();
    let rules = rules.into_iter().map(|(rule, of)| (rule, of.len())).collect();
    Some(Cause { scenario, finding, scenarios: all, rules })
}

#[cfg(test)]
mod tests;
