//! `targets::documents::conference_info` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::documents::conference_info(octets));
