//! `targets::sdp::description` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::sdp::description(octets));
