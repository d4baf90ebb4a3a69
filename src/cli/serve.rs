//! `serve`: a reference alone, until its standard input closes or SIGTERM comes.

use std::path::Path;

use cpm_reference::config::Config;
use cpm_reference::{client, node};

use super::{Exit, ServeArgs, Served, complain};
use crate::stage::null_targets::{self, Place};
use crate::stage::trial::Subject;

/// The configurations without `--config`. The profiles that fit them are fixtures/targets/served.yaml and
/// served_client.yaml.
const FUNCTION: &str = include_str!("../../fixtures/serve.yaml");
const CLIENT: &str = include_str!("../../fixtures/serve_client.yaml");

/// The command.
pub(super) fn serve(arguments: &ServeArgs) -> Exit {
    match subject(arguments).and_then(|subject| served(arguments, subject)) {
        Ok(()) => Exit::Fine,
        Err(why) => {
            complain(why);
            Exit::Usage
        }
    }
}

/// What is to be served: the reference, unless something else is named.
fn subject(arguments: &ServeArgs) -> Result<Subject, String> {
    let Some(id) = &arguments.fault else { return Ok(Subject::Reference) };
    Subject::named(id).ok_or_else(|| format!("--fault {id}: there is none; `list faults` shows what there is"))
}

fn served(arguments: &ServeArgs, subject: Subject) -> Result<(), String> {
    let path = arguments.config.as_deref();
    match (arguments.role, subject) {
        (role, Subject::Null(null)) => null_targets::serve(null, place(role, path)?).map_err(|error| error.to_string()),
        (Served::ParticipatingFunction, _) => {
            node::run(function(path)?, subject.fault()).map_err(|error| error.to_string())
        }
        (Served::Client, _) => client::node::run(client(path)?, subject.fault()).map_err(|error| error.to_string()),
    }
}

/// Where a target that is none stands: where the reference would, by the same configuration.
fn place(role: Served, path: Option<&Path>) -> Result<Place, String> {
    Ok(match role {
        Served::ParticipatingFunction => {
            let config = function(path)?;
            Place { sip: config.sip, msrp: config.msrp, serving_cscf: config.serving_cscf, client: None }
        }
        Served::Client => {
            let config = client(path)?;
            Place { sip: config.sip, msrp: config.msrp, serving_cscf: config.outbound_proxy, client: Some(config) }
        }
    })
}

fn function(path: Option<&Path>) -> Result<Config, String> {
    let config = match path {
        Some(path) => Config::load(path),
        None => Config::from_yaml(FUNCTION, "fixtures/serve.yaml"),
    };
    config.map_err(|error| error.to_string())
}

fn client(path: Option<&Path>) -> Result<client::Config, String> {
    let config = match path {
        Some(path) => client::Config::load(path),
        None => client::Config::from_yaml(CLIENT, "fixtures/serve_client.yaml"),
    };
    config.map_err(|error| error.to_string())
}
