//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod changes;
mod endings;
mod established;
mod messages;
mod on_behalf;
mod refusals;
pub mod script;
mod several;
mod sweep;
mod timers;
mod wrong_calls;
