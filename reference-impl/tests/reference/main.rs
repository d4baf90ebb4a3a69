//! The reference as its neighbours see it. One program, for what its tests share is built once so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as expected"
)]

mod bad_input;
mod charging;
mod charging_strangers;
mod client_calls;
mod client_hostile;
mod client_lists;
mod client_node;
mod client_registration;
mod client_scene;
mod client_sessions;
mod client_stored;
mod content;
mod conversation_history;
mod deferred;
mod delivery;
mod devices;
mod groups;
mod history;
mod interception;
mod interworking;
mod kept_states;
mod lists;
mod lists_in_session;
mod loss;
mod media_descriptions;
mod message_faults;
mod messages;
mod multi_device;
mod node;
mod noise;
mod one_to_one;
mod pair;
mod preferences;
mod presence;
mod rejoin;
mod relay;
mod reports;
mod restart;
mod roster;
mod scene;
mod session_continuity;
mod sessions;
mod shapes;
mod shuffle;
mod stored_notifications;
mod storing;
