//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod actors;
pub mod cli;
pub mod evidence;
pub mod interpretations;
pub mod qualify;
pub mod report;
pub mod requirements;
pub mod rules;
pub mod run;
pub mod second_reader;
pub mod stage;
pub mod steps;
pub mod story;
pub mod target;
pub mod verdict;
pub mod world;
pub mod yaml;
