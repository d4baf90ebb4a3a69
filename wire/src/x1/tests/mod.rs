//! Documents of X1: those of another implementation, what is refused, and what is written is read back.

mod http;

use super::*;
use crate::xml::XmlError;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

/// As public implementations write it: prefixes for everything.
const ACTIVATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ns1:X1Request xmlns:ns1="http://uri.etsi.org/03221/X1/2017/10" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <ns1:x1RequestMessage xsi:type="ns1:ActivateTaskRequest">
    <ns1:admfIdentifier>admf.example.com</ns1:admfIdentifier>
    <ns1:neIdentifier>pf.example.com</ns1:neIdentifier>
    <ns1:messageTimestamp>2026-01-31T09:05:07.250000Z</ns1:messageTimestamp>
    <ns1:version>v1.6.1</ns1:version>
    <ns1:x1TransactionId>3741800e-971b-4aa9-85f4-466d2b1adc7f</ns1:x1TransactionId>
    <ns1:taskDetails>
      <ns1:xId>29f28e1c-f230-486a-a860-f5a784ab9172</ns1:xId>
      <ns1:targetIdentifiers>
        <ns1:targetIdentifier><ns1:sipUri>sip:bob@example.com</ns1:sipUri></ns1:targetIdentifier>
        <ns1:targetIdentifier><ns1:telUri>tel:+491234</ns1:telUri></ns1:targetIdentifier>
      </ns1:targetIdentifiers>
      <ns1:deliveryType>X2andX3</ns1:deliveryType>
      <ns1:listOfDIDs><ns1:dId>19867c20-8c94-473e-b9cd-8b72b7b05fd4</ns1:dId></ns1:listOfDIDs>
    </ns1:taskDetails>
  </ns1:x1RequestMessage>
</ns1:X1Request>"#;

fn one(text: &str) -> Result<Request, Wrong> {
    read_requests(text.as_bytes()).unwrap().remove(0)
}

fn header() -> Header {
    Header {
        admf: "admf.example.com".to_owned(),
        ne: "pf.example.com".to_owned(),
        timestamp: "2026-01-31T09:05:07.250000Z".to_owned(),
        version: VERSION.to_owned(),
        transaction: "3741800e-971b-4aa9-85f4-466d2b1adc7f".parse().unwrap(),
    }
}

#[test]
fn a_task_of_another_implementation_is_read() {
    let request = one(ACTIVATE).unwrap();
    assert_eq!(request.header, header());
    let Asked::ActivateTask(task) = &request.asked else { panic!("{request:?}") };
    assert_eq!(task.xid.to_string(), "29f28e1c-f230-486a-a860-f5a784ab9172");
    let targets: Vec<_> = task.targets.iter().map(|target| (target.kind.as_str(), target.value.as_str())).collect();
    assert_eq!(targets, [("sipUri", "sip:bob@example.com"), ("telUri", "tel:+491234")]);
    assert_eq!((task.delivery, task.destinations.len()), (Delivery::X2andX3, 1));
    assert_eq!(one(&write_requests(std::slice::from_ref(&request))), Ok(request));
}

#[test]
fn a_destination_has_its_address_in_the_common_namespace() {
    for address in ["192.0.2.7:6514", "[2001:db8::7]:6514"] {
        let did = "19867c20-8c94-473e-b9cd-8b72b7b05fd4".parse().unwrap();
        let friendly_name = Some("mediation".to_owned());
        let address = address.parse().unwrap();
        let destination = Destination { did, friendly_name, delivery: Delivery::X3Only, address };
        let request = Request { header: header(), asked: Asked::CreateDestination(destination) };
        let text = write_requests(std::slice::from_ref(&request));
        assert!(text.contains("<c:TCPPort>6514</c:TCPPort>"), "{text}");
        assert_eq!(one(&text), Ok(request));
        assert!(one(&text.replace("TCPPort", "UDPPort")).is_err());
    }
}

#[test]
fn responses_tell_what_became_of_it() {
    let completed = Response { header: header(), request: Some("Ping".to_owned()), outcome: Outcome::Completed };
    let description = "there is such a task".to_owned();
    let refused = Outcome::Refused { code: error::XID_EXISTS, description };
    let refused = Response { header: header(), request: Some("ActivateTask".to_owned()), outcome: refused };
    let both = vec![completed, refused];
    let text = write_responses(&both);
    assert!(
        text.contains("<oK>AcknowledgedAndCompleted</oK>") && text.contains("xsi:type=\"ErrorResponse\""),
        "{text}"
    );
    assert_eq!(read_responses(text.as_bytes()), Ok(both));
    assert!(read_responses(text.replace("AcknowledgedAndCompleted", "Maybe").as_bytes()).is_err());
}

#[test]
fn what_is_wrong_is_told_of_each_request() {
    let wrong = |from: &str, to: &str| one(&ACTIVATE.replacen(from, to, 1)).unwrap_err();
    let no_uuid = wrong("29f28e1c-", "29f28e1c");
    assert_eq!((no_uuid.name.as_str(), no_uuid.header), ("ActivateTask", Some(Box::new(header()))));
    assert!(no_uuid.error.to_string().contains("expected a UUID"), "{}", no_uuid.error);
    assert_eq!(wrong("466d2b1adc7f", "").header, None);
    assert!(wrong("X2andX3", "X4").error.to_string().contains("deliveryType"));
    let version = "<ns1:version>v1.6.1</ns1:version>";
    assert!(wrong(version, &version.repeat(2)).error.to_string().contains("one element"));
    assert!(wrong("<ns1:telUri>", "<ns1:sipUri>a</ns1:sipUri><ns1:telUri>").error.to_string().contains("one name"));
    assert!(matches!(wrong(" xsi:type=\"ns1:ActivateTaskRequest\"", "").error, XmlError::Missing { .. }));
}

#[test]
fn a_type_is_a_name_in_the_namespace() {
    let other = one(&ACTIVATE.replace("ActivateTaskRequest", "InventTaskRequest")).unwrap();
    assert_eq!(other.asked, Asked::Other("InventTask".to_owned()));
    for kind in ["ActivateTaskRequest", "xsi:ActivateTaskRequest", "ns1:Request", "ns1:ActivateTask", "ns2:PingRequest"]
    {
        let text = ACTIVATE.replace("ns1:ActivateTaskRequest\"", &format!("{kind}\""));
        assert!(one(&text).is_err(), "{kind}");
    }
}

#[test]
fn what_is_no_container_is_refused() {
    assert_eq!(read_requests(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), Err(XmlError::Doctype));
    assert!(read_requests(b"<X1Request xmlns='http://uri.etsi.org/03221/X1/2017/10'/>").is_err());
    assert!(read_requests(b"<X1Request/>").is_err());
    assert!(read_responses(ACTIVATE.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        xid: [u8; 16],
        target in "sip:[a-z<>&\"']{1,20}@example[.]com",
        kind in "sipUri|telUri|impu",
        destinations in prop::collection::vec(any::<[u8; 16]>(), 0..3),
        delivery in prop::sample::select(vec![Delivery::X2Only, Delivery::X3Only, Delivery::X2andX3]),
    ) {
        let targets = vec![TargetIdentifier { kind, value: target }];
        let destinations = destinations.into_iter().map(Uuid).collect();
        let task = Task { xid: Uuid(xid), targets, delivery, destinations };
        let requests = vec![
            Request { header: header(), asked: Asked::ActivateTask(task) },
            Request { header: header(), asked: Asked::DeactivateTask(Uuid(xid)) },
            Request { header: header(), asked: Asked::RemoveDestination(Uuid(xid)) },
            Request { header: header(), asked: Asked::Ping },
        ];
        let read: Result<Vec<_>, _> = read_requests(write_requests(&requests).as_bytes()).unwrap().into_iter().collect();
        prop_assert_eq!(read, Ok(requests));
    }
}
