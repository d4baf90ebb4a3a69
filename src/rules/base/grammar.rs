//! Recognisers of RFC 3261 section 25.1 and RFC 3966 over raw text. They share nothing with the stack: what
//! the stack would forgive is seen here.

mod dates;

use std::net::{Ipv4Addr, Ipv6Addr};

use cpm_wire::search::{cut, every, find};

use super::piece::{Piece, is_white};
pub(super) use dates::{instant, is_date_time, is_sip_date};

/// Where and why a text is not what the grammar asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub span: (usize, usize),
    pub why: &'static str,
}

/// The piece is at fault, for this reason.
pub(super) fn fault<T>(piece: Piece<'_>, why: &'static str) -> Result<T, Fault> {
    Err(Fault { span: piece.span(), why })
}

pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && TOKEN.all(text)
}

/// Octets, one bit for each.
#[derive(Clone, Copy, Debug)]
struct Octets([u64; 4]);

const TOKEN: Octets = Octets::alphanumeric_and(b"-.!%*_+`'~");
const WORD: Octets = Octets::alphanumeric_and(br#"-.!%*_+`'~()<>:\"/[]?{}"#);

impl Octets {
    /// ASCII letters, digits, and these.
    #[expect(clippy::indexing_slicing, reason = "a constant is made when this is compiled")]
    const fn alphanumeric_and(marks: &[u8]) -> Octets {
        let mut bits = [0; 4];
        let mut octet = 0_u8;
        while octet < 128 {
            bits[(octet >> 6) as usize] |= (octet.is_ascii_alphanumeric() as u64) << (octet & 63);
            octet += 1;
        }
        let mut place = 0;
        while place < marks.len() {
            bits[(marks[place] >> 6) as usize] |= 1 << (marks[place] & 63);
            place += 1;
        }
        Octets(bits)
    }

    fn has(self, octet: u8) -> bool {
        self.0.get(usize::from(octet >> 6)).is_some_and(|bits| bits >> (octet & 63) & 1 == 1)
    }

    /// All of a text. Mostly it is such as all of these grammars let stand, of which sixteen octets are looked at together.
    fn all(self, text: &str) -> bool {
        every(text.as_bytes(), is_plain) || text.bytes().all(|octet| self.has(octet))
    }
}

/// Letters, digits and three marks, which stand in every token, in every word and everywhere in a URI.
#[inline]
pub(super) fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() | (octet == b'-') | (octet == b'.') | (octet == b'_')
}

/// `word`, of which a Call-ID is made.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && WORD.all(text)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().fold(true, |all, octet| all & octet.is_ascii_digit())
}

/// `callid = word [ "@" word ]`
pub(super) fn is_call_id(text: &str) -> bool {
    match cut(text, b'@') {
        Some((left, right)) => is_word(left) && is_word(right),
        None => is_word(text),
    }
}

/// `host = hostname / IPv4address / IPv6reference`
pub(super) fn is_host(text: &str) -> bool {
    if let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inside.parse::<Ipv6Addr>().is_ok();
    }
    // What begins with a letter is no address.
    text.starts_with(|first: char| first.is_ascii_digit()) && text.parse::<Ipv4Addr>().is_ok() || is_hostname(text)
}

fn is_hostname(text: &str) -> bool {
    let octets = text.strip_suffix('.').unwrap_or(text).as_bytes();
    // What begins and ends labels is a letter or a digit, and the last label begins with a letter.
    let (mut before, mut alphabetic) = (b'.', false);
    for octet in octets.iter().copied() {
        match (before, octet) {
            (b'.' | b'-', b'.') | (b'.', b'-') => return false,
            (_, b'.' | b'-') => {}
            _ if !octet.is_ascii_alphanumeric() => return false,
            (b'.', _) => alphabetic = octet.is_ascii_alphabetic(),
            _ => {}
        }
        before = octet;
    }
    alphabetic && before.is_ascii_alphanumeric()
}

/// The length of the quoted string that the text begins with.
pub(super) fn quoted_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (place, octet) in text.bytes().enumerate() {
        match (place, octet) {
            (0, b'"') => {}
            (0, _) => return None,
            _ if escaped => {
                if matches!(octet, b'\r' | b'\n') || !octet.is_ascii() {
                    return None;
                }
                escaped = false;
            }
            (_, b'\\') => escaped = true,
            (_, b'"') => return Some(place + 1),
            _ => {}
        }
    }
    None
}

/// A parameter: its name, and its value as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameter<'a> {
    pub name: Piece<'a>,
    pub value: Option<Piece<'a>>,
}

/// `*( SEMI generic-param )`; the piece begins with the semicolon, or is empty.
pub(super) fn parameters(piece: Piece<'_>) -> Result<Vec<Parameter<'_>>, Fault> {
    let mut found = Vec::new();
    each_parameter(piece, |parameter| found.push(parameter))?;
    Ok(found)
}

/// The same, where what they are makes no difference.
pub(super) fn only_parameters(piece: Piece<'_>) -> Result<(), Fault> {
    each_parameter(piece, |_| {})
}

fn each_parameter<'a>(piece: Piece<'a>, mut take: impl FnMut(Parameter<'a>)) -> Result<(), Fault> {
    let piece = piece.trim();
    if piece.text.is_empty() {
        return Ok(());
    }
    let mut pieces = piece.split_outside(b';');
    if let Some(before) = pieces.next().filter(|before| !before.trim().text.is_empty()) {
        return fault(before, "only parameters, each after a semicolon, may stand here");
    }
    pieces.try_for_each(|piece| parameter(piece.trim()).map(&mut take))
}

/// `generic-param`, without its semicolon.
pub(super) fn parameter(piece: Piece<'_>) -> Result<Parameter<'_>, Fault> {
    let (name, value) = match piece.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (piece, None),
    };
    if piece.text.is_empty() {
        // The semicolon before it stands for it.
        return Err(Fault {
            span: (piece.at.saturating_sub(1), piece.at),
            why: "a parameter needs a token for a name",
        });
    }
    if !is_token(name.text) {
        return fault(piece, "a parameter needs a token for a name");
    }
    match value {
        Some(value) if !is_parameter_value(value.text) => {
            fault(value, "the value of a parameter is a token, a host or a quoted string")
        }
        value => Ok(Parameter { name, value }),
    }
}

fn is_parameter_value(text: &str) -> bool {
    is_token(text) || is_host(text) || quoted_string(text) == Some(text.len())
}

/// The value of a parameter by its name, which has no case.
pub(super) fn value_of<'a>(parameters: &[Parameter<'a>], name: &str) -> Option<Option<Piece<'a>>> {
    parameters.iter().find(|parameter| parameter.name.text.eq_ignore_ascii_case(name)).map(|parameter| parameter.value)
}

/// What a quoted string says, without its quotes and escapes; anything else as it is.
pub(super) fn unquoted(text: &str) -> String {
    let Some(inside) = quoted_string(text).and_then(|end| text.get(1..end.saturating_sub(1))) else {
        return text.to_owned();
    };
    let mut escaped = false;
    let meant = |letter: &char| {
        escaped = !escaped && *letter == '\\';
        !escaped
    };
    inside.chars().filter(meant).collect()
}

/// The value of From, To, Contact, Route and their like.
pub(super) fn address(piece: Piece<'_>) -> Result<(), Fault> {
    let piece = piece.trim();
    let display = match quoted_string(piece.text) {
        Some(length) => length,
        None if piece.text.starts_with('"') => return fault(piece, "the quoted display name is not closed"),
        None => 0,
    };
    let rest = piece.from(display);
    // An angle bracket behind a semicolon stands in the value of a parameter.
    let bracketed = find([b'<', b';'], rest.text.as_bytes()).filter(|place| rest.from(*place).text.starts_with('<'));
    let Some((before, after)) = bracketed.map(|place| (rest.to(place), rest.from(place + 1))) else {
        return match display {
            0 => bare_address(piece),
            _ => fault(rest, "after a display name the URI stands in angle brackets"),
        };
    };
    let tokens = before.text.split(is_white).filter(|word| !word.is_empty());
    if let Some(first) = tokens.clone().find(|word| display > 0 || !is_token(word)) {
        let place = before.text.find(first).unwrap_or_default();
        return fault(before.from(place).to(first.len()), "a display name is one quoted string, or only tokens");
    }
    let Some((inside, after)) = after.split_once('>') else {
        return fault(rest, "the angle bracket is not closed");
    };
    uri(inside)?;
    only_parameters(after)
}

/// Without angle brackets everything after the first semicolon belongs to the header (RFC 3261 section 20).
fn bare_address(piece: Piece<'_>) -> Result<(), Fault> {
    let end = find([b';'], piece.text.as_bytes()).unwrap_or(piece.text.len());
    let bare = piece.to(end).trim();
    if bare.text.contains([',', '?']) {
        return fault(bare, "a URI with a comma or a question mark stands in angle brackets");
    }
    uri(bare)?;
    only_parameters(piece.from(end))
}

/// `SIP-URI / SIPS-URI / absoluteURI`, with RFC 3966 for `tel:`.
pub(super) fn uri(piece: Piece<'_>) -> Result<(), Fault> {
    let Some((scheme, rest)) = piece.split_once(':') else {
        return fault(piece, "a URI begins with a scheme and a colon");
    };
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet);
    if !scheme.text.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.text.bytes().all(inner) {
        return fault(scheme, "this is no scheme of a URI");
    }
    let is = |known: &str| scheme.text.eq_ignore_ascii_case(known);
    match () {
        () if is("sip") || is("sips") => sip_uri(rest),
        () if is("tel") => tel_uri(rest),
        () if rest.text.is_empty() => fault(piece, "the URI ends after its scheme"),
        () => escaped_octets(rest, URI),
    }
}

fn sip_uri(piece: Piece<'_>) -> Result<(), Fault> {
    let host = match find([b'@'], piece.text.as_bytes()) {
        Some(place) => {
            let user = piece.to(place);
            if user.text.is_empty() || user.text.starts_with(':') {
                return fault(piece, "nothing stands before the @");
            }
            escaped_octets(user, USER)?;
            piece.from(place + 1)
        }
        None => piece,
    };
    let (host, headers) = host.split_once('?').map_or((host, None), |(host, headers)| (host, Some(headers)));
    let mut parts = host.split(';');
    host_port(parts.next().unwrap_or(host))?;
    for parameter in parts {
        if parameter.text.is_empty() || parameter.text.starts_with('=') {
            return fault(parameter, "a URI parameter has no name");
        }
        escaped_octets(parameter, PARAMETER)?;
    }
    headers.map_or(Ok(()), |headers| escaped_octets(headers, HEADERS))
}

/// `host [ ":" port ]`
pub(super) fn host_port(piece: Piece<'_>) -> Result<(), Fault> {
    let after_reference = memchr::memrchr(b']', piece.text.as_bytes()).map_or(0, |place| place + 1);
    let (host, port) = match find([b':'], piece.from(after_reference).text.as_bytes()) {
        Some(colon) => (piece.to(after_reference + colon), Some(piece.from(after_reference + colon + 1))),
        None => (piece, None),
    };
    if !is_host(host.trim().text) {
        return fault(piece, "this is no host name, IPv4 address or IPv6 address in brackets");
    }
    match port {
        Some(port) if !is_digits(port.trim().text) || port.trim().text.parse::<u16>().is_err() => {
            fault(port, "a port is a number up to 65535")
        }
        _ => Ok(()),
    }
}

/// RFC 3966 section 3.
fn tel_uri(piece: Piece<'_>) -> Result<(), Fault> {
    let mut parts = piece.split(';');
    let number = parts.next().unwrap_or(piece);
    let separators = b"-.()";
    let (digits, global) = match number.text.strip_prefix('+') {
        Some(digits) => (digits, true),
        None => (number.text, false),
    };
    let allowed = |octet: u8| match global {
        true => octet.is_ascii_digit() || separators.contains(&octet),
        false => octet.is_ascii_hexdigit() || b"*#".contains(&octet) || separators.contains(&octet),
    };
    if !digits.bytes().all(allowed) || digits.bytes().all(|octet| separators.contains(&octet)) {
        return fault(number, "this is no telephone number");
    }
    let mut context = false;
    for parameter in parts {
        context |= parameter.text.to_ascii_lowercase().starts_with("phone-context=");
        if parameter.text.is_empty() || parameter.text.starts_with('=') {
            return fault(parameter, "a URI parameter has no name");
        }
        escaped_octets(parameter, PARAMETER)?;
    }
    match global || context {
        true => Ok(()),
        false => fault(number, "a local number needs a phone-context"),
    }
}

/// What stands unescaped in the parts of a URI.
const URI: Octets = Octets::alphanumeric_and(b"-_.!~*'();/?:@&=+$,#[]");
const USER: Octets = Octets::alphanumeric_and(b"-_.!~*'()&=+$,;?/:");
const PARAMETER: Octets = Octets::alphanumeric_and(b"-_.!~*'()[]/:&+$=");
const HEADERS: Octets = Octets::alphanumeric_and(b"-_.!~*'()[]/?:+$=&");

/// The octets given, and `%` with two hexadecimal digits.
fn escaped_octets(piece: Piece<'_>, plain: Octets) -> Result<(), Fault> {
    if plain.all(piece.text) {
        return Ok(());
    }
    let mut octets = piece.text.bytes().enumerate();
    while let Some((place, octet)) = octets.next() {
        let right = match octet {
            b'%' => {
                [octets.next(), octets.next()].iter().all(|next| next.is_some_and(|(_, next)| next.is_ascii_hexdigit()))
            }
            _ => plain.has(octet),
        };
        if !right {
            let rest = piece.from(place);
            let length = rest.text.chars().next().map_or(0, char::len_utf8);
            return fault(rest.to(length), "this character may not stand here unescaped");
        }
    }
    Ok(())
}

/// `media-type`, RFC 3261 section 25.1: type, subtype and parameters.
pub(super) fn media_type(piece: Piece<'_>) -> Result<(String, Vec<Parameter<'_>>), Fault> {
    let piece = piece.trim();
    let end = find([b';'], piece.text.as_bytes()).unwrap_or(piece.text.len());
    let essence = piece.to(end).trim();
    let right =
        essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind.trim().text) && is_token(sub.trim().text));
    if !right {
        return fault(essence, "a media type is a token, a slash and a token");
    }
    let essence = essence.text.to_ascii_lowercase().replace(is_white, "");
    Ok((essence, parameters(piece.from(end))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri_of(text: &str) -> Result<(), Fault> {
        uri(Piece::new(text, 0))
    }

    #[test]
    fn uris_of_the_field_are_right() {
        for right in [
            "sip:alice@atlanta.example.com",
            "sips:1212@gateway.com",
            "sip:+1-212-555-1212:1234@gateway.com;user=phone",
            "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
            "sip:bob@[2001:db8::9:1]:5060;lr",
            "sip:bob@home.example;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "sip:b%20b@127.0.0.1:5060;transport=tcp",
            "tel:+12015550123",
            "tel:7042;phone-context=example.com",
            "urn:service:sos",
            "cid:one@home.example",
            "sip:conference-factory@home.example?Session-Replaces=abc",
        ] {
            assert_eq!(uri_of(right), Ok(()), "{right}");
        }
    }

    #[test]
    fn faults_in_uris_are_pointed_at() {
        let span = |text| uri_of(text).unwrap_err().span;
        assert_eq!(span("sip:al ice@home.example"), (6, 7));
        assert_eq!(span("sip:alice@home_example"), (10, 22));
        assert_eq!(span("sip:alice@home.example:70000"), (23, 28));
        assert_eq!(span("sip:a%4@home.example"), (5, 6));
        assert_eq!(span("tel:7042"), (4, 8));
        assert_eq!(span("alice"), (0, 5));
        assert_eq!(span("sip:@home.example"), (4, 17));
        assert_eq!(span("sip::secret@home.example"), (4, 24));
        assert_eq!(span("sip:alice@home.example;=x"), (23, 25));
    }

    #[test]
    fn addresses_have_display_name_uri_and_parameters() {
        let right = |text| address(Piece::new(text, 0)).is_ok();
        assert!(right("\"Bob, \\\"B\\\"\" <sip:bob@home.example>;tag=a1"));
        assert!(right("Bob the Second <sip:bob@home.example>"));
        assert!(right("sip:bob@home.example;tag=a1"));
        assert!(right("<sip:bob@home.example>;+sip.instance=\"<urn:uuid:1>\";TAG=x"));
        assert!(!right("\"Bob <sip:bob@home.example>"));
        assert!(!right("Bob, too <sip:bob@home.example>"));
        assert!(!right("<sip:bob@home.example"));
        assert!(!right("sip:bob@home.example?x=y"));
        assert!(!right("<sip:bob@home.example> tag=a"));
        assert!(!right("<sip:bob@home.example>;tag=a b"));
    }
}
