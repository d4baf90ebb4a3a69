//! `doctor`: what stands between tester and target, with what helps.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Exit, Format, complain, print};
use crate::doctor::{Examination, State, examine};
use crate::setup::{self, Known};
use crate::target::{Profile, Topology};

/// How wide the column of keys is.
const WIDTH: usize = 44;

/// Options of `doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Profile of the target
    file: PathBuf,
    /// How to show it
    #[arg(long, default_value = "text")]
    format: Format,
    /// The resolver of the target, which is asked for the zone file; without it that of this machine
    #[arg(long, value_name = "HOST:PORT")]
    resolver: Option<SocketAddr>,
    /// Write the profile with what was seen in place of what it says into this new file
    #[arg(long, value_name = "FILE")]
    write_proposals: Option<PathBuf>,
}

/// The command.
pub(super) fn doctor(arguments: &DoctorArgs) -> Exit {
    let profile = match Profile::load(&arguments.file) {
        Ok(profile) => profile,
        Err(why) => {
            complain(why);
            return Exit::Usage;
        }
    };
    if profile.topology == Topology::CaptureOnly {
        complain("with capture_only nobody sends: there is nothing to look at");
        return Exit::Usage;
    }
    if let Some(file) = arguments.write_proposals.as_ref().filter(|file| file.exists()) {
        complain(format!("{} is there already", file.display()));
        return Exit::Usage;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            complain(why);
            return Exit::Harness;
        }
    };
    let examination = runtime.block_on(examine(&profile, arguments.resolver));
    let text = match arguments.format {
        Format::Text => told(&examination),
        Format::Json => format!(
            "{:#}\n",
            json!({"sound": examination.is_sound(), "checks": examination.checks, "proposals": examination.proposals})
        ),
    };
    let printed = print(&text);
    if let Some(file) = &arguments.write_proposals
        && let Err(why) = write_proposals(&arguments.file, file, &examination)
    {
        complain(why);
        return Exit::Usage;
    }
    match printed {
        Exit::Fine if !examination.is_sound() => Exit::Usage,
        printed => printed,
    }
}

/// Writes the profile with what was seen wherever it says otherwise. Whether that is the target's answer, its vendor has to say.
fn write_proposals(profile: &Path, file: &Path, examination: &Examination) -> Result<(), String> {
    let text = std::fs::read_to_string(profile).map_err(|why| format!("{}: {why}", profile.display()))?;
    let mut known = Known::default();
    for own in examination.proposals.iter().filter(|own| !own.agrees()) {
        known.put(own.key, own.value.clone());
    }
    let text = setup::amended(&text, &known).map_err(|why| why.to_string())?;
    std::fs::write(file, text).map_err(|why| format!("{}: {why}", file.display()))
}

/// One line for each check, aligned, with what helps below it; then what was seen of the statement; then what to do next.
fn told(examination: &Examination) -> String {
    let mut text: String = examination.checks.iter().map(|outcome| format!("{outcome}\n")).collect();
    if !examination.proposals.is_empty() {
        text.push_str("\nwhat was seen speaks for these answers; it changes nothing by itself\n");
    }
    for own in &examination.proposals {
        let word = if own.agrees() { "agrees" } else { "differs" };
        let says = if own.agrees() {
            own.seen.clone()
        } else {
            format!("seen {}, the profile says {}", own.seen, own.declared)
        };
        text.push_str(&format!("{word:<8} {:<WIDTH$} {says}\n{:19}ground: {}\n", own.key, "", own.because));
    }
    let count = |state: State| examination.checks.iter().filter(|outcome| outcome.state == state).count();
    let (fine, notes, faults) = (count(State::Fine), count(State::Note), count(State::Fault));
    text.push_str(&format!("\n{fine} fine, {notes} notes, {faults} faults\n"));
    text
}
