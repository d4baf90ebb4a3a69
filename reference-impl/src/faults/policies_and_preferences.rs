//! Faults with what users wish and their provider orders. [PF-SES-03], [PF-PRF-01].

pub(super) mod documents;
mod incoming;
mod messages;
mod outgoing;
#[cfg(test)]
mod tests;

use super::Fault;
use crate::config::{Config, Preset};

pub(super) const FAULTS: &[&[Fault]] = &[incoming::FAULTS, outgoing::FAULTS, messages::FAULTS];

/// Every preset becomes another one.
fn presets(config: &mut Config, change: impl Fn(&mut Preset)) {
    config.policies.values_mut().for_each(|policy| change(&mut policy.preferences));
}
