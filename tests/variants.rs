//! The reference under every legal alternative of the statement, in virtual time: whatever the papers leave open may be done
//! in each of these ways, and none of them costs a target anything, not even a warning.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod playing;

use cpm_conformance::report::{Results, ScenarioResult};
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::{Finding, FindingVerdict, Outcome};
use playing::{perform, troubles, virtually};
use pretty_assertions::assert_eq;
use serde_json::json;

/// Answers that differ from those of the reference's profile.
type Answers = Vec<(&'static str, serde_json::Value)>;

/// Runs all features under these answers; every scenario passes, or does not apply, and everything is as declared.
async fn passes(answers: Answers) -> Results {
    let mut profile = Profile::reference();
    for (key, answer) in &answers {
        profile.statement = profile.statement.with(key, answer.clone()).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let results = perform(virtually(vec![profile], 1, 16, folder.path())).await;
    assert_eq!(troubles(&results), Vec::<String>::new(), "{answers:?}");
    let undeclared: Vec<String> = results.scenarios.iter().filter_map(undeclared).collect();
    assert_eq!(undeclared, Vec::<String>::new(), "{answers:?}");
    assert!(results.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Pass).count() >= 50);
    results
}

/// What was not as the statement says.
fn undeclared(scenario: &ScenarioResult) -> Option<String> {
    let differs = |f: &&Finding| f.verdict == FindingVerdict::Warning && f.expected.ends_with("as the statement says");
    let finding = scenario.findings.iter().find(differs)?;
    Some(format!("{}: {} | {}", scenario.id, finding.expected, finding.observed))
}

const SHAPES: [&str; 4] = ["sendonly_then_rejoin", "sendrecv", "client_rejoin_leg", "store_and_notify"];
const CARRIERS: [&str; 4] = ["carrier_notify", "carrier_drain_invite", "carrier_msrp", "carrier_store"];
const INTERMEDIATE: [&str; 4] = ["notify_chain", "msrp_documents", "per_message_list", "group_state_objects"];

fn answers(list: &[(&'static str, serde_json::Value)]) -> Answers {
    list.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shape_of_delivery_of_live_and_of_ended_chats() {
    for live in SHAPES {
        for ended in SHAPES {
            passes(answers(&[("drain_shape_live", json!(live)), ("drain_shape_ended", json!(ended))])).await;
        }
    }
}

/// A list in the invitation of a delivery needs an invitation: the device that calls by itself gets none.
fn carries(shape: &str, carrier: &str) -> bool {
    carrier != "carrier_drain_invite" || matches!(shape, "sendonly_then_rejoin" | "sendrecv")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_carrier_of_the_final_list_in_every_shape() {
    for carrier in CARRIERS {
        for shape in SHAPES.into_iter().filter(|shape| carries(shape, carrier)) {
            let list = if carrier == "carrier_drain_invite" { "final" } else { "initial" };
            passes(answers(&[
                ("drain_shape_live", json!(shape)),
                ("drain_shape_ended", json!(shape)),
                ("final_list_carrier", json!([carrier])),
                ("drain_invite_list", json!(list)),
                ("intermediate", json!("none")),
            ]))
            .await;
        }
    }
    let all = answers(&[("final_list_carrier", json!(CARRIERS)), ("drain_invite_list", json!("final"))]);
    passes(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_carrier_of_the_intermediate_lists_in_every_shape() {
    for carrier in INTERMEDIATE {
        for shape in SHAPES {
            passes(answers(&[
                ("drain_shape_live", json!(shape)),
                ("drain_shape_ended", json!(shape)),
                ("intermediate", json!([carrier])),
            ]))
            .await;
        }
    }
    passes(answers(&[("intermediate", json!(INTERMEDIATE))])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_intermediate_lists_at_all_and_the_final_one_all_the_same() {
    let results = passes(answers(&[("intermediate", json!("none"))])).await;
    let about = |scenario: &&ScenarioResult| scenario.requirements == ["CPM-CONV-058b"];
    assert!(results.scenarios.iter().filter(about).all(|scenario| scenario.outcome == Outcome::NotApplicable));
    let last = results.scenarios.iter().find(|scenario| scenario.id.starts_with("TP-CPM-CONV-058b-03")).unwrap();
    assert_eq!(last.outcome, Outcome::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_of_stored_notifications() {
    let paths = [
        json!(["drain_leg"]),
        json!(["message"]),
        json!(["stored_notification_session"]),
        json!(["drain_leg", "message", "stored_notification_session"]),
    ];
    for path in paths {
        for shape in SHAPES {
            passes(answers(&[
                ("notification_path", path.clone()),
                ("drain_shape_live", json!(shape)),
                ("drain_shape_ended", json!(shape)),
            ]))
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_serve_several_devices() {
    for mode in ["pf_forks", "s_cscf_forks", "sequential", "all_joined"] {
        for devices in ["each", "first"] {
            for reports in ["one", "per_device"] {
                passes(answers(&[
                    ("device_mode", json!([mode])),
                    ("drain_devices", json!(devices)),
                    ("multi_device_reports", json!(reports)),
                ]))
                .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_identity_in_the_invitation_of_a_delivery() {
    for list in ["initial", "final", "none"] {
        for identity in ["inviter", "focus", "rcse_standfw"] {
            passes(answers(&[("drain_invite_list", json!(list)), ("drain_identity", json!(identity))])).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_and_every_policy_of_storing() {
    passes(answers(&[("drain_order", json!("datetime"))])).await;
    let policies = [
        json!({"quota": 2, "quota_conduct": "drop_oldest", "retention": "expiry_ms", "refused_types": ["image/gif"]}),
        json!({"quota": "none", "quota_conduct": "refuse_new", "retention": "none", "refused_types": []}),
    ];
    for policy in policies {
        passes(answers(&[("store_policy", policy)])).await;
    }
}
