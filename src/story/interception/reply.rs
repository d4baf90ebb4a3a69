//! What the target answers to an order: a response of HTTP (RFC 9112) with a document of ETSI TS 103 221-1 in it.

use bytes::{Bytes, BytesMut};

/// So much is read of an answer.
const LONGEST: usize = 256 * 1024;

/// A response, read from the octets of a connection.
#[derive(Debug)]
pub(super) struct Response {
    pub status: u16,
    pub body: Bytes,
}

/// The octets of one connection until a response is whole.
#[derive(Debug, Default)]
pub(super) struct Reader {
    octets: BytesMut,
}

impl Reader {
    /// Takes what came; gives the response once it is whole.
    pub fn push(&mut self, octets: &[u8]) -> Option<Response> {
        if self.octets.len() < LONGEST {
            self.octets.extend_from_slice(octets);
        }
        self.read(false)
    }

    /// Nothing more comes: a body without a length has ended (section 6.3).
    pub fn end(&self) -> Option<Response> {
        self.read(true)
    }

    fn read(&self, over: bool) -> Option<Response> {
        let head = memchr::memmem::find(&self.octets, b"\r\n\r\n")?;
        let text = std::str::from_utf8(self.octets.get(..head)?).ok()?;
        let mut lines = text.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
        let field = |name: &str| {
            let found = fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim())
        };
        let rest = self.octets.get(head + 4..)?;
        let chunked = field("Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        let body = match field("Content-Length").map(str::parse::<usize>) {
            _ if chunked => unchunked(rest)?,
            Some(length) => Bytes::copy_from_slice(rest.get(..length.ok()?)?),
            None if over || status == 204 => Bytes::copy_from_slice(rest),
            None => return None,
        };
        Some(Response { status, body })
    }
}

/// A body in chunks (section 7.1), once the last one is there.
fn unchunked(mut octets: &[u8]) -> Option<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let line = memchr::memmem::find(octets, b"\r\n")?;
        let size = octets.get(..line)?.split(|octet| *octet == b';').next()?;
        let size = usize::from_str_radix(std::str::from_utf8(size.trim_ascii()).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body.freeze());
        }
        body.extend_from_slice(octets.get(line + 2..)?.get(..size)?);
        octets = octets.get(line + 2..)?.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn read(pieces: &[&str], over: bool) -> Option<(u16, String)> {
        let mut reader = Reader::default();
        let found = pieces.iter().fold(None, |found, piece| found.or(reader.push(piece.as_bytes())));
        let found = found.or_else(|| reader.end().filter(|_| over))?;
        Some((found.status, String::from_utf8_lossy(&found.body).into_owned()))
    }

    #[test]
    fn a_response_is_whole_when_its_length_says_so() {
        let whole = ["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<x", "/>"];
        assert_eq!(read(&whole, false), Some((200, "<x/>".to_owned())));
        assert_eq!(read(&whole[..1], true), None);
        let chunked = ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<x\r\n", "2;a=b\r\n/>\r\n0\r\n\r\n"];
        assert_eq!(read(&chunked, false), Some((200, "<x/>".to_owned())));
        assert_eq!(read(&["HTTP/1.1 403 Forbidden\r\n\r\nno"], false), None);
        assert_eq!(read(&["HTTP/1.1 403 Forbidden\r\n\r\nno"], true), Some((403, "no".to_owned())));
        assert_eq!(read(&["HTTP/1.1 204 No Content\r\n\r\n"], false), Some((204, String::new())));
    }

    #[test]
    fn what_is_no_response_is_none() {
        for wrong in ["", "x\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"] {
            assert_eq!(read(&[wrong], true), None, "{wrong}");
        }
    }
}
