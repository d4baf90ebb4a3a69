//! stub
#![allow(missing_docs)]
use crate::core::Addresses;
use cpm_wire::{io, time::Time};
use std::path::Path;
#[derive(Clone)]
pub struct Config;
impl Config {
    pub fn load(_: &Path) -> Result<Config, String> {
        Ok(Config)
    }
    pub fn from_yaml(_: &str, _: &str) -> Result<Config, String> {
        Ok(Config)
    }
}
pub struct Core;
impl Core {
    pub fn new(_: Config, _: Addresses, _: u64) -> Core {
        Core
    }
    pub fn handle_input(&mut self, _: Time, _: io::Input) {}
    pub fn handle_timeout(&mut self, _: Time) {}
    pub fn poll_output(&mut self) -> Option<io::Output> {
        None
    }
    pub fn poll_timeout(&self) -> Option<Time> {
        None
    }
    pub fn act(&mut self, _: Time, _: &control::Request) -> control::Reply {
        control::Reply {}
    }
    pub fn observe(&self, _: &control::Who) -> control::Shown {
        control::Shown {}
    }
}
pub mod control {
    #[derive(serde::Deserialize)]
    pub struct Request {}
    #[derive(serde::Deserialize)]
    pub struct Who {}
    #[derive(serde::Serialize)]
    pub struct Reply {}
    #[derive(serde::Serialize)]
    pub struct Shown {}
}
pub mod node {
    pub fn run(_: super::Config) -> Result<(), String> {
        Ok(())
    }
}
