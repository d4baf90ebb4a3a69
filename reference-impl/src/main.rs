//! The command `cpm-reference`.

use clap::{Parser, Subcommand};
use cpm_reference::config::Config;
use cpm_reference::faults::Fault;
use cpm_reference::{client, node};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a transaction allocates is freed half a minute later, among hundreds of thousands of others: this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        /// A seeded fault to have.
        #[arg(long, value_parser = fault)]
        fault: Option<&'static Fault>,
    },
    /// Runs a client until standard input closes or SIGTERM comes.
    Client {
        /// The configuration.
        #[arg(long)]
        config: PathBuf,
        /// A seeded fault to have.
        #[arg(long, value_parser = fault)]
        fault: Option<&'static Fault>,
    },
}

fn fault(id: &str) -> Result<&'static Fault, String> {
    Fault::named(id).ok_or_else(|| "there is no such fault".to_owned())
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
        Role::ParticipatingFunction { config, fault } => node::run(Config::load(config)?, *fault)?,
        Role::Client { config, fault } => client::node::run(client::Config::load(config)?, *fault)?,
    }
    Ok(())
}
