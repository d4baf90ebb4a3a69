//! MSRP URIs, RFC 4975 section 9: `msrp-scheme "://" authority ["/" session-id] ";" transport *( ";" URI-parameter )`.

use crate::rules::base::grammar::{Fault, fault, host_port, is_token};
use crate::rules::base::piece::Piece;

/// Whether the piece is an MSRP URI.
pub(in crate::rules::base) fn recognise(piece: Piece<'_>) -> Result<(), Fault> {
    let Some(slashes) = piece.text.find("://") else {
        return fault(piece, "there is no scheme");
    };
    let scheme = piece.to(slashes).text;
    if !scheme.eq_ignore_ascii_case("msrp") && !scheme.eq_ignore_ascii_case("msrps") {
        return fault(piece.to(slashes), "the scheme is neither msrp nor msrps");
    }
    let mut parts = piece.from(slashes + 3).split(';');
    let address = parts.next().unwrap_or(piece);
    let (authority, session) = match address.split_once('/') {
        Some((authority, session)) => (authority, Some(session)),
        None => (address, None),
    };
    let host = authority.text.rfind('@').map_or(authority, |at| authority.from(at + 1));
    host_port(host)?;
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+=/".contains(&octet);
    if let Some(session) = session.filter(|session| session.text.is_empty() || !session.text.bytes().all(inner)) {
        return fault(session, "this is no session id");
    }
    let Some(transport) = parts.next() else {
        return fault(piece, "there is no transport");
    };
    if transport.text.is_empty() || !transport.text.bytes().all(|octet| octet.is_ascii_alphanumeric()) {
        return fault(transport, "this is no transport");
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        if !is_token(name.text) || value.is_some_and(|value| !is_token(value.text)) {
            return fault(parameter, "a parameter is a token, or two around an equals sign");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_the_rfc_are_right() {
        for right in [
            "msrp://atlanta.example.com:7654/jshA7weztas;tcp",
            "msrps://biloxi.example.com:12763/kjhd37s2s20w2a;tcp",
            "msrp://10.1.1.1:1234/s;tcp",
            "msrp://[2001:db8::1]:2855/a-._~+=/;tcp",
            "MSRP://bob@host.example/s;tcp;lr=1",
        ] {
            assert_eq!(recognise(Piece::new(right, 0)), Ok(()), "{right}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let why = |text| recognise(Piece::new(text, 0)).unwrap_err().why;
        assert_eq!(why("sip:bob@home.example"), "there is no scheme");
        assert_eq!(why("http://home.example/s;tcp"), "the scheme is neither msrp nor msrps");
        assert_eq!(why("msrp://home.example:1/s"), "there is no transport");
        assert_eq!(why("msrp://home.example:1/;tcp"), "this is no session id");
        assert_eq!(why("msrp://home.example:99999/s;tcp"), "a port is a number up to 65535");
        assert_eq!(why("msrp://home.example:1/s;"), "this is no transport");
    }
}
