//! Disposition notifications outside sessions [PF-MSG-03]: which reports of a user's devices go on to the author, and the function's
//! own word that a message was not delivered. Reports themselves are passed as they are; those for a user who cannot be reached
//! wait with what else is deferred.
//!
//! | file | decides |
//! |---|---|
//! | `said` | what has been reported already |
//! | `failed` | what the author is told when a message is not delivered |

pub mod failed;
mod said;

pub use said::Said;
