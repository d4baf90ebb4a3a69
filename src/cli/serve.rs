//! `serve`: the reference alone, until its standard input closes or it is asked to end.

use super::seam::{Config, serve as serve_reference};
use super::{Exit, ServeArgs, Served, complain};

/// The configuration without `--config`. The profile that fits it is fixtures/targets/served.yaml.
const CONFIG: &str = include_str!("../../fixtures/serve.yaml");

/// The command.
pub(super) fn serve(arguments: &ServeArgs) -> Exit {
    let Served::ParticipatingFunction = arguments.role;
    let config = match &arguments.config {
        Some(path) => Config::load(path),
        None => Config::from_yaml(CONFIG, "the configuration of this program"),
    };
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            complain(error);
            return Exit::Usage;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(error);
            return Exit::Harness;
        }
    };
    match runtime.block_on(serve_reference(config)) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            complain(error);
            Exit::Usage
        }
    }
}
