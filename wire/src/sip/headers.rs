//! What the values of common header fields mean, read on demand from their text.

use super::grammar::{TOKEN, token, trim, trim_start};
use super::lists::semicolon;
use super::method::Method;
use super::name::Name;
use super::params::Params;
use crate::search::{cut, find};
use std::borrow::Cow;

/// A header field that is missing, or whose value is not what its grammar allows. [`super::Message::span_of`] tells
/// where a value stands that was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The field is not there.
    #[error("{0} is missing")]
    Missing(Name),
    /// A Via is not `SIP/2.0/TRANSPORT host[:port];parameters`.
    #[error("not a Via: {0}")]
    Via(String),
    /// An address is not `"name" <uri>;parameters` or `uri;parameters`.
    #[error("not an address: {0}")]
    Address(String),
    /// CSeq is not `number METHOD`.
    #[error("not a CSeq: {0}")]
    CSeq(String),
    /// A value that is to be a number is none, or too large.
    #[error("{0} is not a number in its range: {1}")]
    Number(Name, String),
    /// A media type is not `type/subtype;parameters`.
    #[error("not a media type: {0}")]
    MediaType(String),
}

/// A number in the range of its type.
pub(super) fn number<T: std::str::FromStr>(name: &Name, value: &str) -> Result<T, HeaderError> {
    unsigned(value).ok_or_else(|| HeaderError::Number(name.clone(), value.to_owned()))
}

/// Digits alone, in the range of its type, which has no sign: the standard library would take a plus before them.
pub(super) fn unsigned<T: std::str::FromStr>(digits: &str) -> Option<T> {
    if digits.starts_with('+') { None } else { digits.parse().ok() }
}

/// Seconds, before any parameter or comment; None for anything that is no number.
pub(super) fn delta_seconds(value: &str) -> Option<u32> {
    let end = find([b';', b'('], value.as_bytes()).unwrap_or(value.len());
    unsigned(trim(value.get(..end)?))
}

/// CSeq (RFC 3261 section 20.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The number, below 2^31.
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// Reads a CSeq.
    ///
    /// # Errors
    /// When it is none, or its number is 2^31 or more (RFC 3261 section 8.1.1.5).
    pub fn parse(text: &str) -> Result<CSeq, HeaderError> {
        CSeq::read(text).ok_or_else(|| HeaderError::CSeq(text.to_owned()))
    }

    fn read(text: &str) -> Option<CSeq> {
        let (number, rest) = text.split_at_checked(text.bytes().take_while(u8::is_ascii_digit).count())?;
        let method = trim_start(rest);
        let number: u32 = number.parse().ok()?;
        let (known, spaced) = (Method::from(method), method.len() < rest.len());
        let good = spaced && number < 1 << 31 && (!matches!(known, Method::Other(_)) || token(method));
        good.then_some(CSeq { number, method: known })
    }
}

/// A value with parameters: Event, Subscription-State, Reason, Content-Disposition, Accept-Contact, Session-Expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokenized<'a> {
    /// The value.
    pub value: &'a str,
    /// Its parameters.
    pub params: Params<'a>,
}

impl<'a> Tokenized<'a> {
    /// Reads `value;parameters`.
    pub fn parse(text: &'a str) -> Tokenized<'a> {
        let end = semicolon(text.as_bytes()).unwrap_or(text.len());
        let (value, params) = text.split_at_checked(end).unwrap_or((text, ""));
        Tokenized { value: trim(value), params: Params::new(params) }
    }
}

/// A media type (RFC 3261 section 20.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaType<'a> {
    /// `type/subtype` as written.
    pub full: &'a str,
    /// The parameters.
    pub params: Params<'a>,
}

/// `type/subtype` without white space, as nearly all write it.
fn is_media_type(value: &[u8]) -> bool {
    let slash = TOKEN.run(value, 0);
    let end = TOKEN.run(value, slash + 1);
    slash > 0 && value.get(slash) == Some(&b'/') && end > slash + 1 && end == value.len()
}

impl<'a> MediaType<'a> {
    /// Reads a media type.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<MediaType<'a>, HeaderError> {
        let Tokenized { value, params } = Tokenized::parse(text);
        if is_media_type(value.as_bytes()) {
            return Ok(MediaType { full: value, params });
        }
        match cut(value, b'/') {
            Some((kind, subtype)) if token(trim(kind)) && token(trim(subtype)) => Ok(MediaType { full: value, params }),
            _ => Err(HeaderError::MediaType(text.to_owned())),
        }
    }

    /// `type/subtype` in lower case, white space left out.
    pub fn essence(&self) -> String {
        let letters = self.full.chars().filter(|letter| !letter.is_ascii_whitespace());
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<Cow<'a, str>> {
        self.params.get(name).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cseq_is_a_number_below_two_to_the_31_and_a_method() {
        assert_eq!(CSeq::parse("0009\r\n  INVITE").unwrap(), CSeq { number: 9, method: Method::Invite });
        assert_eq!(CSeq::parse("2147483647 NEW~1").unwrap().method, Method::Other("NEW~1".into()));
        for bad in [
            "",
            "1",
            "1INVITE",
            "INVITE 1",
            "2147483648 ACK",
            "-1 ACK",
            "+1 ACK",
            "1 ACK x",
            "36893488147419103232 ACK",
        ] {
            assert!(CSeq::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_have_no_sign_and_a_range() {
        assert_eq!(number::<u8>(&Name::MaxForwards, "070"), Ok(70));
        for bad in ["", "+1", "-1", "256", "1 ", "0x1"] {
            assert!(number::<u8>(&Name::MaxForwards, bad).is_err(), "{bad}");
        }
        assert_eq!(delta_seconds("18000 (I'm in a meeting)"), Some(18000));
        assert_eq!(delta_seconds("1800;refresher=uac"), Some(1800));
        assert_eq!((delta_seconds("4294967296"), delta_seconds("soon"), delta_seconds("")), (None, None, None));
    }

    #[test]
    fn media_types_with_their_parameters() {
        let kind = MediaType::parse("Multipart / MIXED ;Boundary=\"a;b\";charset=utf-8").unwrap();
        assert_eq!((kind.essence().as_str(), kind.param("boundary").unwrap().as_ref()), ("multipart/mixed", "a;b"));
        for bad in ["", "text", "text/", "/plain", "te xt/plain"] {
            assert!(MediaType::parse(bad).is_err(), "{bad}");
        }
        let state = Tokenized::parse("terminated ;reason=noresource");
        assert_eq!((state.value, state.params.token("reason")), ("terminated", Some("noresource")));
    }
}
