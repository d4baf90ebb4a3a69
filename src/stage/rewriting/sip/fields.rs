//! Header fields as wholes: which there are, in which order, under which name (RFC 3261 section 7.3).

use super::super::freedoms::{Freedom, Licence};
use super::draft::{Draft, Line};
use super::value::{Element, Head, Value};
use cpm_wire::sip::{Method, Name};

/// Headers without a meaning; their values are such as RFC 4475 section 3.1.1.1 has them, and worse.
const UNKNOWN: [(&str, &str); 6] = [
    ("X-Unheard", "of"),
    ("NewFangledHeader", "newfangled value\r\n continued newfangled value"),
    ("UnknownHeaderWithUnusualValue", ";;,,;;,;"),
    ("X-Empty", ""),
    ("Z", "grüße, <世界>; \"never closed"),
    ("X-Call-ID", "sip:not@a.call;tag=1"),
];

/// The day on which every virtual run begins.
const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

/// Adds what changes nothing.
pub(super) fn add(licence: &mut Licence<'_>, draft: &mut Draft) {
    if licence.takes(Freedom::SipUnknownHeader) {
        let (name, value) = licence.chance.pick(&UNKNOWN).copied().unwrap_or_default();
        let line = Line { name: Name::parse(name), label: name.to_owned(), value: Value::Kept(value.to_owned()) };
        insert(licence, draft, Freedom::SipUnknownHeader, line);
    }
    if licence.takes(Freedom::SipOptionalHeader) {
        let program = if draft.is_request() { (Name::UserAgent, "cpm/1.0 (x) y") } else { (Name::Server, "a/1 b/2") };
        let known = [(Name::Date, DATE), (Name::Organization, "Boxes by Bob, Ltd."), program];
        if let Some((name, value)) = licence.chance.pick(&known).cloned()
            && draft.line(&name).is_none()
        {
            insert(licence, draft, Freedom::SipOptionalHeader, Line::new(name, value));
        }
    }
    if licence.takes(Freedom::SipUnknownMethod) {
        extend(licence, draft, Freedom::SipUnknownMethod, &Name::Allow, "X-PONDER");
    }
    if licence.takes(Freedom::SipUnknownOption) {
        let told = !matches!(draft.method, Method::Ack | Method::Cancel) && draft.status.is_none_or(|code| code == 200);
        if draft.line(&Name::Supported).is_some() {
            extend(licence, draft, Freedom::SipUnknownOption, &Name::Supported, "x-pondering");
        } else if told {
            insert(licence, draft, Freedom::SipUnknownOption, Line::new(Name::Supported, "x-pondering"));
        }
    }
}

fn insert(licence: &mut Licence<'_>, draft: &mut Draft, freedom: Freedom, line: Line) {
    let at = licence.chance.below(draft.lines.len() + 1);
    draft.lines.insert(at, line);
    licence.note(freedom, true);
}

/// Adds a word to the list of this name, if there is one.
fn extend(licence: &mut Licence<'_>, draft: &mut Draft, freedom: Freedom, name: &Name, word: &str) {
    let line = draft.lines.iter_mut().find(|line| line.name == *name);
    if let Some(Line { value: Value::List(elements), .. }) = line {
        let at = licence.chance.below(elements.len() + 1);
        elements.insert(at, Element { head: Head::Word(word.to_owned()), params: Vec::new() });
        licence.note(freedom, true);
    }
}

fn is_joined(line: &Line) -> bool {
    line.name.is_list() && matches!(line.value, Value::List(_))
}

/// Makes one field of all that have one name.
pub(super) fn join(licence: &mut Licence<'_>, draft: &mut Draft) {
    let mut joined: Vec<Line> = Vec::new();
    for line in std::mem::take(&mut draft.lines) {
        // The last of its name: to go further up would be to overtake.
        let earlier = joined.iter_mut().rfind(|other| other.name == line.name);
        let earlier = earlier.filter(|other| is_joined(other));
        match (earlier.filter(|_| is_joined(&line)), &line.value) {
            (Some(Line { value: Value::List(elements), .. }), Value::List(more))
                if licence.takes(Freedom::SipListJoining) =>
            {
                licence.note(Freedom::SipListJoining, true);
                elements.extend(more.iter().cloned());
            }
            _ => joined.push(line),
        }
    }
    draft.lines = joined;
}

/// Makes fields of their own of the elements of a list.
pub(super) fn split(licence: &mut Licence<'_>, draft: &mut Draft) {
    let mut parted = Vec::new();
    for line in std::mem::take(&mut draft.lines) {
        match &line.value {
            Value::List(elements)
                if elements.len() > 1 && is_joined(&line) && licence.takes(Freedom::SipListSplitting) =>
            {
                licence.note(Freedom::SipListSplitting, true);
                let single = |element: &Element| Line { value: Value::List(vec![element.clone()]), ..line.clone() };
                parted.extend(elements.iter().map(single));
            }
            _ => parted.push(line),
        }
    }
    draft.lines = parted;
}

/// Any order, but among those of one name their own.
pub(super) fn reorder(licence: &mut Licence<'_>, draft: &mut Draft) {
    if !licence.takes(Freedom::SipHeaderOrder) {
        return;
    }
    let mut names: Vec<Name> = draft.lines.iter().map(|line| line.name.clone()).collect();
    licence.chance.shuffle(&mut names);
    let mut lines = Vec::new();
    for name in names {
        let first = draft.lines.iter().position(|line| line.name == name);
        lines.extend(first.map(|first| draft.lines.remove(first)));
    }
    draft.lines = lines;
    licence.note(Freedom::SipHeaderOrder, true);
}

/// Compact names, and names in any case.
pub(super) fn rename(licence: &mut Licence<'_>, draft: &mut Draft) {
    for line in &mut draft.lines {
        if let Some(letter) = compact(&line.name).filter(|_| licence.takes(Freedom::SipCompactNames)) {
            licence.note(Freedom::SipCompactNames, line.label != letter);
            line.label = letter.to_owned();
        }
        line.label = licence.recase(Freedom::SipNameCase, &line.label);
    }
}

/// The compact form, where RFC 3261 section 7.3.3 or a later document registers one.
const fn compact(name: &Name) -> Option<&'static str> {
    Some(match name {
        Name::AcceptContact => "a",
        Name::AllowEvents => "u",
        Name::CallId => "i",
        Name::Contact => "m",
        Name::ContentEncoding => "e",
        Name::ContentLength => "l",
        Name::ContentType => "c",
        Name::Event => "o",
        Name::From => "f",
        Name::ReferTo => "r",
        Name::ReferredBy => "b",
        Name::RejectContact => "j",
        Name::RequestDisposition => "d",
        Name::SessionExpires => "x",
        Name::Subject => "s",
        Name::Supported => "k",
        Name::To => "t",
        Name::Via => "v",
        _ => return None,
    })
}
