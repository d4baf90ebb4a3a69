//! Calls from SIPp to SIPp, from INVITE to the answer of BYE, with the reference between and with nothing.

use crate::reference::{Reference, free};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// So many calls are under way at a time. With more, datagrams are lost between the ends alone.
const AT_A_TIME: &str = "20";

const MESSAGES: &str = "m=message 9 TCP/MSRP *\r\na=accept-types:message/cpim\r\na=accept-wrapped-types:text/plain\r\n\
    a=path:msrp://127.0.0.1:9/end;tcp\r\na=setup:active";
const SPEECH: &str = "m=audio 40000 RTP/AVP 0";

/// What SIPp says at its end.
#[derive(Default)]
struct Outcome {
    successful: f64,
    failed: f64,
    repeated: f64,
    wall: f64,
}

/// Measures and tells; false when a call failed.
pub fn measure(calls: usize) -> io::Result<bool> {
    if Command::new("sipp").arg("-v").output().is_err() {
        println!("\ncalls: skipped, SIPp is not installed");
        return Ok(true);
    }
    let folder = std::env::temp_dir().join(format!("cpm-bench-calls-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    println!("\n{calls} calls, {AT_A_TIME} at a time, INVITE 180 200 ACK BYE 200");
    println!("{:34} {:>9} {:>7} {:>9} {:>14} {:>9}", "", "calls/s", "failed", "repeated", "us of its CPU", "peak MB");
    let mut fine = true;
    for (name, media, between) in [
        ("SIPp to SIPp", MESSAGES, false),
        ("through the reference, messages", MESSAGES, true),
        ("through the reference, speech", SPEECH, true),
    ] {
        let callee = free()?;
        let reference = if between { Some(Reference::start(callee)?) } else { None };
        let target = reference.as_ref().map_or(callee, |reference| reference.sip);
        let before = reference.as_ref().map_or(0.0, Reference::processor);
        let outcome = called(&folder, media, calls, callee, target)?;
        let (cost, peak) = reference.as_ref().map_or((f64::NAN, f64::NAN), |reference| {
            let taken = reference.processor() - before;
            (taken * 1e6 / outcome.successful, reference.memory().1 / 1e3)
        });
        println!(
            "{name:34} {:>9.0} {:>7} {:>9} {cost:>14.1} {peak:>9.1}",
            outcome.successful / outcome.wall,
            outcome.failed,
            outcome.repeated
        );
        fine &= outcome.failed == 0.0 && outcome.successful > 0.0;
    }
    let _ = fs::remove_dir_all(&folder);
    Ok(fine)
}

fn called(folder: &Path, media: &str, calls: usize, callee: SocketAddr, target: SocketAddr) -> io::Result<Outcome> {
    let mut called = sipp("callee", folder, media, callee).spawn()?;
    sleep(Duration::from_millis(300));
    let caller = free()?;
    let statistics = folder.join("statistics.csv");
    let _ = fs::remove_file(&statistics);
    let mut calling = sipp("caller", folder, media, caller);
    calling.args(["-key", "cscf", &callee.to_string(), "-m", &calls.to_string(), "-users", AT_A_TIME]);
    calling.args(["-timeout", "300s", "-trace_stat", "-fd", "1", "-stf"]).arg(&statistics).arg(target.to_string());
    let begun = Instant::now();
    let status = calling.status();
    let wall = begun.elapsed().as_secs_f64();
    // The called side would wait for more calls.
    called.kill()?;
    called.wait()?;
    status?;
    Ok(Outcome { wall, ..read(&statistics) })
}

fn sipp(half: &str, folder: &Path, media: &str, own: SocketAddr) -> Command {
    let scenario = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("benches/sessions/{half}.xml"));
    let mut command = Command::new("sipp");
    command.arg("-sf").arg(scenario).args(["-key", "media", media]);
    command.args(["-i", &own.ip().to_string(), "-p", &own.port().to_string(), "-nostdin"]);
    command.args(["-deadcall_wait", "0", "-timer_resol", "1", "-buff_size", "4194304"]).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
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
