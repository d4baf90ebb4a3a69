//! Attributes: most lines of a description are such.

use super::lines::Lines;
use crate::search;
use std::array;

/// An `a=` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// What follows the colon, if there is one.
    pub value: Option<&'a str>,
    /// Number of its line, from 1.
    pub line: u32,
}

/// Of the first attributes of a media description how long the name is, and the line, which ends in CRLF. Most have not
/// more attributes, so that nothing is searched for twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    noted: [(u16, u16); 8],
    count: u8,
    /// That the next attribute is to be noted: there was none before it that was not.
    open: bool,
}

impl Lengths {
    /// Those of attributes that are to come.
    pub const fn to_come() -> Lengths {
        Lengths { noted: [(0, 0); 8], count: 0, open: true }
    }

    /// Notes those of the next attribute.
    #[inline(always)]
    pub fn note(&mut self, name: usize, line: usize) {
        if !self.open {
            return;
        }
        let lengths = u16::try_from(name).ok().zip(u16::try_from(line).ok());
        match (lengths, self.noted.get_mut(usize::from(self.count))) {
            (Some(lengths), Some(slot)) => {
                *slot = lengths;
                self.count += 1;
            }
            _ => self.open = false,
        }
    }

    /// Notes no more.
    pub const fn close(&mut self) {
        self.open = false;
    }
}

/// The attributes among the lines before the next `m=`. They were looked at when the description was read.
pub(super) struct Attributes<'a> {
    lines: Lines<'a>,
    /// The lengths of those that come next, as far as they were noted.
    noted: array::IntoIter<(u16, u16), 8>,
}

impl<'a> Attributes<'a> {
    /// The attributes after the other lines of the session, or of a media description.
    #[inline(always)]
    pub fn of(mut lines: Lines<'a>, lengths: Lengths) -> Attributes<'a> {
        while !matches!(lines.next_letter(), b'a' | b'm' | 0) {
            lines.next_span();
        }
        Attributes { lines, noted: lengths.noted.into_iter() }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Attribute<'a>> {
        if let Some((name, line)) = self.noted.next().filter(|(name, _)| *name > 0) {
            let (number, value) = self.lines.next_of_length(usize::from(line))?;
            return attribute(number, value, usize::from(name));
        }
        if self.lines.next_letter() != b'a' {
            return None;
        }
        let line = self.lines.next_span()?;
        let value = line.value()?;
        attribute(line.number, value, search::find([b':'], value.as_bytes()).unwrap_or(value.len()))
    }
}

/// The attribute in the line of this number, whose value begins with so long a name.
#[inline(always)]
fn attribute(line: u32, value: &str, name: usize) -> Option<Attribute<'_>> {
    let (name, value) = value.split_at_checked(name)?;
    Some(Attribute { name, value: value.get(1..), line })
}
