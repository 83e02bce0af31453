#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verification::fuzz::run("client_hello", data));
