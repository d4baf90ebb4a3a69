//! A piece of text that knows where in the octets of its record it stands.

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
        let start = self.text.len() - self.text.trim_start_matches(is_white).len();
        let rest = self.from(start);
        rest.to(rest.text.trim_end_matches(is_white).len())
    }

    /// What stands before and after the first octet that `separator` accepts.
    pub fn split_once(self, separator: char) -> Option<(Piece<'a>, Piece<'a>)> {
        let place = self.text.find(separator)?;
        Some((self.to(place), self.from(place + separator.len_utf8())))
    }

    /// Split at every separator.
    pub fn split(self, separator: char) -> impl Iterator<Item = Piece<'a>> {
        let mut at = self.at;
        self.text.split(separator).map(move |text| {
            let piece = Piece { text, at };
            at += text.len() + separator.len_utf8();
            piece
        })
    }

    /// Split at every separator that stands outside quoted strings and angle brackets.
    pub fn split_outside(self, separator: u8) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let (mut start, mut quoted, mut escaped, mut angle) = (0, false, false, false);
        for (place, octet) in self.text.bytes().enumerate() {
            match octet {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' if !angle => quoted = !quoted,
                b'<' if !quoted => angle = true,
                b'>' if !quoted => angle = false,
                _ if octet == separator && !quoted && !angle => {
                    pieces.push(self.to(place).from(start));
                    start = place + 1;
                }
                _ => {}
            }
        }
        pieces.push(self.from(start));
        pieces
    }
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
        let split = |text| Piece::new(text, 0).split_outside(b',').into_iter().map(|p| p.text).collect::<Vec<_>>();
        assert_eq!(split(r#""a,\",b" <sip:x,y@z>,c"#), [r#""a,\",b" <sip:x,y@z>"#, "c"]);
        assert_eq!(split(""), [""]);
        assert_eq!(Piece::new("a,b", 5).split_outside(b',')[1], Piece::new("b", 7));
    }
}
