//! A header field as the judge sees it. What a value says for itself alone, in one message or call, stands apart from all else,
//! by which it is known again.

use cpm_wire::search::{Places, every, find};

use super::names::Name;
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::grammar::{is_plain, quoted_string};
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;

/// Sets prints of values of which the word is what its parameter says apart from those of other things.
const MARK: u64 = 0x7061_7261_6d65_7465;

/// One header field.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules::base) struct Field<'m> {
    /// What it is called, where that is known.
    pub known: Option<Name>,
    pub value: Piece<'m>,
    /// The print of name and value, where others are likely to say the same. A value that differs in its word alone has the
    /// same: what is right with one is right with another.
    pub print: Option<u64>,
    /// What is another tag, branch or number of a bill in every message or call.
    word: Option<Piece<'m>>,
    /// Whether the word is what the value, which is one, says in the parameter that matters.
    plain: bool,
}

impl<'m> Field<'m> {
    pub fn new(known: Option<Name>, value: Piece<'m>, memo: &mut Memo) -> Field<'m> {
        let mut field = Field { known, value, print: None, word: None, plain: false };
        let Some(name) = known.filter(|name| !name.is_singular()) else { return field };
        let Some(mark) = name.singular_after() else {
            field.print = Some(mix(digest(value.text.as_bytes()), name as u64));
            return field;
        };
        let (print, word) = around(value, mark);
        let print = mix(print, name as u64);
        (field.print, field.word) = (Some(print), word);
        // Where the word stands is the same in all of one print.
        field.plain = memo.knows(mix(print, MARK)) || field.is_plain(name);
        if field.plain {
            memo.learn(mix(print, MARK));
        }
        field
    }

    /// Whether this is one value, and the word what the parameter that matters says.
    fn is_plain(&self, name: Name) -> bool {
        match name {
            Name::Via => self.value.split_outside(b',').nth(1).is_none() && self.word == piece_of(self.value, "branch"),
            Name::From | Name::To => self.word == tag(self.value),
            _ => false,
        }
    }

    /// Of From and To, the tag.
    pub fn tag(&self) -> Option<&'m str> {
        if self.plain { self.word } else { tag(self.value) }.map(|tag| tag.text)
    }

    /// Of Via, its values, each with its branch.
    pub fn vias(&self) -> impl Iterator<Item = (Piece<'m>, Option<&'m str>)> + use<'m> {
        let whole = self.plain.then(|| (self.value.trim(), self.word.map(|word| word.text)));
        let parts = (!self.plain).then(|| self.value.split_outside(b',').map(Piece::trim));
        whole.into_iter().chain(parts.into_iter().flatten().map(|via| (via, parameter(via, "branch"))))
    }
}

/// The print of a value without the plain word that stands after this mark, and the word. Letters and digits make no
/// difference there, whether it is a parameter, a part of a URI or in quotes.
fn around<'m>(value: Piece<'m>, mark: &str) -> (u64, Option<Piece<'m>>) {
    let octets = value.text.as_bytes();
    let found = Places::of([b'='], octets).find_map(|equals| {
        let before = octets.get(..=equals).filter(|before| before.ends_with(mark.as_bytes()))?;
        let quoted = usize::from(octets.get(equals + 1) == Some(&b'"'));
        let rest = octets.get(before.len() + quoted..)?;
        let (word, after) = rest.split_at(find([b';', b'"', b'>', b','], rest).unwrap_or(rest.len()));
        let piece = || value.from(before.len() + quoted).to(word.len());
        let print = || mix(mix(digest(before), digest(after)), quoted as u64);
        (!word.is_empty() && every(word, is_plain)).then(|| (print(), Some(piece())))
    });
    found.unwrap_or_else(|| (digest(octets), None))
}

fn tag(value: Piece<'_>) -> Option<Piece<'_>> {
    // A display name whose quotes are not closed would hide all that follows; it is found elsewhere.
    let open = value.text.starts_with('"') && quoted_string(value.text).is_none();
    let end = if open { value.text.rfind('>').unwrap_or_default() } else { 0 };
    piece_of(value.from(end), "tag")
}

/// The value of a parameter, by its name, in a list after semicolons.
pub(in crate::rules::base) fn parameter<'m>(value: Piece<'m>, name: &str) -> Option<&'m str> {
    piece_of(value, name).map(|value| value.text)
}

fn piece_of<'m>(value: Piece<'m>, name: &str) -> Option<Piece<'m>> {
    // Mostly there is none, which is seen sooner than where each ends.
    let called_so = |equals: usize| {
        let before = value.to(equals).trim().text;
        let from = before.len().checked_sub(name.len());
        from.and_then(|from| before.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(name))
    };
    if !Places::of([b'='], value.text.as_bytes()).any(called_so) {
        return None;
    }
    value.split_outside(b';').skip(1).find_map(|parameter| {
        let (found, value) = parameter.split_once('=')?;
        found.trim().text.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn field(name: Name, value: &str) -> Field<'_> {
        Field::new(Some(name), Piece::new(value, 0), &mut Memo::default())
    }

    #[test]
    fn a_word_of_its_own_makes_no_other_print_and_all_else_does() {
        let from = |value| field(Name::From, value).print;
        let own = from("<sip:a@b.example>;tag=one;x=y");
        assert_eq!(from("<sip:a@b.example>;tag=another.1;x=y"), own);
        for other in [
            "<sip:c@b.example>;tag=one;x=y",
            "<sip:a@b.example>;tag=one;x=z",
            "<sip:a@b.example>;tag=;x=y",
            "<sip:a@b.example>;tag=o%ne;x=y",
            "<sip:a@b.example>;tag=\"one\";x=y",
            "<sip:a@b.example>;Tag=one;x=y",
            "<sip:a@b.example>;tag=one",
        ] {
            assert_ne!(from(other), own, "{other}");
        }
        assert_ne!(field(Name::To, "<sip:a@b.example>;tag=one;x=y").print, own, "another name");
    }

    #[test]
    fn a_tag_is_that_of_the_address_whatever_was_seen_before() {
        let memo = &mut Memo::default();
        for (value, tag) in [
            ("<sip:a@b.example>;tag=one", Some("one")),
            ("<sip:a@b.example>;tag=two", Some("two")),
            ("<sip:a@b.example;tag=one>;tag=one", Some("one")),
            ("<sip:a@b.example;tag=two>;tag=one", Some("one")),
            ("<sip:a@b.example;tag=two>", None),
            ("\"x;tag=one\" <sip:a@b.example>", None),
            ("<sip:a@b.example>;TAG=one;tag=two", Some("one")),
            ("<sip:a@b.example>;TAG=one;tag=three", Some("one")),
        ] {
            assert_eq!(Field::new(Some(Name::From), Piece::new(value, 0), memo).tag(), tag, "{value}");
        }
    }

    #[test]
    fn each_via_of_a_list_has_its_branch() {
        let memo = &mut Memo::default();
        for (value, branches) in [
            ("SIP/2.0/UDP a;branch=z1", vec![Some("z1")]),
            ("SIP/2.0/UDP a;branch=z2", vec![Some("z2")]),
            ("SIP/2.0/UDP a, SIP/2.0/UDP b;branch=z3", vec![None, Some("z3")]),
            ("SIP/2.0/UDP a, SIP/2.0/UDP b;branch=z4", vec![None, Some("z4")]),
            ("SIP/2.0/UDP a;branch=z5,SIP/2.0/UDP b;branch=z6", vec![Some("z5"), Some("z6")]),
            ("SIP/2.0/UDP a", vec![None]),
            ("SIP/2.0/UDP a;Branch=z7,SIP/2.0/UDP b;branch =z8", vec![Some("z7"), Some("z8")]),
        ] {
            let field = Field::new(Some(Name::Via), Piece::new(value, 0), memo);
            assert_eq!(field.vias().map(|(_, branch)| branch).collect::<Vec<_>>(), branches, "{value}");
        }
    }
}
