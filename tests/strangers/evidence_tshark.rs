//! Evidence in the eyes of a stranger: tshark finds SIP, MSRP, IMAP and Diameter in it, puts streams together, and calls
//! no frame malformed. Without tshark on the machine the test says that it is skipped.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cpm_conformance::evidence::{
    Connection, ConnectionWhat, Direction, Event, Header, Octets, Protocol, Record, Recorder, Transport, What, pcapng,
};
use cpm_conformance::verdict::Level;
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{Message, application, command};
use cpm_wire::time::Time;

const SIP: u16 = 40_060;
const MSRP: u16 = 42_855;
const IMAP: u16 = 40_143;
const DIAMETER: u16 = 43_868;

fn message(user: &str, body: &str) -> Bytes {
    Bytes::from(format!(
        "MESSAGE sip:{user}@home.example SIP/2.0\r\nVia: SIP/2.0/TCP [::1]:5061;branch=z9hG4bK{user}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:alice@home.example>;tag=1\r\nTo: <sip:{user}@home.example>\r\n\
         Call-ID: {user}@home.example\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn send(transaction: &str, body: &str) -> String {
    format!(
        "MSRP {transaction} SEND\r\nTo-Path: msrp://127.0.0.1:{MSRP}/b;tcp\r\nFrom-Path: msrp://127.0.0.1:7394/a;tcp\r\n\
         Message-ID: {transaction}m\r\nByte-Range: 1-{0}/{0}\r\nContent-Type: text/plain\r\n\r\n{body}\r\n-------{transaction}$\r\n",
        body.len()
    )
}

/// Takes records down, a millisecond apart.
struct Pen {
    recorder: Recorder,
    now: Time,
}

impl Pen {
    fn push(&mut self, what: What) {
        self.now += Duration::from_millis(1);
        self.recorder.push(self.now, what);
    }

    fn connection(&mut self, local: SocketAddr, remote: SocketAddr, what: ConnectionWhat) {
        let actor = Arc::from("focus/friends");
        self.push(What::Connection(Connection { actor, step: 1, connection: 7, local, remote, what }));
    }

    fn octets(
        &mut self,
        protocol: Protocol,
        transport: Transport,
        direction: Direction,
        ends: [&str; 2],
        octets: Bytes,
    ) {
        let [local, remote] = ends.map(|end| end.parse().unwrap());
        self.push(What::Octets(Octets {
            actor: Arc::from("serving_cscf"),
            step: 1,
            protocol,
            transport,
            direction,
            local,
            remote,
            connection: (transport == Transport::Tcp).then_some(7),
            octets,
            malformed: None,
        }));
    }
}

fn evidence() -> Vec<Record> {
    let mut pen = Pen { recorder: Recorder::new(), now: Time::from_nanos(1_700_000_000_000_000_001) };
    pen.push(What::Event(Event::Note { text: "the stage speaks".to_owned() }));
    let v4 = ["127.0.0.1:5061", "127.0.0.1:40060"];
    let v6 = ["[::1]:5061", "[::1]:40060"];
    pen.octets(Protocol::Sip, Transport::Udp, Direction::Sent, v4, message("datagram", "v4"));
    pen.octets(Protocol::Sip, Transport::Udp, Direction::Received, v6, message("six", "v6"));
    let [local, remote] = v6.map(|end| end.parse().unwrap());
    pen.connection(local, remote, ConnectionWhat::Opened);
    pen.octets(Protocol::Sip, Transport::Tcp, Direction::Sent, v6, message("long", &"x".repeat(150_000)));
    pen.octets(Protocol::Sip, Transport::Tcp, Direction::Received, v6, message("after", "it"));
    pen.connection(local, remote, ConnectionWhat::Reset { by_target: true });
    // The same port again: another connection.
    pen.connection(local, remote, ConnectionWhat::Refused);
    let media = ["127.0.0.1:7394", "127.0.0.1:42855"];
    let [local, remote] = media.map(|end| end.parse().unwrap());
    pen.connection(local, remote, ConnectionWhat::Accepted);
    for write in [send("d93kswow", "Hi"), send("e94ktxpx", "How are you?")] {
        pen.octets(Protocol::Msrp, Transport::Tcp, Direction::Sent, media, Bytes::from(write));
    }
    for cut in send("f05luyqy", &"y".repeat(500)).as_bytes().chunks(300) {
        pen.octets(Protocol::Msrp, Transport::Tcp, Direction::Sent, media, Bytes::copy_from_slice(cut));
    }
    pen.connection(local, remote, ConnectionWhat::Finished { by_target: false });
    pen.connection(local, remote, ConnectionWhat::Finished { by_target: true });
    kept(&mut pen);
    charged(&mut pen);
    pen.recorder.into_records()
}

/// The target puts an object into the tester's message store; its literal is cut.
fn kept(pen: &mut Pen) {
    let ends = ["127.0.0.1:40143", "127.0.0.1:50001"];
    let [local, remote] = ends.map(|end| end.parse().unwrap());
    pen.connection(local, remote, ConnectionWhat::Accepted);
    for (direction, text) in [
        (Direction::Sent, "* OK ready\r\n"),
        (Direction::Received, "a1 LOGIN bob \"\"\r\n"),
        (Direction::Sent, "a1 OK logged in\r\n"),
        (Direction::Received, "a2 APPEND conv/c1 {41}\r\n"),
        (Direction::Sent, "+ go on\r\n"),
        (Direction::Received, "Content-Type: text/plain\r\n\r"),
        (Direction::Received, "\nHow are you?\r\n\r\n"),
        (Direction::Sent, "a2 OK kept\r\n"),
    ] {
        pen.octets(Protocol::Imap, Transport::Tcp, direction, ends, Bytes::from_static(text.as_bytes()));
    }
    pen.connection(local, remote, ConnectionWhat::Finished { by_target: false });
}

/// The target asks the tester for credit, with AVPs of every type, and gets it.
fn charged(pen: &mut Pen) {
    let ends = ["127.0.0.1:43868", "127.0.0.1:50002"];
    let [local, remote] = ends.map(|end| end.parse().unwrap());
    pen.connection(local, remote, ConnectionWhat::Accepted);
    let request = credit_asked();
    pen.octets(Protocol::Diameter, Transport::Tcp, Direction::Received, ends, request.octets().clone());
    let answer = request
        .answer()
        .avp(&RESULT_CODE, 2001u32)
        .avp(&ORIGIN_HOST, "ocs.home1.test")
        .avp(&ORIGIN_REALM, "home1.test")
        .avp(&AUTH_APPLICATION_ID, application::CREDIT_CONTROL)
        .avp(&CC_REQUEST_TYPE, 4)
        .avp(&CC_REQUEST_NUMBER, 0u32)
        .group(&COST_INFORMATION, |cost| {
            let cost = cost.group(&UNIT_VALUE, |value| value.avp(&VALUE_DIGITS, 5i64).avp(&EXPONENT, -2));
            cost.avp(&CURRENCY_CODE, 978u32)
        });
    let answer = answer.build().unwrap();
    pen.octets(Protocol::Diameter, Transport::Tcp, Direction::Sent, ends, answer.octets().clone());
    pen.connection(local, remote, ConnectionWhat::Finished { by_target: true });
}

fn credit_asked() -> Message {
    Message::request(command::CREDIT_CONTROL, application::CREDIT_CONTROL)
        .proxiable()
        .identifiers(7, 8)
        .avp(&SESSION_ID, "as.home1.test;1;2")
        .avp(&ORIGIN_HOST, "as.home1.test")
        .avp(&ORIGIN_REALM, "home1.test")
        .avp(&DESTINATION_REALM, "home1.test")
        .avp(&AUTH_APPLICATION_ID, application::CREDIT_CONTROL)
        .avp(&SERVICE_CONTEXT_ID, "32274@3gpp.org")
        .avp(&CC_REQUEST_TYPE, 4)
        .avp(&CC_REQUEST_NUMBER, 0u32)
        .avp(&EVENT_TIMESTAMP, Time::from_nanos(1_700_000_000_000_000_000))
        .group(&SUBSCRIPTION_ID, |id| {
            id.avp(&SUBSCRIPTION_ID_TYPE, 2).avp(&SUBSCRIPTION_ID_DATA, "sip:alice@home1.test")
        })
        .group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |services| {
            services
                .avp(&RATING_GROUP, 1u32)
                .group(&REQUESTED_SERVICE_UNIT, |units| units.avp(&CC_SERVICE_SPECIFIC_UNITS, 1u64))
        })
        .group(&SERVICE_INFORMATION, |service| {
            service.group(&IMS_INFORMATION, |ims| {
                ims.group(&EVENT_TYPE, |event| event.avp(&SIP_METHOD, "MESSAGE"))
                    .avp(&NODE_FUNCTIONALITY, 6)
                    .avp(&SERVED_PARTY_IP_ADDRESS, local_host())
                    .avp(&IMS_CHARGING_IDENTIFIER, "icid1")
            })
        })
        .build()
        .unwrap()
}

fn local_host() -> std::net::IpAddr {
    std::net::Ipv6Addr::LOCALHOST.into()
}

/// One field of each frame that the filter lets through.
fn tshark(file: &std::path::Path, filter: &str, field: &str) -> Vec<String> {
    let output = Command::new("tshark")
        .args(["-r".as_ref(), file.as_os_str()])
        .args(["-d", &format!("udp.port=={SIP},sip"), "-d", &format!("tcp.port=={SIP},sip")])
        .args(["-d", &format!("tcp.port=={IMAP},imap"), "-d", &format!("tcp.port=={DIAMETER},diameter")])
        .args(["-d", &format!("tcp.port=={MSRP},msrp"), "-o", "ip.check_checksum:TRUE"])
        .args(["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"])
        .args(["-Y", filter, "-T", "fields", "-e", field])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn header() -> Header {
    Header {
        suite_version: String::new(),
        run_id: String::new(),
        scenario_id: String::new(),
        title: String::new(),
        feature: String::new(),
        line: 1,
        test_purposes: Vec::new(),
        requirements: Vec::new(),
        level: Level::Shall,
        role: String::new(),
        target_name: String::new(),
        statement: serde_json::Value::Null,
        timers: serde_json::Value::Null,
        seed: 0,
        ..Header::default()
    }
}

#[test]
fn tshark_reads_every_message_and_finds_nothing_malformed() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is not installed");
        return;
    }
    let file = std::env::temp_dir().join(format!("cpm-evidence-{}.pcapng", std::process::id()));
    std::fs::write(&file, pcapng::write(&header(), &evidence()).unwrap()).unwrap();
    let shown = |filter: &str, field: &str| tshark(&file, filter, field);

    assert_eq!(shown("_ws.malformed || _ws.unreassembled", "frame.number"), [""; 0]);
    let faulty = "ip.checksum.status == bad || tcp.checksum.status == bad || udp.checksum.status == bad";
    assert_eq!(shown(faulty, "frame.number"), [""; 0]);
    assert_eq!(shown("tcp.analysis.flags && !tcp.analysis.reused_ports", "frame.number"), [""; 0]);
    assert_eq!(shown("sip", "sip.r-uri.user"), ["datagram", "six", "long", "after"]);
    assert_eq!(shown("sip.Call-ID contains \"long\"", "sip.Content-Length"), ["150000"]);
    // Its MSRP dissector puts no cut message together: the stream has to be whole all the same.
    assert_eq!(shown("msrp.request.line", "msrp.messageid")[..2], ["d93kswowm", "e94ktxpxm"]);
    let stream =
        [send("d93kswow", "Hi"), send("e94ktxpx", "How are you?"), send("f05luyqy", &"y".repeat(500))].concat();
    let hex: String = stream.bytes().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(shown("tcp.stream == 2 && tcp.len > 0", "tcp.payload").concat(), hex);
    assert_eq!(shown("tcp.stream == 2 && tcp.analysis.lost_segment", "frame.number"), [""; 0]);
    assert_eq!(shown("imap.request.command == \"APPEND\"", "imap.request.folder"), ["conv/c1"]);
    assert_eq!(shown("imap.response_tag == \"a2\"", "imap.response.status"), ["OK"]);
    assert_eq!(shown("diameter", "diameter.cmd.code"), ["272", "272"]);
    assert_eq!(shown("diameter.flags.request == 1", "diameter.3GPP-SIP-Method"), ["MESSAGE"]);
    assert_eq!(shown("diameter.flags.request == 1", "diameter.Served-Party-IP-Address.IPv6"), ["::1"]);
    assert_eq!(shown("diameter.flags.request == 0", "diameter.Value-Digits"), ["5"]);
    assert_eq!(
        shown("diameter.avp.invalid-len || diameter.avp.invalid-data || diameter.avp.unknown", "frame.number"),
        [""; 0]
    );
    assert_eq!(shown("json", "json.value.string"), ["note,the stage speaks"]);
    assert_eq!(shown("tcp.flags.syn == 1 && tcp.flags.ack == 0", "tcp.stream"), ["0", "1", "2", "3", "4"]);
    assert_eq!(shown("tcp.flags.fin == 1", "tcp.stream"), ["2", "2", "3", "4"]);
    assert_eq!(shown("tcp.flags.reset == 1", "tcp.stream"), ["0", "1"]);
    assert_eq!(shown(&pcapng::display_filter(2), "sip.r-uri.user"), ["datagram"]);
    assert_eq!(shown("frame.number == 1", "frame.time_epoch"), ["1700000000.001000001"]);
    std::fs::remove_file(&file).unwrap();
}
