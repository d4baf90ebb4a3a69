//! Parameters: `;name=value;flag;quoted="va;lue"` (RFC 3261 section 25.1).

use super::grammar::{self, ALPHANUMERIC, Octets, normal, trim, trim_start, unquote};
use super::lists::semicolon;
use super::search::cut;
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
        self.pieces().filter(|piece| !piece.is_empty()).map(split)
    }

    fn pieces(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut rest = trim_start(self.0);
        std::iter::from_fn(move || {
            let text = rest.strip_prefix(';').or_else(|| Some(rest).filter(|rest| !rest.is_empty()))?;
            let end = semicolon(text.as_bytes()).unwrap_or(text.len());
            let (piece, more) = text.split_at_checked(end)?;
            rest = more;
            Some(trim(piece))
        })
    }

    /// The raw value of a parameter: None when it is missing, Some(None) when it has no value.
    pub fn raw(&self, name: &str) -> Option<Option<&'a str>> {
        let same = |own: &str| {
            own.eq_ignore_ascii_case(name) || (own.len() > name.len() && normal(own).eq_ignore_ascii_case(name))
        };
        self.iter().find(|(own, _)| same(own)).map(|(_, value)| value)
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
        let good = |piece: &str| match split(piece) {
            (name, None) => grammar::token(name),
            (name, Some(value)) => {
                grammar::token(name) && ((!value.is_empty() && VALUE.all(value)) || grammar::quoted(value))
            }
        };
        self.pieces().find(|piece| !good(piece))
    }
}

/// Splits a parameter at the first equals sign outside quotes.
fn split(piece: &str) -> (&str, Option<&str>) {
    match cut(piece, b'=') {
        Some((name, value)) => (grammar::trim_end(name), Some(trim_start(value))),
        None => (piece, None),
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
