//! Messages through the embedded reference, a process of its own: relayed at once, kept on disk for who is away, and delivered when
//! he comes. `cargo bench --bench messages`; with `-- --quick` a tenth or less of everything; with `-- relay`, `-- deferral` or
//! `-- held` these alone.
//!
//! SIPp is the load. What is kept is kept in SQLite on disk, synchronised before a message is acknowledged. Kamailio's msilo does
//! the same beside it, in the same run and with the same ends. All share the processors, so that a figure is of all together.

#[path = "messages/deferral.rs"]
mod deferral;
#[path = "messages/ends.rs"]
mod ends;
#[path = "messages/held.rs"]
mod held;
#[path = "messages/kamailio.rs"]
mod kamailio;
#[path = "sessions/reference.rs"]
#[allow(dead_code, reason = "another bench uses the rest")]
mod reference;
#[path = "messages/relay.rs"]
mod relay;
#[path = "sessions/sipp.rs"]
mod sipp;
#[path = "messages/submission.rs"]
mod submission;

use std::io;
use std::process::{Command, ExitCode};

/// How much of everything, in messages.
struct Size {
    relayed: usize,
    kept: usize,
    kept_by_kamailio: usize,
    held: usize,
}

const FULL: Size = Size { relayed: 300_000, kept: 200_000, kept_by_kamailio: 20_000, held: 1_000_000 };
const QUICK: Size = Size { relayed: 10_000, kept: 10_000, kept_by_kamailio: 2_000, held: 20_000 };

fn main() -> io::Result<ExitCode> {
    // Cargo adds `--bench` of its own.
    let (options, parts): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let size = if options.iter().any(|option| option == "--quick") { QUICK } else { FULL };
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if Command::new("sipp").arg("-v").output().is_err() {
        println!("skipped: SIPp is not installed");
        return Ok(ExitCode::SUCCESS);
    }
    let relayed = !wanted("relay") || relay::measure(size.relayed)?;
    let deferred = !wanted("deferral") || deferral::measure(size.kept, size.kept_by_kamailio)?;
    let held = !wanted("held") || held::measure(size.held)?;
    Ok(if relayed && deferred && held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
