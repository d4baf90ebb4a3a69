use pretty_assertions::assert_eq;

use super::super::{Arrives, Complete, FirstDrainBrought, Since};
use super::script::*;
use crate::evidence::{ConnectionWhat, Direction, Event};
use crate::rules::{Judgement, Moment, Rule};
use crate::verdict::{Blame, FindingVerdict};

fn complete(since: Since) -> Complete {
    Complete { person: "Bob".to_owned(), group: BOOKS.to_owned(), device: None, since }
}

fn one() -> Text {
    text("m1", "sip:alice@example.com", "Shall we meet?")
}

fn two() -> Text {
    text("m2", "sip:carol@example.com", "Tuesday is fine").at("2026-03-03T10:00:01Z")
}

/// Bob is invited and stood in for, two messages are stored, Bob's phone registers.
fn stored() -> Script {
    let mut script = Script::new();
    script.label(BOOKS, &one());
    script.label(BOOKS, &two());
    let leg = script.invites(BOOKS, "Bob", 200);
    script.sends(&leg, &one().cpim(), 200);
    script.sends(&leg, &two().cpim(), 200);
    script.registers("Bob", "phone");
    script
}

#[test]
fn met_when_both_messages_come_in_one_leg() {
    let mut script = stored();
    script.undecided(&complete(Since::Invitation));
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    script.undecided(&complete(Since::Invitation));
    script.gets(&drain, &two().cpim(), 200);
    assert_eq!(script.judge(&complete(Since::Invitation), Moment::Open).judgement, Judgement::Met { checks: 2 });
    assert_eq!(script.met(&complete(Since::Invitation)), (2, vec![]));
}

#[test]
fn met_in_every_shape_of_delivery() {
    let mut one_way = stored();
    let drain = one_way.drains(BOOKS, "Bob", "phone", "sendonly", 200);
    one_way.gets(&drain, &one().cpim(), 200);
    one_way.gets(&drain, &two().cpim(), 200);
    one_way.ends(&drain, Direction::Received, "");
    one_way.met(&complete(Since::Invitation));

    let mut rejoined = stored();
    let leg = rejoined.rejoins(BOOKS, "Bob", "phone");
    rejoined.gets(&leg, &one().cpim(), 200);
    rejoined.gets(&leg, &two().cpim(), 200);
    rejoined.met(&complete(Since::Invitation));

    let mut in_two = stored();
    let first = in_two.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    in_two.gets(&first, &one().cpim(), 200);
    in_two.connected(&first.actor, first.connection, ConnectionWhat::Reset { by_target: false });
    in_two.registers("Bob", "phone");
    let second = in_two.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    in_two.gets(&second, &two().cpim(), 200);
    in_two.met(&complete(Since::Invitation));
}

#[test]
fn broken_when_a_message_never_comes() {
    let mut script = stored();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    let finding = script.failed(&complete(Since::Invitation));
    assert!(finding.observed.contains("1 of 2 did not: \"Tuesday is fine\" of sip:carol@example.com"), "{finding:#?}");
    assert!(finding.observed.contains("never came to a device"), "{finding:#?}");
    assert!(finding.frame.is_some());
}

#[test]
fn broken_when_the_device_did_not_acknowledge_or_refused() {
    for status in [0, 413] {
        let mut script = stored();
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        script.gets(&drain, &one().cpim(), 200);
        script.gets(&drain, &two().cpim(), status);
        let finding = script.failed(&complete(Since::Invitation));
        assert!(finding.observed.contains("no device acknowledged it"), "{finding:#?}");
    }
}

#[test]
fn broken_when_a_message_comes_in_the_session_of_another_chat() {
    let mut script = stored();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    let other = script.drains(CHESS, "Bob", "phone", "sendrecv", 200);
    script.gets(&other, &two().cpim(), 200);
    assert!(script.failed(&complete(Since::Invitation)).observed.contains("another contribution"));
}

#[test]
fn broken_when_the_target_refuses_a_message_or_does_not_answer_it_and_never_delivers() {
    for status in [413, 0] {
        let mut script = Script::new();
        let leg = script.invites(BOOKS, "Bob", 200);
        script.sends(&leg, &one().cpim(), status);
        script.registers("Bob", "phone");
        script.failed(&complete(Since::Invitation));
    }
}

#[test]
fn broken_when_a_message_is_refused_although_it_comes() {
    let mut script = Script::new();
    let leg = script.invites(BOOKS, "Bob", 200);
    script.sends(&leg, &one().cpim(), 481);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    assert!(script.failed(&complete(Since::Invitation)).observed.contains("481"));
}

#[test]
fn an_answer_that_the_tester_cut_off_is_not_missed_and_a_refusal_is() {
    let cut_off = |status| {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        script.sends(&focus, &one().cpim(), status);
        script.connected(&focus.actor, focus.connection, ConnectionWhat::Reset { by_target: false });
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        script.gets(&drain, &one().cpim(), 200);
        script
    };
    cut_off(0).met(&complete(Since::Invitation));
    cut_off(413).failed(&complete(Since::Invitation));
}

#[test]
fn a_refused_invitation_is_the_targets_unless_the_content_comes() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 480);
    script.registers("Bob", "phone");
    script.undecided(&complete(Since::Invitation));
    assert!(script.failed(&complete(Since::Invitation)).observed.contains("480"));

    // Fetched later, in a leg that the target opens to the focus: the focus sends there (L02).
    let again = script.invites(BOOKS, "Bob", 202);
    script.sends(&again, &one().cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    let (_, warnings) = script.met(&complete(Since::Invitation));
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L02"));
    assert_eq!(warnings[0].verdict, FindingVerdict::Warning);
}

#[test]
fn broken_when_the_accepted_invitation_leads_nowhere() {
    let mut no_session = Script::new();
    let leg = no_session.invites(BOOKS, "Bob", 200);
    no_session.connected(&leg.actor, 99, ConnectionWhat::Refused);
    assert!(no_session.failed(&complete(Since::Invitation)).observed.contains("takes no connection"));
}

#[test]
fn unseen_when_nothing_was_asked_of_the_target_or_nothing_heard_of_it() {
    let script = Script::new();
    script.unseen(&complete(Since::Invitation), Blame::Unknown);

    let mut uninvited = Script::new();
    uninvited.registers("Bob", "phone");
    uninvited.unseen(&complete(Since::Invitation), Blame::Harness);

    let mut no_message = Script::new();
    no_message.invites(BOOKS, "Bob", 200);
    no_message.unseen(&complete(Since::Invitation), Blame::Harness);

    let mut never_lost = stored();
    let drain = never_lost.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    never_lost.gets(&drain, &one().cpim(), 200);
    never_lost.unseen(&complete(Since::Loss), Blame::Harness);
}

#[test]
fn broken_when_the_target_leaves_before_anything_comes_and_nobody_wished_it() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let live = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.loses("Bob", "phone");
    let bye = script.ends(&focus, Direction::Received, "");
    let finding = script.failed(&complete(Since::Loss));
    assert!(finding.observed.contains(&format!("it left (BYE in frame {bye})")), "{finding:#?}");
    script.ends(&live, Direction::Sent, "");
    script.unseen(&complete(Since::Loss), Blame::Harness);
}

#[test]
fn a_message_under_another_name_is_pointed_at() {
    let mut script = stored();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    script.gets(&drain, &text("other", "sip:carol@example.com", "Tuesday is fine").cpim(), 200);
    let finding = script.failed(&complete(Since::Invitation));
    assert!(finding.observed.contains("came as other (frame"), "{finding:#?}");
}

#[test]
fn a_silent_target_is_not_judged() {
    let mut script = Script::new();
    script.event(Event::Invited { group: BOOKS.to_owned(), person: "Bob".to_owned() });
    let why = script.unseen(&complete(Since::Invitation), Blame::Unknown);
    assert!(why.contains("silent"));
}

#[test]
fn not_observable_when_another_function_stores() {
    let script = stored();
    let statement = stating("storage_locus", "controlling_function".into());
    let assessment = script.judge_with(&complete(Since::Invitation), &statement);
    assert!(matches!(assessment.judgement, Judgement::Unseen { blame: Blame::Configuration, .. }), "{assessment:?}");
}

#[test]
fn what_comes_as_a_message_outside_the_chat_is_inconclusive() {
    let mut script = stored();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    script.pages(Direction::Received, "sip:bob@192.0.2.10:5101", "", &two().cpim());
    script.outside(&complete(Since::Invitation), "L07");
}

#[test]
fn nobody_can_tell_when_the_tester_dropped_datagrams() {
    let mut script = stored();
    script.event(Event::Dropped { datagrams: 3 });
    let Judgement::Broken(finding) = script.judge(&complete(Since::Invitation), Moment::Closed).judgement else {
        panic!("not broken");
    };
    assert_eq!((finding.verdict, finding.blame), (FindingVerdict::Inconclusive, Blame::Harness));
}

#[test]
fn after_a_loss_only_what_was_not_acknowledged_counts() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let live = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.sends(&focus, &one().cpim(), 200);
    script.gets(&live, &one().cpim(), 200);
    script.loses("Bob", "phone");
    script.sends(&focus, &two().cpim(), 200);
    script.gets(&live, &two().cpim(), 0);
    script.registers("Bob", "phone");
    script.failed(&complete(Since::Loss));
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &two().cpim(), 200);
    assert_eq!(script.met(&complete(Since::Loss)).0, 1);
}

#[test]
fn what_the_target_had_not_acknowledged_when_it_was_killed_is_not_owed() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &one().cpim(), 200);
    script.sends(&focus, &two().cpim(), 0);
    script.event(Event::Target { what: "killed".to_owned() });
    script.event(Event::Target { what: "restarted".to_owned() });
    script.registers("Bob", "phone");
    script.failed(&complete(Since::Acknowledged));
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    assert_eq!(script.met(&complete(Since::Acknowledged)).0, 1);
    assert_eq!(script.met(&complete(Since::Invitation)).0, 1);
}

#[test]
fn broken_when_nothing_is_acknowledged_at_all() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &one().cpim(), 0);
    assert!(script.failed(&complete(Since::Acknowledged)).observed.contains("not acknowledged"));
}

#[test]
fn a_named_device_has_to_get_it_itself() {
    let mut script = stored();
    script.registers("Bob", "watch");
    let drain = script.drains(BOOKS, "Bob", "watch", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    script.gets(&drain, &two().cpim(), 200);
    script.met(&complete(Since::Invitation));
    let on = |device: &str| Complete { device: Some(device.to_owned()), ..complete(Since::Invitation) };
    script.met(&on("watch"));
    assert!(script.failed(&on("phone")).observed.contains("another device"));
}

#[test]
fn types_that_the_target_excludes_are_not_owed() {
    let mut script = Script::new();
    script.accept_wrapped = "text/plain";
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &one().cpim(), 200);
    let mut picture = two();
    picture.content_type = "image/png";
    script.sends(&focus, &picture.cpim(), 415);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one().cpim(), 200);
    assert_eq!(script.met(&complete(Since::Invitation)).0, 1);
}

#[test]
fn one_message_arrives_or_does_not() {
    let rule = |id: &str| Arrives { person: "Bob".to_owned(), group: BOOKS.to_owned(), message_id: id.to_owned() };
    let mut script = stored();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &two().cpim(), 200);
    assert_eq!(script.met(&rule("m2")).0, 1);
    script.undecided(&rule("m1"));
    script.failed(&rule("m1"));
    script.gets(&drain, &one().cpim(), 413);
    script.failed(&rule("m1"));
    let mut nothing = Script::new();
    nothing.invites(BOOKS, "Bob", 200);
    nothing.unseen(&rule("m1"), Blame::Harness);
}

#[test]
fn the_first_delivery_had_brought_some() {
    let rule = |messages| FirstDrainBrought { person: "Bob".to_owned(), group: BOOKS.to_owned(), messages };
    let mut script = stored();
    script.undecided(&rule(1));
    script.failed(&rule(1));
    let first = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&first, &one().cpim(), 200);
    let second = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&second, &two().cpim(), 200);
    assert_eq!(script.met(&rule(1)).0, 1);
    script.failed(&rule(2));
    let mut nothing = Script::new();
    nothing.invites(BOOKS, "Bob", 200);
    nothing.unseen(&rule(1), Blame::Harness);
}

#[test]
fn an_expectation_names_person_and_group() {
    assert_eq!(complete(Since::Loss).expects(), "every message of \"Book club\" that was missed reaches Bob");
}
