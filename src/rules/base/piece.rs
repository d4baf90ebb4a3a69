//! A piece of text that knows where in the octets of its record it stands.

use cpm_wire::search::{Places, find};

/// Text, and the place of its first octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Piece<'a> {
    pub fn new(text: &'a str, at: usize) -> Piece<'a> {
        Piece { text, at }
    }

    /// First octet, and the one after the last.
    pub fn span(self) -> (usize, usize) {
        (self.at, self.at + self.text.len())
    }

    /// From the octet `from` of the piece on; empty when there is none.
    pub fn from(self, from: usize) -> Piece<'a> {
        Piece { text: self.text.get(from..).unwrap_or_default(), at: self.at + from.min(self.text.len()) }
    }

    /// Up to the octet `to` of the piece, without it.
    pub fn to(self, to: usize) -> Piece<'a> {
        Piece { text: self.text.get(..to).unwrap_or(self.text), at: self.at }
    }

    /// Without white space at its ends, which may be folding.
    pub fn trim(self) -> Piece<'a> {
        let inner = |octet: &u8| !matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
        let octets = self.text.as_bytes();
        // Mostly there is none.
        if octets.first().is_some_and(inner) && octets.last().is_some_and(inner) {
            return self;
        }
        let start = octets.iter().position(inner).unwrap_or(octets.len());
        let end = octets.iter().rposition(inner).map_or(start, |last| last + 1);
        self.to(end).from(start)
    }

    /// What stands before and after the first separator.
    #[inline]
    pub fn split_once(self, separator: char) -> Option<(Piece<'a>, Piece<'a>)> {
        let place = match u8::try_from(separator).ok().filter(u8::is_ascii) {
            Some(ascii) => find([ascii], self.text.as_bytes()),
            None => self.text.find(separator),
        }?;
        Some((self.to(place), self.from(place + separator.len_utf8())))
    }

    /// What stands before the first separator, or all.
    #[inline]
    pub fn before(self, separator: char) -> Piece<'a> {
        self.split_once(separator).map_or(self, |(before, _)| before)
    }

    /// Split at every separator.
    #[inline]
    pub fn split(self, separator: char) -> impl Iterator<Item = Piece<'a>> + Clone {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let own = rest.take()?;
            let (piece, left) = own.split_once(separator).map_or((own, None), |(piece, left)| (piece, Some(left)));
            rest = left;
            Some(piece)
        })
    }

    /// Split at every separator that stands outside quoted strings and angle brackets.
    #[inline]
    pub fn split_outside(self, separator: u8) -> Outside<'a> {
        Outside { rest: Some(self), begun: self.at, stops: Places::of([separator, b'"', b'<'], self.text.as_bytes()) }
    }
}

/// The pieces between separators, one by one.
#[derive(Clone, Debug)]
pub(super) struct Outside<'a> {
    rest: Option<Piece<'a>>,
    /// Where the whole begins, from which stops are counted.
    begun: usize,
    /// Separators, and what may hide some.
    stops: Places<'a, 3>,
}

impl<'a> Iterator for Outside<'a> {
    type Item = Piece<'a>;

    #[inline]
    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest.take()?;
        let octets = rest.text.as_bytes();
        let mut open = 0;
        for stop in &mut self.stops {
            // What is hidden was marked too.
            let Some(at) = (self.begun + stop).checked_sub(rest.at).filter(|at| *at >= open) else { continue };
            match octets.get(at)? {
                b'"' => open = at + after_quotes(octets.get(at + 1..).unwrap_or_default()),
                b'<' => open = at + after_brackets(octets.get(at + 1..).unwrap_or_default()),
                _ => {
                    self.rest = Some(rest.from(at + 1));
                    return Some(rest.to(at));
                }
            }
        }
        Some(rest)
    }
}

/// How far from an opening quote on what stands after the closing one begins; nothing does after quotes that stay open.
fn after_quotes(inside: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = inside.get(at..).and_then(|left| find([b'"', b'\\'], left)) {
        at += found;
        match inside.get(at) {
            Some(b'"') => return at + 2,
            _ => at += 2,
        }
    }
    inside.len() + 1
}

/// The same for angle brackets.
fn after_brackets(inside: &[u8]) -> usize {
    find([b'>'], inside).map_or(inside.len() + 1, |end| end + 2)
}

/// Linear white space of RFC 3261 section 25.1, folding included.
pub(super) fn is_white(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_place() {
        let piece = Piece::new("a:  b\r\n c  ", 10);
        let (name, value) = piece.split_once(':').unwrap();
        assert_eq!(name, Piece::new("a", 10));
        assert_eq!(value.trim(), Piece::new("b\r\n c", 14));
        assert_eq!(piece.from(99), Piece::new("", 21));
    }

    #[test]
    fn separators_in_quotes_and_brackets_do_not_separate() {
        let split = |text| Piece::new(text, 0).split_outside(b',').map(|p| p.text).collect::<Vec<_>>();
        assert_eq!(split(r#""a,\",b" <sip:x,y@z>,c"#), [r#""a,\",b" <sip:x,y@z>"#, "c"]);
        assert_eq!(split(""), [""]);
        assert_eq!(split(r#"a,"b,c"#), ["a", r#""b,c"#], "quotes that stay open");
        assert_eq!(split("a,<b,c"), ["a", "<b,c"], "brackets that stay open");
        assert_eq!(
            split(r#"<"a,b>,"c\\",d"#),
            [r#"<"a,b>"#, r#""c\\""#, "d"],
            "quotes in brackets, and a backslash at the end"
        );
        assert_eq!(split(",,"), ["", "", ""]);
        assert_eq!(Piece::new("a,b", 5).split_outside(b',').nth(1), Some(Piece::new("b", 7)));
    }
}
