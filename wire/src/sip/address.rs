//! Addresses as in From, To, Contact, Route and their kin (RFC 3261 sections 20 and 20.10).

use super::grammar::{ALPHANUMERIC, Octets, after_quoted, trim, trim_end, trim_start, unquote};
use super::headers::HeaderError;
use super::params::Params;
use super::uri::scheme_end;
use crate::search::uri_end;
use std::borrow::Cow;

/// An address: `"name" <uri>;parameters` or `uri;parameters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// The display name as written, quotes included.
    pub display: Option<&'a str>,
    /// The URI.
    pub uri: &'a str,
    /// The parameters of the field, not those of the URI.
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads one address.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<NameAddr<'a>, HeaderError> {
        NameAddr::read(text).ok_or_else(|| HeaderError::Address(text.to_owned()))
    }

    fn read(text: &'a str) -> Option<NameAddr<'a>> {
        let text = trim(text);
        let octets = text.as_bytes();
        let (display, bracketed) = match octets.first()? {
            b'<' => (None, text),
            b'"' => {
                let (display, rest) = text.split_at_checked(after_quoted(octets, 1)?)?;
                (Some(display), trim_start(rest))
            }
            _ => {
                let end = octets.iter().position(|octet| !WORDS.has(*octet) && octet.is_ascii())?;
                if octets.get(end) != Some(&b'<') {
                    return NameAddr::without_brackets(text);
                }
                let (display, rest) = text.split_at_checked(end)?;
                (Some(trim_end(display)), rest)
            }
        };
        let inside = bracketed.strip_prefix('<')?;
        let (uri, rest) = inside.split_at_checked(uri_end(inside.as_bytes())?)?;
        let params = trim_start(rest.strip_prefix('>')?);
        let good = has_scheme(uri) && (params.is_empty() || params.starts_with(';'));
        good.then_some(NameAddr { display, uri, params: Params::new(params) })
    }

    /// Without brackets all parameters are the field's, and a URI with a comma, a question mark or a semicolon cannot be
    /// written so (RFC 3261 section 20).
    fn without_brackets(text: &'a str) -> Option<NameAddr<'a>> {
        let (uri, params) = text.split_at_checked(BARE_URI.run(text.as_bytes(), 0))?;
        let params = trim_start(params);
        let good = has_scheme(uri) && (params.is_empty() || params.starts_with(';'));
        good.then_some(NameAddr { display: None, uri, params: Params::new(params) })
    }

    /// The display name without quotes and escapes.
    pub fn display_name(&self) -> Option<Cow<'a, str>> {
        self.display.map(unquote)
    }

    /// The tag.
    #[inline]
    pub fn tag(&self) -> Option<&'a str> {
        self.params.token("tag")
    }

    /// A parameter of the field: None when it is missing, Some(None) when it has no value.
    pub fn param(&self, name: &str) -> Option<Option<Cow<'a, str>>> {
        self.params.get(name)
    }
}

/// What may stand in a URI without brackets.
static BARE_URI: Octets = Octets::of(&[ALPHANUMERIC, b"!#$%&'()*+-./:=@[\\]^_`{|}~"]);
/// Tokens and white space: a display name without quotes. Letters beyond ASCII are to be quoted; without quotes they
/// are seen in the field and harm nothing.
static WORDS: Octets = Octets::of(&[ALPHANUMERIC, b"-.!%*_+`'~ \t\r\n"]);

/// A scheme, a colon, and more.
#[inline]
fn has_scheme(uri: &str) -> bool {
    // The scheme of nearly all.
    if let Some(after) = uri.strip_prefix("sip:") {
        return !after.is_empty();
    }
    scheme_end(uri).is_some_and(|colon| colon + 1 < uri.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_uris_and_parameters() {
        let address = NameAddr::parse("\"A. G. \\\"Bell\\\" <x>\"<sip:agb@bell.example;lr>\r\n ; tag = a48s").unwrap();
        assert_eq!(address.display_name().unwrap(), "A. G. \"Bell\" <x>");
        assert_eq!((address.uri, address.tag()), ("sip:agb@bell.example;lr", Some("a48s")));
        let address = NameAddr::parse("caller<sip:caller@example.com>;x=\"a>b\"").unwrap();
        assert_eq!((address.display, address.param("X").unwrap().unwrap().as_ref()), (Some("caller"), "a>b"));
        let address = NameAddr::parse("sip:+12125551212@server.example.com;tag=887s").unwrap();
        assert_eq!((address.uri, address.tag()), ("sip:+12125551212@server.example.com", Some("887s")));
        assert_eq!(NameAddr::parse("<tel:+1-201-555-0123>").unwrap().display, None);
    }

    #[test]
    fn what_is_no_address() {
        for bad in [
            "",
            "<>",
            "sip:",
            "nobody",
            "\"open <sip:a@b>",
            "Bell, Alexander <sip:a@b>",
            "\"two\" \"names\" <sip:a@b>",
            "\"Watson\" < sip:a@b >",
            "<sip:a@b",
            "<sip:a@b> x",
            "sip:a@b?Route=%3Csip:c%3E",
            "sip:a,b@c",
            "<sip:a@\u{1}b>",
        ] {
            assert!(NameAddr::parse(bad).is_err(), "{bad}");
        }
    }
}
