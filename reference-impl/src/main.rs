//! The command `cpm-reference`.

fn main() {}
