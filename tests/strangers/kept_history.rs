//! The history of a user in a store that nobody here wrote: the served reference puts it into Dovecot, and imaplib of Python
//! reads it back. Where Dovecot is not installed, or may not be started here, that is said and no more.

use crate::message_store::stranger::{Dovecot, dovecot};
use crate::peers::served::{self, PATIENCE, Served, header};
use pretty_assertions::assert_eq;
use serde_json::Value;
use std::net::UdpSocket;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const BOB: &str = "sip:bob@example.com";
const ALICE: &str = "sip:alice@example.com";

/// The text within the envelope of a message, with this identifier.
fn envelope(from: &str, to: &str, id: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nDateTime: 2026-11-22T12:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
         imdn.Message-ID: {id}\r\n\r\nContent-Type: text/plain;charset=utf-8\r\n\r\nGrüße von {id}"
    )
}

/// A MESSAGE that Bob's device sends through the function.
fn message(id: &str, ask: &str) -> String {
    let cpim = envelope(BOB, ALICE, id);
    format!(
        "MESSAGE {ALICE} SIP/2.0\r\nVia: SIP/2.0/UDP [own];branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\n\
         Route: <sip:[target];lr>, <sip:odi-1@[own];lr>\r\nFrom: <{BOB}>;tag=1\r\nTo: <{ALICE}>\r\nCall-ID: {id}\r\n\
         CSeq: 1 MESSAGE\r\nP-Asserted-Identity: <{BOB}>\r\nP-Served-User: <{BOB}>;sescase=orig;regstate=reg\r\n\
         Conversation-ID: conversation-1\r\nContribution-ID: contribution-1\r\n{ask}Content-Type: message/cpim\r\n\
         Content-Length: {}\r\n\r\n{cpim}",
        cpim.len()
    )
}

/// Sends a message through the function, and takes it at the other end.
fn goes_through(socket: &UdpSocket, served: &Served, message: &str) {
    let own = socket.local_addr().unwrap().to_string();
    let message = message.replace("[own]", &own).replace("[target]", &served.sip.to_string());
    socket.send_to(message.as_bytes(), served.sip).unwrap();
    let mut octets = [0; 65_535];
    loop {
        let (length, peer) = socket.recv_from(&mut octets).unwrap();
        let text = String::from_utf8(octets.get(..length).unwrap_or_default().to_vec()).unwrap();
        if text.starts_with("MESSAGE ") {
            let kept = text.split("\r\n\r\n").next().unwrap().lines().filter(|line| {
                ["Via", "From", "To", "Call-ID", "CSeq"].iter().any(|name| line.starts_with(&format!("{name}: ")))
            });
            let lines: Vec<&str> = kept.collect();
            let answer = format!("SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n", lines.join("\r\n"));
            socket
                .send_to(answer.replace(&format!("To: <{ALICE}>"), &format!("To: <{ALICE}>;tag=2")).as_bytes(), peer)
                .unwrap();
        } else if served::status(&text) == Some(200) {
            assert_eq!(header(&text, "CSeq"), Some("1 MESSAGE"));
            return;
        }
    }
}

/// What imaplib finds of Bob's, once there is so much.
fn read(store: &Dovecot, many: usize) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/strangers/dovecot/read_history.py");
    let (host, port) = (store.address.ip().to_string(), store.address.port().to_string());
    let begun = Instant::now();
    loop {
        let read = Command::new("python3").args([script, &host, &port, "bob@example.com", "any"]).output().unwrap();
        let text = String::from_utf8(read.stdout).unwrap();
        let objects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if objects.len() >= many {
            return objects;
        }
        assert!(begun.elapsed() < PATIENCE, "{text}\n{}\n{}", String::from_utf8_lossy(&read.stderr), store.log());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_a_device_asks_to_be_kept_is_read_back_from_dovecot() {
    let Some(store) = dovecot('/') else {
        eprintln!("skipped: Dovecot is not installed, or may not be started here");
        return;
    };
    let access = format!("{{address: \"{}\", user: \"{{user}}\", password_env: PATH}}", store.address);
    let served = Served::with(&format!("message_store: {access}\nhistory_request: [sender_header]\n"));
    let socket = UdpSocket::bind(served.cscf).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    for id in ["m-1", "m-2"] {
        goes_through(&socket, &served, &message(id, "X-CPM-History: store\r\n"));
    }
    goes_through(&socket, &served, &message("m-3", ""));
    let mut objects = read(&store, 2);
    objects.sort_by_key(|object| object.to_string());
    assert_eq!(objects.len(), 2, "{objects:#?}");
    for (object, id) in objects.iter().zip(["m-1", "m-2"]) {
        let field = |name: &str| object.pointer(&format!("/fields/{name}")).and_then(Value::as_str);
        assert_eq!(object.get("folder").and_then(Value::as_str), Some("conversation-1/contribution-1"));
        assert_eq!((field("imdn-message-id"), field("message-direction")), (Some(id), Some("sent")));
        assert_eq!((field("from"), field("to")), (Some("<sip:bob@example.com>"), Some("<sip:alice@example.com>")));
        assert_eq!(field("conversation-id"), Some("conversation-1"));
        assert_eq!(object.get("content").and_then(Value::as_str), Some(envelope(BOB, ALICE, id).as_str()));
    }
    served.stop();
}
