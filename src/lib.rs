//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod evidence;
pub mod interpretations;
pub mod requirements;
pub mod rules;
pub mod story;
pub mod target;
pub mod verdict;
pub mod yaml;
