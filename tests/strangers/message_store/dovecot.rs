//! The reference puts objects into the store of a stranger: Dovecot. Where there is none, or one may not start it, the test says
//! that it is skipped.

use super::stranger::{Dovecot, dovecot};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cpm_reference::config::MessageStoreAccess;
use cpm_reference::neighbours::message_store::MessageStore;
use cpm_wire::net::{Clock, Driver};

/// Lets the function work until nothing waits.
async fn work(store: &mut MessageStore, dovecot: &Dovecot) {
    let clock = Clock::start();
    let (driver, mut inputs) = Driver::new(clock);
    let patience = Instant::now() + Duration::from_secs(20);
    while store.waiting() > 0 {
        assert!(Instant::now() < patience, "{}", dovecot.log());
        while let Some(output) = store.poll_output() {
            driver.perform(output);
        }
        let input = tokio::time::timeout(Duration::from_millis(50), inputs.recv()).await;
        match input {
            Ok(Some((now, input))) if store.owns(&input) => store.receive(now, input),
            Ok(_) => {}
            Err(_) => store.handle_timeout(clock.now()),
        }
    }
}

async fn keeps(separator: char, folder: &str) {
    let Some(dovecot) = dovecot(separator) else {
        eprintln!("skipped: Dovecot is not installed, or may not be started here");
        return;
    };
    let access = MessageStoreAccess {
        address: dovecot.address,
        user: "{user}".to_owned(),
        // Any password will do, but for none.
        password_env: Some("CARGO_PKG_NAME".to_owned()),
    };
    let mut store = MessageStore::new(Some(&access), Duration::from_secs(60));
    let now = Clock::start().now();
    for number in 1..=3 {
        for user in ["sip:bob@example.com", "tel:+49301"] {
            let object = Bytes::from(format!("Subject: number {number}\r\n\r\nof {user}\r\n"));
            assert!(store.append(now, user, "conv-1", "c1", object));
        }
    }
    work(&mut store, &dovecot).await;
    for user in ["bob@example.com", "+49301"] {
        let mut objects = dovecot.objects(&format!("{user}/{folder}"));
        objects.sort();
        assert_eq!(objects.len(), 3, "{}", dovecot.log());
        for (object, number) in objects.iter().zip(1..) {
            assert!(object.starts_with(&format!("Subject: number {number}")), "{object}");
            assert!(object.trim_end().ends_with(user), "{object}");
        }
    }
    assert!(!dovecot.log().contains("Error"), "{}", dovecot.log());
}

#[tokio::test]
async fn dovecot_keeps_what_the_function_puts_there() {
    keeps('/', "conv-1/c1").await;
}

#[tokio::test]
async fn dovecot_with_dots_between_folders_does_too() {
    keeps('.', ".conv-1.c1").await;
}
