//! Interception by programs that nobody here wrote: curl gives the served reference orders over X1 with certificates that openssl
//! made, and python takes what was intercepted, with a decoder of its own (tests/strangers/interception). Where one of them is not
//! installed, that is said and no more.

mod strangers;

use crate::interworking::short_messages::Cscf;
use crate::peers::served::Served;
use pretty_assertions::assert_eq;
use std::io::{Read, Write};
use std::net::TcpStream;
use strangers::{Certificates, Mediation, are_installed};

const BOB: &str = "sip:bob@example.com";
const CAROL: &str = "sip:carol@example.com";
const XID: &str = "29f28e1c-f230-486a-a860-f5a784ab9172";
const DID: &str = "19867c20-8c94-473e-b9cd-8b72b7b05fd4";

/// A request, spelt as other implementations spell it.
fn request(kind: &str, inner: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ns1:X1Request xmlns:ns1="http://uri.etsi.org/03221/X1/2017/10" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:c="http://uri.etsi.org/03280/common/2017/07">
  <ns1:x1RequestMessage xsi:type="ns1:{kind}Request">
    <ns1:admfIdentifier>admf.example.com</ns1:admfIdentifier>
    <ns1:neIdentifier>pf.example.com</ns1:neIdentifier>
    <ns1:messageTimestamp>2026-11-22T12:00:00.000000Z</ns1:messageTimestamp>
    <ns1:version>v1.6.1</ns1:version>
    <ns1:x1TransactionId>3741800e-971b-4aa9-85f4-466d2b1adc7f</ns1:x1TransactionId>
    {inner}
  </ns1:x1RequestMessage>
</ns1:X1Request>"#
    )
}

fn destination(port: u16) -> String {
    request(
        "CreateDestination",
        &format!(
            "<ns1:destinationDetails><ns1:dId>{DID}</ns1:dId><ns1:deliveryType>X2andX3</ns1:deliveryType>\
             <ns1:deliveryAddress><ns1:ipAddressAndPort><c:address><c:IPv4Address>127.0.0.1</c:IPv4Address></c:address>\
             <c:port><c:TCPPort>{port}</c:TCPPort></c:port></ns1:ipAddressAndPort></ns1:deliveryAddress>\
             </ns1:destinationDetails>"
        ),
    )
}

fn task() -> String {
    request(
        "ActivateTask",
        &format!(
            "<ns1:taskDetails><ns1:xId>{XID}</ns1:xId><ns1:targetIdentifiers><ns1:targetIdentifier>\
             <ns1:sipUri>{BOB}</ns1:sipUri></ns1:targetIdentifier></ns1:targetIdentifiers>\
             <ns1:deliveryType>X2andX3</ns1:deliveryType><ns1:listOfDIDs><ns1:dId>{DID}</ns1:dId></ns1:listOfDIDs>\
             </ns1:taskDetails>"
        ),
    )
}

/// Bob sends a message, which is taken.
fn bob_sends(cscf: &Cscf, id: &str) {
    cscf.sends(BOB, CAROL, id, "Are you there?");
    let onward = cscf.request("MESSAGE");
    cscf.answers(&onward, "200 OK");
    assert_eq!(cscf.final_answer(), Some(200));
}

#[test]
fn curl_orders_and_python_takes_what_was_intercepted() {
    if !are_installed() {
        return;
    }
    let certificates = Certificates::new();
    let mediation = Mediation::start(&certificates);
    let served = Served::with(&certificates.configuration());
    let x1 = served.x1.unwrap().to_string();
    let cscf = Cscf::at(&served);
    for document in [destination(mediation.port), task()] {
        let (status, answer) = certificates.curl(Some("admf"), &x1, &[], &document);
        assert!(status == 200 && answer.contains("<oK>AcknowledgedAndCompleted</oK>"), "{status} {answer}");
    }
    bob_sends(&cscf, "m-1");
    let pdus: Vec<_> = (0..4).map(|_| mediation.next()).collect();
    for (number, pdu) in pdus.iter().enumerate() {
        assert_eq!(pdu["version"], serde_json::json!([0, 5]));
        assert_eq!((pdu["kind"].as_u64(), pdu["format"].as_u64()), (Some(1), Some(9)));
        assert_eq!((pdu["xid"].as_str(), pdu["target"].as_str()), (Some(XID), Some(BOB)));
        assert_eq!((pdu["number"].as_u64(), &pdu["correlation"]), (Some(number as u64), &pdus[0]["correlation"]));
        assert_eq!(pdu["peer"], serde_json::json!(["pf.example.com"]));
        assert!(pdu["payload"].as_str().is_some_and(|payload| payload.contains("Call-ID: m-1")), "{pdu}");
    }
    let directions: Vec<_> = pdus.iter().map(|pdu| pdu["direction"].as_u64()).collect();
    assert_eq!(directions, [Some(3), Some(3), Some(2), Some(2)]);
    let port = |at: &str| pdus[0][at].as_u64();
    assert_eq!(
        (port("source_port"), port("destination_port")),
        (Some(served.cscf.port().into()), Some(served.sip.port().into()))
    );
    let end = request("DeactivateTask", &format!("<ns1:xId>{XID}</ns1:xId>"));
    assert_eq!(certificates.curl(Some("admf"), &x1, &["--tls-max", "1.2"], &end).0, 200);
    bob_sends(&cscf, "m-2");
    assert!(mediation.is_silent());
    let audit = std::fs::read_to_string(certificates.path("audit.log")).unwrap();
    let lines: Vec<serde_json::Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked: Vec<_> = lines.iter().filter_map(|line| line["request"].as_str()).collect();
    assert_eq!(asked, ["CreateDestination", "ActivateTask", "DeactivateTask"]);
    assert!(lines.iter().any(|line| line["state"] == "open") && !audit.contains("Are you there?"), "{audit}");
    served.stop();
}

#[test]
fn who_may_not_order_is_refused_and_written_down() {
    if !are_installed() {
        return;
    }
    let certificates = Certificates::new();
    let served = Served::with(&certificates.configuration());
    let x1 = served.x1.unwrap().to_string();
    let ping = request("Ping", "");
    assert_eq!(certificates.curl(None, &x1, &[], &ping).0, 0);
    assert_eq!(certificates.curl(Some("stranger"), &x1, &[], &ping).0, 0);
    let (status, answer) = certificates.curl(Some("unauthorised"), &x1, &[], &ping);
    assert!(status == 403 && answer.contains("ErrorResponse"), "{status} {answer}");
    assert_eq!(certificates.curl(Some("admf"), &x1, &[], &ping).0, 200);
    assert_eq!(certificates.curl(Some("admf"), &x1, &[], "<!DOCTYPE a []><a/>").0, 400);
    assert_eq!(certificates.curl(Some("admf"), &x1, &["--request", "PUT"], &ping).0, 405);
    let audit = std::fs::read_to_string(certificates.path("audit.log")).unwrap();
    assert_eq!(audit.matches("the handshake failed").count(), 2, "{audit}");
    assert!(audit.contains("somebody.example.com"), "{audit}");
    served.stop();
}

#[test]
fn who_stalls_in_a_handshake_or_talks_rubbish_holds_nobody_up() {
    if !are_installed() {
        return;
    }
    let certificates = Certificates::new();
    let served = Served::with(&certificates.configuration());
    let x1 = served.x1.unwrap();
    let silent: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(x1).unwrap()).collect();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(x1).unwrap();
        stream.write_all(b"POST /X1 HTTP/1.1\r\n\r\n").unwrap();
        // An alert, then the end.
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(!String::from_utf8_lossy(&said).contains("HTTP"));
    }
    assert_eq!(certificates.curl(Some("admf"), &x1.to_string(), &[], &request("Ping", "")).0, 200);
    drop(silent);
    served.stop();
}
