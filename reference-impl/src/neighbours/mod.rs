//! What stands beside the function in its network and is neither SIP nor MSRP. Each neighbour is a machine without IO
//! that [`Mechanics`](crate::call::Mechanics) polls; one that is away holds up a message only where credit is asked for, and
//! not for long.

pub mod administration;
pub mod charging;
pub mod mediation;
pub mod message_store;
pub mod preferences;
