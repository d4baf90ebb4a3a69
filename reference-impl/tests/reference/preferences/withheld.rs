//! What somebody had said whom the user has blocked since.

use super::*;
use crate::scene::document_server::one;
use cpm_reference::config::BlockedContent;
use pretty_assertions::assert_eq;

/// Alice and Carol talk while Bob is away; then he blocks Carol, and comes. Gives what his phone gets.
fn drained(blocked_content: BlockedContent) -> Vec<String> {
    let mut scene = Scene::with(|config| {
        config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
        config.blocked_content = blocked_content;
    });
    scene.documents.is_there = true;
    scene.stand_in("1");
    for (author, id) in [("alice", "m1"), ("carol", "m2"), ("alice", "m3")] {
        scene.say("focus-1", id, &message(author, id, id));
        assert_eq!(scene.status_of("focus-1", id), Some(200));
    }
    scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    let bodies = scene.heard("phone").iter().map(|octets| String::from_utf8_lossy(octets).into_owned());
    bodies.map(|body| body.rsplit("\r\n").next().unwrap().to_owned()).collect()
}

#[test]
fn it_is_delivered_with_the_rest() {
    assert_eq!(drained(BlockedContent::Deliver), ["m1", "m2", "m3"]);
}

#[test]
fn it_is_withheld_where_that_is_wished_and_the_rest_is_delivered() {
    assert_eq!(drained(BlockedContent::Withhold), ["m1", "m3"]);
}

#[test]
fn who_invited_does_not_matter_to_a_drain() {
    let mut scene = Scene::with(|config| {
        config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
        config.blocked_content = BlockedContent::Withhold;
    });
    scene.documents.is_there = true;
    scene.stand_in("1");
    scene.say("focus-1", "m1", &message("carol", "m1", "m1"));
    // Alice invited him.
    scene.documents.put(BOB, "index", &[(&one(ALICE), REJECT)]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone").len(), 1);
}
