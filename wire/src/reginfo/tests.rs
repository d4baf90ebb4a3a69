use super::*;
use proptest::prelude::*;

/// The example of RFC 3680 section 5.
const EXAMPLE: &str = r#"<?xml version="1.0"?>
    <reginfo xmlns="urn:ietf:params:xml:ns:reginfo"
             xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                 version="0" state="full">
      <registration aor="sip:user@example.com" id="as9"
            state="active">
        <contact id="76" state="active" event="registered"
             duration-registered="7322"
             q="0.8">
                 <uri>sip:user@pc887.example.com</uri>
        </contact>
        <contact id="77" state="terminated" event="expired"
             duration-registered="3600"
             q="0.5">
                 <uri>sip:user@university.edu</uri>
        </contact>
      </registration>
    </reginfo>
"#;

/// After the example of RFC 5628: an instance with a public and a temporary GRUU.
const GRUUS: &str = r#"<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo"
     xmlns:gr="urn:ietf:params:xml:ns:gruuinfo"
     version="0" state="full">
  <registration aor="sip:user@example.com" id="as9" state="active">
    <contact id="76" state="active" event="registered" duration-registered="7322" q="0.8">
      <uri>sip:user@192.0.2.1</uri>
      <unknown-param name="+sip.instance">"&lt;urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6&gt;"</unknown-param>
      <gr:pub-gruu uri="sip:user@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/>
      <gr:temp-gruu uri="sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr" first-cseq="54301"/>
    </contact>
  </registration>
</reginfo>
"#;

fn parse(text: &str) -> Result<Document, XmlError> {
    Document::parse(text.as_bytes())
}

#[test]
fn reads_the_example_of_rfc_3680() {
    let document = parse(EXAMPLE).unwrap();
    assert_eq!((document.version, document.state), (0, State::Full));
    let [registration] = document.registrations.as_slice() else { panic!("{document:?}") };
    assert_eq!((registration.aor.as_str(), registration.id.as_str()), ("sip:user@example.com", "as9"));
    assert_eq!(registration.state, RegistrationState::Active);
    let [first, second] = registration.contacts.as_slice() else { panic!("{registration:?}") };
    assert_eq!((first.state, first.event), (ContactState::Active, ContactEvent::Registered));
    assert_eq!((second.state, second.event), (ContactState::Terminated, ContactEvent::Expired));
    assert_eq!((first.uri.as_str(), first.duration_registered), ("sip:user@pc887.example.com", Some(7322)));
    assert_eq!((second.q.as_deref(), second.expires), (Some("0.5"), None));
    assert_eq!(parse(&document.to_xml()), Ok(document));
}

#[test]
fn reads_the_gruus_of_rfc_5628() {
    let document = parse(GRUUS).unwrap();
    let contact = &document.registrations[0].contacts[0];
    assert_eq!(contact.instance(), Some("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
    let gruu = "sip:user@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    assert_eq!(contact.pub_gruu.as_deref(), Some(gruu));
    assert_eq!(contact.temp_gruu.as_ref().and_then(|gruu| gruu.first_cseq), Some(54301));
    assert_eq!(parse(&document.to_xml()), Ok(document));
}

#[test]
fn writes_attributes_and_elements_as_the_schema_has_them() {
    let mut contact = Contact::new("c1", "sip:bob@192.0.2.7", ContactState::Active, ContactEvent::Refreshed);
    contact.expires = Some(3600);
    contact.display_name = Some("Bob".into());
    contact.unknown_params = vec![("+sip.instance".into(), "\"<urn:gsma:imei:1>\"".into())];
    contact.pub_gruu = Some("sip:bob@example.com;gr=1".into());
    let (aor, id) = ("sip:bob@example.com".into(), "r1".into());
    let registration = Registration { aor, id, state: RegistrationState::Active, contacts: vec![contact] };
    let document = Document { version: 4, state: State::Partial, registrations: vec![registration] };
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:gr="urn:ietf:params:xml:ns:gruuinfo" version="4" state="partial">
 <registration aor="sip:bob@example.com" id="r1" state="active">
  <contact id="c1" state="active" event="refreshed" expires="3600">
   <uri>sip:bob@192.0.2.7</uri>
   <display-name>Bob</display-name>
   <unknown-param name="+sip.instance">"&lt;urn:gsma:imei:1&gt;"</unknown-param>
   <gr:pub-gruu uri="sip:bob@example.com;gr=1"/>
  </contact>
 </registration>
</reginfo>
"#;
    assert_eq!(document.to_xml(), expected);
}

#[test]
fn what_the_schema_requires_must_be_there_and_right() {
    let missing = |piece: &str| match parse(&EXAMPLE.replacen(piece, "", 1)) {
        Err(XmlError::Missing { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(r#"version="0""#), "version");
    assert_eq!(missing(r#"aor="sip:user@example.com""#), "aor");
    assert_eq!(missing(r#"event="registered""#), "event");
    assert_eq!(missing("<uri>sip:user@pc887.example.com</uri>"), "uri");
    for (right, wrong) in [("\"full\"", "\"whole\""), ("\"registered\"", "\"here\""), ("\"7322\"", "\"long\"")] {
        assert!(matches!(parse(&EXAMPLE.replacen(right, wrong, 1)), Err(XmlError::Value { .. })), "{wrong}");
    }
}

#[test]
fn a_document_cut_anywhere_is_an_error() {
    for length in 0..GRUUS.trim_end().len() {
        assert!(Document::parse(&GRUUS.as_bytes()[..length]).is_err(), "{length}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        version: u32, id in "[!-~]{1,12}", uri in "[!-~]{1,40}", expires: Option<u64>, cseq: Option<u32>,
        name in prop::option::of("\\PC*"), gruu in prop::option::of("[!-~]{1,40}"), first_cseq: Option<u32>,
    ) {
        let contact = Contact {
            expires, cseq, display_name: name, pub_gruu: gruu.clone(), q: Some("0.1".into()),
            call_id: Some(id.clone()), temp_gruu: gruu.map(|uri| TempGruu { uri, first_cseq }),
            ..Contact::new(&id, &uri, ContactState::Terminated, ContactEvent::Probation)
        };
        let contacts = vec![contact.clone(), contact];
        let registrations = vec![Registration { aor: uri, id, state: RegistrationState::Init, contacts }];
        let document = Document { version, state: State::Full, registrations };
        prop_assert_eq!(parse(&document.to_xml()), Ok(document));
    }

    #[test]
    fn no_octets_panic(octets: Vec<u8>, at in 0..GRUUS.len(), octet: u8) {
        let _ = Document::parse(&octets);
        let mut bent = GRUUS.as_bytes().to_vec();
        bent[at] = octet;
        let _ = Document::parse(&bent);
    }
}
