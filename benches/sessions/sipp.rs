//! SIPp as a load: what all of its runs have in common, and what it says at its end.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What SIPp says at its end.
#[derive(Default)]
pub struct Outcome {
    pub successful: f64,
    pub failed: f64,
    pub repeated: f64,
    /// Seconds.
    pub wall: f64,
}

/// SIPp with this scenario, in this folder, silent and as quick as it can be.
pub fn sipp(folder: &Path, scenario: &Path) -> Command {
    let mut command = Command::new("sipp");
    command.arg("-sf").arg(scenario).current_dir(folder);
    command.args(["-nostdin", "-deadcall_wait", "0", "-timer_resol", "1", "-buff_size", "4194304"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs the calling side to its end against `target`.
///
/// # Errors
/// When it cannot be run.
pub fn outcome(mut calling: Command, folder: &Path, target: &str) -> io::Result<Outcome> {
    let statistics = folder.join("statistics.csv");
    let _ = fs::remove_file(&statistics);
    calling.args(["-timeout", "300s", "-trace_stat", "-fd", "1", "-stf"]).arg(&statistics).arg(target);
    let begun = Instant::now();
    calling.status()?;
    Ok(Outcome { wall: begun.elapsed().as_secs_f64(), ..read(&statistics) })
}

/// The last line of SIPp's statistics.
fn read(statistics: &Path) -> Outcome {
    let text = fs::read_to_string(statistics).unwrap_or_default();
    let mut lines = text.lines();
    let (Some(names), Some(values)) = (lines.next(), lines.next_back()) else { return Outcome::default() };
    let of = |wanted: &str| {
        let at = names.split(';').position(|name| name == wanted)?;
        values.split(';').nth(at)?.parse::<f64>().ok()
    };
    Outcome {
        successful: of("SuccessfulCall(C)").unwrap_or_default(),
        failed: of("FailedCall(C)").unwrap_or(f64::NAN),
        repeated: of("Retransmissions(C)").unwrap_or(f64::NAN),
        wall: 0.0,
    }
}
