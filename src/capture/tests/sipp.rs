//! Logs of SIPp as several of its versions write them.

use std::net::SocketAddr;

use bytes::Bytes;
use pretty_assertions::assert_eq;

use super::making;
use crate::capture::{Octets, SippLog, Transport};

const OLD: &str = "----------------------------------------------- 2026-11-21 17:29:26.240913";
const NEW: &str = "----------------------------------------------- 2026-11-21T17:29:26.740913Z";

fn read(log: &str) -> Vec<Octets> {
    let (near, far) = (SocketAddr::from(([192, 0, 2, 1], 0)), SocketAddr::from(([192, 0, 2, 2], 0)));
    assert!(SippLog::is_one(log.as_bytes()));
    SippLog::new(Bytes::from(log.to_owned()), near, far).collect()
}

fn entry(line: &str, head: &str, message: &str) -> String {
    format!("{line}\n{}\n\n{message}\n", head.replace('#', &message.len().to_string()))
}

#[test]
fn messages_are_read_as_every_version_writes_them() {
    let messages = ["a", "b", "c"].map(|user| String::from_utf8(making::sip(user)).unwrap());
    let log = entry(OLD, "UDP message sent (# bytes):", &messages[0])
        + &entry(NEW, "UDP message received [#] bytes :", &messages[1])
        + &entry(NEW, "TCP message sent [#] bytes:", &messages[2]);
    let seen = read(&log);
    let told: Vec<_> = seen.iter().map(|seen| std::str::from_utf8(&seen.octets).unwrap()).collect();
    assert_eq!(told, messages);
    let frames: Vec<u64> = seen.iter().map(|seen| seen.frame).collect();
    assert_eq!(frames, [1, 2, 3]);
    assert_eq!(seen[0].source, seen[1].destination);
    assert_eq!((seen[1].transport, seen[2].transport), (Transport::Udp, Transport::Tcp));
    assert_eq!(seen[1].at.since(seen[0].at).as_millis(), 500);
}

#[test]
fn a_wrong_length_and_a_log_that_is_cut_do_no_harm() {
    let message = String::from_utf8(making::sip_with("a", "one\r\n---------------------\r\ntwo")).unwrap();
    let log =
        entry(OLD, "UDP message sent [7] bytes:", &message) + &entry(OLD, "UDP message sent [#] bytes:", &message);
    let told: Vec<Bytes> = read(&log).into_iter().map(|seen| seen.octets).collect();
    assert_eq!(told, [message.clone(), message]);
    for end in 120..log.len() {
        read(&log[..end]);
    }
    assert!(!SippLog::is_one(b"----------------------------------------------- once\nupon a time\n\n"));
}

#[test]
fn what_is_no_entry_is_passed_over() {
    let message = String::from_utf8(making::sip("a")).unwrap();
    let other = format!("{NEW}\nSome other remark\n\n");
    let log = entry(OLD, "UDP message sent [#] bytes:", &message)
        + &other
        + &entry(NEW, "UDP message sent [#] bytes:", &message);
    assert_eq!(read(&log).len(), 2);
}
