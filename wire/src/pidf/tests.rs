use super::*;
use proptest::prelude::*;

/// After the example of RFC 3863 section 4.2.1, with an extension in the status and one beside the tuples.
const SOMEONE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<impp:presence xmlns:impp="urn:ietf:params:xml:ns:pidf" xmlns:local="urn:example-com:pidf-status-type"
    xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" entity="pres:someone@example.com">
  <impp:tuple id="ub93s3">
    <impp:status>
      <impp:basic>open</impp:basic>
      <local:location>home</local:location>
    </impp:status>
    <impp:contact priority="0.8">im:someone@example.com</impp:contact>
    <impp:note xml:lang="en">Don't Disturb Please!</impp:note>
    <impp:note xml:lang="fr">Ne derangez pas, s'il vous plait</impp:note>
    <impp:timestamp>2001-10-27T16:49:29Z</impp:timestamp>
  </impp:tuple>
  <impp:tuple id="eg92n8">
    <impp:status><impp:basic> closed </impp:basic></impp:status>
    <impp:contact priority="1.0">mailto:someone@example.com</impp:contact>
  </impp:tuple>
  <impp:note>I'll be in Tokyo next week</impp:note>
  <dm:person id="p1"/>
</impp:presence>
"#;

fn parse(text: &str) -> Result<Document, XmlError> {
    Document::parse(text.as_bytes())
}

#[test]
fn reads_the_example_of_rfc_3863() {
    let document = parse(SOMEONE).unwrap();
    assert_eq!((document.entity.as_str(), document.tuples.len()), ("pres:someone@example.com", 2));
    let (first, second) = (&document.tuples[0], &document.tuples[1]);
    assert_eq!((first.id.as_str(), first.basic), ("ub93s3", Some(Basic::Open)));
    let contact = first.contact.as_ref().unwrap();
    assert_eq!((contact.uri.as_str(), contact.priority.as_deref()), ("im:someone@example.com", Some("0.8")));
    assert_eq!(first.notes.iter().map(|note| note.language.as_deref()).collect::<Vec<_>>(), [Some("en"), Some("fr")]);
    assert_eq!(first.timestamp.as_deref(), Some("2001-10-27T16:49:29Z"));
    assert_eq!((second.basic, second.timestamp.as_deref()), (Some(Basic::Closed), None));
    assert_eq!(document.notes, [Note { language: None, text: "I'll be in Tokyo next week".to_owned() }]);
    assert_eq!(parse(&document.to_xml()), Ok(document));
}

#[test]
fn writes_what_the_schema_orders() {
    let mut tuple = Tuple::new("a1", Basic::Open);
    tuple.contact = Some(Contact { uri: "sip:bob@home.example".to_owned(), priority: None });
    tuple.timestamp = Some("2026-11-22T12:00:00Z".to_owned());
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@home.example">
 <tuple id="a1">
  <status>
   <basic>open</basic>
  </status>
  <contact>sip:bob@home.example</contact>
  <timestamp>2026-11-22T12:00:00Z</timestamp>
 </tuple>
</presence>
"#;
    assert_eq!(Document::new("sip:bob@home.example", vec![tuple]).to_xml(), expected);
}

#[test]
fn one_open_tuple_opens_the_whole() {
    let of = |basics: &[Option<Basic>]| {
        let tuple = |basic: &Option<Basic>| Tuple { basic: *basic, ..Tuple::new("a", Basic::Open) };
        Document::new("sip:a@b", basics.iter().map(tuple).collect()).basic()
    };
    let (open, closed) = (Some(Basic::Open), Some(Basic::Closed));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[None]), None);
    assert_eq!(of(&[closed, None]), closed);
    assert_eq!(of(&[closed, open, closed]), open);
    assert_eq!(of(&[open, closed]), open);
    assert_eq!(of(&[closed, closed]), closed);
}

#[test]
fn what_the_schema_forbids_is_named() {
    let wrong = |right: &str, wrong: &str| {
        assert!(SOMEONE.contains(right), "{right}");
        parse(&SOMEONE.replacen(right, wrong, 1)).unwrap_err().to_string()
    };
    assert_eq!(wrong(">open<", ">away<"), "line 6, column 7: basic is \"away\", expected open or closed");
    assert_eq!(wrong(">open<", ">Open<"), "line 6, column 7: basic is \"Open\", expected open or closed");
    assert_eq!(wrong(" entity=", " entities="), "line 2, column 1: <presence> has no entity");
    assert_eq!(wrong("id=\"ub93s3\"", ""), "line 4, column 3: <tuple> has no id");
    assert_eq!(wrong("\"eg92n8\"", "\"ub93s3\""), "line 14, column 3: id is \"ub93s3\", expected an id of its own");
    assert!(wrong("impp:status>", "local:status>").contains("not well-formed"));
    assert!(parse(&SOMEONE.replace("impp:status>", "local:status>")).unwrap_err().to_string().contains("no status"));
    assert!(wrong("T16:49:29Z", " 16:49:29").contains("timestamp"));
    for priority in ["1.1", "2", "0.1234", "-0.1", "+1", ".5", "0.a"] {
        assert!(wrong("\"0.8\"", &format!("\"{priority}\"")).contains("priority"), "{priority}");
    }
    let other = parse(&SOMEONE.replace("xml:ns:pidf\"", "xml:ns:cpim-pidf\"")).unwrap_err();
    assert!(matches!(other, XmlError::WrongRoot { .. }));
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let bomb = "<!DOCTYPE p [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
    assert_eq!(parse(&SOMEONE.replacen("<impp", &format!("{bomb}<impp"), 1)), Err(XmlError::Doctype));
}

#[test]
fn a_document_cut_anywhere_is_an_error() {
    for length in 0..SOMEONE.trim_end().len() {
        assert!(Document::parse(&SOMEONE.as_bytes()[..length]).is_err(), "{length}");
    }
}

fn note() -> impl Strategy<Value = Note> {
    (prop::option::of("[a-z]{2}"), "\\PC*").prop_map(|(language, text)| Note { language, text })
}

fn tuple() -> impl Strategy<Value = Tuple> {
    let basic = prop::option::of(prop::sample::select(vec![Basic::Open, Basic::Closed]));
    let contact = prop::option::of(("[!-~]{1,40}", prop::option::of("0(\\.[0-9]{1,3})?")));
    let timestamp = prop::option::of((0u64..1 << 60).prop_map(|nanos| Time::from_nanos(nanos).to_rfc3339()));
    (basic, contact, prop::collection::vec(note(), 0..3), timestamp).prop_map(|(basic, contact, notes, timestamp)| {
        Tuple {
            id: String::new(),
            basic,
            contact: contact.map(|(uri, priority)| Contact { uri, priority }),
            notes,
            timestamp,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        entity in "[!-~]{1,40}",
        mut tuples in prop::collection::vec(tuple(), 0..5),
        notes in prop::collection::vec(note(), 0..3),
    ) {
        tuples.iter_mut().enumerate().for_each(|(number, tuple)| tuple.id = format!("t{number}"));
        let document = Document { entity, tuples, notes };
        prop_assert_eq!(parse(&document.to_xml()), Ok(document));
    }

    #[test]
    fn no_octets_panic(octets: Vec<u8>, at in 0..SOMEONE.len(), octet: u8) {
        let _ = Document::parse(&octets);
        let mut bent = SOMEONE.as_bytes().to_vec();
        bent[at] = octet;
        let _ = Document::parse(&bent);
    }
}
