//! `serve`: the reference alone, until its standard input closes or SIGTERM comes.

use cpm_reference::config::Config;
use cpm_reference::node;

use super::{Exit, ServeArgs, Served, complain};

/// The configuration without `--config`. The profile that fits it is fixtures/targets/served.yaml.
const CONFIG: &str = include_str!("../../fixtures/serve.yaml");

/// The command.
pub(super) fn serve(arguments: &ServeArgs) -> Exit {
    let Served::ParticipatingFunction = arguments.role;
    let config = match &arguments.config {
        Some(path) => Config::load(path),
        None => Config::from_yaml(CONFIG, "fixtures/serve.yaml"),
    };
    let served = config.map_err(|error| error.to_string());
    match served.and_then(|config| node::run(config).map_err(|error| error.to_string())) {
        Ok(()) => Exit::Fine,
        Err(why) => {
            complain(why);
            Exit::Usage
        }
    }
}
