//! One connection: how it opens and ends, and the streams in both directions.

use super::Pair;
use super::half::{Half, Path};
use super::secured::Secured;
use crate::capture::ip::Segment;
use crate::capture::seen::{self, ConnectionWhat, Moment, Output, Seen};
use crate::capture::side::{Both, Side};
use crate::capture::tally::Skip;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A SYN was seen, or nothing at all.
    Asked,
    /// Octets go to and fro.
    Open,
    /// Both sides have ended it, or one has torn it down.
    Over,
}

#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    pair: Pair,
    state: State,
    /// Who has asked for it, if that was seen.
    opener: Option<Side>,
    low: Half,
    high: Half,
    /// What it says under TLS, if it speaks that.
    secured: Option<Box<Secured>>,
    /// Whether it was used since somebody asked.
    used: bool,
}

impl Connection {
    pub fn new(number: u64, pair: Pair) -> Connection {
        Connection {
            number,
            pair,
            state: State::Asked,
            opener: None,
            low: Half::default(),
            high: Half::default(),
            secured: None,
            used: false,
        }
    }

    /// Whether this SYN begins another connection between the same ends.
    pub fn is_replaced_by(&self, side: Side, segment: &Segment<'_>) -> bool {
        self.is_over() || !self.half(side).may_begin_at(segment.sequence.wrapping_add(1))
    }

    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    pub fn take_used(&mut self) -> bool {
        std::mem::take(&mut self.used) && !self.is_over()
    }

    /// How many octets it keeps.
    pub fn waiting(&self) -> usize {
        self.low.waiting() + self.high.waiting() + self.secured.as_ref().map_or(0, |secured| secured.waiting())
    }

    pub fn segment(
        &mut self,
        moment: Moment,
        side: Side,
        segment: &Segment<'_>,
        output: &mut Output,
    ) -> Result<(), Skip> {
        if self.is_over() {
            return Err(Skip::OutsideConnection);
        }
        self.used = true;
        self.open(moment, side, segment, output);
        if segment.reset {
            self.reset(moment, side, segment, output);
            return Ok(());
        }
        let first = segment.sequence.wrapping_add(u32::from(segment.syn));
        let path = self.path(side);
        let half = self.half_mut(side);
        half.octets(moment, &path, first, segment, output);
        if let Some(acknowledged) = segment.acknowledgement {
            self.half_mut(side.other()).acknowledged(moment, acknowledged);
        }
        for side in [side, side.other()] {
            let path = self.path(side);
            self.half_mut(side).lose_patience(&path, output);
            self.unseal(output);
            if self.half_mut(side).takes_finish() {
                self.tell(moment, side, ConnectionWhat::Finished, output);
            }
        }
        if self.low.is_finished() && self.high.is_finished() {
            self.over(output);
        }
        Ok(())
    }

    /// Nothing that is not complete is waited for any more.
    pub fn forsake(&mut self, output: &mut Output) {
        self.give_up(output);
        let paths = self.paths();
        if let Some(secured) = &mut self.secured {
            secured.give_up(&paths, output);
        }
    }

    /// Holes will not be filled any more.
    fn give_up(&mut self, output: &mut Output) {
        for side in [Side::Low, Side::High] {
            let path = self.path(side);
            let matters = self.half(side.other()).speaks();
            let half = self.half_mut(side);
            half.give_up_all(&path, output);
            half.give_up_rest(&path, matters, output);
            half.drop_unfinished(output);
        }
        self.unseal(output);
    }

    /// Nothing follows. An end that stood behind a hole is not told: it is not known to have been reached.
    pub fn end(&mut self, output: &mut Output) {
        if !self.is_over() {
            self.give_up(output);
            self.end_secured(output);
        }
    }

    /// Reads what came over TLS.
    fn unseal(&mut self, output: &mut Output) {
        for side in [Side::Low, Side::High] {
            for piece in self.half_mut(side).take_sealed() {
                let paths = self.paths();
                let secured = self.secured.get_or_insert_with(|| {
                    output.tally.tls += 1;
                    Box::new(Secured::new(piece.moment, side))
                });
                secured.take(side, &piece, &paths, output);
            }
        }
    }

    fn end_secured(&mut self, output: &mut Output) {
        let paths = self.paths();
        if let Some(mut secured) = self.secured.take() {
            secured.end(&paths, output);
        }
    }

    fn open(&mut self, moment: Moment, side: Side, segment: &Segment<'_>, output: &mut Output) {
        if self.state != State::Asked || segment.reset {
            return;
        }
        match (segment.syn, segment.acknowledgement) {
            (true, None) => self.opener = Some(side),
            (true, Some(_)) => self.opener = Some(side.other()),
            _ => {}
        }
        let asks = segment.syn && segment.acknowledgement.is_none();
        if asks {
            return;
        }
        self.state = State::Open;
        if let Some(opener) = self.opener {
            self.tell(moment, opener, ConnectionWhat::Opened, output);
        }
    }

    fn reset(&mut self, moment: Moment, side: Side, segment: &Segment<'_>, output: &mut Output) {
        let what = match self.state {
            State::Asked if self.opener == Some(side.other()) => ConnectionWhat::Refused,
            // A stray one, or one by somebody who cannot know where the stream is (RFC 5961 section 3).
            _ if !self.half(side).is_near(segment.sequence) => return,
            _ => ConnectionWhat::Reset,
        };
        // Whoever resets tells how much it has sent, and how much it has.
        self.half_mut(side).acknowledged(moment, segment.sequence);
        if let Some(acknowledged) = segment.acknowledgement {
            self.half_mut(side.other()).acknowledged(moment, acknowledged);
        }
        self.give_up(output);
        self.tell(moment, side, what, output);
        self.over(output);
    }

    fn over(&mut self, output: &mut Output) {
        self.give_up(output);
        self.end_secured(output);
        self.state = State::Over;
        (self.low, self.high) = (Half::default(), Half::default());
    }

    fn tell(&self, moment: Moment, side: Side, what: ConnectionWhat, output: &mut Output) {
        let Path { source, destination, connection } = self.path(side);
        let Moment { frame, at } = moment;
        output.seen.push_back(Seen::Connection(seen::Connection { frame, at, connection, source, destination, what }));
    }

    fn path(&self, side: Side) -> Path {
        let [low, high] = self.pair;
        let (source, destination) = if side == Side::Low { (low, high) } else { (high, low) };
        Path { source, destination, connection: self.number }
    }

    fn paths(&self) -> Both<Path> {
        Both { low: self.path(Side::Low), high: self.path(Side::High) }
    }

    fn half(&self, side: Side) -> &Half {
        if side == Side::Low { &self.low } else { &self.high }
    }

    fn half_mut(&mut self, side: Side) -> &mut Half {
        if side == Side::Low { &mut self.low } else { &mut self.high }
    }
}
