//! Parameters: `;name=value;flag;quoted="va;lue"` (RFC 3261 section 25.1).

use super::grammar::{self, ALPHANUMERIC, Octets, after_quoted, normal, trim, trim_start, unquote};
use crate::search::{Places, find};
use std::borrow::Cow;

/// The parameters after a value. Names are compared without case, and without regard to how they are escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a>(&'a str);

/// What may stand in a value without quotes: a token, a host or an IPv6 address.
static VALUE: Octets = Octets::of(&[ALPHANUMERIC, b"-.!%*_+`'~[]:"]);

impl<'a> Params<'a> {
    /// The parameters in `text`, which begins with the first semicolon or is empty.
    pub(super) const fn new(text: &'a str) -> Params<'a> {
        Params(text)
    }

    /// As they stand on the wire.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// Name and raw value of each, in order; empty ones are left out.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        self.pieces().filter(|piece| !piece.trimmed().is_empty()).map(|piece| (piece.name(), piece.value()))
    }

    fn pieces(&self) -> Pieces<'a> {
        let text = trim_start(self.0);
        let text = text.strip_prefix(';').or_else(|| Some(text).filter(|text| !text.is_empty()));
        Pieces { rest: text, stops: Places::of([b';', b'=', b'"'], text.unwrap_or_default().as_bytes()), at: 0 }
    }

    /// The raw value of a parameter: None when it is missing, Some(None) when it has no value.
    pub fn raw(&self, name: &str) -> Option<Option<&'a str>> {
        if let Some(value) = self.leading(name) {
            return Some(value);
        }
        let same = |own: &str| {
            own == name
                || own.eq_ignore_ascii_case(name)
                || (own.len() > name.len() && normal(own).eq_ignore_ascii_case(name))
        };
        self.pieces().find(|piece| same(piece.name())).map(|piece| piece.value())
    }

    /// The raw value of the first parameter, where that has this name and is written without white space, escapes and quotes:
    /// a tag and a branch mostly come first.
    fn leading(&self, name: &str) -> Option<Option<&'a str>> {
        let rest = self.0.strip_prefix(';')?.strip_prefix(name)?;
        match rest.as_bytes() {
            [] | [b';', ..] => return Some(None),
            [b'=', ..] => {}
            _ => return None,
        }
        let end = match find([b';', b'"'], rest.as_bytes()) {
            None => rest.len(),
            Some(end) if rest.as_bytes().get(end) == Some(&b';') => end,
            Some(_) => return None,
        };
        rest.get(1..end).map(|value| Some(trim(value)))
    }

    /// The value of a parameter, quotes removed: None when it is missing, Some(None) when it has no value.
    pub fn get(&self, name: &str) -> Option<Option<Cow<'a, str>>> {
        self.raw(name).map(|value| value.map(unquote))
    }

    /// The value of a parameter that is a token.
    pub fn token(&self, name: &str) -> Option<&'a str> {
        self.raw(name).flatten()
    }

    /// True when the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The first parameter that is not `name`, `name=token`, `name=host` or `name="quoted"`, as it stands on the wire.
    pub(super) fn fault(&self) -> Option<&'a str> {
        let good = |piece: &Piece<'_>| {
            let good_value = |value: &str| (!value.is_empty() && VALUE.all(value)) || grammar::quoted(value);
            grammar::token(piece.name()) && piece.value().is_none_or(good_value)
        };
        self.pieces().find(|piece| !good(piece)).map(|piece| piece.trimmed())
    }
}

/// A parameter, and where its first equals sign stands.
struct Piece<'a> {
    text: &'a str,
    equals: Option<usize>,
}

impl<'a> Piece<'a> {
    fn trimmed(&self) -> &'a str {
        trim(self.text)
    }

    fn name(&self) -> &'a str {
        trim(self.text.get(..self.equals.unwrap_or(self.text.len())).unwrap_or_default())
    }

    fn value(&self) -> Option<&'a str> {
        self.text.get(self.equals? + 1..).map(trim)
    }
}

/// What is left of the parameters: the text after a semicolon, or None after the last.
struct Pieces<'a> {
    rest: Option<&'a str>,
    stops: Places<'a, 3>,
    /// Where `rest` begins for `stops`.
    at: usize,
}

impl Pieces<'_> {
    /// Where the parameter at the beginning of `rest` has its first equals sign, and its end: the first semicolon outside
    /// quotes.
    #[inline]
    fn stop(&mut self, rest: &[u8]) -> (Option<usize>, Option<usize>) {
        let (mut equals, mut from) = (None, 0);
        for stop in &mut self.stops {
            let Some(at) = stop.checked_sub(self.at) else { continue };
            match rest.get(at) {
                Some(b'=') => equals = equals.or(Some(at)),
                Some(b'"') if at >= from => from = after_quoted(rest, at + 1).unwrap_or(usize::MAX),
                Some(b';') if at >= from => return (equals, Some(at)),
                _ => {}
            }
        }
        (equals, None)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    #[inline]
    fn next(&mut self) -> Option<Piece<'a>> {
        let text = self.rest.take()?;
        let (equals, end) = self.stop(text.as_bytes());
        let Some(end) = end else { return Some(Piece { text, equals }) };
        self.rest = text.get(end + 1..);
        self.at += end + 1;
        Some(Piece { text: text.get(..end)?, equals })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_be_quoted_and_hold_semicolons() {
        let params = Params::new(";tag=abc ; flag;X=\"a;b \\\"c\\\"\"; y = 2");
        assert_eq!(params.token("TAG"), Some("abc"));
        assert_eq!(params.get("flag"), Some(None));
        assert_eq!(params.get("x").flatten().unwrap(), "a;b \"c\"");
        assert_eq!(params.token("y"), Some("2"));
        assert_eq!(params.get("z"), None);
        assert_eq!(params.iter().count(), 4);
        assert_eq!(params.fault(), None);
    }

    #[test]
    fn the_first_bad_parameter_is_told() {
        for (text, fault) in [
            (";a=1;;b", Some("")),
            (";a=1;", Some("")),
            (";a=", Some("a=")),
            (";a=b c", Some("a=b c")),
            (";received=2001:db8::1;host=[::1]", None),
            (";a=\"open", Some("a=\"open")),
            (";a=\"x\"y", Some("a=\"x\"y")),
            ("", None),
        ] {
            assert_eq!(Params::new(text).fault(), fault, "{text}");
        }
    }
}
