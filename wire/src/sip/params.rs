//! Parameters: `;name=value;flag;quoted="va;lue"` (RFC 3261 section 25.1).

use super::grammar::{self, ALPHANUMERIC, Octets, after_quoted, normal, trim, trim_start, unquote};
use crate::search::{Search, find};
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
        let next = if text.is_empty() { None } else { Some(0) };
        Pieces { text: text.strip_prefix(';').unwrap_or(text), stops: Search::new(), next }
    }

    /// The raw value of a parameter: None when it is missing, Some(None) when it has no value.
    #[inline(always)]
    pub fn raw(&self, name: &str) -> Option<Option<&'a str>> {
        match self.leading(name) {
            Some(value) => Some(Some(value)),
            None => self.any(name),
        }
    }

    /// As [`Params::raw`], wherever the parameter stands and however it is written.
    #[inline(never)]
    fn any(&self, name: &str) -> Option<Option<&'a str>> {
        let same = |own: &str| {
            own == name
                || own.eq_ignore_ascii_case(name)
                || (own.len() > name.len() && normal(own).eq_ignore_ascii_case(name))
        };
        self.pieces().find(|piece| same(piece.name())).map(|piece| piece.value())
    }

    /// The raw value of the first parameter, where that has this name and is written without white space and escapes, and the
    /// value with quotes around it or with none: a tag, a branch and an ICID mostly come first.
    #[inline(always)]
    fn leading(&self, name: &str) -> Option<&'a str> {
        let first = self.0.strip_prefix(';').unwrap_or(self.0);
        let value = first.strip_prefix(name)?.strip_prefix('=')?;
        let octets = value.as_bytes();
        let end = match octets {
            [b'"', ..] => after_quoted(octets, 1)?,
            _ => find([b';', b'"'], octets).unwrap_or(octets.len()),
        };
        let (value, after) = value.split_at_checked(end)?;
        (after.is_empty() || after.starts_with(';')).then(|| trim(value))
    }

    /// The value of a parameter, quotes removed: None when it is missing, Some(None) when it has no value.
    pub fn get(&self, name: &str) -> Option<Option<Cow<'a, str>>> {
        self.raw(name).map(|value| value.map(unquote))
    }

    /// The value of a parameter that is a token.
    #[inline]
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

/// What is left of the parameters.
struct Pieces<'a> {
    /// Without the first semicolon.
    text: &'a str,
    stops: Search,
    /// Where the next one begins; None after the last.
    next: Option<usize>,
}

impl Pieces<'_> {
    /// Where the parameter that begins at `start` has its first equals sign, and its end: the first semicolon outside
    /// quotes.
    #[inline]
    fn stop(&mut self, start: usize) -> (Option<usize>, Option<usize>) {
        let (octets, mut equals, mut from) = (self.text.as_bytes(), None, start);
        while let Some(at) = self.stops.next([b';', b'=', b'"'], octets) {
            match octets.get(at) {
                Some(b'=') if at >= start => equals = equals.or(Some(at - start)),
                Some(b'"') if at >= from => from = after_quoted(octets, at + 1).unwrap_or(usize::MAX),
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
        let start = self.next?;
        let (equals, end) = self.stop(start);
        self.next = end.map(|end| end + 1);
        Some(Piece { text: self.text.get(start..end.unwrap_or(self.text.len()))?, equals })
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
