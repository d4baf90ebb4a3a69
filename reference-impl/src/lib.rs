//! A reference participating function of OMA CPM. It knows nothing of the suite that judges it.

pub mod config;
pub mod store;
