//! The tester elsewhere than in the core's place: at the edges of a real one, which is Kamailio with the served reference behind it
//! (tests/strangers/kamailio/core.cfg). Where Kamailio is not installed, that is said and no more.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::kamailio::home::{self, Home};
use crate::peers::served::{self, Served};
use cpm_conformance::evidence::{Direction, Event, Protocol, What, pcapng};
use pretty_assertions::assert_eq;
use serde_json::Value;

const SECRET: &str = "open sesame";
const WHEN_REACHABLE: &str = "^TP-CPM-CONV-058a-01.when-reachable$";

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("topologies").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Kamailio as the core, the function behind it, and where the tester stands.
struct Core {
    home: Home,
    function: Option<Served>,
    sip: SocketAddr,
    msrp: SocketAddr,
    entry: SocketAddr,
    edge: SocketAddr,
}

/// None where Kamailio is not installed.
fn core(fault: Option<&str>) -> Option<Core> {
    if !home::is_installed() {
        return None;
    }
    let (served, edge) = (Served::faulty("message_store: null\npresence: null\n", fault), served::free());
    let configuration = include_str!("kamailio/core.cfg")
        .replace("@FUNCTION@", &served.sip.to_string())
        .replace("@EDGE@", &edge.to_string())
        .replace("@SECRET@", SECRET);
    let (sip, msrp, entry) = (served.sip, served.msrp, served.cscf);
    Some(Core { home: Home::of(entry, |_| configuration), function: Some(served), sip, msrp, entry, edge })
}

impl Core {
    /// The profile of the function behind this core.
    fn profile(&self) -> String {
        let route = format!("reg_event: optional\n    route: \"<sip:{};lr>\"", self.entry);
        let changes = [
            ("topology: isc_direct", "topology: ims_core"),
            ("127.0.0.1:5080", &self.sip.to_string()),
            ("127.0.0.1:2855", &self.msrp.to_string()),
            ("serving_cscf: {bind: \"127.0.0.1:5070\"}", &format!("client: {{bind: \"{}\"}}", self.edge)),
            ("    charging_server: {bind: \"127.0.0.1:3868\"}\n", ""),
            ("    message_store: {bind: \"127.0.0.1:1143\"}\n", ""),
            ("reg_event: optional", &route),
            ("devices: 3", "devices: 3\n    credentials_env: CPM_TEST_SECRET"),
            ("message_store: {mode: tester_imap}", "message_store: {mode: none}"),
            ("presence: {mode: tester}", "presence: {mode: none}"),
        ];
        let served = include_str!("../../fixtures/targets/served.yaml").to_owned();
        changes.iter().fold(served, |profile, (old, new)| {
            assert!(profile.contains(old), "{old}");
            profile.replace(old, new)
        })
    }

    /// Runs some scenarios; gives what the program said, and the folder of the run.
    fn run(&self, name: &str, secret: &str, arguments: &[&str]) -> (Output, PathBuf) {
        let folder = folder(name);
        fs::write(folder.join("profile.yaml"), self.profile()).unwrap();
        let mut command = program("run");
        command.arg("--target").arg(folder.join("profile.yaml")).arg("--output").arg(folder.join("run"));
        let output = command.args(arguments).env("CPM_TEST_SECRET", secret).output().unwrap();
        (output, folder.join("run"))
    }

    /// The function ends, and the core stays.
    fn lose_function(&mut self) {
        self.function.take().unwrap().stop();
    }

    fn stop(self) {
        self.home.stop();
        self.function.into_iter().for_each(Served::stop);
    }
}

fn program(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"));
    program.arg(command);
    program
}

fn results(run: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(run.join("results.json")).unwrap()).unwrap()
}

/// The verdict of the only scenario, and all that was found.
fn only(run: &Path) -> (String, String) {
    let results = results(run);
    let scenarios = results["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 1, "{results:#}");
    (scenarios[0]["verdict"].as_str().unwrap().to_owned(), scenarios[0]["findings"].to_string())
}

#[test]
fn a_delivery_is_judged_at_the_edges_of_a_core() {
    let Some(core) = core(None) else { return };
    let (output, run) = core.run("delivery", SECRET, &["--name", WHEN_REACHABLE]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(only(&run).0, "pass");
    let evidence = fs::read(run.join("evidence/TP-CPM-CONV-058a-01.when-reachable.pcapng")).unwrap();
    let (_, records) = pcapng::read(&evidence).unwrap();
    assert!(records.iter().any(|record| matches!(record.what, What::Event(Event::Core { .. }))));
    let sip = |direction: Direction| {
        let texts = records.iter().filter_map(move |record| match &record.what {
            What::Octets(octets) if octets.protocol == Protocol::Sip && octets.direction == direction => {
                Some(String::from_utf8_lossy(&octets.octets).into_owned())
            }
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let (sent, received) = (sip(Direction::Sent), sip(Direction::Received));
    assert!(sent.iter().any(|text| text.starts_with("REGISTER ") && text.contains("\r\nAuthorization: Digest ")));
    assert!(received.iter().any(|text| text.starts_with("SIP/2.0 401 ")));
    let of_isc = |text: &&String| text.starts_with("INVITE ") && text.contains("\r\nP-Served-User:");
    assert_eq!(sent.iter().find(of_isc), None);

    // The same is found by who reads the report.
    let verified = program("report").arg("verify").arg(&run).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    core.stop();
}

#[test]
fn what_the_function_loses_fails_and_what_the_core_does_not() {
    let Some(core) = core(Some("loses-the-last-message")) else { return };
    let (output, run) = core.run("loses", SECRET, &["--name", WHEN_REACHABLE]);
    let (verdict, findings) = only(&run);
    assert_eq!((output.status.code(), &*verdict), (Some(1), "fail"), "{findings}");
    core.stop();

    // Nobody is behind the core any more: it answers in the name of the function, and is not taken for it.
    let Some(mut core) = self::core(None) else { return };
    core.lose_function();
    let (output, run) = core.run("gone", SECRET, &["--name", WHEN_REACHABLE]);
    let (verdict, findings) = only(&run);
    assert_eq!((output.status.code(), &*verdict), (Some(2), "inconclusive"), "{findings}");
    core.stop();
}

#[test]
fn a_core_is_looked_at_before_a_run() {
    let Some(mut core) = core(None) else { return };
    let look = |core: &Core, secret: &str| {
        let profile = folder("looked-at").join("profile.yaml");
        fs::write(&profile, core.profile()).unwrap();
        let output = program("doctor").arg(profile).env("CPM_TEST_SECRET", secret).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, told) = look(&core, SECRET);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("the core let a device in") && told.contains("the target stands in it"), "{told}");
    assert_eq!(told.matches("CPM_TEST_SECRET is set").count(), 1, "{told}");
    let (code, told) = look(&core, "quince-7");
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("the core answered 401 ") && told.contains("to a REGISTER"), "{told}");
    assert!(told.contains("cure: users[].credentials_env") && !told.contains("quince-7"), "{told}");
    core.lose_function();
    let (code, told) = look(&core, SECRET);
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("FAULT    route"), "{told}");
    core.stop();
}

#[test]
fn who_is_not_let_into_the_core_judges_nobody_and_the_secret_goes_nowhere() {
    let Some(core) = core(None) else { return };
    let (output, run) = core.run("refused", "quince-7", &["--name", WHEN_REACHABLE]);
    let (verdict, findings) = only(&run);
    assert_eq!((output.status.code(), &*verdict), (Some(2), "inconclusive"), "{findings}");
    assert!(findings.contains("the core answers 401 to the registration"), "{findings}");
    let files = fs::read_dir(&run).unwrap().chain(fs::read_dir(run.join("evidence")).unwrap());
    for file in files.map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let octets = fs::read(&file).unwrap();
        assert!(!octets.windows(9).any(|window| window == b"quince-7"), "{}", file.display());
    }
    let mut unset = program("run");
    unset.arg("--target").arg(run.with_file_name("profile.yaml")).args(["--name", WHEN_REACHABLE]);
    let output = unset.env_remove("CPM_TEST_SECRET").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("CPM_TEST_SECRET"));
    core.stop();
}

#[test]
fn at_the_edges_of_a_core_nobody_is_accused_and_the_plan_says_what_is_hidden() {
    let Some(core) = core(None) else { return };
    let part = ["--requirement", "PF-SES-01", "--requirement", "PF-MSG-02", "--requirement", "CPM-CONV-058a"];
    let (output, run) = core.run("part", SECRET, &[&part[..], &["--tags", "not @slow"]].concat());
    let found = results(&run);
    let scenarios = found["scenarios"].as_array().unwrap();
    let of = |verdict: &str| scenarios.iter().filter(|own| own["verdict"] == verdict).count();
    let wrong: Vec<&Value> =
        scenarios.iter().filter(|own| own["verdict"] == "fail" || own["verdict"] == "error").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(of("pass") > 40 && of("inconclusive") > 5, "{} {}", of("pass"), of("inconclusive"));
    assert_eq!(output.status.code(), Some(2));

    let mut plan = program("run");
    let planned = plan.args(["--plan", "--target"]).arg(run.with_file_name("profile.yaml")).output().unwrap();
    let text = String::from_utf8(planned.stdout).unwrap();
    assert_eq!(planned.status.code(), Some(0));
    let line = |id: &str| text.lines().find(|line| line.contains(id)).unwrap_or_default();
    assert!(line("TP-CPM-CONV-058a-01.when-reachable").starts_with("runs "), "{text}");
    let hidden = line("TP-PF-SES-01-06.wrong.1");
    assert!(
        hidden.starts_with("inconclusive ") && hidden.contains("not observable at the edges of a core"),
        "{hidden}"
    );
    core.stop();
}
