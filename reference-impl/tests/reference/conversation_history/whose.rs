//! Whose history is kept.

use super::*;
use crate::scene::document_server::ROOT;
use cpm_reference::config::PreferencesAccess;
use pretty_assertions::assert_eq;

const ASKED: [HistoryRequest; 2] = [HistoryRequest::RecipientSetting, HistoryRequest::SenderHeader];

/// One message each way, and a chat with one message each way.
fn talks(scene: &mut Scene) {
    scene.register("reg-1");
    taken(scene, &message_of(ALICE, BOB, "m1").build());
    taken(scene, &message_of(BOB, ALICE, "m2").build());
    let talk = Talk::begin(scene, ALICE, BOB, "c", false);
    scene.say("alice", "m3", &envelope(ALICE, BOB, "m3"));
    scene.say("bob", "m4", &envelope(BOB, ALICE, "m4"));
    talk.end(scene);
}

#[test]
fn nothing_is_kept_of_who_does_not_wish_it() {
    for (history, many) in [(Some(true), 5), (Some(false), 0), (None, 0)] {
        let mut scene = with_history(history, |_| {});
        talks(&mut scene);
        assert_eq!(scene.history.objects.len(), many, "{history:?}");
    }
}

#[test]
fn the_document_counts_before_the_policy() {
    for (word, policy, many) in [("on", Some(false), 5), ("off", Some(true), 0), ("on", None, 5)] {
        let mut scene =
            with_history(policy, |config| config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap())));
        scene.documents.put(BOB, "index", &[("", &format!("<p:history>{word}</p:history>"))]);
        talks(&mut scene);
        assert_eq!(scene.history.objects.len(), many, "{word} {policy:?}");
    }
}

#[test]
fn a_device_asks_for_one_message_or_one_session() {
    for (history, by, many) in [(None, &ASKED[..], 1), (Some(false), &ASKED, 0), (None, &ASKED[..1], 0)] {
        let mut scene = with_history(history, |config| config.history_request = by.to_vec());
        scene.register("reg-1");
        let header = || Name::parse("X-CPM-History");
        taken(&mut scene, &message_of(BOB, ALICE, "m1").header(header(), "store").build());
        taken(&mut scene, &message_of(BOB, ALICE, "m2").build());
        // What somebody else asks for is not for Bob's store.
        taken(&mut scene, &message_of(ALICE, BOB, "m3").header(header(), "store").build());
        assert_eq!(ids(&scene).len(), many, "{history:?}");
        let asked = Talk::begin(&mut scene, BOB, ALICE, "c", true);
        scene.say("bob", "m4", &envelope(BOB, ALICE, "m4"));
        scene.say("alice", "m5", &envelope(ALICE, BOB, "m5"));
        asked.end(&mut scene);
        assert_eq!(ids(&scene).len(), 3 * many);
        let plain = Talk::begin(&mut scene, BOB, ALICE, "d", false);
        scene.say("bob", "m6", &envelope(BOB, ALICE, "m6"));
        plain.end(&mut scene);
        assert_eq!(ids(&scene).len(), 3 * many);
    }
}
