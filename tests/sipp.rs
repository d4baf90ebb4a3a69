//! SIPp, which nobody here wrote, calls the reference: messages and invitations, and what each of them must come to. The calls
//! stand in tests/strangers/sipp. Where SIPp is not installed, that is said and no more.
#![expect(clippy::unwrap_used, reason = "these are tests")]

#[path = "peers/served.rs"]
#[allow(
    dead_code,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "other tests use the rest; these are tests"
)]
mod served;

use served::Served;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

/// Calls of one scenario; several are under way at a time.
const CALLS: &str = "200";

fn is_installed() -> bool {
    let there = Command::new("sipp").arg("-v").output().is_ok();
    if !there {
        println!("skipped: SIPp is not installed");
    }
    there
}

/// A folder for what SIPp writes.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sipp").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// SIPp with one of the scenarios, at an address of its own.
fn sipp(scenario: &str, own: SocketAddr, calls: &str) -> Command {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/strangers/sipp/{scenario}.xml"));
    let mut command = Command::new("sipp");
    command.arg("-sf").arg(file).current_dir(folder(scenario));
    command.args(["-i", &own.ip().to_string(), "-p", &own.port().to_string()]);
    command.args(["-m", calls, "-r", "200", "-timeout", "30s", "-timeout_error", "-nostdin", "-trace_err"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A port that is free, below those that the system gives to whoever asks for any: none else takes it meanwhile.
fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 500).unwrap() * 20;
    loop {
        let address = SocketAddr::from(([127, 0, 0, 1], first + NEXT.fetch_add(1, Ordering::Relaxed)));
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

/// Every call came to what the scenario says.
#[track_caller]
fn fine(scenario: &str, output: &Output) {
    let errors: Vec<String> = std::fs::read_dir(folder(scenario))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with("_errors.log"))
        .map(|path| std::fs::read_to_string(path).unwrap().lines().take(20).collect::<Vec<_>>().join("\n"))
        .collect();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{scenario}: {}\n{told}\n{}", output.status, errors.join("\n"));
}

/// Calls as the serving CSCF of the reference.
fn call(scenario: &str) {
    if !is_installed() {
        return;
    }
    let served = Served::start();
    let output = sipp(scenario, served.cscf, CALLS).arg(served.sip.to_string()).output().unwrap();
    fine(scenario, &output);
    served.stop();
}

#[test]
fn a_message_for_a_user_who_can_be_reached_goes_through() {
    call("message_through");
}

#[test]
fn a_message_for_a_user_who_cannot_be_reached_is_refused() {
    call("message_refused");
}

#[test]
fn an_invitation_of_a_group_is_answered_for_an_absent_user() {
    call("group_invitation");
}

#[test]
fn an_invitation_without_the_ids_of_its_chat_is_refused() {
    call("group_invitation_refused");
}

/// A process that ends with its test.
struct Running(Option<Child>);

impl Running {
    fn wait(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // Nothing to do for one that has ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_session_is_set_up_between_two_and_ended() {
    if !is_installed() {
        return;
    }
    let served = Served::start();
    let callee = Running(Some(sipp("session_callee", served.cscf, CALLS).spawn().unwrap()));
    let cscf = folder("session_caller").join("cscf.csv");
    std::fs::write(&cscf, format!("SEQUENTIAL\n{}\n", served.cscf)).unwrap();
    let mut caller = sipp("session_caller", free(), CALLS);
    let output = caller.arg("-inf").arg(cscf).arg(served.sip.to_string()).output().unwrap();
    fine("session_caller", &output);
    fine("session_callee", &callee.wait());
    served.stop();
}
