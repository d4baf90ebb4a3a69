//! A description as it goes on to the other side: the function's own where the function is the end of a medium, and
//! otherwise, attributes that nobody here knows included, as it came.

use super::kinds::Treatment;
use cpm_wire::sdp::{Connection, Line, Media, Origin, Session, Setup};

/// What the function says of itself.
pub struct Own<'a> {
    /// `o=`.
    pub origin: Origin<'a>,
    /// The port of the message session.
    pub port: u16,
    /// Its path.
    pub path: &'a str,
    /// Its `a=setup`.
    pub setup: Option<Setup>,
    /// Its `a=msrp-cema`.
    pub cema: bool,
}

/// Octets that most descriptions do with.
const ROOM: usize = 512;

/// Attributes of one hop, which do not go on.
const OF_THE_HOP: [&str; 4] = ["path", "setup", "connection", "msrp-cema"];

/// The description rewritten. It has the media of `shape`, the offer, in their order; `treatments` are theirs.
pub fn rewritten(description: &Session<'_>, shape: &Session<'_>, treatments: &[Treatment], own: &Own<'_>) -> String {
    let lines: Vec<Line<'_>> = description.lines().collect();
    let mut sections = lines.chunk_by(|_, next| next.letter() != b'm');
    let passes = treatments.contains(&Treatment::Passed);
    let mut text = String::with_capacity(ROOM);
    session_section(&mut text, sections.next().unwrap_or_default(), passes, own);
    for (offered, treatment) in shape.media().zip(treatments) {
        match (treatment, sections.next()) {
            (Treatment::Served, Some(section)) => served(&mut text, section, own),
            (Treatment::Passed, Some(section)) => section.iter().for_each(|line| put(&mut text, line.text)),
            _ => refused(&mut text, &offered),
        }
    }
    text
}

/// The lines before the media. What goes end to end may rely on them, else they are the function's own.
fn session_section(text: &mut String, lines: &[Line<'_>], passes: bool, own: &Own<'_>) {
    let connection = format!("c={}", Connection { address: own.origin.address });
    let mut connected = false;
    for line in lines {
        // c= stands before these, and there has to be one for media that have none.
        if !connected && matches!(line.letter(), b'b' | b't') {
            put(text, &connection);
            connected = true;
        }
        match line.letter() {
            b'o' => put(text, &format!("o={}", own.origin)),
            b'c' => {
                connected = true;
                put(text, if passes { line.text } else { &connection });
            }
            b'a' if !passes && is_of_the_hop(line) => {}
            _ => put(text, line.text),
        }
    }
}

fn served(text: &mut String, section: &[Line<'_>], own: &Own<'_>) {
    put(text, &format!("m=message {} TCP/MSRP *", own.port));
    let title = section.iter().filter(|line| line.letter() == b'i');
    title.for_each(|line| put(text, line.text));
    put(text, &format!("c={}", Connection { address: own.origin.address }));
    let kept = |line: &&Line<'_>| !matches!(line.letter(), b'm' | b'i' | b'c') && !is_of_the_hop(line);
    section.iter().filter(kept).for_each(|line| put(text, line.text));
    put(text, &format!("a=path:{}", own.path));
    if let Some(setup) = own.setup {
        put(text, &format!("a=setup:{}", setup.as_str()));
    }
    if own.cema {
        put(text, "a=msrp-cema");
    }
}

fn refused(text: &mut String, offered: &Media<'_>) {
    put(text, &format!("m={} 0 {} {}", offered.kind, offered.protocol, offered.formats));
}

fn is_of_the_hop(line: &Line<'_>) -> bool {
    let name = line.value().split(':').next().unwrap_or_default();
    line.letter() == b'a' && OF_THE_HOP.contains(&name)
}

fn put(text: &mut String, line: &str) {
    text.push_str(line);
    text.push_str("\r\n");
}
