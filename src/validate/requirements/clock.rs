//! When a packet was captured.

use std::time::Duration;

use cpm_wire::time::Time;

/// Instants are told apart from this on.
const STEP: Duration = Duration::from_millis(100);

/// Packets and the instants in which they were captured, as far as these differ.
#[derive(Debug, Default)]
pub(super) struct Clock {
    marks: Vec<(u64, Time)>,
    end: Time,
}

impl Clock {
    /// A packet was captured then.
    pub fn tick(&mut self, frame: u64, at: Time) {
        self.end = self.end.max(at);
        match self.marks.last_mut() {
            Some((of, last)) if at.since(*last) < STEP => *of = frame,
            _ => self.marks.push((frame, at)),
        }
    }

    /// Nothing was captured after that.
    pub fn close(&mut self, until: Time) {
        self.end = self.end.max(until);
    }

    /// For how long the capture went on after a packet.
    pub fn after(&self, frame: u64) -> Duration {
        self.end.since(self.at(frame))
    }

    /// From one packet to another.
    pub fn between(&self, frame: u64, later: u64) -> Duration {
        self.at(later).since(self.at(frame))
    }

    fn at(&self, frame: u64) -> Time {
        let next = self.marks.partition_point(|(of, _)| *of < frame);
        self.marks.get(next).map_or(self.end, |(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_packet_is_as_old_as_those_around_it() {
        let ms = |ms| Time::ZERO + Duration::from_millis(ms);
        let mut clock = Clock::default();
        for (frame, at) in [(1, 0), (2, 40), (5, 1000), (6, 3000)] {
            clock.tick(frame, ms(at));
        }
        clock.close(ms(5000));
        assert_eq!(clock.after(2), Duration::from_secs(5));
        assert_eq!((clock.after(5), clock.after(6)), (Duration::from_secs(4), Duration::from_secs(2)));
        assert_eq!(clock.between(1, 5), Duration::from_secs(1));
    }
}
