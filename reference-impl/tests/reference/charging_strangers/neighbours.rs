//! The strangers as processes of their own: freeDiameter relays, and a server on python-diameter answers. Both are started anew for
//! each test, at free ports.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A process that ends with the test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a process says in lines of JSON.
pub struct Lines(Receiver<String>);

impl Lines {
    pub fn of(stdout: ChildStdout) -> Lines {
        let (say, lines) = channel();
        // It ends with the process that it listens to.
        thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        Lines(lines)
    }

    #[track_caller]
    pub fn next(&self) -> serde_json::Value {
        let line = self.0.recv_timeout(PATIENCE).expect("a line in time");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"))
    }

    pub fn is_silent(&self) -> bool {
        self.0.recv_timeout(Duration::from_millis(200)).is_err()
    }
}

/// The charging server, and the relay before it.
pub struct Strangers {
    _relay: Process,
    _server: Process,
    pub told: Lines,
    pub relay: SocketAddr,
}

/// Whether both can be had. Says so when they cannot.
pub fn are_installed() -> bool {
    let says = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        let there = output.is_ok_and(|output| output.status.success());
        if !there {
            println!("skipped: {program} {} does not do", arguments.join(" "));
        }
        there
    };
    says("freeDiameterd", &["--version"])
        && says("openssl", &["version"])
        && says("python3", &["-c", "import diameter"])
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// An empty folder for a test.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("charging").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Strangers {
    pub fn start() -> Strangers {
        let folder = folder("strangers");
        let (relay, server) = (free(), free());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/strangers/charging/ocs.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(server.port().to_string()).arg(relay.port().to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let told = Lines::of(child.stdout.take().unwrap());
        assert_eq!(told.next()["ready"], true);
        let strangers = Strangers { _relay: started(&folder, relay, server), _server: Process(child), told, relay };
        reached(relay);
        strangers
    }
}

fn started(folder: &Path, relay: SocketAddr, server: SocketAddr) -> Process {
    let configuration = include_str!("../../../../tests/strangers/charging/relay.conf")
        .replace("@FOLDER@", &folder.display().to_string())
        .replace("@RELAY@", &relay.port().to_string())
        .replace("@SERVER@", &server.port().to_string());
    fs::write(folder.join("relay.conf"), configuration).unwrap();
    fs::write(folder.join("acl.conf"), include_str!("../../../../tests/strangers/charging/acl.conf")).unwrap();
    fs::write(folder.join("dh.pem"), include_str!("../../../../tests/strangers/charging/dh.pem")).unwrap();
    // It does not start without, though nobody comes by TLS.
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=relay.example.com"])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let log = fs::File::create(folder.join("relay.log")).unwrap();
    let mut command = Command::new("freeDiameterd");
    command.arg("-c").arg(folder.join("relay.conf"));
    let errors = log.try_clone().unwrap();
    Process(command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().unwrap())
}

#[track_caller]
fn reached(address: SocketAddr) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "nobody is at {address}");
        thread::sleep(Duration::from_millis(50));
    }
}
