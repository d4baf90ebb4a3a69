//! Bodies as they cross the wire in a run: taken out of its evidence, of both sides.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use bytes::Bytes;
use cpm_conformance::evidence::{Direction, Protocol, Record, What, pcapng};
use cpm_wire::msrp::{self, Framer};

use super::strangers::Kind;

/// What was caught.
#[derive(Default)]
pub struct Caught {
    /// XML bodies, each once.
    pub xml: Vec<(Kind, String)>,
    /// CPIM envelopes, each once.
    pub envelopes: Vec<Bytes>,
}

/// A run of the scenarios in which most kinds of bodies occur.
pub fn bodies() -> Caught {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("golden");
    let _ = fs::remove_dir_all(&folder);
    let scenarios = "reports-and-list|restart-with-the-list|reports-both-ways";
    let output = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["run", "--quiet", "--name", scenarios, "--output"])
        .arg(&folder)
        .output()
        .unwrap();
    let mut caught = Caught::default();
    let evidence = fs::read_dir(folder.join("evidence"));
    let evidence = evidence.unwrap_or_else(|why| panic!("{why}: {}", String::from_utf8_lossy(&output.stderr)));
    for path in evidence.map(|entry| entry.unwrap().path()).filter(|path| path.extension().unwrap() == "pcapng") {
        let (_, records) = pcapng::read(&fs::read(path).unwrap()).unwrap();
        caught.look_at(&records);
    }
    caught
}

impl Caught {
    fn look_at(&mut self, records: &[Record]) {
        let mut streams: BTreeMap<(String, Option<u64>, bool), Framer> = BTreeMap::new();
        for record in records {
            let What::Octets(seen) = &record.what else { continue };
            if seen.protocol != Protocol::Msrp {
                self.look_into(&String::from_utf8_lossy(&seen.octets));
                continue;
            }
            let stream = (seen.actor.to_string(), seen.connection, seen.direction == Direction::Sent);
            let framer = streams.entry(stream).or_default();
            framer.push(seen.octets.clone());
            while let Some(message) = framer.next() {
                self.look_at_message(&message.unwrap());
            }
        }
    }

    /// Messages that came in one chunk. What is longer holds nothing else.
    fn look_at_message(&mut self, message: &msrp::Message) {
        let whole = message.byte_range().is_some_and(|range| range.start == 1 && range.end == range.total);
        let (Some(body), true) = (message.body(), whole) else { return };
        self.look_into(&String::from_utf8_lossy(&body));
        if message.content_type().is_some_and(|kind| kind.starts_with("message/cpim"))
            && !self.envelopes.contains(&body)
        {
            self.envelopes.push(body);
        }
    }

    fn look_into(&mut self, text: &str) {
        for kind in Kind::ALL {
            let end = format!("</{}>", kind.root());
            for part in text.split("<?xml ").skip(1) {
                let begins = part.find('<').is_some_and(|at| part[at + 1..].starts_with(kind.root()));
                if let (true, Some(at)) = (begins, part.find(&end)) {
                    let found = (kind, format!("<?xml {}", &part[..at + end.len()]));
                    if !self.xml.contains(&found) {
                        self.xml.push(found);
                    }
                }
            }
        }
    }
}
