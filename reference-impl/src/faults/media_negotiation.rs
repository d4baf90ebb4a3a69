//! Faults with the media of sessions between two: with what is described, and with messages on their way. [PF-SES-05].

mod describing;
mod relaying;

use super::Fault;

pub(super) const FAULTS: &[&[Fault]] = &[describing::FAULTS, relaying::FAULTS];
