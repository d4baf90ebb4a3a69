//! HTTP/1.1 (RFC 9112) as far as it takes to pass over it: where the body ends.

use memchr::memchr;

use super::reader::{content_length, head_end};

/// A head, a line of a chunk and trailers are no longer than this.
const MAX_LINES: usize = 64 * 1024;

/// What is next in the stream.
#[derive(Debug, Default)]
pub(super) enum Http {
    #[default]
    Head,
    /// A body, of which so much is left. `whole`: none of it was read.
    Body {
        left: u64,
        whole: bool,
    },
    ChunkSize,
    /// A chunk with the end of line behind it.
    Chunk(u64),
    Trailers,
    /// Everything that follows.
    Rest,
}

pub(super) enum Step {
    /// So many octets are passed over.
    Pass(usize),
    /// So many octets are the head of a message.
    Head(usize),
    Wait,
    /// What follows is not understood.
    NotHttp,
}

impl Http {
    pub fn step(&mut self, octets: &[u8]) -> Step {
        match *self {
            Http::Head => self.head(octets),
            // Of the response to a HEAD request the head tells a length all the same (RFC 9110 section 8.6).
            Http::Body { whole: true, .. } if octets.starts_with(b"HTTP/1.") => self.then(Http::Head, 0),
            Http::Body { left, .. } => match pass(left, octets) {
                (passed, 0) => self.then(Http::Head, passed),
                (passed, left) => self.then(Http::Body { left, whole: false }, passed),
            },
            Http::ChunkSize => self.chunk_size(octets),
            Http::Chunk(left) => match pass(left, octets) {
                (passed, 0) => self.then(Http::ChunkSize, passed),
                (passed, left) => self.then(Http::Chunk(left), passed),
            },
            Http::Trailers => match memchr(b'\n', octets) {
                Some(end) if octets.get(..end).is_some_and(|line| line.trim_ascii().is_empty()) => {
                    self.then(Http::Head, end + 1)
                }
                Some(end) => Step::Pass(end + 1),
                None => wait(octets),
            },
            Http::Rest => Step::Pass(octets.len()),
        }
    }

    fn then(&mut self, next: Http, passed: usize) -> Step {
        *self = next;
        Step::Pass(passed)
    }

    fn head(&mut self, octets: &[u8]) -> Step {
        let line = octets.get(..memchr(b'\n', octets).unwrap_or(octets.len())).unwrap_or_default();
        let is_http = |word: &[u8]| word.trim_ascii().starts_with(b"HTTP/1.");
        if line.len() < octets.len()
            && !is_http(line)
            && !line.rsplit(|octet| *octet == b' ').next().is_some_and(is_http)
        {
            return Step::NotHttp;
        }
        let Some(end) = head_end(octets, 0) else { return wait(octets) };
        *self = body(octets.get(..end).unwrap_or_default());
        Step::Head(end)
    }

    fn chunk_size(&mut self, octets: &[u8]) -> Step {
        let Some(end) = memchr(b'\n', octets) else { return wait(octets) };
        let line = octets.get(..end).unwrap_or_default();
        let digits = line.split(|octet| matches!(octet, b';' | b'\r' | b' ')).next().unwrap_or_default();
        let size = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        match size {
            None => Step::NotHttp,
            Some(0) => self.then(Http::Trailers, end + 1),
            Some(size) => self.then(Http::Chunk(size.saturating_add(2)), end + 1),
        }
    }
}

fn wait(octets: &[u8]) -> Step {
    if octets.len() > MAX_LINES { Step::NotHttp } else { Step::Wait }
}

/// How many octets are passed over, and how many are left then.
fn pass(left: u64, octets: &[u8]) -> (usize, u64) {
    let passed = usize::try_from(left).unwrap_or(usize::MAX).min(octets.len());
    (passed, left - passed as u64)
}

/// What follows a head (RFC 9112 section 6.3).
fn body(head: &[u8]) -> Http {
    let status = head.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
    match status {
        // Another protocol from here on.
        Some(b"101") => return Http::Rest,
        Some([b'1', ..] | b"204" | b"304") => return Http::Head,
        _ => {}
    }
    let chunked = head.split(|octet| *octet == b'\n').any(|line| {
        let name = b"Transfer-Encoding:";
        line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && line.trim_ascii_end().to_ascii_lowercase().ends_with(b"chunked")
    });
    match (content_length(head), status) {
        _ if chunked => Http::ChunkSize,
        (Some(0), _) | (None, None) => Http::Head,
        (Some(left), _) => Http::Body { left: left as u64, whole: true },
        (None, Some(_)) => Http::Rest,
    }
}
