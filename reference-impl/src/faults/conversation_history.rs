//! Faults with the history of conversations. [PF-HIS-01]. They act on what is said to the message store: an object keeps its
//! length, since that was told before it.

mod away;
mod objects;
mod twice;
mod whose;

use super::Fault;

pub(super) const FAULTS: &[&[Fault]] = &[whose::FAULTS, objects::FAULTS, twice::FAULTS, away::FAULTS];
