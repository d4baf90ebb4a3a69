//! The reference client: a CPM client that takes what its user missed. [CPM-CONV-058c], [CPM-CONV-058d].
//!
//! It registers, accepts chats and what is delivered later, reports, watches who takes part, keeps the history of each
//! chat, and begins an ended chat anew. Its user is a program that tells it what to do and asks what it shows. Many users
//! may live in one process, each with a device.

mod account;
mod chat;
mod config;
pub mod control;
mod core;
mod invitations;
mod joining;
mod legs;
mod lists;
mod messages;
pub mod node;
mod reports;
mod requests;
mod watching;

pub use self::config::{Config, DrainAnswer, User};
pub use self::core::Core;
