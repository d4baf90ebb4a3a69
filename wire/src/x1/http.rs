//! HTTP/1.1 (RFC 9112) as far as X1 needs it: one message after the other on a connection, each with a document or none.
//!
//! Strict where two readers might disagree about where a message ends (RFC 9112 section 11.2): a message with two lengths, a
//! folded field or a line that no CRLF ends is refused, and nothing is read behind it.

use bytes::{Bytes, BytesMut};

/// The longest head, and the longest trailer.
const MAX_HEAD: usize = 16 * 1024;
/// The longest document.
pub const MAX_BODY: usize = 1 << 20;
/// The longest line that announces a chunk.
const MAX_LINE: usize = 256;

/// Why octets are no message of HTTP. The number is the status that tells a client so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} ({status})")]
pub struct HttpError {
    /// The status.
    pub status: u16,
    /// What is wrong.
    pub why: &'static str,
}

const fn broken(why: &'static str) -> HttpError {
    HttpError { status: 400, why }
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The request line or status line.
    pub start: String,
    /// The fields, in order.
    pub fields: Vec<(String, String)>,
    /// The document.
    pub body: Bytes,
}

impl Message {
    /// The value of the first field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Method and target of a request.
    #[must_use]
    pub fn request(&self) -> Option<(&str, &str)> {
        let mut words = self.start.split(' ');
        Some((words.next()?, words.next()?))
    }

    /// The status of a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.start.split(' ').nth(1)?.parse().ok()
    }

    /// Whether another message may follow on the connection (section 9.3).
    #[must_use]
    pub fn persists(&self) -> bool {
        let closes = |word: &str| word.trim().eq_ignore_ascii_case("close");
        self.start.contains("HTTP/1.1") && !self.field("Connection").is_some_and(|value| value.split(',').any(closes))
    }
}

/// A request with a document.
#[must_use]
pub fn post(target: &str, host: &str, media_type: &str, body: &str) -> Bytes {
    let length = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into()
}

/// A response with a document.
#[must_use]
pub fn answer(status: u16, reason: &str, media_type: &str, body: &str, last: bool) -> Bytes {
    let (length, close) = (body.len(), if last { "Connection: close\r\n" } else { "" });
    format!("HTTP/1.1 {status} {reason}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n{close}\r\n{body}")
        .into()
}

/// Which messages a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Requests,
    Responses,
}

#[derive(Debug)]
enum State {
    Head,
    /// So many octets of the document are still to come.
    Sized(usize),
    ChunkLine,
    Chunk(usize),
    /// The line end after a chunk.
    ChunkEnd,
    Trailer,
    Failed,
}

/// Cuts a stream into messages.
#[derive(Debug)]
pub struct Framer {
    side: Side,
    state: State,
    unread: BytesMut,
    message: Message,
    body: BytesMut,
    /// Octets of the trailer so far.
    trailer: usize,
}

impl Framer {
    /// A stream of requests.
    #[must_use]
    pub fn requests() -> Framer {
        Framer::of(Side::Requests)
    }

    /// A stream of responses, to requests that are no HEAD.
    #[must_use]
    pub fn responses() -> Framer {
        Framer::of(Side::Responses)
    }

    fn of(side: Side) -> Framer {
        let (unread, body) = (BytesMut::new(), BytesMut::new());
        Framer { side, state: State::Head, unread, message: Message::default(), body, trailer: 0 }
    }

    /// Takes octets of the stream, cut anywhere.
    pub fn push(&mut self, octets: &[u8]) {
        if !matches!(self.state, State::Failed) {
            self.unread.extend_from_slice(octets);
        }
    }

    /// The next whole message, if it is there. After an error nothing follows.
    #[allow(clippy::should_implement_trait, reason = "more may follow after None, when more octets were pushed")]
    pub fn next(&mut self) -> Option<Result<Message, HttpError>> {
        loop {
            match self.step() {
                Ok(Step::More) => return None,
                Ok(Step::On) => {}
                Ok(Step::Whole) => {
                    self.state = State::Head;
                    self.trailer = 0;
                    let body = std::mem::take(&mut self.body).freeze();
                    return Some(Ok(Message { body, ..std::mem::take(&mut self.message) }));
                }
                Err(error) => {
                    self.state = State::Failed;
                    self.unread = BytesMut::new();
                    return Some(Err(error));
                }
            }
        }
    }

    /// Whether a message has begun that is not whole.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.unread.is_empty() || !matches!(self.state, State::Head | State::Failed)
    }

    fn step(&mut self) -> Result<Step, HttpError> {
        match self.state {
            State::Failed => Ok(Step::More),
            State::Head => self.head(),
            State::Sized(left) => {
                let left = self.take(left);
                self.state = State::Sized(left);
                Ok(if left == 0 { Step::Whole } else { Step::More })
            }
            State::ChunkLine => self.chunk_line(),
            State::Chunk(left) => {
                let left = self.take(left);
                self.state = if left == 0 { State::ChunkEnd } else { State::Chunk(left) };
                Ok(if left == 0 { Step::On } else { Step::More })
            }
            State::ChunkEnd => {
                let Some(line) = self.line(MAX_LINE)? else { return Ok(Step::More) };
                self.state = State::ChunkLine;
                if line.is_empty() { Ok(Step::On) } else { Err(broken("a chunk is longer than it says")) }
            }
            State::Trailer => {
                let Some(line) = self.line(MAX_HEAD)? else { return Ok(Step::More) };
                self.trailer += line.len();
                match line.is_empty() {
                    true => Ok(Step::Whole),
                    false if self.trailer > MAX_HEAD => Err(HttpError { status: 431, why: "the trailer is too long" }),
                    false => Ok(Step::On),
                }
            }
        }
    }

    /// Takes up to so many octets of the document; gives how many are still to come.
    fn take(&mut self, left: usize) -> usize {
        let here = left.min(self.unread.len());
        self.body.unsplit(self.unread.split_to(here));
        left - here
    }

    /// A line without its CRLF, if it is there.
    fn line(&mut self, most: usize) -> Result<Option<BytesMut>, HttpError> {
        let looked_at = self.unread.get(..self.unread.len().min(most)).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', looked_at) else {
            return if self.unread.len() >= most { Err(broken("a line is too long")) } else { Ok(None) };
        };
        let mut line = self.unread.split_to(end + 1);
        line.truncate(end);
        if line.last() != Some(&b'\r') {
            return Err(broken("a line does not end in CRLF"));
        }
        line.truncate(end - 1);
        Ok(Some(line))
    }

    /// RFC 9112 section 7.1: a size in hexadecimal digits, maybe extensions.
    fn chunk_line(&mut self) -> Result<Step, HttpError> {
        let Some(line) = self.line(MAX_LINE)? else { return Ok(Step::More) };
        let wrong = broken("a chunk has no size");
        let text = std::str::from_utf8(&line).map_err(|_| wrong)?;
        let digits = text.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
        let plain = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_hexdigit());
        let size = usize::from_str_radix(digits, 16).ok().filter(|_| plain).ok_or(wrong)?;
        if size > MAX_BODY || self.body.len() + size > MAX_BODY {
            return Err(HttpError { status: 413, why: "the document is too long" });
        }
        self.state = if size == 0 { State::Trailer } else { State::Chunk(size) };
        Ok(Step::On)
    }

    fn head(&mut self) -> Result<Step, HttpError> {
        // RFC 9112 section 2.2: empty lines before a request are passed over.
        while self.unread.starts_with(b"\r\n") {
            let _ = self.unread.split_to(2);
        }
        let looked_at = self.unread.get(..self.unread.len().min(MAX_HEAD)).unwrap_or_default();
        let Some(end) = memchr::memmem::find(looked_at, b"\r\n\r\n") else {
            let long = self.unread.len() >= MAX_HEAD;
            let why = "the head is too long";
            return if long { Err(HttpError { status: 431, why }) } else { self.is_other() };
        };
        let head = self.unread.split_to(end + 4);
        let text = std::str::from_utf8(head.get(..end).unwrap_or_default());
        let text = text.map_err(|_| broken("the head is not UTF-8"))?;
        let mut lines = text.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        self.side.check(&start)?;
        let fields = lines.map(field).collect::<Result<Vec<_>, _>>()?;
        self.message = Message { start, fields, body: Bytes::new() };
        self.state = self.length()?;
        Ok(Step::On)
    }

    /// What is no HTTP is told before a whole head has come.
    fn is_other(&self) -> Result<Step, HttpError> {
        match self.unread.as_ref() {
            [] | [b'\r'] | [b'A'..=b'Z', ..] => Ok(Step::More),
            _ => Err(broken("this is no HTTP")),
        }
    }

    /// How long the document is (section 6.3).
    fn length(&self) -> Result<State, HttpError> {
        let values = |name: &'static str| {
            let own = move |(own, _): &&(String, String)| own.eq_ignore_ascii_case(name);
            self.message.fields.iter().filter(own).map(|(_, value)| value.as_str())
        };
        let status = self.message.status().filter(|_| self.side == Side::Responses);
        if status.is_some_and(|status| matches!(status, 100..=199 | 204 | 304)) {
            return Ok(State::Sized(0));
        }
        let mut lengths = values("Content-Length");
        let mut codings = values("Transfer-Encoding");
        match (lengths.next(), codings.next()) {
            (Some(_), Some(_)) => Err(broken("there are two lengths")),
            (None, Some(coding)) if coding.eq_ignore_ascii_case("chunked") && codings.next().is_none() => {
                Ok(State::ChunkLine)
            }
            (None, Some(_)) => Err(HttpError { status: 501, why: "another transfer coding than chunked" }),
            (Some(length), None) => {
                if lengths.any(|other| other != length) {
                    return Err(broken("there are two lengths"));
                }
                sized(length)
            }
            (None, None) if self.side == Side::Requests => Ok(State::Sized(0)),
            (None, None) => Err(broken("a response does not say how long it is")),
        }
    }
}

enum Step {
    /// More has to come.
    More,
    /// There may be more to be read.
    On,
    /// The message is whole.
    Whole,
}

fn sized(length: &str) -> Result<State, HttpError> {
    let digits = !length.is_empty() && length.bytes().all(|octet| octet.is_ascii_digit());
    match length.parse::<usize>() {
        Ok(length) if digits && length <= MAX_BODY => Ok(State::Sized(length)),
        _ if digits => Err(HttpError { status: 413, why: "the document is too long" }),
        _ => Err(broken("a length is no number")),
    }
}

/// A field line (section 5): no white space before the colon, no folding.
fn field(line: &str) -> Result<(String, String), HttpError> {
    let wrong = broken("a field is not `name: value`");
    let (name, value) = line.split_once(':').ok_or(wrong)?;
    let token = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
    let value = value.trim_matches([' ', '\t']);
    if name.is_empty() || !name.bytes().all(token) || value.chars().any(|one| one.is_control() && one != '\t') {
        return Err(wrong);
    }
    Ok((name.to_owned(), value.to_owned()))
}

impl Side {
    fn check(self, start: &str) -> Result<(), HttpError> {
        let words: Vec<&str> = start.splitn(3, ' ').collect();
        let version = match (self, words.as_slice()) {
            (Side::Requests, [method, target, version])
                if !target.is_empty()
                    && !method.is_empty()
                    && method.bytes().all(|octet| octet.is_ascii_uppercase()) =>
            {
                version
            }
            (Side::Responses, [version, status, ..])
                if status.len() == 3 && status.bytes().all(|octet| octet.is_ascii_digit()) =>
            {
                version
            }
            _ => return Err(broken("the first line is none of HTTP")),
        };
        match *version {
            "HTTP/1.1" | "HTTP/1.0" => Ok(()),
            other if other.starts_with("HTTP/") => Err(HttpError { status: 505, why: "another version of HTTP" }),
            _ => Err(broken("the first line is none of HTTP")),
        }
    }
}
