//! SIP over a stream (RFC 3261 section 18.3): messages are told apart by Content-Length, which must be there.

use super::message::Message;
use super::parse::{self, Head, MAX_BODY, MAX_HEAD, ParseError};
use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr_iter;

/// What a stream brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Message),
    /// Two empty lines between messages: a keep-alive (RFC 5626 section 3.5.1), to be answered by one.
    KeepAlive,
    /// One empty line: the answer to a keep-alive, the first half of one, or filling before a message (RFC 3261
    /// section 7.5).
    Pong,
}

/// A stream that cannot be read any further; it is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The head of a message is malformed.
    #[error("{0}")]
    Head(#[from] ParseError),
    /// A message without Content-Length: its end cannot be known.
    #[error("a message on a stream has no Content-Length")]
    NoContentLength(Bytes),
    /// A message larger than is read.
    #[error("a message on a stream is larger than is read: {0} octets")]
    TooLarge(usize),
}

/// Cuts a stream into messages.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    /// So many octets were searched for the end of a head already.
    searched: usize,
    /// A head whose body is still on its way, and the length of that body.
    waiting: Option<(Head, usize)>,
    /// The last frame was an empty line, which with another one makes a keep-alive.
    half: bool,
    failed: bool,
}

impl Framer {
    /// Takes octets of the stream, cut anywhere.
    pub fn push(&mut self, octets: &[u8]) {
        if !self.failed {
            self.buffer.extend_from_slice(octets);
        }
    }

    /// The next whole frame, if it is there. After an error nothing follows.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Result<Frame, FrameError>> {
        if self.failed {
            return None;
        }
        let next = self.frame().transpose();
        if matches!(next, Some(Err(_))) {
            self.failed = true;
            self.buffer.clear();
        }
        next
    }

    /// The octets that wait for more.
    pub fn waiting(&self) -> &[u8] {
        &self.buffer
    }

    fn frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.waiting.is_none() {
            if let Some(frame) = self.empty_lines() {
                return Ok(frame);
            }
            self.half = false;
            let Some(head_length) = self.head_end()? else { return Ok(None) };
            self.waiting = Some(self.head(head_length)?);
        }
        Ok(self.whole_message())
    }

    /// Empty lines before a message; None when one begins, Some(None) when more must come first. The first half of a
    /// keep-alive is given at once, and when the second comes, the keep-alive: waiting for it would hold back an answer,
    /// and an answer too many does no harm.
    fn empty_lines(&mut self) -> Option<Option<Frame>> {
        let (octets, half, frame) = match self.buffer.get(..self.buffer.len().min(4)).unwrap_or_default() {
            b"\r\n\r\n" if !self.half => (4, false, Frame::KeepAlive),
            [b'\r', b'\n', ..] if self.half => (2, false, Frame::KeepAlive),
            b"" | b"\r" | b"\r\n\r" => return Some(None),
            [b'\r', b'\n', ..] => (2, true, Frame::Pong),
            _ => return None,
        };
        self.buffer.advance(octets);
        self.half = half;
        Some(Some(frame))
    }

    /// Looks for the empty line that ends the head, as [`parse::head`] reads it.
    fn head_end(&mut self) -> Result<Option<usize>, FrameError> {
        let from = self.searched.saturating_sub(2);
        let octets = self.buffer.get(from..).unwrap_or_default();
        let ends = |at: usize| match octets.get(at + 1..) {
            Some([b'\n', ..]) => Some(from + at + 2),
            Some([b'\r', b'\n', ..]) => Some(from + at + 3),
            _ => None,
        };
        let end = memchr_iter(b'\n', octets).find_map(ends);
        self.searched = self.buffer.len();
        match end {
            Some(end) if end <= MAX_HEAD => Ok(Some(end)),
            None if self.buffer.len() <= MAX_HEAD => Ok(None),
            _ => Err(FrameError::TooLarge(self.buffer.len())),
        }
    }

    fn head(&mut self, length: usize) -> Result<(Head, usize), FrameError> {
        let head = parse::head(self.buffer.get(..length).unwrap_or_default())?;
        match parse::content_length(&self.buffer, &head.fields)? {
            None => Err(FrameError::NoContentLength(self.buffer.split_to(length).freeze())),
            Some(body) if body > MAX_BODY => Err(FrameError::TooLarge(body)),
            Some(body) => Ok((head, body)),
        }
    }

    fn whole_message(&mut self) -> Option<Frame> {
        let (head, body) = self.waiting.take_if(|(head, body)| self.buffer.len() >= head.body_at + *body)?;
        self.searched = 0;
        let octets = self.buffer.split_to(head.body_at + body).freeze();
        Some(Frame::Message(parse::assemble(octets, head, body)))
    }
}
