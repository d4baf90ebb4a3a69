//! What the function decides, one room per word of the requirements.

pub mod charging;
pub mod conversation_history;
pub mod deferred_messages;
pub mod disposition_reports;
pub mod interworking;
pub mod lawful_interception;
pub mod media_negotiation;
pub mod messages;
pub mod missed_group_content;
pub mod multi_device;
pub mod policies_and_preferences;
pub mod presence;
pub mod session_continuity;
pub mod sessions;
