//! The command `cpm-conformance`.

use std::process::ExitCode;

/// What a transaction allocates is freed half a minute later, among hundreds of thousands of others: this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cpm_conformance::cli::main(std::env::args_os())
}
