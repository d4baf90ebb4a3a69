//! An XML document as it is written: names with their prefixes, text and values with their references.

/// Elements nest no deeper.
const DEPTH: usize = 32;

/// A document. It has no document type declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What stands before the root: declaration, comments, white space.
    pub prolog: String,
    pub root: Element,
    pub epilog: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
    /// A comment, an instruction, or a CDATA section.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    /// Whether it has an end tag although it is empty.
    pub two_tags: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub value: String,
    pub quote: char,
}

impl Attribute {
    pub fn new(name: &str, value: &str) -> Attribute {
        Attribute { name: name.to_owned(), value: value.to_owned(), quote: '"' }
    }

    /// The prefix that it declares a namespace for, empty for the default; none when it declares none.
    pub fn declares(&self) -> Option<&str> {
        match self.name.strip_prefix("xmlns") {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(':'),
            None => None,
        }
    }
}

impl Element {
    pub fn prefix(&self) -> &str {
        self.name.split_once(':').map_or("", |(prefix, _)| prefix)
    }

    pub fn local(&self) -> &str {
        self.name.split_once(':').map_or(&self.name, |(_, local)| local)
    }

    pub fn declares(&self, prefix: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.declares() == Some(prefix))
    }

    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.children.iter_mut().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// Whether it holds elements and nothing to be read between them.
    pub fn holds_elements_alone(&self) -> bool {
        let blank = |node: &Node| match node {
            Node::Text(text) => text.trim().is_empty(),
            Node::Other(other) => !other.starts_with("<![CDATA["),
            Node::Element(_) => true,
        };
        self.children.iter().any(|child| matches!(child, Node::Element(_))) && self.children.iter().all(blank)
    }

    /// Does something to this element and all below it.
    pub fn each(&mut self, act: &mut impl FnMut(&mut Element)) {
        act(self);
        for child in self.elements_mut() {
            child.each(act);
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&format!("<{}", self.name));
        for Attribute { name, value, quote } in &self.attributes {
            out.push_str(&format!(" {name}={quote}{value}{quote}"));
        }
        if self.children.is_empty() && !self.two_tags {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.write(out),
                Node::Text(text) | Node::Other(text) => out.push_str(text),
            }
        }
        out.push_str(&format!("</{}>", self.name));
    }
}

impl Document {
    /// Reads a document; none when it is not of the plain kind that can be said otherwise.
    pub fn read(text: &str) -> Option<Document> {
        let mut cursor = Cursor { rest: text };
        let prolog = cursor.around_root()?;
        let root = cursor.element(0)?;
        let epilog = cursor.around_root()?;
        cursor.rest.is_empty().then_some(Document { prolog, root, epilog })
    }

    pub fn write(&self) -> String {
        let mut out = self.prolog.clone();
        self.root.write(&mut out);
        out.push_str(&self.epilog);
        out
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// What stands before `mark`; the mark is passed.
    fn until(&mut self, mark: &str) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(mark)?;
        self.rest = rest;
        Some(before)
    }

    fn take(&mut self, octets: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(octets)?;
        self.rest = rest;
        Some(taken)
    }

    fn blank(&mut self) -> &'a str {
        let after = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let blank = self.rest.len() - after.len();
        self.take(blank).unwrap_or_default()
    }

    fn around_root(&mut self) -> Option<String> {
        let mut around = self.blank().to_owned();
        while let Some(other) = self.other()? {
            around.push_str(other);
            around.push_str(self.blank());
        }
        Some(around)
    }

    /// A comment, an instruction or a section, if one is here; the outer none for a document type.
    fn other(&mut self) -> Option<Option<&'a str>> {
        let ends = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let Some((_, end)) = ends.iter().find(|(begin, _)| self.rest.starts_with(begin)) else {
            return (!self.rest.starts_with("<!")).then_some(None);
        };
        let length = self.rest.find(end)? + end.len();
        self.take(length).map(Some)
    }

    fn name(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| c.is_ascii_whitespace() || "/>=<\"'".contains(c)).filter(|end| *end > 0)?;
        self.take(end)
    }

    fn element(&mut self, depth: usize) -> Option<Element> {
        if depth > DEPTH {
            return None;
        }
        self.skip("<")?;
        let name = self.name()?.to_owned();
        let attributes = self.attributes()?;
        if self.skip("/>").is_some() {
            return Some(Element { name, attributes, children: Vec::new(), two_tags: false });
        }
        self.skip(">")?;
        let children = self.children(depth)?;
        (self.name()? == name).then_some(())?;
        self.blank();
        self.skip(">")?;
        Some(Element { name, attributes, children, two_tags: true })
    }

    fn attributes(&mut self) -> Option<Vec<Attribute>> {
        let mut attributes = Vec::new();
        loop {
            self.blank();
            if self.rest.starts_with(['/', '>']) {
                return Some(attributes);
            }
            let name = self.name()?.to_owned();
            self.blank();
            self.skip("=")?;
            self.blank();
            let quote = self.rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            self.take(1)?;
            let value = self.until(quote.encode_utf8(&mut [0; 4]))?.to_owned();
            attributes.push(Attribute { name, value, quote });
        }
    }

    /// Up to the end tag, whose `</` is passed.
    fn children(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut children = Vec::new();
        loop {
            if self.skip("</").is_some() {
                return Some(children);
            }
            if let Some(other) = self.other()? {
                children.push(Node::Other(other.to_owned()));
            } else if self.rest.starts_with('<') {
                children.push(Node::Element(self.element(depth + 1)?));
            } else {
                let end = self.rest.find('<')?;
                children.push(Node::Text(self.take(end)?.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let text =
            "<?xml version='1.0'?>\n<!-- a --><r xmlns=\"u\"><a b='\"' c=\"&lt;\"/><d></d> t &amp; <![CDATA[<]]></r>\n";
        assert_eq!(Document::read(text).unwrap().write(), text);
    }

    #[test]
    fn what_is_cut_or_has_a_document_type_is_not_read() {
        let text = "<r xmlns='u'><a b='c'>t</a><!-- x --></r>";
        for end in 0..text.len() {
            assert_eq!(Document::read(&text[..end]), None, "{end}");
        }
        assert_eq!(Document::read(&format!("<!DOCTYPE r>{text}")), None);
        assert_eq!(Document::read("<a></b>"), None);
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        assert_eq!(Document::read(&deep), None);
    }
}
