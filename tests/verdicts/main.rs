//! Runs of the features within this program, and what they leave. One program, for what these tests share is built once so, and
//! while one waits another runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as expected"
)]

mod addresses;
mod captures;
mod causes;
mod comparison;
mod conformance;
mod control_hooks;
mod coverage;
mod faults;
mod hostile_targets;
mod legal_variety;
mod noise;
mod pages;
mod playing;
mod provisioning;
mod replay;
mod reports;
mod shards;
mod statements;
mod validate;
mod variants;
mod verify;

/// As the suite itself has it: what plays thousands of scenarios allocates without end.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
