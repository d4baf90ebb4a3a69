//! The reference under every legal alternative of the statement, in virtual time: whatever the papers leave open may be done
//! in each of these ways, and none of them costs a target anything, not even a warning.

use crate::playing::{none, perform, troubles, virtually};
use cpm_conformance::report::{Results, ScenarioResult};
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::{Finding, FindingVerdict, Outcome};
use pretty_assertions::assert_eq;
use serde_json::json;

/// Answers that differ from those of the reference's profile.
type Answers = Vec<(&'static str, serde_json::Value)>;

/// Runs all features under each of these sets of answers, and tells of all of them together.
async fn all_pass(sets: impl IntoIterator<Item = Answers>) {
    let mut troubles = Vec::new();
    for answers in sets {
        let (_, own) = played(&answers).await;
        troubles.extend(own.into_iter().map(|trouble| format!("{answers:?}: {trouble}")));
    }
    none(&troubles, "under legal alternatives");
}

/// Runs all features under these answers; tells what is neither passed nor not applicable, or not as declared.
async fn played(answers: &Answers) -> (Results, Vec<String>) {
    played_of(&[], answers, 50).await
}

/// The same of the features of some requirements alone, of whose scenarios so many pass at least.
async fn played_of(requirements: &[&str], answers: &Answers, least: usize) -> (Results, Vec<String>) {
    let mut profile = Profile::reference();
    for (key, answer) in answers {
        profile.statement = profile.statement.with(key, answer.clone()).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(vec![profile], 1, 16, folder.path());
    options.selection.requirements = requirements.iter().map(|id| (*id).to_owned()).collect();
    let results = perform(options).await;
    let mut told = troubles(&results);
    told.extend(results.scenarios.iter().filter_map(undeclared));
    let passed = results.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Pass).count();
    if passed < least {
        told.push(format!("only {passed} scenarios passed"));
    }
    (results, told)
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
    // Each shape for live chats meets another for ended ones.
    let pairs = SHAPES.into_iter().zip(SHAPES.into_iter().cycle().skip(1));
    let each = SHAPES.into_iter().zip(SHAPES).chain(pairs);
    all_pass(
        each.map(|(live, ended)| answers(&[("drain_shape_live", json!(live)), ("drain_shape_ended", json!(ended))])),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_carrier_of_the_final_list() {
    let each = CARRIERS.into_iter().map(|carrier| {
        let list = if carrier == "carrier_drain_invite" { "final" } else { "initial" };
        answers(&[
            ("final_list_carrier", json!([carrier])),
            ("drain_invite_list", json!(list)),
            ("intermediate", json!("none")),
        ])
    });
    let all = answers(&[("final_list_carrier", json!(CARRIERS)), ("drain_invite_list", json!("final"))]);
    all_pass(each.chain([all])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_carrier_of_the_intermediate_lists() {
    let each = INTERMEDIATE.into_iter().map(|carrier| answers(&[("intermediate", json!([carrier]))]));
    all_pass(each.chain([answers(&[("intermediate", json!(INTERMEDIATE))])])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_intermediate_lists_at_all_and_the_final_one_all_the_same() {
    let (results, troubles) = played(&answers(&[("intermediate", json!("none"))])).await;
    assert_eq!(troubles, Vec::<String>::new());
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
    let pairs = paths.into_iter().flat_map(|path| SHAPES.map(|shape| (path.clone(), shape)));
    all_pass(pairs.map(|(path, shape)| {
        answers(&[("notification_path", path), ("drain_shape_live", json!(shape)), ("drain_shape_ended", json!(shape))])
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_serve_several_devices() {
    // What a user gets who wishes nothing comes first. That all can be joined is owed (PF-DEV-05).
    let modes = ["pf_forks", "s_cscf_forks", "sequential"].map(|mode| json!([mode, "all_joined"]));
    let modes = modes.into_iter().chain([json!(["all_joined", "sequential"])]);
    let ways = modes.zip(["each", "first", "each", "first"]).zip(["one", "per_device", "per_device", "one"]);
    let six_xx = ["ends_all", "ignored", "ignored", "ends_all"];
    all_pass(ways.zip(six_xx).map(|(((mode, devices), reports), six_xx)| {
        answers(&[
            ("device_mode", mode),
            ("drain_devices", json!(devices)),
            ("multi_device_reports", json!(reports)),
            ("six_xx", json!(six_xx)),
        ])
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mechanism_by_which_a_session_moves_and_what_a_6xx_means() {
    let mechanisms = ["replaces", "refer", "same_contribution", "internal_switch"];
    let each = mechanisms.into_iter().map(|mechanism| answers(&[("continuity", json!([mechanism]))]));
    let all = answers(&[("continuity", json!(mechanisms)), ("six_xx", json!("ignored"))]);
    all_pass(each.chain([all])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_identity_in_the_invitation_of_a_delivery() {
    let each = ["initial", "final", "none"].into_iter().zip(["inviter", "focus", "rcse_standfw"]);
    all_pass(
        each.map(|(list, identity)| {
            answers(&[("drain_invite_list", json!(list)), ("drain_identity", json!(identity))])
        }),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_and_every_policy_of_storing() {
    let policies = [
        json!({"quota": 2, "quota_conduct": "drop_oldest", "retention": "expiry_ms", "refused_types": ["image/gif"]}),
        json!({"quota": "none", "quota_conduct": "refuse_new", "retention": "none", "refused_types": []}),
    ];
    let policies = policies.into_iter().map(|policy| answers(&[("store_policy", policy)]));
    all_pass(policies.chain([answers(&[("drain_order", json!("datetime"))])])).await;
}

/// What counts as an absence besides being offline, never answering, and a group that gives up: of those three the papers
/// demand that the content comes in any case (F058-2, L02).
#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_upon_which_the_function_stands_in_or_not() {
    const REFUSALS: [(&str, &str); 3] =
        [("busy_486", "busy"), ("unavailable_480", "unavailable"), ("timeout_408", "timed-out")];
    let sets: [(&[usize], &[&str]); 5] = [
        (&[], &["third_party_register"]),
        (&[0], &["third_party_register", "rejoin_invite"]),
        (&[1], &["third_party_register", "reregister_with_tag"]),
        (&[2], &["reregister_with_tag", "rejoin_invite"]),
        (&[0, 1, 2], &["third_party_register", "reregister_with_tag", "rejoin_invite"]),
    ];
    let mut told = Vec::new();
    for (set, triggers) in sets {
        let always = ["offline", "no_answer", "focus_cancel"].into_iter();
        let named = always.chain(set.iter().map(|at| REFUSALS[*at].0)).collect::<Vec<_>>();
        let answers = answers(&[("stand_in_on", json!(named)), ("reachability_trigger", json!(triggers))]);
        let (results, own) = played(&answers).await;
        told.extend(own.into_iter().map(|trouble| format!("{answers:?}: {trouble}")));
        for (at, (_, slug)) in REFUSALS.into_iter().enumerate() {
            let id = format!("TP-CPM-CONV-058-09.{slug}");
            let scenario = results.scenarios.iter().find(|scenario| scenario.id == id).unwrap();
            let expected = if set.contains(&at) { Outcome::Pass } else { Outcome::NotApplicable };
            assert_eq!(scenario.outcome, expected, "{id} under {named:?}: {:?}", scenario.reason);
        }
    }
    none(&told, "under other reasons to stand in");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_a_client() {
    let answers = [
        ("client_drain_answer", json!("sendrecv")),
        ("client_drain_answer", json!("mirror")),
        ("client_stored_notifications", json!(false)),
        ("intermediate", json!(["notify_chain"])),
        ("intermediate", json!(["msrp_documents"])),
        ("intermediate", json!("none")),
    ];
    let mut told = Vec::new();
    for (key, answer) in answers {
        let mut profile = Profile::reference_client();
        profile.statement = profile.statement.with(key, answer.clone()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let results = perform(virtually(vec![profile], 1, 16, folder.path())).await;
        let own = troubles(&results).into_iter().chain(results.scenarios.iter().filter_map(undeclared));
        told.extend(own.map(|trouble| format!("{key}: {answer}: {trouble}")));
        assert!(results.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Pass).count() >= 15);
    }
    none(&told, "under a client's answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conduct_in_sessions_between_two() {
    let ways = [
        [("session_timer", json!(false)), ("max_sessions", json!(2)), ("missing_ids", json!("insert"))],
        [("continuous_media", json!(true)), ("max_sessions", json!(4)), ("missing_ids", json!("pass_on"))],
        [("media_path", json!("out")), ("max_sessions", json!(3)), ("session_timer", json!(true))],
    ];
    all_pass(ways.map(|way| answers(&way))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conduct_with_media() {
    let ways = [
        [("media_path", json!("out")), ("continuous_media", json!(false)), ("media_control", json!("none"))],
        [("media_path", json!("out")), ("continuous_media", json!(true)), ("media_control", json!(["bfcp"]))],
        [("media_path", json!("in")), ("continuous_media", json!(true)), ("media_control", json!(["talk_burst"]))],
        [
            ("media_path", json!("in")),
            ("continuous_media", json!(true)),
            ("media_control", json!(["bfcp", "msrp_floor"])),
        ],
    ];
    let mut troubles = Vec::new();
    for way in ways.map(|way| answers(&way)) {
        let (_, own) = played_of(&["PF-SES-05", "PF-SES-06"], &way, 30).await;
        troubles.extend(own.into_iter().map(|trouble| format!("{way:?}: {trouble}")));
    }
    none(&troubles, "under legal alternatives");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conduct_with_messages_that_wait_and_with_reports() {
    let ways = [
        ("push", "recipient_setting", "expires", "per_device", "pf_forks"),
        ("notify_subscribed", "sender_header", "message_expires", "one", "s_cscf_forks"),
        ("notify_unsolicited", "feature_tag", "policy", "per_device", "sequential"),
        ("notify_message", "recipient_setting", "expires", "one", "pf_forks"),
        ("fetch", "fetch", "message_expires", "per_device", "pf_forks"),
    ];
    let each = ways.map(|(delivery, request, carrier, reports, mode)| {
        answers(&[
            ("deferred_delivery", json!([delivery])),
            ("deferral_request", json!([request])),
            ("expiry_carrier", json!([carrier, "policy"])),
            ("multi_device_reports", json!(reports)),
            ("device_mode", json!([mode, "all_joined"])),
        ])
    });
    let all = answers(&[
        ("deferred_delivery", json!(["notify_subscribed", "notify_message"])),
        ("deferral_request", json!(["sender_header", "recipient_setting", "feature_tag"])),
        ("expiry_carrier", json!(["expires", "message_expires", "policy"])),
    ]);
    let mut troubles = Vec::new();
    for way in each.into_iter().chain([all]) {
        let (_, own) = played_of(&["PF-MSG-03", "PF-MSG-04", "PF-DEV-03"], &way, 35).await;
        troubles.extend(own.into_iter().map(|trouble| format!("{way:?}: {trouble}")));
    }
    none(&troubles, "under legal alternatives");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conduct_with_messages() {
    let ways = [
        vec![("over_pager_limit", json!("large_mode"))],
        vec![
            ("over_pager_limit", json!("large_mode")),
            ("max_pager_octets", json!(2000)),
            ("media_path", json!("out")),
        ],
        vec![("max_pager_octets", json!("none")), ("device_mode", json!(["s_cscf_forks", "all_joined"]))],
        vec![("multi_device_reports", json!("per_device")), ("missing_ids", json!("insert"))],
    ];
    let mut troubles = Vec::new();
    for way in ways {
        let (_, own) = played_of(&["PF-MSG-01", "PF-MSG-02", "PF-DEV-02"], &way, 30).await;
        troubles.extend(own.into_iter().map(|trouble| format!("{way:?}: {trouble}")));
    }
    none(&troubles, "under legal alternatives");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conduct_without_the_charging_server() {
    let mut troubles = Vec::new();
    for failure in ["continue", "terminate", "retry_and_terminate"] {
        let way = answers(&[("charging_failure", json!(failure))]);
        let (_, own) = played_of(&["PF-SES-04"], &way, 30).await;
        troubles.extend(own.into_iter().map(|trouble| format!("{way:?}: {trouble}")));
    }
    none(&troubles, "under legal alternatives");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_precedence_for_who_is_offline_and_every_list_of_codes() {
    let of = ["PF-IWF-01", "PF-MSG-04"];
    for answers in [
        answers(&[("offline_precedence", json!("deferral"))]),
        answers(&[("offline_precedence", json!("interworking"))]),
        answers(&[("iwf_codes", json!([404, 480, 486]))]),
    ] {
        let (_, troubles) = played_of(&of, &answers, 30).await;
        none(&troubles, &format!("under {answers:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_in_presence() {
    for (source, watcher, triggers, least) in [
        (true, false, &["third_party_register", "rejoin_invite"][..], 10),
        (false, true, &["third_party_register", "reregister_with_tag", "presence"][..], 10),
        (true, true, &["third_party_register", "reregister_with_tag"][..], 20),
    ] {
        let answers = answers(&[
            ("presence_source", json!(source)),
            ("presence_watcher", json!(watcher)),
            ("reachability_trigger", json!(triggers)),
        ]);
        let (_, troubles) = played_of(&["PF-PRS-01"], &answers, least).await;
        none(&troubles, &format!("under {answers:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_ask_that_a_conversation_is_kept() {
    for way in ["recipient_setting", "sender_header", "feature_tag"] {
        let (_, troubles) = played_of(&["PF-HIS-01"], &answers(&[("history_request", json!([way]))]), 1).await;
        none(&troubles, way);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_under_interception_however_it_is_delivered() {
    for way in ["push", "notify_subscribed", "fetch"] {
        let (_, troubles) = played_of(&["PF-LI-01"], &answers(&[("deferred_delivery", json!([way]))]), 1).await;
        none(&troubles, way);
    }
}
