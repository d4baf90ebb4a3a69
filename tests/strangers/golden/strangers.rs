//! Programs of others, and how they are asked.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A kind of XML body, with the schema that judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    ConferenceInfo,
    Imdn,
    ResourceLists,
    Reginfo,
    Presence,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::ConferenceInfo, Kind::Imdn, Kind::ResourceLists, Kind::Reginfo, Kind::Presence];

    /// The root element.
    pub const fn root(self) -> &'static str {
        match self {
            Kind::ConferenceInfo => "conference-info",
            Kind::Imdn => "imdn",
            Kind::ResourceLists => "resource-lists",
            Kind::Reginfo => "reginfo",
            Kind::Presence => "presence",
        }
    }

    /// RFC 5438 has its schema in RELAX NG, the others in XML Schema.
    fn schema(self) -> (&'static str, PathBuf) {
        let (option, ending) = if self == Kind::Imdn { ("--relaxng", "rng") } else { ("--schema", "xsd") };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas");
        (option, folder.join(self.root()).with_extension(ending))
    }
}

/// Whether a program can be asked. Says so when it cannot.
pub fn there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

fn ask(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that stops reading early says why on its own.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// What xmllint says of a body: nothing, or its complaint.
pub fn valid(kind: Kind, xml: &str) -> Result<(), String> {
    let (option, schema) = kind.schema();
    let output = ask(Command::new("xmllint").args(["--nonet", "--noout", option]).arg(schema).arg("-"), xml.as_bytes());
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    // 3 and 4: not valid; 1: not well formed. Anything else is a schema that does not compile.
    assert!(matches!(output.status.code(), Some(0 | 1 | 3 | 4)), "{kind:?}: {complaint}");
    if output.status.success() { Ok(()) } else { Err(complaint) }
}

/// What Python's standard library reads.
pub fn read_by_python(kind: &str, octets: &[u8]) -> serde_json::Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers/second_reader.py");
    let output = ask(Command::new("python3").arg(script).arg(kind), octets);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}\n{}", String::from_utf8_lossy(octets));
    serde_json::from_slice(&output.stdout).unwrap()
}
