//! The reference as a process of its own, and those who talk to it.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// `serve`, in a process of its own, which ends with the test.
pub struct Serving {
    child: Child,
    /// Where it is, as it says when it is ready.
    pub ready: serde_json::Value,
}

impl Serving {
    /// Starts it in this role, with this configuration and further options.
    pub fn start<'a>(role: &str, config: &Path, options: impl IntoIterator<Item = &'a str>) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
            .args(["serve", role, "--config"])
            .arg(config)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Serving { child, ready: serde_json::from_str(&line).unwrap() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Nothing to do for one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `serve participating-function`.
pub struct Served {
    serving: Serving,
    pub sip: SocketAddr,
    pub msrp: SocketAddr,
    pub cscf: SocketAddr,
    #[allow(dead_code, reason = "one test orders interception")]
    pub x1: Option<SocketAddr>,
    folder: PathBuf,
}

/// A port that is free on UDP and TCP.
pub fn free() -> SocketAddr {
    let both = || {
        let tcp = TcpListener::bind("127.0.0.1:0").ok()?;
        let udp = UdpSocket::bind(tcp.local_addr().ok()?).ok()?;
        udp.local_addr().ok()
    };
    (0..50).find_map(|_| both()).unwrap()
}

impl Served {
    pub fn start() -> Served {
        Served::with("")
    }

    /// With these lines of configuration besides, in which `@CSCF@` is where its serving CSCF is.
    pub fn with(more: &str) -> Served {
        Served::faulty(more, None)
    }

    /// The same with a seeded fault.
    pub fn faulty(more: &str, fault: Option<&str>) -> Served {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("peers")
            .join(NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let cscf = free();
        let config = include_str!("../../../fixtures/serve.yaml")
            .replace("127.0.0.1:5080", "127.0.0.1:0")
            .replace("127.0.0.1:2855", "127.0.0.1:0")
            .replace("127.0.0.1:3868", &free().to_string())
            .replace("127.0.0.1:1143", &free().to_string())
            .replace("127.0.0.1:5070", &cscf.to_string());
        // Nobody interworks or charges where a test does not say who. What is charged bears an identifier, too, with which a
        // request of a peer without TCP would be too large for a datagram.
        let none = if more.contains("interworking:") { "" } else { "interworking: null\ncharging: null\n" };
        let more = format!("{more}{none}").replace("@CSCF@", &cscf.to_string());
        // What is said besides stands for what was said.
        let key = |line: &str| line.split_once(':').map(|(key, _)| key.to_owned());
        let anew: Vec<String> = more.lines().filter_map(key).collect();
        let kept = config.lines().filter(|line| !key(line).is_some_and(|key| anew.contains(&key)));
        let config = kept.map(|line| format!("{line}\n")).collect::<String>();
        fs::write(folder.join("serve.yaml"), config + &more).unwrap();
        let options = fault.iter().flat_map(|fault| ["--fault", fault]);
        let serving = Serving::start("participating-function", &folder.join("serve.yaml"), options);
        let address = |key: &str| serving.ready[key].as_str().unwrap().parse().unwrap();
        let x1 = serving.ready["x1"].as_str().map(|address| address.parse().unwrap());
        let (sip, msrp) = (address("sip"), address("msrp"));
        Served { serving, x1, sip, msrp, cscf, folder }
    }

    /// One who sends datagrams to it.
    pub fn neighbour(&self) -> Neighbour {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(self.sip).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Neighbour { socket }
    }

    /// Closes its standard input, whereupon it ends in order.
    #[track_caller]
    pub fn stop(mut self) {
        drop(self.serving.child.stdin.take());
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.serving.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(0));
    }
}

/// Runs some scenarios against it.
pub fn run_against(served: &Served, scenarios: &str) -> Output {
    let profile = include_str!("../../../fixtures/targets/served.yaml")
        .replace("127.0.0.1:5080", &served.sip.to_string())
        .replace("127.0.0.1:2855", &served.msrp.to_string())
        .replace("127.0.0.1:5070", &served.cscf.to_string())
        .replace("127.0.0.1:3868", "127.0.0.1:0")
        .replace("127.0.0.1:1143", "127.0.0.1:0");
    fs::write(served.folder.join("profile.yaml"), profile).unwrap();
    Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["run", "--name", scenarios, "--target"])
        .arg(served.folder.join("profile.yaml"))
        .arg("--output")
        .arg(served.folder.join("run"))
        .output()
        .unwrap()
}

/// One who sends datagrams.
pub struct Neighbour {
    socket: UdpSocket,
}

impl Neighbour {
    /// The text with both addresses in their places.
    pub fn filled(&self, text: &str) -> String {
        let own = self.socket.local_addr().unwrap().to_string();
        text.replace("[target]", &self.socket.peer_addr().unwrap().to_string()).replace("[own]", &own)
    }

    pub fn send(&self, text: &str) {
        self.send_octets(self.filled(text).as_bytes());
    }

    pub fn send_octets(&self, octets: &[u8]) {
        self.socket.send(octets).unwrap();
    }

    /// Sends a request until it is answered, as RFC 3261 section 17.1.2 does; gives the answer.
    #[track_caller]
    pub fn ask(&self, request: &str) -> String {
        let request = self.filled(request);
        let call_id = header(&request, "Call-ID").unwrap().to_owned();
        let branch = header(&request, "Via").unwrap().rsplit('=').next().unwrap().to_owned();
        let begun = Instant::now();
        let mut octets = [0; 65_535];
        self.socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        while begun.elapsed() < PATIENCE {
            self.socket.send(request.as_bytes()).unwrap();
            while let Ok(length) = self.socket.recv(&mut octets) {
                let answer = String::from_utf8(octets[..length].to_vec()).unwrap();
                // An answer to something before may come late, or twice.
                let own = header(&answer, "Call-ID") == Some(&call_id) && answer.contains(&branch);
                if own && status(&answer).is_some_and(|status| status >= 200) {
                    return answer;
                }
                assert!(own || header(&answer, "CSeq").is_some(), "{answer}");
            }
        }
        panic!("no answer to {request}");
    }

    /// Sends a request and gives the first datagram that comes, whatever it is.
    pub fn first(&self, request: &str) -> String {
        self.send(request);
        let mut octets = [0; 65_535];
        let length = self.socket.recv(&mut octets).unwrap();
        String::from_utf8(octets[..length].to_vec()).unwrap()
    }

    /// Reads until nothing more comes.
    pub fn quiet(&self) {
        self.socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut octets = [0; 65_535];
        while self.socket.recv(&mut octets).is_ok() {}
    }
}

/// Reads a stream until it holds what is looked for, or ends.
pub fn read_some(stream: &mut TcpStream, enough: impl Fn(&str) -> bool) -> String {
    let mut read = Vec::new();
    let mut octets = [0; 4096];
    loop {
        match stream.read(&mut octets) {
            Ok(0) => break,
            Ok(length) => read.extend_from_slice(&octets[..length]),
            Err(error) => {
                assert_ne!(error.kind(), ErrorKind::WouldBlock, "{}", String::from_utf8_lossy(&read));
                break;
            }
        }
        if enough(&String::from_utf8_lossy(&read)) {
            break;
        }
    }
    String::from_utf8(read).unwrap()
}

/// The status of a response.
pub fn status(message: &str) -> Option<u16> {
    message.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}

/// The first value of a header, by its long name.
pub fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let named = |line: &'a str| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then_some(value.trim())
    };
    message.split("\r\n").take_while(|line| !line.is_empty()).find_map(named)
}
