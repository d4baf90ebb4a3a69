//! Talks over TLS, and captures of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use cpm_conformance::capture::KeyLog;
use serde_json::json;

use super::packets::{Packets, Side};

/// What a talk goes over.
#[derive(Clone, Debug)]
pub struct Over {
    pub version: &'static str,
    /// As OpenSSL names it.
    pub suite: String,
    pub encrypt_then_mac: bool,
    /// Whether keys change before each message.
    pub update: bool,
}

impl Over {
    pub fn tls12(suite: &str) -> Over {
        Over { version: "1.2", suite: suite.to_owned(), encrypt_then_mac: true, update: false }
    }

    pub fn tls13(suite: &str) -> Over {
        Over { version: "1.3", ..Over::tls12(suite) }
    }
}

/// Octets of one end that came at once.
#[derive(Clone)]
pub struct Flight {
    /// 0 the client, 1 the server.
    pub from: usize,
    pub octets: Vec<u8>,
    /// Which message they carry.
    pub message: Option<usize>,
    /// Whether they are in the capture.
    pub lost: bool,
}

/// A message, and who sends it.
pub type Message = (usize, Vec<u8>);

#[derive(Clone)]
pub struct Talk {
    pub flights: Vec<Flight>,
    pub messages: Vec<Message>,
    pub secrets: KeyLog,
    pub log: String,
    /// As it was agreed upon.
    pub suite: String,
    pub port: u16,
    /// Flights are cut into pieces of this size, which come in another order.
    pub pieces: Option<usize>,
}

impl Talk {
    pub fn cut(&mut self, size: usize) {
        self.pieces = Some(size);
    }

    /// The flight that carries a message is not captured.
    pub fn lose(&mut self, message: usize) {
        let carries = |flight: &&mut Flight| flight.message == Some(message);
        self.flights.iter_mut().filter(carries).for_each(|flight| flight.lost = true);
    }
}

/// A registration and its answer.
pub fn register(number: u32, max_forwards: &str, body: &str) -> Vec<Message> {
    let route = format!("Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKr{number}\r\n");
    let names = format!(
        "From: <sip:alice@home.example>;tag=a1\r\nTo: <sip:alice@home.example>%\r\nCall-ID: r@192.0.2.1\r\n\
         CSeq: {number} REGISTER\r\n"
    );
    let typed = if body.is_empty() { "" } else { "Content-Type: text/plain\r\n" };
    let asks = format!(
        "REGISTER sip:home.example SIP/2.0\r\n{route}{max_forwards}\r\n{}Contact: <sip:alice@192.0.2.1:5061;transport=tls>\r\n\
         Expires: 600\r\n{typed}Content-Length: {}\r\n\r\n{body}",
        names.replace('%', ""),
        body.len()
    );
    let answers = format!(
        "SIP/2.0 200 OK\r\n{route}{}Contact: <sip:alice@192.0.2.1:5061;transport=tls>;expires=600\r\nContent-Length: 0\r\n\r\n",
        names.replace('%', ";tag=b2")
    );
    vec![(0, asks.into_bytes()), (1, answers.into_bytes())]
}

/// A message of MSRP and its answer.
pub fn send(transaction: &str, range: &str) -> Vec<Message> {
    let [here, there] = ["msrps://192.0.2.1:2855/a;tcp", "msrps://192.0.2.2:2855/b;tcp"];
    let asks = format!(
        "MSRP {transaction} SEND\r\nTo-Path: {there}\r\nFrom-Path: {here}\r\nMessage-ID: {transaction}m\r\n\
         Byte-Range: {range}\r\nContent-Type: text/plain\r\n\r\nHi\r\n-------{transaction}$\r\n"
    );
    let answers =
        format!("MSRP {transaction} 200 OK\r\nTo-Path: {here}\r\nFrom-Path: {there}\r\n-------{transaction}$\r\n");
    vec![(0, asks.into_bytes()), (1, answers.into_bytes())]
}

/// Lets Python talk; none where that is not possible.
pub fn spoken(over: &Over, port: u16, messages: &[Message]) -> Option<Talk> {
    static TALKS: AtomicU32 = AtomicU32::new(0);
    let number = TALKS.fetch_add(1, Ordering::Relaxed);
    let own = |kind: &str| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        folder.join(format!("talk-{}-{number}.{kind}", std::process::id()))
    };
    let (log, configuration) = (own("keys"), own("cnf"));
    // Python has no method that chooses a suite of TLS 1.3.
    let suites = if over.version == "1.3" { format!("Ciphersuites = {}\n", over.suite) } else { String::new() };
    let text = format!(
        "openssl_conf = begin\n[begin]\nssl_conf = tls\n[tls]\nsystem_default = all\n[all]\nMinProtocol = TLSv1.2\n{suites}"
    );
    std::fs::write(&configuration, text).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers/tls");
    let order = json!({
        "version": over.version,
        "suite": if over.version == "1.2" { &over.suite } else { "" },
        "encrypt_then_mac": over.encrypt_then_mac,
        "update": over.update,
        "certificate": certificate()?,
        "log": log,
        "messages": messages.iter().map(|(from, octets)| (from, hexadecimal(octets))).collect::<Vec<_>>(),
    });
    let told = python(&folder.join("talk.py"), &configuration, &order.to_string())?;
    let text = std::fs::read_to_string(&log).unwrap();
    let _ = (std::fs::remove_file(&log), std::fs::remove_file(&configuration));
    let mut lines: Vec<Vec<&str>> = told.lines().map(|line| line.split(' ').collect()).collect();
    let suite = lines.pop().unwrap()[2].to_owned();
    let flight = |words: Vec<&str>| Flight {
        from: words[0].parse().unwrap(),
        octets: octets(words[1]),
        message: words[2].parse().ok(),
        lost: false,
    };
    Some(Talk {
        flights: lines.into_iter().map(flight).collect(),
        messages: messages.to_vec(),
        secrets: KeyLog::read(text.as_bytes()).unwrap(),
        log: text,
        suite,
        port,
        pieces: None,
    })
}

/// A certificate and its key in one file, made for this run alone; none where OpenSSL is not installed.
fn certificate() -> Option<&'static Path> {
    static MADE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{}.pem", std::process::id()));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
        openssl.args(["-subj", "/CN=tls.test.example", "-keyout"]).arg(&file).arg("-out").arg(&file);
        match openssl.output() {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => {
                eprintln!("skipped: openssl is not installed");
                return None;
            }
        }
        Some(file)
    });
    MADE.as_deref()
}

fn python(script: &Path, configuration: &Path, order: &str) -> Option<String> {
    let mut python = Command::new("python3");
    python.arg(script).env("OPENSSL_CONF", configuration);
    let spawned = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: python3 is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(order.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        // What this Python cannot do is told in these words; anything else is a fault of the talk.
        assert!(why.starts_with("not possible: "), "{why}");
        eprintln!("skipped: {why}");
        return None;
    }
    Some(String::from_utf8(output.stdout).unwrap())
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn octets(digits: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(pair).collect()
}

/// A capture of a talk.
pub fn captured(talk: &Talk) -> Vec<u8> {
    written(talk, |flight| flight.octets.clone())
}

/// The same talk in the clear: packets without octets stand where TLS says something of its own.
pub fn plain(talk: &Talk) -> Vec<u8> {
    written(talk, |flight| flight.message.map_or(Vec::new(), |message| talk.messages[message].1.clone()))
}

fn written(talk: &Talk, octets: impl Fn(&Flight) -> Vec<u8>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut packets = Packets::begin(&mut file).unwrap();
    let mut stream = packets.handshake(40_000, talk.port).unwrap();
    for flight in &talk.flights {
        let from = if flight.from == 0 { Side::Client } else { Side::Server };
        let octets = octets(flight);
        match talk.pieces {
            Some(size) => octets.chunks(size).for_each(|piece| packets.segment(&mut stream, from, piece).unwrap()),
            None => packets.segment(&mut stream, from, &octets).unwrap(),
        }
    }
    let (head, mut records) = records(&file);
    if talk.pieces.is_some() {
        // Behind the handshake of TCP.
        records[3..].chunks_exact_mut(3).for_each(|three| three.swap(1, 2));
    }
    let lost = |number: usize| {
        number.checked_sub(3).is_some_and(|number| talk.flights.get(number).is_some_and(|flight| flight.lost))
    };
    let kept = (0..).zip(records).filter(|(number, _)| !lost(*number));
    [head].into_iter().chain(kept.map(|(_, record)| record)).flatten().copied().collect()
}

/// The header of a file, and its packets, each with its own header.
fn records(file: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (head, mut rest) = file.split_at(24);
    let mut records = Vec::new();
    while let Some(length) = rest.get(8..12) {
        let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
        let (record, after) = rest.split_at(16 + length);
        records.push(record);
        rest = after;
    }
    (head, records)
}

/// A capture in the new format, with its key log within it.
pub fn with_secrets(capture: &[u8], log: &str) -> Vec<u8> {
    const ETHERNET: [u8; 8] = [1, 0, 0, 0, 0, 0, 4, 0];
    let mut file = block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat());
    file.extend(block(1, &ETHERNET));
    // Secrets of another kind are passed over.
    file.extend(block(10, &[&0x5747_4b4c_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"abc"].concat()));
    let length = (log.len() as u32).to_le_bytes();
    file.extend(block(10, &[&0x544c_534b_u32.to_le_bytes()[..], &length, log.as_bytes()].concat()));
    for record in records(capture).1 {
        let packet = &record[16..];
        let length = packet.len() as u32;
        let head: Vec<u8> = [0, 0, 0, length, length].into_iter().flat_map(u32::to_le_bytes).collect();
        file.extend(block(6, &[&head, packet].concat()));
    }
    file
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let length = ((body.len() + padding.len() + 12) as u32).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &padding, &length].concat()
}
