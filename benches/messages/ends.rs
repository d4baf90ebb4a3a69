//! The serving CSCF of the users: it takes what is for them, and tells which of them has come.

use socket2::SockRef;
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Datagrams may wait in so many octets, or in what the system gives.
const WAITING_OCTETS: usize = 8 << 20;

/// So many registrations are under way at a time.
const AT_A_TIME: usize = 16;

/// What has come.
#[derive(Clone, Default)]
pub struct Tally {
    /// The first transaction that brought each message, by the number in its text.
    brought: HashMap<u64, String>,
    /// Messages that a second transaction brought.
    pub doubled: usize,
    /// Requests of a transaction that were there before.
    pub repeated: usize,
    /// When the last message came that was not there.
    pub last: Option<Instant>,
}

impl Tally {
    /// How many different messages came.
    pub fn distinct(&self) -> usize {
        self.brought.len()
    }

    fn count(&mut self, message: &str) {
        let Some(number) = message.rsplit_once("number=").and_then(|(_, rest)| rest.split(';').next()?.parse().ok())
        else {
            return;
        };
        let branch = message.split_once("branch=").and_then(|(_, rest)| rest.split([';', '\r', ',']).next());
        let branch = branch.unwrap_or_default();
        match self.brought.get(&number) {
            None => {
                self.brought.insert(number, branch.to_owned());
                self.last = Some(Instant::now());
            }
            Some(before) if before == branch => self.repeated += 1,
            Some(_) => self.doubled += 1,
        }
    }
}

/// Answers every MESSAGE with 200.
pub struct Sink {
    pub address: SocketAddr,
    tally: Arc<Mutex<Tally>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    pub fn start() -> io::Result<Sink> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        SockRef::from(&socket).set_recv_buffer_size(WAITING_OCTETS)?;
        socket.set_read_timeout(Some(Duration::from_millis(50)))?;
        let address = socket.local_addr()?;
        let (tally, stopped) = (Arc::new(Mutex::new(Tally::default())), Arc::new(AtomicBool::new(false)));
        let (counting, stopping) = (Arc::clone(&tally), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            let mut octets = vec![0; 65_535];
            while !stopping.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut octets) else { continue };
                let Some(Ok(message)) = octets.get(..length).map(std::str::from_utf8) else { continue };
                if message.starts_with("MESSAGE ") {
                    // One that is lost comes again.
                    let _ = socket.send_to(ok(message).as_bytes(), from);
                    counting.lock().unwrap_or_else(PoisonError::into_inner).count(message);
                }
            }
        });
        Ok(Sink { address, tally, stopped, thread: Some(thread) })
    }

    /// What has come so far.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many different messages have come, or none comes any more; gives what came.
    pub fn await_messages(&self, messages: usize) -> Tally {
        let quiet = Duration::from_secs(8);
        let begun = Instant::now();
        loop {
            thread::sleep(Duration::from_millis(100));
            let (distinct, last) = {
                let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                (tally.distinct(), tally.last)
            };
            if distinct >= messages || last.unwrap_or(begun).elapsed() > quiet {
                // What comes twice may come a moment later.
                thread::sleep(Duration::from_millis(1_000));
                return self.tally();
            }
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ok(request: &str) -> String {
    let mut response = String::with_capacity(512);
    response.push_str("SIP/2.0 200 OK\r\n");
    for line in request.split("\r\n").take_while(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default();
        if ["Via", "From", "Call-ID", "CSeq", "To"].iter().any(|copied| copied.eq_ignore_ascii_case(name)) {
            response.push_str(line);
            response.push_str(if name.eq_ignore_ascii_case("To") { ";tag=sink\r\n" } else { "\r\n" });
        }
    }
    response.push_str("Content-Length: 0\r\n\r\n");
    response
}

/// Tells a function, or a registrar, that users `user-0` and so on have come. `contact` is where they are.
pub fn register(target: SocketAddr, cscf: SocketAddr, domain: &str, users: usize, third_party: bool) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(target)?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let own = socket.local_addr()?;
    let request = |number: usize| {
        let user = format!("sip:user-{number}@{domain}");
        let (uri, from, contact) = match third_party {
            true => (format!("sip:{target}"), format!("sip:{cscf}"), format!("<sip:{cscf}>")),
            false => (format!("sip:{domain}"), user.clone(), format!("<sip:user-{number}@{cscf}>")),
        };
        format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-r{number}\r\nMax-Forwards: 70\r\n\
             From: <{from}>;tag=r{number}\r\nTo: <{user}>\r\nCall-ID: registration-{number}\r\nCSeq: 1 REGISTER\r\n\
             Contact: {contact}\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let mut octets = [0; 65_535];
    let mut waiting: HashMap<usize, String> = HashMap::new();
    let mut coming = 0..users;
    loop {
        while waiting.len() < AT_A_TIME
            && let Some(number) = coming.next()
        {
            let request = request(number);
            socket.send(request.as_bytes())?;
            waiting.insert(number, request);
        }
        if waiting.is_empty() {
            return Ok(());
        }
        match socket.recv(&mut octets) {
            Ok(length) => {
                let answer = String::from_utf8_lossy(octets.get(..length).unwrap_or_default());
                let number = answer.split_once("Call-ID: registration-");
                let number = number.and_then(|(_, rest)| rest.split("\r\n").next()?.parse().ok());
                match number {
                    Some(number) if answer.starts_with("SIP/2.0 200") => {
                        waiting.remove(&number);
                    }
                    _ if answer.starts_with("SIP/2.0 1") => {}
                    _ => return Err(io::Error::other(format!("a registration is answered {answer}"))),
                }
            }
            // Lost on the way: once more (RFC 3261 section 17.1.2).
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                for request in waiting.values() {
                    socket.send(request.as_bytes())?;
                }
            }
            Err(error) => return Err(error),
        }
    }
}
