//! The presence of a served user: what the function publishes of it (RFC 3903), and what it makes of what it is told of it
//! (RFC 3856) [PF-PRS-01].
//!
//! What a source publishes beside open and closed is its own matter, and so is in how many publications. What a watcher does
//! with a message or a call for who is not there is open as well (L12): that no device hears of it is what counts, and that
//! what was taken comes once the user is there (L06).

mod availability;
mod calls;
mod chats;
mod lifetimes;
mod messages;
mod published;
mod tags;
#[cfg(test)]
mod tests;
mod watched;

pub use calls::CallWithheld;
pub use chats::{ChatComes, ChatWithheld};
pub use lifetimes::{KeptUp, LongEnough};
pub use messages::{MessageComes, MessageWithheld};
pub use published::Published;
pub use tags::{EntityTags, PublishedAnew};
pub use watched::Watched;

use super::Named;
use super::sessions::{Judged, Unmet, harness, missing, settled, unkept};

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Published>(published::PUBLISHED),
    Named::new::<EntityTags>(tags::ENTITY_TAGS),
    Named::new::<PublishedAnew>(tags::PUBLISHED_ANEW),
    Named::new::<KeptUp>(lifetimes::KEPT_UP),
    Named::new::<LongEnough>(lifetimes::LONG_ENOUGH),
    Named::new::<Watched>(watched::WATCHED),
    Named::new::<MessageWithheld>(messages::MESSAGE_WITHHELD),
    Named::new::<MessageComes>(messages::MESSAGE_COMES),
    Named::new::<CallWithheld>(calls::CALL_WITHHELD),
    Named::new::<ChatWithheld>(chats::CHAT_WITHHELD),
    Named::new::<ChatComes>(chats::CHAT_COMES),
];

const PRS_01: Option<&str> = Some("PF-PRS-01");
