//! What a statement declines: a MAY does not apply then and costs nothing, a SHALL costs conformance.

use crate::playing::{perform, virtually};
use cpm_conformance::report::{Results, RunVerdict, exit_code};
use cpm_conformance::run::Selection;
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::Outcome;
use pretty_assertions::assert_eq;
use serde_json::json;

/// Both references, with one answer changed wherever it is asked.
fn answering(key: &str, value: &serde_json::Value) -> Vec<Profile> {
    let both = [Profile::reference(), Profile::reference_client()];
    both.into_iter()
        .map(|mut profile| {
            if profile.statement.to_json().get(key).is_some() {
                profile.statement = profile.statement.clone().with(key, value.clone()).unwrap();
            }
            profile
        })
        .collect()
}

async fn results(key: &str, value: &serde_json::Value) -> Results {
    let folder = tempfile::tempdir().unwrap();
    perform(virtually(answering(key, value), 1, 64, folder.path())).await
}

fn verdict_of(results: &Results, id: &str) -> Outcome {
    results.requirements.iter().find(|row| row.id == id).unwrap().verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn a_may_that_is_declined_does_not_apply_and_the_target_still_conforms() {
    let results = results("intermediate", &json!("none")).await;
    for id in ["CPM-CONV-058b", "CPM-CONV-058d"] {
        assert_eq!(verdict_of(&results, id), Outcome::NotApplicable, "{id}");
    }
    assert_eq!((results.verdict, exit_code(&results)), (RunVerdict::Conformant, 0), "{:?}", results.reasons);
}

/// Either part in presence may be declined, or both.
#[tokio::test(flavor = "multi_thread")]
async fn presence_that_is_declined_costs_nothing() {
    for (source, watcher, verdict) in
        [(false, false, Outcome::NotApplicable), (true, false, Outcome::Pass), (false, true, Outcome::Pass)]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut profiles = answering("presence_source", &json!(source));
        for profile in
            profiles.iter_mut().filter(|profile| profile.statement.to_json().get("presence_watcher").is_some())
        {
            profile.statement = profile.statement.clone().with("presence_watcher", json!(watcher)).unwrap();
        }
        let mut options = virtually(profiles, 1, 16, folder.path());
        options.selection = Selection { requirements: vec!["PF-PRS-01".to_owned()], ..Selection::default() };
        let results = perform(options).await;
        assert_eq!(verdict_of(&results, "PF-PRS-01"), verdict, "source {source}, watcher {watcher}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shall_that_is_declined_is_not_met() {
    for key in ["reachability_trigger", "final_list_carrier", "associated_notifications"] {
        let results = results(key, &json!("none")).await;
        assert_eq!(verdict_of(&results, "CPM-CONV-058a"), Outcome::Fail, "{key}");
        let own = results.scenarios.iter().filter(|scenario| scenario.requirements == ["CPM-CONV-058a"]);
        assert!(own.into_iter().all(|scenario| scenario.outcome == Outcome::NotRun), "{key}");
        assert_eq!((results.verdict, exit_code(&results)), (RunVerdict::NonConformant, 1), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_on_several_devices_is_owed_though_a_statement_leaves_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let modes = json!(["pf_forks", "sequential"]);
    let mut options = virtually(answering("device_mode", &modes), 1, 4, folder.path());
    options.selection = Selection { requirements: vec!["PF-DEV-05".to_owned()], ..Selection::default() };
    let results = perform(options).await;
    assert_eq!(verdict_of(&results, "PF-DEV-05"), Outcome::Fail);
    assert!(results.scenarios.iter().all(|scenario| scenario.outcome == Outcome::NotRun));
}

/// Whoever does not stand in for one who never answers refuses, and that costs the content.
#[tokio::test(flavor = "multi_thread")]
async fn an_absence_that_the_papers_name_is_owed_its_content_whatever_the_statement_says() {
    let rows = ["rings-without-answer", "group-gives-up-first"];
    for (left_out, lost) in [("no_answer", 0), ("focus_cancel", 1)] {
        let named: Vec<&str> =
            ["offline", "no_answer", "focus_cancel"].into_iter().filter(|on| *on != left_out).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut options = virtually(answering("stand_in_on", &json!(named)), 1, 4, folder.path());
        options.selection = Selection { name: Some("058-09".parse().unwrap()), ..Selection::default() };
        let results = perform(options).await;
        for (at, row) in rows.into_iter().enumerate() {
            let id = format!("TP-CPM-CONV-058-09.{row}");
            let outcome = results.scenarios.iter().find(|scenario| scenario.id == id).unwrap().outcome;
            assert_eq!(outcome, if at == lost { Outcome::Fail } else { Outcome::Pass }, "{id} without {left_out}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_without_a_limit_of_messages_is_not_tried_beyond_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(answering("max_pager_octets", &json!("none")), 1, 16, folder.path());
    options.selection = Selection { requirements: vec!["PF-MSG-02".to_owned()], ..Selection::default() };
    let results = perform(options).await;
    let sized = |id: &str| id.starts_with("TP-PF-MSG-02-04.size") || id.starts_with("TP-PF-MSG-02-04.converted");
    for scenario in &results.scenarios {
        let expected = if sized(&scenario.id) { Outcome::NotApplicable } else { Outcome::Pass };
        assert_eq!(scenario.outcome, expected, "{}", scenario.id);
    }
    assert_eq!(verdict_of(&results, "PF-MSG-02"), Outcome::Pass);
}

/// The row asks for charging, and not for Diameter; what is said elsewhere the tester does not see.
#[tokio::test(flavor = "multi_thread")]
async fn charging_by_other_means_is_not_observable_and_none_at_all_is_not_conformant() {
    for (interface, verdict) in
        [("none", Outcome::Fail), ("nchf", Outcome::Inconclusive), ("files", Outcome::Inconclusive)]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut options = virtually(answering("charging_interface", &json!(interface)), 1, 16, folder.path());
        options.selection = Selection { requirements: vec!["PF-SES-04".to_owned()], ..Selection::default() };
        let results = perform(options).await;
        assert_eq!(verdict_of(&results, "PF-SES-04"), verdict, "{interface}");
        assert!(results.scenarios.iter().all(|scenario| scenario.evidence.is_none()), "{interface}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn interception_by_other_means_is_not_observable_and_none_at_all_costs_nothing() {
    for (form, verdict) in [("none", Outcome::NotApplicable), ("other", Outcome::Inconclusive)] {
        let folder = tempfile::tempdir().unwrap();
        let mut options = virtually(answering("li_form", &json!(form)), 1, 16, folder.path());
        options.selection = Selection { requirements: vec!["PF-LI-01".to_owned()], ..Selection::default() };
        let results = perform(options).await;
        assert_eq!(verdict_of(&results, "PF-LI-01"), verdict, "{form}");
        assert!(results.scenarios.iter().all(|scenario| scenario.evidence.is_none()), "{form}");
    }
}
