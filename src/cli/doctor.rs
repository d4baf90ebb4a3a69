//! `doctor`: what stands between tester and target, with what helps.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Exit, Format, complain, print};
use crate::doctor::{Examination, State, examine};
use crate::target::{Profile, Topology};

/// Options of `doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Profile of the target
    file: PathBuf,
    /// How to show it
    #[arg(long, default_value = "text")]
    format: Format,
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
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            complain(why);
            return Exit::Harness;
        }
    };
    let examination = runtime.block_on(examine(&profile));
    let text = match arguments.format {
        Format::Text => told(&examination),
        Format::Json => format!(
            "{:#}\n",
            json!({"sound": examination.is_sound(), "checks": examination.checks, "proposals": examination.proposals})
        ),
    };
    match print(&text) {
        Exit::Fine if !examination.is_sound() => Exit::Usage,
        printed => printed,
    }
}

fn told(examination: &Examination) -> String {
    let mut text: String = examination.checks.iter().map(|outcome| format!("{outcome}\n")).collect();
    for own in &examination.proposals {
        let word = if own.agrees() { "agrees" } else { "differs" };
        text.push_str(&format!(
            "{word:<8} {}: the profile says {}, seen is {} ({})\n",
            own.key, own.declared, own.seen, own.because
        ));
    }
    let count = |state: State| examination.checks.iter().filter(|outcome| outcome.state == state).count();
    let (fine, notes, faults) = (count(State::Fine), count(State::Note), count(State::Fault));
    text.push_str(&format!("{fine} fine, {notes} notes, {faults} faults\n"));
    text
}
