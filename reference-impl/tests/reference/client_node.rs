//! The client as a command, over real sockets, and its user over HTTP. [CPM-CONV-058c]

use crate::client_scene::media;
use crate::client_scene::words::*;
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag, Kind};
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

struct Process {
    child: Child,
    ready: Value,
}

impl Process {
    fn start(proxy: SocketAddr) -> Process {
        let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("client-{}", proxy.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("client.yaml");
        let config = CONFIG.replace("127.0.0.1:7000", "127.0.0.1:0").replace("127.0.0.1:7001", "127.0.0.1:0");
        let config = config.replace("127.0.0.1:5060", &proxy.to_string());
        std::fs::write(&file, format!("{config}control: 127.0.0.1:0\n")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cpm-reference"));
        command.args(["client", "--config"]).arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&ready["ready"], &ready["role"]), (&json!(true), &json!("client")));
        Process { child, ready }
    }

    fn address(&self, of: &str) -> SocketAddr {
        self.ready[of].as_str().unwrap().parse().unwrap()
    }

    /// Status and body of what comes back.
    fn post(&self, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address("control")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // It may be refused before it is read to its end.
        let _ = stream.write_all(body.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned())
    }

    fn act(&self, act: &str) -> Value {
        let request = json!({"user": BOB, "device": "phone", "act": act, "chat": null, "text": null});
        let (status, body) = self.post("/act", &request.to_string());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Proxy(UdpSocket);

impl Proxy {
    fn receive(&self) -> Message {
        let mut octets = vec![0; 65_536];
        let (length, _) = self.0.recv_from(&mut octets).unwrap();
        octets.truncate(length);
        Message::parse(octets.into()).unwrap()
    }

    /// The next request of this method; others are passed over.
    fn request(&self, method: Method) -> Message {
        (0..50).map(|_| self.receive()).find(|one| one.is_request() && one.method() == method).unwrap()
    }

    fn send(&self, message: &Message, to: SocketAddr) {
        self.0.send_to(message.octets(), to).unwrap();
    }

    fn accept(&self, request: &Message, to: SocketAddr) {
        let ok = Builder::response(request, 200, reason_phrase(200)).to_tag("proxy").header(Name::Expires, 600).build();
        self.send(&ok, to);
    }
}

#[test]
fn it_runs_by_itself_is_told_by_http_and_ends_with_its_input() {
    let proxy = Proxy(UdpSocket::bind("127.0.0.1:0").unwrap());
    proxy.0.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut process = Process::start(proxy.0.local_addr().unwrap());
    let sip = process.address("sip");

    assert_eq!(process.act("register"), json!({"ok": true}));
    let register = proxy.request(Method::Register);
    proxy.accept(&register, sip);
    let contact = register.contacts().next().unwrap().unwrap().uri.to_owned();
    assert!(contact.ends_with(&sip.to_string()));

    let description = sdp("127.0.0.1:9".parse().unwrap(), "home", "active", "sendonly");
    let invite = invitation(&contact, "1", FOCUS, &description, &[ALICE, BOB]);
    let via = format!("SIP/2.0/UDP {};branch=z9hG4bK-real", proxy.0.local_addr().unwrap());
    let invite = invite.edit().set(Name::Via, via).finish();
    proxy.send(&invite, sip);
    let ok = (0..50).map(|_| proxy.receive()).find(|one| one.status() == Some(200)).unwrap();
    let answer = media(&ok);
    assert_eq!(answer.port, process.address("msrp").port());
    proxy.send(&within(Method::Ack, &invite, &ok, 1).build(), sip);

    let mut stream = TcpStream::connect(process.address("msrp")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let octets = message("m1");
    let (_, send) = msrp::send(&Chunk {
        transaction: "treal001",
        to_path: &answer.path,
        from_path: "msrp://127.0.0.1:9/home;tcp",
        message_id: "first",
        success_report: false,
        failure_report: FailureReport::Yes,
        byte_range: ByteRange { start: 1, end: Some(octets.len() as u64), total: Some(octets.len() as u64) },
        content: Some(("message/cpim", &octets)),
        flag: Flag::Complete,
    });
    stream.write_all(&send).unwrap();
    let mut framer = msrp::Framer::default();
    let mut buffer = [0; 4096];
    let response = loop {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "the client hangs up");
        framer.push(bytes::Bytes::copy_from_slice(&buffer[..length]));
        if let Some(message) = framer.next() {
            break message.unwrap();
        }
    };
    assert!(matches!(response.kind, Kind::Response { status: 200, .. }));
    let report = proxy.request(Method::Message);
    assert_eq!(about(&[String::from_utf8_lossy(report.body()).into_owned()]), ["m1 delivered"]);

    let (status, shown) = process.post("/observe", &json!({"user": BOB, "device": "phone"}).to_string());
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(status, 200);
    assert_eq!(shown["chats"][0]["contribution"], "contribution-1");
    assert_eq!(shown["chats"][0]["messages"][0]["text"], "text of m1");
    assert_eq!(process.act("send")["ok"], json!(false));

    for (path, body, status) in [
        ("/act", "{", 400),
        ("/act", "{\"user\":\"x\",\"act\":\"fly\"}", 400),
        ("/elsewhere", "{}", 404),
        ("/observe", &"x".repeat(2 << 20), 413),
    ] {
        let answered = process.post(path, body).0;
        assert!(answered == status || status == 413 && answered == 0, "{path} is answered {answered}");
    }
    drop(process.child.stdin.take());
    let ended = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        process.child.try_wait().unwrap()
    });
    assert!(ended.is_some_and(|status| status.success()));
}
