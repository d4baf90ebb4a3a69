//! The short message service centre, the interworking function, and a serving CSCF between it and the reference.

use crate::messengers::lines::{self, Lines};
use crate::peers::served::{PATIENCE, Served, header, status};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::Instant;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/strangers/interworking/");
/// Where `npm install --prefix` has put the package.
const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/strangers/node_modules");

fn node(arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.args(arguments).env("NODE_PATH", PACKAGES);
    command
}

pub fn is_installed() -> bool {
    lines::is_installed("smpp of npm", &mut node(&["-e", "require('smpp')"]))
        && lines::is_installed("smpplib", Command::new("python3").args(["-c", "import smpplib"]))
}

pub fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The next event of this name.
#[track_caller]
fn event(lines: &Lines, name: &str) -> Value {
    lines.find(name, |line| {
        let event: Value = serde_json::from_str(line).ok()?;
        (event["event"] == name).then_some(event)
    })
}

/// smsc.js.
pub struct ServiceCentre {
    lines: Lines,
    pub port: u64,
}

impl ServiceCentre {
    pub fn start() -> ServiceCentre {
        let lines = Lines::start(&mut node(&[&format!("{FOLDER}smsc.js")]));
        let port = event(&lines, "ready")["port"].as_u64().unwrap();
        ServiceCentre { lines, port }
    }

    #[track_caller]
    pub fn bound(&self) {
        event(&self.lines, "bound");
    }

    /// The next short message: from, to, text.
    #[track_caller]
    pub fn submitted(&self) -> (String, String, String) {
        let event = event(&self.lines, "submitted");
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        (text("from"), text("to"), text("text"))
    }

    pub fn sends(&mut self, from: &str, to: &str, text: &str) {
        self.lines.tell(&json!({"from": from, "to": to, "text": text}).to_string());
    }
}

/// function.py.
pub struct Function(Lines);

impl Function {
    pub fn start(port: u16, centre: u64, reference: SocketAddr, (user, number): (&str, &str)) -> Function {
        let mut command = Command::new("python3");
        command.arg(format!("{FOLDER}function.py"));
        command.args([&port.to_string(), &centre.to_string(), &reference.to_string(), user, number]);
        let function = Function(Lines::start(&mut command));
        event(&function.0, "ready");
        function
    }

    /// How a message of its own was answered.
    #[track_caller]
    pub fn answered(&self) -> u64 {
        event(&self.0, "answer")["status"].as_u64().unwrap()
    }

    pub fn stop(self) {
        drop(self.0);
    }
}

/// The serving CSCF of the reference, in one socket.
pub struct Cscf {
    socket: UdpSocket,
    reference: SocketAddr,
    /// What came and was not looked for yet.
    came: RefCell<Vec<String>>,
    /// Requests that were taken: retransmissions are none.
    taken: RefCell<Vec<String>>,
}

impl Cscf {
    pub fn at(served: &Served) -> Cscf {
        let socket = UdpSocket::bind(served.cscf).unwrap();
        let (came, taken) = (RefCell::default(), RefCell::default());
        Cscf { socket, reference: served.sip, came, taken }
    }

    fn send(&self, text: &str, to: SocketAddr) {
        self.socket.send_to(text.as_bytes(), to).unwrap();
    }

    /// A device of the served user sends a message.
    pub fn sends(&self, from: &str, to: &str, id: &str, text: &str) {
        let own = self.socket.local_addr().unwrap();
        let cpim = format!(
            "From: <{from}>\r\nTo: <{to}>\r\nDateTime: 2026-11-22T12:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
             imdn.Message-ID: {id}\r\n\r\nContent-Type: text/plain\r\n\r\n{text}"
        );
        let request = format!(
            "MESSAGE {to} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\n\
             Route: <sip:{};lr>, <sip:odi-1@{own};lr>\r\nFrom: <{from}>;tag=1\r\nTo: <{to}>\r\nCall-ID: {id}\r\n\
             CSeq: 1 MESSAGE\r\nP-Asserted-Identity: <{from}>\r\nP-Served-User: <{from}>;sescase=orig;regstate=reg\r\n\
             P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg\r\nConversation-ID: conversation-{id}\r\n\
             Contribution-ID: contribution-{id}\r\nContent-Type: message/cpim\r\nContent-Length: {}\r\n\r\n{cpim}",
            self.reference,
            cpim.len()
        );
        self.send(&request, self.reference);
    }

    /// The next thing that came of which something can be made.
    #[track_caller]
    fn next<T>(&self, what: &str, wanted: impl Fn(&str) -> Option<T>) -> T {
        let begun = Instant::now();
        let mut octets = [0; 65_535];
        loop {
            let found = self.came.borrow().iter().enumerate().find_map(|(at, text)| Some((at, wanted(text)?)));
            if let Some((at, found)) = found {
                self.came.borrow_mut().remove(at);
                return found;
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            assert!(!left.is_zero(), "{what} did not come, but {:#?}", self.came.borrow());
            self.socket.set_read_timeout(Some(left)).unwrap();
            let Ok((length, _)) = self.socket.recv_from(&mut octets) else { continue };
            self.came.borrow_mut().push(String::from_utf8(octets[..length].to_vec()).unwrap());
        }
    }

    /// The next request of this method.
    #[track_caller]
    pub fn request(&self, method: &str) -> String {
        self.next(method, |text| {
            let via = header(text, "Via")?.to_owned();
            if !text.starts_with(method) || self.taken.borrow().contains(&via) {
                return None;
            }
            self.taken.borrow_mut().push(via);
            Some(text.to_owned())
        })
    }

    /// Answers a request of the reference.
    pub fn answers(&self, request: &str, status: &str) {
        let kept = request.split("\r\n\r\n").next().unwrap().lines().filter(|line| {
            ["Via", "From", "To", "Call-ID", "CSeq"].iter().any(|name| line.starts_with(&format!("{name}: ")))
        });
        let mut lines: Vec<String> = kept.map(str::to_owned).collect();
        let to = lines.iter_mut().find(|line| line.starts_with("To: ")).unwrap();
        to.push_str(";tag=there");
        self.send(&format!("SIP/2.0 {status}\r\n{}\r\nContent-Length: 0\r\n\r\n", lines.join("\r\n")), self.reference);
    }

    /// Passes a request on to where its second Route says, and the answer back.
    #[track_caller]
    pub fn passes_on(&self, request: &str) {
        let routes = header(request, "Route").unwrap();
        let next = routes.split_once(", ").unwrap().1;
        let address = next.split_once('@').unwrap().1.split(['>', ';']).next().unwrap();
        let via = format!("SIP/2.0/UDP {};branch=z9hG4bKpassed", self.socket.local_addr().unwrap());
        let (line, rest) = request.split_once("\r\n").unwrap();
        let onward = format!("{line}\r\nVia: {via}\r\n{}", rest.replace(routes, next));
        self.send(&onward, address.parse().unwrap());
        let answer = self.next("the answer", |text| {
            (status(text).is_some() && text.contains("z9hG4bKpassed")).then(|| text.to_owned())
        });
        let own = answer.lines().find(|line| line.contains("z9hG4bKpassed")).unwrap();
        self.send(&answer.replace(&format!("{own}\r\n"), ""), self.reference);
    }

    /// The final answer to what was sent.
    #[track_caller]
    pub fn final_answer(&self) -> Option<u16> {
        self.next("a final answer", |text| status(text).filter(|status| *status >= 200).map(Some))
    }
}
