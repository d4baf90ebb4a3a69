//! What the data of a document do not show: white space, comments, tags, quotes, references, sections.

use super::super::freedoms::{Freedom, Licence};
use super::meaning::each_own;
use super::tree::{Attribute, Element, Node};

const COMMENT: &str = "<!-- of no meaning -->";

/// Other white space between the elements of the document's own namespace.
pub fn white_space(licence: &mut Licence<'_>, own: &str, root: &mut Element) {
    if !licence.takes(Freedom::XmlWhiteSpace) {
        return;
    }
    let before = root.clone();
    let space = licence.chance.pick(&["", "\n", "\r\n\t", "\n\n      "]).copied().unwrap_or_default();
    each_own(root, own, &mut |element| {
        if element.holds_elements_alone() {
            element.children.retain(|child| !matches!(child, Node::Text(_)));
            let spaced = |child: Node| [Node::Text(space.to_owned()), child];
            element.children = std::mem::take(&mut element.children).into_iter().flat_map(spaced).collect();
        }
    });
    licence.note(Freedom::XmlWhiteSpace, *root != before);
}

/// Comments between elements and within text.
pub fn comments(licence: &mut Licence<'_>, own: &str, root: &mut Element) {
    if !licence.takes(Freedom::XmlComments) {
        return;
    }
    let before = root.clone();
    each_own(root, own, &mut |element| {
        if !licence.chance.one_in(3) {
            return;
        }
        let comment = Node::Other(COMMENT.to_owned());
        if element.holds_elements_alone() {
            let place = licence.chance.below(element.children.len() + 1);
            element.children.insert(place, comment);
        } else if let [Node::Text(text)] = element.children.as_slice() {
            let places: Vec<usize> = plain(text).map(|(at, _)| at).collect();
            let Some(place) = licence.chance.pick(&places) else { return };
            let Some((head, tail)) = text.split_at_checked(*place) else { return };
            element.children = vec![Node::Text(head.to_owned()), comment, Node::Text(tail.to_owned())];
        }
    });
    licence.note(Freedom::XmlComments, *root != before);
}

/// Attributes in another order and other quotes, and the other form of empty elements.
pub fn tags(licence: &mut Licence<'_>, root: &mut Element) {
    root.each(&mut |element| {
        licence.shuffle(Freedom::XmlAttributeOrder, &mut element.attributes);
        for attribute in &mut element.attributes {
            quotes(licence, attribute);
        }
        if element.children.is_empty() && licence.takes(Freedom::XmlEmptyElements) {
            licence.note(Freedom::XmlEmptyElements, true);
            element.two_tags = !element.two_tags;
        }
    });
}

fn quotes(licence: &mut Licence<'_>, attribute: &mut Attribute) {
    if licence.takes(Freedom::XmlQuotes) {
        licence.note(Freedom::XmlQuotes, true);
        (attribute.quote, attribute.value) = match attribute.quote {
            '"' => ('\'', attribute.value.replace('\'', "&apos;")),
            _ => ('"', attribute.value.replace('"', "&quot;")),
        };
    }
}

/// Text as a section, and characters of text and values as references.
pub fn text(licence: &mut Licence<'_>, root: &mut Element) {
    root.each(&mut |element| {
        for attribute in element.attributes.iter_mut().filter(|attribute| attribute.declares().is_none()) {
            references(licence, &mut attribute.value);
        }
        for child in &mut element.children {
            if let Node::Text(text) = child {
                match section(licence, text) {
                    Some(section) => *child = Node::Other(section),
                    None => references(licence, text),
                }
            }
        }
    });
}

/// A section holds no references, so those of the five entities are resolved, and text with others stays.
fn section(licence: &mut Licence<'_>, text: &str) -> Option<String> {
    if text.trim().is_empty() || !licence.takes(Freedom::XmlSections) {
        return None;
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let plain = entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character));
    let good = !text.contains("&#") && !plain.contains("]]>");
    licence.note(Freedom::XmlSections, good);
    good.then(|| format!("<![CDATA[{plain}]]>"))
}

fn references(licence: &mut Licence<'_>, text: &mut String) {
    let characters: Vec<(usize, char)> = plain(text).collect();
    let Some(&(at, character)) = licence.chance.pick(&characters) else { return };
    if !licence.takes(Freedom::XmlReferences) {
        return;
    }
    let number = u32::from(character);
    let reference = if licence.chance.one_in(2) { format!("&#{number};") } else { format!("&#x{number:x};") };
    text.replace_range(at..at + character.len_utf8(), &reference);
    licence.note(Freedom::XmlReferences, true);
}

/// The ordinary characters of a text and where they stand: none that belongs to a reference, and no white space.
fn plain(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut in_reference = false;
    text.char_indices().filter(move |(_, character)| {
        in_reference |= *character == '&';
        let plain = !in_reference && !character.is_whitespace();
        in_reference &= *character != ';';
        plain
    })
}
