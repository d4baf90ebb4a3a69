//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod interpretations;
pub mod report;
pub mod requirements;
pub mod target;
pub mod verdict;
pub mod yaml;
