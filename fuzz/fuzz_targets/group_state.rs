//! `targets::documents::group_state` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::documents::group_state(octets));
