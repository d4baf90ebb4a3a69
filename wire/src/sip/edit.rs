//! Messages changed on their way: what is not touched keeps its octets.

use super::lists::split_list;
use super::message::{Message, StartLine};
use super::name::Name;
use super::write::Writer;
use bytes::Bytes;
use std::fmt::Display;

/// A copy of a message that is being changed.
#[derive(Clone, Debug)]
pub struct Editor {
    message: Message,
    uri: Option<String>,
    fields: Vec<Line>,
    body: Option<Bytes>,
}

#[derive(Clone, Debug)]
enum Line {
    /// The field with this index, as it came.
    Kept(usize),
    New(Name, String),
}

impl Message {
    /// A copy of the message, to be changed.
    pub fn edit(&self) -> Editor {
        // Most changes add a few fields.
        let mut fields = Vec::with_capacity(self.fields.len() + 8);
        fields.extend((0..self.fields.len()).map(Line::Kept));
        Editor { message: self.clone(), uri: None, fields, body: None }
    }
}

impl Line {
    fn name<'a>(&'a self, message: &'a Message) -> Option<&'a Name> {
        match self {
            Line::Kept(index) => message.fields.get(*index).map(|field| &field.name),
            Line::New(name, _) => Some(name),
        }
    }
}

impl Editor {
    fn name<'a>(&'a self, line: &'a Line) -> Option<&'a Name> {
        line.name(&self.message)
    }

    fn value<'a>(&'a self, line: &'a Line) -> &'a str {
        match line {
            Line::Kept(index) => self.message.fields.get(*index).map_or("", |field| self.message.text(field.value)),
            Line::New(_, value) => value,
        }
    }

    fn position(&self, name: &Name) -> Option<usize> {
        self.fields.iter().position(|line| self.name(line) == Some(name))
    }

    /// Sets the Request-URI.
    pub fn set_request_uri(mut self, uri: &str) -> Editor {
        self.uri = Some(uri.to_owned());
        self
    }

    /// Replaces all fields of that name by one, at the place of the first.
    pub fn set(mut self, name: Name, value: impl Display) -> Editor {
        let at = self.position(&name);
        self = self.remove(&name);
        let line = Line::New(name, value.to_string());
        match at {
            Some(at) => self.fields.insert(at.min(self.fields.len()), line),
            None => self.fields.push(line),
        }
        self
    }

    /// Removes all fields of that name.
    pub fn remove(mut self, name: &Name) -> Editor {
        let message = &self.message;
        self.fields.retain(|line| line.name(message) != Some(name));
        self
    }

    /// Removes the first value of that name, also out of a comma list.
    pub fn remove_first(mut self, name: &Name) -> Editor {
        let Some(at) = self.position(name) else { return self };
        let Some(line) = self.fields.get(at).cloned() else { return self };
        let rest = if name.is_list() { split_list(self.value(&line)).skip(1).collect::<Vec<_>>() } else { Vec::new() };
        let left = rest.join(", ");
        if rest.is_empty() {
            self.fields.remove(at);
        } else if let Some(line) = self.fields.get_mut(at) {
            *line = Line::New(name.clone(), left);
        }
        self
    }

    /// Adds a field that becomes the topmost of its name; where there is none, it stands after Via.
    pub fn prepend(mut self, name: Name, value: impl Display) -> Editor {
        let after_via = || {
            let last = self.fields.iter().rposition(|line| self.name(line) == Some(&Name::Via));
            last.map_or(0, |last| last + 1)
        };
        let at = self.position(&name).unwrap_or_else(after_via);
        self.fields.insert(at, Line::New(name, value.to_string()));
        self
    }

    /// Adds a field after all others.
    pub fn append(mut self, name: Name, value: impl Display) -> Editor {
        self.fields.push(Line::New(name, value.to_string()));
        self
    }

    /// Sets the body and its type.
    pub fn body(self, content_type: &str, body: Bytes) -> Editor {
        let mut edited = self.set(Name::ContentType, content_type);
        edited.body = Some(body);
        edited
    }

    /// Removes the body and all that describes it.
    pub fn no_body(self) -> Editor {
        let described = [
            Name::ContentType,
            Name::ContentDisposition,
            Name::ContentEncoding,
            Name::ContentLanguage,
            Name::MimeVersion,
        ];
        let mut edited = described.iter().fold(self, |edited, name| edited.remove(name));
        edited.body = Some(Bytes::new());
        edited
    }

    /// The changed message. Content-Length is made right where the body changed or none stood there.
    pub fn finish(mut self) -> Message {
        let body = self.body.take().unwrap_or_else(|| self.message.body_octets());
        let told = self
            .position(&Name::ContentLength)
            .and_then(|at| self.fields.get(at))
            .map(|line| self.value(line).to_owned());
        if told.and_then(|told| told.parse().ok()) != Some(body.len()) {
            self = self.set(Name::ContentLength, body.len());
        }
        let message = &self.message;
        let capacity = message.octets.len() + body.len() + 512;
        let mut written = match (&message.start, &self.uri) {
            (StartLine::Request { method, .. }, Some(uri)) => Writer::request(capacity, message.text(*method), uri),
            (StartLine::Request { .. } | StartLine::Status { .. }, _) => Writer::first_line_of(capacity, message),
        };
        for line in &self.fields {
            match line {
                Line::Kept(index) => written.kept(message, *index),
                Line::New(name, value) => written.field(name, value),
            }
        }
        written.finish(&body)
    }
}
