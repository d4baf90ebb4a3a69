//! The codings in which a body stands in an object of a message store (RFC 2045 sections 6.7 and 6.8), undone.

use bytes::Bytes;

/// The octets of a body. One whose coding is none, or cannot be undone, stays as it is.
pub(super) fn undone(coding: &str, body: &[u8]) -> Bytes {
    let plain = match coding.to_ascii_lowercase().as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(body),
        _ => None,
    };
    plain.map_or_else(|| Bytes::copy_from_slice(body), Bytes::from)
}

/// The octets of base64 (RFC 4648); none where it is none.
pub(super) fn base64(body: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    for octet in body.iter().filter(|octet| !octet.is_ascii_whitespace()).take_while(|octet| **octet != b'=') {
        bits = (bits << 6) | u32::from(sextet(*octet)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.push(u8::try_from((bits >> held) & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(plain)
}

const fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

fn quoted_printable(body: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        if *octet != b'=' {
            plain.push(*octet);
            continue;
        }
        // A line that ends so goes on.
        if let Some(next) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
            rest = next;
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        plain.push(u8::from_str_radix(digits, 16).ok()?);
        rest = rest.get(2..)?;
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn codings_are_undone_as_rfc_2045_says() {
        for (coding, body, plain) in [
            ("base64", "SGVs\r\nbG8=", "Hello"),
            ("Base64", "SGVsbG8sIHdvcmxk", "Hello, world"),
            ("quoted-printable", "caf=C3=A9 and so=\r\n on", "café and so on"),
            ("8bit", "SGVsbG8=", "SGVsbG8="),
            ("", "as it is", "as it is"),
            ("base64", "no base64!", "no base64!"),
            ("quoted-printable", "=X", "=X"),
        ] {
            assert_eq!(undone(coding, body.as_bytes()), plain.as_bytes(), "{coding} {body}");
        }
    }
}
