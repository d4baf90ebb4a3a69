//! What stands beside the function in its network and is neither SIP nor MSRP. Each neighbour is a machine without IO
//! that [`Mechanics`](crate::call::Mechanics) polls; one that is away never holds up a message.

pub mod message_store;
pub mod preferences;
