//! Standalone messages (RFC 3428, and large message mode over MSRP): who sends them, to one or to a list, and what becomes
//! of them where they arrive: at a device of a served user, at a user of another network, at the exploder of lists.
//!
//! In large mode the ends are those of sessions between two ([`super::call`]); here is what is in the session.

pub mod letter;
mod posting;
mod receiving;
mod remote;
mod reporting;
mod waiting;

pub use letter::{Form, Letter, Size};
pub use posting::Addressed;
pub(in crate::actors) use posting::refuse;
pub(in crate::actors) use receiving::Taken;
pub use receiving::{Received, Receiving};
pub use remote::Remote;
pub use reporting::Reporting;
pub use waiting::Sent;

/// The name under which the exploder of lists takes part (RFC 5365): the service identity of the home network to which
/// messages to several are sent.
pub const EXPLODER: &str = "the exploder";
