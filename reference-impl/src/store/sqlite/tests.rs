use super::super::{DeferredAbout, DeferredEntry, DeferredKind, Held, Memory, contribution_mark};
use super::*;
use pretty_assertions::assert_eq;
use std::sync::mpsc;

fn item(id: u64, chat: u64) -> ItemRecord {
    ItemRecord {
        id,
        chat,
        kind: ItemKind::Message,
        content_type: "message/cpim".to_owned(),
        octets: Bytes::from_static(b"From: <sip:a@x>\r\n\r\n\x00\xff"),
        received: 1_700_000_000_000_000_000,
        expires: Some(1_800_000_000_000_000_000),
        delivered: vec![],
    }
}

fn deferred(id: u64) -> DeferredRecord {
    DeferredRecord {
        entry: DeferredEntry {
            id,
            user: "sip:bob@example.com".into(),
            contribution: contribution_mark("c1"),
            octets: 4,
            expires: Some(7),
            kind: DeferredKind::Large,
            held: Some(Held::BySender),
            wants_failure: true,
        },
        identity: "sip:Bob@Example.com".to_owned(),
        about: DeferredAbout { message_id: Some("m1".to_owned()), ..DeferredAbout::default() },
        head: Bytes::from_static(b"INVITE sip:bob@example.com SIP/2.0\r\n\r\n"),
        content_type: "message/cpim".to_owned(),
        octets: Bytes::from_static(b"\x00\xff\r\n"),
    }
}

fn history(id: u64) -> HistoryRecord {
    HistoryRecord {
        id,
        user: "sip:bob@example.com".to_owned(),
        conversation: "conversation".to_owned(),
        contribution: "contribution".to_owned(),
        object: Bytes::from_static(b"Subject: x\r\n\r\n\xff"),
    }
}

fn some_of_everything() -> Vec<Write> {
    let chat =
        |id| Write::Chat(Box::new(ChatRecord { id, user: "sip:bob@example.com".to_owned(), ..ChatRecord::default() }));
    let device = |name: &str| RegistrationRecord {
        user: "sip:bob@example.com".to_owned(),
        device: name.to_owned(),
        chat: true,
        ..RegistrationRecord::default()
    };
    vec![
        chat(1),
        chat(2),
        Write::Item(item(1, 1)),
        Write::History(Box::new(history(4))),
        Write::History(Box::new(history(5))),
        Write::ForgetHistory(4),
        Write::Item(item(2, 2)),
        Write::Item(ItemRecord { kind: ItemKind::Notification, expires: None, ..item(3, 1) }),
        Write::Delivered { item: 3, device: "one".to_owned() },
        Write::Delivered { item: 3, device: "one".to_owned() },
        Write::Delivered { item: 99, device: "one".to_owned() },
        Write::ForgetItem(1),
        Write::Roster(RosterRecord { chat: 1, sequence: 0, document: Bytes::from_static(b"<a/>") }),
        Write::Roster(RosterRecord { chat: 2, sequence: 0, document: Bytes::from_static(b"<b/>") }),
        Write::Roster(RosterRecord { chat: 1, sequence: 1, document: Bytes::from_static(b"<c/>") }),
        Write::ForgetRosters { chat: 1, before: 1 },
        Write::ForgetChat(2),
        Write::Deferred(Box::new(deferred(4))),
        Write::Deferred(Box::new(deferred(5))),
        Write::ForgetDeferred(5),
        Write::Registration(device("one")),
        Write::Registration(device("two")),
        Write::ForgetRegistration { user: "sip:bob@example.com".to_owned(), device: "two".to_owned() },
    ]
}

/// A file for one test.
fn file(name: &str) -> std::path::PathBuf {
    let file = std::env::temp_dir().join(format!("cpm-reference-{name}-{}.sqlite", std::process::id()));
    remove(&file);
    file
}

fn remove(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let file = file("store");
    let (tell, told) = mpsc::channel();
    let (store, before) = Sqlite::open(&file, move |done| tell.send(done).unwrap()).unwrap();
    assert_eq!(before, Contents::default());

    let mut memory = Memory::default();
    for (n, write) in some_of_everything().into_iter().enumerate() {
        memory.apply([write.clone()]);
        store.persist(Token(n as u64), vec![write]);
    }
    drop(store);
    let tokens = |done| match done {
        Done::Persisted(tokens) => tokens,
        other => panic!("{other:?}"),
    };
    let tokens: Vec<Token> = told.iter().flat_map(tokens).collect();
    assert_eq!(tokens, (0..some_of_everything().len() as u64).map(Token).collect::<Vec<_>>());

    let (_store, after) = Sqlite::open(&file, |_| {}).unwrap();
    assert_eq!(&after, memory.contents());
    assert_eq!(after.items.iter().map(|item| item.id).collect::<Vec<_>>(), [3]);
    assert_eq!(after.deferred, [deferred(4).entry]);
    remove(&file);
}

#[test]
fn what_waits_is_loaded_with_or_without_its_contents() {
    let file = file("loads");
    let (tell, told) = mpsc::channel();
    let (store, _) = Sqlite::open(&file, move |done| tell.send(done).unwrap()).unwrap();
    store.persist(Token(1), vec![4, 6].into_iter().map(|id| Write::Deferred(Box::new(deferred(id)))).collect());
    assert!(matches!(told.recv(), Ok(Done::Persisted(_))));
    for whole in [true, false] {
        store.load(Token(2), vec![6, 5, 4], whole);
        let Ok(Done::Loaded(Token(2), records)) = told.recv() else { panic!("nothing is loaded") };
        let expected = |id| match whole {
            true => deferred(id),
            false => DeferredRecord { octets: Bytes::new(), ..deferred(id) },
        };
        assert_eq!(records, [expected(6), expected(4)]);
    }
    drop(store);
    remove(&file);
}

#[test]
fn what_cannot_be_written_is_given_back_and_what_follows_is_written() {
    let file = file("fails");
    let (tell, told) = mpsc::channel();
    let (store, _) = Sqlite::open(&file, move |done| tell.send(done).unwrap()).unwrap();
    let item = |id| vec![Write::Deferred(Box::new(deferred(id)))];
    let beside = Connection::open(&file).unwrap();
    beside.execute_batch("ALTER TABLE deferred RENAME TO away").unwrap();
    store.persist(Token(1), item(4));
    let Ok(Done::Failed(Token(1), writes)) = told.recv() else { panic!("it is written") };
    assert_eq!(writes, item(4));
    // What does not need what is missing goes on.
    store.persist(Token(2), vec![Write::ForgetItem(1)]);
    assert!(matches!(told.recv(), Ok(Done::Persisted(tokens)) if tokens == [Token(2)]));
    store.load(Token(3), vec![4], true);
    assert!(matches!(told.recv(), Ok(Done::Failed(Token(3), _))));
    beside.execute_batch("ALTER TABLE away RENAME TO deferred").unwrap();
    store.persist(Token(4), item(4));
    assert!(matches!(told.recv(), Ok(Done::Persisted(tokens)) if tokens == [Token(4)]));
    drop(store);
    let (_store, after) = Sqlite::open(&file, |_| {}).unwrap();
    assert_eq!(after.deferred.len(), 1);
    remove(&file);
}
