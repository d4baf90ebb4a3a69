//! The command over real sockets: it stands in, is killed, starts again and delivers what it had acknowledged.
//! [CPM-CONV-058, CPM-CONV-058a]

mod disk;
mod large;

use crate::scene::messages::*;
use bytes::Bytes;
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag};
use cpm_wire::sip::stream::{Frame, Framer};
use cpm_wire::sip::{Message, Method};
use pretty_assertions::assert_eq;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// When to give up. A disk that others write to takes its time to synchronise.
const PATIENCE: Duration = Duration::from_secs(60);

/// The function as a process.
struct Process {
    child: Child,
    sip: SocketAddr,
    control: Option<SocketAddr>,
}

impl Process {
    fn start(config: &Path) -> Process {
        Process::start_with(Command::new(env!("CARGO_BIN_EXE_cpm-reference")), config)
    }

    fn start_with(mut program: Command, config: &Path) -> Process {
        let mut child = program
            .args(["participating-function", "--config"])
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["ready"], true);
        assert_eq!(ready["role"], "participating-function");
        let address = |what: &str| ready[what].as_str().map(|address| address.parse().unwrap());
        Process { child, sip: address("sip").unwrap(), control: address("control") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The serving CSCF, on UDP and TCP of one port.
struct Cscf {
    udp: UdpSocket,
    tcp: TcpListener,
    by_tcp: Option<(TcpStream, Framer)>,
}

impl Cscf {
    fn bind() -> Cscf {
        loop {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
                udp.set_read_timeout(Some(PATIENCE)).unwrap();
                return Cscf { udp, tcp, by_tcp: None };
            }
        }
    }

    fn address(&self) -> SocketAddr {
        self.udp.local_addr().unwrap()
    }

    /// Sends a message of the scene with the real addresses in it.
    fn send(&self, message: &Message, target: SocketAddr) -> Message {
        let text = String::from_utf8(message.octets().to_vec()).unwrap();
        let text = text.replace(CSCF, &self.address().to_string()).replace(TARGET, &target.to_string());
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let lines = head.lines().map(|line| match line.starts_with("Content-Length") {
            true => format!("Content-Length: {}", body.len()),
            false => line.to_owned(),
        });
        let text = format!("{}\r\n\r\n{body}", lines.collect::<Vec<_>>().join("\r\n"));
        self.udp.send_to(text.as_bytes(), target).unwrap();
        Message::parse(Bytes::from(text)).unwrap()
    }

    fn answer(
        &self,
        request: &Message,
        status: u16,
        contact: &str,
        sdp: Option<String>,
        target: SocketAddr,
    ) -> Message {
        self.send(&response(request, status, contact, sdp), target)
    }

    /// The next datagram that fits.
    fn receive(&self, fits: impl Fn(&Message) -> bool) -> Message {
        let mut octets = [0; 65_536];
        loop {
            let (length, _) = self.udp.recv_from(&mut octets).expect("a datagram in time");
            let message = Message::parse(Bytes::copy_from_slice(&octets[..length])).unwrap();
            if fits(&message) {
                return message;
            }
        }
    }

    fn response(&self, method: Method, status: u16) -> Message {
        self.receive(|message| message.status() == Some(status) && message.method() == method)
    }

    /// The next request by TCP.
    fn receive_by_tcp(&mut self) -> Message {
        let (stream, framer) = self.by_tcp.get_or_insert_with(|| {
            let stream = self.tcp.accept().unwrap().0;
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            (stream, Framer::default())
        });
        let mut octets = [0; 65_536];
        loop {
            while let Some(frame) = framer.next() {
                if let Ok(Frame::Message(message)) = frame {
                    return message;
                }
            }
            let length = stream.read(&mut octets).expect("octets in time");
            framer.push(&octets[..length]);
        }
    }
}

/// An MSRP connection.
struct Media {
    stream: TcpStream,
    framer: msrp::Framer,
}

impl Media {
    fn new(stream: TcpStream) -> Media {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Media { stream, framer: msrp::Framer::default() }
    }

    fn next(&mut self) -> msrp::Message {
        let mut octets = [0; 65_536];
        loop {
            if let Some(message) = self.framer.next() {
                return message.unwrap();
            }
            let length = self.stream.read(&mut octets).expect("octets in time");
            assert!(length > 0, "the connection was closed");
            self.framer.push(Bytes::copy_from_slice(&octets[..length]));
        }
    }

    /// The next SEND with content; every SEND is answered 200.
    fn receive(&mut self) -> Bytes {
        loop {
            let message = self.next();
            if message.is(&msrp::Method::Send) {
                self.stream.write_all(&msrp::response(&message, 200)).unwrap();
                if let Some(body) = message.body().filter(|body| !body.is_empty()) {
                    return body;
                }
            }
        }
    }

    fn send(&mut self, from: &str, to: &[String], id: &str, octets: &[u8]) {
        let total = octets.len() as u64;
        let (_, send) = msrp::send(&Chunk {
            transaction: id,
            to_path: to,
            from_path: from,
            message_id: id,
            success_report: false,
            failure_report: FailureReport::Yes,
            byte_range: ByteRange { start: 1, end: Some(total), total: Some(total) },
            content: (total > 0).then_some(("message/cpim", octets)),
            flag: Flag::Complete,
        });
        self.stream.write_all(&send).unwrap();
        loop {
            let answer = self.next();
            if answer.status().is_some() {
                return assert_eq!(answer.status(), Some(200));
            }
            self.stream.write_all(&msrp::response(&answer, 200)).unwrap();
        }
    }
}

/// Files that go away with the test.
struct Files(PathBuf);

impl Files {
    fn new(cscf: SocketAddr) -> (Files, PathBuf) {
        let folder = std::env::temp_dir().join(format!("cpm-reference-node-{}-{}", std::process::id(), cscf.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = folder.join("pf.yaml");
        let text = format!(
            "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: {cscf}\nstore: {}\nt1_ms: 100\n",
            folder.join("store.sqlite").display()
        );
        std::fs::write(&config, text).unwrap();
        (Files(folder), config)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_was_acknowledged_before_a_kill_is_delivered_after_it() {
    let mut cscf = Cscf::bind();
    let (_files, config) = Files::new(cscf.address());
    let first = Process::start(&config);

    let focus = TcpListener::bind("127.0.0.1:0").unwrap();
    let focus_path = format!("msrp://{}/focus;tcp", focus.local_addr().unwrap());
    let offer = sdp(focus.local_addr().unwrap(), &focus_path, "actpass", "sendrecv");
    let invite = cscf.send(&invitation("1", "call-1", &offer, false), first.sip);
    let ok = cscf.response(Method::Invite, 200);
    cscf.send(&in_dialog(Method::Ack, &invite, &ok, 1).build(), first.sip);
    let mut media = Media::new(focus.accept().unwrap().0);
    let (one, two) = (message("alice", "m1", "one"), message("carol", "m2", "two"));
    let target_path = crate::scene::media(&ok).path;
    media.send(&focus_path, &target_path, "f1", &one);
    media.send(&focus_path, &target_path, "f2", &two);
    drop(first);

    let second = Process::start(&config);
    cscf.send(&chat_register("reg-1"), second.sip);
    let drain = loop {
        let request = cscf.receive_by_tcp();
        if request.request_uri() == Some(CONTACT) {
            break request;
        }
    };
    let phone = TcpListener::bind("127.0.0.1:0").unwrap();
    let phone_path = format!("msrp://{}/phone;tcp", phone.local_addr().unwrap());
    let answer = sdp(phone.local_addr().unwrap(), &phone_path, "passive", "sendrecv");
    cscf.answer(&drain, 200, &format!("<{CONTACT}>"), Some(answer), second.sip);
    let mut media = Media::new(phone.accept().unwrap().0);
    assert_eq!(media.receive(), one);
    assert_eq!(media.receive(), two);
}

#[test]
fn the_process_ends_when_its_standard_input_does() {
    let cscf = Cscf::bind();
    let folder = std::env::temp_dir().join(format!("cpm-reference-end-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let config = folder.join("pf.yaml");
    let text = format!("domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: {}\n", cscf.address());
    std::fs::write(&config, text).unwrap();
    let mut process = Process::start(&config);
    assert_eq!(process.control, None);
    drop(process.child.stdin.take());
    assert!(process.child.wait().unwrap().success());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_operator_is_heard_over_http() {
    let cscf = Cscf::bind();
    let (_files, config) = Files::new(cscf.address());
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{text}control: 127.0.0.1:0\n")).unwrap();
    let process = Process::start(&config);
    let post = |path: &str, body: &str| {
        let mut stream = TcpStream::connect(process.control.unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let released = post("/release", "{\"user\": \"sip:bob@example.com\", \"contribution\": \"c\"}");
    assert!(released.starts_with("HTTP/1.1 200 ") && released.ends_with("{\"released\":0}"), "{released}");
    assert!(post("/release", "{}").starts_with("HTTP/1.1 400 "));
    assert!(post("/act", "{}").starts_with("HTTP/1.1 404 "));
}
