//! A connection over TLS: what it says goes on as if it had come in the clear.

use super::half::Path;
use super::reader::{Piece, Reader};
use crate::capture::seen::{Lost, Moment, Output, Seen};
use crate::capture::side::{Both, Side};
use crate::capture::tls::{Sealed, Session};

#[derive(Debug)]
pub(super) struct Secured {
    session: Session,
    /// Those of what is said.
    readers: Both<Reader>,
    /// Where it was last heard of.
    last: (Moment, Side),
}

impl Secured {
    pub fn new(moment: Moment, side: Side) -> Secured {
        let readers = Both { low: Reader::within_tls(), high: Reader::within_tls() };
        Secured { session: Session::default(), readers, last: (moment, side) }
    }

    /// How many octets it keeps.
    pub fn waiting(&self) -> usize {
        self.session.waiting() + self.readers.low.waiting() + self.readers.high.waiting()
    }

    /// Takes octets of a direction, or that some are missing.
    pub fn take(&mut self, side: Side, piece: &Piece, paths: &Both<Path>, output: &mut Output) {
        self.last = (piece.moment, side);
        let mut plain = Vec::new();
        let taken = match &piece.octets {
            Some(octets) => self.session.octets(side, piece.moment, octets, &output.secrets, &mut plain),
            None => self.session.lost(&output.secrets),
        };
        for said in plain {
            self.readers.of_mut(said.side).push(said.moment, paths.of(said.side), &said.octets, output);
        }
        if self.session.takes_early() {
            self.seal(Sealed::EarlyData, paths, output);
        }
        self.ended(taken, paths, output);
    }

    /// What is not complete is not waited for any more.
    pub fn give_up(&mut self, paths: &Both<Path>, output: &mut Output) {
        if self.session.waiting() > 0 {
            output.tally.unfinished += self.session.waiting() as u64;
            let lost = self.session.lost(&output.secrets);
            self.ended(lost, paths, output);
        }
        self.readers.low.give_up(output);
        self.readers.high.give_up(output);
    }

    /// Nothing follows.
    pub fn end(&mut self, paths: &Both<Path>, output: &mut Output) {
        let finished = self.session.finish(&output.secrets);
        output.tally.unfinished += self.session.waiting() as u64;
        self.ended(finished, paths, output);
        self.readers.low.give_up(output);
        self.readers.high.give_up(output);
    }

    /// Takes down why nothing more is read, and that what was said has a hole from here on.
    fn ended(&mut self, taken: Result<(), Sealed>, paths: &Both<Path>, output: &mut Output) {
        let Err(why) = taken else { return };
        self.seal(why, paths, output);
        let Moment { frame, at } = self.last.0;
        for side in [Side::Low, Side::High] {
            let &Path { source, destination, connection } = paths.of(side);
            if self.readers.of_mut(side).lost(self.last.0, output) {
                output.seen.push_back(Seen::Lost(Lost { frame, at, connection, source, destination, octets: 0 }));
            }
        }
    }

    fn seal(&self, why: Sealed, paths: &Both<Path>, output: &mut Output) {
        let (moment, side) = self.last;
        let path = paths.of(side);
        output.tally.seal(why, moment, path.source, path.destination);
    }
}
