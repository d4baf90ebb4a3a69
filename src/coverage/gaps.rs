//! What is missing: each kind of gap, and where it is.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Material;
use crate::requirements::Requirement;

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// What sort of thing.
    pub kind: Kind,
    /// Of what: the id of a requirement, a test purpose, a scenario, a rule or a fault, or the place of a sentence.
    pub id: String,
    /// What is to be done about it.
    pub why: String,
}

/// A sort of gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something names what is not there.
    UnknownId,
    /// A sentence of a source document leads to nothing, and nobody says why.
    SentenceWithoutRow,
    /// A requirement to which no sentence leads.
    RequirementWithoutSentence,
    /// A requirement that no scenario serves.
    RequirementWithoutScenario,
    /// A requirement that no rule judges.
    RequirementWithoutRule,
    /// A requirement that no code of the reference cites.
    RequirementWithoutCode,
    /// A requirement that no seeded fault breaks.
    RequirementWithoutFault,
    /// A test purpose that no scenario serves.
    PurposeWithoutScenario,
    /// A scenario that serves no requirement of the catalogue.
    ScenarioWithoutRequirement,
    /// A Then behind which no rule stands.
    OutcomeWithoutRule,
    /// A rule that no scenario asks.
    RuleUnasked,
    /// A fault that is bound to no requirement, or that no scenario can show.
    FaultUnbound,
}

impl Kind {
    /// The sort in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::UnknownId => "unknown id",
            Kind::SentenceWithoutRow => "sentence without a row",
            Kind::RequirementWithoutSentence => "requirement without a sentence",
            Kind::RequirementWithoutScenario => "requirement without a scenario",
            Kind::RequirementWithoutRule => "requirement without a rule",
            Kind::RequirementWithoutCode => "requirement without reference code",
            Kind::RequirementWithoutFault => "requirement without a fault",
            Kind::PurposeWithoutScenario => "test purpose without a scenario",
            Kind::ScenarioWithoutRequirement => "scenario without a requirement",
            Kind::OutcomeWithoutRule => "outcome without a rule",
            Kind::RuleUnasked => "rule that nobody asks",
            Kind::FaultUnbound => "fault that is bound to nothing",
        }
    }
}

/// Collects gaps.
struct Found(BTreeSet<Gap>);

impl Found {
    fn add(&mut self, kind: Kind, id: &str, why: impl Into<String>) {
        self.0.insert(Gap { kind, id: id.to_owned(), why: why.into() });
    }

    /// A gap, if something names what is not there.
    fn known(&mut self, is_known: bool, id: &str, named_by: &str) {
        if !is_known {
            self.add(Kind::UnknownId, id, format!("{named_by} names it, and it is not there"));
        }
    }
}

/// Every gap, by kind and id.
#[must_use]
pub fn gaps(material: &Material) -> Vec<Gap> {
    let mut found = Found(BTreeSet::new());
    sentences(material, &mut found);
    planned(material, &mut found);
    for requirement in material.catalogue.requirements() {
        of_requirement(material, requirement, &mut found);
        of_purposes(material, requirement, &mut found);
        of_faults(material, requirement, &mut found);
    }
    scenarios(material, &mut found);
    rules(material, &mut found);
    faults(material, &mut found);
    found.0.into_iter().collect()
}

fn sentences(material: &Material, found: &mut Found) {
    for (document, said) in material.traceability.sentences() {
        let place = format!("{} {}", document.id, said.place);
        if said.rows.is_empty() && said.reason.is_none() {
            let why = "give it the requirement to which it led, or the reason for none, in fixtures/traceability.yaml";
            found.add(Kind::SentenceWithoutRow, &place, why);
        }
        for id in &said.rows {
            found.known(material.catalogue.requirement(id).is_some(), id, &format!("the sentence at {place}"));
        }
        for id in &said.purposes {
            found.known(material.catalogue.test_purpose(id).is_some(), id, &format!("the sentence at {place}"));
        }
    }
}

/// What was planned is there: each requirement, with so many test purposes.
fn planned(material: &Material, found: &mut Found) {
    for (id, count) in &material.traceability.planned {
        let Some(requirement) = material.catalogue.requirement(id) else {
            found.add(
                Kind::UnknownId,
                id,
                format!("it is planned with {count} test purposes, and is not in the catalogue"),
            );
            continue;
        };
        for number in 1..=*count {
            let purpose = format!("TP-{id}-{number:02}");
            let is_there = requirement.test_purposes.iter().any(|own| own.id == purpose);
            found.known(is_there, &purpose, "the plan in fixtures/traceability.yaml");
        }
    }
}

fn of_requirement(material: &Material, requirement: &Requirement, found: &mut Found) {
    let id = requirement.id.as_str();
    let mut lacks = |is_there: bool, what: &str, kind: Kind, why: &str| {
        if !is_there && !requirement.none.contains_key(what) {
            found.add(kind, id, format!("{why}, or say under none.{what} of the requirement why there is none"));
        }
    };
    let sentence = material.traceability.sentences().any(|(_, said)| said.rows.iter().any(|row| row == id));
    let planned = material.traceability.planned.contains_key(id);
    lacks(
        sentence && planned,
        "sentences",
        Kind::RequirementWithoutSentence,
        "trace it in fixtures/traceability.yaml, and plan its test purposes there",
    );
    let scenario = material.procedures.iter().any(|own| own.written.requirements.iter().any(|served| served == id));
    lacks(scenario, "scenarios", Kind::RequirementWithoutScenario, "write a scenario with its tag");
    let rule = material.rules.iter().any(|rule| rule.requirement == Some(id));
    lacks(rule, "rules", Kind::RequirementWithoutRule, "write a rule that serves it");
    let code = material.code.get(id).is_some_and(|places| !places.is_empty());
    lacks(code, "code", Kind::RequirementWithoutCode, "cite it in square brackets where the reference meets it");
    lacks(!requirement.faults.is_empty(), "faults", Kind::RequirementWithoutFault, "seed a fault that breaks it");
}

fn of_purposes(material: &Material, requirement: &Requirement, found: &mut Found) {
    for purpose in &requirement.test_purposes {
        let serves = |id: &String| *id == purpose.id;
        if !material.procedures.iter().any(|own| own.written.test_purposes.iter().any(serves)) {
            found.add(Kind::PurposeWithoutScenario, &purpose.id, "write a scenario with its tag");
        }
        for id in &purpose.ledger {
            found.known(material.ledger.entry(id).is_some(), id, &purpose.id);
        }
    }
}

fn of_faults(material: &Material, requirement: &Requirement, found: &mut Found) {
    for fault in &requirement.faults {
        found.known(material.faults.contains(&fault.id), &fault.id, &requirement.id);
        let can_show = |id: &String| {
            let shown = material.procedures.iter().any(|own| own.written.test_purposes.contains(id));
            shown && requirement.test_purposes.iter().any(|purpose| purpose.id == *id)
        };
        if !fault.shown_by.iter().any(can_show) {
            found.add(
                Kind::FaultUnbound,
                &fault.id,
                format!("no scenario of a test purpose of {} shows it", requirement.id),
            );
        }
    }
}

fn scenarios(material: &Material, found: &mut Found) {
    for procedure in &material.procedures {
        let own = &procedure.written;
        if !own.requirements.iter().any(|id| material.catalogue.requirement(id).is_some()) {
            found.add(Kind::ScenarioWithoutRequirement, &own.id, "tag it with a requirement of the catalogue");
        }
        for id in &own.requirements {
            found.known(material.catalogue.requirement(id).is_some(), id, &own.id);
        }
        for id in &own.test_purposes {
            found.known(material.catalogue.test_purpose(id).is_some(), id, &own.id);
        }
        for (then, rules) in material.outcomes(procedure) {
            if rules.is_none_or(BTreeSet::is_empty) {
                found.add(Kind::OutcomeWithoutRule, &own.id, format!("no rule is found behind: {then}"));
            }
        }
    }
}

fn rules(material: &Material, found: &mut Found) {
    let asked: BTreeSet<&str> =
        material.procedures.iter().flat_map(|own| material.asked(own)).map(|rule| rule.id).collect();
    for rule in &material.rules {
        if !asked.contains(rule.id) {
            found.add(Kind::RuleUnasked, rule.id, "await it in a Then of a scenario, or take it away");
        }
        let id = rule.requirement.unwrap_or_default();
        found.known(material.catalogue.requirement(id).is_some(), id, rule.id);
        for entry in rule.ledger {
            found.known(material.ledger.entry(entry).is_some(), entry, rule.id);
        }
    }
}

fn faults(material: &Material, found: &mut Found) {
    for id in &material.faults {
        if material.catalogue.fault(id).is_none() {
            found.add(
                Kind::FaultUnbound,
                id,
                "the reference can have it, and no requirement of the catalogue names it",
            );
        }
    }
}
