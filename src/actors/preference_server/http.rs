//! HTTP/1.1 as a server of documents reads and writes it (RFC 9112): one request after the other on a connection.

use bytes::{Buf, Bytes, BytesMut};

/// A head is no longer than this.
const LONGEST_HEAD: usize = 16 * 1024;
/// A document is no longer than this.
const LONGEST_BODY: usize = 1024 * 1024;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its target, as it stands in the first line.
    pub target: String,
    /// Whether the connection is to be closed after the answer (section 9.6).
    pub last: bool,
    /// Its body.
    pub body: Bytes,
    fields: Vec<(String, String)>,
}

impl Request {
    /// The value of a field; several are joined (RFC 9110 section 5.3).
    pub fn field(&self, name: &str) -> Option<String> {
        field(&self.fields, name)
    }
}

fn field(fields: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<&str> =
        fields.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A whole request.
    Request(Request),
    /// The sender waits before it sends the body (RFC 9110 section 10.1.1).
    Expects,
    /// No request: the connection ends with this status.
    Broken(u16),
}

/// Reads the requests of one connection.
#[derive(Debug, Default)]
pub struct Requests {
    octets: BytesMut,
    /// The head that was read, while its body is waited for.
    head: Option<Head>,
    broken: bool,
}

#[derive(Debug)]
struct Head {
    method: String,
    target: String,
    last: bool,
    fields: Vec<(String, String)>,
    length: Length,
    /// What came of a body in chunks.
    body: BytesMut,
}

#[derive(Clone, Copy, Debug)]
enum Length {
    Known(usize),
    Chunked,
}

impl Requests {
    /// Takes what came.
    pub fn push(&mut self, octets: &[u8]) {
        if !self.broken {
            self.octets.extend_from_slice(octets);
        }
    }

    /// The next thing that was read.
    pub fn poll(&mut self) -> Option<Read> {
        if self.broken {
            return None;
        }
        let read = match self.head {
            None => self.poll_head(),
            Some(_) => self.poll_body(),
        };
        match read {
            Ok(read) => read,
            Err(status) => {
                self.broken = true;
                Some(Read::Broken(status))
            }
        }
    }

    fn poll_head(&mut self) -> Result<Option<Read>, u16> {
        // Empty lines before a request are passed over (section 2.2).
        while self.octets.starts_with(b"\r\n") {
            self.octets.advance(2);
        }
        let Some(end) = find(&self.octets, b"\r\n\r\n") else {
            return if self.octets.len() > LONGEST_HEAD { Err(431) } else { Ok(None) };
        };
        let octets = self.octets.split_to(end + 4);
        let head = Head::read(std::str::from_utf8(&octets).map_err(|_| 400u16)?)?;
        let waits = field(&head.fields, "Expect").is_some_and(|what| what.eq_ignore_ascii_case("100-continue"));
        self.head = Some(head);
        if waits && self.octets.is_empty() {
            return Ok(Some(Read::Expects));
        }
        self.poll_body()
    }

    fn poll_body(&mut self) -> Result<Option<Read>, u16> {
        let Some(head) = &mut self.head else { return Ok(None) };
        let body = match head.length {
            Length::Known(length) if self.octets.len() < length => return Ok(None),
            Length::Known(length) => self.octets.split_to(length),
            Length::Chunked => match chunks(&mut self.octets, &mut head.body)? {
                false => return Ok(None),
                true => std::mem::take(&mut head.body),
            },
        };
        let Some(Head { method, target, last, fields, .. }) = self.head.take() else { return Ok(None) };
        Ok(Some(Read::Request(Request { method, target, last, body: body.freeze(), fields })))
    }
}

impl Head {
    fn read(text: &str) -> Result<Head, u16> {
        let mut lines = text.trim_end_matches("\r\n").split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(400);
        };
        if !version.starts_with("HTTP/1.") {
            return Err(505);
        }
        let fields: Option<Vec<(String, String)>> = lines
            .map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
            .collect();
        let fields = fields.filter(|all| all.iter().all(|(name, _)| is_token(name))).ok_or(400u16)?;
        // Section 3.2: one Host, no more and no less.
        let hosts = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Host")).count();
        if version == "HTTP/1.1" && hosts != 1 {
            return Err(400);
        }
        let says = |what: &str| {
            let said = field(&fields, "Connection").unwrap_or_default();
            said.split(',').any(|word| word.trim().eq_ignore_ascii_case(what))
        };
        let last = says("close") || (version == "HTTP/1.0" && !says("keep-alive"));
        let (method, target) = (method.to_owned(), target.to_owned());
        Ok(Head { method, target, last, length: length(&fields)?, fields, body: BytesMut::new() })
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet))
}

/// How long the body is (section 6.3).
fn length(fields: &[(String, String)]) -> Result<Length, u16> {
    let coding = field(fields, "Transfer-Encoding");
    match (coding, field(fields, "Content-Length")) {
        (Some(_), Some(_)) => Err(400),
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => Ok(Length::Chunked),
        (Some(_), None) => Err(501),
        (None, None) => Ok(Length::Known(0)),
        (None, Some(length)) => match length.parse::<usize>() {
            Err(_) => Err(400),
            Ok(length) if length > LONGEST_BODY => Err(413),
            Ok(length) => Ok(Length::Known(length)),
        },
    }
}

/// Takes the chunks that are whole (section 7.1); true after the last. Trailers are passed over.
fn chunks(octets: &mut BytesMut, body: &mut BytesMut) -> Result<bool, u16> {
    loop {
        let Some(line) = find(octets, b"\r\n") else { return Ok(false) };
        let size = octets.get(..line).unwrap_or_default();
        let digits = size.split(|octet| *octet == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let size = size.ok_or(400u16)?;
        if body.len().saturating_add(size) > LONGEST_BODY {
            return Err(413);
        }
        if size == 0 {
            // The last chunk ends with the empty line after the trailers.
            let Some(end) = find(octets, b"\r\n\r\n") else { return Ok(false) };
            octets.advance(end + 4);
            return Ok(true);
        }
        if octets.len() < line + 2 + size + 2 {
            return Ok(false);
        }
        octets.advance(line + 2);
        body.extend_from_slice(&octets.split_to(size));
        octets.advance(2);
    }
}

fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(octets, what)
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Fields beside the length.
    pub fields: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// A status and nothing more.
    pub fn bare(status: u16) -> Response {
        Response { status, ..Response::default() }
    }

    /// The same with a field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.fields.push((name, value.into()));
        self
    }

    /// The octets; `last` ends the connection, and of an answer to HEAD the body is left out.
    pub fn octets(&self, last: bool, headless: bool) -> Bytes {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let fields = self.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        head.extend(fields);
        if last {
            head.push_str("Connection: close\r\n");
        }
        // RFC 9110 section 8.6: never with 1xx or 204; with 304 it would be the length of what is not sent.
        if self.status >= 200 && self.status != 304 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        let mut octets = head.into_bytes();
        if !headless {
            octets.extend_from_slice(&self.body);
        }
        octets.into()
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        _ => "Unknown",
    }
}
