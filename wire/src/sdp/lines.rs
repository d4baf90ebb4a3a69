//! The lines of a description: splitting them, and the order in which section 5 of RFC 8866 wants them.

use crate::search::Search;
use memchr::{memchr, memchr_iter, memchr2, memrchr};
use std::ops::Range;

/// A line `<letter>=<value>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number of the line, from 1.
    pub number: u32,
    /// Octets of the description before it.
    pub at: usize,
    /// The line without its end.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    /// The octet before `=`; 0 when the line is empty.
    pub fn letter(&self) -> u8 {
        self.text.as_bytes().first().copied().unwrap_or(0)
    }

    /// Its value: all after the second octet.
    pub fn value(&self) -> &'a str {
        self.text.get(2..).unwrap_or_default()
    }

    /// Where it stands in the description.
    pub fn octets(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    pub(super) fn fault(&self, why: Fault) -> SdpError {
        SdpError { line: self.number, octets: self.octets(), why }
    }

    /// That it has the form `x=value`. `strays` says that in some line there is a control octet.
    pub(super) fn form(&self, strays: bool) -> Result<(), Fault> {
        let [letter, b'=', value @ ..] = self.text.as_bytes() else { return Err(Fault::NotALine) };
        if matches!(places(*letter), Places { session: 0, media: 0, .. }) {
            return Err(if letter.is_ascii_alphabetic() { Fault::UnknownLetter } else { Fault::NotALine });
        }
        if strays && memchr2(b'\r', 0, value).is_some() {
            return Err(Fault::ControlOctet);
        }
        if value.is_empty() && !matches!(letter, b's' | b'i') { Err(Fault::NotALine) } else { Ok(()) }
    }
}

/// What keeps a description from being read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SDP line {line}: {why}")]
pub struct SdpError {
    /// Number of the line, from 1.
    pub line: u32,
    /// The octets of the line.
    pub octets: Range<usize>,
    /// What is wrong.
    pub why: Fault,
}

impl SdpError {
    /// Octets that are no text, the first of them at `at`.
    pub(super) fn not_utf8(octets: &[u8], at: usize) -> SdpError {
        let (before, rest) = octets.split_at_checked(at).unwrap_or((octets, &[]));
        let start = memrchr(b'\n', before).map_or(0, |end| end + 1);
        let end = memchr(b'\n', rest).map_or(octets.len(), |end| at + end);
        let end = if octets.get(..end).is_some_and(|line| line.ends_with(b"\r")) { end - 1 } else { end };
        let line = 1 + u32::try_from(memchr_iter(b'\n', before).count()).unwrap_or(u32::MAX - 1);
        SdpError { line, octets: start..end, why: Fault::NotUtf8 }
    }
}

/// A departure from the grammar of RFC 8866 section 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not `x=...`.
    #[error("not a letter, \"=\" and a value")]
    NotALine,
    /// A letter that RFC 8866 does not know: the whole description is to be refused (section 5).
    #[error("no field has this letter")]
    UnknownLetter,
    /// A CR or NUL within a line.
    #[error("CR or NUL within the line")]
    ControlOctet,
    /// Octets that are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A line before another that is to come first, or a second one where only one may be.
    #[error("this field may not stand here")]
    Order,
    /// The description ends, or this line stands, where a mandatory one is missing.
    #[error("mandatory {0}= is missing before this line")]
    Missing(char),
    /// `v=` other than 0.
    #[error("v= is not 0")]
    Version,
    /// `o=` is not `<username> <sess-id> <sess-version> IN <addrtype> <address>`.
    #[error("o= is not <username> <sess-id> <sess-version> <nettype> <addrtype> <address>")]
    Origin,
    /// `c=` is not `IN <addrtype> <address>`.
    #[error("c= is not <nettype> <addrtype> <address>")]
    Connection,
    /// `t=` is not two numbers.
    #[error("t= is not <start-time> <stop-time>")]
    Timing,
    /// `b=` is not a type and a number.
    #[error("b= is not <bwtype>:<bandwidth>")]
    Bandwidth,
    /// `m=` is not `<media> <port> <proto> <fmt> ...`.
    #[error("m= is not <media> <port> <proto> <fmt> ...")]
    Media,
    /// `a=` has no attribute name.
    #[error("a= is not <attribute> or <attribute>:<value>")]
    Attribute,
}

/// Splits into lines at LF, whatever they hold; a CR before it belongs to the line's end.
pub const fn lines(text: &str) -> Lines<'_> {
    Lines { text, feeds: Search::new(), next: 0, at: 0, number: 0 }
}

/// The lines that are left of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    text: &'a str,
    feeds: Search,
    /// Where the next line begins in the text.
    next: usize,
    /// Octets of the description before the text.
    at: usize,
    /// Number of the line before.
    number: u32,
}

impl<'a> Lines<'a> {
    /// No line of them.
    pub(super) const fn none(self) -> Lines<'a> {
        Lines { text: "", next: 0, ..self }
    }

    /// These, or where there are none, those of the description from this line on.
    pub(super) fn or_from(self, line: Line<'a>, description: &'a str) -> Lines<'a> {
        if !self.text.is_empty() {
            return self;
        }
        Lines { at: line.at, number: line.number - 1, ..lines(description.get(line.at..).unwrap_or_default()) }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Line<'a>> {
        if self.next >= self.text.len() {
            return None;
        }
        let (start, feed) = (self.next, self.feeds.next([b'\n'], self.text.as_bytes()));
        let end = feed.unwrap_or(self.text.len());
        self.next = end + 1;
        let line = self.text.get(start..end)?;
        let text = if feed.is_some() { line.strip_suffix('\r').unwrap_or(line) } else { line };
        self.number += 1;
        Some(Line { number: self.number, at: self.at + start, text })
    }
}

/// The text without the blank lines after its last line.
pub(super) fn without_blank_end(mut text: &str) -> &str {
    while let Some(line) = text.strip_suffix('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if !(line.is_empty() || line.ends_with('\n')) {
            break;
        }
        text = line;
    }
    text
}

/// True when somewhere a NUL stands, or a CR that ends no line. There is no branch in the loop, so that it takes many
/// octets at once.
pub(super) fn has_stray_control(text: &str) -> bool {
    let octets = text.as_bytes();
    let pairs = octets.iter().zip(octets.get(1..).unwrap_or_default());
    let stray = pairs.fold(false, |stray, (&one, &next)| stray | (one == 0) | ((one == b'\r') & (next != b'\n')));
    stray || matches!(octets.last(), Some(b'\r' | 0))
}

/// Where a letter stands among the fields of the session and among those of a media description, from 1 on; 0 where it may
/// not stand at all. In order of place, and a letter that may be repeated follows itself.
#[derive(Clone, Copy)]
struct Places {
    session: u8,
    media: u8,
    repeats_in_session: bool,
    repeats_in_media: bool,
}

static PLACES: [Places; 256] = {
    let mut table = [Places { session: 0, media: 0, repeats_in_session: false, repeats_in_media: false }; 256];
    let (mut slots, mut letter): (&mut [Places], u8) = (&mut table, 0);
    while let [slot, rest @ ..] = slots {
        *slot = places_of(letter);
        letter = letter.wrapping_add(1);
        slots = rest;
    }
    table
};

const fn places_of(letter: u8) -> Places {
    let (session, media, repeats_in_session) = match letter {
        b'v' => (1, 0, false),
        b'o' => (2, 0, false),
        b's' => (3, 0, false),
        b'i' => (4, 2, false),
        b'u' => (5, 0, false),
        b'e' => (6, 0, true),
        b'p' => (7, 0, true),
        b'c' => (8, 3, false),
        b'b' => (9, 4, true),
        b't' | b'r' => (10, 0, true),
        b'z' => (11, 0, false),
        b'k' => (12, 5, false),
        b'a' => (13, 6, true),
        b'm' => (0, 1, true),
        _ => (0, 0, false),
    };
    Places { session, media, repeats_in_session, repeats_in_media: repeats_in_session || letter == b'c' }
}

fn places(letter: u8) -> Places {
    PLACES.get(usize::from(letter)).copied().unwrap_or(places_of(letter))
}

/// The order of the lines, line by line.
pub(super) struct Order {
    /// The mandatory letters that are still to come.
    needed: &'static [u8],
    last: u8,
    in_media: bool,
}

impl Order {
    /// Before the first line.
    pub const fn new() -> Order {
        Order { needed: b"vost", last: 0, in_media: false }
    }

    /// Takes the letter of the next line, or says why it may not stand there.
    pub fn take(&mut self, letter: u8) -> Result<(), Fault> {
        let starts_media = letter == b'm';
        match self.needed {
            [needed, rest @ ..] if *needed == letter => self.needed = rest,
            [needed, ..] if starts_media || after(*needed, letter) => return Err(Fault::Missing(char::from(*needed))),
            _ => {}
        }
        self.in_media |= starts_media;
        let Places { session, media, repeats_in_session, repeats_in_media } = places(letter);
        let (place, repeats) = if self.in_media { (media, repeats_in_media) } else { (session, repeats_in_session) };
        let follows = place > self.last || place == self.last && repeats || starts_media;
        self.last = place;
        if place != 0 && follows { Ok(()) } else { Err(Fault::Order) }
    }

    /// True from the first `m=` on.
    pub const fn in_media(&self) -> bool {
        self.in_media
    }

    /// The mandatory letter that never came.
    pub fn missing(&self) -> Option<Fault> {
        self.needed.first().map(|needed| Fault::Missing(char::from(*needed)))
    }
}

/// True when a line of this letter can only stand after the mandatory one.
fn after(mandatory: u8, letter: u8) -> bool {
    places(letter).session > places(mandatory).session || letter == b'r' && mandatory == b't'
}
