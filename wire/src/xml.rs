//! What the XML bodies of SIP have in common: reading that hostile octets cannot hurt, and writing that escapes.
//!
//! Read are namespaces, never prefixes; unknown elements and attributes are passed over, as RFC 4575, 5438, 3680 and
//! 4826 all ask. A document type declaration is refused, so there are no entities but the five of XML 1.0.

use roxmltree::{Document, Node};
use std::str::FromStr;

mod write;

pub(crate) use write::Writer;

/// Longest document that is read, in octets.
const MAX_OCTETS: usize = 1 << 20;
/// Deepest nesting of elements that is read.
const MAX_DEPTH: usize = 64;
/// Most attributes of one element, namespace declarations among them: looking for duplicates costs their square.
const MAX_ATTRIBUTES: usize = 64;
/// Most namespace declarations in scope: every element that adds one copies them all.
const MAX_NAMESPACES: usize = 64;
/// The namespace of a document type that is known by its local names alone.
pub(crate) const ANY_NAMESPACE: &str = "";

/// Why octets are not the XML document that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// The document is longer than 1 MiB.
    #[error("document of {octets} octets is over the limit of 1 MiB")]
    TooLarge {
        /// Its length.
        octets: usize,
    },
    /// The octets are not UTF-8, the only encoding of these documents.
    #[error("not UTF-8 at octet {at}")]
    NotUtf8 {
        /// Octets before the first wrong one.
        at: usize,
    },
    /// A document type declaration, which could define entities.
    #[error("a document type declaration is not accepted")]
    Doctype,
    /// Elements nest deeper than 64.
    #[error("elements nest deeper than 64")]
    TooDeep,
    /// One element has more than 64 attributes.
    #[error("an element has more than 64 attributes")]
    TooManyAttributes,
    /// More than 64 namespace declarations are in scope.
    #[error("more than 64 namespace declarations are in scope")]
    TooManyNamespaces,
    /// Not well-formed XML 1.0 with namespaces.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// Another kind of document.
    #[error("root element is {{{namespace}}}{name}, expected {expected}")]
    WrongRoot {
        /// Namespace of the root.
        namespace: String,
        /// Local name of the root.
        name: String,
        /// Local name that was expected, in the namespace of that document type.
        expected: &'static str,
    },
    /// Something that the schema requires is absent.
    #[error("line {line}, column {column}: <{element}> has no {missing}")]
    Missing {
        /// Line of the element, from 1.
        line: u32,
        /// Column of the element, from 1.
        column: u32,
        /// Local name of the element.
        element: String,
        /// The child element or attribute that is not there.
        missing: &'static str,
    },
    /// A value outside its type.
    #[error("line {line}, column {column}: {name} is {value:?}, expected {expected}")]
    Value {
        /// Line of the element, from 1.
        line: u32,
        /// Column of the element, from 1.
        column: u32,
        /// Name of the element or attribute.
        name: &'static str,
        /// What stood there.
        value: String,
        /// What the schema allows.
        expected: &'static str,
    },
}

/// Reads a document whose root is `name` in `namespace` and hands the root to `read`.
pub(crate) fn read<T>(
    octets: &[u8],
    namespace: &'static str,
    name: &'static str,
    read: impl FnOnce(Element<'_, '_>) -> Result<T, XmlError>,
) -> Result<T, XmlError> {
    let text = harmless(octets)?;
    let document = Document::parse(text).map_err(|error| match error {
        roxmltree::Error::DtdDetected => XmlError::Doctype,
        other => XmlError::Malformed(other.to_string()),
    })?;
    let root = document.root_element();
    let element = Element { node: root, namespace };
    if !element.is_own() || element.name() != name {
        let found = root.tag_name().namespace().unwrap_or_default();
        return Err(XmlError::WrongRoot { namespace: found.into(), name: element.name().into(), expected: name });
    }
    read(element)
}

/// The text of a document that can be read, by whatever reads it, at no more cost than its length: it is short, flat, and
/// defines no entities.
///
/// # Errors
/// It is none, or not well-formed.
pub fn harmless(octets: &[u8]) -> Result<&str, XmlError> {
    let text = text_of(octets)?;
    bounded(text)?;
    Ok(text)
}

fn text_of(octets: &[u8]) -> Result<&str, XmlError> {
    if octets.len() > MAX_OCTETS {
        return Err(XmlError::TooLarge { octets: octets.len() });
    }
    std::str::from_utf8(octets).map_err(|error| XmlError::NotUtf8 { at: error.valid_up_to() })
}

/// Refuses what would cost the tree builder stack or more than linear time, before it is built.
fn bounded(text: &str) -> Result<(), XmlError> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open = Open::default();
    loop {
        match reader.read_event().map_err(|error| XmlError::Malformed(error.to_string()))? {
            Event::Start(tag) => open.start(&tag)?,
            Event::Empty(tag) => {
                open.start(&tag)?;
                open.end();
            }
            Event::End(_) => open.end(),
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The elements that are open: of each the namespace declarations in its start tag.
#[derive(Default)]
struct Open {
    declarations: Vec<usize>,
    in_scope: usize,
}

impl Open {
    fn start(&mut self, tag: &quick_xml::events::BytesStart<'_>) -> Result<(), XmlError> {
        let (mut attributes, mut declarations) = (0, 0);
        for attribute in tag.attributes().with_checks(false).take(MAX_ATTRIBUTES + 1) {
            attributes += 1;
            declarations += usize::from(attribute.is_ok_and(|attribute| attribute.key.as_ref().starts_with("xmlns")));
        }
        self.declarations.push(declarations);
        self.in_scope += declarations;
        match () {
            () if self.declarations.len() > MAX_DEPTH => Err(XmlError::TooDeep),
            () if attributes > MAX_ATTRIBUTES => Err(XmlError::TooManyAttributes),
            () if self.in_scope > MAX_NAMESPACES => Err(XmlError::TooManyNamespaces),
            () => Ok(()),
        }
    }

    fn end(&mut self) {
        self.in_scope -= self.declarations.pop().unwrap_or(0);
    }
}

/// An element of the document type's own namespace.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a, 'i> {
    node: Node<'a, 'i>,
    namespace: &'static str,
}

impl<'a, 'i> Element<'a, 'i> {
    /// The same element, whose children are looked for in another namespace.
    pub(crate) fn seen_in(self, namespace: &'static str) -> Element<'a, 'i> {
        Element { namespace, ..self }
    }

    pub(crate) fn name(&self) -> &'a str {
        self.node.tag_name().name()
    }

    /// The child elements of this document type's namespace, in order.
    pub(crate) fn elements(self) -> impl Iterator<Item = Element<'a, 'i>> {
        self.foreign().filter(Element::is_own)
    }

    /// True for an element of this document type's namespace.
    pub(crate) fn is_own(&self) -> bool {
        self.namespace == ANY_NAMESPACE || self.node.tag_name().namespace() == Some(self.namespace)
    }

    /// The child elements of every namespace, in order.
    pub(crate) fn foreign(self) -> impl Iterator<Item = Element<'a, 'i>> {
        self.node.children().filter(Node::is_element).map(move |node| Element { node, namespace: self.namespace })
    }

    pub(crate) fn children(self, name: &'static str) -> impl Iterator<Item = Element<'a, 'i>> {
        self.elements().filter(move |child| child.name() == name)
    }

    pub(crate) fn child(self, name: &'static str) -> Option<Element<'a, 'i>> {
        self.children(name).next()
    }

    /// The character data, white space kept.
    pub(crate) fn text(self) -> String {
        self.node.children().filter(Node::is_text).filter_map(|text| text.text()).collect()
    }

    /// The character data without the white space around it: URIs, tokens, enumerations.
    pub(crate) fn token(self) -> String {
        trim(&self.text()).to_owned()
    }

    /// The character data of a child.
    pub(crate) fn child_text(self, name: &'static str) -> Option<String> {
        self.child(name).map(Element::text)
    }

    pub(crate) fn child_token(self, name: &'static str) -> Option<String> {
        self.child(name).map(Element::token)
    }

    pub(crate) fn child_value<T: FromStr>(
        self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, XmlError> {
        self.child(name).map(|child| child.value(name, &child.token(), expected)).transpose()
    }

    pub(crate) fn child_flag(self, name: &'static str) -> Result<Option<bool>, XmlError> {
        self.child(name).map(|child| child.flag(name, &child.token())).transpose()
    }

    /// An attribute without namespace, as the attributes of these schemas are.
    pub(crate) fn attribute(self, name: &'static str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    pub(crate) fn attribute_of(self, namespace: &'static str, name: &'static str) -> Option<&'a str> {
        self.node.attribute((namespace, name))
    }

    /// What a prefix stands for here; no prefix stands for the default namespace.
    pub(crate) fn namespace_of(self, prefix: Option<&str>) -> Option<&'a str> {
        self.node.lookup_namespace_uri(prefix)
    }

    pub(crate) fn required(self, name: &'static str) -> Result<&'a str, XmlError> {
        self.attribute(name).ok_or_else(|| self.missing(name))
    }

    pub(crate) fn attribute_value<T: FromStr>(
        self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, XmlError> {
        self.attribute(name).map(|value| self.value(name, value, expected)).transpose()
    }

    /// Reads `value`, which belongs to `name`, as a `T`.
    pub(crate) fn value<T: FromStr>(
        self,
        name: &'static str,
        value: &str,
        expected: &'static str,
    ) -> Result<T, XmlError> {
        trim(value).parse().or_else(|_| self.refuse(name, value, expected))
    }

    /// Refuses `value`, which belongs to `name`.
    pub(crate) fn refuse<T>(self, name: &'static str, value: &str, expected: &'static str) -> Result<T, XmlError> {
        let (line, column) = self.position();
        Err(XmlError::Value { line, column, name, value: value.chars().take(80).collect(), expected })
    }

    /// Reads an `xs:boolean`: `true`, `false`, `1` or `0`.
    pub(crate) fn flag(self, name: &'static str, value: &str) -> Result<bool, XmlError> {
        match trim(value) {
            "1" => Ok(true),
            "0" => Ok(false),
            word => self.value(name, word, "a boolean"),
        }
    }

    pub(crate) fn missing(self, missing: &'static str) -> XmlError {
        let (line, column) = self.position();
        XmlError::Missing { line, column, element: self.name().to_owned(), missing }
    }

    fn position(self) -> (u32, u32) {
        let position = self.node.document().text_pos_at(self.node.range().start);
        (position.row, position.col)
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(text: &str) -> Result<String, XmlError> {
        read(text.as_bytes(), "urn:x", "a", |root| Ok(root.name().to_owned()))
    }

    #[test]
    fn the_root_is_known_by_its_namespace_not_its_prefix() {
        assert_eq!(name_of("<p:a xmlns:p='urn:x'/>"), Ok("a".into()));
        let wrong = name_of("<a xmlns='urn:y'/>").unwrap_err();
        assert_eq!(wrong.to_string(), "root element is {urn:y}a, expected a");
    }

    #[test]
    fn entities_cannot_be_defined() {
        let laughs = "<!DOCTYPE a [<!ENTITY b 'ha'>]><a xmlns='urn:x'>&b;</a>";
        assert_eq!(name_of(laughs), Err(XmlError::Doctype));
        assert!(matches!(name_of("<a xmlns='urn:x'>&b;</a>"), Err(XmlError::Malformed(_))));
    }

    #[test]
    fn nesting_is_bounded_before_the_tree_is_built() {
        let nested = |depth: usize| format!("<a xmlns='urn:x'>{}{}</a>", "<b>".repeat(depth), "</b>".repeat(depth));
        assert!(name_of(&nested(63)).is_ok());
        assert_eq!(name_of(&nested(64)), Err(XmlError::TooDeep));
        assert_eq!(name_of(&"<b>".repeat(200_000)), Err(XmlError::TooDeep));
    }

    #[test]
    fn size_and_attributes_are_bounded() {
        let long = format!("<a xmlns='urn:x'>{}</a>", " ".repeat(1 << 20));
        assert_eq!(name_of(&long), Err(XmlError::TooLarge { octets: long.len() }));
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
        assert_eq!(name_of(&format!("<a xmlns='urn:x'{attributes}/>")), Err(XmlError::TooManyAttributes));
    }

    #[test]
    fn namespaces_in_scope_are_bounded() {
        let declared = |n: usize| (0..n).map(|n| format!(" xmlns:n{n}='urn:{n}'")).collect::<String>();
        let nested = format!("<a xmlns='urn:x'{}><b{}/></a>", declared(32), declared(32));
        assert_eq!(name_of(&nested), Err(XmlError::TooManyNamespaces));
        let siblings = format!("<a xmlns='urn:x'>{}</a>", format!("<b{}/>", declared(32)).repeat(100));
        assert!(name_of(&siblings).is_ok());
    }

    #[test]
    fn octets_that_are_not_utf_8_are_refused() {
        let read = read(b"<a xmlns='urn:x'>\xff</a>", "urn:x", "a", |_| Ok(()));
        assert_eq!(read, Err(XmlError::NotUtf8 { at: 17 }));
    }

    #[test]
    fn a_wrong_value_is_reported_with_its_place() {
        let text = b"<a xmlns='urn:x'>\n  <n>many</n>\n</a>";
        let read = read(text, "urn:x", "a", |root| root.child_value::<u32>("n", "a number"));
        assert_eq!(read.unwrap_err().to_string(), "line 2, column 3: n is \"many\", expected a number");
    }

    #[test]
    fn character_data_may_be_cut_by_comments_and_sections() {
        let text = b"<a xmlns='urn:x'> x<!-- -->&amp;<![CDATA[<y>]]> </a>";
        assert_eq!(read(text, "urn:x", "a", |root| Ok(root.token())), Ok("x&<y>".into()));
    }
}
