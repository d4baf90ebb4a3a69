//! Cutting a stream into MSRP messages (RFC 4975 sections 5 and 7.1): the end-line with the transaction's own id ends
//! a message, whatever its body holds.

use super::head::{self, After, HYPHENS, Head};
use super::message::{Flag, Message};
use bytes::{Bytes, BytesMut};
use memchr::memmem;

/// The longest head that is read.
pub const MAX_HEAD: usize = 16 * 1024;
/// The longest chunk that is read.
pub const MAX_CHUNK: usize = 16 * 1024 * 1024;

/// A stream that is not MSRP; it is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The first line is not `MSRP id METHOD` nor `MSRP id 200 comment`.
    #[error("the first line is not one of MSRP: {0:?}")]
    StartLine(String),
    /// A header line has no colon.
    #[error("a header line is not `Name: value`: {0:?}")]
    HeaderLine(String),
    /// A line of the head ends without CR.
    #[error("a line of the head ends with LF alone")]
    LineEnd,
    /// The head is not UTF-8.
    #[error("the head is not UTF-8")]
    NotUtf8,
    /// The head or the chunk is too long.
    #[error("the {0} is longer than is read")]
    TooLong(&'static str),
}

/// A head whose body is still awaited.
#[derive(Debug)]
struct Open {
    head: Head,
    body_at: usize,
    /// The line end before the end-line, and the end-line up to its flag.
    end: memmem::Finder<'static>,
    /// Where the search goes on when more octets are there.
    searched: usize,
}

/// Cuts a stream into messages. A body is copied once, from the piece that was read to where the stream is put
/// together, and from then on shared.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    open: Option<Open>,
    failed: bool,
}

impl Framer {
    /// Takes octets of the stream, cut anywhere.
    pub fn push(&mut self, octets: Bytes) {
        if self.failed {
            return;
        }
        if self.buffer.is_empty() {
            // Octets that nobody else holds are taken over as they are.
            match octets.try_into_mut() {
                Ok(own) => self.buffer = own,
                Err(shared) => self.buffer.extend_from_slice(&shared),
            }
        } else {
            self.buffer.extend_from_slice(&octets);
        }
    }

    /// The next whole message, if it is there. After an error nothing follows.
    #[allow(clippy::should_implement_trait, reason = "more may follow after None, when more octets were pushed")]
    pub fn next(&mut self) -> Option<Result<Message, FrameError>> {
        if self.failed {
            return None;
        }
        let next = self.message().transpose();
        if matches!(next, Some(Err(_))) {
            self.failed = true;
            self.buffer.clear();
        }
        next
    }

    /// The octets that wait for more.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    fn message(&mut self) -> Result<Option<Message>, FrameError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => match head::read(&self.buffer)? {
                None if self.buffer.len() > MAX_HEAD => return Err(FrameError::TooLong("head")),
                None => return Ok(None),
                Some(head) => match head.after {
                    After::End { flag, stop } => return Ok(Some(self.cut(head, None, flag, stop))),
                    After::Body(body_at) => Open::new(head, body_at),
                },
            },
        };
        self.body(open)
    }

    fn body(&mut self, mut open: Open) -> Result<Option<Message>, FrameError> {
        if let Some((end, flag)) = open.find_end(&self.buffer) {
            let stop = end + open.end.needle().len() + 3;
            let body = open.body_at..end.max(open.body_at);
            return Ok(Some(self.cut(open.head, Some(body), flag, stop)));
        }
        if self.buffer.len() > MAX_CHUNK {
            return Err(FrameError::TooLong("chunk"));
        }
        self.open = Some(open);
        Ok(None)
    }

    fn cut(&mut self, head: Head, body: Option<std::ops::Range<usize>>, flag: Flag, stop: usize) -> Message {
        let Head { transaction, kind, fields, .. } = head;
        let octets = self.buffer.split_to(stop.min(self.buffer.len())).freeze();
        Message { octets, transaction, kind, fields, body, flag }
    }
}

impl Open {
    fn new(head: Head, body_at: usize) -> Open {
        let end_line = format!("\r\n{HYPHENS}{}", head.transaction);
        let end = memmem::Finder::new(&end_line).into_owned();
        // An empty body shares the line end of the empty line.
        Open { head, body_at, end, searched: body_at.saturating_sub(2) }
    }

    /// Where the body ends, and how the message goes on, once the whole end-line is there.
    fn find_end(&mut self, buffer: &[u8]) -> Option<(usize, Flag)> {
        let length = self.end.needle().len();
        let rest = buffer.get(self.searched..)?;
        for found in self.end.find_iter(rest) {
            let at = self.searched + found;
            match buffer.get(at + length..)? {
                [flag, b'\r', b'\n', ..] => {
                    if let Some(flag) = Flag::read(*flag) {
                        return Some((at, flag));
                    }
                }
                // The rest of the line has not come yet: it is looked at again.
                [] | [_] | [_, b'\r'] => {
                    self.searched = at;
                    return None;
                }
                _ => {}
            }
        }
        // An end-line may be cut in its midst.
        self.searched = self.searched.max(buffer.len().saturating_sub(length - 1));
        None
    }
}
