//! One word, four rooms; and what hangs together across files: tags, test purposes, ledger, sizes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cpm_conformance::interpretations::Ledger;
use cpm_conformance::requirements::Catalogue;
use cpm_conformance::rules;
use cpm_conformance::target::questions::question;
use pretty_assertions::assert_eq;
use regex::Regex;

use crate::tree::{none, root, rust, sources};

/// Tags that say something besides requirement, test purpose, level and role.
const MARKS: [&str; 5] = ["slow", "restart", "virtual_time", "admin_release", "smoke"];
const LEVELS: [&str; 4] = ["SHALL", "MAY", "policy", "context"];
const ROLES: [&str; 2] = ["participating-function", "client"];

/// A scenario with its tags.
struct Scenario {
    place: String,
    tags: Vec<String>,
}

impl Scenario {
    fn test_purposes(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter(|tag| tag.starts_with("TP-")).map(|tag| tag.split('.').next().unwrap())
    }

    fn among(&self, words: &[&str]) -> usize {
        self.tags.iter().filter(|tag| words.contains(&tag.as_str())).count()
    }
}

fn scenarios() -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for source in sources().into_iter().filter(|source| source.path.ends_with(".feature")) {
        let mut of_feature: Vec<String> = Vec::new();
        let mut tags: Vec<String> = Vec::new();
        for (number, line) in source.text.lines().map(str::trim).enumerate() {
            if line.starts_with('@') {
                tags.extend(line.split_whitespace().map(|tag| tag.trim_start_matches('@').to_owned()));
            } else if line.starts_with("Feature:") {
                of_feature = std::mem::take(&mut tags);
            } else if line.starts_with("Scenario") {
                let tags = of_feature.iter().cloned().chain(std::mem::take(&mut tags)).collect();
                scenarios.push(Scenario { place: format!("{}:{}", source.path, number + 1), tags });
            }
        }
    }
    assert!(scenarios.len() >= 24, "{}", scenarios.len());
    scenarios
}

/// The words that have a room in this folder: folders and files, without what ends their name.
fn words(folder: &str, suffix: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap());
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names.map(|name| name.trim_end_matches(suffix).to_owned()).filter(|name| name != "mod").collect()
}

#[test]
fn a_word_has_all_four_rooms_or_none() {
    let mut requirements = words("fixtures/requirements", ".yaml");
    assert!(requirements.contains("missed_group_content"));
    let mut features = words("features", ".feature");
    // Outside the score: what surrounds the requirements has no function, and is judged by the rules of others.
    features.remove("robustness");
    requirements.remove("robustness");
    assert_eq!(features, requirements, "features/ and fixtures/requirements/");
    let mut judged = words("src/rules", ".rs");
    judged.remove("base");
    judged.remove("findings");
    judged.remove("named");
    assert_eq!(judged, requirements, "src/rules/ and fixtures/requirements/");
    let mut functions = words("reference-impl/src/functions", ".rs");
    // What the client does with what comes late stands in the reference client.
    if root().join("reference-impl/src/client").is_dir() {
        functions.insert("client_deferred_content".to_owned());
    }
    assert_eq!(functions, requirements, "the reference and fixtures/requirements/");
    let catalogue = Catalogue::embedded();
    let mut told: BTreeSet<String> = catalogue.requirements().iter().map(|one| one.word.clone()).collect();
    told.remove("robustness");
    assert_eq!(told, requirements, "the word within the file and its name");
}

#[test]
fn every_scenario_says_what_it_serves() {
    let catalogue = Catalogue::embedded();
    let mut violations = Vec::new();
    let mut ids = BTreeSet::new();
    for scenario in scenarios() {
        let mut complain = |why: &str| violations.push(format!("{}: {why} {:?}", scenario.place, scenario.tags));
        let requirements: Vec<&String> =
            scenario.tags.iter().filter(|tag| catalogue.requirement(tag).is_some()).collect();
        if requirements.is_empty() {
            complain("no requirement");
        }
        if scenario.among(&LEVELS) != 1 {
            complain("not one level");
        }
        if scenario.among(&ROLES) != 1 {
            complain("not one role");
        }
        match scenario.tags.iter().find(|tag| tag.starts_with("TP-")) {
            Some(id) if !id.contains('.') => complain("a first test purpose without a slug"),
            Some(id) if !ids.insert(id.clone()) => complain("an id that is taken"),
            Some(_) => {}
            None => complain("no test purpose"),
        }
        for id in scenario.test_purposes() {
            match catalogue.test_purpose(id) {
                None => complain("a test purpose that the catalogue does not have"),
                Some((requirement, _)) if !requirements.contains(&&requirement.id) => {
                    complain("a test purpose without its requirement");
                }
                Some((_, purpose)) => {
                    let level = scenario.tags.iter().find_map(|tag| LEVELS.iter().position(|level| level == tag));
                    let least = LEVELS.iter().position(|level| *level == purpose.level.as_str());
                    if level < least {
                        complain("more binding than its test purpose");
                    }
                    if purpose.slow && scenario.among(&["slow"]) == 0 {
                        complain("slow by nature, and not marked so");
                    }
                }
            }
        }
        let answers = |tag: &String| tag.split_once('=').is_some_and(|(key, _)| question(key).is_some());
        let known = |tag: &String| {
            tag.starts_with("TP-")
                || answers(tag)
                || requirements.contains(&tag)
                || [&LEVELS[..], &ROLES[..], &MARKS[..]].iter().any(|words| words.contains(&tag.as_str()))
        };
        if !scenario.tags.iter().all(known) {
            complain("a tag that means nothing");
        }
    }
    none("tags", &violations);
}

#[test]
fn every_test_purpose_has_a_scenario_of_its_level() {
    let scenarios = scenarios();
    let mut lacking = Vec::new();
    for requirement in Catalogue::embedded().requirements() {
        for purpose in &requirement.test_purposes {
            let serves = |scenario: &&Scenario| {
                scenario.test_purposes().any(|id| id == purpose.id)
                    && scenario.tags.iter().any(|tag| tag == purpose.level.as_str())
            };
            if !scenarios.iter().any(|scenario| serves(&scenario)) {
                lacking.push(purpose.id.clone());
            }
        }
    }
    none("test purposes without a scenario", &lacking);
}

#[test]
fn features_speak_the_language_of_the_domain() {
    let wire = Regex::new(
        r"\b(INVITE|REGISTER|SUBSCRIBE|NOTIFY|BYE|CANCEL|ACK|SEND|REPORT|SDP|CPIM|IMDN|Call-ID|Contact|Route|Via|CSeq|Message-ID|tag)\b|\b(sips?|tel|msrps?|urn):|\d+\.\d+\.\d+\.\d+",
    )
    .unwrap();
    let mut found = Vec::new();
    for source in sources().into_iter().filter(|source| source.path.ends_with(".feature")) {
        for (number, line) in source.text.lines().enumerate().filter(|(_, line)| wire.is_match(line)) {
            found.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
        }
    }
    none("header names, methods and addresses", &found);
}

#[test]
fn every_detail_of_stage_3_cites_the_ledger() {
    let ledger = Ledger::embedded();
    let mut violations = Vec::new();
    for rule in rules::catalogue() {
        if rule.stage3 && rule.ledger.is_empty() {
            violations.push(format!("rule {} is marked stage 3 and cites no entry", rule.id));
        }
        for id in rule.ledger.iter().filter(|id| ledger.entry(id).is_none()) {
            violations.push(format!("rule {} cites {id}", rule.id));
        }
    }
    let cited = Regex::new(r"\bL\d\d\b").unwrap();
    let read = ["src/", "features/", "fixtures/", "tests/", "reference-impl/"];
    for source in sources().iter().filter(|source| read.iter().any(|folder| source.path.starts_with(folder))) {
        let unknown = cited.find_iter(&source.text).filter(|id| ledger.entry(id.as_str()).is_none());
        violations.extend(unknown.map(|id| format!("{} cites {}", source.path, id.as_str())));
    }
    none("entries that the ledger does not have", &violations);
}

#[test]
fn every_rule_serves_a_requirement_or_holds_everywhere() {
    let catalogue = Catalogue::embedded();
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules::catalogue() {
        let room = rule.id.split('.').next().unwrap();
        match rule.requirement {
            Some(id) => {
                let requirement = catalogue.requirement(id).unwrap_or_else(|| panic!("{} serves {id}", rule.id));
                assert_eq!(room, requirement.word, "{} stands in another room than what it serves", rule.id);
            }
            None => assert!(!words("fixtures/requirements", ".yaml").contains(room), "{} serves nothing", rule.id),
        }
        *levels.entry(rule.id).or_default() += 1;
    }
    assert!(levels.values().all(|times| *times == 1), "two rules of one name: {levels:?}");
}

#[test]
fn files_stay_small_and_say_what_they_are_for() {
    let mut violations = Vec::new();
    for source in rust() {
        let lines = source.text.lines().count();
        if lines >= 600 {
            violations.push(format!("{} has {lines} lines", source.path));
        }
        // Unit tests beside a module are about that module.
        let beside = source.is_test() && source.path.contains("src/");
        if !beside && !source.text.starts_with("//!") {
            violations.push(format!("{} does not say what it is for", source.path));
        }
    }
    none("files", &violations);
}
