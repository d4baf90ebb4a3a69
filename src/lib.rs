//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod evidence;
pub mod target;
pub mod verdict;
pub mod yaml;
