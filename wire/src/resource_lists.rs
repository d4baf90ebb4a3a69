//! URI lists, `application/resource-lists+xml` (RFC 4826 section 3.2), as they ride in requests (RFC 5363, 5365,
//! 5366) and with the copy control of RFC 5364.

use crate::xml::{self, Element, Writer};

pub use crate::xml::XmlError;

/// The media type of a list.
pub const MEDIA_TYPE: &str = "application/resource-lists+xml";
const NAMESPACE: &str = "urn:ietf:params:xml:ns:resource-lists";
const COPY_CONTROL: &str = "urn:ietf:params:xml:ns:copycontrol";

/// How a recipient is addressed, in the sense of e-mail (RFC 5364).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CopyControl {
    /// A primary recipient.
    To,
    /// A recipient of a copy.
    Cc,
    /// A recipient of whom the others are not told.
    Bcc,
}

impl CopyControl {
    /// The value of the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            CopyControl::To => "to",
            CopyControl::Cc => "cc",
            CopyControl::Bcc => "bcc",
        }
    }
}

impl std::str::FromStr for CopyControl {
    type Err = ();
    fn from_str(text: &str) -> Result<CopyControl, ()> {
        [CopyControl::To, CopyControl::Cc, CopyControl::Bcc].into_iter().find(|value| value.as_str() == text).ok_or(())
    }
}

/// One resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its URI, as written.
    pub uri: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// How the recipient is addressed.
    pub copy_control: Option<CopyControl>,
    /// True when the URI is not to be told to the others.
    pub anonymize: bool,
    /// How many anonymous recipients this entry of a recipient-list-history stands for.
    pub count: Option<u32>,
}

impl Entry {
    /// An entry of nothing but its URI.
    pub fn new(uri: &str) -> Entry {
        Entry { uri: uri.to_owned(), ..Entry::default() }
    }

    fn read(element: Element<'_, '_>) -> Result<Entry, XmlError> {
        let copy = |name| element.attribute_of(COPY_CONTROL, name);
        Ok(Entry {
            uri: element.required("uri")?.trim().to_owned(),
            display_name: element.child_text("display-name"),
            copy_control: copy("copyControl")
                .map(|value| element.value("copyControl", value, "to, cc or bcc"))
                .transpose()?,
            anonymize: copy("anonymize").map(|value| element.flag("anonymize", value)).transpose()?.unwrap_or(false),
            count: copy("count").map(|value| element.value("count", value, "a number")).transpose()?,
        })
    }

    fn write(&self, list: &mut Writer) {
        let count = self.count.map(|count| count.to_string());
        let attributes = [
            ("uri", Some(self.uri.as_str())),
            ("cp:copyControl", self.copy_control.map(CopyControl::as_str)),
            ("cp:anonymize", self.anonymize.then_some("true")),
            ("cp:count", count.as_deref()),
        ];
        list.element("entry", &attributes, |entry| entry.optional("display-name", self.display_name.as_deref()));
    }
}

/// A URI list, flat: RFC 5363 asks no more of the lists in requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The resources in document order.
    pub entries: Vec<Entry>,
}

impl List {
    /// A list of these URIs, each addressed as `to`.
    pub fn to_recipients<'a>(uris: impl IntoIterator<Item = &'a str>) -> List {
        let entry = |uri| Entry { copy_control: Some(CopyControl::To), ..Entry::new(uri) };
        List { entries: uris.into_iter().map(entry).collect() }
    }

    /// The URIs, in order.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.uri.as_str())
    }

    /// Reads a body. Several lists, and lists in lists, are taken as one in document order. References to lists kept
    /// elsewhere (`entry-ref`, `external`) are passed over.
    pub fn parse(octets: &[u8]) -> Result<List, XmlError> {
        xml::read(octets, NAMESPACE, "resource-lists", |root| {
            let mut entries = Vec::new();
            root.children("list").try_for_each(|list| collect(list, &mut entries))?;
            Ok(List { entries })
        })
    }

    /// Writes a body of one list.
    pub fn to_xml(&self) -> String {
        let controlled = |entry: &Entry| entry.copy_control.is_some() || entry.anonymize || entry.count.is_some();
        let copy_control = self.entries.iter().any(controlled).then_some(COPY_CONTROL);
        let namespaces = [("xmlns", Some(NAMESPACE)), ("xmlns:cp", copy_control)];
        Writer::document("resource-lists", &namespaces, |root| {
            root.element("list", &[], |list| self.entries.iter().for_each(|entry| entry.write(list)));
        })
    }
}

/// Recursion is bounded by the depth that a document may have.
fn collect(list: Element<'_, '_>, entries: &mut Vec<Entry>) -> Result<(), XmlError> {
    list.elements().try_for_each(|element| {
        match element.name() {
            "entry" => entries.push(Entry::read(element)?),
            "list" => collect(element, entries)?,
            _ => {}
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The list in the INVITE of the example of RFC 5366, with the copy control of RFC 5364.
    const RECIPIENTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
          xmlns:cp="urn:ietf:params:xml:ns:copycontrol">
  <list>
    <entry uri="sip:bill@example.com" cp:copyControl="to" />
    <entry uri="sip:randy@example.net" cp:copyControl="to"
                                       cp:anonymize="true"/>
    <entry uri="sip:eddy@example.com" cp:copyControl="to"
                                       cp:anonymize="true"/>
    <entry uri="sip:joe@example.org" cp:copyControl="cc" />
    <entry uri="sip:carol@example.net" cp:copyControl="cc"
                                       cp:anonymize="true"/>
    <entry uri="sip:ted@example.net" cp:copyControl="bcc" />
    <entry uri="sip:andy@example.com" cp:copyControl="bcc" />
  </list>
</resource-lists>
"#;

    /// What each participant is told of it there.
    const HISTORY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
          xmlns:cp="urn:ietf:params:xml:ns:copycontrol">
  <list>
    <entry uri="sip:bill@example.com" cp:copyControl="to" />
    <entry uri="sip:anonymous@anonymous.invalid" cp:copyControl="to"
                                                 cp:count="2"/>
    <entry uri="sip:joe@example.org" cp:copyControl="cc" />
    <entry uri="sip:anonymous@anonymous.invalid" cp:copyControl="cc"
                                                 cp:count="1"/>
  </list>
</resource-lists>
"#;

    /// After the example of RFC 4826 section 3: lists in lists, names, and references to other lists.
    const NESTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <list name="friends">
  <entry uri="sip:bill@example.com">
   <display-name>Bill Doe</display-name>
  </entry>
  <entry-ref ref="resource-lists/users/sip:bill@example.com/index/~~/resource-lists/list%5b@name=%22list1%22%5d"/>
  <list name="close-friends">
   <display-name>Close Friends</display-name>
   <entry uri="sip:joe@example.com">
    <display-name>Joe Smith</display-name>
   </entry>
   <entry uri="sip:nancy@example.com">
    <display-name>Nancy Gross</display-name>
   </entry>
   <external anchor="http://www.example.org/xcap/resource-lists/users/sip:a@example.org/index">
     <display-name>Marketing</display-name>
   </external>
  </list>
 </list>
</resource-lists>
"#;

    fn parse(text: &str) -> Result<List, XmlError> {
        List::parse(text.as_bytes())
    }

    #[test]
    fn reads_the_list_of_rfc_5366() {
        let list = parse(RECIPIENTS).unwrap();
        assert_eq!(list.entries.len(), 7);
        let carol = &list.entries[4];
        let got = (carol.uri.as_str(), carol.copy_control, carol.anonymize);
        assert_eq!(got, ("sip:carol@example.net", Some(CopyControl::Cc), true));
        assert!(!list.entries[0].anonymize);
        assert_eq!(parse(&list.to_xml()), Ok(list));
    }

    #[test]
    fn reads_the_history_of_rfc_5366() {
        let list = parse(HISTORY).unwrap();
        let counts: Vec<Option<u32>> = list.entries.iter().map(|entry| entry.count).collect();
        assert_eq!(counts, [None, Some(2), None, Some(1)]);
        assert_eq!(parse(&list.to_xml()), Ok(list));
    }

    #[test]
    fn nested_lists_are_one_list_in_document_order() {
        let list = parse(NESTED).unwrap();
        let uris: Vec<&str> = list.uris().collect();
        assert_eq!(uris, ["sip:bill@example.com", "sip:joe@example.com", "sip:nancy@example.com"]);
        assert_eq!(list.entries[2].display_name.as_deref(), Some("Nancy Gross"));
    }

    #[test]
    fn a_uri_with_header_fields_is_kept_and_escaped() {
        let uri = "sip:+4912@example.com?Session-Replaces=abc&Subject=%22x%22";
        let list = List::to_recipients([uri]);
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol">
 <list>
  <entry uri="sip:+4912@example.com?Session-Replaces=abc&amp;Subject=%22x%22" cp:copyControl="to"/>
 </list>
</resource-lists>
"#;
        assert_eq!(list.to_xml(), expected);
        assert_eq!(parse(expected), Ok(list));
    }

    #[test]
    fn an_empty_list_and_plain_entries_need_no_copy_control() {
        assert_eq!(parse(&List::default().to_xml()), Ok(List::default()));
        let plain = List { entries: vec![Entry::new("tel:+49301")] };
        assert!(!plain.to_xml().contains("copycontrol"));
        assert_eq!(parse(&plain.to_xml()), Ok(plain));
    }

    #[test]
    fn wrong_values_are_named() {
        let wrong = RECIPIENTS.replacen("\"to\"", "\"too\"", 1);
        let error = parse(&wrong).unwrap_err().to_string();
        assert_eq!(error, "line 5, column 5: copyControl is \"too\", expected to, cc or bcc");
        assert!(matches!(parse(&RECIPIENTS.replacen("uri=", "url=", 1)), Err(XmlError::Missing { .. })));
        assert!(parse(&RECIPIENTS.replacen("\"true\"", "\"yes\"", 1)).is_err());
        assert!(parse(&HISTORY.replacen("\"2\"", "\"-2\"", 1)).is_err());
    }

    #[test]
    fn a_document_cut_anywhere_is_an_error() {
        for length in 0..RECIPIENTS.trim_end().len() {
            assert!(List::parse(&RECIPIENTS.as_bytes()[..length]).is_err(), "{length}");
        }
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let copy = prop::option::of(prop::sample::select(vec![CopyControl::To, CopyControl::Cc, CopyControl::Bcc]));
        ("[!-~]{1,40}", prop::option::of("\\PC*"), copy, any::<bool>(), any::<Option<u32>>()).prop_map(
            |(uri, display_name, copy_control, anonymize, count)| Entry {
                uri,
                display_name,
                copy_control,
                anonymize,
                count,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(entries in prop::collection::vec(entry(), 0..8)) {
            let list = List { entries };
            prop_assert_eq!(parse(&list.to_xml()), Ok(list));
        }

        #[test]
        fn no_octets_panic(octets: Vec<u8>, at in 0..RECIPIENTS.len(), octet: u8) {
            let _ = List::parse(&octets);
            let mut bent = RECIPIENTS.as_bytes().to_vec();
            bent[at] = octet;
            let _ = List::parse(&bent);
        }
    }
}
