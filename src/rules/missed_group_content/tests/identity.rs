use super::super::{AnonymityKept, IdentityKept};
use super::script::*;
use crate::evidence::{Direction, Event};
use crate::verdict::Blame;

const ALIAS: &str = "sip:anonymous-1@anonymous.invalid";

fn kept() -> IdentityKept {
    IdentityKept { person: "Bob".to_owned(), group: BOOKS.to_owned(), identity_name: "Alice".to_owned() }
}

fn hidden() -> AnonymityKept {
    AnonymityKept { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn open() -> Text {
    text("m1", "sip:alice@example.com", "open words")
}

fn veiled() -> Text {
    text("m2", ALIAS, "veiled words")
}

fn away() -> Script {
    let mut script = Script::new();
    script.event(Event::Hidden {
        group: BOOKS.to_owned(),
        identity: "sip:carol@example.com".to_owned(),
        alias: ALIAS.to_owned(),
    });
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &open().cpim(), 200);
    script.sends(&focus, &veiled().cpim(), 200);
    script.registers("Bob", "phone");
    script
}

const CONTACT: &str = "<sip:conf-books@focus.example.com>;isfocus";

/// Bob gets these in a drain with these headers.
fn returned(headers: &str, came: &[Text]) -> Script {
    let mut script = away();
    let drain = script.drains_as(BOOKS, CONTACT, headers, None);
    for message in came {
        script.gets(&drain, &message.cpim(), 200);
    }
    script
}

#[test]
fn an_open_author_is_named() {
    let focus = "P-Asserted-Identity: <sip:conf-books@focus.example.com>\r\n";
    assert_eq!(returned(focus, &[open(), veiled()]).met(&kept()), (1, vec![]));
    let unnamed = Text { from: ALIAS, ..open() };
    assert!(returned(focus, &[unnamed, veiled()]).failed(&kept()).observed.contains("anonymous"));
    returned(focus, &[Text { from: "sip:dave@example.com", ..open() }]).failed(&kept());
    returned(focus, &[veiled()]).undecided(&kept());
    returned(focus, &[veiled()]).failed(&kept());
    let silent = IdentityKept { identity_name: "Dave".to_owned(), ..kept() };
    returned(focus, &[open()]).unseen(&silent, Blame::Harness);
}

#[test]
fn the_identity_of_the_delivery_is_one_of_the_ledger() {
    let words = |headers: &str| {
        let (_, warnings) = returned(headers, &[open(), veiled()]).met(&kept());
        warnings.into_iter().map(|warning| warning.observed).collect::<Vec<_>>()
    };
    assert_eq!(words(""), Vec::<String>::new());
    assert_eq!(words("P-Asserted-Identity: <sip:rcse-standfw@example.com>\r\n"), ["drain_identity: rcse_standfw"]);
    assert_eq!(words("P-Asserted-Identity: <sip:alice@example.com>\r\n"), ["drain_identity: inviter"]);
    let strange = "P-Asserted-Identity: <sip:nobody@elsewhere.example>\r\n";
    returned(strange, &[open(), veiled()]).outside(&kept(), "L27");
}

#[test]
fn who_hides_stands_nowhere() {
    let well = returned("", &[open(), veiled()]);
    well.undecided(&hidden());
    well.met(&hidden());
    let leaks = |script: Script| script.failed(&hidden());
    leaks(returned("", &[open(), Text { from: "sip:carol@example.com", ..veiled() }]));
    leaks(returned("P-Asserted-Identity: <sip:Carol@Example.com>\r\n", &[open(), veiled()]));
    leaks(returned("Referred-By: <sip:carol@example.com;user=phone>\r\n", &[open(), veiled()]));
    let mut listed = returned("", &[open(), veiled()]);
    let call_id = listed.subscribes(BOOKS, "Bob", "phone", 200);
    listed.notifies(&call_id, &document("full", 1, &[("alice", "connected")]));
    listed.met(&hidden());
    listed.notifies(&call_id, &document("partial", 2, &[("carol", "connected")]));
    assert!(leaks(listed).observed.contains("carol@example.com"));
    let mut in_list = away();
    in_list.drains_as(BOOKS, CONTACT, "", Some(&["alice", "carol"]));
    leaks(in_list);
}

#[test]
fn another_of_a_longer_name_and_another_chat_tell_nothing() {
    let mut script = returned("Referred-By: <sip:notcarol@example.com>\r\n", &[open(), veiled()]);
    let other = script.invites(CHESS, "Bob", 200);
    let move_one = text("c1", "sip:carol@example.com", "e4");
    script.sends(&other, &move_one.cpim(), 200);
    let chess = script.drains(CHESS, "Bob", "phone", "sendrecv", 200);
    script.gets(&chess, &move_one.cpim(), 200);
    script.met(&hidden());
    // Towards the network the identity is no secret.
    script.pages(Direction::Received, "sip:carol@example.com", "", &open().cpim());
    script.met(&hidden());
}

#[test]
fn nobody_hides_or_nothing_came() {
    let mut open_chat = Script::new();
    open_chat.invites(BOOKS, "Bob", 200);
    open_chat.unseen(&hidden(), Blame::Harness);
    away().failed(&hidden());
}
