//! Sessions through the embedded reference, a process of its own: calls a second, the messages of a session, and what many
//! sessions at a time cost. `cargo bench --bench sessions`; with `-- --quick` a tenth or less of everything; with `-- calls`,
//! `-- relay` or `-- held` these alone.
//!
//! Whatever is measured through the reference is measured without it beside, in the same run and by the same ends: SIPp to
//! SIPp, and one MSRP client to the other. All share the processors, so that a figure is of all together; how much of the
//! processor the reference itself took is told with it.

#[path = "sessions/calls.rs"]
mod calls;
#[path = "sessions/ends.rs"]
mod ends;
#[path = "sessions/held.rs"]
mod held;
#[path = "sessions/reference.rs"]
mod reference;
#[path = "sessions/relay.rs"]
mod relay;
#[path = "sessions/sipp.rs"]
mod sipp;

use std::fs;
use std::io;
use std::process::ExitCode;

/// How much of everything.
struct Size {
    calls: usize,
    octets: u64,
    messages: u64,
    sessions: usize,
}

const FULL: Size = Size { calls: 100_000, octets: 8 << 30, messages: 1_000_000, sessions: 10_000 };
const QUICK: Size = Size { calls: 2_000, octets: 256 << 20, messages: 50_000, sessions: 500 };

fn main() -> io::Result<ExitCode> {
    // Cargo adds `--bench` of its own.
    let (options, parts): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let size = if options.iter().any(|option| option == "--quick") { QUICK } else { FULL };
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    limits(&size);
    let calls = !wanted("calls") || calls::measure(size.calls)?;
    let relay = !wanted("relay") || relay::measure(size.octets, size.messages)?;
    let held = !wanted("held") || held::measure(size.sessions)?;
    Ok(if calls && relay && held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What of the machine bounds the figures.
fn limits(size: &Size) {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let load = text("/proc/loadavg");
    let ports = text("/proc/sys/net/ipv4/ip_local_port_range").split_whitespace().collect::<Vec<_>>().join(" to ");
    let files = files();
    println!(
        "{processors} processors, load {}; {files} open files a process, local ports {ports}",
        load.split_whitespace().next().unwrap_or("unknown")
    );
    if files < size.sessions + held::OTHER_FILES {
        println!("that is less than {} sessions with a connection each take", size.sessions);
    }
}

/// How many files a process may have open. The reference gets what this process has.
fn files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}
