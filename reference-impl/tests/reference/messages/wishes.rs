//! What users wish of messages, and what their provider orders. [PF-MSG-01], [PF-PRF-01].

use super::*;
use crate::scene::document_server::{ROOT, one};
use crate::scene::header;
use cpm_reference::config::{Config, HiddenFrom, Policy, PreferencesAccess, Preset};
use pretty_assertions::assert_eq;

const REJECT: &str = "<p:handling>reject</p:handling>";
const ALLOW: &str = "<p:handling>allow</p:handling>";
const DEFER: &str = "<p:handling>defer</p:handling>";

fn preset(preset: Preset) -> Scene {
    let policy = Policy { preferences: preset, ..Policy::default() };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), policy)].into());
    scene.register("reg-1");
    scene
}

fn with_server(change: impl FnOnce(&mut Config)) -> Scene {
    let mut scene = Scene::with(|config| {
        config.preferences = Some(PreferencesAccess::at(ROOT.parse().unwrap()));
        change(config);
    });
    scene.documents.is_there = true;
    scene.register("reg-1");
    scene
}

/// It comes through, and is answered.
fn comes_through(scene: &mut Scene, target: &str) {
    let onward = goes_on(scene);
    assert_eq!(onward.request_uri(), Some(target));
    scene.accept(&onward);
    scene.response(Method::Message, 200);
}

#[test]
fn a_blocked_author_is_refused_and_no_device_hears_of_it() {
    let mut scene = preset(Preset { blocked: vec!["sip:carol@*".to_owned()], ..Preset::default() });
    sends(&mut scene, ALICE, BOB, "a");
    comes_through(&mut scene, CONTACT);
    sends(&mut scene, CAROL, BOB, "c");
    assert!(header(&refused(&mut scene, 603), Name::Warning).contains("does not allow"));
    sends(&mut scene, BOB, CAROL, "b");
    comes_through(&mut scene, CAROL);
}

#[test]
fn an_anonymous_author_is_refused_and_the_same_one_named_is_not() {
    let mut scene = preset(Preset { anonymous_refused: true, ..Preset::default() });
    let secret = pager(ALICE, BOB, "a").edit().set(Name::Privacy, "id");
    let secret = secret.set(Name::From, "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a").finish();
    scene.send(&secret);
    refused(&mut scene, 433);
    sends(&mut scene, ALICE, BOB, "b");
    comes_through(&mut scene, CONTACT);
}

#[test]
fn a_message_for_who_is_not_to_be_reached_now_rings_nowhere() {
    let mut scene = preset(Preset { unavailable: true, ..Preset::default() });
    sends(&mut scene, ALICE, BOB, "a");
    scene.none(Method::Message);
    assert!(scene.sip.pop_front().unwrap().status().is_some_and(|status| status > 200));
    let mut scene = with_server(|_| {});
    scene.documents.put(BOB, "index", &[(&one(CAROL), DEFER)]);
    sends(&mut scene, CAROL, BOB, "c");
    scene.none(Method::Message);
    scene.sip.clear();
    sends(&mut scene, ALICE, BOB, "a");
    comes_through(&mut scene, CONTACT);
}

#[test]
fn a_barred_address_hears_nothing_of_the_user() {
    let mut scene = preset(Preset { barred_callees: vec![CAROL.to_owned()], ..Preset::default() });
    sends(&mut scene, BOB, CAROL, "c");
    refused(&mut scene, 603);
    sends(&mut scene, BOB, ALICE, "a");
    comes_through(&mut scene, ALICE);
    sends(&mut scene, CAROL, BOB, "b");
    comes_through(&mut scene, CONTACT);
}

#[test]
fn a_hidden_author_is_named_to_the_trusted_alone() {
    let policy = Policy { preferences: Preset { hides_identity: true, ..Preset::default() }, ..Policy::default() };
    for (hidden_from, from) in
        [(HiddenFrom::AsSent, BOB), (HiddenFrom::MadeAnonymous, "sip:anonymous@anonymous.invalid")]
    {
        let mut scene = Scene::with(|config| {
            config.policies = [("plain".to_owned(), policy.clone())].into();
            config.hidden_from = hidden_from;
        });
        scene.register("reg-1");
        sends(&mut scene, BOB, ALICE, "b");
        let onward = goes_on(&mut scene);
        assert_eq!((onward.from().unwrap().uri, header(&onward, Name::Privacy)), (from, "id"));
        assert_eq!(header(&onward, Name::PAssertedIdentity), "<sip:bob@example.com>");
        scene.accept(&onward);
        scene.response(Method::Message, 200);
        sends(&mut scene, ALICE, BOB, "a");
        assert_eq!(goes_on(&mut scene).header(&Name::Privacy), None);
    }
}

#[test]
fn the_provider_has_the_last_word_in_both_directions() {
    let mut scene = with_server(|_| {});
    let carol = one(CAROL);
    let outward = format!("{carol}<p:direction>originating</p:direction>");
    scene.documents.put(BOB, "index", &[(&carol, REJECT)]);
    scene.documents.put(BOB, "provider", &[(&carol, ALLOW), (&outward, REJECT)]);
    sends(&mut scene, CAROL, BOB, "a");
    comes_through(&mut scene, CONTACT);
    sends(&mut scene, BOB, CAROL, "b");
    refused(&mut scene, 403);
    scene.documents.put(BOB, "provider", &[]);
    sends(&mut scene, CAROL, BOB, "c");
    refused(&mut scene, 603);
    sends(&mut scene, BOB, CAROL, "d");
    comes_through(&mut scene, CAROL);
}

#[test]
fn a_rule_about_messages_is_none_about_sessions() {
    let mut scene = with_server(|_| {});
    let messages = format!("{}<p:request>message</p:request>", one(CAROL));
    scene.documents.put(BOB, "index", &[(&messages, REJECT)]);
    sends(&mut scene, CAROL, BOB, "a");
    refused(&mut scene, 603);
    let sessions = format!("{}<p:request>session</p:request>", one(CAROL));
    scene.documents.put(BOB, "index", &[(&sessions, REJECT)]);
    sends(&mut scene, CAROL, BOB, "b");
    comes_through(&mut scene, CONTACT);
}

#[test]
fn a_message_waits_for_the_documents_and_notifications_do_not() {
    let mut scene = with_server(|_| {});
    scene.documents.silent = true;
    sends(&mut scene, ALICE, BOB, "a");
    scene.none(Method::Message);
    let report = bare(ALICE, BOB, "r").body("message/cpim", report("alice", "bob", "m0", "delivered")).build();
    scene.send(&report);
    assert_eq!(goes_on(&mut scene).body(), report.body());
    scene.pass(std::time::Duration::from_secs(1));
    goes_on(&mut scene);
}

#[test]
fn the_user_says_which_devices_have_messages() {
    let mut scene = with_server(|_| {});
    scene.register_tablet("reg-2");
    let tablet = format!("<p:devices only='true'><p:device instance='{TABLET_INSTANCE}'/></p:devices>");
    scene.documents.put(BOB, "index", &[("", &tablet)]);
    sends(&mut scene, ALICE, BOB, "a");
    comes_through(&mut scene, TABLET);
    scene.none(Method::Message);
    scene.documents.put(BOB, "index", &[]);
    sends(&mut scene, ALICE, BOB, "b");
    let both = [goes_on(&mut scene), goes_on(&mut scene)];
    assert_eq!(both.each_ref().map(Message::request_uri), [Some(CONTACT), Some(TABLET)]);
}
