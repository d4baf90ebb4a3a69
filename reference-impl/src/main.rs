//! The command `cpm-reference`.

use clap::{Parser, Subcommand};
use cpm_reference::config::Config;
use cpm_reference::{client, node};
use std::path::PathBuf;
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
    /// Runs a client until standard input closes or SIGTERM comes.
    Client {
        /// The configuration.
        #[arg(long)]
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(&Cli::parse().role) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cpm-reference: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(role: &Role) -> Result<(), Box<dyn std::error::Error>> {
    match role {
        Role::ParticipatingFunction { config } => node::run(Config::load(config)?)?,
        Role::Client { config } => client::node::run(client::Config::load(config)?)?,
    }
    Ok(())
}
