//! Well-formed XML, and what a document of a known shape is held against.

use roxmltree::{Document, Node};

use super::grammar;
use super::sheet::{BaseRule, Sheet, must};

static WELL_FORMED: BaseRule = must(
    "base.xml.well_formed",
    "RFC 7303 section 3, XML 1.0 section 2.1",
    "A body whose type ends in +xml is a well-formed document.",
);

pub(super) static RULES: &[&BaseRule] = &[&WELL_FORMED];

/// Checks that the octets are a well-formed document.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    with(sheet, octets, |_, _| ());
}

/// Reads the document and hands its root over, or writes down why it does not read.
pub(super) fn with<T>(
    sheet: &mut Sheet<'_>,
    octets: &[u8],
    then: impl FnOnce(&mut Sheet<'_>, Node<'_, '_>) -> T,
) -> Option<T> {
    let not = "a well-formed XML document";
    let Ok(text) = std::str::from_utf8(octets) else {
        sheet.find(&WELL_FORMED, None, not, "octets that are not UTF-8");
        return None;
    };
    let unmarked = text.trim_start_matches('\u{feff}');
    match Document::parse(unmarked) {
        Ok(document) => {
            let sheet = &mut sheet.inside(Some(text.len() - unmarked.len()));
            Some(then(sheet, document.root_element()))
        }
        Err(error) => {
            sheet.find(&WELL_FORMED, Some((0, text.len())), not, error.to_string());
            None
        }
    }
}

/// The document begins with another element than its type asks.
pub(super) fn wrong_root(sheet: &mut Sheet<'_>, rule: &'static BaseRule, root: Node<'_, '_>, expected: &str) {
    let namespace = root.tag_name().namespace().unwrap_or("no namespace");
    sheet.find(rule, span(root), expected, format!("{} of {namespace}", root.tag_name().name()));
}

/// The element children of this namespace.
pub(super) fn children<'a, 'd>(node: Node<'a, 'd>, namespace: &'static str) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().namespace() == Some(namespace))
}

/// Where an element stands.
pub(super) fn span(node: Node<'_, '_>) -> Option<(usize, usize)> {
    let range = node.range();
    Some((range.start, range.end))
}

/// `xs:dateTime`, which need not name an offset.
pub(super) fn is_date_time(text: &str) -> bool {
    grammar::is_date_time(text) || grammar::is_date_time(&format!("{text}Z"))
}

/// The character data of an element, which comments and sections may cut (XML 1.0 section 2.5).
pub(super) fn text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|piece| piece.text()).collect()
}
