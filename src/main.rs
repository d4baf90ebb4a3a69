//! The command `cpm-conformance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cpm_conformance::cli::main(std::env::args_os())
}
