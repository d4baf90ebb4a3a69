use super::super::{AllJoined, NothingAfterLeaving, OnlyThere, ReachesAll, ShownOnce};
use super::*;
use crate::evidence::Direction::{Received, Sent};
use crate::rules::{Judgement, Moment};
use crate::verdict::{Blame, FindingVerdict};

fn joined() -> AllJoined {
    AllJoined { session: owned(LUNCH), person: owned("Bob"), devices: vec![owned("phone"), owned("watch")] }
}

fn reaches(label: &str, devices: &[&str]) -> ReachesAll {
    let devices = devices.iter().map(|name| owned(name)).collect();
    ReachesAll { session: owned(LUNCH), person: owned("Bob"), label: owned(label), devices }
}

fn left(label: &str) -> NothingAfterLeaving {
    NothingAfterLeaving { session: owned(LUNCH), person: owned("Bob"), device: owned("phone"), label: owned(label) }
}

fn only() -> OnlyThere {
    OnlyThere { session: owned(LUNCH), person: owned("Bob"), device: owned("watch") }
}

fn shown() -> ShownOnce {
    ShownOnce { session: owned(LUNCH), person: owned("Bob"), label: owned("Read this") }
}

#[test]
fn all_who_accept_are_in_it() {
    let (mut talk, _, _, watch) = together();
    assert_eq!(talk.met(&joined()), (5, vec![]));
    talk.byes(&watch, Received, 200);
    assert!(talk.failed(&joined()).observed.contains("the watch was sent away"));
    let (mut one, near, phone, _) = rings();
    picks_up(&mut one, &near, &phone);
    one.undecided(&joined());
    assert!(one.failed(&joined()).observed.contains("the watch did not come to be in it"));
}

#[test]
fn what_is_said_comes_to_everybody_else() {
    let (mut talk, near, phone, watch) = together();
    says(&mut talk, &near, &[&phone], "To all");
    talk.undecided(&reaches("To all", &["phone", "watch"]));
    assert!(talk.failed(&reaches("To all", &["phone", "watch"])).observed.contains("never came to the watch"));
    says(&mut talk, &near, &[&phone, &watch], "To both");
    assert_eq!(talk.met(&reaches("To both", &["phone", "watch"])), (3, vec![]));
    says(&mut talk, &phone, &[&near], "Mine");
    assert!(talk.failed(&reaches("Mine", &["watch"])).observed.contains("never came to the watch"));
    says(&mut talk, &phone, &[&watch], "Ours");
    assert!(talk.failed(&reaches("Ours", &["watch"])).observed.contains("never came to the other side"));
    says(&mut talk, &phone, &[&near, &watch], "Everybody's");
    talk.met(&reaches("Everybody's", &["watch"]));
    talk.unseen(&reaches("Nobody's", &["watch"]), Blame::Harness);
}

#[test]
fn what_comes_back_to_its_author_is_a_repetition_and_an_altered_copy_is_none() {
    let (mut talk, near, phone, watch) = together();
    says(&mut talk, &phone, &[&near, &watch, &phone], "Echo");
    let warnings = talk.met(&reaches("Echo", &["watch"])).1;
    assert_eq!((warnings.len(), warnings[0].interpretation.as_deref()), (1, Some("L14")));
    let altered = Text { text: owned("Echo!"), ..message(Alice, "Altered") };
    let original = message(Alice, "Altered");
    talk.label(LUNCH, &original);
    talk.sends(&near.wire, &original.cpim(), 200);
    talk.gets(&phone.wire, &original.cpim(), 200);
    talk.gets(&watch.wire, &altered.cpim(), 200);
    assert!(talk.failed(&reaches("Altered", &["phone", "watch"])).observed.contains("the watch got it with"));
}

#[test]
fn who_has_left_gets_nothing_more_and_the_others_stay() {
    let (mut talk, near, phone, watch) = together();
    talk.byes(&phone, Sent, 200);
    talk.unseen(&left("Gone?"), Blame::Harness);
    says(&mut talk, &near, &[&watch], "Gone?");
    talk.undecided(&left("Gone?"));
    assert_eq!(talk.met(&left("Gone?")), (1, vec![]));
    says(&mut talk, &near, &[&watch, &phone], "Still?");
    assert!(talk.failed(&left("Still?")).observed.contains("came to it"));
    let (mut all, near, phone, watch) = together();
    all.byes(&phone, Sent, 200);
    all.byes(&watch, Received, 200);
    all.byes(&near, Received, 200);
    assert!(all.failed(&left("Gone?")).observed.contains("was sent away"));
}

#[test]
fn a_device_that_is_not_wanted_is_not_called() {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let watch = talk.reaches(LUNCH, Watch);
    talk.undecided(&only());
    picks_up(&mut talk, &near, &watch);
    talk.undecided(&only());
    assert_eq!(talk.met(&only()), (2, vec![]));
    talk.reaches(LUNCH, Bob);
    assert!(talk.failed(&only()).observed.contains("the phone was called too"));
}

/// Both devices say that they have shown what Alice said, and so many reports go on to her.
fn reported(times: usize) -> Talk {
    let (mut talk, near, phone, watch) = together();
    says(&mut talk, &near, &[&phone, &watch], "Read this");
    let report = |id: &str| {
        format!(
            "From: <sip:bob@example.com>\r\nTo: <sip:alice@example.com>\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
             imdn.Message-ID: {id}\r\nDateTime: 2026-03-03T10:00:00Z\r\n\r\nContent-Type: message/imdn+xml\r\n\
             Content-Disposition: notification\r\n\r\n<?xml version=\"1.0\"?><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">\
             <message-id>id-Read-this</message-id><datetime>2026-03-03T10:00:00Z</datetime><display-notification>\
             <status><displayed/></status></display-notification></imdn>"
        )
    };
    for line in [&phone, &watch] {
        talk.sends(&line.wire, &report("r"), 200);
    }
    for time in 0..times {
        talk.gets(&near.wire, &report(&format!("r{time}")), 200);
    }
    talk
}

#[test]
fn the_author_learns_once_or_for_each_device() {
    assert_eq!(reported(1).met(&shown()), (1, vec![]));
    assert_eq!(reported(2).met(&shown()), (2, vec![]));
    for times in [0, 3] {
        let Judgement::Broken(finding) = reported(times).judge(&shown(), Moment::Closed).judgement else {
            panic!("{times}")
        };
        assert_eq!(finding.verdict, FindingVerdict::Warning, "a policy never fails by itself");
    }
}
