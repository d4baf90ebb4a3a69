//! SIPp, which nobody here wrote, calls the reference: messages, invitations and sessions between two, and what each of them
//! must come to. The calls stand in tests/strangers/sipp. Where SIPp is not installed, that is said and no more.

use crate::peers::served::Served;
use pretty_assertions::{assert_eq, assert_ne};
use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

/// Calls of one scenario; several are under way at a time.
const CALLS: usize = 200;

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

/// SIPp with one of the scenarios, at an address of its own. What it has to say of its calls goes to the folder.
fn sipp(scenario: &str, own: SocketAddr, folder: &Path) -> Command {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/strangers/sipp/{scenario}.xml"));
    let mut command = Command::new("sipp");
    command.arg("-sf").arg(file).current_dir(folder);
    command.args(["-i", &own.ip().to_string(), "-p", &own.port().to_string()]);
    command.args(["-m", &CALLS.to_string(), "-r", "200", "-timeout", "30s", "-timeout_error", "-nostdin"]);
    command.args(["-trace_err", "-error_file"]).arg(errors(folder, scenario));
    command.args(["-trace_logs", "-log_file"]).arg(log(folder, scenario));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn errors(folder: &Path, scenario: &str) -> PathBuf {
    folder.join(format!("{scenario}.errors"))
}

fn log(folder: &Path, scenario: &str) -> PathBuf {
    folder.join(format!("{scenario}.log"))
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
fn fine(scenario: &str, folder: &Path, output: &Output) {
    let errors = std::fs::read_to_string(errors(folder, scenario)).unwrap_or_default();
    let errors = errors.lines().take(20).collect::<Vec<_>>().join("\n");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{scenario}: {}\n{told}\n{errors}", output.status);
}

/// Calls as the serving CSCF of the reference.
#[track_caller]
fn call(scenario: &str) {
    if !is_installed() {
        return;
    }
    let (served, folder) = (Served::start(), folder(scenario));
    let output = sipp(scenario, served.cscf, &folder).arg(served.sip.to_string()).output().unwrap();
    fine(scenario, &folder, &output);
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

/// Whom the function serves: who is called, or who calls.
#[derive(Clone, Copy, Debug)]
enum Case {
    Terminating,
    Originating,
}

/// A message session, by which nobody ever connects.
const MESSAGES: &str = "m=message 9 TCP/MSRP *\r\na=accept-types:message/cpim\r\n\
    a=accept-wrapped-types:text/plain message/imdn+xml\r\na=path:msrp://127.0.0.1:9/end;tcp\r\na=setup:active";
/// Speech, which goes past the function.
const SPEECH: &str = "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000";
const SPEECH_BACK: &str = "m=audio 50000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000";

/// Two SIPps with the function between them.
struct Between {
    served: Served,
    folder: PathBuf,
    case: Case,
}

/// What one half says of one call.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    call_id: String,
    conversation: String,
    outcome: String,
}

impl Between {
    fn start(name: &str, case: Case) -> Between {
        Between { served: Served::with("media: {continuous: true}\n"), folder: folder(name), case }
    }

    /// The serving CSCF tells of the devices of all who will be called.
    #[track_caller]
    fn register(&self) {
        let output = sipp("registration", free(), &self.folder).arg(self.served.sip.to_string()).output().unwrap();
        fine("registration", &self.folder, &output);
    }

    /// All calls with these two halves and their media. Gives what the two say of each, by its contribution: as many calls
    /// reach the called side as the calling side makes, each on a leg of its own with the same identifiers.
    #[track_caller]
    fn call(&self, caller: (&str, &str), callee: (&str, &str)) -> Vec<(Told, Told)> {
        if matches!(self.case, Case::Terminating) {
            self.register();
        }
        let half = |(scenario, media): (&str, &str), own| {
            let mut half = sipp(scenario, own, &self.folder);
            half.args(["-key", "media", media]);
            half
        };
        let called = Running(Some(half(callee, self.served.cscf).spawn().unwrap()));
        let (served, case) = match self.case {
            Case::Terminating => ("callee", "term"),
            Case::Originating => ("caller", "orig"),
        };
        let mut calling = half(caller, free());
        calling.args(["-key", "cscf", &self.served.cscf.to_string(), "-key", "served", served, "-key", "case", case]);
        let output = calling.arg(self.served.sip.to_string()).output().unwrap();
        fine(caller.0, &self.folder, &output);
        fine(callee.0, &self.folder, &called.wait());
        self.paired(caller.0, callee.0)
    }

    #[track_caller]
    fn paired(&self, caller: &str, callee: &str) -> Vec<(Told, Told)> {
        let (calling, mut called) = (told(&log(&self.folder, caller)), told(&log(&self.folder, callee)));
        assert_eq!((calling.len(), called.len()), (CALLS, CALLS));
        let pair = |(contribution, calling): (String, Told)| {
            let called = called.remove(&contribution).unwrap();
            assert_eq!(calling.conversation, called.conversation, "{contribution}");
            assert_ne!(calling.call_id, called.call_id, "{contribution}");
            (calling, called)
        };
        calling.into_iter().map(pair).collect()
    }
}

/// What one half says of all its calls, by contribution: one line each.
fn told(log: &Path) -> BTreeMap<String, Told> {
    let line = |line: &str| {
        let mut words = line.splitn(4, ' ').map(str::to_owned);
        let mut word = || words.next().unwrap();
        let (call_id, conversation, contribution) = (word(), word(), word());
        (contribution, Told { call_id, conversation, outcome: word() })
    };
    std::fs::read_to_string(log).unwrap().lines().map(line).collect()
}

/// Sessions whose messages the function takes on either side.
#[track_caller]
fn messages_pass(name: &str, case: Case) {
    if !is_installed() {
        return;
    }
    let between = Between::start(name, case);
    let own = format!("m=message {} TCP/MSRP *", between.served.msrp.port());
    for (calling, called) in between.call(("session_caller", MESSAGES), ("session_callee", MESSAGES)) {
        assert_eq!((&calling.outcome, &called.outcome), (&own, &own));
    }
    between.served.stop();
}

/// Sessions whose media go past the function.
#[track_caller]
fn speech_passes(name: &str, case: Case) {
    if !is_installed() {
        return;
    }
    let between = Between::start(name, case);
    for (calling, called) in between.call(("session_caller", SPEECH), ("session_callee", SPEECH_BACK)) {
        assert_eq!(called.outcome, SPEECH.lines().next().unwrap());
        assert_eq!(calling.outcome, SPEECH_BACK.lines().next().unwrap());
    }
    between.served.stop();
}

/// Calls that come to nothing, in the same way on both sides.
#[track_caller]
fn comes_to_nothing(name: &str, case: Case, caller: &str, callee: &str) {
    if !is_installed() {
        return;
    }
    let between = Between::start(name, case);
    for (calling, called) in between.call((caller, MESSAGES), (callee, MESSAGES)) {
        assert_eq!(calling.outcome, called.outcome);
    }
    between.served.stop();
}

#[test]
fn a_session_of_messages_is_set_up_with_a_registered_user_and_ended() {
    messages_pass("messages_terminating", Case::Terminating);
}

#[test]
fn a_session_of_messages_is_set_up_by_a_served_user_and_ended() {
    messages_pass("messages_originating", Case::Originating);
}

#[test]
fn a_session_of_speech_is_set_up_with_a_registered_user_and_ended() {
    speech_passes("speech_terminating", Case::Terminating);
}

#[test]
fn a_session_of_speech_is_set_up_by_a_served_user_and_ended() {
    speech_passes("speech_originating", Case::Originating);
}

#[test]
fn a_refusal_of_the_called_user_goes_back() {
    for (name, case) in [("refused_terminating", Case::Terminating), ("refused_originating", Case::Originating)] {
        comes_to_nothing(name, case, "session_caller_refused", "session_callee_refusing");
    }
}

#[test]
fn a_call_that_is_cancelled_is_cancelled_on_the_other_side() {
    for (name, case) in [("cancelled_terminating", Case::Terminating), ("cancelled_originating", Case::Originating)] {
        comes_to_nothing(name, case, "session_caller_cancelling", "session_callee_cancelled");
    }
}
