//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod verdict;
