//! `targets::captures::tls` on libFuzzer.

#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| cpm_fuzz::targets::captures::tls(octets));
