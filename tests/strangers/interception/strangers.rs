//! Programs of others: openssl makes certificates, curl gives orders, python takes what was intercepted.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// True where all of them are there; else that is said.
pub fn are_installed() -> bool {
    let runs = |program: &str, argument: &str| {
        let run = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let missing: Vec<&str> = [("openssl", "version"), ("curl", "--version"), ("python3", "--version")]
        .into_iter()
        .filter_map(|(program, argument)| (!runs(program, argument)).then_some(program))
        .collect();
    if !missing.is_empty() {
        println!("skipped: {} not installed", missing.join(", "));
    }
    missing.is_empty()
}

/// Two authorities, and who has a certificate of theirs.
pub struct Certificates {
    folder: tempfile::TempDir,
}

fn openssl(folder: &Path, arguments: &str) {
    let run = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
}

impl Certificates {
    pub fn new() -> Certificates {
        let own = Certificates { folder: tempfile::tempdir().unwrap() };
        for authority in ["ca", "other-ca"] {
            let key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
            openssl(
                own.folder.path(),
                &format!("{key} -subj /CN={authority} -keyout {authority}.key -out {authority}.pem"),
            );
        }
        own.issue("pf", "pf.example.com", "ca");
        own.issue("admf", "admf.example.com", "ca");
        own.issue("mdf", "mdf.example.com", "ca");
        own.issue("unauthorised", "somebody.example.com", "ca");
        own.issue("stranger", "admf.example.com", "other-ca");
        own
    }

    fn issue(&self, who: &str, name: &str, authority: &str) {
        let folder = self.folder.path();
        let extensions = format!("subjectAltName=DNS:{name},IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
        fs::write(folder.join(format!("{who}.ext")), extensions).unwrap();
        let key = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(folder, &format!("{key} -subj /CN={name} -keyout {who}.key -out {who}.csr"));
        let by = format!("-CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days 2");
        openssl(folder, &format!("x509 -req -in {who}.csr {by} -extfile {who}.ext -out {who}.pem"));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The line of the reference's configuration.
    pub fn configuration(&self) -> String {
        let at = |name: &str| self.path(name).display().to_string();
        format!(
            "interception: {{listen: \"127.0.0.1:0\", certificate: \"{}\", key: \"{}\", ca: \"{}\", \
             administration: admf.example.com, mediation: mdf.example.com, audit: \"{}\"}}\n",
            at("pf.pem"),
            at("pf.key"),
            at("ca.pem"),
            at("audit.log")
        )
    }

    /// curl posts a document with the certificate of somebody, or none; gives the status, 0 where there was none, and the answer.
    pub fn curl(&self, who: Option<&str>, address: &str, more: &[&str], document: &str) -> (u16, String) {
        fs::write(self.path("document.xml"), document).unwrap();
        let mut command = Command::new("curl");
        command.current_dir(self.folder.path());
        command.args(["--silent", "--max-time", "10", "--cacert", "ca.pem", "--write-out", "\n%{http_code}"]);
        if let Some(who) = who {
            command.args(["--cert", &format!("{who}.pem"), "--key", &format!("{who}.key")]);
        }
        command.args(["--header", "Content-Type: application/xml", "--data-binary", "@document.xml"]);
        let run = command.args(more).arg(format!("https://{address}/X1/NE")).output().unwrap();
        let said = String::from_utf8(run.stdout).unwrap();
        let (document, status) = said.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), document.to_owned())
    }
}

/// The mediation function of tests/strangers/interception.
pub struct Mediation {
    process: Child,
    pub port: u16,
    lines: Receiver<String>,
}

impl Mediation {
    pub fn start(certificates: &Certificates) -> Mediation {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers/interception/mediation.py");
        let mut process = Command::new("python3")
            .arg(script)
            .args(["mdf.pem", "mdf.key", "ca.pem"].map(|name| certificates.path(name)))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let port = lines.recv_timeout(PATIENCE).unwrap().parse().unwrap();
        Mediation { process, port, lines }
    }

    /// The next PDU.
    #[track_caller]
    pub fn next(&self) -> serde_json::Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("a PDU in time");
        serde_json::from_str(&line).unwrap()
    }

    /// Nothing more comes for a while.
    pub fn is_silent(&self) -> bool {
        self.lines.recv_timeout(Duration::from_millis(500)).is_err()
    }
}

impl Drop for Mediation {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
