//! The two ends of a connection, by their addresses.

/// Which end of a pair sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Low,
    High,
}

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::Low => Side::High,
            Side::High => Side::Low,
        }
    }
}

/// Something of each side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Both<T> {
    pub low: T,
    pub high: T,
}

impl<T> Both<T> {
    pub fn of(&self, side: Side) -> &T {
        if side == Side::Low { &self.low } else { &self.high }
    }

    pub fn of_mut(&mut self, side: Side) -> &mut T {
        if side == Side::Low { &mut self.low } else { &mut self.high }
    }
}
