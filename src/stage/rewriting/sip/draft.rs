//! A message on its way to being said otherwise: its fields taken apart, and how they are written again.

use super::super::freedoms::{Freedom, Licence};
use super::spacing::{around, colon, gap};
use super::value::{Element, Head, Value};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name, StartLine};

/// One header field.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub name: Name,
    /// The name as it will be written.
    pub label: String,
    pub value: Value,
}

impl Line {
    pub fn new(name: Name, text: &str) -> Line {
        let value = Value::of(&name, text);
        Line { label: name.as_str().to_owned(), name, value }
    }
}

/// A message that is being changed.
pub(super) struct Draft {
    pub method: Method,
    /// The status code of a response.
    pub status: Option<u16>,
    /// The first line up to the reason phrase, and that.
    pub start: (String, String),
    pub lines: Vec<Line>,
    pub body: Bytes,
}

impl Draft {
    pub fn of(message: &Message) -> Draft {
        let start = match message.start() {
            StartLine::Request { method, uri } => {
                (format!("{} {} SIP/2.0", message.text(*method), message.text(*uri)), String::new())
            }
            StartLine::Status { code, reason } => (format!("SIP/2.0 {code} "), message.text(*reason).to_owned()),
        };
        let fields = message.fields().iter();
        let lines = fields.map(|field| Line {
            name: field.name.clone(),
            label: message.text(field.name_span).to_owned(),
            value: Value::of(&field.name, message.text(field.value)),
        });
        Draft {
            method: message.method(),
            status: message.status(),
            start,
            lines: lines.collect(),
            body: message.body_octets(),
        }
    }

    pub const fn is_request(&self) -> bool {
        self.status.is_none()
    }

    pub fn line(&self, name: &Name) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == *name)
    }

    pub fn remove(&mut self, name: &Name) {
        self.lines.retain(|line| line.name != *name);
    }

    /// The octets of the message; `steady` is chance for those fields that say the same each time.
    pub fn write(&self, licence: &mut Licence<'_>, mut steady: impl FnMut(&Line) -> Option<super::Chance>) -> Bytes {
        let mut head = format!("{}{}\r\n", self.start.0, self.start.1);
        for line in &self.lines {
            let text = match steady(line) {
                Some(mut chance) => {
                    let mut own = Licence { freedoms: licence.freedoms, chance: &mut chance, uses: licence.uses };
                    written(&mut own, line)
                }
                None => written(licence, line),
            };
            head.push_str(&text);
        }
        head.push_str("\r\n");
        let mut octets = head.into_bytes();
        octets.extend_from_slice(&self.body);
        octets.into()
    }
}

fn written(licence: &mut Licence<'_>, line: &Line) -> String {
    let value = match &line.value {
        Value::Kept(text) | Value::Number(text) => text.clone(),
        Value::CSeq(number, method) => format!("{number}{}{method}", between(licence)),
        Value::Text(text) => words(licence, text),
        Value::List(elements) => {
            let mut value = String::new();
            for (place, element) in elements.iter().enumerate() {
                if place > 0 {
                    value.push_str(&around(licence, ", "));
                }
                value.push_str(&element_text(licence, element));
            }
            value
        }
    };
    // An empty value has nothing that white space could be folded before.
    let colon = if value.is_empty() { ":".to_owned() } else { colon(licence) };
    format!("{}{colon}{value}\r\n", line.label)
}

/// What stands between number and method of CSeq.
fn between(licence: &mut Licence<'_>) -> &'static str {
    if licence.takes(Freedom::SipCSeqSpace) {
        licence.note(Freedom::SipCSeqSpace, true);
        return licence.chance.pick(&["  ", "\t", " \t ", "     "]).copied().unwrap_or(" ");
    }
    gap(licence, " ")
}

/// Text may be folded where one space stands between two words.
fn words(licence: &mut Licence<'_>, text: &str) -> String {
    let mut out = String::new();
    for (place, word) in text.split(' ').enumerate() {
        let single = !word.is_empty() && !out.ends_with(' ') && !out.is_empty();
        match place {
            0 => {}
            _ if single => out.push_str(super::spacing::fold(licence, " ")),
            _ => out.push(' '),
        }
        out.push_str(word);
    }
    out
}

fn element_text(licence: &mut Licence<'_>, element: &Element) -> String {
    let mut text = match &element.head {
        Head::Word(word) => word.clone(),
        Head::MediaType(kind, subtype) => format!("{kind}{}{subtype}", around(licence, "/")),
        Head::Via { transport, host, port } => {
            let first = around(licence, "/");
            let second = around(licence, "/");
            let mut text = format!("SIP{first}2.0{second}{transport}{}{host}", gap(licence, " "));
            if let Some(port) = port {
                text.push_str(&format!("{}{port}", around(licence, ":")));
            }
            text
        }
        Head::Address { display: None, uri, bracketed: false } => uri.clone(),
        Head::Address { display, uri, .. } => {
            let before = display.as_ref().map(|name| format!("{name}{}", gap(licence, " "))).unwrap_or_default();
            format!("{before}<{uri}>")
        }
    };
    for (name, value) in &element.params {
        text.push_str(&around(licence, ";"));
        text.push_str(name);
        if let Some(value) = value {
            text.push_str(&around(licence, "="));
            text.push_str(value);
        }
    }
    text
}
