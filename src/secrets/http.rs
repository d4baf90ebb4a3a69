//! Credentials in the headers of HTTP (RFC 9110 section 11, RFC 6265) and of SIP: what follows the name, and the scheme where
//! it is one that is known.

use bytes::Bytes;
use memchr::memmem;

use super::blotted;

/// The headers that hold secrets, in lower case.
const SECRET: [&[u8]; 6] =
    [b"authorization", b"proxy-authorization", b"cookie", b"set-cookie", b"x-api-key", b"x-auth-token"];
/// Ways to prove who one is.
const SCHEMES: [&[u8]; 5] = [b"basic", b"bearer", b"digest", b"negotiate", b"scram-sha-256"];
/// So much of a name is looked at.
const LONGEST_NAME: usize = 64;

/// Where in a line the next octet stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// In the name of a header.
    #[default]
    Name,
    /// Before what a header with a secret says.
    Before,
    /// In the word of a scheme, with so many octets to come.
    Scheme(usize),
    /// In what a header with a secret says.
    Secret,
    /// In what another header says.
    Open,
}

/// The lines of HTTP, as far as secrets may stand in them. Of content, too: nobody begins a line of that so by chance.
#[derive(Debug, Default)]
pub struct Headers {
    name: Vec<u8>,
    place: Place,
    /// Whether the line before this one had a secret, so that it may go on (RFC 9112 section 5.2).
    went_before: bool,
}

impl Headers {
    /// Takes the next octets, and gives where among them secrets stand.
    pub fn came(&mut self, octets: &[u8]) -> Vec<usize> {
        let mut secret = Vec::new();
        for (at, octet) in octets.iter().enumerate() {
            if self.place == Place::Before && !octet.is_ascii_whitespace() {
                self.place = scheme(octets.get(at..).unwrap_or_default()).map_or(Place::Secret, Place::Scheme);
            }
            if self.takes(*octet) {
                secret.push(at);
            }
        }
        secret
    }

    fn takes(&mut self, octet: u8) -> bool {
        if octet == b'\n' {
            self.went_before = matches!(self.place, Place::Secret | Place::Before | Place::Scheme(_));
            (self.place, self.name) = (Place::Name, Vec::new());
            return false;
        }
        match self.place {
            Place::Name if octet == b':' => {
                let secret = SECRET.iter().any(|name| self.name.eq_ignore_ascii_case(name));
                self.place = if secret { Place::Before } else { Place::Open };
            }
            Place::Name if self.name.is_empty() && self.went_before && matches!(octet, b' ' | b'\t') => {
                self.place = Place::Secret;
            }
            Place::Name if self.name.len() < LONGEST_NAME => self.name.push(octet),
            Place::Scheme(1) => self.place = Place::Secret,
            Place::Scheme(more) => self.place = Place::Scheme(more - 1),
            Place::Secret => return !octet.is_ascii_whitespace(),
            Place::Name | Place::Before | Place::Open => {}
        }
        false
    }
}

/// How long the word of a scheme is with which a value begins, if it is one that is known.
fn scheme(value: &[u8]) -> Option<usize> {
    let end = value.iter().position(|octet| *octet == b' ')?;
    let word = value.get(..end)?;
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme)).then_some(end)
}

/// A SIP message without credentials that are no digest: those of Basic, which RFC 3261 forbids, and of Bearer (RFC 8898).
#[must_use]
pub fn of_sip(octets: Bytes) -> Bytes {
    let bare = |line: &[u8]| {
        let value = line.splitn(2, |octet| *octet == b':').nth(1).unwrap_or_default().trim_ascii_start();
        [b"basic ".as_slice(), b"bearer "]
            .iter()
            .any(|scheme| value.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme)))
    };
    if memmem::find(&octets, b"uthorization").is_none() {
        return octets;
    }
    let head = memmem::find(&octets, b"\r\n\r\n").map_or(octets.len(), |end| end + 2);
    let (mut secret, mut begins) = (Vec::new(), 0);
    for line in octets.get(..head).unwrap_or_default().split_inclusive(|octet| *octet == b'\n') {
        if bare(line) {
            secret.extend(Headers::default().came(line).into_iter().map(|at| begins + at));
        }
        begins += line.len();
    }
    blotted(octets, &secret)
}

#[cfg(test)]
mod tests {
    use super::super::Blotter;
    use super::*;
    use pretty_assertions::assert_eq;

    fn shown(pieces: &[&str]) -> String {
        let mut blotter = Blotter::http();
        let pieces = pieces.iter().map(|piece| blotter.came(Bytes::copy_from_slice(piece.as_bytes())));
        pieces.map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect()
    }

    #[test]
    fn credentials_of_http_are_blotted_out() {
        let table = [
            (
                "GET / HTTP/1.1\r\nauthorization: Basic Ym9iOmI=\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nauthorization: Basic xxxxxxxx\r\nHost: a\r\n\r\n",
            ),
            ("Authorization: secret\r\n", "Authorization: xxxxxx\r\n"),
            ("Authorization:Bearer a.b\r\n c\r\nHost: a b\r\n", "Authorization:Bearer xxx\r\n x\r\nHost: a b\r\n"),
            (
                "Proxy-Authorization: Digest username=\"bob\", a=b\r\n",
                "Proxy-Authorization: Digest xxxxxxxxxxxxxxx xxx\r\n",
            ),
            ("Cookie: a=b\r\n\r\nCookies: a=b", "Cookie: xxx\r\n\r\nCookies: a=b"),
            // A second request on the same connection.
            (
                "PUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\n<x/>PUT / HTTP/1.1\r\nAuthorization: Basic YTpi\r\n\r\n",
                "PUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\n<x/>PUT / HTTP/1.1\r\nAuthorization: Basic xxxx\r\n\r\n",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(shown(&[text]), expected);
            for cut in 0..text.len() {
                let (head, tail) = text.split_at(cut);
                let cut_shown = shown(&[head, tail]);
                assert_eq!(cut_shown.len(), expected.len());
                // Of a scheme that is cut, more is blotted out.
                for secret in ["Ym9", "secret", "a.b", "YTpi", "bob"] {
                    assert!(!cut_shown.contains(secret), "{cut}: {cut_shown}");
                }
            }
        }
    }

    #[test]
    fn credentials_of_sip_are_blotted_out_unless_they_are_a_digest() {
        let sip = |value: &str| {
            format!(
                "REGISTER sip:a SIP/2.0\r\nAuthorization: {value}\r\nContent-Length: 24\r\n\r\nAuthorization: Basic abc"
            )
        };
        let told = |value: &str| String::from_utf8(of_sip(Bytes::from(sip(value))).to_vec()).unwrap();
        assert_eq!(told("Basic Ym9iOmI="), sip("Basic xxxxxxxx"));
        assert_eq!(told("bearer abc.def"), sip("bearer xxxxxxx"));
        assert_eq!(told("Digest username=\"bob\", response=\"1\""), sip("Digest username=\"bob\", response=\"1\""));
    }
}
