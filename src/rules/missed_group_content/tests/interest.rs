use pretty_assertions::assert_eq;

use super::super::{AfterInterestEnded, Conduct, ExpiredNotDelivered, Isolated, LegKept, NothingDelivered};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::evidence::MemberStatus::{Connected, Removed};
use crate::rules::{Judgement, Moment};
use crate::verdict::{Blame, Level};

const ALICE: &str = "sip:alice@example.com";

fn message(id: &str) -> Text {
    text(id, ALICE, &format!("text of {id}"))
}

fn nothing(person: &str) -> NothingDelivered {
    NothingDelivered { person: person.to_owned(), group: BOOKS.to_owned(), device: None, since: None, tagless: false }
}

#[test]
fn nothing_came_after_a_trigger() {
    for status in [200, 480] {
        let mut script = Script::new();
        script.invites(BOOKS, "Eve", status);
        script.unseen(&nothing("Eve"), Blame::Harness);
        script.registers("Eve", "phone");
        script.undecided(&nothing("Eve"));
        assert_eq!(script.met(&nothing("Eve")).0, 1);
    }
}

#[test]
fn one_message_is_too_many_in_whatever_session() {
    for group in [BOOKS, CHESS] {
        let mut script = Script::new();
        let bobs = script.invites(BOOKS, "Bob", 200);
        script.sends(&bobs, &message("m1").cpim(), 200);
        script.registers("Eve", "phone");
        let drain = script.drains(group, "Eve", "phone", "sendrecv", 200);
        script.met(&nothing("Eve"));
        script.gets(&drain, &message("m1").cpim(), 0);
        script.failed(&nothing("Eve"));
        assert!(matches!(script.judge(&nothing("Eve"), Moment::Open).judgement, Judgement::Broken(_)));
    }
    let mut paged = Script::new();
    let bobs = paged.invites(BOOKS, "Bob", 200);
    paged.sends(&bobs, &message("m1").cpim(), 200);
    paged.registers("Eve", "phone");
    paged.pages(Received, "sip:eve@example.com", "", &message("m1").cpim());
    paged.failed(&nothing("Eve"));
}

#[test]
fn nothing_after_a_frame_and_nothing_on_a_device() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message("m1").cpim(), 200);
    script.registers("Bob", "watch");
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("m1").cpim(), 200);
    let on = |device: &str| NothingDelivered { device: Some(device.to_owned()), ..nothing("Bob") };
    script.met(&on("watch"));
    script.failed(&on("phone"));
    let tagless = NothingDelivered { tagless: true, ..on("phone") };
    assert_eq!(script.met(&tagless).1[0].interpretation.as_deref(), Some("L06"));
    let since = script.frame();
    let after = NothingDelivered { since: Some(since), ..nothing("Bob") };
    script.unseen(&after, Blame::Harness);
    script.registers("Bob", "phone");
    script.met(&after);
    script.gets(&drain, &message("m1").cpim(), 200);
    script.failed(&after);
}

#[test]
fn a_silent_target_delivers_nothing_and_does_not_pass() {
    let mut script = Script::new();
    script.event(Event::Reachable {
        person: "Eve".to_owned(),
        device: "phone".to_owned(),
        yes: true,
        trigger: "third_party_register".to_owned(),
    });
    script.unseen(&nothing("Eve"), Blame::Unknown);
}

fn isolated() -> Isolated {
    Isolated { people: vec!["Bob".to_owned(), "Eve".to_owned()], groups: vec![BOOKS.to_owned(), CHESS.to_owned()] }
}

/// Bob is absent from both groups, Eve from one; one message each.
fn two_chats() -> Script {
    let mut script = Script::new();
    let books = script.invites(BOOKS, "Bob", 200);
    let chess = script.invites(CHESS, "Bob", 200);
    let eves = script.invites(BOOKS, "Eve", 200);
    script.sends(&books, &message("b1").cpim(), 200);
    script.sends(&eves, &message("b1").cpim(), 200);
    script.sends(&chess, &message("c1").cpim(), 200);
    script.registers("Bob", "phone");
    script.registers("Eve", "phone");
    script
}

#[test]
fn each_chat_in_its_own_session() {
    let mut script = two_chats();
    for (group, person, id) in [(BOOKS, "Bob", "b1"), (CHESS, "Bob", "c1"), (BOOKS, "Eve", "b1")] {
        let drain = script.drains(group, person, "phone", "sendrecv", 200);
        script.gets(&drain, &message(id).cpim(), 200);
    }
    script.undecided(&isolated());
    assert_eq!(script.met(&isolated()).0, 3);
}

#[test]
fn a_foreign_identifier_fails() {
    let delivered = |ids: &str| {
        let mut script = two_chats();
        script.contribution = Some("another");
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        let mut script = script.replacing("Contribution-ID: another\r\nConversation-ID: conversation-books", ids);
        script.gets(&drain, &message("b1").cpim(), 200);
        script
    };
    delivered("Contribution-ID: contribution-books\r\nConversation-ID: conversation-books").met(&isolated());
    let observed =
        delivered("Contribution-ID: another\r\nConversation-ID: conversation-books").failed(&isolated()).observed;
    assert!(observed.contains("the Contribution-ID another"));
    let observed =
        delivered("Contribution-ID: contribution-books\r\nConversation-ID: another").failed(&isolated()).observed;
    assert!(observed.contains("the Conversation-ID another"));
    assert!(
        delivered("Contribution-ID: contribution-books").failed(&isolated()).observed.contains("Conversation-ID none")
    );
}

#[test]
fn a_stray_message_fails() {
    let stray = |group: &str, person: &str, id: &str| {
        let mut script = two_chats();
        let drain = script.drains(group, person, "phone", "sendrecv", 200);
        script.gets(&drain, &message(id).cpim(), 200);
        script.failed(&isolated()).observed
    };
    assert!(stray(CHESS, "Bob", "b1").contains("another chat"));
    assert!(stray(BOOKS, "Bob", "c1").contains("another chat"));
    assert!(stray(CHESS, "Eve", "c1").contains("not invited"));
}

#[test]
fn a_private_message_or_a_report_for_another_fails() {
    let mut script = two_chats();
    let eves = script.invites(BOOKS, "Eve", 200);
    let private = Text { to: "sip:eve@example.com".to_owned(), ..message("p1") };
    script.sends(&eves, &private.cpim(), 200);
    script.sends(&eves, &delivered("e0", ALICE).cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let mut reported = script.clone_records();
    script.gets(&drain, &private.cpim(), 200);
    assert!(script.failed(&isolated()).observed.contains("private"));
    reported.gets(&drain, &delivered("e0", ALICE).cpim(), 200);
    assert!(reported.failed(&isolated()).observed.contains("report"));
}

#[test]
fn one_who_started_the_chat_anew_belongs_to_it_without_an_invitation() {
    let mut script = Script::new();
    let eves = script.invites(BOOKS, "Eve", 200);
    script.sends(&eves, &message("b1").cpim(), 200);
    let mut uninvited = script.clone_records();
    script.sends_on("sip:conference-factory@example.com", "contribution-books", Some(&["alice"]));
    for (script, belongs) in [(&mut script, true), (&mut uninvited, false)] {
        let leg = script.rejoins(BOOKS, "Bob", "phone");
        script.gets(&leg, &message("b1").cpim(), 200);
        match belongs {
            true => assert_eq!(script.met(&isolated()).0, 1),
            false => assert!(script.failed(&isolated()).observed.contains("not invited")),
        }
    }
}

#[test]
fn old_content_is_not_judged_and_none_is_no_pass() {
    let mut script = two_chats();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("from-long-ago").cpim(), 200);
    script.gets(&drain, &message("b1").cpim(), 200);
    script.met(&isolated());
    two_chats().failed(&isolated());
    Script::new().unseen(&isolated(), Blame::Unknown);
}

fn kept() -> LegKept {
    LegKept { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

#[test]
fn the_leg_is_kept_when_the_device_is_lost() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.unseen(&kept(), Blame::Harness);
    script.deregisters("Bob", "phone");
    script.undecided(&kept());
    assert_eq!(script.met(&kept()), (1, vec![]));
    script.ends(&focus, Received, "");
    script.failed(&kept());
}

#[test]
fn a_bye_says_by_its_reason_whether_it_is_a_leave() {
    let with = |reason: &str| {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        script.loses("Bob", "phone");
        script.ends(&focus, Received, reason);
        script
    };
    with("Reason: SIP;cause=200;text=\"Call completed\"\r\n").failed(&kept());
    with("Reason: sip ;text=\"not cause=480\"; CAUSE = 200\r\n").failed(&kept());
    with("Reason: Q.850;cause=16\r\nReason: SIP;cause=200\r\n").failed(&kept());
    for excused in [
        "Reason: SIP;cause=480;text=\"Bearer Unavailable\"\r\n",
        "Reason: Sip;text=\"cause=200\"\r\n ; Cause\t= 480\r\n",
        "Reason: Q.850;cause=16, SIP;cause=480\r\n",
        "Reason: Q.850;cause=200\r\nReason: SIP;cause=480\r\n",
    ] {
        let (_, warnings) = with(excused).met(&kept());
        assert_eq!(warnings[0].interpretation.as_deref(), Some("L05"), "{excused}");
    }
}

#[test]
fn the_end_of_the_chat_or_another_leg_excuses_a_bye() {
    let mut ended = Script::new();
    let focus = ended.invites(BOOKS, "Bob", 200);
    ended.loses("Bob", "phone");
    ended.event(Event::GroupEnded { group: BOOKS.to_owned() });
    ended.ends(&focus, Received, "");
    ended.met(&kept());

    let mut moved = Script::new();
    let old = moved.invites(BOOKS, "Bob", 200);
    moved.loses("Bob", "phone");
    moved.invites(BOOKS, "Bob", 200);
    moved.ends(&old, Received, "");
    moved.met(&kept());

    let mut by_focus = Script::new();
    let focus = by_focus.invites(BOOKS, "Bob", 200);
    by_focus.loses("Bob", "phone");
    by_focus.ends(&focus, Sent, "");
    by_focus.met(&kept());
}

#[test]
fn a_leg_that_never_stood_was_not_kept() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 486);
    script.loses("Bob", "phone");
    script.failed(&kept());
}

fn after(conduct: Conduct) -> AfterInterestEnded {
    AfterInterestEnded { person: "Bob".to_owned(), group: BOOKS.to_owned(), conduct }
}

#[test]
fn after_a_decline_both_ways_pass_and_the_undeclared_one_is_told() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.unseen(&after(Conduct::Declined), Blame::Harness);
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 603);
    script.sends(&focus, &message("m1").cpim(), 200);
    script.unseen(&after(Conduct::Declined), Blame::Harness);
    script.registers("Bob", "phone");
    assert_eq!(script.met(&after(Conduct::Declined)), (1, vec![]));
    let stored = script.judge_with(&after(Conduct::Declined), &stating("after_decline", "stored".into()));
    assert_eq!(stored.warnings.len(), 1);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("m1").cpim(), 200);
    let (_, warnings) = script.met(&after(Conduct::Declined));
    assert_eq!((warnings[0].interpretation.as_deref(), warnings[0].level), (Some("L05"), Level::Policy));
    let stored = script.judge_with(&after(Conduct::Declined), &stating("after_decline", "stored".into()));
    assert_eq!(stored.warnings, vec![]);
}

#[test]
fn a_leave_and_a_removal_end_interest_too() {
    let mut left = Script::new();
    left.invites(BOOKS, "Bob", 200);
    let live = left.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    left.ends(&live, Sent, "Reason: SIP;cause=200\r\n");
    left.registers("Bob", "phone");
    left.met(&after(Conduct::Left));
    left.unseen(&after(Conduct::Removed), Blame::Harness);

    let mut removed = Script::new();
    removed.invites(BOOKS, "Bob", 200);
    removed.roster(BOOKS, &[("alice", Connected), ("bob", Removed)]);
    removed.registers("Bob", "phone");
    removed.met(&after(Conduct::Removed));
    Script::new().unseen(&after(Conduct::DrainRefused), Blame::Unknown);
}

fn expired() -> ExpiredNotDelivered {
    ExpiredNotDelivered { person: "Bob".to_owned(), group: BOOKS.to_owned(), message_id: "old".to_owned() }
}

fn outlived(asks: &'static str) -> (Script, Wire) {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &Text { asks, ..message("old") }.cpim(), 200);
    (script, focus)
}

#[test]
fn an_expired_message_stays_away() {
    let (mut script, focus) = outlived("positive-delivery, negative-delivery");
    script.unseen(&expired(), Blame::Harness);
    script.registers("Bob", "phone");
    script.undecided(&expired());
    assert_eq!(script.met(&expired()).1[0].interpretation.as_deref(), Some("L26"));
    script.gets(&focus, &Notice { status: "failed", ..delivered("old", "sip:bob@example.com") }.cpim(), 200);
    assert_eq!(script.met(&expired()).1, vec![]);
    script.gets(&focus, &delivered("old", "sip:bob@example.com").cpim(), 200);
    script.failed(&expired());
}

#[test]
fn an_expired_message_that_comes_fails() {
    let (mut script, _) = outlived("");
    script.registers("Bob", "phone");
    assert_eq!(script.met(&expired()), (1, vec![]));
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("old").cpim(), 200);
    script.failed(&expired());
    Script::new().unseen(&expired(), Blame::Unknown);
}
