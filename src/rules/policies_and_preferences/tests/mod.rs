//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod media;
mod privacy;
mod refusals;
mod stored;
mod sweep;
