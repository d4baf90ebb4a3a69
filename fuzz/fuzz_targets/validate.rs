//! `targets::judged::lone_file` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::judged::lone_file(octets));
