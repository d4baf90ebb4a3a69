//! What is published of a user, and when.

use super::*;
use crate::scene::header;
use cpm_reference::config::WhenGone;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn source() -> Scene {
    with(|conduct| conduct.watcher = false)
}

/// Tag, Expires, and what each tuple says.
fn told(publish: &Message) -> (Option<&str>, u32, Vec<Basic>) {
    let basics = match publish.body().is_empty() {
        true => Vec::new(),
        false => Document::parse(publish.body()).unwrap().tuples.into_iter().filter_map(|tuple| tuple.basic).collect(),
    };
    (publish.header(&Name::SipIfMatch), publish.expires().unwrap(), basics)
}

#[test]
fn the_first_device_is_published_on_behalf_of_its_user() {
    let mut scene = source();
    scene.register("reg-1");
    let publish = scene.request(Method::Publish);
    scene.none(Method::Subscribe);
    assert_eq!(publish.request_uri(), Some(BOB));
    for (name, value) in [
        (Name::Route, &*format!("<sip:{CSCF};lr;orig>")),
        (Name::Event, "presence"),
        (Name::ContentType, "application/pidf+xml"),
        (Name::PAssertedIdentity, &*format!("<{BOB}>")),
        (Name::PServedUser, &*format!("<{BOB}>;sescase=orig;regstate=reg")),
        (Name::To, &*format!("<{BOB}>")),
    ] {
        assert_eq!(header(&publish, name.clone()), value, "{name}");
    }
    assert_eq!((publish.header(&Name::Contact), publish.to_tag()), (None, None));
    assert_eq!(told(&publish), (None, 3600, vec![Basic::Open]));
    assert_eq!(Document::parse(publish.body()).unwrap().entity, BOB);
}

#[test]
fn each_change_of_the_devices_is_published_under_the_last_tag() {
    let mut scene = source();
    scene.register("reg-1");
    let first = taken(&mut scene, "t1", 3600);
    scene.register("reg-2");
    scene.none(Method::Publish);
    scene.register_tablet("reg-3");
    let second = taken(&mut scene, "t2", 3600);
    assert_eq!(told(&second), (Some("t1"), 3600, vec![Basic::Open, Basic::Open]));
    assert_eq!((second.call_id(), header(&second, Name::CSeq)), (first.call_id(), "2 PUBLISH"));
    scene.send(&register("reg-4", TABLET_INSTANCE, TABLET, "", 0));
    assert_eq!(told(&taken(&mut scene, "t3", 3600)), (Some("t2"), 3600, vec![Basic::Open]));
    scene.send(&register("reg-5", INSTANCE, CONTACT, "", 0));
    assert_eq!(told(&taken(&mut scene, "t4", 3600)), (Some("t3"), 3600, vec![Basic::Closed]));
    // What is said of who is gone is not said again; who comes back in time changes it.
    scene.pass(Duration::from_secs(3590));
    scene.none(Method::Publish);
    scene.sip.clear();
    scene.register("reg-6");
    assert_eq!(told(&taken(&mut scene, "t5", 3600)), (Some("t4"), 3600, vec![Basic::Open]));
}

#[test]
fn who_comes_back_when_all_has_run_out_is_published_anew() {
    let mut scene = source();
    scene.register("reg-1");
    taken(&mut scene, "t1", 3600);
    scene.send(&register("reg-2", INSTANCE, CONTACT, "", 0));
    taken(&mut scene, "t2", 60);
    scene.pass(Duration::from_secs(61));
    scene.sip.clear();
    scene.register("reg-3");
    assert_eq!(told(&taken(&mut scene, "t3", 3600)), (None, 3600, vec![Basic::Open]));
}

#[test]
fn the_publication_of_who_is_gone_may_be_removed() {
    let mut scene = with(|conduct| conduct.when_gone = WhenGone::Removed);
    scene.register("reg-1");
    taken(&mut scene, "t1", 3600);
    scene.send(&register("reg-2", INSTANCE, CONTACT, "", 0));
    let removal = taken(&mut scene, "t2", 0);
    assert_eq!(told(&removal), (Some("t1"), 0, vec![]));
    assert_eq!(removal.header(&Name::ContentType), None);
    scene.sip.clear();
    scene.register("reg-3");
    assert_eq!(told(&taken(&mut scene, "t3", 3600)), (None, 3600, vec![Basic::Open]));
}

#[test]
fn a_registration_that_runs_out_is_a_device_that_has_gone() {
    let mut scene = source();
    scene.send(&register("reg-1", INSTANCE, CONTACT, &format!(";{GROUP_TAG}"), 100));
    taken(&mut scene, "t1", 3600);
    scene.pass(Duration::from_secs(101));
    assert_eq!(told(&taken(&mut scene, "t2", 3600)), (Some("t1"), 3600, vec![Basic::Closed]));
}

#[test]
fn a_publication_lasts_by_being_refreshed() {
    let mut scene = source();
    scene.register("reg-1");
    taken(&mut scene, "t1", 20);
    scene.pass(Duration::from_secs(11));
    assert_eq!(told(&taken(&mut scene, "t2", 20)), (Some("t1"), 3600, vec![]));
    scene.pass(Duration::from_secs(11));
    assert_eq!(told(&taken(&mut scene, "t3", 20)), (Some("t2"), 3600, vec![]));
}

#[test]
fn a_publication_that_is_not_known_is_made_anew_and_one_too_brief_longer() {
    let mut scene = source();
    scene.register("reg-1");
    taken(&mut scene, "t1", 3600);
    scene.register_tablet("reg-2");
    let change = scene.request(Method::Publish);
    scene.answer(&change, 412, "", None);
    let anew = scene.request(Method::Publish);
    assert_eq!(told(&anew), (None, 3600, vec![Basic::Open, Basic::Open]));
    answered_with(&mut scene, &anew, 423, Name::MinExpires, "7200");
    assert_eq!(told(&taken(&mut scene, "u1", 7200)), (None, 7200, vec![Basic::Open, Basic::Open]));
}

#[test]
fn a_refusal_or_silence_costs_no_message() {
    for status in [489, 403, 500, 0] {
        let mut scene = source();
        scene.register("reg-1");
        let publish = scene.request(Method::Publish);
        match status {
            0 => scene.pass(Duration::from_secs(33)),
            _ => drop(scene.answer(&publish, status, "", None)),
        }
        scene.none(Method::Publish);
        comes_at_once(&mut scene, "a");
        scene.register_tablet("reg-2");
        assert_eq!(told(&taken(&mut scene, "t1", 3600)), (None, 3600, vec![Basic::Open, Basic::Open]));
    }
}

#[test]
fn an_acceptance_without_a_tag_is_one_that_nothing_follows() {
    let mut scene = source();
    scene.register("reg-1");
    let publish = scene.request(Method::Publish);
    answered_with(&mut scene, &publish, 200, Name::Expires, "20");
    scene.pass(Duration::from_secs(30));
    scene.none(Method::Publish);
    comes_at_once(&mut scene, "a");
}

#[test]
fn nobody_else_has_presence() {
    let mut scene = Scene::with(|config| config.presence = Some(PresenceConduct::both()));
    scene.register("reg-1");
    let mut unasked = Scene::with(|config| {
        present(config);
        config.presence = None;
    });
    unasked.register("reg-1");
    for scene in [scene, unasked] {
        scene.none(Method::Publish);
        scene.none(Method::Subscribe);
    }
}

#[test]
fn after_a_restart_all_is_published_anew() {
    let mut scene = with(|_| {});
    scene.register("reg-1");
    taken(&mut scene, "t1", 3600);
    subscribed(&mut scene);
    scene.restart();
    assert_eq!(told(&taken(&mut scene, "u1", 3600)), (None, 3600, vec![Basic::Open]));
    subscribed(&mut scene);
}
