//! Wall-clock time that never steps: the wall clock is read once, the monotonic clock carries it on.

use crate::time::Time;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The clock of a run. Copies of it agree with each other.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Time,
    started: Instant,
}

impl Clock {
    /// A clock that starts at the present time of the machine.
    pub fn start() -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Clock { wall: Time::ZERO + wall, started: Instant::now() }
    }

    /// The time now. It never goes back, even when the machine's wall clock is set.
    pub fn now(&self) -> Time {
        self.wall + self.started.elapsed()
    }

    /// The monotonic instant at which this clock will show `time`: what a runtime sleeps until.
    pub fn instant(&self, time: Time) -> Instant {
        self.started + time.since(self.wall)
    }
}
