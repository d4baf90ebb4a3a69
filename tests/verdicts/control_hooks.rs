//! The hooks by which a profile shows what nobody sees on the wire: each is a process of its own, which the test writes. What it
//! hands over is judged, a wrong answer turns the test purpose red, and one that cannot be read is no fault of the target.

mod handing_over;
mod secrecy;

use crate::playing::{none, reported, troubles, virtually};
use cpm_conformance::report::{Results, ScenarioResult};
use cpm_conformance::run::{Options, Selection};
use cpm_conformance::target::Profile;
use cpm_conformance::target::control::{Control, Hook};
use cpm_conformance::verdict::{Blame, FindingVerdict, Outcome};
use handing_over::{Handed, Lab, charged, passed, stored};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const RECORDS: &str = r"^TP-PF-SES-04-0(1|2|6\.(change|waiting))";
const STORED: &str = r"^TP-CPM-CONV-058-01\.offline-from-the-start$";

fn exec(command: impl Into<String>) -> Option<Hook> {
    Some(Hook::Exec(command.into()))
}

/// Runs some scenarios one after the other, so that two runs are told the same.
async fn played(name: &str, profile: Profile, folder: &Path) -> Results {
    let options = virtually(vec![profile], 7, 1, folder);
    let selection = Selection { name: Some(name.parse().unwrap()), ..Selection::default() };
    reported(Options { selection, jobs: Some(1), ..options }).await
}

fn profile(answers: &[(&str, &str)], control: Control) -> Profile {
    let reference = Profile::reference();
    let with = |statement: cpm_conformance::target::Statement, (key, value): &(&str, &str)| {
        statement.with(key, Value::from(*value)).unwrap()
    };
    let statement = answers.iter().fold(reference.statement.clone(), with);
    Profile { statement, control, ..reference }
}

fn of<'a>(results: &'a Results, id: &str) -> &'a ScenarioResult {
    results.scenarios.iter().find(|scenario| scenario.id == id).unwrap()
}

/// The evidence of the run comes to what the run came to, to whoever has it alone.
fn is_intact(folder: &Path) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"));
    let output = verify.args(["report", "verify"]).arg(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Everything is inconclusive, and the configuration is to blame, for this.
fn is_unreadable(results: &Results, why: &str) {
    assert!(!results.scenarios.is_empty());
    for scenario in &results.scenarios {
        let reason = scenario.reason.clone().unwrap_or_default();
        assert_eq!((scenario.outcome, scenario.blame), (Outcome::Inconclusive, Some(Blame::Configuration)), "{reason}");
        assert!(reason.contains(why), "{reason}");
    }
}

/// What a hook does that hands over nothing, and what is said of it. The last one is too slow.
fn broken(key: &str) -> [(String, String); 6] {
    [
        ("echo no such user >&2; exit 3".to_owned(), format!("control.{key}: exit status: 3: no such user")),
        ("echo well".to_owned(), format!("control.{key}: the answer is no JSON")),
        ("true".to_owned(), format!("control.{key}: the answer cannot be read")),
        (r#"echo '{"items": [{}], "records": [{}]}'"#.to_owned(), format!("control.{key}: the answer cannot be read")),
        ("head -c 10000000 /dev/zero".to_owned(), format!("control.{key}: it printed more than 4194304 octets")),
        ("sleep 60".to_owned(), "did not answer within 700 ms".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_a_hook_hands_over_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    none(&troubles(&played(RECORDS, Profile::reference(), &seen).await), "the reference over Diameter");
    let lab = Lab::new(folder.path(), "records", charged(&seen));
    for interface in ["nchf", "files"] {
        let control = Control { charging_records: exec(lab.command()), ..Control::default() };
        let run = folder.path().join(interface);
        let results = played(RECORDS, profile(&[("charging_interface", interface)], control), &run).await;
        assert_eq!(results.scenarios.len(), 10, "{interface}");
        for scenario in &results.scenarios {
            // These records are from a run before: where the hook is asked while the session stands, it has the last one already.
            let early = scenario.id.contains("06.change");
            assert_eq!(scenario.outcome == Outcome::Fail, early, "{}: {:?}", scenario.id, scenario.findings);
            let told = scenario.findings.iter().all(|found| found.observed.contains("before anybody had ended it"));
            assert!(told, "{:?}", scenario.findings);
        }
        is_intact(&run);
    }
    // Whoever adds, or leaves out, is found.
    let wrong = |name: &str, change: &dyn Fn(&mut Vec<Value>)| lab.changed(folder.path(), name, change);
    let twice = |records: &mut Vec<Value>| {
        let mut more: Vec<Value> = records.clone();
        more.iter_mut().for_each(|record| record["id"] = json!(format!("{}-again", record["id"])));
        more.extend(more.clone().into_iter().map(|mut record| {
            record["id"] = json!(format!("{}-more", record["id"]));
            record
        }));
        records.extend(more);
    };
    let without =
        |kind: &'static str| move |records: &mut Vec<Value>| records.retain(|record| record["record"] != kind);
    let cases: [(&str, Lab, &str, &str); 5] = [
        ("no-stop", wrong("no-stop", &without("stop")), "TP-PF-SES-04-01.called", "charging.session_recorded"),
        ("no-event", wrong("no-event", &without("event")), "TP-PF-SES-04-02.by-the-user", "charging.message_recorded"),
        ("twice", wrong("twice", &twice), "TP-PF-SES-04-02.to-the-user", "charging.message_recorded"),
        ("often", wrong("often", &twice), "TP-PF-SES-04-06.waiting", "charging.item_charged"),
        ("no-interim", wrong("no-interim", &without("interim")), "TP-PF-SES-04-06.change.1", "charging.change_charged"),
    ];
    for (name, lab, id, rule) in cases {
        let control = Control { charging_records: exec(lab.command()), ..Control::default() };
        let run = folder.path().join(format!("run-{name}"));
        let results = played(RECORDS, profile(&[("charging_interface", "nchf")], control), &run).await;
        let found = of(&results, id);
        assert_eq!(found.outcome, Outcome::Fail, "{name}: {:?}", found.findings);
        assert!(found.findings.iter().any(|finding| finding.rule == rule), "{name}: {:?}", found.findings);
        is_intact(&run);
    }
    // What is charged to nobody whom the scenario knows is for nobody to decide.
    let strange = |records: &mut Vec<Value>| records.iter_mut().for_each(|record| record["icid"] = json!("of-nobody"));
    let control = Control { charging_records: exec(wrong("strange", &strange).command()), ..Control::default() };
    let run = folder.path().join("run-strange");
    let results = played(RECORDS, profile(&[("charging_interface", "nchf")], control), &run).await;
    assert!(results.scenarios.iter().all(|scenario| scenario.outcome == Outcome::Inconclusive));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_readable_records_nothing_is_judged_and_no_target_is_blamed() {
    let folder = tempfile::tempdir().unwrap();
    let answers = [("charging_interface", "files")];
    let results = played(RECORDS, profile(&answers, Control::default()), &folder.path().join("without")).await;
    assert!(results.scenarios.iter().all(|scenario| scenario.outcome == Outcome::NotApplicable));
    let requirement = results.requirements.iter().find(|requirement| requirement.id == "PF-SES-04").unwrap();
    assert_eq!(requirement.verdict, Outcome::Inconclusive);
    for (at, (command, why)) in broken("charging_records").into_iter().enumerate() {
        let control = Control { charging_records: exec(command), command_timeout_ms: 700, ..Control::default() };
        let run = folder.path().join(at.to_string());
        let results = played("^TP-PF-SES-04-02.to-the-user$", profile(&answers, control), &run).await;
        is_unreadable(&results, &why);
        is_intact(&run);
    }
    // What no record tells, stays undecided.
    let control = Control { charging_records: exec(r#"echo '{"records": []}'"#), ..Control::default() };
    let results = played("^TP-PF-SES-04-03.called$", profile(&answers, control), &folder.path().join("credit")).await;
    assert_eq!(results.scenarios[0].outcome, Outcome::Inconclusive);
    assert!(results.scenarios[0].reason.as_deref().unwrap().starts_with("not observable: records tell nothing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn interception_that_a_hook_hands_over_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let name = "^TP-PF-LI-01-01.messages$";
    let silent = folder.path().join("silent");
    let lab = Lab::new(folder.path(), "items", Handed::new());
    let run = async |lab: &Lab, run: &Path| {
        let control = Control { li_delivery: exec(lab.interception()), ..Control::default() };
        let results = played(name, profile(&[("li_form", "other")], control), run).await;
        is_intact(run);
        results.scenarios[0].clone()
    };
    // Whoever hands over nothing is found.
    let found = run(&lab, &silent).await;
    assert_eq!(found.outcome, Outcome::Fail, "{:?}", found.findings);
    assert!(found.findings.iter().any(|finding| finding.rule == "lawful_interception.events_handed_over"));
    // What passed then passes again.
    let lab = Lab::new(folder.path(), "items", passed(&silent));
    let whole = run(&lab, &folder.path().join("whole")).await;
    assert_eq!(whole.outcome, Outcome::Pass, "{:?} {:?}", whole.reason, whole.findings);
    let altered = |items: &mut Vec<Value>| {
        for item in items {
            item["message"] = json!(item["message"].as_str().unwrap().replace("Where are you?", "Where ate you?"));
        }
    };
    let found = run(&lab.changed(folder.path(), "altered", altered), &folder.path().join("altered")).await;
    assert_eq!(found.outcome, Outcome::Fail, "{:?}", found.findings);
    assert!(found.findings.iter().any(|finding| finding.rule.starts_with("lawful_interception.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn interception_that_cannot_be_read_blames_no_target() {
    let folder = tempfile::tempdir().unwrap();
    let answers = [("li_form", "other")];
    let name = "^TP-PF-LI-01-01.messages$";
    let results = played(name, profile(&answers, Control::default()), &folder.path().join("without")).await;
    assert_eq!(results.scenarios[0].outcome, Outcome::NotApplicable);
    for (at, (command, why)) in broken("li_delivery").into_iter().enumerate() {
        let command = format!("case \"$(cat)\" in *deliver*) {command};; *) echo '{{\"ok\": true}}';; esac");
        let control = Control { li_delivery: exec(command), command_timeout_ms: 700, ..Control::default() };
        let run = folder.path().join(at.to_string());
        is_unreadable(&played(name, profile(&answers, control), &run).await, &why);
        is_intact(&run);
    }
    let refusing = Control { li_delivery: exec(r#"echo '{"ok": false, "why": "no warrant"}'"#), ..Control::default() };
    let results = played(name, profile(&answers, refusing), &folder.path().join("refusing")).await;
    is_unreadable(&results, "no warrant");
    // Who orders in a way that nobody knows, shows nobody.
    let control = Control { li_delivery: exec("true"), ..Control::default() };
    let run = folder.path().join("unauthorised");
    let results = played("^TP-PF-LI-01-02.unauthorised", profile(&answers, control), &run).await;
    assert!(results.scenarios.iter().all(|scenario| scenario.outcome == Outcome::Inconclusive));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_as_stored_is_held_against_what_is_delivered_and_fails_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    none(&troubles(&played(STORED, Profile::reference(), &seen).await), "the reference");
    let list = folder.path().join("list.json");
    let full = json!({"items": stored(&seen)}).to_string();
    assert!(full.contains("message_id"), "{full}");
    // What is taken out of the list, once it was shown, has been delivered.
    let shown_once = format!("cat {0}; echo '{{\"items\": []}}' > {0}", list.display());
    let shown_always = format!("cat {}", list.display());
    let empty = r#"echo '{"items": []}'"#.to_owned();
    let cases = [
        ("right", shown_once, None),
        ("forgets", empty, Some("is not listed")),
        ("keeps", shown_always, Some("is still listed")),
    ];
    for (name, command, doubt) in cases {
        std::fs::write(&list, &full).unwrap();
        let control = Control { probe_store: exec(command), ..Control::default() };
        let run = folder.path().join(name);
        let results = played(STORED, profile(&[], control), &run).await;
        let scenario = &results.scenarios[0];
        assert_eq!(scenario.outcome, Outcome::Pass, "{name}: {:?}", scenario.findings);
        let warnings: Vec<&str> = scenario.findings.iter().map(|finding| finding.observed.as_str()).collect();
        assert!(scenario.findings.iter().all(|finding| finding.verdict == FindingVerdict::Warning), "{warnings:?}");
        assert_eq!(warnings.is_empty(), doubt.is_none(), "{name}: {warnings:?}");
        assert!(doubt.is_none_or(|doubt| warnings.iter().all(|warning| warning.contains(doubt))), "{warnings:?}");
        is_intact(&run);
    }
    for (at, (command, why)) in broken("probe_store").into_iter().enumerate() {
        let control = Control { probe_store: exec(command), command_timeout_ms: 700, ..Control::default() };
        let run = folder.path().join(at.to_string());
        let results = played(STORED, profile(&[], control), &run).await;
        assert_eq!(results.scenarios[0].outcome, Outcome::Pass, "{why}");
        let evidence = std::fs::read(run.join(&results.scenarios[0].evidence.as_ref().unwrap().pcapng)).unwrap();
        assert!(String::from_utf8_lossy(&evidence).contains(&why.replace('"', "\\\"")), "{why}");
        is_intact(&run);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_user_is_cleared_before_a_scenario_has_him() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let control =
        Control { reset: exec(format!("echo {{user}} {{scenario}} >> {}", log.display())), ..Control::default() };
    let name = "^TP-PF-SES-04-01.each-user$";
    let run = folder.path().join("run");
    none(&troubles(&played(name, profile(&[], control), &run).await), "with a reset");
    let told = std::fs::read_to_string(&log).unwrap();
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.lines().all(|line| line.starts_with("sip:plain-") && line.ends_with(" TP-PF-SES-04-01.each-user")));
    is_intact(&run);
    for (at, (command, why)) in broken("reset").into_iter().enumerate() {
        // What a hook prints that has nothing to say is not looked at.
        if matches!(at, 2 | 3) {
            continue;
        }
        let control = Control { reset: exec(command), command_timeout_ms: 700, ..Control::default() };
        let run = folder.path().join(at.to_string());
        is_unreadable(&played(name, profile(&[], control), &run).await, &why);
        is_intact(&run);
    }
}
