//! The lines of a message's head: paths first, the type of the content last, and between them what is the sender's
//! choice (RFC 4975 section 9).

use super::super::freedoms::{Freedom, Licence};
use cpm_wire::msrp::Message;

pub type Line = (String, String);

/// The headers of a message that stand in another one as well, besides paths, range and type.
pub fn carried(message: &Message) -> Vec<Line> {
    let own = ["To-Path", "From-Path", "Byte-Range", "Content-Type"];
    let lines = message.fields().iter().map(|field| (message.text(&field.name), message.text(&field.value)));
    let carried = lines.filter(|(name, _)| !own.iter().any(|own| own.eq_ignore_ascii_case(name)));
    carried.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Says what is so without being said.
pub fn spoken_defaults(licence: &mut Licence<'_>, lines: &mut Vec<Line>) {
    for (name, value) in [("Success-Report", "no"), ("Failure-Report", "yes")] {
        let said = lines.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !said && licence.takes(Freedom::MsrpSpokenDefaults) {
            licence.note(Freedom::MsrpSpokenDefaults, true);
            lines.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// A head: start line, both paths, these lines in any order, and the type if there is content.
pub fn head(licence: &mut Licence<'_>, start: &str, message: &Message, mut lines: Vec<Line>) -> String {
    let path = |name| message.header(name).unwrap_or_default().to_owned();
    if licence.takes(Freedom::MsrpUnknownHeader) {
        licence.note(Freedom::MsrpUnknownHeader, true);
        lines.push(("X-Word".to_owned(), "of no meaning".to_owned()));
    }
    licence.shuffle(Freedom::MsrpHeaderOrder, &mut lines);
    // Headers of MIME belong to the content.
    lines.sort_by_key(|(name, _)| name.to_ascii_lowercase().starts_with("content-"));
    lines.splice(0..0, [("To-Path".to_owned(), path("To-Path")), ("From-Path".to_owned(), path("From-Path"))]);
    let mut head = format!("{start}\r\n");
    for (name, value) in lines {
        head.push_str(&format!("{}: {value}\r\n", licence.recase(Freedom::MsrpHeaderCase, &name)));
    }
    head
}

/// A comment in other words, or none.
pub fn comment(licence: &mut Licence<'_>, said: &str) -> String {
    if !licence.takes(Freedom::MsrpComment) {
        return said.to_owned();
    }
    let other = licence.chance.pick(&["", "Okay", "as you wish", "ça va"]).copied().unwrap_or_default();
    licence.note(Freedom::MsrpComment, other != said);
    other.to_owned()
}

/// A refusal with another code. What is of no accepted type, and what there is no room for, is refused by any 4xx
/// (TP-CPM-CONV-058-06, TP-CPM-CONV-058-14, ledger L19); 408 and 481 would say something of the session.
pub fn status(licence: &mut Licence<'_>, said: u16) -> u16 {
    let others: &[u16] = match said {
        413 => &[400, 403],
        415 => &[400, 403, 413],
        _ => return said,
    };
    if !licence.takes(Freedom::MsrpRefusal) {
        return said;
    }
    licence.note(Freedom::MsrpRefusal, true);
    licence.chance.pick(others).copied().unwrap_or(said)
}
