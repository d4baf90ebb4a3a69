//! A gap of each kind, seeded into what is embedded, is found; and what is told of the sources is so.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pretty_assertions::assert_eq;
use serde_json::json;

use super::baseline::Difference;
use super::sources::awaited_in;
use super::*;
use crate::requirements::Catalogue;

static EMBEDDED: LazyLock<Material> = LazyLock::new(|| Material::embedded().unwrap());

/// The gaps that a change of the material brings.
fn brought(change: impl FnOnce(&mut Material)) -> Vec<(Kind, String)> {
    let mut material = EMBEDDED.clone();
    let before: BTreeSet<Gap> = gaps::gaps(&material).into_iter().collect();
    change(&mut material);
    let after = gaps::gaps(&material).into_iter().filter(|gap| !before.contains(gap));
    after.map(|gap| (gap.kind, gap.id)).collect()
}

/// The catalogue with one requirement changed.
fn with(id: &str, change: impl FnOnce(&mut Requirement)) -> Catalogue {
    let mut requirements = Catalogue::embedded().requirements().to_vec();
    change(requirements.iter_mut().find(|own| own.id == id).unwrap());
    Catalogue::of(requirements)
}

#[test]
fn a_sentence_without_a_row_is_found() {
    let found = brought(|material| material.traceability.documents[0].sentences[0].reason = None);
    assert_eq!(found, [(Kind::SentenceWithoutRow, "AD-CR 1, N1".to_owned())]);
}

#[test]
fn what_names_something_that_is_not_there_is_found() {
    let found = brought(|material| material.traceability.documents[0].sentences[0].rows = vec!["PF-XXX-99".to_owned()]);
    assert_eq!(found, [(Kind::UnknownId, "PF-XXX-99".to_owned())]);
    let found =
        brought(|material| material.traceability.documents[1].sentences[2].purposes = vec!["TP-X-1".to_owned()]);
    assert_eq!(found, [(Kind::UnknownId, "TP-X-1".to_owned())]);
    let found = brought(|material| material.procedures[0].written.test_purposes.push("TP-X-2".to_owned()));
    assert_eq!(found, [(Kind::UnknownId, "TP-X-2".to_owned())]);
    let found = brought(|material| {
        material.catalogue = with("PF-HIS-01", |own| own.test_purposes[0].ledger.push("L999".to_owned()));
    });
    assert_eq!(found, [(Kind::UnknownId, "L999".to_owned())]);
    let found = brought(|material| {
        material.traceability.planned.insert("PF-HIS-01".to_owned(), 7);
    });
    assert_eq!(found, [(Kind::UnknownId, "TP-PF-HIS-01-07".to_owned())]);
}

#[test]
fn a_requirement_without_something_is_found_unless_it_says_why() {
    let id = || "PF-HIS-01".to_owned();
    let found = brought(|material| {
        material.traceability.planned.remove("PF-HIS-01");
    });
    assert_eq!(found, [(Kind::RequirementWithoutSentence, id())]);
    let found = brought(|material| drop(material.code.remove("PF-HIS-01")));
    assert_eq!(found, [(Kind::RequirementWithoutCode, id())]);
    let found = brought(|material| {
        material.code.remove("PF-HIS-01");
        let why = ("code".to_owned(), "it is met elsewhere".to_owned());
        material.catalogue = with("PF-HIS-01", |own| own.none.extend([why]));
    });
    assert_eq!(found, []);
    let found = brought(|material| material.rules.retain(|rule| rule.requirement != Some("PF-HIS-01")));
    assert!(found.contains(&(Kind::RequirementWithoutRule, id())), "{found:?}");
    let found = brought(|material| material.catalogue = with("PF-HIS-01", |own| own.faults.clear()));
    assert!(found.contains(&(Kind::RequirementWithoutFault, id())), "{found:?}");
}

#[test]
fn a_requirement_and_a_test_purpose_without_a_scenario_are_found() {
    let serves = |own: &crate::run::Procedure, id: &str| own.written.requirements.iter().any(|own| own == id);
    let found = brought(|material| material.procedures.retain(|own| !serves(own, "PF-HIS-01")));
    assert!(found.contains(&(Kind::RequirementWithoutScenario, "PF-HIS-01".to_owned())), "{found:?}");
    assert!(found.contains(&(Kind::PurposeWithoutScenario, "TP-PF-HIS-01-01".to_owned())), "{found:?}");
    assert!(found.iter().any(|(kind, _)| *kind == Kind::RuleUnasked), "{found:?}");
    assert!(found.iter().any(|(kind, _)| *kind == Kind::FaultUnbound), "{found:?}");
}

#[test]
fn a_scenario_without_a_requirement_and_an_outcome_without_a_rule_are_found() {
    let id = EMBEDDED.procedures[0].written.id.clone();
    let found = brought(|material| material.procedures[0].written.requirements = Vec::new());
    assert!(found.contains(&(Kind::ScenarioWithoutRequirement, id.clone())), "{found:?}");
    let then =
        EMBEDDED.procedures[0].sentences.iter().find(|said| said.keyword == crate::steps::Keyword::Then).unwrap();
    let pattern = crate::steps::sentence(then.keyword, &then.text).unwrap().pattern;
    let found = brought(|material| drop(material.awaited.remove(pattern)));
    assert!(found.contains(&(Kind::OutcomeWithoutRule, id)), "{found:?}");
}

#[test]
fn a_fault_that_is_bound_to_nothing_is_found() {
    let found = brought(|material| material.faults.push("sings-to-everybody".to_owned()));
    assert_eq!(found, [(Kind::FaultUnbound, "sings-to-everybody".to_owned())]);
}

#[test]
fn a_then_awaits_what_it_makes_by_itself_or_by_a_function_of_its_file() {
    let text = r###"
use crate::rules::{Rule, music as tunes};

pub(super) fn steps() -> Vec<StepEntry> {
    vec![
        entry(
            &[Then],
            r#"^(\w+) hears "([^"]+)"$"#,
            "A tune, (in brackets).",
            |scene, args| Box::pin(hears(scene, args)),
        ),
        entry(&[Then], r"^all is quiet$", "Nothing.", |scene, args| {
            Box::pin(scene.judge(tunes::Silence, args))
        }),
        entry(
            &[Then],
            r"^nothing is asked$",
            "Nothing.",
            |scene, args| Box::pin(idle(scene, args)),
        ),
    ]
}

async fn hears(scene: &mut Scene, args: Args) -> Done {
    listen(scene).await
}

async fn listen(scene: &mut Scene) -> Done {
    scene.judge(tunes::Heard { once: true }, tunes::Silences).await
}

async fn idle(scene: &mut Scene, args: Args) -> Done {
    Ok(())
}
"###;
    let types =
        [("music.heard", "music", "Heard"), ("music.silence", "music", "Silence"), ("art.heard", "art", "Heard")];
    let told: Vec<(String, Vec<String>)> =
        awaited_in(text, &types).into_iter().map(|(then, rules)| (then, rules.into_iter().collect())).collect();
    let expected = [
        (r#"^(\w+) hears "([^"]+)"$"#, vec!["music.heard"]),
        ("^all is quiet$", vec!["music.silence"]),
        ("^nothing is asked$", vec![]),
    ];
    let expected = expected.map(|(then, rules)| (then.to_owned(), rules.into_iter().map(str::to_owned).collect()));
    assert_eq!(told, expected);
}

#[test]
fn a_difference_names_the_way_to_each_fact() {
    let kept = json!({"rules": [{"id": "a", "scenarios": 2}, {"id": "b", "scenarios": 1}], "gaps": ["x"]});
    let present = json!({"rules": [{"id": "a", "scenarios": 3}], "gaps": ["x"]});
    let told = Difference::between(&kept, &present);
    assert_eq!(told.lost, ["rules a scenarios: 2", "rules b id: b", "rules b scenarios: 1"]);
    assert_eq!(told.new, ["rules a scenarios: 3"]);
    assert!(Difference::between(&kept, &kept).is_none());
}

#[test]
fn a_table_keeps_its_cells_apart_and_hides_no_formula() {
    let mut coverage = coverage(&EMBEDDED);
    coverage.sentences.truncate(1);
    coverage.sentences[0].says = "=1+1, \"said\"".to_owned();
    coverage.sentences[0].requirements.clear();
    let table = pages::table(&coverage);
    assert!(table.contains("AD-CR 1, N1\",\"'=1+1, \"\"said\"\"\",,,"), "{table}");
}
