//! What is edited: everything that crosses the wire in a whole run of the suite, and the golden scenes for what no run has.

use std::path::Path;

use super::super::{Case, Turn, cases};
use crate::evidence::{ConnectionWhat, Direction, Record, What, pcapng};
use crate::report::{RunInfo, Selection as Selected};
use crate::run::{self, LinkKind, Options, Selection};
use crate::stage::trial::Trial;
use crate::target::Profile;

/// Records in which nothing is wrong, with a name.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub name: String,
    pub records: Vec<Record>,
    /// It is a scene that was written by hand, and not a run.
    pub golden: bool,
}

/// Scenarios in which offers cross or follow each other, calls are withdrawn or ask for what nobody has, roles depend on each
/// other, or messages come in parts and are given up: what one edit breaks there, it breaks more than once, or what it breaks
/// is forgiven.
const ENTANGLED: [&str; 8] = [
    "TP-PF-SES-01-03",
    "TP-PF-SES-01-04",
    "TP-PF-SES-01-06",
    "TP-PF-SES-05-01.asked-for-an-offer",
    "TP-PF-SES-05-02",
    "TP-PF-SES-05-03",
    "TP-PF-SES-05-04",
    "TP-PF-DEV-01-06",
];

/// The evidence of one run of every feature in virtual time, against the references of both roles. What the tester sends
/// malformed on purpose is left out: its answers are forgiven.
pub(super) async fn of_a_run() -> Vec<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let (sink, mut events) = tokio::sync::mpsc::unbounded_channel();
    let draining = tokio::spawn(async move { while events.recv().await.is_some() {} });
    run::run(options(folder.path()), sink).await.unwrap();
    draining.await.unwrap();
    let files = std::fs::read_dir(folder.path().join("evidence")).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let (_, records) = pcapng::read(&std::fs::read(&path).unwrap()).unwrap();
        Recording { name: path.file_stem().unwrap().to_string_lossy().into_owned(), records, golden: false }
    };
    let entangled = |recording: &Recording| ENTANGLED.iter().any(|of| recording.name.starts_with(of));
    files.into_iter().map(read).filter(|recording| !recording.is_malformed() && !entangled(recording)).collect()
}

/// The golden scenes, each also with its sides exchanged.
pub(super) fn golden() -> Vec<Recording> {
    let recordings = |case: Case| {
        let records: Vec<Record> = case.right.iter().flat_map(Turn::records).collect();
        let exchanged = records.iter().map(exchanged).collect();
        let name = format!("the golden scene of {}", case.rule);
        [records, exchanged].map(|records| Recording { name: name.clone(), records, golden: true })
    };
    cases().into_iter().flat_map(recordings).collect()
}

/// The same record, had the other side made it.
fn exchanged(record: &Record) -> Record {
    let mut record = record.clone();
    match &mut record.what {
        What::Octets(octets) => {
            octets.direction = match octets.direction {
                Direction::Sent => Direction::Received,
                Direction::Received => Direction::Sent,
            };
        }
        What::Connection(connection) => {
            connection.what = match connection.what {
                ConnectionWhat::Opened => ConnectionWhat::Accepted,
                ConnectionWhat::Accepted => ConnectionWhat::Opened,
                ConnectionWhat::Finished { by_target } => ConnectionWhat::Finished { by_target: !by_target },
                ConnectionWhat::Reset { by_target } => ConnectionWhat::Reset { by_target: !by_target },
                other => other,
            };
        }
        What::Event(_) => {}
    }
    record
}

impl Recording {
    fn is_malformed(&self) -> bool {
        self.records.iter().any(|record| matches!(&record.what, What::Octets(octets) if octets.malformed.is_some()))
    }
}

fn options(output: &Path) -> Options {
    Options {
        profiles: vec![Profile::reference(), Profile::reference_client()],
        embedded: true,
        program: None,
        selection: Selection::default(),
        jobs: Some(2),
        seed: Some(1),
        output: Some(output.to_owned()),
        fail_fast: false,
        link: LinkKind::Virtual,
        trial: Trial::default(),
        waivers: None,
        info: RunInfo {
            id: "edits".to_owned(),
            started: "2026-01-01T00:00:00.000Z".to_owned(),
            duration_ms: 0,
            seed: 1,
            jobs: 2,
            shard: "1/1".to_owned(),
            selection: Selected::Full,
            suite_version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: String::new(),
            parts: Vec::new(),
            invocation: Box::default(),
            scenarios: 0,
        },
    }
}
