//! What is published, and how one publication builds on another.

use super::{pass, published, publishes, refused, there};
use crate::evidence::Direction::Sent;
use crate::rules::missed_group_content::tests::script::Script;
use crate::rules::presence::{EntityTags, KeptUp, LongEnough, Published, PublishedAnew};
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn is(state: &str) -> Published {
    Published { person: "Bob".to_owned(), state: state.to_owned() }
}

fn tags() -> EntityTags {
    EntityTags { person: "Bob".to_owned() }
}

fn anew() -> PublishedAnew {
    PublishedAnew { person: "Bob".to_owned() }
}

fn kept_up() -> KeptUp {
    KeptUp { person: "Bob".to_owned() }
}

fn long_enough() -> LongEnough {
    LongEnough { person: "Bob".to_owned() }
}

/// Bob is there, and it is published.
fn open() -> Script {
    let mut script = there();
    published(&mut script, None, Some("open"), "one");
    script
}

#[test]
fn what_is_held_is_what_was_published_last_and_is_not_over() {
    let script = open();
    assert_eq!(script.met(&is("open")).0, 1);
    assert!(script.failed(&is("closed")).observed.contains("still says open"));
    let mut refreshed = open();
    published(&mut refreshed, Some("one"), None, "two");
    refreshed.met(&is("open"));
    let mut changed = open();
    published(&mut changed, Some("one"), Some("closed"), "two");
    changed.met(&is("closed"));
    assert!(changed.failed(&is("open")).observed.contains("says closed"));
    let mut removed = open();
    let request = publishes(&mut removed, Some("one"), 0, None);
    removed.sip(Sent, request.answer(200, "SIP-ETag: two\r\nExpires: 0\r\n", ""));
    removed.met(&is("closed"));
    assert!(removed.failed(&is("open")).observed.contains("in force"));
    let mut over = open();
    pass(&mut over, 61);
    published(&mut over, None, Some("closed"), "two");
    over.met(&is("closed"));
    over.failed(&is("open"));
}

#[test]
fn several_publications_of_a_user_are_legal_and_one_that_is_open_is_enough() {
    let mut script = open();
    published(&mut script, None, Some("closed"), "other");
    assert_eq!(script.met(&is("open")).0, 2);
    published(&mut script, Some("one"), Some("closed"), "two");
    script.met(&is("closed"));
    script.met(&tags());
}

#[test]
fn what_was_never_published_or_refused_or_cannot_be_read_is_told_apart() {
    assert!(there().failed(&is("open")).observed.contains("nothing was published"));
    let mut script = there();
    refused(&mut script, None, 403, "");
    assert!(script.failed(&is("open")).observed.contains("refused (403)"));
    let mut script = there();
    publishes(&mut script, None, 3600, Some("open"));
    assert!(script.failed(&is("open")).observed.contains("never answered"));
    let mut script = there();
    published(&mut script, None, Some("perhaps"), "one");
    assert!(script.unseen(&is("open"), Blame::Unknown).contains("open or closed"));
}

#[test]
fn each_tag_is_the_one_that_was_given_last() {
    let mut script = open();
    script.failed(&tags());
    published(&mut script, Some("one"), None, "two");
    published(&mut script, Some("two"), Some("closed"), "three");
    assert_eq!(script.met(&tags()).0, 2);
    // Whoever was refused for another reason may come back to it.
    refused(&mut script, Some("three"), 500, "");
    published(&mut script, Some("three"), None, "four");
    assert_eq!(script.met(&tags()).0, 4);
    published(&mut script, Some("three"), None, "five");
    assert!(script.failed(&tags()).observed.contains("gave another"));
    let mut script = open();
    published(&mut script, Some("none"), None, "two");
    assert!(script.failed(&tags()).observed.contains("never given"));
    let mut script = open();
    published(&mut script, None, None, "two");
    assert!(script.failed(&tags()).observed.contains("no body"));
}

#[test]
fn what_is_not_known_any_more_is_published_anew() {
    let mut script = open();
    script.failed(&anew());
    refused(&mut script, Some("one"), 412, "");
    assert!(script.failed(&anew()).observed.contains("nothing was published after"));
    let mut again = script.clone_records();
    refused(&mut again, Some("one"), 412, "");
    assert!(again.failed(&anew()).observed.contains("names an entity tag again"));
    assert!(again.failed(&tags()).observed.contains("412"));
    published(&mut script, None, Some("open"), "two");
    assert_eq!(script.met(&anew()).0, 2);
    script.met(&tags());
    script.met(&is("open"));
    let mut never = open();
    published(&mut never, Some("one"), None, "two");
    never.unseen(&anew(), Blame::Harness);
    assert!(there().failed(&anew()).observed.contains("nothing was published"));
}

#[test]
fn what_is_published_is_refreshed_in_time() {
    let mut script = open();
    assert!(script.failed(&kept_up()).observed.contains("nothing was published after"));
    pass(&mut script, 50);
    published(&mut script, Some("one"), None, "two");
    pass(&mut script, 50);
    script.registers("Eve", "phone");
    assert_eq!(script.met(&kept_up()).0, 1);
    pass(&mut script, 20);
    published(&mut script, None, Some("open"), "three");
    assert!(script.failed(&kept_up()).observed.contains("was over"));
    let mut lapsed = open();
    pass(&mut lapsed, 70);
    lapsed.registers("Eve", "phone");
    assert!(lapsed.failed(&kept_up()).observed.contains("was over"));
    assert!(there().failed(&kept_up()).observed.contains("nothing was published"));
}

#[test]
fn who_is_too_brief_asks_for_longer_or_not_again() {
    let mut script = there();
    assert!(script.failed(&long_enough()).observed.contains("nothing was published"));
    refused(&mut script, None, 423, "Min-Expires: 7200\r\n");
    script.undecided(&long_enough());
    assert_eq!(script.met(&long_enough()).0, 1);
    let mut short = script.clone_records();
    publishes(&mut short, None, 3600, Some("open"));
    assert!(short.failed(&long_enough()).observed.contains("3600 seconds"));
    publishes(&mut script, None, 7200, Some("open"));
    assert_eq!(script.met(&long_enough()).0, 2);
    assert_eq!(open().met(&long_enough()).0, 2);
}
