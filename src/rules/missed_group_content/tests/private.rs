use serde_json::json;

use super::super::{CameWhole, NeverReaches, NothingTransient, PrivateKept, QuotaKept};
use super::script::*;
use crate::evidence::MemberStatus::{Connected, Removed};
use crate::evidence::{Direction, Event};
use crate::rules::{Judgement, Moment};
use crate::verdict::{Blame, FindingVerdict};

fn message(id: &str) -> Text {
    text(id, "sip:alice@example.com", &format!("words of {id}"))
}

fn never(label: &str) -> NeverReaches {
    NeverReaches { person: "Bob".to_owned(), group: BOOKS.to_owned(), label: label.to_owned() }
}

fn kept() -> PrivateKept {
    PrivateKept { person: "Bob".to_owned(), group: BOOKS.to_owned(), label: "p1".to_owned() }
}

fn whole() -> CameWhole {
    CameWhole { person: "Bob".to_owned(), group: BOOKS.to_owned(), label: "m1".to_owned() }
}

fn quota() -> QuotaKept {
    QuotaKept { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn transient() -> NothingTransient {
    NothingTransient { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

/// m1 to Bob, p2 private to Eve, m3 that is given up; Bob returns and gets these.
fn returned(came: &[Text]) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let eve = script.invites(BOOKS, "Eve", 200);
    script.announces(BOOKS, "m1", "sip:alice@example.com", None);
    script.announces(BOOKS, "p2", "sip:carol@example.com", Some("sip:eve@example.com"));
    script.announces(BOOKS, "m3", "sip:alice@example.com", None);
    script.event(Event::Aborted { message_id: "m3".to_owned() });
    script.sends(&focus, &message("m1").cpim(), 200);
    let private = Text { to: "sip:eve@example.com".to_owned(), ..message("p2") };
    script.sends(&eve, &private.cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for message in came {
        script.gets(&drain, &message.cpim(), 200);
    }
    script
}

#[test]
fn what_is_private_to_another_or_given_up_never_comes() {
    let script = returned(&[message("m1")]);
    for label in ["p2", "m3"] {
        script.undecided(&never(label));
        script.met(&never(label));
    }
    assert!(returned(&[message("m1"), message("p2")]).failed(&never("p2")).observed.contains("p2"));
    returned(&[message("m1"), message("m3")]).failed(&never("m3"));
    // Under a name that nobody gave it is the same message.
    returned(&[Text { id: "other".to_owned(), ..message("p2") }]).failed(&never("p2"));
    returned(&[]).unseen(&never("m1"), Blame::Harness);
    returned(&[]).unseen(&never("unknown"), Blame::Harness);
}

#[test]
fn what_is_of_a_type_not_kept_or_of_the_time_after_a_removal_need_not_come() {
    let refused = |came: bool| {
        let mut script = Script::new();
        script.accept_wrapped = "*";
        let focus = script.invites(BOOKS, "Bob", 200);
        script.announces(BOOKS, "v1", "sip:alice@example.com", None);
        let film = Text { content_type: "video/mp4", ..message("v1") };
        script.sends(&focus, &film.cpim(), 200);
        script.registers("Bob", "phone");
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        if came {
            script.gets(&drain, &film.cpim(), 200);
        }
        script
    };
    refused(false).met(&never("v1"));
    refused(true).failed(&never("v1"));
    let removed = |came: bool| {
        let mut script = Script::new();
        script.invites(BOOKS, "Bob", 200);
        let eve = script.invites(BOOKS, "Eve", 200);
        script.announces(BOOKS, "m1", "sip:alice@example.com", None);
        script.roster(BOOKS, &[("alice", Connected), ("bob", Removed)]);
        script.sends(&eve, &message("m1").cpim(), 200);
        script.registers("Bob", "phone");
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        if came {
            script.gets(&drain, &message("m1").cpim(), 200);
        }
        script
    };
    assert_eq!(removed(false).met(&never("m1")).1, vec![]);
    assert_eq!(removed(true).met(&never("m1")).1[0].interpretation.as_deref(), Some("L05"));
}

#[test]
fn one_who_never_returned_shows_nothing() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 200);
    script.announces(BOOKS, "p2", "sip:carol@example.com", Some("sip:eve@example.com"));
    script.unseen(&never("p2"), Blame::Harness);
}

fn private(to: &str) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.announces(BOOKS, "p1", "sip:carol@example.com", Some("sip:bob@example.com"));
    let sent = Text { to: "sip:bob@example.com".to_owned(), ..message("p1") };
    script.sends(&focus, &sent.cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    if !to.is_empty() {
        script.gets(&drain, &Text { to: to.to_owned(), ..message("p1") }.cpim(), 200);
    }
    script
}

#[test]
fn a_private_message_is_for_the_same_one_alone() {
    private("sip:bob@example.com").met(&kept());
    private("tel:+15550100").met(&kept());
    assert!(private("sip:conf-books@focus.example.com").failed(&kept()).observed.contains("conf-books"));
    private("sip:eve@example.com").failed(&kept());
    private("").undecided(&kept());
    private("").failed(&kept());
    returned(&[]).unseen(&kept(), Blame::Harness);
}

#[test]
fn a_message_comes_whole() {
    returned(&[message("m1")]).met(&whole());
    let cut = Text { text: "words".to_owned(), ..message("m1") };
    assert!(returned(&[cut]).failed(&whole()).observed.contains("5 octets"));
    returned(&[Text { content_type: "text/html", ..message("m1") }]).failed(&whole());
    returned(&[]).undecided(&whole());
    returned(&[]).failed(&whole());
    Script::new().unseen(&whole(), Blame::Unknown);
}

/// Five messages are stored and these come.
fn stored(came: &[&str]) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    for (id, status) in [("m1", 200), ("m2", 200), ("m3", 200), ("m4", 413), ("m5", 408)] {
        script.sends(&focus, &message(id).cpim(), status);
    }
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for id in came {
        script.gets(&drain, &message(id).cpim(), 200);
    }
    // What is said after the return is no matter of the quota.
    script.sends(&focus, &message("m6").cpim(), 200);
    script
}

#[test]
fn a_quota_keeps_what_the_statement_says() {
    stored(&["m1", "m2", "m3"]).met(&quota());
    assert!(stored(&["m1", "m2"]).failed(&quota()).observed.contains("m3"));
    assert!(stored(&["m1", "m2", "m3", "m4"]).failed(&quota()).observed.contains("m4"));
    stored(&["m3", "m4", "m5"]).failed(&quota());
    stored(&[]).undecided(&quota());
    let policy = |conduct: &str, quota: serde_json::Value| {
        stating(
            "store_policy",
            json!({"quota": quota, "quota_conduct": conduct, "retention": "expiry_ms", "refused_types": []}),
        )
    };
    let judge = |came: &[&str], statement| stored(came).judge_with(&quota(), &statement).judgement;
    let oldest = || policy("drop_oldest", json!(3));
    assert!(matches!(judge(&["m3", "m4", "m5"], oldest()), Judgement::Met { checks: 3 }));
    assert!(matches!(judge(&["m1", "m2", "m3"], oldest()), Judgement::Broken(_)));
    let none = judge(&["m1", "m2", "m3"], policy("refuse_new", json!("none")));
    assert!(matches!(none, Judgement::Unseen { blame: Blame::Configuration, .. }), "{none:?}");
    returned(&[message("m1")]).unseen(&quota(), Blame::Harness);
}

const COMPOSING: &str = "<?xml version=\"1.0\"?><isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>active\
                         </state></isComposing>";

fn composed() -> (Script, Wire, Wire) {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.send(&focus, Direction::Sent, "application/im-iscomposing+xml", COMPOSING.as_bytes(), 200);
    script.bodiless(&focus, 200);
    script.sends(&focus, &message("m1").cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("m1").cpim(), 200);
    (script, focus, drain)
}

#[test]
fn states_that_passed_are_gone() {
    let (script, ..) = composed();
    assert_eq!(script.met(&transient()).0, 2);
    script.undecided(&transient());
    let (mut script, _, drain) = composed();
    script.send(&drain, Direction::Received, "application/im-iscomposing+xml", COMPOSING.as_bytes(), 200);
    assert_eq!(script.failed(&transient()).verdict, FindingVerdict::Fail);
    // One that is sent now may come now.
    let (mut script, focus, drain) = composed();
    script.send(&focus, Direction::Sent, "application/im-iscomposing+xml", COMPOSING.as_bytes(), 200);
    script.send(&drain, Direction::Received, "application/im-iscomposing+xml", COMPOSING.as_bytes(), 200);
    script.met(&transient());
    returned(&[message("m1")]).unseen(&transient(), Blame::Harness);
}

#[test]
fn a_send_without_content_may_bind_a_connection_and_is_no_item() {
    let (mut script, _, drain) = composed();
    let n = script.upcoming();
    let bare = format!(
        "MSRP tid{n} SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: bind\r\nByte-Range: 1-0/0\r\n-------tid{n}$\r\n",
        drain.own_path, drain.target_path
    );
    script.octets(
        crate::evidence::Protocol::Msrp,
        &drain.actor,
        Some(drain.connection),
        Direction::Received,
        bare.clone(),
    );
    script.met(&transient());
    let typed = bare.replace("1-0/0\r\n", "1-0/0\r\nContent-Type: text/plain\r\n\r\n").replace("bind", "item");
    let typed = typed.replace("\r\n\r\n---", "\r\n\r\n\r\n---");
    script.octets(crate::evidence::Protocol::Msrp, &drain.actor, Some(drain.connection), Direction::Received, typed);
    let _ = script.judge(&transient(), Moment::Closed);
    script.failed(&transient());
}
