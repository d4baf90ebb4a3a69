//! Parameters: `;name=value;flag;quoted="va;lue"` (RFC 3261 section 25.1).

use super::lists::{outside, split_once};
use std::borrow::Cow;

/// The parameters after a value. Names are compared without case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// The parameters in `text`, which begins with the first semicolon or is empty.
    pub(super) const fn new(text: &'a str) -> Params<'a> {
        Params(text)
    }

    /// As they stand on the wire.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// Name and raw value of each, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            loop {
                let text = rest.trim_ascii_start().strip_prefix(';')?;
                let end = outside(text, b';').unwrap_or(text.len());
                let (one, more) = text.split_at_checked(end)?;
                rest = more;
                let one = one.trim_ascii();
                if one.is_empty() {
                    continue;
                }
                return Some(match split_once(one, b'=') {
                    Some((name, value)) => (name.trim_ascii(), Some(value.trim_ascii())),
                    None => (one, None),
                });
            }
        })
    }

    /// The raw value of a parameter: None when it is missing, Some(None) when it has no value.
    pub fn raw(&self, name: &str) -> Option<Option<&'a str>> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
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
}

/// A quoted string without its quotes and escapes; anything else as it is.
pub(super) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            out.extend(letters.next());
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
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
    }
}
