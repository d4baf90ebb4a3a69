//! `serve`: a reference alone, until its standard input closes or SIGTERM comes.

use std::path::Path;

use cpm_reference::config::Config;
use cpm_reference::{client, node};

use super::{Exit, ServeArgs, Served, complain};

/// The configurations without `--config`. The profiles that fit them are fixtures/targets/served.yaml and
/// served_client.yaml.
const FUNCTION: &str = include_str!("../../fixtures/serve.yaml");
const CLIENT: &str = include_str!("../../fixtures/serve_client.yaml");

/// The command.
pub(super) fn serve(arguments: &ServeArgs) -> Exit {
    let config = arguments.config.as_deref();
    let served = match arguments.role {
        Served::ParticipatingFunction => participating_function(config),
        Served::Client => served_client(config),
    };
    match served {
        Ok(()) => Exit::Fine,
        Err(why) => {
            complain(why);
            Exit::Usage
        }
    }
}

fn participating_function(path: Option<&Path>) -> Result<(), String> {
    let config = match path {
        Some(path) => Config::load(path),
        None => Config::from_yaml(FUNCTION, "fixtures/serve.yaml"),
    };
    node::run(config.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
}

fn served_client(path: Option<&Path>) -> Result<(), String> {
    let config = match path {
        Some(path) => client::Config::load(path),
        None => client::Config::from_yaml(CLIENT, "fixtures/serve_client.yaml"),
    };
    client::node::run(config.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
}
