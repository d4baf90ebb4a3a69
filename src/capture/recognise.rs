//! Which protocol octets are of, told by the octets alone. What is nearly a SIP message counts as one, so that it can be
//! judged: a first line that names another version, or no good first line above header fields that only SIP has.

use memchr::{memchr, memchr_iter, memrchr};

use super::tls;

/// A first line, and the lines that are looked at, end within so many octets.
const MAX_LINES: usize = 16 * 1024;
/// The longest Diameter message that is believed in.
const MAX_DIAMETER: usize = 1 << 20;

/// The registered methods of SIP.
const METHODS: [&str; 14] = [
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
    "UPDATE",
];

/// What octets begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Sip,
    Msrp,
    Diameter,
    Http,
    /// Records of TLS.
    Tls,
    /// None of these.
    Other,
    /// More must come first.
    Undecided,
}

/// Tells what a message begins with. `whole`: nothing follows these octets.
pub(super) fn recognise(octets: &[u8], whole: bool) -> Found {
    let lead = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    let octets = octets.get(lead..).unwrap_or_default();
    let found = match octets.first() {
        None => Found::Undecided,
        Some(1) => diameter(octets),
        Some(20..=23) => match tls::begins(octets) {
            Some(true) => Found::Tls,
            Some(false) => Found::Other,
            None => Found::Undecided,
        },
        Some(33..=126) => lines(octets, whole),
        Some(_) => Found::Other,
    };
    if whole && found == Found::Undecided { Found::Other } else { found }
}

/// Whether octets that may have lost their beginning are that of a SIP message all the same: a method that exists, not the
/// tail of its name.
pub(super) fn begins_sip(octets: &[u8]) -> bool {
    let word = octets.get(..memchr(b' ', octets).unwrap_or(0)).unwrap_or_default();
    word == b"SIP/2.0" || METHODS.iter().any(|method| method.as_bytes() == word)
}

/// RFC 6733 section 3: version 1, a length of whole words, no flags that are reserved; then the first AVP (section 4.1).
fn diameter(octets: &[u8]) -> Found {
    let Some([_, high, middle, low, flags, ..]) = octets.first_chunk::<20>() else { return Found::Undecided };
    let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
    // An error is no request.
    let flagged = flags & 0x0f == 0 && flags & 0xa0 != 0xa0;
    if length < 20 || !length.is_multiple_of(4) || length > MAX_DIAMETER || !flagged {
        return Found::Other;
    }
    if length == 20 {
        return Found::Diameter;
    }
    let Some([_, _, _, _, flags, high, middle, low]) = octets.get(20..).and_then(|avp| avp.first_chunk()) else {
        return Found::Undecided;
    };
    let avp = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
    if flags & 0x1f == 0 && avp >= 8 && avp <= length - 20 { Found::Diameter } else { Found::Other }
}

/// Protocols of lines of text.
fn lines(octets: &[u8], whole: bool) -> Found {
    let octets = octets.get(..octets.len().min(MAX_LINES)).unwrap_or_default();
    let whole = whole || octets.len() == MAX_LINES;
    let end = match memchr(b'\n', octets) {
        Some(end) => end,
        None if whole => octets.len(),
        None if octets.iter().any(|octet| is_control(*octet)) => return Found::Other,
        None => return Found::Undecided,
    };
    let line = octets.get(..end).unwrap_or_default();
    match first_line(line.strip_suffix(b"\r").unwrap_or(line)) {
        Found::Undecided => match header_fields(octets.get(end + 1..).unwrap_or_default()) {
            Found::Undecided if whole => Found::Other,
            found => found,
        },
        found => found,
    }
}

fn is_control(octet: u8) -> bool {
    octet < b' ' && !matches!(octet, b'\t' | b'\r')
}

/// What the first line tells, undecided when that is nothing.
fn first_line(line: &[u8]) -> Found {
    if line.starts_with(b"SIP/2.0 ") || line.ends_with(b" SIP/2.0") {
        return Found::Sip;
    }
    if line.starts_with(b"MSRP ") {
        return Found::Msrp;
    }
    if line.iter().any(|octet| is_control(*octet)) {
        return Found::Other;
    }
    let space = memchr(b' ', line).unwrap_or(line.len());
    let last = memrchr(b' ', line).map_or(line, |last| line.get(last + 1..).unwrap_or_default());
    let second = line.get(space + 1..).unwrap_or_default();
    let begins =
        |octets: &[u8], with: &[u8]| octets.get(..with.len()).is_some_and(|octets| octets.eq_ignore_ascii_case(with));
    if begins(line, b"HTTP/") || begins(last, b"HTTP/") {
        return Found::Http;
    }
    if begins(line, b"RTSP/") || begins(last, b"RTSP/") || begins(line, b"ICAP/") || begins(last, b"ICAP/") {
        return Found::Other;
    }
    let to_someone = [&b"sip:"[..], b"sips:", b"tel:"].into_iter().any(|scheme| begins(second, scheme));
    if begins(line, b"SIP/") || begins(last, b"SIP/") || to_someone {
        return Found::Sip;
    }
    Found::Undecided
}

/// Whether header fields of SIP follow a first line that tells nothing: a Via, or two others of those that each message
/// has (RFC 3261 section 8.1.1).
fn header_fields(octets: &[u8]) -> Found {
    let mut at = 0;
    let mut others = 0;
    for end in memchr_iter(b'\n', octets) {
        let line = octets.get(at..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at = end + 1;
        if line.is_empty() {
            return Found::Other;
        }
        if matches!(line, [b' ' | b'\t', ..]) {
            continue;
        }
        let Some((name, value)) = memchr(b':', line).and_then(|colon| line.split_at_checked(colon)) else {
            return Found::Other;
        };
        let value = value.get(1..).unwrap_or_default().trim_ascii_start();
        let is = |names: &[&str]| names.iter().any(|one| name.trim_ascii_end().eq_ignore_ascii_case(one.as_bytes()));
        let speaks_sip = value.get(..3).is_some_and(|value| value.eq_ignore_ascii_case(b"SIP"));
        if !name.trim_ascii_end().iter().all(u8::is_ascii_graphic) {
            return Found::Other;
        }
        others += usize::from(is(&["Call-ID", "i", "CSeq", "Max-Forwards"]));
        if is(&["Via", "v"]) && speaks_sip || others == 2 {
            return Found::Sip;
        }
    }
    Found::Undecided
}
