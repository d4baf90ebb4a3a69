//! Conformance suite and protocol validator for the OMA CPM Participating Function.

pub mod actors;
pub mod capture;
pub mod cli;
pub mod coverage;
pub mod doctor;
pub mod evidence;
pub mod interpretations;
pub mod judging;
pub mod qualify;

pub mod report;
pub mod requirements;
pub mod rules;
pub mod run;
pub mod second_reader;
pub mod secrets;
pub mod setup;
pub mod stage;
pub mod steps;
pub mod story;
pub mod target;
pub mod validate;
pub mod verdict;
pub mod verification;
pub mod world;
pub mod yaml;
