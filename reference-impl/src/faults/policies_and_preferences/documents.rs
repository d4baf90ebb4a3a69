//! Documents of preferences as a fault has them read: what the server sends is altered on its way to the function.

use super::presets;
use crate::config::{Config, Preset};
use crate::faults::passage::Way;
use crate::faults::tampering::Mischief;
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use roxmltree::{Document, Node};
use std::collections::{HashMap, VecDeque};

/// Reads documents otherwise than they are, and presets likewise.
pub(in crate::faults) struct Misreads {
    /// What becomes of a document of this name; none where it is taken not to be there.
    document: fn(&str, &str) -> Option<String>,
    preset: fn(&mut Preset),
    also: fn(&mut Config),
    asked: HashMap<ConnectionId, VecDeque<String>>,
}

impl Misreads {
    pub(in crate::faults) fn boxed(
        document: fn(&str, &str) -> Option<String>,
        preset: fn(&mut Preset),
    ) -> Box<dyn Mischief> {
        Misreads::with(document, preset, |_| {})
    }

    /// The same, and the function is told to do something more.
    pub(in crate::faults) fn with(
        document: fn(&str, &str) -> Option<String>,
        preset: fn(&mut Preset),
        also: fn(&mut Config),
    ) -> Box<dyn Mischief> {
        Box::new(Misreads { document, preset, also, asked: HashMap::new() })
    }
}

impl Mischief for Misreads {
    fn configure(&self, config: &mut Config) {
        presets(config, self.preset);
        (self.also)(config);
    }

    fn other(&mut self, connection: ConnectionId, way: Way, octets: Bytes) -> Bytes {
        let Ok(text) = std::str::from_utf8(&octets) else { return octets };
        if way == Way::Out {
            let asked = path(text).and_then(|path| path.rsplit('/').next());
            self.asked.entry(connection).or_default().extend(asked.map(str::to_owned));
            return octets;
        }
        let Some(name) = self.asked.get_mut(&connection).and_then(VecDeque::pop_front) else { return octets };
        let Some((head, body)) = text.split_once("\r\n\r\n").filter(|_| text.starts_with("HTTP/1.1 200 ")) else {
            return octets;
        };
        match (self.document)(&name, body) {
            Some(read) => with_body(head, &read).into(),
            None => Bytes::from_static(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        }
    }
}

/// The path that a request asks for.
pub(super) fn path(request: &str) -> Option<&str> {
    request.strip_prefix("GET ")?.split(' ').next()
}

fn with_body(head: &str, body: &str) -> String {
    let kept = head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
    let lines: Vec<&str> = kept.collect();
    format!("{}\r\nContent-Length: {}\r\n\r\n{body}", lines.join("\r\n"), body.len())
}

/// The document with other texts in place of these elements.
pub(in crate::faults) fn replaced(
    body: &str,
    which: impl Fn(&Node<'_, '_>) -> bool,
    by: impl Fn(&str) -> String,
) -> String {
    let Ok(document) = Document::parse(body) else { return body.to_owned() };
    let (mut text, mut done) = (String::new(), 0);
    for node in document.descendants().filter(|node| node.is_element() && which(node)) {
        let range = node.range();
        if range.start < done {
            continue;
        }
        text.push_str(body.get(done..range.start).unwrap_or_default());
        text.push_str(&by(body.get(range.clone()).unwrap_or_default()));
        done = range.end;
    }
    text.push_str(body.get(done..).unwrap_or_default());
    text
}

/// The document in which rules that say this allow what they reject.
pub(super) fn allowing(body: &str, saying: &str) -> String {
    rules(body, |rule| rule.contains(saying), |rule| rule.replace("reject", "allow"))
}

/// The document with other texts in place of these rules.
pub(super) fn rules(body: &str, which: impl Fn(&str) -> bool, by: impl Fn(&str) -> String) -> String {
    let is_rule = |node: &Node<'_, '_>| node.tag_name().name() == "rule";
    replaced(body, is_rule, |rule| if which(rule) { by(rule) } else { rule.to_owned() })
}
