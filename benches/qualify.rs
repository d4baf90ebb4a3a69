//! Wall and processor time of `qualify`: every seeded fault and every null target. `cargo bench --bench qualify` takes 3,
//! `cargo bench --bench qualify -- 5` as many as told.

use std::fs;
use std::io;
use std::process::{Command, ExitCode};
use std::time::Instant;

use serde_json::Value;

const TIMES: usize = 3;

fn main() -> io::Result<ExitCode> {
    // Cargo adds `--bench` of its own.
    let times = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(TIMES);
    let folder = std::env::temp_dir().join(format!("cpm-bench-qualify-{}", std::process::id()));
    let mut walls = Vec::new();
    let mut failed = 0;
    for number in 1..=times {
        let begun = Instant::now();
        let qualify =
            Command::new(env!("CARGO_BIN_EXE_cpm-conformance")).args(["qualify", "--output"]).arg(&folder).output()?;
        let wall = begun.elapsed().as_secs_f64();
        println!("{number}: {wall:.1} s, {}, {}", qualify.status, seen(&folder.join("qualify.json")));
        failed += usize::from(!qualify.status.success());
        walls.push(wall);
    }
    let _ = fs::remove_dir_all(&folder);
    walls.sort_by(f64::total_cmp);
    let (median, slowest) = (walls.get(walls.len() / 2), walls.last());
    println!("median {:.1} s, slowest {:.1} s", median.unwrap_or(&0.0), slowest.unwrap_or(&0.0));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many faults were seen, and of how many.
fn seen(path: &std::path::Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let matrix: Value = serde_json::from_slice(&text).unwrap_or_default();
    let faults = matrix.get("faults").and_then(Value::as_array).cloned().unwrap_or_default();
    let killed = faults.iter().filter(|fault| fault.get("killed") == Some(&Value::Bool(true))).count();
    format!("{killed} of {} faults seen", faults.len())
}
