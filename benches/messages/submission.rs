//! Messages for users, sent by SIPp.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// So many messages are under way at a time.
const AT_A_TIME: &str = "40";

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
    /// The answer that each is to have: 200 for who is there, 202 for who is away.
    pub status: u16,
}

/// What SIPp says at its end.
#[derive(Default)]
pub struct Outcome {
    pub successful: f64,
    pub failed: f64,
    pub repeated: f64,
    /// Seconds.
    pub wall: f64,
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
        let statistics = self.folder.join("statistics.csv");
        let _ = fs::remove_file(&statistics);
        let mut sipp = Command::new("sipp");
        sipp.arg("-sf").arg(&path).arg("-inf").arg(&users).current_dir(self.folder);
        sipp.args([
            "-key",
            "cscf",
            &self.cscf.to_string(),
            "-key",
            "domain",
            self.domain,
            "-key",
            "regstate",
            regstate,
        ]);
        sipp.args(["-i", "127.0.0.1", "-m", &self.messages.to_string(), "-users", AT_A_TIME, "-nostdin"]);
        sipp.args(["-deadcall_wait", "0", "-timer_resol", "1", "-buff_size", "4194304", "-timeout", "300s"]);
        sipp.args(["-trace_stat", "-fd", "1", "-stf"]).arg(&statistics).arg(self.target.to_string());
        sipp.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        sipp.status()?;
        Ok(Outcome { wall: begun.elapsed().as_secs_f64(), ..read(&statistics) })
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

/// The last line of SIPp's statistics.
fn read(statistics: &Path) -> Outcome {
    let text = fs::read_to_string(statistics).unwrap_or_default();
    let mut lines = text.lines();
    let (Some(names), Some(values)) = (lines.next(), lines.next_back()) else { return Outcome::default() };
    let of = |wanted: &str| {
        let at = names.split(';').position(|name| name == wanted)?;
        values.split(';').nth(at)?.parse::<f64>().ok()
    };
    Outcome {
        successful: of("SuccessfulCall(C)").unwrap_or_default(),
        failed: of("FailedCall(C)").unwrap_or(f64::NAN),
        repeated: of("Retransmissions(C)").unwrap_or(f64::NAN),
        wall: 0.0,
    }
}
