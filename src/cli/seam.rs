//! What the command line needs of rooms that are still being built. It goes away with the last of them.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cpm_wire::time::Time;

/// The time now.
pub fn now() -> Time {
    Time::ZERO + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

/// The configuration of the reference.
#[derive(Debug)]
pub struct Config;

impl Config {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Config, String> {
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display())).map(|_| Config)
    }

    /// Reads a text.
    pub fn from_yaml(_text: &str, _place: &str) -> Result<Config, String> {
        Ok(Config)
    }
}

/// Runs the reference.
pub async fn serve(_config: Config) -> Result<(), String> {
    Err("the reference is not in this build".to_owned())
}
