//! A large buffer before the input, so that packets are slices of it.

use std::io::{ErrorKind, Read};

use crate::capture::error::CaptureError;

/// It stays in the cache of a processor; a block that is larger makes the buffer grow to its size.
const BUFFER: usize = 256 * 1024;

#[derive(Debug)]
pub(super) struct Input<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where what was not taken yet begins and ends in the buffer.
    start: usize,
    end: usize,
    /// How many octets were taken.
    offset: u64,
}

impl<R: Read> Input<R> {
    pub fn new(input: R) -> Input<R> {
        Input { input, buffer: Vec::new(), start: 0, end: 0, offset: 0 }
    }

    /// Where in the file the next octet stands.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is there already of the octets to come.
    pub fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Has this many octets ahead; no when the file ends before.
    #[inline]
    pub fn need(&mut self, octets: usize) -> Result<bool, CaptureError> {
        if self.end - self.start >= octets { Ok(true) } else { self.fill(octets) }
    }

    fn fill(&mut self, octets: usize) -> Result<bool, CaptureError> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < octets.max(BUFFER) {
            self.buffer.resize(octets.max(BUFFER), 0);
        }
        while self.end < octets {
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => return Ok(false),
                Ok(more) => self.end = (self.end + more).min(self.buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(CaptureError::Read { at: self.offset + self.end as u64, source }),
            }
        }
        Ok(true)
    }

    /// Takes octets that are ahead.
    #[inline]
    pub fn take(&mut self, octets: usize) -> &[u8] {
        let from = self.start;
        self.start = self.end.min(from.saturating_add(octets));
        self.offset += (self.start - from) as u64;
        self.buffer.get(from..self.start).unwrap_or_default()
    }

    /// Passes over octets that need not be ahead, and tells how many were there.
    pub fn skip(&mut self, octets: u64) -> Result<u64, CaptureError> {
        let mut left = octets;
        while left > 0 && self.need(1)? {
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(self.end - self.start);
            self.take(step);
            left -= step as u64;
        }
        Ok(octets - left)
    }

    /// Has what begins here whole, or says how it is cut.
    #[inline]
    pub fn whole(&mut self, what: &'static str, octets: usize) -> Result<(), CaptureError> {
        if self.need(octets)? {
            return Ok(());
        }
        Err(CaptureError::Cut { what, at: self.offset, needs: octets as u64, left: self.ahead().len() as u64 })
    }
}
