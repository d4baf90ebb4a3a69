//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod delivery;
mod intermediate;
mod reports;
mod restart;
mod script;
mod shown;
mod stored_notifications;
mod story;
mod sweep;
