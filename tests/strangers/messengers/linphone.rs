//! linphonec, at its prompt.

use crate::messengers::lines::{self, Lines};
use crate::peers::served::PATIENCE;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub fn is_installed() -> bool {
    lines::is_installed("linphonec", Command::new("linphonec").arg("-v"))
}

pub struct Linphone {
    lines: Lines,
    log: PathBuf,
    user: &'static str,
    home: SocketAddr,
}

impl Linphone {
    /// It registers by itself.
    pub fn start(user: &'static str, home: SocketAddr) -> Linphone {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("linphone")
            .join(NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
        let _ = fs::remove_dir_all(&folder);
        // It does not make the folder of its database.
        fs::create_dir_all(folder.join(".local/share/linphone")).unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configuration = include_str!("../linphone/linphonerc")
            .replace("@PORT12@", &format!("{port:012}"))
            .replace("@PORT@", &port.to_string())
            .replace("@USER@", user)
            .replace("@HOME@", &home.to_string());
        fs::write(folder.join("linphonerc"), configuration).unwrap();
        let log = folder.join("log");
        let mut command = Command::new("linphonec");
        command.args(["-d", "6", "-c"]).arg(folder.join("linphonerc")).arg("-l").arg(&log).env("HOME", &folder);
        Linphone { lines: Lines::start(&mut command), log, user, home }
    }

    /// Registers, or leaves.
    pub fn registers(&mut self, on: bool) {
        let order = match on {
            true => format!("register sip:{}@example.com sip:{} none", self.user, self.home),
            false => "unregister".to_owned(),
        };
        self.lines.tell(&order);
    }

    pub fn writes(&mut self, to: &str, words: &str) {
        self.lines.tell(&format!("chat {to} {words}"));
    }

    /// It shows its user this message.
    #[track_caller]
    pub fn shows(&mut self, from: &str, words: &str) {
        let wanted = format!("Message received from {from}: {words}");
        self.lines.find(&wanted, |line| line.ends_with(&wanted).then_some(()));
    }

    /// It writes this into its log.
    #[track_caller]
    pub fn logs(&self, words: &str) {
        let begun = Instant::now();
        while !String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).contains(words) {
            assert!(begun.elapsed() < PATIENCE, "{words:?} is not in {}", self.log.display());
            thread::sleep(Duration::from_millis(50));
        }
    }
}
