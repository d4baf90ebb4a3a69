use pretty_assertions::assert_eq;

use super::super::AllReportsReach;
use super::script::*;
use crate::evidence::Direction;
use crate::verdict::Blame;

fn rule() -> AllReportsReach {
    let reporters = vec!["Alice".to_owned(), "Carol".to_owned(), "Dave".to_owned()];
    AllReportsReach { person: "Bob".to_owned(), group: BOOKS.to_owned(), label: "m0".to_owned(), reporters }
}

const MEMBERS: [&str; 3] = ["sip:alice@example.com", "sip:carol@example.com", "sip:dave@example.com"];

fn notices() -> Vec<Notice> {
    MEMBERS.into_iter().map(|member| delivered("m0", member)).collect()
}

/// The focus sends all reports in one message while Bob is away.
fn away() -> Script {
    let mut script = Script::new();
    script.announces(BOOKS, "m0", "sip:bob@example.com", None);
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &aggregated(&notices()), 200);
    script.registers("Bob", "phone");
    script
}

#[test]
fn all_pairs_come_aggregated_or_split() {
    let mut one = away();
    let drain = one.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    one.gets(&drain, &aggregated(&notices()), 200);
    assert_eq!(one.met(&rule()), (3, vec![]));
    let mut split = away();
    let drain = split.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for notice in notices() {
        split.gets(&drain, &notice.cpim(), 200);
    }
    assert_eq!(split.met(&rule()), (3, vec![]));
    let mut paged = away();
    for notice in notices() {
        paged.pages(Direction::Received, "sip:bob@192.0.2.10:5101", "", &notice.cpim());
    }
    assert_eq!(paged.met(&rule()).0, 3);
}

#[test]
fn a_pair_that_is_missing_or_changed_is_lost() {
    let mut script = away();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &aggregated(&notices()[..2]), 200);
    script.undecided(&rule());
    assert!(script.failed(&rule()).expected.contains("Dave"));
    script.gets(&drain, &Notice { status: "displayed", ..delivered("m0", MEMBERS[2]) }.cpim(), 200);
    script.failed(&rule());
    script.gets(&drain, &delivered("m9", MEMBERS[2]).cpim(), 200);
    script.failed(&rule());
    script.gets(&drain, &delivered("m0", MEMBERS[2]).cpim(), 200);
    script.met(&rule());
    script.gets(&drain, &delivered("m0", MEMBERS[2]).cpim(), 200);
    assert_eq!(script.met(&rule()).1[0].interpretation.as_deref(), Some("L14"));
}

#[test]
fn a_session_of_its_own_is_another_path() {
    let mut script = away();
    let store = "P-Asserted-Identity: <sip:rcse-standfw@example.com>\r\n";
    let session = script.drains_as(BOOKS, "<sip:target.example.com>", store, None);
    script.gets(&session, &aggregated(&notices()), 200);
    let (_, warnings) = script.met(&rule());
    assert_eq!(warnings[0].observed, "notification_path: stored_notification_session");
    assert_eq!(script.story().drains_of("Bob", BOOKS).count(), 0);
}

#[test]
fn what_was_not_reported_is_not_asked_for() {
    let mut script = Script::new();
    script.announces(BOOKS, "m0", "sip:bob@example.com", None);
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &aggregated(&notices()[..1]), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &aggregated(&notices()[..1]), 200);
    script.unseen(&rule(), Blame::Harness);
    script.unseen(&AllReportsReach { label: "unknown".to_owned(), ..rule() }, Blame::Harness);
}
