//! The lines of a description: splitting them, and the order in which section 5 of RFC 8866 wants them.

use std::ops::Range;

/// A line `<letter>=<value>`. Octets are counted from the start of the description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of the line, from 1.
    pub number: u32,
    /// The octet before `=`; 0 when the line is empty.
    pub letter: u8,
    /// Where the line is, without its end.
    pub octets: Range<usize>,
    /// Where its value is: all after the second octet.
    pub value: Range<usize>,
}

impl Line {
    pub(super) fn fault(&self, why: Fault) -> SdpError {
        SdpError { line: self.number, octets: self.octets.clone(), why }
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
    pub(super) fn not_utf8(octets: &[u8], at: usize) -> SdpError {
        let line = lines(octets).find(|line| line.octets.end > at);
        line.map_or(SdpError { line: 1, octets: 0..octets.len(), why: Fault::NotUtf8 }, |line| {
            line.fault(Fault::NotUtf8)
        })
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
pub fn lines(octets: &[u8]) -> impl Iterator<Item = Line> {
    let mut start = 0;
    (1..).zip(octets.split_inclusive(|&octet| octet == b'\n')).map(move |(number, whole)| {
        let line = whole.strip_suffix(b"\n").map_or(whole, |line| line.strip_suffix(b"\r").unwrap_or(line));
        let octets = start..start + line.len();
        start += whole.len();
        let value = octets.end.min(octets.start + 2)..octets.end;
        Line { number, letter: line.first().copied().unwrap_or(0), octets, value }
    })
}

/// The lines, each of the form `x=value`, without the blank lines after the last.
pub(super) fn checked(octets: &[u8]) -> Result<Vec<Line>, SdpError> {
    let mut split: Vec<Line> = lines(octets).collect();
    while split.last().is_some_and(|line| line.octets.is_empty()) {
        split.pop();
    }
    for line in &split {
        let text = octets.get(line.octets.clone()).unwrap_or_default();
        let why = match text {
            [
                b'v' | b'o' | b's' | b'i' | b'u' | b'e' | b'p' | b'c' | b'b' | b't' | b'r' | b'z' | b'k' | b'm' | b'a',
                b'=',
                value @ ..,
            ] => {
                let control = value.iter().any(|octet| matches!(octet, b'\r' | 0));
                let empty = value.is_empty() && !matches!(line.letter, b's' | b'i');
                if control {
                    Fault::ControlOctet
                } else if empty {
                    Fault::NotALine
                } else {
                    continue;
                }
            }
            [letter, b'=', ..] if letter.is_ascii_alphabetic() => Fault::UnknownLetter,
            _ => Fault::NotALine,
        };
        return Err(line.fault(why));
    }
    Ok(split)
}

/// Where a letter stands among the fields of the session; equal places repeat when [`repeats`] says so.
fn session_place(letter: u8) -> Option<usize> {
    b"vosiuepcbtrzka".iter().position(|&known| known == letter).map(|place| if letter == b'r' { 9 } else { place })
}

/// Where a letter stands among the fields of a media description.
fn media_place(letter: u8) -> Option<usize> {
    b"micbka".iter().position(|&known| known == letter)
}

fn repeats(letter: u8, in_media: bool) -> bool {
    matches!(letter, b'e' | b'p' | b'b' | b't' | b'r' | b'a') || in_media && letter == b'c'
}

/// Refuses lines out of order, and descriptions without `v=`, `o=`, `s=` or `t=`.
pub(super) fn in_order(split: &[Line], length: usize) -> Result<(), SdpError> {
    let mut needed = b"vost".iter().copied().peekable();
    let mut last = None;
    let mut in_media = false;
    for line in split {
        let starts_media = line.letter == b'm';
        if let Some(&letter) = needed.peek()
            && (starts_media || after(letter, line.letter))
        {
            return Err(line.fault(Fault::Missing(char::from(letter))));
        }
        needed.next_if_eq(&line.letter);
        in_media |= starts_media;
        let place = if in_media { media_place(line.letter) } else { session_place(line.letter) };
        let place = place.ok_or_else(|| line.fault(Fault::Order))?;
        let follows = last.is_none_or(|last| place > last || place == last && repeats(line.letter, in_media));
        if !(starts_media || follows) {
            return Err(line.fault(Fault::Order));
        }
        last = Some(place);
    }
    match needed.next() {
        None => Ok(()),
        Some(letter) => {
            let line = split.last().map_or(1, |line| line.number + 1);
            Err(SdpError { line, octets: length..length, why: Fault::Missing(char::from(letter)) })
        }
    }
}

/// True when a line of this letter can only stand after the mandatory one.
fn after(mandatory: u8, letter: u8) -> bool {
    session_place(letter) > session_place(mandatory) || letter == b'r' && mandatory == b't'
}
