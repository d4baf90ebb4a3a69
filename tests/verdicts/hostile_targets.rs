//! Targets that are none: silent, not there, echoing, agreeing to everything, talking rubbish. None of them passes a
//! scenario, and a run against one ends in time, with the exit code that says what it was.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use serde_json::Value;

/// What a target makes of the octets of a datagram or of a read: what it sends back.
type Answer = fn(&[u8]) -> Vec<Vec<u8>>;

/// Starts a target on UDP and TCP at one port. It ends with the tests.
fn target(answer: Answer) -> SocketAddr {
    let (tcp, udp) = (0..50)
        .find_map(|_| {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            let udp = UdpSocket::bind(tcp.local_addr().unwrap()).ok()?;
            Some((tcp, udp))
        })
        .unwrap();
    let address = udp.local_addr().unwrap();
    thread::spawn(move || {
        let mut octets = [0; 65_535];
        while let Ok((length, from)) = udp.recv_from(&mut octets) {
            for reply in answer(&octets[..length]) {
                // An answer that cannot be sent is an answer that is not sent.
                let _ = udp.send_to(&reply, from);
            }
        }
    });
    thread::spawn(move || {
        for stream in tcp.incoming().flatten() {
            thread::spawn(move || talk(stream, answer));
        }
    });
    address
}

fn talk(mut stream: TcpStream, answer: Answer) {
    let mut octets = [0; 65_535];
    while let Ok(length) = stream.read(&mut octets) {
        let replies = answer(&octets[..length]);
        if length == 0 || replies.iter().any(|reply| stream.write_all(reply).is_err()) {
            return;
        }
    }
}

fn silent(_: &[u8]) -> Vec<Vec<u8>> {
    Vec::new()
}

fn echo(octets: &[u8]) -> Vec<Vec<u8>> {
    vec![octets.to_vec()]
}

fn rubbish(octets: &[u8]) -> Vec<Vec<u8>> {
    let turned: Vec<u8> = octets.iter().rev().map(|octet| octet ^ 0x55).collect();
    let half = octets[..octets.len() / 2].to_vec();
    let huge = b"SIP/2.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n".to_vec();
    std::iter::repeat_n([turned, half, huge, vec![0; 1400], b"INVITE".to_vec()], 4).flatten().collect()
}

/// A 200 to whatever looks like a request.
fn agree(octets: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(octets);
    if text.starts_with("SIP/2.0") || text.starts_with("ACK") || !text.contains("SIP/2.0") {
        return Vec::new();
    }
    let copied: String = text
        .split("\r\n")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| {
            ["Via:", "From:", "To:", "Call-ID:", "CSeq:", "Record-Route:"].iter().any(|name| line.starts_with(name))
        })
        .map(|line| {
            if line.starts_with("To:") && !line.contains("tag=") {
                format!("{line};tag=yes\r\n")
            } else {
                format!("{line}\r\n")
            }
        })
        .collect();
    vec![format!("SIP/2.0 200 OK\r\n{copied}Contact: <sip:yes@127.0.0.1>\r\nContent-Length: 0\r\n\r\n").into_bytes()]
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs all features that do not wait for minutes against an address; gives the exit code and results.json. `qualify` runs the
/// others against such targets in virtual time.
fn run(name: &str, address: SocketAddr, transport: &str) -> (Option<i32>, Value) {
    let folder = folder(name);
    let profile = include_str!("../../fixtures/targets/served.yaml")
        .replace("127.0.0.1:5080", &format!("{address}/{transport}"))
        .replace("127.0.0.1:2855", &address.to_string())
        .replace("127.0.0.1:5070", "127.0.0.1:0")
        .replace("127.0.0.1:3868", "127.0.0.1:0")
        .replace("127.0.0.1:1143", "127.0.0.1:0")
        .replace("answer_ms: 5000", "answer_ms: 400")
        .replace("drain_ms: 1000", "drain_ms: 400");
    fs::write(folder.join("profile.yaml"), profile).unwrap();
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args([Path::new("run"), Path::new("--quiet"), Path::new("--target"), &folder.join("profile.yaml")])
        .args(["--tags", "not @slow"])
        .args([Path::new("--output"), &folder.join("run")])
        .output()
        .unwrap();
    assert!(started.elapsed() < Duration::from_secs(60), "{name} took {:?}", started.elapsed());
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!complaint.contains("panicked"), "{complaint}");
    let results = fs::read(folder.join("run/results.json")).ok();
    let results = results.map_or(Value::Null, |results| serde_json::from_slice(&results).unwrap());
    (output.status.code(), results)
}

/// The verdicts of all scenarios, each once.
fn verdicts(results: &Value) -> Vec<String> {
    let mut verdicts: Vec<String> = results["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scenario| scenario["verdict"].as_str().unwrap().to_owned())
        .collect();
    verdicts.sort();
    verdicts.dedup();
    verdicts
}

#[test]
fn a_silent_target_is_inconclusive() {
    let (code, results) = run("silent", target(silent), "udp");
    assert_eq!(code, Some(2), "{results:#}");
    assert_eq!(verdicts(&results), ["inconclusive", "not_applicable"]);
    assert_eq!(results["verdict"], "inconclusive");
}

#[test]
fn a_target_that_is_not_there_is_4() {
    let address = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for transport in ["udp", "tcp"] {
        let (code, results) = run(&format!("nobody-{transport}"), address, transport);
        assert_eq!((code, results), (Some(4), Value::Null), "{transport}");
    }
}

#[test]
fn no_answer_that_means_nothing_passes_a_scenario() {
    for (name, answer) in [("echo", echo as Answer), ("agreeing", agree), ("rubbish", rubbish)] {
        let (code, results) = run(name, target(answer), "udp");
        assert!(matches!(code, Some(1 | 2)), "{name}: {code:?}");
        let verdicts = verdicts(&results);
        let passed = results["scenarios"].as_array().unwrap().iter().filter(|scenario| scenario["verdict"] == "pass");
        let passed: Vec<&Value> = passed.map(|scenario| &scenario["id"]).collect();
        let wrong = verdicts.iter().any(|verdict| verdict == "pass" || verdict == "error");
        assert!(!wrong, "{name}: {verdicts:?}, passed: {passed:?}");
    }
}
