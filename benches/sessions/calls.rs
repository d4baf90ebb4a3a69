//! Calls from SIPp to SIPp, from INVITE to the answer of BYE, with the reference between and with nothing.

use crate::reference::{Reference, free};
use crate::sipp::{Outcome, outcome, sipp};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// So many calls are under way at a time. With more, datagrams are lost between the ends alone.
const AT_A_TIME: &str = "20";

const MESSAGES: &str = "m=message 9 TCP/MSRP *\r\na=accept-types:message/cpim\r\na=accept-wrapped-types:text/plain\r\n\
    a=path:msrp://127.0.0.1:9/end;tcp\r\na=setup:active";
const SPEECH: &str = "m=audio 40000 RTP/AVP 0";

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
    let mut called = half("callee", folder, media, callee).spawn()?;
    sleep(Duration::from_millis(300));
    let caller = free()?;
    let mut calling = half("caller", folder, media, caller);
    calling.args(["-key", "cscf", &callee.to_string(), "-m", &calls.to_string(), "-users", AT_A_TIME]);
    let outcome = outcome(calling, folder, &target.to_string());
    // The called side would wait for more calls.
    called.kill()?;
    called.wait()?;
    outcome
}

fn half(name: &str, folder: &Path, media: &str, own: SocketAddr) -> Command {
    let scenario = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("benches/sessions/{name}.xml"));
    let mut command = sipp(folder, &scenario);
    command.args(["-key", "media", media, "-i", &own.ip().to_string(), "-p", &own.port().to_string()]);
    command
}
