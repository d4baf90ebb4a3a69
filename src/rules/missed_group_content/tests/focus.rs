use pretty_assertions::assert_eq;

use super::super::{KindKept, NewestFocus, UpToRemoval};
use super::script::*;
use crate::evidence::ChatKind;
use crate::evidence::MemberStatus::{Connected, Departed, Removed};
use crate::rules::Judgement;
use crate::verdict::{Blame, FindingVerdict};

fn message(id: &str) -> Text {
    text(id, "sip:alice@example.com", &format!("words of {id}"))
}

fn newest() -> NewestFocus {
    NewestFocus { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

const OLD: &str = "<sip:conf-books@focus.example.com>;isfocus";
const NEW: &str = "<sip:conf-new@focus.example.com>;isfocus";

/// The chat moves while Bob is away; he is led here, is told these, and gets these.
fn moved(contact: &str, users: &[(&str, &str)], ids: &[&str]) -> Script {
    let mut script = Script::new();
    let old = script.invites(BOOKS, "Bob", 200);
    script.sends(&old, &message("m1").cpim(), 200);
    script.event(crate::evidence::Event::GroupEnded { group: BOOKS.to_owned() });
    script.moves(BOOKS, "sip:conf-new@focus.example.com");
    script.roster(BOOKS, &[("carol", Connected), ("dave", Connected), ("alice", Departed)]);
    let new = script.invites(BOOKS, "Bob", 200);
    script.sends(&new, &message("m2").cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains_as(BOOKS, contact, "", None);
    for id in ids {
        script.gets(&drain, &message(id).cpim(), 200);
    }
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, users));
    script
}

const USERS: &[(&str, &str)] = &[("carol", "connected"), ("dave", "connected")];

#[test]
fn a_chat_that_moved_leads_to_its_newest_focus() {
    assert_eq!(moved(NEW, USERS, &["m1", "m2"]).met(&newest()), (5, vec![]));
    assert!(moved(OLD, USERS, &["m1", "m2"]).failed(&newest()).observed.contains("conf-books"));
    assert!(moved(NEW, USERS, &["m2"]).failed(&newest()).expected.contains("m1"));
    assert!(moved(NEW, USERS, &["m1"]).failed(&newest()).expected.contains("m2"));
    moved(NEW, USERS, &["m1"]).undecided(&newest());
    let stale = &[("alice", "connected"), ("carol", "connected")];
    assert!(moved(NEW, stale, &["m1", "m2"]).failed(&newest()).expected.contains("list"));
    let own = "<sip:target.example.com>;isfocus";
    assert_eq!(moved(own, USERS, &["m1", "m2"]).met(&newest()).1[0].interpretation.as_deref(), Some("L11"));
    let mut still = Script::new();
    still.invites(BOOKS, "Bob", 200);
    still.unseen(&newest(), Blame::Harness);
}

fn kind() -> KindKept {
    KindKept { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn of_kind(kind: ChatKind, contact: &str, stored: Option<&str>) -> Script {
    let mut script = Script::new();
    script.is_of_kind(BOOKS, kind);
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message("m1").cpim(), 200);
    script.registers("Bob", "phone");
    if let Some(word) = stored {
        script.keeps(word, &["alice", "carol"]);
    }
    let drain = script.drains_as(BOOKS, contact, "", None);
    script.gets(&drain, &message("m1").cpim(), 200);
    script
}

#[test]
fn what_the_focus_says_of_a_closed_group_is_said_to_the_device() {
    const MARK: &str = ";+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.closedgroupchat\"";
    let marked = |contact: &str| {
        let script = of_kind(ChatKind::Closed, contact, None);
        script
            .replacing("Contact: <sip:conf-books@focus.example.com>;isfocus\r\n", &format!("Contact: {OLD}{MARK}\r\n"))
    };
    marked(&format!("{OLD}{MARK}")).met(&kind());
    marked(&format!("{OLD}{MARK};audio")).met(&kind());
    assert!(marked(&format!("{OLD};audio")).outside(&kind(), "L19").expected.contains("closed"));
}

#[test]
fn a_chat_stays_of_its_kind() {
    of_kind(ChatKind::Closed, OLD, None).met(&kind());
    of_kind(ChatKind::Closed, OLD, Some("Closed")).met(&kind());
    assert!(of_kind(ChatKind::Closed, OLD, Some("Open")).failed(&kind()).observed.contains("Open"));
    of_kind(ChatKind::Open, OLD, Some("Closed")).failed(&kind());
    of_kind(ChatKind::OneToOne, "<sip:alice@example.com>", None).met(&kind());
    of_kind(ChatKind::OneToOne, OLD, None).outside(&kind(), "L27");
    let unmarked = of_kind(ChatKind::Closed, "<sip:target.example.com>", None).met(&kind()).1;
    assert_eq!(unmarked[0].verdict, FindingVerdict::Warning);
    let mut lost = Script::new();
    lost.is_of_kind(BOOKS, ChatKind::Closed);
    let focus = lost.invites(BOOKS, "Bob", 200);
    lost.sends(&focus, &message("m1").cpim(), 200);
    lost.undecided(&kind());
    lost.failed(&kind());
    let mut unasked = Script::new();
    unasked.invites(BOOKS, "Bob", 200);
    unasked.unseen(&kind(), Blame::Harness);
}

fn removal() -> UpToRemoval {
    UpToRemoval { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

/// Two messages, the removal, and a third that only Eve is sent.
fn removed(came: &[&str]) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let eve = script.invites(BOOKS, "Eve", 200);
    for id in ["m1", "m2"] {
        script.sends(&focus, &message(id).cpim(), 200);
        script.sends(&eve, &message(id).cpim(), 200);
    }
    script.roster(BOOKS, &[("alice", Connected), ("bob", Removed), ("eve", Connected)]);
    script.sends(&eve, &message("m3").cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendonly", 200);
    for id in came {
        script.gets(&drain, &message(id).cpim(), 200);
    }
    script
}

#[test]
fn one_who_was_removed_gets_everything_until_then() {
    assert_eq!(removed(&["m1", "m2"]).met(&removal()), (2, vec![]));
    removed(&["m1"]).undecided(&removal());
    assert!(removed(&["m1"]).failed(&removal()).expected.contains("m2"));
    removed(&[]).failed(&removal());
    let (_, warnings) = removed(&["m1", "m2", "m3"]).met(&removal());
    assert_eq!(warnings[0].observed, "after_removal: stored");
    let statement = stating("after_removal", "stored".into());
    let stored = removed(&["m1", "m2", "m3"]).judge_with(&removal(), &statement);
    assert!(matches!(stored.judgement, Judgement::Met { .. }) && stored.warnings.is_empty());
    let mut member = Script::new();
    member.invites(BOOKS, "Bob", 200);
    member.unseen(&removal(), Blame::Harness);
}
