//! Wall time, peak memory and false failures of whole runs: every scenario against the embedded reference, default
//! `--jobs`. `cargo bench --bench run` takes 10 runs, `cargo bench --bench run -- 100` as many as told.
//!
//! The reference conforms, so whatever fails is a false failure; it is told with its scenario and what was said of it.
//! Peak memory is what Linux keeps as `VmHWM`: that of the suite, and that of the target, which is a process of its own.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

const RUNS: usize = 10;
const POLL: Duration = Duration::from_millis(2);

struct Run {
    wall: Duration,
    /// Peak resident memory of the suite, in MB.
    suite: f64,
    /// That of its largest child: the target.
    target: f64,
    status: ExitStatus,
    failures: Vec<String>,
}

fn main() -> io::Result<ExitCode> {
    // Cargo adds `--bench` of its own.
    let runs = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(RUNS);
    let folder = std::env::temp_dir().join(format!("cpm-bench-{}", std::process::id()));
    let mut all = Vec::new();
    for number in 1..=runs {
        let run = run(&folder)?;
        println!(
            "run {number:3}: {:.3} s, suite {:.1} MB, target {:.1} MB, {}",
            run.wall.as_secs_f64(),
            run.suite,
            run.target,
            run.status
        );
        for failure in &run.failures {
            println!("         {failure}");
        }
        all.push(run);
    }
    let _ = fs::remove_dir_all(&folder);
    Ok(told(&all))
}

fn run(folder: &Path) -> io::Result<Run> {
    let _ = fs::remove_dir_all(folder);
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["run", "--quiet", "--output"])
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()?;
    let (mut suite, mut target) = (0.0_f64, 0.0_f64);
    // The high-water mark only rises, so that little is missed between two looks.
    let status = loop {
        suite = high_water(child.id()).unwrap_or_default().max(suite);
        target = children(child.id()).into_iter().filter(is_target).filter_map(high_water).fold(target, f64::max);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(POLL);
    };
    Ok(Run { wall: begun.elapsed(), suite, target, status, failures: failures(folder) })
}

/// The children of every thread of a process.
fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|line| line.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

/// A child that is about to become the target still has the memory of the suite; its command line tells them apart.
fn is_target(process: &u32) -> bool {
    fs::read(format!("/proc/{process}/cmdline"))
        .is_ok_and(|line| line.split(|octet| *octet == 0).nth(1) == Some(b"serve"))
}

/// The most memory that a process ever held, in MB.
fn high_water(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Every scenario that did not pass, and what was said of it.
fn failures(folder: &Path) -> Vec<String> {
    let Some(results) =
        fs::read(folder.join("results.json")).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok())
    else {
        return vec!["no results.json".to_owned()];
    };
    let scenarios = results.get("scenarios").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut failures: Vec<String> = scenarios
        .iter()
        .filter(|scenario| !matches!(text(scenario, "verdict"), "pass" | "not_applicable"))
        .map(|scenario| {
            let findings = scenario.get("findings").and_then(Value::as_array).cloned().unwrap_or_default();
            let said: Vec<String> = findings
                .iter()
                .filter(|finding| text(finding, "verdict") != "pass")
                .map(|finding| format!("{}: {}", text(finding, "rule"), text(finding, "observed")))
                .collect();
            format!("{} {}: {}", text(scenario, "id"), text(scenario, "verdict"), said.join("; "))
        })
        .collect();
    if scenarios.is_empty() {
        failures.push("no scenario ran".to_owned());
    }
    failures
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn told(all: &[Run]) -> ExitCode {
    let mut walls: Vec<f64> = all.iter().map(|run| run.wall.as_secs_f64()).collect();
    walls.sort_by(f64::total_cmp);
    let highest = |of: fn(&Run) -> f64| all.iter().map(of).fold(0.0, f64::max);
    let failed = all.iter().filter(|run| !run.status.success()).count();
    println!(
        "{} runs: median {:.3} s, fastest {:.3} s, slowest {:.3} s; peak memory: suite {:.1} MB, target {:.1} MB; {failed} not conformant",
        all.len(),
        walls.get(walls.len() / 2).copied().unwrap_or_default(),
        walls.first().copied().unwrap_or_default(),
        walls.last().copied().unwrap_or_default(),
        highest(|run| run.suite),
        highest(|run| run.target),
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
