//! Messages for users, sent by SIPp.

use crate::sipp::{Outcome, outcome, sipp};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What is sent to whom.
pub struct Submission<'a> {
    /// Where files may lie.
    pub folder: &'a Path,
    /// Who takes it.
    pub target: SocketAddr,
    /// Where the serving CSCF is.
    pub cscf: SocketAddr,
    /// The domain of the users `user-0` and so on, who get messages in turn.
    pub domain: &'a str,
    /// How many users.
    pub users: usize,
    /// How many messages.
    pub messages: usize,
    /// How many are under way at a time.
    pub at_a_time: usize,
    /// The answer that each is to have: 200 for who is there, 202 for who is away.
    pub status: u16,
}

impl Submission<'_> {
    pub fn run(&self) -> io::Result<Outcome> {
        let users = self.folder.join("users.csv");
        let mut text = String::from("SEQUENTIAL\n");
        for number in 0..self.users {
            let _ = writeln!(text, "user-{number}");
        }
        fs::write(&users, text)?;
        // A response's number is no key that SIPp fills in.
        let regstate = if self.status == 202 { "unreg" } else { "reg" };
        let scenario = include_str!("submission.xml").replace("[status]", &self.status.to_string());
        let path = self.folder.join("submission.xml");
        fs::write(&path, scenario)?;
        let mut sending = sipp(self.folder, &path);
        sending.arg("-inf").arg(&users).args(["-i", "127.0.0.1"]);
        let keys =
            [("cscf", self.cscf.to_string()), ("domain", self.domain.to_owned()), ("regstate", regstate.to_owned())];
        for (key, value) in keys {
            sending.args(["-key", key, &value]);
        }
        sending.args(["-m", &self.messages.to_string(), "-users", &self.at_a_time.to_string()]);
        outcome(sending, self.folder, &self.target.to_string())
    }
}

/// A folder of this process for files, empty.
pub fn folder(name: &str) -> io::Result<PathBuf> {
    // On disk: /tmp may be in memory.
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
