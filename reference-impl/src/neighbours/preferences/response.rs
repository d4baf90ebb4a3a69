//! Responses of HTTP/1.1 (RFC 9112) as they arrive, with a bound on everything: what the document server sends is hostile
//! until it is read.

use bytes::{Buf, Bytes, BytesMut};

/// The longest head of a response, and of the trailer of a chunked one.
const MOST_HEAD: usize = 16 * 1024;
/// The longest document.
pub(super) const MOST_BODY: usize = 256 * 1024;
/// The longest line that announces a chunk.
const MOST_LINE: usize = 256;
/// The longest entity tag that is kept.
const MOST_ETAG: usize = 256;

/// What the server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    /// The entity tag as it stands there (RFC 9110 section 8.8.3).
    pub(super) etag: Option<String>,
    /// The media type in lower case, without parameters.
    pub(super) content_type: String,
    pub(super) body: Bytes,
    /// The connection may be used again.
    pub(super) persists: bool,
}

/// This is no response, or more than is read of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    /// So many octets are still to come.
    Sized(usize),
    /// The line that announces a chunk.
    ChunkLine,
    /// So many octets of a chunk are still to come.
    Chunk(usize),
    /// The line end after a chunk.
    ChunkEnd,
    Trailer,
    /// All that comes until the connection closes.
    UntilClosed,
}

/// One response in the making.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
    unread: BytesMut,
    read: Response,
    body: BytesMut,
    /// Octets of heads and trailers so far.
    head: usize,
}

impl Reader {
    /// True as long as nothing has come.
    pub(super) fn is_untouched(&self) -> bool {
        self.unread.is_empty() && self.head == 0
    }

    /// Takes octets. Gives the response once it is whole; what comes behind it nobody has asked for.
    pub(super) fn push(&mut self, octets: &[u8]) -> Result<Option<Response>, Broken> {
        self.unread.extend_from_slice(octets);
        while let Some(whole) = self.step()? {
            if whole {
                return Ok(Some(self.finished()));
            }
        }
        Ok(None)
    }

    /// The server has closed its side: a response that is not told how long it is ends there (RFC 9112 section 6.3).
    pub(super) fn closed(mut self) -> Result<Response, Broken> {
        match self.state {
            State::UntilClosed => Ok(self.finished()),
            _ => Err(Broken),
        }
    }

    fn finished(&mut self) -> Response {
        let persists = self.read.persists && self.unread.is_empty();
        Response { persists, body: self.body.split().freeze(), ..std::mem::take(&mut self.read) }
    }

    /// Goes one step on: none where more has to come, true at the end.
    fn step(&mut self) -> Result<Option<bool>, Broken> {
        match self.state {
            State::Head => self.head(),
            State::Sized(left) => {
                let left = self.take(left)?;
                self.state = State::Sized(left);
                Ok((left == 0).then_some(true))
            }
            State::ChunkLine => self.chunk_line(),
            State::Chunk(left) => {
                let left = self.take(left)?;
                self.state = if left == 0 { State::ChunkEnd } else { State::Chunk(left) };
                Ok((left == 0).then_some(false))
            }
            State::ChunkEnd => {
                let Some(line) = self.line(MOST_LINE)? else { return Ok(None) };
                self.state = State::ChunkLine;
                if line.is_empty() { Ok(Some(false)) } else { Err(Broken) }
            }
            State::Trailer => {
                let Some(line) = self.line(MOST_HEAD)? else { return Ok(None) };
                self.head += line.len() + 1;
                if self.head > MOST_HEAD { Err(Broken) } else { Ok(Some(line.is_empty())) }
            }
            State::UntilClosed => {
                let all = self.unread.len();
                self.take(all)?;
                Ok(None)
            }
        }
    }

    /// Takes up to so many octets of the body; gives how many are still to come.
    fn take(&mut self, left: usize) -> Result<usize, Broken> {
        let here = left.min(self.unread.len());
        if self.body.len() + here > MOST_BODY {
            return Err(Broken);
        }
        self.body.unsplit(self.unread.split_to(here));
        Ok(left - here)
    }

    /// A line without its end, if it is there.
    fn line(&mut self, most: usize) -> Result<Option<Bytes>, Broken> {
        let looked_at = self.unread.len().min(most);
        let found = self.unread.iter().take(looked_at).position(|octet| *octet == b'\n');
        let Some(end) = found else { return if self.unread.len() >= most { Err(Broken) } else { Ok(None) } };
        let line = self.unread.split_to(end).freeze();
        self.unread.advance(1);
        Ok(Some(line.strip_suffix(b"\r").map(|bare| line.slice_ref(bare)).unwrap_or(line)))
    }

    /// RFC 9112 section 7.1: a size in hexadecimal digits, maybe extensions.
    fn chunk_line(&mut self) -> Result<Option<bool>, Broken> {
        let Some(line) = self.line(MOST_LINE)? else { return Ok(None) };
        let text = std::str::from_utf8(&line).map_err(|_| Broken)?;
        let digits = text.split(';').next().unwrap_or_default().trim();
        let plain = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_hexdigit());
        let size = usize::from_str_radix(digits, 16).ok().filter(|_| plain).ok_or(Broken)?;
        if size > MOST_BODY {
            return Err(Broken);
        }
        self.state = if size == 0 { State::Trailer } else { State::Chunk(size) };
        Ok(Some(false))
    }

    fn head(&mut self) -> Result<Option<bool>, Broken> {
        let text = |octets: &[u8]| octets.windows(4).position(|four| four == b"\r\n\r\n");
        let looked_at = self.unread.get(..self.unread.len().min(MOST_HEAD - self.head)).unwrap_or_default();
        let Some(end) = text(looked_at) else {
            return if self.head + self.unread.len() >= MOST_HEAD { Err(Broken) } else { Ok(None) };
        };
        let head = self.unread.split_to(end + 4);
        self.head += head.len();
        let head = std::str::from_utf8(head.as_ref()).map_err(|_| Broken)?;
        let head = Head::parse(head)?;
        // RFC 9110 section 15.2: what comes before the answer says nothing.
        if (100..200).contains(&head.status) {
            return if head.status == 101 { Err(Broken) } else { Ok(Some(false)) };
        }
        self.state = head.state;
        self.read = Response {
            status: head.status,
            etag: head.etag,
            content_type: head.content_type,
            persists: head.persists,
            body: Bytes::new(),
        };
        Ok(Some(false))
    }
}

/// A head that was read.
struct Head {
    status: u16,
    etag: Option<String>,
    content_type: String,
    persists: bool,
    state: State,
}

impl Head {
    fn parse(text: &str) -> Result<Head, Broken> {
        let mut lines = text.trim_end_matches("\r\n").split("\r\n");
        let (status, persistent) = status_of(lines.next().unwrap_or_default()).ok_or(Broken)?;
        let mut head =
            Head { status, etag: None, content_type: String::new(), persists: persistent, state: State::UntilClosed };
        let (mut length, mut chunked) = (None, false);
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(Broken)?;
            if name.is_empty() || name.bytes().any(|octet| !octet.is_ascii_graphic()) {
                return Err(Broken);
            }
            let value = value.trim_matches([' ', '\t']);
            match name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    let said = Some(number(value).filter(|octets| *octets <= MOST_BODY).ok_or(Broken)?);
                    // RFC 9112 section 6.3: two lengths are none.
                    if length.is_some() && length != said {
                        return Err(Broken);
                    }
                    length = said;
                }
                "transfer-encoding" => match value.eq_ignore_ascii_case("chunked") && !chunked {
                    true => chunked = true,
                    false => return Err(Broken),
                },
                "content-encoding" if !value.eq_ignore_ascii_case("identity") => return Err(Broken),
                "content-type" => {
                    head.content_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                }
                "etag" => head.etag = Some(value.to_owned()).filter(|etag| is_etag(etag)),
                "connection" if value.split(',').any(|word| word.trim().eq_ignore_ascii_case("close")) => {
                    head.persists = false;
                }
                _ => {}
            }
        }
        head.state = match (status, chunked, length) {
            (204 | 304, ..) => State::Sized(0),
            // RFC 9112 section 6.1: both together are how requests are smuggled.
            (_, true, Some(_)) => return Err(Broken),
            (_, true, None) => State::ChunkLine,
            (_, false, Some(octets)) => State::Sized(octets),
            (_, false, None) => State::UntilClosed,
        };
        head.persists &= !matches!(head.state, State::UntilClosed);
        Ok(head)
    }
}

/// The status in a first line, and whether this version keeps connections by itself.
fn status_of(line: &str) -> Option<(u16, bool)> {
    let (version, rest) = line.split_once(' ')?;
    let persistent = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ => return None,
    };
    let digits = rest.split(' ').next()?;
    let status = number(digits).filter(|status| digits.len() == 3 && (100..600).contains(status))?;
    Some((u16::try_from(status).ok()?, persistent))
}

fn number(text: &str) -> Option<usize> {
    let plain = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// RFC 9110 section 8.8.3, and short enough to be kept.
fn is_etag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let inner = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let fits = |inner: &str| inner.bytes().all(|octet| octet == 0x21 || (0x23..=0x7e).contains(&octet));
    text.len() <= MOST_ETAG && inner.is_some_and(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// What a response comes to, whole and octet by octet.
    fn read(text: &str) -> Result<Option<Response>, Broken> {
        let whole = Reader::default().push(text.as_bytes());
        let mut reader = Reader::default();
        let mut bit_by_bit = Ok(None);
        for octet in text.as_bytes().chunks(1) {
            bit_by_bit = reader.push(octet);
            if !matches!(bit_by_bit, Ok(None)) {
                break;
            }
        }
        assert_eq!(whole, bit_by_bit);
        whole
    }

    fn body(text: &str) -> String {
        String::from_utf8(read(text).unwrap().expect("a whole response").body.to_vec()).unwrap()
    }

    #[test]
    fn a_body_is_as_long_as_it_is_said_to_be_or_comes_in_chunks() {
        let head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: Application/Auth-Policy+XML; charset=utf-8\r\n";
        let response = read(&format!("{head}Content-Length: 5\r\n\r\nhello")).unwrap().unwrap();
        assert_eq!((response.status, response.etag.as_deref()), (200, Some("\"1\"")));
        assert_eq!(response.content_type, "application/auth-policy+xml");
        assert!(response.persists);
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n");
        assert_eq!(body(&chunked), "hello");
        assert_eq!(body("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"), "");
        assert_eq!(body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx"), "x");
    }

    #[test]
    fn a_body_of_unknown_length_ends_with_the_connection_and_others_do_not() {
        let mut reader = Reader::default();
        assert_eq!(reader.push(b"HTTP/1.0 200 OK\r\n\r\nhel"), Ok(None));
        assert_eq!(reader.push(b"lo"), Ok(None));
        let response = reader.closed().unwrap();
        assert_eq!((response.body.as_ref(), response.persists), (b"hello".as_slice(), false));
        let mut reader = Reader::default();
        assert_eq!(reader.push(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), Ok(None));
        assert_eq!(reader.closed(), Err(Broken));
    }

    #[test]
    fn a_connection_that_is_to_close_or_says_too_much_is_not_used_again() {
        let told = read("HTTP/1.1 404 Not Found\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n").unwrap().unwrap();
        assert!(!told.persists);
        let more = Reader::default().push(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\nmore").unwrap().unwrap();
        assert!(!more.persists);
    }

    #[test]
    fn rubbish_is_no_response() {
        for rubbish in [
            "SIP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        ] {
            assert_eq!(read(rubbish), Err(Broken), "{rubbish}");
        }
    }

    #[test]
    fn nothing_grows_without_bound() {
        let endless = |head: &str, more: &[u8]| {
            let mut reader = Reader::default();
            let mut heard = reader.push(head.as_bytes());
            let mut octets = 0;
            while heard == Ok(None) && octets < 8 * MOST_BODY {
                octets += more.len();
                heard = reader.push(more);
            }
            assert_eq!(heard, Err(Broken), "{head} after {octets} octets");
        };
        endless("", b"HTTP/1.1 200 OK and so on");
        endless("HTTP/1.1 200 OK\r\n", b"X: y\r\n");
        endless("", b"HTTP/1.1 100 Continue\r\n\r\n");
        endless("HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 1000]);
        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n");
        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0");
        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n");
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), Err(Broken));
        let long = format!("HTTP/1.1 200 OK\r\nETag: \"{}\"\r\nContent-Length: 0\r\n\r\n", "x".repeat(300));
        assert_eq!(read(&long).unwrap().unwrap().etag, None);
    }
}
