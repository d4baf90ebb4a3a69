//! Where the documents of a user are (RFC 4825 section 6), how one is asked for, and which one a selector names
//! (RFC 5874 section 3.3).

use super::{MEDIA_TYPE, Wanted};
use crate::config::PreferencesAccess;
use bytes::Bytes;
use std::fmt::Write as _;

/// One of the documents about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// The user's own.
    Index,
    /// The provider's.
    Provider,
}

impl Document {
    /// Both.
    pub const ALL: [Document; 2] = [Document::Index, Document::Provider];

    /// Its name in the user's directory.
    pub const fn as_str(self) -> &'static str {
        match self {
            Document::Index => "index",
            Document::Provider => "provider",
        }
    }
}

/// The path of a document below the root.
pub fn path_of(auid: &str, user: &str, document: Document) -> String {
    format!("{auid}/users/{}/{}", encoded(user), document.as_str())
}

/// The request for a document.
pub(super) fn request(access: &PreferencesAccess, wanted: &Wanted) -> Bytes {
    let (root, path) = (&access.root, path_of(&access.auid, &wanted.user, wanted.document));
    let mut text = format!(
        "GET {}/{path} HTTP/1.1\r\nHost: {}\r\nAccept: {MEDIA_TYPE}\r\nX-3GPP-Intended-Identity: \"{}\"\r\n",
        root.path,
        root.address,
        quotable(&wanted.user),
    );
    if let Some(etag) = &wanted.etag {
        // Writing to a String cannot fail.
        let _ = write!(text, "If-None-Match: {etag}\r\n");
    }
    text.push_str("\r\n");
    Bytes::from(text)
}

/// The user and the document that a selector names, for this application usage: the path below the root, or the whole URI.
pub fn named(auid: &str, selector: &str) -> Option<(String, Document)> {
    let (_, rest) =
        format!("/{selector}").split_once(&format!("/{auid}/users/")).map(|(a, b)| (a.len(), b.to_owned()))?;
    let (user, document) = rest.split_once('/')?;
    let document = Document::ALL.into_iter().find(|one| one.as_str() == document)?;
    Some((decoded(user)?, document))
}

/// RFC 3986 section 2.1: all but the unreserved.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, octet| {
        match octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            true => encoded.push(char::from(octet)),
            // Writing to a String cannot fail.
            false => drop(write!(encoded, "%{octet:02X}")),
        }
        encoded
    })
}

fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(rest.next()?)? * 16 + digit(rest.next()?)?
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).ok()
}

/// Nothing that would end the quotes, or the line.
fn quotable(user: &str) -> String {
    user.chars().filter(|letter| letter.is_ascii_graphic() && !matches!(letter, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const AUID: &str = "org.openmobilealliance.im-rules";

    #[test]
    fn a_user_is_one_segment_of_the_path() {
        let access = PreferencesAccess::at("http://127.0.0.1:8080/xcap-root".parse().unwrap());
        let user = "sip:bob/../x\r\n\"@example.com".to_owned();
        let wanted = Wanted { user, document: Document::Provider, etag: Some("\"7\"".to_owned()) };
        let request = String::from_utf8(request(&access, &wanted).to_vec()).unwrap();
        let lines: Vec<&str> = request.split("\r\n").collect();
        let path = format!("/xcap-root/{AUID}/users/sip%3Abob%2F..%2Fx%0D%0A%22%40example.com/provider");
        assert_eq!(lines[0], format!("GET {path} HTTP/1.1"));
        assert_eq!(
            lines[1..],
            [
                "Host: 127.0.0.1:8080",
                "Accept: application/auth-policy+xml",
                "X-3GPP-Intended-Identity: \"sip:bob/../x@example.com\"",
                "If-None-Match: \"7\"",
                "",
                "",
            ]
        );
    }

    #[test]
    fn a_selector_names_a_user_and_a_document() {
        let bob = |document| Some(("sip:bob@example.com".to_owned(), document));
        for selector in [
            format!("{AUID}/users/sip:bob@example.com/index"),
            format!("/{AUID}/users/sip%3abob%40example.com/index"),
            format!("http://127.0.0.1/xcap-root/{AUID}/users/sip:bob%40example.com/index"),
        ] {
            assert_eq!(named(AUID, &selector), bob(Document::Index), "{selector}");
        }
        assert_eq!(named(AUID, &format!("{AUID}/users/sip:bob@example.com/provider")), bob(Document::Provider));
        for other in ["users/x/index", "x-rules/users/sip:b@e/index", ""] {
            assert_eq!(named(AUID, other), None);
        }
        assert_eq!(named(AUID, &format!("{AUID}/users/sip%3/index")), None);
        assert_eq!(named(AUID, &format!("{AUID}/users/sip:b@e/other")), None);
    }
}
