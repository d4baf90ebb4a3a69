//! Faults with interception on lawful order. [PF-LI-01]

mod handing_over;
mod orders;
mod traces;

use super::Fault;

pub(super) const FAULTS: &[&[Fault]] = &[handing_over::FAULTS, orders::FAULTS, traces::FAULTS];
