//! The lines of a description, with their places.

use crate::search;
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
    Lines { text, at: 0, number: 0 }
}

/// The lines that are left of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    /// The whole description.
    text: &'a str,
    /// Where the next line begins.
    at: usize,
    /// Number of the line before.
    number: u32,
}

impl<'a> Lines<'a> {
    /// How many lines of the description stand before these.
    pub(super) const fn taken(&self) -> u32 {
        self.number
    }

    /// The letter of the next line; 0 when there is none, or it is empty.
    #[inline(always)]
    pub(super) fn next_letter(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Passes the next line if it is this one, and tells whether it is.
    #[inline(always)]
    pub(super) fn pass_if(&mut self, line: &[u8]) -> bool {
        let is = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(line));
        if is {
            self.at += line.len();
            self.number += 1;
        }
        is
    }

    /// The octets of the next line, and where they stand.
    #[inline(always)]
    pub(super) fn next_span(&mut self) -> Option<Span<'a>> {
        let rest = self.text.as_bytes().get(self.at..).filter(|rest| !rest.is_empty())?;
        if let Some(end) = usual_end(rest) {
            return Some(self.pass(rest.get(..end)?, end + 2, false));
        }
        let (octets, whole, stray) = unusual_line(rest);
        Some(self.pass(octets, whole, stray))
    }

    /// How long the name and the whole of the next line are, if it is an attribute as most are: the name is of small letters
    /// and hyphens, and the line is one of [`usual_end`].
    #[inline(always)]
    pub(super) fn next_usual_attribute(&mut self) -> Option<(usize, usize)> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let name = search::name_end(rest.strip_prefix(b"a=")?).filter(|name| *name > 0)?;
        let after = rest.get(2 + name..)?;
        let value = match after {
            [b':', ..] => usual_end(after)?,
            [b'\r', b'\n', ..] => 0,
            _ => return None,
        };
        let length = 2 + name + value;
        self.at += length + 2;
        self.number += 1;
        Some((name, length))
    }

    /// Number and value of the next line, which has so many octets and ends in CRLF.
    #[inline(always)]
    pub(super) fn next_of_length(&mut self, length: usize) -> Option<(u32, &'a str)> {
        let value = self.text.get(self.at + 2..self.at + length)?;
        self.at += length + 2;
        self.number += 1;
        Some((self.number, value))
    }

    #[inline(always)]
    fn pass(&mut self, octets: &'a [u8], whole: usize, stray: bool) -> Span<'a> {
        let at = self.at;
        self.at += whole;
        self.number += 1;
        Span { text: self.text, number: self.number, at, octets, stray }
    }
}

/// Where the first line ends, if it ends in CRLF and no other octet of it is CR or below.
#[inline(always)]
fn usual_end(octets: &[u8]) -> Option<usize> {
    search::find_low(octets).filter(|end| octets.get(*end..).is_some_and(|rest| rest.starts_with(b"\r\n")))
}

/// The first line without its end, how many octets it has with it, and whether in it a NUL stands, or a CR that ends no line.
#[cold]
#[inline(never)]
fn unusual_line(octets: &[u8]) -> (&[u8], usize, bool) {
    let end = memchr(b'\n', octets);
    let whole = end.and_then(|end| octets.get(..end)).unwrap_or(octets);
    let line = if end.is_some() { whole.strip_suffix(b"\r").unwrap_or(whole) } else { whole };
    (line, end.map_or(octets.len(), |end| end + 1), memchr2(b'\r', 0, line).is_some())
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Line<'a>> {
        let line = self.next_span()?;
        Some(Line { number: line.number, at: line.at, text: line.text_from(0)? })
    }
}

/// A line as octets. What is asked for of it is cut out as text.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    /// The whole description.
    text: &'a str,
    /// Number of the line, from 1.
    pub number: u32,
    at: usize,
    /// The line without its end.
    pub octets: &'a [u8],
    /// That in it a NUL stands, or a CR.
    pub stray: bool,
}

impl<'a> Span<'a> {
    /// The octet before `=`; 0 when the line is empty.
    #[inline(always)]
    pub fn letter(&self) -> u8 {
        self.octets.first().copied().unwrap_or(0)
    }

    /// The text of the line from this octet on.
    #[inline(always)]
    pub fn text_from(&self, start: usize) -> Option<&'a str> {
        self.text.get(self.at + start..self.at + self.octets.len())
    }

    /// Its value: all after the second octet.
    #[inline(always)]
    pub fn value(&self) -> Option<&'a str> {
        self.text_from(2)
    }

    pub fn fault(&self, why: Fault) -> SdpError {
        SdpError { line: self.number, octets: self.at..self.at + self.octets.len(), why }
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
