//! What a message carries: multipart bodies taken apart (RFC 2046 section 5.1), and each part handed to the rules of
//! its type.

use bytes::Bytes;

use super::grammar::{Parameter, media_type, unquoted, value_of};
use super::memo::Memo;
use super::mime::{Part, essence, parts};
use super::piece::Piece;
use super::sdp::Description;
use super::sheet::{BaseRule, Sheet, must, shown};
use super::versions::Versioned;
use super::{conference_info, cpim, imdn, is_composing, message_summary, pidf, reginfo, resource_lists, sdp, xml};

static MULTIPART: BaseRule = must(
    "base.mime.multipart",
    "RFC 2046 section 5.1.1",
    "A multipart body has a boundary, a line with it before each part, and a closing one after the last.",
);
static BOUNDARY: BaseRule = must(
    "base.mime.boundary",
    "RFC 2046 section 5.1.1",
    "A boundary has 70 characters at most, those of the grammar, and ends with no space.",
);
static CONTENT_ID: BaseRule = must(
    "base.mime.content_id",
    "RFC 2045 section 7",
    "A Content-ID is an identifier in angle brackets, and no two parts of a body have the same.",
);
static RELATED: BaseRule = must(
    "base.mime.related",
    "RFC 2387 sections 3.1 and 3.2",
    "A multipart/related body names the type of its root, and start is the Content-ID of a part.",
);

pub(super) static RULES: &[&BaseRule] = &[&MULTIPART, &BOUNDARY, &CONTENT_ID, &RELATED];

/// Multipart bodies within multipart bodies, and envelopes within envelopes, are followed so deep.
const DEPTH: usize = 4;
/// The longest boundary, and the marks that it may hold besides letters and digits.
const BOUNDARY_LENGTH: usize = 70;
const BOUNDARY_MARKS: &[u8] = b"'()+_,-./:=? ";

/// A body with its type.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub content_type: Bytes,
    pub octets: Bytes,
    /// Where it begins in its record, if it stands there in one piece.
    pub at: Option<usize>,
}

/// Which rules a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sdp,
    Cpim,
    Imdn,
    ConferenceInfo,
    ResourceLists,
    Reginfo,
    Pidf,
    IsComposing,
    MessageSummary,
    /// A document of another type.
    Xml,
    Other,
}

impl Kind {
    fn of(kind: &str, sub: &str) -> Kind {
        const KNOWN: [(&str, &str, Kind); 9] = [
            ("message", "cpim", Kind::Cpim),
            ("application", "sdp", Kind::Sdp),
            ("message", "imdn+xml", Kind::Imdn),
            ("application", "conference-info+xml", Kind::ConferenceInfo),
            ("application", "resource-lists+xml", Kind::ResourceLists),
            ("application", "reginfo+xml", Kind::Reginfo),
            ("application", "pidf+xml", Kind::Pidf),
            ("application", "im-iscomposing+xml", Kind::IsComposing),
            ("application", "simple-message-summary", Kind::MessageSummary),
        ];
        let same =
            |known: &&(&str, &str, Kind)| known.1.eq_ignore_ascii_case(sub) && known.0.eq_ignore_ascii_case(kind);
        let xml = sub.len() > 4 && sub.get(sub.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case("+xml"));
        KNOWN.iter().find(same).map_or(if xml { Kind::Xml } else { Kind::Other }, |known| known.2)
    }
}

/// A part that is not made of parts, and of a type that rules are for.
#[derive(Clone, Debug)]
pub(super) struct Leaf<'a> {
    pub kind: Kind,
    /// What its Content-Disposition says first; empty when the part has none.
    pub disposition: &'a str,
    pub octets: &'a [u8],
    /// Where it begins in what it was taken from.
    pub at: usize,
    /// Whether it is one of several.
    parted: bool,
    /// A session description that could be read.
    pub description: Option<Description<'a>>,
}

/// A body, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents<'a> {
    leaves: Vec<Leaf<'a>>,
    faults: Vec<Fault>,
    ids: Vec<&'a str>,
}

/// What is wrong with the way in which parts are put together.
#[derive(Clone, Debug)]
struct Fault {
    rule: &'static BaseRule,
    span: (usize, usize),
    expected: &'static str,
    observed: String,
}

/// What is remembered from body to body.
#[derive(Debug)]
pub(super) struct Memory {
    pub reports: imdn::Memory,
    /// What was right before.
    pub memo: Memo,
    depth: usize,
}

impl Memory {
    pub fn new() -> Memory {
        Memory { reports: imdn::Memory::Known(imdn::Reports::new()), memo: Memo::default(), depth: 0 }
    }

    /// For bodies that are judged before it is their turn.
    pub fn ahead() -> Memory {
        Memory { reports: imdn::Memory::ahead(), memo: Memo::default(), depth: 0 }
    }

    /// What bodies that were judged ahead ask for.
    pub fn take(&mut self, wishes: Vec<imdn::Wish>) {
        wishes.into_iter().for_each(|wish| self.reports.asked(wish));
    }

    /// What a body that was judged ahead asks for; none where something was to be looked up. The next one may come.
    pub fn wishes(&mut self) -> Option<Vec<imdn::Wish>> {
        match std::mem::replace(&mut self.reports, imdn::Memory::ahead()) {
            imdn::Memory::Ahead(wishes) => Some(wishes),
            imdn::Memory::Known(_) | imdn::Memory::Missed => None,
        }
    }
}

impl<'a> Contents<'a> {
    /// Takes a body apart.
    pub fn read(content_type: &'a str, octets: &'a [u8]) -> Contents<'a> {
        let mut contents = Contents::default();
        contents.take(&Part { content_type, disposition: "", id: None, octets, at: 0 }, 0);
        contents
    }

    /// The first part for these rules.
    pub fn first(&self, kind: Kind) -> Option<&Leaf<'a>> {
        self.leaves.iter().find(|leaf| leaf.kind == kind)
    }

    /// The parts for these rules of what is made of parts.
    pub fn parts(&self, kind: Kind) -> impl Iterator<Item = &Leaf<'a>> {
        self.leaves.iter().filter(move |leaf| leaf.parted && leaf.kind == kind)
    }

    /// The part that is for these rules, or made of such parts.
    fn take(&mut self, part: &Part<'a>, depth: usize) {
        let Some((kind, sub)) = essence(part.content_type) else { return };
        if kind.eq_ignore_ascii_case("multipart") && depth < DEPTH {
            return self.take_parts(part, sub, depth);
        }
        let kind = Kind::of(kind, sub);
        if kind == Kind::Other {
            return;
        }
        let description = if kind == Kind::Sdp { Description::read(part.octets) } else { None };
        let Part { disposition, octets, at, .. } = *part;
        self.leaves.push(Leaf { kind, disposition, octets, at, parted: depth > 0, description });
    }

    fn take_parts(&mut self, whole: &Part<'a>, sub: &str, depth: usize) {
        let Ok((_, parameters)) = media_type(Piece::new(whole.content_type, 0)) else { return };
        let boundary = value_of(&parameters, "boundary").flatten().map(|value| unquoted(value.text));
        let boundary = boundary.filter(|boundary| !boundary.is_empty());
        let parts = boundary.as_deref().map_or(Err("there is no boundary"), |boundary| parts(whole.octets, boundary));
        let parts = match parts {
            Ok(parts) => parts,
            Err(why) => {
                let observed = format!("{why}: {}", shown(whole.content_type));
                return self.fault(&MULTIPART, whole, "parts between lines of the boundary", observed);
            }
        };
        if let Some(boundary) = boundary.filter(|boundary| !is_boundary(boundary)) {
            self.fault(&BOUNDARY, whole, "a boundary of 70 characters at most", shown(&boundary));
        }
        if sub.eq_ignore_ascii_case("related") {
            self.related(whole, &parameters, &parts);
        }
        for part in parts {
            let part = Part { at: whole.at + part.at, ..part };
            self.identified(&part);
            self.take(&part, depth + 1);
        }
    }

    fn identified(&mut self, part: &Part<'a>) {
        let Some(id) = part.id else { return };
        let inside = id.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        if !inside.is_some_and(is_identifier) {
            self.fault(&CONTENT_ID, part, "an identifier in angle brackets", shown(id));
        } else if self.ids.contains(&id) {
            self.fault(&CONTENT_ID, part, "a Content-ID that no other part has", shown(id));
        }
        self.ids.push(id);
    }

    fn related(&mut self, whole: &Part<'a>, parameters: &[Parameter<'_>], parts: &[Part<'a>]) {
        let value = |name: &str| value_of(parameters, name).flatten().map(|value| unquoted(value.text));
        if value("type").is_none_or(|kind| kind.is_empty()) {
            self.fault(&RELATED, whole, "a parameter type", shown(whole.content_type));
        }
        let start = value("start").unwrap_or_default();
        if !start.is_empty() && !parts.iter().any(|part| part.id == Some(start.as_str())) {
            self.fault(&RELATED, whole, "a part with the Content-ID that start names", shown(&start));
        }
    }

    fn fault(&mut self, rule: &'static BaseRule, part: &Part<'_>, expected: &'static str, observed: String) {
        self.faults.push(Fault { rule, span: (part.at, part.at + part.octets.len()), expected, observed });
    }

    /// Checks everything in the body; gives what the first document with a version says of it.
    pub fn check(&self, sheet: &mut Sheet<'_>, memory: &mut Memory) -> Option<Versioned> {
        for fault in &self.faults {
            sheet.find(fault.rule, Some(fault.span), fault.expected, fault.observed.clone());
        }
        if memory.depth > DEPTH {
            return None;
        }
        memory.depth += 1;
        let mut versioned = None;
        for leaf in &self.leaves {
            let found = leaf.check(&mut sheet.inside(Some(leaf.at)), memory);
            versioned = versioned.or(found.map(|found| found.moved(leaf.at)));
        }
        memory.depth -= 1;
        versioned
    }
}

impl Leaf<'_> {
    fn check(&self, sheet: &mut Sheet<'_>, memory: &mut Memory) -> Option<Versioned> {
        match self.kind {
            Kind::Sdp => sdp::check(sheet, self.description.as_ref(), &mut memory.memo),
            Kind::Cpim => cpim::check(sheet, self.octets, memory),
            Kind::Imdn => imdn::check(sheet, self.octets, &mut memory.reports),
            Kind::ConferenceInfo => return conference_info::check(sheet, self.octets),
            Kind::Reginfo => return reginfo::check(sheet, self.octets),
            Kind::Pidf => pidf::check(sheet, self.octets),
            Kind::ResourceLists => resource_lists::check(sheet, self.octets),
            Kind::IsComposing => is_composing::check(sheet, self.octets),
            Kind::MessageSummary => message_summary::check(sheet, self.octets),
            Kind::Xml => xml::check(sheet, self.octets),
            Kind::Other => {}
        }
        None
    }
}

/// `addr-spec` of RFC 822 section 6.1: white space may stand around a dot and an at sign, but between no two words.
fn is_identifier(inside: &str) -> bool {
    let one_word = |word: &str| !word.trim().contains(char::is_whitespace);
    // Quoted words and comments may hold anything.
    !inside.trim().is_empty() && (inside.contains(['"', '(']) || inside.split(['@', '.']).all(one_word))
}

fn is_boundary(boundary: &str) -> bool {
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || BOUNDARY_MARKS.contains(&octet);
    boundary.len() <= BOUNDARY_LENGTH && boundary.bytes().all(inner) && !boundary.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b \r\n\r\nplain\r\n--b--\r\n";

    #[test]
    fn parts_are_found_with_their_places() {
        let found = Contents::read("multipart/mixed;boundary=\"b\"", TWO.as_bytes()).leaves;
        let shown: Vec<_> = found.iter().map(|leaf| (leaf.kind, leaf.octets, leaf.at)).collect();
        assert_eq!(shown[0], (Kind::Sdp, b"v=0\r\n".as_slice(), 38));
        assert_eq!(shown.len(), 1, "no rule is for the other part");
    }

    #[test]
    fn a_body_that_is_not_made_of_parts_is_one_itself() {
        assert_eq!(Contents::read("application/x+xml", b"x").leaves.len(), 1);
        assert!(Contents::read("multipart/mixed;boundary=c", TWO.as_bytes()).leaves.is_empty());
        assert!(Contents::read("multipart/mixed", TWO.as_bytes()).leaves.is_empty());
    }

    #[test]
    fn types_have_no_case_and_white_space_around_their_slash() {
        let kind = |text: &str| essence(text).map(|(kind, sub)| Kind::of(kind, sub));
        assert_eq!(kind("Message / CPIM;x=y"), Some(Kind::Cpim));
        assert_eq!(kind("application/conference-Info+XML"), Some(Kind::ConferenceInfo));
        assert_eq!(kind("application/xcap-diff+xml"), Some(Kind::Xml));
        assert_eq!((kind("text/plain"), kind("text"), kind("te xt/plain")), (Some(Kind::Other), None, None));
    }
}
