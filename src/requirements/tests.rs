use std::collections::BTreeSet;

use cpm_reference::faults::Fault;
use pretty_assertions::assert_eq;
use serde_json::json;

use super::*;
use crate::interpretations::Ledger;
use crate::target::Profile;

#[test]
fn every_id_stands_once_and_a_test_purpose_is_named_after_its_requirement() {
    let catalogue = Catalogue::embedded();
    let mut seen = BTreeSet::new();
    for requirement in catalogue.requirements() {
        assert!(seen.insert(&requirement.id), "{}", requirement.id);
        assert!(!requirement.summary.is_empty() && !requirement.summary.contains('\n'));
        for purpose in &requirement.test_purposes {
            assert!(seen.insert(&purpose.id), "{}", purpose.id);
            assert!(purpose.id.starts_with(&format!("TP-{}-", requirement.id)), "{}", purpose.id);
            assert!(!purpose.summary.is_empty());
        }
        let rests =
            requirement.level == Level::Context || requirement.test_purposes.iter().any(|own| own.sign.carries());
        assert!(rests, "{}", requirement.id);
    }
}

#[test]
fn the_room_of_missed_group_content_has_all_its_test_purposes() {
    let catalogue = Catalogue::embedded();
    let numbers = |id: &str| {
        let purposes = &catalogue.requirement(id).unwrap().test_purposes;
        purposes.iter().map(|purpose| purpose.id.rsplit('-').next().unwrap().parse().unwrap()).collect::<Vec<u32>>()
    };
    assert_eq!(numbers("CPM-CONV-058"), (1..=20).collect::<Vec<_>>());
    assert_eq!(numbers("CPM-CONV-058a"), (1..=22).collect::<Vec<_>>());
    assert_eq!(numbers("CPM-CONV-058b"), (1..=6).collect::<Vec<_>>());
    let (requirement, purpose) = catalogue.test_purpose("TP-CPM-CONV-058-05").unwrap();
    assert_eq!((requirement.id.as_str(), purpose.level, purpose.sign), ("CPM-CONV-058", Level::Policy, Sign::Negative));
}

#[test]
fn ledger_entries_and_test_purposes_name_each_other() {
    let ledger = Ledger::embedded();
    for purpose in Catalogue::embedded().requirements().iter().flat_map(|requirement| &requirement.test_purposes) {
        for entry in ledger.entries() {
            let named = purpose.ledger.contains(&entry.id);
            assert_eq!(named, entry.used_by.contains(&purpose.id), "{} and {}", purpose.id, entry.id);
        }
        for id in &purpose.ledger {
            assert!(ledger.entry(id).is_some(), "{} names {id}", purpose.id);
        }
    }
}

#[test]
fn faults_stand_once_and_are_shown_by_test_purposes_of_their_requirement() {
    let (catalogue, ledger) = (Catalogue::embedded(), Ledger::embedded());
    let mut seen = BTreeSet::new();
    for requirement in catalogue.requirements() {
        let own = |id: &String| requirement.test_purposes.iter().any(|purpose| purpose.id == *id);
        for fault in &requirement.faults {
            assert!(seen.insert(&fault.id), "{}", fault.id);
            assert!(!fault.shown_by.is_empty() && fault.shown_by.iter().all(own), "{}", fault.id);
            let verdicts = [FindingVerdict::Warning, FindingVerdict::Inconclusive];
            let named = fault.ledger.as_ref().is_some_and(|id| ledger.entry(id).is_some());
            match fault.kind {
                FaultKind::Hard => assert!(fault.verdict.is_none() && fault.ledger.is_none(), "{}", fault.id),
                FaultKind::Soft => {
                    assert!(named && fault.verdict.is_some_and(|verdict| verdicts.contains(&verdict)), "{}", fault.id);
                }
            }
        }
    }
}

#[test]
fn the_reference_can_have_every_fault_of_the_catalogue_and_no_other() {
    let catalogue = Catalogue::embedded();
    let known: BTreeSet<&str> = Fault::all().map(|fault| fault.id).collect();
    let told = catalogue.requirements().iter().flat_map(|requirement| &requirement.faults);
    assert_eq!(told.map(|fault| fault.id.as_str()).collect::<BTreeSet<_>>(), known);
    for fault in Fault::all() {
        let (requirement, _) = catalogue.fault(fault.id).unwrap();
        assert_eq!(requirement.subject.as_str(), fault.role.as_str(), "{}", fault.id);
    }
}

#[test]
fn answers_that_decline_or_hide_a_requirement_are_answers_of_the_statement() {
    for requirement in Catalogue::embedded().requirements() {
        let whole = requirement.declined.iter().chain(&requirement.not_observable);
        let whole = whole.flat_map(|(key, words)| words.iter().map(move |word| (key, json!(word))));
        let listed =
            requirement.needs.iter().flat_map(|(key, words)| words.iter().map(move |word| (key, json!([word]))));
        for (key, answer) in whole.chain(listed) {
            let statement = Profile::reference().statement.with(key, answer.clone());
            assert!(statement.is_ok(), "{}: {key}: {answer}", requirement.id);
        }
    }
}

#[test]
fn a_statement_claims_hides_or_declines_a_requirement() {
    let catalogue = Catalogue::embedded();
    let mut requirement = catalogue.requirement("CPM-CONV-058").unwrap().clone();
    let statement = Profile::reference().statement;
    assert_eq!(requirement.claim(&statement), Claim::Claimed);
    let elsewhere = statement.with("storage_locus", json!("controlling_function")).unwrap();
    let why = "the statement says storage_locus: controlling_function".to_owned();
    assert_eq!(requirement.claim(&elsewhere), Claim::NotObservable(why.clone()));
    requirement.declined = requirement.not_observable.clone();
    assert_eq!(requirement.claim(&elsewhere), Claim::Declined(why));
}

#[test]
fn a_list_without_what_a_requirement_needs_declines_it() {
    let catalogue = Catalogue::embedded();
    let requirement = catalogue.requirement("PF-DEV-05").unwrap();
    let claim = |modes: &[&str]| {
        let statement = Profile::reference().statement.with("device_mode", json!(modes)).unwrap();
        requirement.claim(&statement)
    };
    assert_eq!(claim(&["pf_forks", "all_joined"]), Claim::Claimed);
    let why = "the statement does not name all_joined under device_mode".to_owned();
    assert_eq!(claim(&["pf_forks", "sequential"]), Claim::Declined(why));
}
