use super::super::{Private, Shown};
use crate::rules::sessions::tests::script::Who::{Alice, Bob};
use crate::rules::sessions::tests::script::*;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

const NOBODY: &str = "From: <sip:anonymous@anonymous.invalid>";

fn private() -> Private {
    Private { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn shown() -> Shown {
    Shown { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// Bob's call and what the target makes of it; the call stands.
fn called(sent: impl Fn(String) -> String, passed: impl Fn(String) -> String) -> Talk {
    let mut talk = Talk::new();
    let near = talk.calls_as(LUNCH, Bob, sent);
    let far = talk.reaches_as(LUNCH, Alice, passed);
    talk.answers(&far, 200);
    talk.answers(&near, 200);
    talk
}

fn same(invite: String) -> String {
    invite
}

fn nameless(invite: String) -> String {
    invite.replace("From: <sip:bob@example.com>", NOBODY)
}

fn with_privacy(words: &'static str) -> impl Fn(String) -> String {
    move |invite| invite.replace("Contribution-ID:", &format!("Privacy: {words}\r\nContribution-ID:"))
}

#[test]
fn privacy_is_asked_for_in_whichever_words_name_the_asserted_identity() {
    for words in ["id", "user;id", "header; ID ;critical"] {
        let talk = called(nameless, |invite| nameless(with_privacy(words)(invite)));
        assert_eq!(talk.met(&private()), (3, vec![]), "{words}");
    }
    for words in ["none", "user", "identity"] {
        called(nameless, |invite| nameless(with_privacy(words)(invite))).failed(&private());
    }
    called(nameless, nameless).failed(&private());
}

#[test]
fn the_network_is_told_who_calls_all_the_same() {
    let asserted = "P-Asserted-Identity: <sip:bob@example.com>\r\n";
    let unasserted = |invite: String| with_privacy("id")(invite).replace(asserted, "");
    assert!(called(same, unasserted).failed(&private()).observed.starts_with("P-Asserted-Identity []"));
    // Nothing says any more whose call it is.
    called(nameless, |invite| nameless(unasserted(invite))).failed(&private());
    let another =
        |invite: String| with_privacy("id")(nameless(invite)).replace("Identity: <sip:bob@", "Identity: <sip:carol@");
    called(nameless, another).failed(&private());
}

#[test]
fn a_from_that_is_made_anonymous_is_a_warning_and_another_one_is_wrong() {
    let (_, warnings) = called(same, |invite| with_privacy("id")(nameless(invite))).met(&private());
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L34"));
    assert_eq!(called(same, with_privacy("id")).met(&private()).1, []);
    let another = |invite: String| with_privacy("id")(invite).replace("From: <sip:bob@", "From: <sip:carol@");
    called(same, another).failed(&private());
}

#[test]
fn who_wishes_to_be_known_is() {
    called(same, same).met(&shown());
    called(same, nameless).failed(&shown());
    called(same, with_privacy("id")).outside(&shown(), "L34");
    called(same, with_privacy("none")).met(&shown());
}

#[test]
fn a_call_that_does_not_stand_shows_nothing() {
    for status in [403, 500] {
        let mut talk = Talk::new().registered();
        let near = talk.calls_as(LUNCH, Bob, nameless);
        talk.answers(&near, status);
        talk.failed(&private());
        talk.failed(&shown());
    }
    Talk::new().registered().unseen(&private(), Blame::Harness);
    Talk::new().registered().unseen(&shown(), Blame::Harness);
}
