//! `targets::documents::resource_lists` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::documents::resource_lists(octets));
