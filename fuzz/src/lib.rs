//! Fuzz targets on libFuzzer; what they ask stands in [`targets`].

pub mod targets;

use std::alloc::System;

use cap::Cap;

/// No input that libFuzzer makes is longer than some ten thousand octets, and none may take more memory than this.
const MOST_OCTETS: usize = 64 << 20;

/// Ends the process, which libFuzzer takes for a crash, where an input makes a parser take too much.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, MOST_OCTETS);
