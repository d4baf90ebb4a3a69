//! Requests, answers, descriptions and chunks, octet by octet.

use std::fmt::Write as _;

use super::Wire;
use crate::evidence::Direction;

/// A request outside a dialog; its tags are `tag-a` for who sends it and `tag-b` for who answers.
pub struct Request {
    method: &'static str,
    uri: String,
    n: u32,
    headers: String,
    to: String,
    body: (String, String),
}

impl Request {
    pub fn new(method: &'static str, uri: &str, n: u32) -> Request {
        let to = format!("To: <{uri}>\r\n");
        Request { method, uri: uri.to_owned(), n, headers: String::new(), to, body: (String::new(), String::new()) }
    }

    pub fn headers(mut self, headers: &str) -> Request {
        self.headers.push_str(headers);
        self
    }

    pub fn without_to(mut self) -> Request {
        self.to.clear();
        self
    }

    pub fn body(mut self, kind: &str, body: &str) -> Request {
        self.body = (kind.to_owned(), body.to_owned());
        self
    }

    fn common(&self) -> String {
        format!(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{}\r\nFrom: <sip:originator@example.com>;tag=tag-a\r\n\
             Call-ID: call-{}\r\nCSeq: 1 {}\r\n",
            self.n, self.n, self.method
        )
    }

    pub fn octets(&self) -> String {
        let (kind, body) = &self.body;
        let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        format!(
            "{} {} SIP/2.0\r\n{}{}Max-Forwards: 70\r\n{}{kind}Content-Length: {}\r\n\r\n{body}",
            self.method,
            self.uri,
            self.common(),
            self.to,
            self.headers,
            body.len()
        )
    }

    pub fn answer(&self, status: u16, headers: &str, body: &str) -> String {
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "SIP/2.0 {status} Whatever\r\n{}To: <{}>;tag=tag-b\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            self.common(),
            self.uri,
            body.len()
        )
    }
}

pub fn sdp(path: &str, direction: &str, accept: &str, wrapped: &str) -> String {
    let host = path.trim_start_matches("msrp://").split(':').next().unwrap();
    let port = path.split(':').nth(2).unwrap().split('/').next().unwrap();
    format!(
        "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=message {port} TCP/MSRP *\r\na=path:{path}\r\n\
         a=accept-types:{accept}\r\na=accept-wrapped-types:{wrapped}\r\na={direction}\r\na=setup:actpass\r\n"
    )
}

pub fn multipart(description: &str, list: &[&str]) -> (String, String) {
    let mut entries = String::new();
    for user in list {
        write!(entries, "<entry uri=\"sip:{user}@example.com\"/>").unwrap();
    }
    let body = format!(
        "--limit\r\nContent-Type: application/sdp\r\n\r\n{description}\r\n--limit\r\n\
         Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n\
         <?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>{entries}</list>\
         </resource-lists>\r\n--limit--\r\n"
    );
    ("multipart/mixed;boundary=limit".to_owned(), body)
}

/// One chunk of a SEND.
#[allow(clippy::too_many_arguments, reason = "a chunk has that many parts, and tests want to set each")]
pub fn chunk(
    leg: &Wire,
    direction: Direction,
    n: u32,
    message_id: &str,
    kind: &str,
    content: &[u8],
    (start, total): (usize, usize),
    flag: char,
) -> Vec<u8> {
    let (to, from) = match direction {
        Direction::Sent => (&leg.target_path, &leg.own_path),
        Direction::Received => (&leg.own_path, &leg.target_path),
    };
    let end = start + content.len() - 1;
    let mut octets = format!(
        "MSRP tid{n} SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: {message_id}\r\n\
         Byte-Range: {start}-{end}/{total}\r\nContent-Type: {kind}\r\n\r\n"
    )
    .into_bytes();
    octets.extend_from_slice(content);
    octets.extend_from_slice(format!("\r\n-------tid{n}{flag}\r\n").as_bytes());
    octets
}
