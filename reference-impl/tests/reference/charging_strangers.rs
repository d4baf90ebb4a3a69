//! What the function charges, as those read it whom nobody here wrote: a charging server on python-diameter behind a relay of
//! freeDiameter. Where they are not installed, that is said and no more. [PF-SES-04].

mod neighbours;

use crate::scene::messages::{CSCF, TARGET, in_dialog, initial, sdp};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Message, Method, Name};
use neighbours::{Lines, PATIENCE, Process, Strangers, are_installed, folder};
use pretty_assertions::assert_eq;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ALICE: &str = "sip:alice@remote.example";

/// The function, and the serving CSCF that speaks to it.
struct Function {
    process: Process,
    sip: SocketAddr,
    cscf: UdpSocket,
}

impl Function {
    /// One that charges at this address.
    fn start(server: SocketAddr) -> Function {
        let cscf = UdpSocket::bind("127.0.0.1:0").unwrap();
        cscf.set_read_timeout(Some(PATIENCE)).unwrap();
        let config = folder("function").join("function.yaml");
        let text = format!(
            "domain: example.com\nsip: '127.0.0.1:0'\nmsrp: '127.0.0.1:0'\nserving_cscf: '{}'\n\
             charging: {{server: '{server}', destination_host: ocs.example.com, tx_ms: 8000}}\n\
             policies: {{prepaid: {{charging: online}}}}\nusers: [{{prefix: 'sip:prepaid-', policy: prepaid}}]\n",
            cscf.local_addr().unwrap()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cpm-reference"));
        command.args(["participating-function", "--config"]).arg(config);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let ready = Lines::of(child.stdout.take().unwrap()).next();
        Function { process: Process(child), sip: ready["sip"].as_str().unwrap().parse().unwrap(), cscf }
    }

    /// Sends a request, and gives its final answer.
    #[track_caller]
    fn asks(&self, request: &Message) -> Message {
        self.sends(request);
        let mut octets = [0; 65_536];
        loop {
            let length = self.cscf.recv(&mut octets).expect("an answer in time");
            let answer = Message::parse(Bytes::copy_from_slice(&octets[..length])).unwrap();
            let own = answer.call_id() == request.call_id() && answer.method() == request.method();
            if own && answer.status().is_some_and(|status| status >= 200) {
                return answer;
            }
        }
    }

    fn sends(&self, request: &Message) {
        let cscf = self.cscf.local_addr().unwrap().to_string();
        let text = String::from_utf8(request.octets().to_vec()).unwrap();
        let text = text.replace(CSCF, &cscf).replace(TARGET, &self.sip.to_string());
        self.cscf.send_to(text.as_bytes(), self.sip).unwrap();
    }

    /// A user's chat, whom the function stands in for: it begins and ends.
    #[track_caller]
    fn chats(&self, user: &str, call_id: &str) {
        let body = sdp("192.0.2.1:9".parse().unwrap(), "msrp://192.0.2.1:9/a;tcp", "active", "sendrecv");
        let invite = absent(Method::Invite, user, call_id)
            .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
            .header(Name::Contact, "<sip:alice@192.0.2.1>")
            .body("application/sdp", body)
            .build();
        let ok = self.asks(&invite);
        assert_eq!(ok.status(), Some(200));
        self.sends(&in_dialog(Method::Ack, &invite, &ok, 1).build());
        let bye = self.asks(&in_dialog(Method::Bye, &invite, &ok, 2).build());
        assert_eq!(bye.status(), Some(200));
    }

    /// A message for a user, and how it is answered.
    #[track_caller]
    fn message(&self, user: &str, call_id: &str) -> Option<u16> {
        let envelope = cpim::Builder::new("sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid")
            .date_time("2026-01-02T03:04:05Z")
            .message_id(call_id)
            .content("text/plain;charset=utf-8", "hello".to_owned())
            .build();
        let message = absent(Method::Message, user, call_id)
            .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg");
        self.asks(&message.body("message/cpim", envelope).build()).status()
    }

    /// It ends in order.
    #[track_caller]
    fn stop(mut self) {
        drop(self.process.0.stdin.take());
        let begun = Instant::now();
        while self.process.0.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A request of Alice for a user who is away.
fn absent(method: Method, user: &str, call_id: &str) -> Builder {
    let request = initial(method, user, ALICE, user, call_id, "sescase=term;regstate=unreg").build();
    let request = request.edit().set(Name::PServedUser, format!("<{user}>;sescase=term;regstate=unreg")).finish();
    let fields = request.fields().iter();
    let again = Builder::request(request.method(), user);
    let again = fields
        .filter(|field| field.name != Name::ContentLength)
        .fold(again, |again, field| again.header(field.name.clone(), request.text(field.value)));
    again
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, format!("conversation-{call_id}"))
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::PChargingVector, format!("icid-value=icid-{call_id};icid-generated-at=192.0.2.1"))
}

#[test]
fn a_server_of_others_behind_a_relay_of_others_reads_what_is_charged_and_decides_upon_credit() {
    if !are_installed() {
        return;
    }
    let strangers = Strangers::start();
    let function = Function::start(strangers.relay);
    let told = || strangers.told.next();

    assert_eq!(function.message("sip:bob@example.com", "m1"), Some(202));
    let event = told();
    for (key, value) in [
        ("command", "ACR"),
        ("subscriber", "sip:bob@example.com"),
        ("from", "pf.example.com"),
        ("context", "32260@3gpp.org"),
        ("icid", "icid-m1"),
        ("method", "MESSAGE"),
    ] {
        assert_eq!(event[key], value, "{event}");
    }
    for (key, value) in [("type", 1), ("number", 0), ("role", 1), ("functionality", 6)] {
        assert_eq!(event[key], value, "{event}");
    }
    assert!(event["user_session"].is_null(), "{event}");

    function.chats("sip:bob@example.com", "s1");
    let (start, stop) = (told(), told());
    assert_eq!([&start["type"], &stop["type"]], [2, 4], "{start}, {stop}");
    assert_eq!((&start["session"], &start["user_session"]), (&stop["session"], &serde_json::json!("s1")));

    // Who pays beforehand is asked about first.
    function.chats("sip:prepaid-1@example.com", "s2");
    let (initial, end) = (told(), told());
    assert_eq!((&initial["command"], &initial["type"], &end["type"]), (&"CCR".into(), &1.into(), &3.into()));
    assert_eq!((&initial["session"], &initial["icid"]), (&end["session"], &serde_json::json!("icid-s2")));
    assert!(end["used_seconds"].as_u64().is_some_and(|seconds| seconds < 20), "{end}");

    assert_eq!(function.message("sip:prepaid-poor@example.com", "m2"), Some(402));
    let refused = told();
    assert_eq!((&refused["type"], &refused["action"]), (&4.into(), &0.into()), "{refused}");
    assert_eq!(function.message("sip:prepaid-1@example.com", "m3"), Some(202));
    assert_eq!(told()["icid"], "icid-m3");
    assert!(strangers.told.is_silent());
    function.stop();
}
