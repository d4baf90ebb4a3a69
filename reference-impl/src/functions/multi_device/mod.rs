//! Several devices of one user in a session [PF-DEV-01, PF-DEV-05]: which of them are called and in which order, whose answer
//! counts, and what a change, a message or a leave-taking means where several are in.
//!
//! | file | decides |
//! |---|---|
//! | `preference` | what a user wishes of the own devices |
//! | `fork` | who is called when, and whose refusal goes back |
//! | `together` | several devices that are in a session at once |
//! | `changes` | to whom a change of the session goes |

mod changes;
mod fork;
pub mod preference;
mod together;

pub(in crate::functions) use changes::Follower;
pub(in crate::functions) use fork::Fork;
pub use fork::Reach;
