//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod cli;
pub mod evidence;
pub mod interpretations;
pub mod report;
pub mod requirements;
pub mod run;
pub mod steps;
pub mod target;
pub mod verdict;
pub mod yaml;
