//! `validate` beside tshark on one large capture: messages a second, peak memory, and start-up on a tiny one.
//!
//! `cargo bench --bench validate` takes the capture that `generate` makes of 200,000 SIP and 100,000 MSRP messages;
//! `cargo bench --bench validate -- 1000000` one of so many SIP messages, and `-- FILE` any other. Captures that open more than is
//! remembered are judged for the memory that they take. tshark is run once where it is installed: it takes half a minute.

mod generate;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

const MESSAGES: usize = 200_000;
const RUNS: usize = 5;
const POLL: Duration = Duration::from_millis(2);

/// How long a program took, in seconds, and the most memory that it held, in MB.
struct Taken {
    wall: f64,
    peak: f64,
}

fn main() -> io::Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("cpm-bench-validate-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    // Cargo adds `--bench` of its own.
    let word = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let file = match word.as_deref().map(|word| (word, word.parse::<usize>())) {
        Some((word, Err(_))) => PathBuf::from(word),
        Some((_, Ok(messages))) => generated(&folder, messages)?,
        None => generated(&folder, MESSAGES)?,
    };
    let tiny = folder.join("tiny.pcap");
    write(&tiny, 4)?;
    let done = compare(&file, &tiny, &folder);
    let _ = fs::remove_dir_all(&folder);
    done
}

fn generated(folder: &Path, messages: usize) -> io::Result<PathBuf> {
    let file = folder.join("large.pcap");
    write(&file, messages)?;
    Ok(file)
}

fn write(file: &Path, messages: usize) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    generate::generate(&mut out, messages)?;
    out.flush()
}

fn compare(file: &Path, tiny: &Path, folder: &Path) -> io::Result<ExitCode> {
    let own = |file: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"));
        command.args(["validate", "--format", "json"]).arg(file);
        command
    };
    let said = own(file).output()?.stdout;
    let said: Value = serde_json::from_slice(&said).unwrap_or_default();
    let judged = said.pointer("/files/0").cloned().unwrap_or_default();
    let messages = judged.get("messages").and_then(Value::as_f64).unwrap_or_default();
    let findings = judged.get("findings").and_then(Value::as_array).map_or(0, Vec::len);
    println!("{:.0} MB, {messages} messages, {findings} findings", fs::metadata(file)?.len() as f64 / 1e6);
    let sip = judged.pointer("/protocols/SIP").and_then(Value::as_f64).unwrap_or_default();
    let output = folder.join("output");
    let all: Vec<Taken> = (0..RUNS).map(|_| taken(own(file), &output)).collect::<io::Result<_>>()?;
    let ours = median(all.iter().map(|taken| taken.wall));
    let peak = all.iter().map(|taken| taken.peak).fold(0.0, f64::max);
    println!("validate: median of {RUNS} {ours:.3} s, {:.0} messages/s, peak {peak:.1} MB", messages / ours);
    let start = median((0..9).map(|_| taken(own(tiny), &output).map_or(f64::NAN, |taken| taken.wall)));
    println!("validate: start-up, 4 SIP messages, median of 9: {:.1} ms", start * 1e3);
    for (clients, what) in [(10_000, "10,000 pairs of hosts"), (32, "32 hops"), (1, "one hop")] {
        let file = folder.join("unanswered.pcap");
        let mut out = BufWriter::new(File::create(&file)?);
        generate::unanswered(&mut out, MESSAGES, clients)?;
        out.flush()?;
        let peak = taken(own(&file), &output)?.peak;
        println!("validate: {MESSAGES} INVITEs that nobody answers, {what}: peak {peak:.1} MB");
    }
    let tshark = |file: &Path| {
        let mut command = Command::new("tshark");
        command.arg("-n").arg("-r").arg(file).args(["-Y", "sip", "-T", "fields"]);
        command.args(["-e", "frame.number", "-e", "sip.Method", "-e", "sip.Call-ID", "-e", "sip.CSeq"]);
        command
    };
    let Ok(theirs) = taken(tshark(file), &output) else {
        println!("tshark is not installed");
        return Ok(ExitCode::SUCCESS);
    };
    println!(
        "tshark -Y sip -T fields: {:.1} s, {:.0} SIP messages/s, peak {:.0} MB",
        theirs.wall,
        sip / theirs.wall,
        theirs.peak
    );
    println!("validate : tshark, messages/s: {:.1}", (messages / ours) / (sip / theirs.wall));
    let start = median((0..5).map(|_| taken(tshark(tiny), &output).map_or(f64::NAN, |taken| taken.wall)));
    println!("tshark: start-up, median of 5: {:.0} ms", start * 1e3);
    Ok(ExitCode::SUCCESS)
}

fn taken(mut command: Command, output: &Path) -> io::Result<Taken> {
    let begun = Instant::now();
    let mut child = command.stdout(File::create(output)?).stderr(Stdio::null()).spawn()?;
    let mut peak = 0.0_f64;
    // The high-water mark only rises, so that little is missed between two looks.
    while child.try_wait()?.is_none() {
        peak = high_water(child.id()).unwrap_or_default().max(peak);
        sleep(POLL);
    }
    Ok(Taken { wall: begun.elapsed().as_secs_f64(), peak })
}

/// The most memory that a process ever held, in MB.
fn high_water(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
