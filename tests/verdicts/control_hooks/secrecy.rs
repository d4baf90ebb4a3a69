//! A run in which secrets are everywhere: in the environment, in what hooks print and complain of, and in what the target tells
//! the tester's store. No file of the run has one, nor has anything that the program prints.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cpm-conformance");

/// What is to be seen nowhere. The second goes to the store as a literal: quotes hold no such letters.
const HOOK: &str = "hook-swordfish-41";
const STORE: &str = "störe-swordfish-42";
const DIGEST: &str = "digest-swordfish-43";

/// A port that is free on UDP and TCP.
fn free() -> SocketAddr {
    let both = || {
        let tcp = TcpListener::bind("127.0.0.1:0").ok()?;
        UdpSocket::bind(tcp.local_addr().ok()?).ok()?.local_addr().ok()
    };
    (0..50).find_map(|_| both()).unwrap()
}

/// The reference in a process of its own, and the profile that fits it.
struct Served {
    child: Child,
    profile: String,
}

impl Served {
    fn start(folder: &Path) -> Served {
        let ports = ["127.0.0.1:5080", "127.0.0.1:2855", "127.0.0.1:5070", "127.0.0.1:3868", "127.0.0.1:1143"];
        let ports = ports.map(|port| (port, free().to_string()));
        let moved = |text: &str| ports.iter().fold(text.to_owned(), |text, (port, free)| text.replace(port, free));
        let config = moved(include_str!("../../../fixtures/serve.yaml"));
        let config = config.replace("user: \"{user}\"}", "user: \"{user}\", password_env: LAB_STORE}");
        std::fs::write(folder.join("pf.yaml"), config).unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["serve", "participating-function", "--config"])
            .arg(folder.join("pf.yaml"))
            .env("LAB_STORE", STORE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("\"ready\":true"), "{line}");
        Served { child, profile: moved(include_str!("../../../fixtures/targets/served.yaml")) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hooks that say more than they should.
const HOOKS: &str = r#"
control:
  reset: {exec: "test -n \"$LAB_HOOK\""}
  probe_store: {exec: "printf '{\"items\": [{\"kind\": \"message\", \"message_id\": \"none\"}], \"debug\": \"%s\"}' \"$LAB_HOOK\""}
  admin_release: {exec: "echo \"$LAB_HOOK\" >&2; printf 'bob:%s' \"$LAB_HOOK\" | base64 >&2; exit 3"}
provisioning: {mode: http, url: "http://bob:${LAB_HOOK}@127.0.0.1:1/wish?token=${LAB_HOOK}"}
"#;

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let secrets = [("LAB_HOOK", HOOK), ("LAB_STORE", STORE), ("LAB_DIGEST", DIGEST)];
    Command::new(PROGRAM).args(arguments).envs(secrets).current_dir(folder).output().unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Each secret as it is, and in base64 as it stands there whatever is before it.
fn forms() -> Vec<Vec<u8>> {
    let encoded = |text: &str| {
        let script = "import base64, sys; sys.stdout.write(base64.b64encode(sys.argv[1].encode()).decode())";
        let output = Command::new("python3").args(["-c", script, text]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let mut forms = Vec::new();
    for secret in [HOOK, STORE, DIGEST] {
        forms.push(secret.as_bytes().to_vec());
        forms.push(secret.replace('ö', "%C3%B6").into_bytes());
        for before in ["", "a", "ab"] {
            // The characters at both ends depend on what stands beside.
            let text = encoded(&format!("{before}{secret}"));
            forms.push(text.as_bytes()[4..16].to_vec());
        }
    }
    forms
}

fn is_secret(octets: &[u8]) -> Option<String> {
    let has = |form: &&Vec<u8>| octets.windows(form.len()).any(|part| part == form.as_slice());
    forms().iter().find(has).map(|form| String::from_utf8_lossy(form).into_owned())
}

#[test]
fn no_file_of_a_run_and_nothing_that_is_printed_has_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let served = Served::start(folder);
    let profile = served
        .profile
        .replace("message_store: {mode: tester_imap}", "message_store: {mode: tester_imap, password_env: LAB_STORE}")
        .replace("devices: 3", "devices: 3\n    credentials_env: LAB_DIGEST");
    let profile = profile.split("\ncontrol:").next().unwrap().split("\nprovisioning:").next().unwrap().to_owned();
    std::fs::write(folder.join("profile.yaml"), format!("{profile}{HOOKS}")).unwrap();
    let names = "^TP-(CPM-CONV-058-01.offline-from-the-start|PF-SES-01-05.*|PF-HIS-01-01.*|PF-SES-03-02.blocked)$";
    let run = program(folder, &["run", "--target", "profile.yaml", "--output", "run", "--name", names]);
    let told = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    let results = std::fs::read_to_string(folder.join("run/results.json")).expect(&told);
    // What was to be hidden was there.
    assert!(results.contains("control.admin_release: exit status: 3: ***"), "{told}");
    assert!(results.contains("provisioning: http://***@127.0.0.1:1/wish?***"), "{told}");
    let evidence = files(&folder.join("run/evidence"));
    let all: Vec<Vec<u8>> = evidence.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let has = |words: &str| all.iter().any(|file| file.windows(words.len()).any(|part| part == words.as_bytes()));
    assert!(has("{19}\r\n") || has("{19+}\r\n"), "the password came as no literal: {told}");
    assert!(has(&"x".repeat(STORE.len())));
    assert!(has("\"event\":\"stored\""), "{told}");
    let shown = [
        ("what run prints", [run.stdout, run.stderr].concat()),
        ("doctor", program(folder, &["doctor", "profile.yaml"]).stdout),
        ("plan", program(folder, &["run", "--target", "profile.yaml", "--plan"]).stdout),
        ("verify", program(folder, &["report", "verify", "run"]).stdout),
    ];
    for (what, octets) in shown {
        assert!(!octets.is_empty());
        assert_eq!(is_secret(&octets), None, "{what}");
    }
    for file in files(&folder.join("run")) {
        assert_eq!(is_secret(&std::fs::read(&file).unwrap()), None, "{}", file.display());
    }
    let verified = program(folder, &["report", "verify", "run"]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
}
