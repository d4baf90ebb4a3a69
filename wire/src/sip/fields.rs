//! The header fields of a message, and where to look for those of a name.

use super::message::Field;
use super::name::Name;
use std::ops::Deref;

/// The header fields in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    all: Vec<Field>,
    /// For each number of a name where its fields stand. It lies apart, since messages are moved often.
    places: Box<[Places; Name::NUMBERS]>,
}

/// The places of the first and of the last field of a name, counted from 1; 0 when there is none. Places beyond
/// [`Places::FAR`] are told as that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Places {
    first: u8,
    last: u8,
}

impl Places {
    const FAR: u8 = u8::MAX;
}

impl Fields {
    /// No fields, and room for so many.
    pub fn with_capacity(capacity: usize) -> Fields {
        Fields { all: Vec::with_capacity(capacity), places: Box::new([Places::default(); Name::NUMBERS]) }
    }

    /// Adds a field.
    #[inline]
    pub fn push(&mut self, field: Field) {
        let own = u8::try_from(self.all.len() + 1).unwrap_or(Places::FAR);
        if let Some(places) = self.places.get_mut(field.name.number()) {
            let first = if places.first == 0 { own } else { places.first };
            *places = Places { first, last: own };
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
        let Places { first, .. } = self.places.get(name.number()).copied().unwrap_or_default();
        if first == Places::FAR || matches!(name, Name::Other(_)) {
            return self.between(name).first();
        }
        self.all.get(usize::from(first).checked_sub(1)?)
    }

    /// The fields from the first of this name to the last. Most names stand there once or not at all, and then it is that
    /// one field or nothing.
    #[inline]
    pub fn between(&self, name: &Name) -> &[Field] {
        let Places { first, last } = self.places.get(name.number()).copied().unwrap_or_default();
        let Some(start) = usize::from(first).checked_sub(1) else { return &[] };
        let end = if last == Places::FAR { self.all.len() } else { usize::from(last) };
        let fields = self.all.get(start..end).unwrap_or_default();
        // A known name stands right there; all unknown ones share a number.
        if first == Places::FAR || matches!(name, Name::Other(_)) { beginning_with(fields, name) } else { fields }
    }

    /// All fields of this name.
    pub fn named<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a Field> + use<'a> {
        let from = self.between(name);
        // The name in the message is borrowed for as long as the fields are, the one asked for is not.
        let own = from.first().map(|first| &first.name);
        from.iter().filter(move |field| Some(&field.name) == own)
    }
}

impl Deref for Fields {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.all
    }
}

fn beginning_with<'a>(fields: &'a [Field], name: &Name) -> &'a [Field] {
    let first = fields.iter().position(|field| field.name == *name);
    first.and_then(|first| fields.get(first..)).unwrap_or_default()
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
