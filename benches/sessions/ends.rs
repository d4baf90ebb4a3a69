//! The two ends of many sessions, with the serving CSCF on the way: SIP by datagrams, a window of calls at a time, and no more
//! of it than sets sessions up and leaves them standing.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// So many calls are under way at a time.
const WINDOW: usize = 32;
/// After this a request goes out again (RFC 3261 section 17.1.1.2: T1).
const REPEAT: Duration = Duration::from_millis(500);
/// All calls stand within this time, or something is broken.
const PATIENCE: Duration = Duration::from_secs(120);

/// The paths of one session: those of its ends, and those by which the function is reached from either.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    pub caller: String,
    pub to_callee: String,
    pub callee: String,
    pub to_caller: String,
}

/// Both ends' own sockets.
pub struct Ends {
    caller: UdpSocket,
    cscf: UdpSocket,
}

impl Ends {
    /// With the serving CSCF at this address.
    pub fn at(cscf: SocketAddr) -> io::Result<Ends> {
        let (caller, cscf) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind(cscf)?);
        for socket in [&caller, &cscf] {
            socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        }
        Ok(Ends { caller, cscf })
    }

    /// Sets up the sessions of these numbers through the function there.
    pub fn open(&self, function: SocketAddr, numbers: Range<usize>) -> io::Result<Vec<Paths>> {
        let done = Arc::new(AtomicBool::new(false));
        let called = {
            let (cscf, done) = (self.cscf.try_clone()?, done.clone());
            thread::spawn(move || be_called(&cscf, &done))
        };
        let answered = self.call(function, numbers.clone());
        done.store(true, Ordering::Relaxed);
        let offered = called.join().unwrap_or_default();
        let (answered, caller) = (answered?, self.caller.local_addr()?);
        let cscf = self.cscf.local_addr()?;
        let paths = |number: usize| {
            let (to_callee, to_caller) = (answered.get(&number)?.clone(), offered.get(&number)?.clone());
            Some(Paths { caller: path(caller, number), to_callee, callee: path(cscf, number), to_caller })
        };
        numbers.map(|number| paths(number).ok_or_else(|| io::Error::other("a session is missing"))).collect()
    }

    /// Gives the path that each call was answered with.
    fn call(&self, function: SocketAddr, numbers: Range<usize>) -> io::Result<HashMap<usize, String>> {
        let (own, cscf) = (self.caller.local_addr()?, self.cscf.local_addr()?);
        let (mut answered, mut waiting) = (HashMap::new(), HashMap::new());
        let (begun, mut next) = (Instant::now(), numbers.start);
        let mut octets = vec![0; 65_535];
        while answered.len() < numbers.len() {
            while next < numbers.end && waiting.len() < WINDOW {
                self.caller.send_to(invite(own, cscf, function, next).as_bytes(), function)?;
                waiting.insert(next, Instant::now());
                next += 1;
            }
            if let Some(answer) = received(&self.caller, &mut octets).filter(|text| text.starts_with("SIP/2.0 "))
                && let Some((number, path)) = self.established(function, &answer)?
            {
                waiting.remove(&number);
                answered.insert(number, path);
            }
            for (number, sent) in waiting.iter_mut().filter(|(_, sent)| sent.elapsed() > REPEAT) {
                self.caller.send_to(invite(own, cscf, function, *number).as_bytes(), function)?;
                *sent = Instant::now();
            }
            if begun.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("{} of {} sessions stand", answered.len(), numbers.len())));
            }
        }
        Ok(answered)
    }

    /// Acknowledges a 2xx; gives its call and its path.
    fn established(&self, function: SocketAddr, answer: &str) -> io::Result<Option<(usize, String)>> {
        let number = header(answer, "Call-ID").and_then(|id| id.strip_prefix("bench-")?.parse().ok());
        let (Some(number), Some(to)) = (number, header(answer, "To")) else { return Ok(None) };
        if !answer.starts_with("SIP/2.0 2") {
            let refused = !answer.starts_with("SIP/2.0 1");
            return if refused { Err(io::Error::other(answer.to_owned())) } else { Ok(None) };
        }
        let own = self.caller.local_addr()?;
        let ack = format!(
            "ACK sip:{function} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-ack-{number}\r\nMax-Forwards: 70\r\n\
             From: <sip:caller-{number}@example.com>;tag=a\r\nTo: {to}\r\nCall-ID: bench-{number}\r\nCSeq: 1 ACK\r\n\
             Content-Length: 0\r\n\r\n"
        );
        self.caller.send_to(ack.as_bytes(), function)?;
        Ok(described(answer).map(|path| (number, path.to_owned())))
    }
}

/// Answers whatever comes; gives the path that each call was offered with.
fn be_called(socket: &UdpSocket, done: &AtomicBool) -> HashMap<usize, String> {
    let (mut offered, mut octets) = (HashMap::new(), vec![0; 65_535]);
    let own = socket.local_addr().ok();
    // What comes late, an ACK or an answer that comes again, is not needed any more.
    while !done.load(Ordering::Relaxed) {
        let Some(request) = received(socket, &mut octets).filter(|text| text.starts_with("INVITE ")) else { continue };
        let number = header(&request, "Contribution-ID").and_then(|id| id.rsplit('-').next()?.parse().ok());
        let (Some(number), Some(path), Some(own)) = (number, described(&request), own) else { continue };
        offered.insert(number, path.to_owned());
        if let Some((answer, to)) = answer(&request, own, number) {
            // A datagram that is lost is answered when the request comes again.
            let _ = socket.send_to(answer.as_bytes(), to);
        }
    }
    offered
}

fn answer(request: &str, own: SocketAddr, number: usize) -> Option<(String, SocketAddr)> {
    let via = header(request, "Via")?;
    let to: SocketAddr = via.split([' ', ';']).nth(1)?.parse().ok()?;
    let copied = ["Via", "From", "Call-ID", "CSeq"];
    let copied: Option<String> =
        copied.iter().map(|name| Some(format!("{name}: {}\r\n", header(request, name)?))).collect();
    let (copied, body) = (copied?, description(own, number));
    let answer = format!(
        "SIP/2.0 200 OK\r\n{copied}To: {};tag=d\r\nContact: <sip:device@{own}>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{body}",
        header(request, "To")?,
        body.len()
    );
    Some((answer, to))
}

fn invite(own: SocketAddr, cscf: SocketAddr, function: SocketAddr, number: usize) -> String {
    let body = description(own, number);
    format!(
        "INVITE sip:callee-{number}@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-invite-{number}\r\n\
         Max-Forwards: 70\r\nRoute: <sip:{function};lr>\r\nRoute: <sip:odi-{number}@{cscf};lr>\r\n\
         P-Served-User: <sip:caller-{number}@example.com>;sescase=orig;regstate=reg\r\n\
         P-Asserted-Identity: <sip:caller-{number}@example.com>\r\n\
         P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session\r\n\
         From: <sip:caller-{number}@example.com>;tag=a\r\nTo: <sip:callee-{number}@example.com>\r\n\
         Contact: <sip:caller-{number}@{own}>\r\nCall-ID: bench-{number}\r\nCSeq: 1 INVITE\r\n\
         Conversation-ID: f81d4fae-7dec-11d0-a765-{number}\r\nContribution-ID: abcdef-1234-5678-90ab-{number}\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn path(own: SocketAddr, number: usize) -> String {
    format!("msrp://{own}/end{number};tcp")
}

/// Both ends connect, each to the function.
fn description(own: SocketAddr, number: usize) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n\
         a=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\na=path:{}\r\na=setup:active\r\n",
        path(own, number)
    )
}

fn received(socket: &UdpSocket, octets: &mut [u8]) -> Option<String> {
    let (length, _) = socket.recv_from(octets).ok()?;
    String::from_utf8(octets.get(..length)?.to_vec()).ok()
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let named = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    message.split("\r\n").take_while(|line| !line.is_empty()).find_map(named)
}

fn described(message: &str) -> Option<&str> {
    message.split("\r\n").find_map(|line| line.strip_prefix("a=path:"))
}
