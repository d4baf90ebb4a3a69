//! `targets::documents::imdn` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::documents::imdn(octets));
