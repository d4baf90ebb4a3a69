//! An input that is still being written: a file that grows, or a program that writes into a pipe.
//!
//! Who reads it waits for more. The waiting ends when the writer has ended, or when somebody says stop; what came until then is
//! read to its end.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// So much is read at once, and so many pieces wait at most.
const PIECE: usize = 64 * 1024;
const PIECES: usize = 16;
/// So often a file is looked at that did not grow, and whether somebody said stop.
const PAUSE: Duration = Duration::from_millis(100);

/// By which following is brought to its end.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Nothing that comes from now on is read.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody said stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What comes of an input, as it comes.
#[derive(Debug)]
pub(super) struct Following {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// What was not taken yet of the last piece.
    piece: Vec<u8>,
    taken: usize,
    stop: Stop,
}

impl Following {
    /// Follows an input, which does not end where there is nothing more now if it `grows`.
    pub fn new(input: Box<dyn Read + Send>, grows: bool, stop: &Stop) -> Following {
        let (sender, pieces) = sync_channel(PIECES);
        let until = stop.clone();
        // A read of a pipe that nobody writes into cannot be called off: a thread of its own hangs in it.
        thread::spawn(move || pump(input, grows, &sender, &until));
        Following { pieces, piece: Vec::new(), taken: 0, stop: stop.clone() }
    }

    /// Waits for the next piece; none when there will be none.
    fn wait(&mut self) -> Option<io::Result<Vec<u8>>> {
        loop {
            match self.pieces.recv_timeout(PAUSE) {
                Ok(piece) => return Some(piece),
                Err(RecvTimeoutError::Timeout) if !self.stop.is_set() => {}
                Err(_) => return None,
            }
        }
    }
}

impl Read for Following {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            let Some(piece) = self.wait() else { return Ok(0) };
            self.piece = piece?;
            self.taken = 0;
        }
        let mut rest = self.piece.get(self.taken..).unwrap_or_default();
        let read = rest.read(into)?;
        self.taken += read;
        Ok(read)
    }
}

fn pump(mut input: Box<dyn Read + Send>, grows: bool, pieces: &SyncSender<io::Result<Vec<u8>>>, stop: &Stop) {
    let mut buffer = vec![0; PIECE];
    while !stop.is_set() {
        let piece = match input.read(&mut buffer) {
            Ok(0) if grows => {
                thread::sleep(PAUSE);
                continue;
            }
            Ok(0) => return,
            Ok(read) => Ok(buffer.get(..read).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = piece.is_err();
        if pieces.send(piece).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use std::io::Cursor;

    #[test]
    fn what_came_is_read_to_its_end() {
        let mut whole = Vec::new();
        let octets: Vec<u8> = (0..=255).cycle().take(3 * PIECE + 7).collect();
        Following::new(Box::new(Cursor::new(octets.clone())), false, &Stop::default()).read_to_end(&mut whole).unwrap();
        assert_eq!(whole, octets);
    }

    #[test]
    fn a_file_that_grows_ends_when_somebody_says_stop() {
        let stop = Stop::default();
        let mut following = Following::new(Box::new(Cursor::new(b"abc".to_vec())), true, &stop);
        let mut first = [0; 3];
        following.read_exact(&mut first).unwrap();
        stop.stop();
        assert_eq!((&first, following.read(&mut [0; 3]).unwrap()), (b"abc", 0));
    }
}
