//! `doctor` against the reference in a process of its own: everything fine, then one thing wrong at a time, which has to be named
//! with the key that cures it. A real DNS server has the zones that it writes.

use crate::peers::served::{Serving, free};
use pretty_assertions::assert_eq;
use std::fs;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cpm-conformance");
const SERVE: &str = include_str!("../../fixtures/serve.yaml");
const PROFILE: &str = include_str!("../../fixtures/targets/served.yaml");
/// The ports of both files: SIP, media, serving CSCF, charging, store.
const PORTS: [u16; 5] = [5080, 2855, 5070, 3868, 1143];

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The served reference, and a profile of it.
struct Lab {
    folder: PathBuf,
    ports: Vec<(String, String)>,
    _served: Serving,
}

impl Lab {
    /// Starts the reference with these texts of its configuration replaced.
    fn new(name: &str, changes: &[(&str, &str)]) -> Lab {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("doctor").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let ports: Vec<_> = PORTS.iter().map(|port| (format!("127.0.0.1:{port}"), free().to_string())).collect();
        let config = folder.join("serve.yaml");
        fs::write(&config, here(&changed(SERVE, changes), &ports)).unwrap();
        Lab { folder, ports, _served: Serving::start("participating-function", &config, []) }
    }

    /// Looks, with these texts of the profile replaced; gives the exit code and what was told.
    fn look(&self, changes: &[(&str, &str)], options: &[&str]) -> (Option<i32>, String) {
        let profile = self.folder.join("profile.yaml");
        fs::write(&profile, here(&changed(PROFILE, changes), &self.ports)).unwrap();
        let output = Command::new(PROGRAM).arg("doctor").arg(&profile).args(options).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        println!("{told}{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), told)
    }
}

fn here(text: &str, ports: &[(String, String)]) -> String {
    ports.iter().fold(text.to_owned(), |text, (port, other)| text.replace(port, other))
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    })
}

/// The cures below the lines that begin so and are about this.
fn cures(told: &str, state: &str, check: &str, about: &str) -> Vec<String> {
    let lines: Vec<&str> = told.lines().collect();
    let begins = |line: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some(state) && words.next() == Some(check) && line.contains(about)
    };
    let pairs = lines.iter().zip(lines.iter().skip(1));
    pairs.filter(|(line, _)| begins(line)).map(|(_, cure)| cure.trim().to_owned()).collect()
}

/// That one such check is there, and its cure names this.
#[track_caller]
fn is_cured_by(told: &str, state: &str, (check, about): (&str, &str), cure: &str) {
    let cures = cures(told, state, check, about);
    assert!(cures.iter().any(|own| own.starts_with("cure: ") && own.contains(cure)), "{check} {about} {cure}: {told}");
}

#[test]
fn a_sound_target_is_reached_by_every_way_and_comes_back_by_every_way() {
    let lab = Lab::new("sound", &[]);
    let (code, told) = lab.look(&[], &[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(!told.contains("FAULT"), "{told}");
    let fine = |check: &str, about: &str| {
        let line = told
            .lines()
            .find(|line| line.starts_with("ok ") && line.contains(&format!(" {check} ")) && line.contains(about));
        assert!(line.is_some(), "{check} {about}: {told}");
    };
    for about in [
        "sip:plain-1@",
        "network.actors.remote_participating_function",
        "network.actors.client",
        "network.actors.controlling_function",
        "network.psi.factory",
        "network.psi.exploder",
        "network.psi.iwf",
    ] {
        fine("route", about);
    }
    for about in ["remote_participating_function", "client", "controlling_function"] {
        fine("media", about);
    }
    for check in ["options", "register", "store", "presence", "charging"] {
        fine(check, "");
    }
    assert!(told.lines().all(|line| !line.starts_with("differs") || line.contains(" version ")), "{told}");
    for key in
        ["statement.first_answer", "statement.media_path", "statement.deferred_delivery", "statement.presence_source"]
    {
        assert!(told.lines().any(|line| line.starts_with("agrees") && line.contains(key)), "{key}: {told}");
    }
}

#[test]
fn a_wrong_address_of_each_actor_is_named_with_its_key() {
    let lab = Lab::new(
        "addresses",
        &[("message_store: {address: \"127.0.0.1:1143\"", "message_store: {address: \"127.0.0.1:9\"")],
    );
    let (code, told) = lab.look(
        &[(
            "message_store: {bind: \"127.0.0.1:1143\"}",
            "message_store: {bind: \"127.0.0.1:1143\"}\n    interworking_function: {bind: \"127.0.0.1:4999\"}",
        )],
        &[],
    );
    assert_eq!(code, Some(0), "what a target may leave undone is no fault: {told}");
    is_cured_by(&told, "note", ("store", "network.actors.message_store"), "network.actors.message_store.bind");
    is_cured_by(&told, "note", ("address", "network.actors.interworking_function"), "network.actors.serving_cscf");

    let wrong = "serving_cscf: {bind: \"127.0.0.1:5070\", advertise: \"127.0.0.1:9\"}";
    let (code, told) =
        lab.look(&[("serving_cscf: {bind: \"127.0.0.1:5070\"}", wrong), ("answer_ms: 5000", "answer_ms: 1000")], &[]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("options", "network.target.sip"), "network.actors.serving_cscf.advertise");

    let media =
        ("  message_store: {mode: tester_imap}", "  message_store: {mode: none}\n  msrp: {advertise: \"127.0.0.77\"}");
    let (code, told) = lab.look(&[media, ("answer_ms: 5000", "answer_ms: 1000")], &[]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("media", "network.actors."), "network.msrp.advertise");

    let domain = ("  domain: example.com", "  domain: other.example");
    let (code, told) = lab.look(&[domain, ("answer_ms: 5000", "answer_ms: 1000")], &[]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("route", "network.actors.client"), "network.domain");
}

#[test]
fn who_answers_nothing_is_told_from_who_is_not_there() {
    let lab = Lab::new("silence", &[]);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sip = format!("sip: [\"{}\"]", silent.local_addr().unwrap());
    let target = ("sip: [\"127.0.0.1:5080\"]", sip.as_str());
    let (code, told) = lab.look(&[target, ("answer_ms: 5000", "answer_ms: 500")], &[]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("options", "network.target.sip"), "a firewall");
    drop(silent);
    let (code, told) = lab.look(&[target, ("answer_ms: 5000", "answer_ms: 500")], &[]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("port", "network.target.sip"), "correct the port in network.target.sip");
}

#[test]
fn traffic_from_a_source_that_the_profile_does_not_have_is_named_with_it() {
    let lab = Lab::new("sources", &[]);
    let sources = ("    msrp: [\"127.0.0.1:2855\"]", "    msrp: [\"127.0.0.1:2855\"]\n    sources: [\"192.0.2.0/24\"]");
    let (code, told) = lab.look(&[sources], &[]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("route", "sip:plain-1@"), "add 127.0.0.1 to network.target.sources");
}

#[test]
fn what_was_seen_is_written_into_a_new_profile_and_into_no_other() {
    let lab = Lab::new("proposals", &[]);
    let file = lab.folder.join("proposed.yaml");
    let changes = [("first_answer: stand_in", "first_answer: accepted_202"), ("media_path: in", "media_path: out")];
    let (code, told) = lab.look(&changes, &["--write-proposals", file.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.lines().any(|line| line.starts_with("differs") && line.contains("statement.first_answer")), "{told}");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("first_answer: stand_in") && written.contains("media_path: in"), "{written}");
    assert!(fs::read_to_string(lab.folder.join("profile.yaml")).unwrap().contains("first_answer: accepted_202"));
    let again = Command::new(PROGRAM).arg("doctor").arg(&file).args(["--write-proposals"]).arg(&file).output().unwrap();
    assert_eq!(again.status.code(), Some(4));
}

/// Whether a program is there; where it is not, this says so.
fn has(program: &str) -> bool {
    let there =
        ["/usr/sbin", "/usr/bin", "/usr/local/sbin"].iter().any(|folder| Path::new(folder).join(program).exists());
    if !there {
        println!("skipped: {program} is not installed; scripts/test installs it");
    }
    there
}

/// A DNS server with these zones, each in its file.
fn name_server(folder: &Path, zones: &[(&str, &Path)]) -> (Ends, SocketAddr) {
    let at = free();
    let own: String =
        zones.iter().map(|(name, file)| format!("zone:\n  name: {name}\n  zonefile: {}\n", file.display())).collect();
    let config = folder.join("nsd.conf");
    let path = folder.display();
    fs::write(
        &config,
        format!(
            "server:\n  ip-address: 127.0.0.1@{}\n  username: \"\"\n  chroot: \"\"\n  server-count: 1\n  database: \"\"\n  \
             zonesdir: \"{path}\"\n  pidfile: \"{path}/nsd.pid\"\n  zonelistfile: \"{path}/zone.list\"\n  \
             xfrdfile: \"{path}/xfrd.state\"\n  xfrdir: \"{path}\"\n  logfile: \"{path}/nsd.log\"\n\
             remote-control:\n  control-enable: no\n{own}",
            at.port()
        ),
    )
    .unwrap();
    let child = Command::new("/usr/sbin/nsd").args(["-d", "-c"]).arg(&config).stderr(Stdio::null()).spawn().unwrap();
    let server = Ends(child);
    let begun = Instant::now();
    while TcpListener::bind(at).is_ok() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(50));
    }
    (server, at)
}

#[test]
fn zone_files_are_what_a_name_server_takes_and_what_it_lacks_is_named() {
    if !has("nsd") || !has("nsd-checkzone") {
        return;
    }
    let lab = Lab::new("zones", &[]);
    let zone = (
        "  message_store: {mode: tester_imap}",
        "  message_store: {mode: none}\n  dns: {mode: zone_file, zone: home.zone}",
    );
    let (code, told) = lab.look(&[zone], &["--resolver", &free().to_string()]);
    assert_eq!(code, Some(0), "{told}");
    is_cured_by(&told, "note", ("zone", "network.dns.zone"), "--resolver");
    let home = lab.folder.join("home.zone");
    let files = [
        ("example.com", home.clone()),
        ("remote.example", lab.folder.join("home.zone.remote.example")),
        ("0.0.9.9.9.1.e164.arpa", lab.folder.join("home.zone.0.0.9.9.9.1.e164.arpa")),
    ];
    let zones: Vec<(&str, &Path)> = files.iter().map(|(name, file)| (*name, file.as_path())).collect();
    for (name, file) in &zones {
        let checked = Command::new("/usr/sbin/nsd-checkzone").arg(name).arg(file).output().unwrap();
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stdout));
    }
    let (server, at) = name_server(&lab.folder, &zones);
    let (code, told) = lab.look(&[zone], &["--resolver", &at.to_string()]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(told.matches("has it, with its records").count(), 3, "{told}");
    drop(server);

    // One record is not there, and one zone.
    let part = lab.folder.join("part.zone");
    let text = fs::read_to_string(&home).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("_sip._tcp ")).collect();
    assert_eq!(kept.len() + 1, text.lines().count(), "{text}");
    fs::write(&part, kept.join("\n") + "\n").unwrap();
    let (_server, at) = name_server(&lab.folder, &[("example.com", &part), zones[2]]);
    let (code, told) = lab.look(&[zone], &["--resolver", &at.to_string()]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("zone", "SRV _sip._tcp.example.com"), "network.dns.zone");
    is_cured_by(&told, "FAULT", ("zone", "no zone remote.example"), "network.dns.zone");

    fs::write(&home, "; of somebody else\n").unwrap();
    let (code, told) = lab.look(&[zone], &["--resolver", &at.to_string()]);
    assert_eq!(code, Some(4), "{told}");
    is_cured_by(&told, "FAULT", ("zone", "was not written by this command"), "network.dns.zone");
    assert_eq!(fs::read_to_string(&home).unwrap(), "; of somebody else\n");
}
