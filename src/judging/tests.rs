//! How a scenario ends, on evidence made by hand. Whole runs are judged again in tests/verdicts/replay.rs.

use super::*;
use crate::evidence::{Direction, Event, Octets, Protocol, Recorder, Stop, Transport, What};
use crate::target::Profile;
use crate::verdict::Level;
use bytes::Bytes;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;
use serde_json::json;

fn header() -> Header {
    Header {
        suite_version: String::new(),
        run_id: String::new(),
        scenario_id: "TP-CPM-CONV-058-01.test".to_owned(),
        title: "A test".to_owned(),
        feature: "features/test.feature".to_owned(),
        line: 1,
        test_purposes: vec!["TP-CPM-CONV-058-01".to_owned()],
        requirements: vec!["CPM-CONV-058".to_owned()],
        level: Level::Shall,
        role: "participating-function".to_owned(),
        target_name: String::new(),
        statement: Profile::reference().statement().to_json(),
        timers: serde_json::Value::Null,
        seed: 0,
        ..Header::default()
    }
}

/// Evidence with these records in it.
fn judged(records: impl IntoIterator<Item = What>) -> Judged {
    let mut recorder = Recorder::new();
    for what in records {
        recorder.push(Time::from_nanos(1), what);
    }
    judge(&header(), recorder.records())
}

fn over(stop: Option<Stop>) -> What {
    What::Event(Event::Over { stop })
}

fn awaited(rule: &str) -> What {
    let arguments = json!({"person": "Bob", "group": "Book club"});
    What::Event(Event::Awaited { rule: rule.to_owned(), arguments, ms: 1 })
}

const CLOSED: What = What::Event(Event::Decided { closed: true, lagged: false });
const IN_ORDER: &str = "missed_group_content.in_order";

fn reason(judged: &Judged) -> &str {
    assert_eq!((judged.outcome, judged.blame), (Outcome::Error, Some(Blame::Harness)), "{judged:?}");
    judged.reason.as_deref().unwrap_or_default()
}

fn sip(text: &str, malformed: Option<String>) -> What {
    What::Octets(Octets {
        actor: "serving_cscf".into(),
        step: 1,
        protocol: Protocol::Sip,
        transport: Transport::Udp,
        direction: Direction::Sent,
        local: ([127, 0, 0, 1], 5060).into(),
        remote: ([127, 0, 0, 1], 5070).into(),
        connection: None,
        octets: Bytes::copy_from_slice(text.as_bytes()),
        malformed,
    })
}

#[test]
fn a_scenario_that_checked_nothing_is_an_error() {
    let nothing = judged([over(None)]);
    assert_eq!((nothing.outcome, nothing.blame), (Outcome::Error, Some(Blame::Harness)));
    assert_eq!(nothing.findings[0].observed, "the scenario passed without a single check against the wire");
}

#[test]
fn evidence_that_breaks_off_is_an_error() {
    assert_eq!(reason(&judged([])), "the evidence breaks off before the scenario is over");
    assert_eq!(reason(&judged([awaited(IN_ORDER)])), "the evidence breaks off before the scenario is over");
}

#[test]
fn what_the_suite_did_wrong_is_told_as_it_was_written_down() {
    assert_eq!(reason(&judged([over(Some(Stop::Harness("no port".to_owned())))])), "no port");
}

#[test]
fn an_entry_of_the_ledger_is_named() {
    let stop = Stop::Undecided { why: "late".to_owned(), ledger: "L06".to_owned() };
    let undecided = judged([over(Some(stop))]);
    assert_eq!((undecided.outcome, undecided.blame), (Outcome::Inconclusive, Some(Blame::Target)));
    assert_eq!(undecided.findings[0].interpretation.as_deref(), Some("L06"));
}

#[test]
fn a_rule_that_was_not_met_stops_the_scenario_and_says_why() {
    let silent = judged([awaited(IN_ORDER), CLOSED, over(Some(Stop::Unmet))]);
    assert_eq!((silent.outcome, silent.blame), (Outcome::Inconclusive, Some(Blame::Unknown)));
    assert_eq!(silent.reason.as_deref(), Some("the target is silent: not one octet of it was received"));
}

#[test]
fn no_evidence_makes_more_of_a_rule_than_it_says() {
    let went_on = "the evidence goes on although the rule missed_group_content.in_order was not met";
    let other = awaited("missed_group_content.unchanged");
    assert_eq!(reason(&judged([awaited(IN_ORDER), CLOSED, over(None)])), went_on);
    assert_eq!(reason(&judged([awaited(IN_ORDER), over(None)])), went_on);
    assert_eq!(reason(&judged([awaited(IN_ORDER), CLOSED, other, CLOSED, over(None)])), went_on);
    assert_eq!(
        reason(&judged([awaited(IN_ORDER), CLOSED, over(Some(Stop::Broken))])),
        "the scenario stopped at a rule that says nothing of the kind"
    );
    assert_eq!(reason(&judged([CLOSED, over(None)])), "a rule is decided that nobody awaited");
    assert_eq!(reason(&judged([awaited("no.rule"), over(None)])), "there is no requirement rule no.rule");
}

#[test]
fn evidence_without_a_statement_cannot_be_judged() {
    let header = Header { statement: json!({"moon": "full"}), ..header() };
    let mut recorder = Recorder::new();
    recorder.push(Time::from_nanos(1), over(None));
    assert!(reason(&judge(&header, recorder.records())).starts_with("the statement in the evidence cannot be read"));
}

#[test]
fn a_finding_is_of_a_requirement_that_the_scenario_serves() {
    let header = Header { requirements: vec!["CPM-CONV-058a".to_owned()], ..header() };
    for (named, served) in [("CPM-CONV-058", "CPM-CONV-058a"), ("CPM-CONV-058a", "CPM-CONV-058a")] {
        let finding = note(&header, FindingVerdict::Fail, "nothing came", Blame::Target);
        let mut finding = Finding { requirement: Some(named.to_owned()), ..finding };
        serve(&mut finding, &header);
        assert_eq!(finding.requirement.as_deref(), Some(served));
    }
}

#[test]
fn a_malformed_message_of_our_own_is_an_error_unless_it_was_declared() {
    let text = "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nCall-ID: x\r\n\r\n";
    let stop = || Some(Stop::Unseen { why: "nothing came".to_owned(), blame: Blame::Unknown });
    let undeclared = judged([sip(text, None), over(stop())]);
    assert_eq!(undeclared.outcome, Outcome::Error);
    assert!(undeclared.findings.iter().any(|finding| finding.rule == "base.sip.second_reader"));
    let declared = sip(text, Some("the mandatory fields are left out".to_owned()));
    assert_eq!(judged([declared, over(stop())]).outcome, Outcome::Inconclusive);
}

#[test]
fn what_could_not_be_seen_is_traced_to_where_something_was_lost() {
    let (dropped, lost) = (Event::Dropped { datagrams: 1 }, Event::NetworkLost { datagrams: 1 });
    for (event, blame, traced) in [
        (dropped, Blame::Unknown, Blame::Harness),
        (lost.clone(), Blame::Unknown, Blame::Network),
        (lost, Blame::Configuration, Blame::Configuration),
        (Event::QuietEnded, Blame::Unknown, Blame::Unknown),
    ] {
        let stop = Some(Stop::Unseen { why: "nothing came".to_owned(), blame });
        let judged = judged([What::Event(event), over(stop)]);
        assert_eq!((judged.outcome, judged.blame), (Outcome::Inconclusive, Some(traced)));
    }
}
