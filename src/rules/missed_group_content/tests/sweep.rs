//! What is true of every rule: none passes a target that has not shown anything.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;

use super::super::*;
use super::script::*;
use crate::evidence::Direction;
use crate::interpretations::Ledger;
use crate::rules::{Judgement, Moment, Rule, catalogue};
use crate::story::content::Disposition;
use crate::verdict::{Blame, Level};

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (person, group) = ("Bob".to_owned(), BOOKS.to_owned());
    let who = || (person.clone(), group.clone());
    let mut rules: Vec<Box<dyn Rule>> = Vec::new();
    for since in [Since::Invitation, Since::Loss, Since::Acknowledged] {
        let (person, group) = who();
        rules.push(Box::new(Complete { person, group, device: None, since }));
    }
    macro_rules! add {
        ($rule:ident { $($field:ident: $value:expr),* }) => {{
            let (person, group) = who();
            rules.push(Box::new($rule { person, group, $($field: $value),* }));
        }};
    }
    add!(Arrives { message_id: "m1".to_owned() });
    add!(FirstDrainBrought { messages: 1 });
    add!(Unchanged {});
    add!(InOrder {});
    add!(Once {});
    add!(NotTwice { since: 1 });
    add!(InputTolerated { message_ids: vec!["mid-1".to_owned()] });
    add!(NotBeforeReachable {});
    add!(NotWhileGone { device: "phone".to_owned() });
    add!(WithinAttempts { retries: 3 });
    add!(FinalList { carrier: Carrier::Declared });
    add!(RestartRouted {});
    add!(ReportReachesUser { about: "m0".to_owned(), kind: Disposition::Delivered });
    add!(ReportReachesAuthor { about: "m1".to_owned(), kind: Disposition::Delivered });
    add!(NoPrematureReport {});
    add!(NoReportInSession {});
    add!(NothingDelivered { device: None, since: None, tagless: false });
    add!(LegKept {});
    add!(AfterInterestEnded { conduct: Conduct::Declined });
    add!(ExpiredNotDelivered { message_id: "m1".to_owned() });
    add!(NeverReaches { label: "m1".to_owned() });
    add!(PrivateKept { label: "m1".to_owned() });
    add!(CameWhole { label: "m1".to_owned() });
    add!(NothingTransient {});
    add!(QuotaKept {});
    add!(EachDevice { first: "phone".to_owned(), second: "watch".to_owned() });
    add!(ReturnsByPreference { live: "phone".to_owned(), returning: "watch".to_owned() });
    add!(ReportsCollapsed { author: "Alice".to_owned(), label: "m1".to_owned() });
    add!(OneStream { device: "phone".to_owned() });
    add!(NewestFocus {});
    add!(KindKept {});
    add!(UpToRemoval {});
    add!(Answered { what: Asked::Rejoin, outcome: Reply::Granted });
    add!(IdentityKept { identity_name: "Carol".to_owned() });
    add!(AnonymityKept {});
    add!(AllReportsReach { label: "m1".to_owned(), reporters: vec!["Carol".to_owned()] });
    add!(InitialList {});
    add!(RosterHistory {});
    add!(NotToldAgain {});
    add!(VersionsGrow {});
    add!(ListsEndWell {});
    rules.push(Box::new(Isolated { people: vec![person], groups: vec![group] }));
    rules
}

#[test]
fn every_rule_is_in_the_catalogue_once_and_swept_here() {
    let listed = super::super::CATALOGUE.iter().map(|named| named.entry().id).collect::<Vec<_>>();
    let unique = listed.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(listed.len(), unique.len());
    assert_eq!(unique, all().iter().map(|rule| rule.id()).collect());
    assert!(unique.iter().all(|id| id.starts_with("missed_group_content.")));
    let all = catalogue().iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert!(unique.iter().all(|id| all.contains(id)));
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    assert!(all.iter().any(|id| id.starts_with("base.")));
}

#[test]
fn every_ledger_entry_that_a_rule_names_exists_and_stage_3_never_stands_alone() {
    let ledger = Ledger::embedded();
    for entry in super::super::CATALOGUE.iter().map(|named| named.entry()) {
        assert!(entry.ledger.iter().all(|id| ledger.entry(id).is_some()), "{}", entry.id);
        assert!(!entry.stage3 || !entry.ledger.is_empty(), "{}", entry.id);
        let level = match entry.requirement {
            _ if entry.id.ends_with("interest_ended") => Level::Policy,
            Some("CPM-CONV-058b") => Level::May,
            _ => Level::Shall,
        };
        assert_eq!(entry.level, level, "{}", entry.id);
        assert!(entry.requirement.is_some_and(|id| entry.source.contains(id)), "{}", entry.id);
    }
}

#[test]
fn a_silent_target_is_unseen_and_nobodys_fault() {
    let mut script = Script::new();
    script.event(crate::evidence::Event::Invited { group: BOOKS.to_owned(), person: "Bob".to_owned() });
    script.sip(Direction::Sent, "OPTIONS sip:target.example.com SIP/2.0\r\n\r\n");
    for rule in all() {
        assert!(script.unseen(&*rule, Blame::Unknown).contains("silent"), "{}", rule.id());
    }
}

/// Scripts of targets that have shown nothing of what the requirements ask for.
fn hollow() -> Vec<(&'static str, Script)> {
    let mut noise = Script::new();
    noise.sip(Direction::Received, &b"\r\n\r\n"[..]);
    let mut registrar = Script::new();
    registrar.registers("Bob", "watch");
    let mut agreeing = Script::new();
    agreeing.invites_without_session(BOOKS, "Bob");
    agreeing.registers("Bob", "phone");
    agreeing.subscribes(BOOKS, "Bob", "phone", 200);
    vec![("noise", noise), ("registrar", registrar), ("agrees to everything", agreeing)]
}

#[test]
fn a_target_that_shows_nothing_meets_no_rule_but_that_nothing_came() {
    for (name, script) in hollow() {
        for rule in all() {
            let judgement = script.judge(&*rule, Moment::Closed).judgement;
            let excused = rule.id() == "missed_group_content.nothing_delivered";
            assert!(excused || !matches!(judgement, Judgement::Met { .. }), "{name}: {} is met", rule.id());
            assert_ne!(judgement, Judgement::Undecided, "{name}: {}", rule.id());
            let open = script.judge(&*rule, Moment::Open).judgement;
            assert!(!matches!(open, Judgement::Unseen { .. }), "{name}: {} gives up early", rule.id());
        }
    }
}

#[test]
fn what_is_kept_of_a_flood_meets_nothing() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &text("m1", "sip:alice@example.com", "one").cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &text("m1", "sip:alice@example.com", "one").cpim(), 200);
    let rule = Unchanged { person: "Bob".to_owned(), group: BOOKS.to_owned() };
    script.met(&rule);
    for _ in 0..20_001 {
        script.send(&drain, Direction::Received, "text/plain", b"x", 0);
    }
    let Judgement::Unseen { blame, .. } = script.judge(&rule, Moment::Closed).judgement else { panic!("judged") };
    assert_eq!(blame, Blame::Target);
}

#[test]
fn every_expectation_is_a_sentence_about_the_scenario() {
    for rule in all() {
        let sentence = rule.expects();
        assert!(sentence.len() > 20 && !sentence.contains("  "), "{sentence}");
    }
}
