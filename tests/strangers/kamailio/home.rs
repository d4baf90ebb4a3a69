//! Kamailio as a process of its own.

use crate::peers::served::PATIENCE;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

pub fn is_installed() -> bool {
    let there = Command::new("kamailio").arg("-v").output().is_ok();
    if !there {
        println!("skipped: Kamailio is not installed");
    }
    there
}

pub struct Home {
    child: Child,
    lines: Receiver<String>,
}

impl Home {
    /// At this address, with the function at that one. Waits until it can be reached.
    pub fn start(home: SocketAddr, function: SocketAddr) -> Home {
        let configuration = include_str!("../kamailio/home-proxy.cfg");
        Home::of(home, |_| configuration.replace("@FUNCTION@", &function.to_string()))
    }

    /// At this address, with a configuration for its folder. Waits until it can be reached.
    pub fn of(home: SocketAddr, configuration: impl FnOnce(&Path) -> String) -> Home {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("kamailio")
            .join(std::process::id().to_string())
            .join(NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let configuration = configuration(&folder).replace("@HOME@", &home.to_string());
        fs::write(folder.join("home.cfg"), configuration).unwrap();
        let mut command = Command::new("kamailio");
        command.arg("-DD").arg("-Y").arg(&folder).arg("-w").arg(&folder).arg("-f").arg(folder.join("home.cfg"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (say, lines) = channel();
        let told = BufReader::new(child.stderr.take().unwrap());
        // It ends with the process that it listens to, and whoever is told no more wants to hear no more.
        thread::spawn(move || told.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let home_is = Home { child, lines };
        home_is.reached(home);
        home_is
    }

    #[track_caller]
    fn reached(&self, address: SocketAddr) {
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.lines.try_iter().collect::<Vec<_>>());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it has said this; gives the rest of the line.
    #[track_caller]
    pub fn says(&self, awaited: &str) -> String {
        let (begun, mut said) = (Instant::now(), Vec::new());
        while let Ok(line) = self.lines.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            if let Some((_, rest)) = line.split_once(awaited) {
                return rest.trim().to_owned();
            }
            said.push(line);
        }
        panic!("{awaited:?} was not said, but {said:#?}");
    }

    /// Has it end in order, with all its processes.
    #[track_caller]
    pub fn stop(mut self) {
        assert!(self.ended(), "it does not end");
    }

    /// Asks the first of its processes, which ends the others; one that is killed could not.
    fn ended(&mut self) -> bool {
        let _ = Command::new("sh").arg("-c").arg(format!("kill {}", self.child.id())).status();
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        if matches!(self.child.try_wait(), Ok(None)) && !self.ended() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
