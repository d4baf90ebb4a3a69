//! The command `cpm-reference`.

use clap::{Parser, Subcommand};
use cpm_reference::config::Config;
use cpm_reference::node;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

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

fn run(config: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(node::serve(config, announce, stopped()))?;
    // Standard input may still be read by a thread that never ends.
    runtime.shutdown_background();
    Ok(())
}

fn announce(ready: node::Ready) {
    if let Ok(line) = serde_json::to_string(&ready) {
        println!("{line}");
    }
}

/// Done when standard input closes or SIGTERM comes.
async fn stopped() {
    let input = async {
        let mut ignored = [0; 256];
        let mut stdin = tokio::io::stdin();
        while matches!(stdin.read(&mut ignored).await, Ok(octets) if octets > 0) {}
    };
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = input => {}
        () = terminated => {}
    }
}
