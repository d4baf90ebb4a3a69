//! The reference as a process of its own, and what it takes of the machine.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// `serve participating-function`, which ends with this.
pub struct Reference {
    child: Child,
    pub sip: SocketAddr,
    pub msrp: SocketAddr,
}

impl Reference {
    /// With a serving CSCF at this address, and everything kept in memory.
    pub fn start(cscf: SocketAddr) -> io::Result<Reference> {
        Reference::configured(cscf, "")
    }

    /// With this timer T1 of RFC 3261: transactions are remembered for 64 times as long.
    pub fn with(cscf: SocketAddr, t1: Duration) -> io::Result<Reference> {
        Reference::configured(cscf, &format!("t1_ms: {}\n", t1.as_millis()))
    }

    /// With these lines of configuration besides.
    pub fn configured(cscf: SocketAddr, more: &str) -> io::Result<Reference> {
        let path = std::env::temp_dir().join(format!("cpm-bench-reference-{}.yaml", std::process::id()));
        let address = "127.0.0.1:0";
        fs::write(
            &path,
            format!(
                "domain: example.com\nsip: \"{address}\"\nmsrp: \"{address}\"\nserving_cscf: \"{cscf}\"\n\
                 media: {{continuous: true}}\n{more}"
            ),
        )?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
            .args(["serve", "participating-function", "--config"])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let _ = fs::remove_file(&path);
        let ready: Value = serde_json::from_str(&line)?;
        let address = |key: &str| ready.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok());
        match (address("sip"), address("msrp")) {
            (Some(sip), Some(msrp)) => Ok(Reference { child, sip, msrp }),
            _ => Err(io::Error::other(format!("the reference says {line:?}"))),
        }
    }

    /// The memory that it has now, and the most that it ever had, in kB.
    pub fn memory(&self) -> (f64, f64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kib.map_or(f64::NAN, |kib| kib * 1.024)
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Processor time that it has taken, in seconds: its own and the system's for it (proc(5): ticks of 10 ms).
    pub fn processor(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok());
        ticks.sum::<f64>() / 100.0
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // It ends in order when its standard input closes. Nothing to do for one that has ended.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// An address that is free for datagrams and streams alike.
pub fn free() -> io::Result<SocketAddr> {
    let both = || {
        let tcp = TcpListener::bind("127.0.0.1:0")?;
        UdpSocket::bind(tcp.local_addr()?)?.local_addr()
    };
    (0..50).find_map(|_| both().ok()).ok_or_else(|| io::Error::other("no port is free"))
}
