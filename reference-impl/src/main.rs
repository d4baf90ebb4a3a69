//! The command `cpm-reference`.

use clap::{Parser, Subcommand};
use cpm_reference::config::Config;
use cpm_reference::node;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A reference element of OMA CPM.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Runs a participating function until standard input closes or SIGTERM comes.
    ParticipatingFunction {
        /// The configuration.
        #[arg(long)]
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    let Cli { role: Role::ParticipatingFunction { config } } = Cli::parse();
    match run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cpm-reference: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: &Path) -> Result<(), Box<dyn std::error::Error>> {
    Ok(node::run(Config::load(config)?)?)
}
