use super::super::Memory;
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
        Write::Standalone(StandaloneRecord {
            id: 4,
            user: "sip:bob@example.com".to_owned(),
            request: Bytes::from_static(b"MESSAGE"),
            expires: None,
        }),
        Write::Registration(device("one")),
        Write::Registration(device("two")),
        Write::ForgetRegistration { user: "sip:bob@example.com".to_owned(), device: "two".to_owned() },
    ]
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let file = std::env::temp_dir().join(format!("cpm-reference-store-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let (tell, told) = mpsc::channel();
    let (store, before) = Sqlite::open(&file, move |tokens| tell.send(tokens).unwrap()).unwrap();
    assert_eq!(before, Contents::default());

    let mut memory = Memory::default();
    for (n, write) in some_of_everything().into_iter().enumerate() {
        memory.apply([write.clone()]);
        store.persist(Token(n as u64), vec![write]);
    }
    drop(store);
    let tokens: Vec<Token> = told.iter().flatten().collect();
    assert_eq!(tokens, (0..some_of_everything().len() as u64).map(Token).collect::<Vec<_>>());

    let (_store, after) = Sqlite::open(&file, |_| {}).unwrap();
    assert_eq!(&after, memory.contents());
    assert_eq!(after.items.iter().map(|item| item.id).collect::<Vec<_>>(), [3]);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
}
