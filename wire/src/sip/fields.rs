//! The header fields of a message, and where to look for those of a name.

use super::message::Field;
use super::name::Name;
use crate::search::marks32;
use std::ops::Deref;

/// The header fields in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    all: Vec<Field>,
    /// The numbers of the names of the first fields, so that all of a name are found in one look.
    numbers: [u8; NUMBERED],
}

/// So many fields are found by the numbers of their names; those after them one by one.
const NUMBERED: usize = 32;
/// The number of no name.
const NONE: u8 = u8::MAX;

impl Fields {
    /// No fields, and room for so many.
    pub fn with_capacity(capacity: usize) -> Fields {
        Fields { all: Vec::with_capacity(capacity), numbers: [NONE; NUMBERED] }
    }

    /// Adds a field.
    #[inline]
    pub fn push(&mut self, field: Field) {
        if let Some(number) = self.numbers.get_mut(self.all.len()) {
            *number = field.name.number();
        }
        self.all.push(field);
    }

    /// The last field.
    pub fn last_mut(&mut self) -> Option<&mut Field> {
        self.all.last_mut()
    }

    /// The first field of this name.
    #[inline]
    pub fn first_of(&self, name: &Name) -> Option<&Field> {
        if matches!(name, Name::Other(_)) {
            return self.all.iter().find(|field| field.name == *name);
        }
        match self.marks_of(name.number()) {
            0 if self.all.len() <= NUMBERED => None,
            0 => self.beyond(name.number()),
            marks => self.all.get(marks.trailing_zeros() as usize),
        }
    }

    /// The first field of the name of this number after those whose numbers are known.
    #[cold]
    #[inline(never)]
    fn beyond(&self, number: u8) -> Option<&Field> {
        self.all.get(NUMBERED..)?.iter().find(|field| field.name.number() == number)
    }

    /// Which of the first fields have the name of this number. Where this is inlined the compiler takes the marks apart,
    /// bit by bit.
    #[inline(never)]
    fn marks_of(&self, number: u8) -> u32 {
        marks32([number], &self.numbers)
    }

    /// All fields of this name.
    #[inline]
    pub fn named<'a>(&'a self, name: &Name) -> Named<'a> {
        let number = name.number();
        // All unknown names share a number. That in the message is borrowed for as long as the fields are, the one asked
        // for is not.
        let unknown =
            if matches!(name, Name::Other(_)) { self.all.iter().find(|field| field.name == *name) } else { None };
        let none = matches!(name, Name::Other(_)) && unknown.is_none();
        let (marks, far) = if none { (0, self.all.len()) } else { (self.marks_of(number), NUMBERED) };
        Named { all: &self.all, marks, far, number, unknown: unknown.map(|field| &field.name) }
    }
}

impl Deref for Fields {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.all
    }
}

/// The fields of one name.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    all: &'a [Field],
    /// Those among the first fields that have the number.
    marks: u32,
    /// Where to look after those.
    far: usize,
    number: u8,
    unknown: Option<&'a Name>,
}

impl<'a> Named<'a> {
    /// That no field can follow any more.
    #[inline(always)]
    pub const fn is_at_end(&self) -> bool {
        self.marks == 0 && self.far >= self.all.len()
    }

    /// Looks at the fields after those that have a mark.
    #[cold]
    #[inline(never)]
    fn beyond(&mut self) -> Option<&'a Field> {
        let (number, unknown) = (self.number, self.unknown);
        let is_wanted =
            |field: &&Field| field.name.number() == number && unknown.is_none_or(|name| field.name == *name);
        let mut fields = self.all.get(self.far..)?.iter();
        let found = fields.find(is_wanted);
        self.far = self.all.len() - fields.len();
        found
    }
}

impl<'a> Iterator for Named<'a> {
    type Item = &'a Field;

    #[inline(always)]
    fn next(&mut self) -> Option<&'a Field> {
        while self.marks != 0 {
            let field = self.all.get(self.marks.trailing_zeros() as usize)?;
            self.marks &= self.marks - 1;
            if self.unknown.is_none_or(|name| field.name == *name) {
                return Some(field);
            }
        }
        self.beyond()
    }
}

#[cfg(test)]
mod tests {
    use crate::sip::{Message, Name};
    use bytes::Bytes;
    use proptest::prelude::*;

    proptest! {
        /// However many fields there are, and in whatever order, looking where they stand finds what looking at all does.
        #[test]
        fn looking_at_a_part_finds_what_looking_at_all_does(names in prop::collection::vec(0usize..9, 0..300), far: bool) {
            let known = ["Via", "v", "To", "t", "X-Own", "x-own", "X-Other", "Route", "CSeq"];
            let filling = if far { "Allow: x\r\n".repeat(250) } else { String::new() };
            let lines: String = names.iter().enumerate().map(|(at, name)| format!("{}: {at}\r\n", known[*name])).collect();
            let text = format!("INVITE sip:a@b SIP/2.0\r\n{filling}{lines}\r\n");
            let message = Message::parse(Bytes::from(text)).unwrap();
            for name in known.iter().chain(&["From", "X-None"]).map(|name| Name::parse(name)) {
                let fields = message.fields().iter().filter(|field| field.name == name);
                let expected: Vec<&str> = fields.map(|field| message.text(field.value)).collect();
                prop_assert_eq!(message.headers(&name).collect::<Vec<_>>(), expected.clone());
                prop_assert_eq!(message.values(&name).collect::<Vec<_>>(), expected.clone());
                prop_assert_eq!(message.header(&name), expected.first().copied());
            }
        }
    }
}
