//! What was acknowledged is on the disk; what cannot be written is not acknowledged. [PF-MSG-04, L14]

use super::*;
use cpm_reference::store::{Done, Sqlite, Token, Write};
use pretty_assertions::assert_eq;
use std::time::Duration;

fn sends(scene: &mut Scene, id: &str) {
    scene.send(&from_alice(id, ABSENT).body("message/cpim", envelope(id, &["negative-delivery"])).build());
}

#[test]
fn the_sender_hears_once_it_is_on_the_disk() {
    let mut scene = Scene::new();
    scene.hold_disk = true;
    sends(&mut scene, "m1");
    assert!(scene.starts().is_empty(), "{:?}", scene.starts());
    scene.release_disk();
    scene.response(Method::Message, 202);
}

#[test]
fn it_outlives_a_restart_with_its_lifetime() {
    let mut scene = Scene::new();
    let brief = from_alice("m1", ABSENT).header(Name::Expires, 10);
    scene.send(&brief.body("message/cpim", envelope("m1", &["negative-delivery"])).build());
    scene.response(Method::Message, 202);
    deferred(&mut scene, &["m2"]);
    scene.restart();
    scene.pass(Duration::from_secs(11));
    let failed = pushed_to(&mut scene, ALICE);
    scene.accept(&failed);
    scene.restart();
    scene.register("reg-1");
    let sent = pushed_to(&mut scene, CONTACT);
    assert_eq!(sent.body(), envelope("m2", &["negative-delivery"]));
    scene.accept(&sent);
    scene.restart();
    scene.register("reg-2");
    scene.none(Method::Message);
}

#[test]
fn a_full_disk_refuses_and_recovers_by_itself() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1"]);
    scene.disk_full = true;
    sends(&mut scene, "m2");
    scene.response(Method::Message, 500);
    // What a device has meanwhile is delivered, and forgotten once that can be written.
    scene.disk_full = false;
    deferred(&mut scene, &["m3"]);
    scene.register("reg-1");
    let first = pushed_to(&mut scene, CONTACT);
    scene.disk_full = true;
    scene.accept(&first);
    let last = pushed_to(&mut scene, CONTACT);
    scene.accept(&last);
    assert_eq!(scene.store.contents().deferred.len(), 2);
    sends(&mut scene, "m4");
    scene.response(Method::Message, 500);
    scene.pass(Duration::from_secs(3));
    scene.disk_full = false;
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.store.contents().deferred.len(), 0);
    deferred(&mut scene, &["m5"]);
}

#[test]
fn what_cannot_be_read_waits() {
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1"]);
    scene.register("reg-0");
    let first = pushed_to(&mut scene, CONTACT);
    scene.answer(&first, 480, "", None);
    scene.disk_full = true;
    scene.register("reg-1");
    fetch(&mut scene, CONTACT, "m1", "one");
    scene.response(Method::Invite, 500);
    scene.none(Method::Message);
    scene.disk_full = false;
    scene.pass(Duration::from_secs(2));
    scene.register("reg-2");
    let sent = pushed_to(&mut scene, CONTACT);
    scene.accept(&sent);
}

#[test]
fn the_store_on_disk_gives_back_what_the_one_in_memory_does() {
    let file = std::env::temp_dir().join(format!("cpm-reference-deferred-{}.sqlite", std::process::id()));
    let remove = || {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
        }
    };
    remove();
    let mut scene = Scene::new();
    deferred(&mut scene, &["m1", "m2"]);
    let brief = from_alice("m3", ABSENT).header(Name::Expires, 5);
    scene.send(&brief.body("message/cpim", envelope("m3", &[])).build());
    let ids: Vec<u64> = scene.store.contents().deferred.iter().map(|entry| entry.id).collect();
    let records = scene.store.load(&ids, true);
    assert_eq!(records.len(), 3);
    let (store, _) = Sqlite::open(&file, |_| {}).unwrap();
    for (n, record) in records.iter().enumerate() {
        store.persist(Token(n as u64), vec![Write::Deferred(Box::new(record.clone()))]);
    }
    drop(store);
    let (tell, told) = std::sync::mpsc::channel();
    let (store, contents) = Sqlite::open(&file, move |done| tell.send(done).unwrap()).unwrap();
    assert_eq!(&contents.deferred, &scene.store.contents().deferred);
    store.load(Token(9), ids, true);
    let Ok(Done::Loaded(_, loaded)) = told.recv() else { panic!("nothing is loaded") };
    assert_eq!(loaded, records);
    drop(store);
    remove();
}
