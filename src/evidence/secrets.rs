//! What no evidence shows: passwords that a neighbour of the tester is told. Each octet of one becomes an `x`, so that everything
//! else stays where it was, and is read as before: an asterisk is nothing that IMAP takes for a password.

use bytes::Bytes;

use super::Protocol;

/// The octets without the passwords of LOGIN and AUTHENTICATE (RFC 9051 sections 6.2.2 and 6.2.3), and without credentials of HTTP
/// (RFC 9110 section 11.6.2): the first that stands in them, for there is one. A password that comes as a literal of its own, after the command, is not known for one.
pub fn masked(protocol: Protocol, octets: Bytes) -> Bytes {
    let secret: fn(&[u8]) -> Option<usize> = match protocol {
        Protocol::Imap => of_imap,
        Protocol::Http => of_http,
        _ => return octets,
    };
    let mut begins = 0;
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        if let Some(at) = secret(line) {
            let mut masked = octets.to_vec();
            let ends = line.trim_ascii_end().len();
            let quoted = line.get(at) == Some(&b'"') && ends > at + 1 && line.get(ends - 1) == Some(&b'"');
            let (at, ends) = if quoted { (at + 1, ends - 1) } else { (at, ends) };
            masked.iter_mut().skip(begins + at).take(ends.saturating_sub(at)).for_each(|octet| *octet = b'x');
            return Bytes::from(masked);
        }
        // What follows the head of HTTP is content, which nobody touches.
        if line.trim_ascii_end().is_empty() {
            break;
        }
        begins += line.len();
    }
    octets
}

/// Where the last argument of LOGIN begins, or the response that comes with AUTHENTICATE.
fn of_imap(line: &[u8]) -> Option<usize> {
    let mut words = line.splitn(4, |octet| *octet == b' ');
    let (tag, command, first, secret) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let known = [b"LOGIN".as_slice(), b"AUTHENTICATE"].iter().any(|word| command.eq_ignore_ascii_case(word));
    // A literal announces itself in the line: its octets come next, and are no secret by themselves.
    let literal = secret.starts_with(b"{");
    (known && !literal).then(|| tag.len() + command.len() + first.len() + 3)
}

/// Where the credentials begin, after the scheme.
fn of_http(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|octet| *octet == b':')?;
    let (name, value) = line.split_at(colon);
    let known =
        [b"Authorization".as_slice(), b"Proxy-Authorization"].iter().any(|word| name.eq_ignore_ascii_case(word));
    let value = value.get(1..)?;
    let blanks = value.len() - value.trim_ascii_start().len();
    let scheme = value.trim_ascii_start().iter().position(|octet| *octet == b' ')?;
    known.then(|| colon + 1 + blanks + scheme + 1)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn told(protocol: Protocol, text: &str) -> String {
        String::from_utf8(masked(protocol, Bytes::copy_from_slice(text.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn passwords_are_blotted_out_and_nothing_else_moves() {
        let table = [
            ("a1 LOGIN bob \"se cret\"\r\na2 NOOP\r\n", "a1 LOGIN bob \"xxxxxxx\"\r\na2 NOOP\r\n"),
            ("a1 LOGIN bob \"\"\r\n", "a1 LOGIN bob \"\"\r\n"),
            ("a1 login bob secret\r\n", "a1 login bob xxxxxx\r\n"),
            ("a1 AUTHENTICATE PLAIN AGJvYgBi\r\n", "a1 AUTHENTICATE PLAIN xxxxxxxx\r\n"),
            ("a1 LOGIN bob {6}\r\n", "a1 LOGIN bob {6}\r\n"),
            ("a1 APPEND conv LOGIN\r\n", "a1 APPEND conv LOGIN\r\n"),
        ];
        for (text, expected) in table {
            assert_eq!(told(Protocol::Imap, text), expected);
        }
    }

    #[test]
    fn credentials_of_http_are_blotted_out() {
        let text = "GET / HTTP/1.1\r\nauthorization: Basic Ym9iOmI=\r\nHost: a\r\n\r\n";
        assert_eq!(told(Protocol::Http, text), "GET / HTTP/1.1\r\nauthorization: Basic xxxxxxxx\r\nHost: a\r\n\r\n");
        assert_eq!(told(Protocol::Sip, text), text);
    }
}
