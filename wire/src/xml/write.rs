//! Writing XML: one element a line, indented, so that people can read the bodies; characters escaped so that every
//! reader gets back what was written.

use std::fmt::Write;

/// A document in the making. Elements are written in the order of the calls.
pub(crate) struct Writer {
    out: String,
    depth: usize,
}

/// Attributes of an element; those that are `None` are left out.
pub(crate) type Attributes<'a> = &'a [(&'a str, Option<&'a str>)];

impl Writer {
    /// The XML declaration and a root element.
    pub(crate) fn document(root: &str, attributes: Attributes<'_>, inner: impl FnOnce(&mut Writer)) -> String {
        let mut writer = Writer { out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned(), depth: 0 };
        writer.element(root, attributes, inner);
        writer.out.push('\n');
        writer.out
    }

    /// An element with the elements that `inner` writes.
    pub(crate) fn element(&mut self, name: &str, attributes: Attributes<'_>, inner: impl FnOnce(&mut Writer)) {
        self.open(name, attributes);
        let empty = self.out.len();
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        if self.out.len() == empty {
            self.out.push_str("/>");
        } else {
            self.new_line();
            self.close(name);
        }
    }

    /// An element with nothing in it. `name` may come from a peer: what cannot stand in a name becomes `_`.
    pub(crate) fn empty(&mut self, name: &str) {
        let name = name.replace(|character: char| !in_name(character), "_");
        self.open(&name, &[]);
        self.out.push_str("/>");
    }

    /// An element with character data.
    pub(crate) fn leaf(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.open(name, attributes);
        self.out.push('>');
        escape(&mut self.out, text, false);
        self.close(name);
    }

    /// A leaf without attributes, if there is anything to write.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, &[], text);
        }
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        self.end_of_parents_tag();
        self.new_line();
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            if let Some(value) = value {
                self.out.push(' ');
                self.out.push_str(name);
                self.out.push_str("=\"");
                escape(&mut self.out, value, true);
                self.out.push('"');
            }
        }
    }

    /// The parent's start tag stays open until its first child comes, or it ends as an empty element.
    fn end_of_parents_tag(&mut self) {
        if self.depth > 0 && !self.out.ends_with('>') {
            self.out.push('>');
        }
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.depth));
    }
}

/// True for the characters that an XML 1.0 document can contain at all (section 2.2).
const fn is_writable(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// `NameChar` without the colon, which namespaces have for themselves (XML 1.0 section 2.3).
fn in_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '\u{b7}'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}' | '\u{200d}' | '\u{203f}' | '\u{2040}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// What no document can contain becomes U+FFFD. White space that a reader would normalise is written as a reference.
fn escape(out: &mut String, text: &str, attribute: bool) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\t' | '\n' if attribute => reference(out, character),
            '\r' => reference(out, character),
            _ if is_writable(character) => out.push(character),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

fn reference(out: &mut String, character: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "&#{};", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::super::{read, trim};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_are_indented_and_empty_ones_short() {
        let text = Writer::document("a", &[("x", Some("1")), ("y", None)], |a| {
            a.element("b", &[], |b| b.element("c", &[], |_| {}));
            a.leaf("d", &[], "text");
            a.optional("e", None);
        });
        let expected =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x=\"1\">\n <b>\n  <c/>\n </b>\n <d>text</d>\n</a>\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn control_characters_are_replaced() {
        let text = Writer::document("a", &[], |a| a.leaf("b", &[], "\u{0}\u{1f}\u{fffe}x"));
        assert!(text.contains("<b>\u{fffd}\u{fffd}\u{fffd}x</b>"), "{text}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value: String, extra in "[\\r\\n\\t <>&\"']*") {
            let value: String = (value + &extra).chars().filter(|&character| is_writable(character)).collect();
            let root = [("xmlns", Some("urn:x")), ("v", Some(&*value))];
            let text = Writer::document("a", &root, |a| a.leaf("b", &[], &value));
            let got = read(text.as_bytes(), "urn:x", "a", |root| {
                Ok((root.required("v")?.to_owned(), root.child_text("b").unwrap_or_default()))
            });
            prop_assert_eq!(got, Ok((value.clone(), value.clone())));
            prop_assert!(trim(&text).starts_with("<?xml"));
        }
    }
}
