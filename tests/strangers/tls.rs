//! What is said over TLS is judged as if it had been said in the clear. Both ends are Python's ssl, which is OpenSSL; where
//! python3 is missing a test says that it is skipped.

#[path = "../../benches/generate/packets.rs"]
#[allow(dead_code, reason = "the benches write datagrams as well")]
mod packets;
mod talk;

use std::path::PathBuf;
use std::process::Command;

use cpm_conformance::capture::KeyLog;
use cpm_conformance::validate::{self, Input, Level, Options, Validated};

use talk::{Over, Talk, captured, plain, register, send, spoken, with_secrets};

/// Where the files of a test are.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tls");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

fn judged(name: &str, capture: &[u8], secrets: &KeyLog) -> Validated {
    let path = file(name);
    std::fs::write(&path, capture).unwrap();
    validate::validate(&Input::File(path), &Options { secrets: secrets.clone(), ..Options::default() })
}

fn noted(validated: &Validated, words: &str) -> bool {
    validated.notes.iter().any(|note| note.contains(words))
}

/// Judges a talk and the same talk in the clear, and finds the same in both, in the same packets.
fn same(name: &str, talk: &Talk) -> Validated {
    let secured = judged(&format!("{name}.pcap"), &captured(talk), &talk.secrets);
    let clear = judged(&format!("{name}.clear.pcap"), &plain(talk), &KeyLog::default());
    assert_eq!(secured.findings, clear.findings, "{name}");
    assert_eq!((&secured.messages, &secured.more, &secured.error), (&clear.messages, &clear.more, &None), "{name}");
    assert_eq!((&secured.notes, &clear.notes), (&vec![], &vec![]), "{name}");
    secured
}

fn suites() -> Vec<Over> {
    let mut all: Vec<Over> = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"]
        .map(|suite| Over::tls13(&format!("TLS_{suite}")))
        .into();
    for suite in [
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
        "CHACHA20-POLY1305",
        "AES128-SHA",
        "AES256-SHA",
        "AES128-SHA256",
        "AES256-SHA384",
    ] {
        let over = Over::tls12(&format!("ECDHE-ECDSA-{suite}"));
        if suite.contains("-SHA") && !suite.contains("GCM") {
            all.push(Over { encrypt_then_mac: false, ..over.clone() });
        }
        all.push(over);
    }
    all
}

#[test]
fn every_suite_is_read_as_if_it_were_clear() {
    let messages = [register(1, "Max-Forwards: 70", ""), register(2, "Max-Forwards: 7x", "")].concat();
    for (number, over) in suites().into_iter().enumerate() {
        let Some(talk) = spoken(&over, 5061, &messages) else { return };
        assert_eq!(talk.suite, over.suite);
        let found = same(&format!("sip-{number}"), &talk);
        assert_eq!(found.messages, [("SIP", 4)].into(), "{over:?}");
        let errors: Vec<_> = found.findings.iter().filter(|found| found.level == Level::Error).collect();
        assert!(!errors.is_empty() && errors.iter().all(|error| error.octets.is_some()), "{over:?}: {errors:?}");
        let Some(talk) = spoken(&over, 2855, &[send("a1b2", "1-2/2"), send("c3d4", "1-x/2")].concat()) else { return };
        let found = same(&format!("msrp-{number}"), &talk);
        assert_eq!(found.messages, [("MSRP", 4)].into(), "{over:?}");
        assert!(found.of(Level::Error) > 0, "{over:?}");
    }
}

#[test]
fn keys_that_change_on_the_way_are_followed() {
    for over in suites().into_iter().take(3) {
        let over = Over { update: true, ..over };
        let messages: Vec<_> = (1..6).flat_map(|number| register(number, "Max-Forwards: 70", "")).collect();
        let Some(talk) = spoken(&over, 5061, &messages) else { return };
        assert_eq!(same(&format!("update-{}", over.suite), &talk).messages, [("SIP", 10)].into());
    }
}

#[test]
fn records_in_many_pieces_and_out_of_order_are_put_together() {
    let messages = [register(1, "Max-Forwards: 70", &"x".repeat(50_000)), register(2, "Max-Forwards: 70", "")].concat();
    for over in [Over::tls13("TLS_AES_128_GCM_SHA256"), Over::tls12("ECDHE-ECDSA-AES128-GCM-SHA256")] {
        let Some(mut talk) = spoken(&over, 5061, &messages) else { return };
        talk.cut(700);
        let read = judged("pieces.pcap", &captured(&talk), &talk.secrets);
        assert_eq!((read.messages, read.notes), ([("SIP", 4)].into(), vec![]));
    }
}

#[test]
fn what_cannot_be_read_is_said_and_accuses_nobody() {
    let messages = [register(1, "Max-Forwards: 70", ""), register(2, "Max-Forwards: 7x", "")].concat();
    for over in [Over::tls13("TLS_AES_256_GCM_SHA384"), Over::tls12("ECDHE-ECDSA-AES256-GCM-SHA384")] {
        let Some(talk) = spoken(&over, 5061, &messages) else { return };
        let Some(another) = spoken(&over, 5061, &messages) else { return };
        let capture = captured(&talk);
        let none = |validated: &Validated, words: &str| {
            assert!(noted(validated, words), "{words}: {:?}", validated.notes);
            assert_eq!((validated.findings.len(), validated.count()), (0, 0), "{words}");
        };
        none(
            &judged("none.pcap", &capture, &KeyLog::default()),
            "1 connections over TLS were not judged: there are no",
        );
        none(&judged("none.pcap", &capture, &KeyLog::default()), "--keylog");
        none(&judged("other.pcap", &capture, &another.secrets), "their secrets are not in the key log");
        let late = Talk { flights: talk.flights[2..].to_vec(), ..talk.clone() };
        none(&judged("late.pcap", &captured(&late), &talk.secrets), "their handshake is not in the capture");
        let one_sided = talk.flights.iter().filter(|flight| flight.from == 1).cloned().collect();
        let one_sided = Talk { flights: one_sided, ..talk.clone() };
        none(&judged("one.pcap", &captured(&one_sided), &talk.secrets), "their handshake is not in the capture");

        // The first request is read; of its response nothing is.
        let mut flipped = talk.clone();
        let response = flipped.flights.iter_mut().find(|flight| flight.message == Some(1)).unwrap();
        *response.octets.last_mut().unwrap() ^= 1;
        let flipped = judged("flipped.pcap", &captured(&flipped), &talk.secrets);
        assert!(noted(&flipped, "1 connections over TLS were judged in part: a record does not decrypt"));
        assert_eq!((flipped.messages.clone(), flipped.of(Level::Error)), ([("SIP", 1)].into(), 0));
        let mut gap = talk.clone();
        gap.lose(1);
        let gap = judged("gap.pcap", &captured(&gap), &talk.secrets);
        assert!(noted(&gap, "octets are missing in the capture"), "{:?}", gap.notes);
        // The hole is known as one at the end alone: both requests are read, and what is wrong with the second.
        assert_eq!((gap.messages.clone(), gap.of(Level::Error)), ([("SIP", 2)].into(), 1));
    }
}

#[test]
fn secrets_within_the_capture_are_used() {
    let Some(talk) = spoken(&Over::tls13("TLS_AES_128_GCM_SHA256"), 5061, &register(1, "Max-Forwards: 70", "")) else {
        return;
    };
    let capture = with_secrets(&captured(&talk), &talk.log);
    let read = judged("inside.pcapng", &capture, &KeyLog::default());
    assert_eq!((read.messages, read.notes, read.error), ([("SIP", 2)].into(), vec![], None));
}

#[test]
fn tshark_sees_as_many_messages() {
    let messages = [register(1, "Max-Forwards: 70", ""), register(2, "Max-Forwards: 70", "")].concat();
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is not installed");
        return;
    }
    for over in suites() {
        let Some(talk) = spoken(&over, 5061, &messages) else { return };
        let ours = judged("tshark.pcap", &captured(&talk), &talk.secrets);
        let log = file("tshark.keys");
        std::fs::write(&log, &talk.log).unwrap();
        let output = Command::new("tshark")
            .args(["-r".as_ref(), file("tshark.pcap").as_os_str()])
            .args(["-o", &format!("tls.keylog_file:{}", log.display())])
            .args(["-Y", "sip", "-T", "fields", "-e", "sip.CSeq.method"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let shown = String::from_utf8(output.stdout).unwrap().lines().count() as u64;
        assert_eq!((shown, ours.count()), (4, 4), "{over:?}");
    }
}

#[test]
fn a_key_log_is_refused_only_when_nothing_of_it_can_be_used() {
    let random = "ab".repeat(32);
    let good = format!("CLIENT_RANDOM {random} {}", "0f".repeat(48));
    for text in [
        good.clone(),
        format!("# a comment\r\nEXPORTER_SECRET {random} 00\r\n\r\n{good}\r\n"),
        format!("CLIENT_RANDOM {random} zz\n  {good}  \nnonsense"),
    ] {
        assert!(KeyLog::read(text.as_bytes()).is_ok(), "{text}");
    }
    for text in ["", "# nothing", "CLIENT_RANDOM ab cd", &good[..good.len() - 1], &good.replace("CLIENT", "SERVER")] {
        let why = KeyLog::read(text.as_bytes()).unwrap_err().to_string();
        assert!(why.contains("SSLKEYLOGFILE") && why.contains("SERVER_TRAFFIC_SECRET_0"), "{why}");
    }
}
