//! The timer values of RFC 3261 section 17 (table 4), of RFC 6026 and of RFC 4320.

use std::time::Duration;

/// The base values, from which every timer of the four machines is derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timers {
    /// T1: the estimate of the round trip (RFC 3261 section 17.1.1.1).
    pub t1: Duration,
    /// T2: the longest interval between retransmissions of a non-INVITE request or of an INVITE response.
    pub t2: Duration,
    /// T4: the longest time that a message stays in the network.
    pub t4: Duration,
    /// Timer D over an unreliable transport: how long a client waits for retransmissions of a final response to
    /// INVITE; at least 32 s (RFC 3261 section 17.1.1.2).
    pub d: Duration,
    /// When an INVITE server transaction answers 100 by itself (RFC 3261 section 17.2.1).
    pub trying: Duration,
}

impl Default for Timers {
    fn default() -> Timers {
        Timers {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            d: Duration::from_secs(32),
            trying: Duration::from_millis(200),
        }
    }
}

impl Timers {
    /// 64*T1: timers B, F, H, J, L, M and the patience for the ACK of a 2xx.
    pub fn transaction(&self) -> Duration {
        self.t1 * 64
    }

    /// Twice `interval`, but never over T2: timers E and G, and the retransmission of 2xx.
    pub(super) fn doubled(&self, interval: Duration) -> Duration {
        (interval * 2).min(self.t2)
    }

    /// Timer D for the transport.
    pub(super) fn d(&self, reliable: bool) -> Duration {
        if reliable { Duration::ZERO } else { self.d }
    }

    /// Timers I and K for the transport.
    pub(super) fn t4(&self, reliable: bool) -> Duration {
        if reliable { Duration::ZERO } else { self.t4 }
    }

    /// Timer J for the transport.
    pub(super) fn j(&self, reliable: bool) -> Duration {
        if reliable { Duration::ZERO } else { self.transaction() }
    }

    /// How long it takes until a client resets timer E to T2: then a server that has not answered a non-INVITE
    /// request must send 100, and over an unreliable transport it must not do so before (RFC 4320 section 4.1).
    /// 3.5 s with the default values.
    pub fn until_e_is_t2(&self) -> Duration {
        let (mut interval, mut sum) = (self.t1, Duration::ZERO);
        while interval < self.t2 && !interval.is_zero() {
            sum += interval;
            interval *= 2;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_100_to_a_non_invite_request_is_due_after_three_and_a_half_seconds() {
        assert_eq!(Timers::default().until_e_is_t2(), Duration::from_millis(3500));
        let short = Timers { t1: Duration::from_millis(50), t2: Duration::from_millis(400), ..Timers::default() };
        assert_eq!(short.until_e_is_t2(), Duration::from_millis(350));
    }
}
