mod media;

use std::path::PathBuf;

use pretty_assertions::assert_eq;

use super::*;
use crate::report::style::Style;

const MESSAGE: &str = "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n\
    Max-Forwards: 700\r\nFrom: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: 1@192.0.2.1\r\nCSeq: 1 OPTIONS\r\n\
    Content-Length: 0\r\n\r\n";

fn judged(options: &Options) -> Validated {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("options.sip");
    std::fs::write(&path, MESSAGE).unwrap();
    Validated { file: "options.sip".to_owned(), ..validate(&Input::File(path), options) }
}

#[test]
fn text_shows_the_place_and_the_source() {
    assert_eq!(
        text(&[judged(&Options::default())], Shown::Findings, Style::PLAIN),
        "error  base.sip.max_forwards  options.sip:1  OPTIONS sip:a@example.com SIP/2.0\n\
         \x20   Max-Forwards: 700\n\
         \x20                 ^^^ octets 98 to 101\n\
         \x20   expected a number from 0 to 255 in Max-Forwards\n\
         \x20   observed this is no number from 0 to 255 in \"700\"\n\
         \x20   RFC 3261 section 20.22: Max-Forwards is a number from 0 to 255.\n\n\
         options.sip: 1 messages (1 SIP): 1 errors, 0 warnings, 0 of level info\n"
    );
}

#[test]
fn a_summary_counts() {
    let summary = text(&[judged(&Options::default())], Shown::Summary, Style::PLAIN);
    assert!(summary.starts_with("       1  error  base.sip.max_forwards\n"), "{summary}");
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let value = json(&[judged(&Options::default())]);
    assert_eq!(value["schema"], "cpm-validate/1");
    let file = &value["files"][0];
    assert_eq!((&file["file"], &file["messages"]), (&"options.sip".into(), &1.into()));
    let finding = &file["findings"][0];
    for (key, wanted) in [
        ("rule", serde_json::json!("base.sip.max_forwards")),
        ("level", serde_json::json!("error")),
        ("frame", serde_json::json!(1)),
        ("octets", serde_json::json!([98, 101])),
        ("expected", serde_json::json!("a number from 0 to 255 in Max-Forwards")),
        ("observed", serde_json::json!("this is no number from 0 to 255 in \"700\"")),
        ("source", serde_json::json!("RFC 3261 section 20.22")),
        ("message", serde_json::json!("Max-Forwards is a number from 0 to 255.")),
    ] {
        assert_eq!(finding[key], wanted, "{key}");
    }
}

#[test]
fn sarif_names_rule_level_and_place() {
    let value = sarif(&[judged(&Options::default())]);
    let run = &value["runs"][0];
    assert_eq!(
        (&value["version"], &run["tool"]["driver"]["rules"][0]["id"]),
        (&"2.1.0".into(), &"base.sip.max_forwards".into())
    );
    let result = &run["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"base.sip.max_forwards".into(), &"error".into()));
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "options.sip");
    assert_eq!(result["properties"]["octets"], serde_json::json!([98, 101]));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn sarif_says_what_is_to_be_said_of_a_file() {
    let none = validate(&Input::File(PathBuf::from("/nowhere/at/all")), &Options::default());
    let mut noted = judged(&Options::default());
    noted.notes.push("one packet is not IP".to_owned());
    let value = sarif(&[noted, none]);
    let told = &value["runs"][0]["invocations"][0];
    assert_eq!(told["executionSuccessful"], false);
    let notifications = &told["toolExecutionNotifications"];
    assert_eq!((&notifications[0]["level"], &notifications[1]["level"]), (&"error".into(), &"note".into()));
    assert_eq!(notifications[1]["message"]["text"], "options.sip: one packet is not IP");
}

#[test]
fn options_choose_what_is_told() {
    let told = |options: &Options| judged(options).findings.len();
    let rules =
        |rules: &[&str]| Options { rules: rules.iter().map(|rule| (*rule).to_owned()).collect(), ..Options::default() };
    assert_eq!(told(&rules(&["base.sip"])), 1);
    assert_eq!(told(&rules(&["base.sip.max_forwards"])), 1);
    assert_eq!(told(&rules(&["base.sip.max"])), 0);
    assert_eq!(told(&rules(&["base.msrp"])), 0);
    assert_eq!(told(&Options { exclude: vec!["base.sip".to_owned()], ..Options::default() }), 0);
    assert_eq!(told(&Options { level: Level::Error, ..Options::default() }), 1);
    // Somebody else is under test.
    assert_eq!(told(&Options { target: vec![([198, 51, 100, 1], 5060).into()], ..Options::default() }), 0);
}

#[test]
fn what_cannot_be_opened_is_said() {
    let none = validate(&Input::File(PathBuf::from("/nowhere/at/all")), &Options::default());
    assert!(none.is_unreadable() && none.error.is_some());
    let told = text(&[none], Shown::Findings, Style::PLAIN);
    assert!(told.starts_with("/nowhere/at/all: nothing was judged: ") && told.lines().count() == 1, "{told}");
}

#[test]
fn rules_that_trust_a_capture_are_rules() {
    let known = crate::rules::base::catalogue();
    for rule in notes::TRUSTING {
        assert!(known.iter().any(|known| known.id == rule), "{rule}");
    }
}
