//! All targets on libFuzzer: `FUZZ_TARGET` names the one that is to be tried.

#![no_main]

use std::env;
use std::sync::OnceLock;

use cpm_fuzz::targets::{TARGETS, Target};

/// The one that is tried.
static CHOSEN: OnceLock<Target> = OnceLock::new();

fn chosen() -> Target {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let known = TARGETS.iter().find(|(own, _)| *own == name);
    known.unwrap_or_else(|| panic!("FUZZ_TARGET names no target: {name:?}")).1
}

libfuzzer_sys::fuzz_target!(|octets: &[u8]| CHOSEN.get_or_init(chosen)(octets));
