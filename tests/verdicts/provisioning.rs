//! How what users wish gets to a target: each way of a profile, and what remains of the scenarios where there is none.

use crate::playing::{none, perform, troubles, virtually};
use cpm_conformance::report::{Results, ScenarioResult};
use cpm_conformance::run::Selection;
use cpm_conformance::target::Profile;
use cpm_conformance::target::control::{Provisioning, ProvisioningMode};
use cpm_conformance::target::neighbours::Player;
use cpm_conformance::verdict::{Blame, Outcome};
use pretty_assertions::assert_eq;

/// The scenarios that apply to every target that has continuous media; without, two do not.
const ALL: usize = 33;

/// The scenarios that a preset class is enough for.
const PREPARED: [&str; 14] = [
    "TP-PF-MSG-01-01.anonymous",
    "TP-PF-MSG-01-01.anonymous-large",
    "TP-PF-MSG-01-01.blocked",
    "TP-PF-MSG-01-01.blocked-large",
    "TP-PF-MSG-01-01.each-user",
    "TP-PF-MSG-01-01.unavailable",
    "TP-PF-MSG-01-01.unavailable-large",
    "TP-PF-MSG-01-01.welcome-elsewhere",
    "TP-PF-SES-03-01.allowed",
    "TP-PF-SES-03-02.blocked",
    "TP-PF-SES-03-02.each-user",
    "TP-PF-SES-03-04.each-user",
    "TP-PF-SES-03-05.anonymous",
    "TP-PF-SES-03-05.welcome-elsewhere",
];

async fn results(profile: Profile) -> Results {
    let folder = tempfile::tempdir().unwrap();
    let requirements = vec!["PF-SES-03".to_owned(), "PF-PRF-01".to_owned()];
    let mut options = virtually(vec![profile], 1, 16, folder.path());
    options.selection = Selection { requirements, ..Selection::default() };
    perform(options).await
}

fn with(provisioning: Provisioning) -> Profile {
    let reference = Profile::reference();
    let statement = reference.statement.clone().with("continuous_media", true.into()).unwrap();
    Profile { provisioning, statement, ..reference }
}

/// A profile of a target that knows its users by class alone.
fn without_server(provisioning: Provisioning) -> Profile {
    let mut profile = with(provisioning);
    profile.network.xcap.mode = Player::None;
    profile
}

fn is_unprovided(scenario: &ScenarioResult) -> bool {
    let why = scenario.reason.as_deref().unwrap_or_default();
    scenario.outcome == Outcome::Inconclusive
        && scenario.blame == Some(Blame::Configuration)
        && why.starts_with("needs provisioning")
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_way_nothing_is_judged() {
    let results = results(without_server(Provisioning::default())).await;
    assert_eq!(results.scenarios.len(), ALL);
    for scenario in &results.scenarios {
        assert!(is_unprovided(scenario), "{}: {} {:?}", scenario.id, scenario.outcome, scenario.reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_users_do_for_what_their_class_is_for() {
    let blocked = Some("sip:blocked@remote.example".parse().unwrap());
    let preset = Provisioning { mode: ProvisioningMode::Preset, blocked, ..Provisioning::default() };
    let results = results(without_server(preset)).await;
    let (prepared, others): (Vec<_>, Vec<_>) =
        results.scenarios.iter().partition(|scenario| PREPARED.contains(&scenario.id.as_str()));
    assert_eq!(prepared.len(), PREPARED.len());
    for scenario in prepared {
        let (found, why) = (&scenario.findings, &scenario.reason);
        assert_eq!(scenario.outcome, Outcome::Pass, "{}: {why:?} {found:?}", scenario.id);
    }
    for scenario in others {
        assert!(is_unprovided(scenario), "{}: {} {:?}", scenario.id, scenario.outcome, scenario.reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_told_each_wish_in_words_and_as_a_document() {
    let folder = tempfile::tempdir().unwrap();
    // The tester serves the documents all the same.
    let command = Some(format!("cat > $(mktemp -p {})", folder.path().display()));
    let exec = Provisioning { mode: ProvisioningMode::Exec, command, ..Provisioning::default() };
    none(&troubles(&results(with(exec)).await), "provisioning by a command");
    let told = std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let wishes: Vec<serde_json::Value> = told.map(|wish| serde_json::from_slice(&wish).unwrap()).collect();
    let anonymous = wishes.iter().find(|wish| wish["wish"] == "refuses anonymous callers").unwrap();
    assert!(anonymous["user"].as_str().unwrap().starts_with("sip:plain-"));
    assert_eq!(anonymous["owner"], "index");
    assert!(anonymous["document"].as_str().unwrap().contains("<ocp:anonymous-request/>"));
    let neutral = wishes.iter().find(|wish| wish["owner"] == "provider" && wish["document"].is_null());
    assert_eq!(neutral.unwrap()["wish"], "the provider leaves it to the user");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_fails_leaves_nothing_to_be_judged() {
    let command = Some("echo no such user >&2; exit 3".to_owned());
    let exec = Provisioning { mode: ProvisioningMode::Exec, command, ..Provisioning::default() };
    for scenario in results(with(exec)).await.scenarios {
        let why = scenario.reason.unwrap_or_default();
        assert_eq!((scenario.outcome, scenario.blame), (Outcome::Inconclusive, Some(Blame::Configuration)), "{why}");
        assert!(why.contains("no such user"), "{why}");
    }
}
