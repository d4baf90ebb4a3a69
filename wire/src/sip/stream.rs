//! SIP over a stream (RFC 3261 section 18.3): messages are told apart by Content-Length, which must be there.

use super::message::Message;
use super::parse::{self, MAX_BODY, MAX_HEAD, ParseError};
use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

/// What a stream brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Message),
    /// Two empty lines between messages: a keep-alive (RFC 5626 section 3.5.1), to be answered by one.
    KeepAlive,
    /// One empty line: the answer to a keep-alive.
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
        if let Some(frame) = self.empty_lines() {
            return Ok(frame);
        }
        let Some(head_length) = self.head_end()? else { return Ok(None) };
        let head = parse::head(self.buffer.get(..head_length).unwrap_or_default())?;
        let length = parse::content_length(&self.buffer, &head.fields)?;
        let Some(length) = length else {
            return Err(FrameError::NoContentLength(self.buffer.split_to(head_length).freeze()));
        };
        if length > MAX_BODY {
            return Err(FrameError::TooLarge(length));
        }
        if self.buffer.len() < head_length + length {
            return Ok(None);
        }
        self.searched = 0;
        let octets = self.buffer.split_to(head_length + length).freeze();
        Ok(Some(Frame::Message(parse::assemble(octets, head, length))))
    }

    /// Empty lines before a message. One that may become two waits for what follows.
    fn empty_lines(&mut self) -> Option<Option<Frame>> {
        match self.buffer.get(..self.buffer.len().min(4)).unwrap_or_default() {
            [] => Some(None),
            b"\r\n\r\n" => {
                self.buffer.advance(4);
                Some(Some(Frame::KeepAlive))
            }
            b"\r" | b"\r\n\r" => Some(None),
            // A lone line end: an answer, or filling before a message (RFC 3261 section 7.5).
            [b'\r', b'\n', ..] => {
                self.buffer.advance(2);
                Some(Some(Frame::Pong))
            }
            _ => None,
        }
    }

    fn head_end(&mut self) -> Result<Option<usize>, FrameError> {
        let from = self.searched.saturating_sub(3);
        let found = memmem::find(self.buffer.get(from..).unwrap_or_default(), b"\n\r\n").map(|at| from + at + 3);
        let bare = memmem::find(self.buffer.get(from..).unwrap_or_default(), b"\n\n").map(|at| from + at + 2);
        let end = match (found, bare) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        // Where an end was found it is looked for again from there, should the body still be on its way.
        self.searched = end.unwrap_or(self.buffer.len());
        match end {
            Some(end) if end <= MAX_HEAD => Ok(Some(end)),
            None if self.buffer.len() <= MAX_HEAD => Ok(None),
            _ => Err(FrameError::TooLarge(self.buffer.len())),
        }
    }
}
