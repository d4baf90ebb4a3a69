//! A reference participating function of OMA CPM. It knows nothing of the suite that judges it.
//!
//! [`core`] is the function without sockets or a clock, [`node`] gives it both. What it decides stands in
//! [`functions`], one room per word of the requirements; how it is done stands in [`call`].

pub mod call;
pub mod client;
pub mod config;
pub mod core;
pub mod faults;
pub mod functions;
mod http;
pub mod neighbours;
pub mod node;
pub mod store;
mod trouble;
