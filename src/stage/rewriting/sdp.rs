//! A session description said otherwise (RFC 8866, RFC 3264, RFC 4975).

use super::chance::Chance;
use super::freedoms::{Freedom, Licence};
use super::sip::seeded;
use bytes::Bytes;
use cpm_wire::sdp::Session;

/// The order of the fields of a session, and of a media description (RFC 8866 section 5).
const SESSION: &str = "vosiuepcbtrzka";
const MEDIA: &str = "micbka";

/// The lines of one session or media description, without their ends.
struct Section {
    order: &'static str,
    lines: Vec<String>,
}

impl Section {
    fn position(&self, start: &str) -> Option<usize> {
        self.lines.iter().position(|line| line.starts_with(start))
    }

    /// Puts a line where its letter stands, behind those of the same letter.
    fn insert(&mut self, line: String) {
        let place = |line: &str| line.chars().next().and_then(|letter| self.order.find(letter));
        let own = place(&line);
        let at = self.lines.iter().position(|other| place(other) > own).unwrap_or(self.lines.len());
        self.lines.insert(at, line);
    }

    fn take(&mut self, start: &str) -> Option<String> {
        self.position(start).map(|at| self.lines.remove(at))
    }
}

/// A description, in its sections.
struct Description {
    session: Section,
    media: Vec<Section>,
}

impl Description {
    fn of(text: &str) -> Description {
        let mut description = Description { session: Section { order: SESSION, lines: Vec::new() }, media: Vec::new() };
        for line in text.lines().filter(|line| !line.is_empty()) {
            if line.starts_with("m=") {
                description.media.push(Section { order: MEDIA, lines: Vec::new() });
            }
            description.media.last_mut().unwrap_or(&mut description.session).lines.push(line.to_owned());
        }
        description
    }

    fn sections(&mut self) -> impl Iterator<Item = &mut Section> {
        std::iter::once(&mut self.session).chain(&mut self.media)
    }

    fn text(&self) -> String {
        let lines = self.session.lines.iter().chain(self.media.iter().flat_map(|media| &media.lines));
        lines.flat_map(|line| [line.as_str(), "\r\n"]).collect()
    }
}

/// The description in other lines; as it is where it is none. `seed` decides what stays the same in all descriptions of
/// one session.
pub(super) fn rewrite(licence: &mut Licence<'_>, octets: &Bytes, seed: u64) -> Bytes {
    if Session::parse(octets).is_err() {
        return octets.clone();
    }
    let mut description = Description::of(&String::from_utf8_lossy(octets));
    origin(licence, &mut description, seed);
    session_name(licence, &mut description);
    connection(licence, &mut description);
    level(licence, &mut description);
    unspoken(licence, &mut description);
    for section in description.sections() {
        bandwidth(licence, section);
        types(licence, section);
        unknown(licence, section);
        order(licence, section);
    }
    description.text().into()
}

/// The number of a session fits into 63 bits (RFC 3264 section 5).
const LARGE: u64 = 1 << 62;

/// Decided by the number that the session has: it is never to change.
fn origin(licence: &mut Licence<'_>, description: &mut Description, seed: u64) {
    let Some(at) = description.session.position("o=") else { return };
    let Some(line) = description.session.lines.get_mut(at) else { return };
    let words: Vec<&str> = line.trim_start_matches("o=").split(' ').collect();
    let [_, number, rest @ ..] = words.as_slice() else { return };
    let mut chance = Chance::new(seeded(seed, number.as_bytes()));
    let mut own = Licence { freedoms: licence.freedoms, chance: &mut chance, uses: licence.uses };
    let Some(number) = number.parse::<u64>().ok().filter(|number| *number < LARGE) else { return };
    if own.takes(Freedom::SdpOrigin) {
        own.note(Freedom::SdpOrigin, true);
        *line = format!("o=user.name~1@host {} {}", number + LARGE, rest.join(" "));
    }
}

fn session_name(licence: &mut Licence<'_>, description: &mut Description) {
    if !licence.takes(Freedom::SdpSessionName) {
        return;
    }
    licence.note(Freedom::SdpSessionName, true);
    let name = licence.chance.pick(&[" ", "Ein Gespräch = 1", "a=inactive"]).copied().unwrap_or("-");
    if let Some(at) = description.session.position("s=")
        && let Some(line) = description.session.lines.get_mut(at)
    {
        *line = format!("s={name}");
    }
    let more =
        ["i=m=message 1 TCP/MSRP *", "u=http://www.example.com/?a=b", "e=j.doe@example.com (Jane Doe)", "p=+1 1"];
    if let Some(line) = licence.chance.pick(&more).filter(|line| description.session.position(&line[..2]).is_none()) {
        description.session.insert((*line).to_owned());
    }
}

fn connection(licence: &mut Licence<'_>, description: &mut Description) {
    let own = description.media.iter().any(|media| media.position("c=").is_some());
    if own || description.media.is_empty() || !licence.takes(Freedom::SdpConnectionLevel) {
        return;
    }
    let Some(line) = description.session.take("c=") else { return };
    description.media.iter_mut().for_each(|media| media.insert(line.clone()));
    licence.note(Freedom::SdpConnectionLevel, true);
}

/// Of a single medium, what may stand at either level.
fn level(licence: &mut Licence<'_>, description: &mut Description) {
    let [media] = description.media.as_mut_slice() else { return };
    for attribute in ["a=setup:", "a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"] {
        if media.position(attribute).is_some() && licence.takes(Freedom::SdpAttributeLevel) {
            media.take(attribute).into_iter().for_each(|line| description.session.insert(line));
            licence.note(Freedom::SdpAttributeLevel, true);
        }
    }
}

fn unspoken(licence: &mut Licence<'_>, description: &mut Description) {
    let [media] = description.media.as_mut_slice() else { return };
    if licence.takes(Freedom::SdpUnspokenDefault) {
        let taken = media.take("a=sendrecv").or_else(|| description.session.take("a=sendrecv"));
        licence.note(Freedom::SdpUnspokenDefault, taken.is_some());
    }
}

fn bandwidth(licence: &mut Licence<'_>, section: &mut Section) {
    if licence.takes(Freedom::SdpBandwidth) {
        licence.note(Freedom::SdpBandwidth, true);
        let line = licence.chance.pick(&["b=AS:64", "b=X-UNHEARD:128", "b=CT:1000"]).copied().unwrap_or("b=AS:1");
        section.insert(line.to_owned());
    }
}

fn types(licence: &mut Licence<'_>, section: &mut Section) {
    for line in &mut section.lines {
        let Some((name, types)) = line.split_once(':').filter(|(name, _)| name.starts_with("a=accept-")) else {
            continue;
        };
        let mut types: Vec<&str> = types.split(' ').collect();
        licence.shuffle(Freedom::SdpTypeOrder, &mut types);
        *line = format!("{name}:{}", types.join(" "));
    }
}

fn unknown(licence: &mut Licence<'_>, section: &mut Section) {
    if licence.takes(Freedom::SdpUnknownAttribute) {
        licence.note(Freedom::SdpUnknownAttribute, true);
        let lines = ["a=x-unheard", "a=x-unheard:of a=path:msrp://nobody", "a=accept-type:a/b"];
        let line = licence.chance.pick(&lines).copied().unwrap_or("a=x");
        section.insert(line.to_owned());
    }
}

fn order(licence: &mut Licence<'_>, section: &mut Section) {
    let attributes = section.lines.iter().position(|line| line.starts_with("a=")).unwrap_or(section.lines.len());
    if let Some(attributes) = section.lines.get_mut(attributes..) {
        licence.shuffle(Freedom::SdpAttributeOrder, attributes);
    }
}
