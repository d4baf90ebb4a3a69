//! URIs: sip and sips (RFC 3261 section 19.1), tel (RFC 3966), urn (RFC 8141) and any other (RFC 3986).

use super::grammar::{ALPHANUMERIC, MARKS, Octets, normal};
use super::sip_uri::SipUri;
use super::tel_uri::TelUri;
use crate::search::cut;

/// A URI that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a URI: {0}")]
pub struct UriError(pub String);

/// A URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uri<'a> {
    /// sip or sips.
    Sip(SipUri<'a>),
    /// tel.
    Tel(TelUri<'a>),
    /// urn, with what follows the scheme.
    Urn(&'a str),
    /// Any other scheme.
    Other {
        /// The scheme.
        scheme: &'a str,
        /// What follows it.
        rest: &'a str,
    },
}

/// `reserved`, `unreserved` and the marks that other schemes use besides.
static ANY: Octets = Octets::of(&[ALPHANUMERIC, MARKS, b";/?:@&=+$,#[]"]);

impl<'a> Uri<'a> {
    /// Reads a URI.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<Uri<'a>, UriError> {
        Uri::read(text).ok_or_else(|| UriError(text.to_owned()))
    }

    fn read(text: &'a str) -> Option<Uri<'a>> {
        let colon = scheme_end(text)?;
        let (scheme, rest) = (text.get(..colon)?, text.get(colon + 1..)?);
        let is = |own: &str| scheme.eq_ignore_ascii_case(own);
        if is("sip") || is("sips") {
            SipUri::read(scheme.len() == 4, rest).map(Uri::Sip)
        } else if is("tel") {
            TelUri::read(rest).map(Uri::Tel)
        } else if rest.is_empty() || ANY.run_escaped(rest.as_bytes(), 0) < rest.len() {
            None
        } else if is("urn") {
            cut(rest, b':').filter(|(space, name)| !space.is_empty() && !name.is_empty()).map(|_| Uri::Urn(rest))
        } else {
            Some(Uri::Other { scheme, rest })
        }
    }

    /// Equality of URIs (RFC 3261 section 19.1.4, RFC 3966 section 5, RFC 8141 section 3).
    pub fn equals(&self, other: &Uri<'_>) -> bool {
        match (self, other) {
            (Uri::Sip(a), Uri::Sip(b)) => a.equals(b),
            (Uri::Tel(a), Uri::Tel(b)) => a.equals(b),
            (Uri::Urn(a), Uri::Urn(b)) => urn_key(a) == urn_key(b),
            (Uri::Other { scheme: a, rest: x }, Uri::Other { scheme: b, rest: y }) => {
                a.eq_ignore_ascii_case(b) && normal(x) == normal(y)
            }
            _ => false,
        }
    }
}

/// Where the colon stands after a scheme: a letter, then letters, digits and three marks.
pub(super) fn scheme_end(text: &str) -> Option<usize> {
    static SCHEME: Octets = Octets::of(&[ALPHANUMERIC, b"+-."]);
    let octets = text.as_bytes();
    let end = SCHEME.run(octets, 0);
    let good = octets.first().is_some_and(u8::is_ascii_alphabetic) && octets.get(end) == Some(&b':');
    good.then_some(end)
}

/// A URN in the form in which it is compared. The namespace has no case, the name in it has one, but for UUIDs (RFC 4122
/// section 3) and services (RFC 5031 section 4.2).
fn urn_key(rest: &str) -> String {
    let (space, name) = cut(rest, b':').unwrap_or((rest, ""));
    let (space, name) = (space.to_ascii_lowercase(), normal(name));
    let caseless = matches!(space.as_str(), "uuid" | "service");
    let name = if caseless { name.to_ascii_lowercase() } else { name.into_owned() };
    format!("{space}:{name}")
}

/// The canonical form of a public identity, for maps: scheme, user and host; host and scheme in lower case, needless
/// escapes resolved, visual separators of numbers left out, no port and no parameters. sip and sips are one.
pub fn identity_key(uri: &str) -> String {
    match Uri::parse(uri) {
        Ok(Uri::Sip(SipUri { user: Some(user), host, .. })) => {
            format!("sip:{}@{}", normal(user), host.to_ascii_lowercase())
        }
        Ok(Uri::Sip(SipUri { host, .. })) => format!("sip:{}", host.to_ascii_lowercase()),
        Ok(Uri::Tel(tel)) => format!("tel:{}", tel.digits()),
        Ok(Uri::Urn(rest)) => format!("urn:{}", urn_key(rest)),
        Ok(Uri::Other { scheme, rest }) => format!("{}:{}", scheme.to_ascii_lowercase(), normal(rest)),
        Err(_) => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        Uri::parse(a).unwrap().equals(&Uri::parse(b).unwrap())
    }

    #[test]
    fn urns_and_others_are_told_apart() {
        assert!(matches!(Uri::parse("urn:service:sos"), Ok(Uri::Urn("service:sos"))));
        assert!(same("urn:UUID:F81D4FAE-7dec", "urn:uuid:f81d4fae-7DEC"));
        assert!(!same("urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.MSG"));
        assert!(same("URN:urn-7:a%2db", "urn:URN-7:a-b"));
        assert!(matches!(Uri::parse("soap.beep://192.0.2.103:3002"), Ok(Uri::Other { scheme: "soap.beep", .. })));
        assert!(same("HTTP://a/%7eb", "http://a/~b") && !same("http://a", "https://a"));
        assert!(!same("sip:a@b", "sips:a@b") && !same("sip:+1@b", "tel:+1"));
    }

    #[test]
    fn what_is_no_uri() {
        for bad in
            ["", "nocolon", "1sip:a@b", ":a", "http:", "http:a b", "http:a%2", "urn:x", "urn:x:", "http:é", "http:<a>"]
        {
            assert!(Uri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn identities_have_one_key_each() {
        assert_eq!(identity_key("sip:Bob@Home1.EXAMPLE:5060;user=phone"), "sip:Bob@home1.example");
        assert_eq!(identity_key("sips:%42ob@home1.example"), "sip:Bob@home1.example");
        assert_eq!(identity_key("SIP:home1.example?x=y"), "sip:home1.example");
        assert_eq!(identity_key("tel:+1-201-555;isub=1"), "tel:+1201555");
        assert_ne!(identity_key("sip:bob@home1.example"), identity_key("sip:Bob@home1.example"));
        assert_ne!(identity_key("sip:a%3Bb@h"), identity_key("sip:a;b@h"));
        assert_eq!(identity_key("not a uri"), "not a uri");
    }
}
