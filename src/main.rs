//! The command `cpm-conformance`.

fn main() {}
