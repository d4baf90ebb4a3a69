//! A user of another network, as far as messages go: the whole of that network answers as one.

use super::receiving::{Received, Receiving};

/// A user of another network.
#[derive(Clone, Debug, Default)]
pub struct Remote {
    /// How it takes messages.
    pub receiving: Receiving,
    /// What it took, in order.
    pub received: Vec<Received>,
}
