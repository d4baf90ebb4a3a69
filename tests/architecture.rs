//! The house as ARCHITECTURE.md draws it, held against the tree: arrows between modules, the four rooms of a word, tags of
//! scenarios, citations, sizes, and words that have no place in a source.
//!
//! It reads text, not types: it sees every file, those of other packages and those behind a feature flag too.
#![expect(clippy::unwrap_used, reason = "these are tests")]

#[path = "architecture/arrows.rs"]
mod arrows;
#[path = "architecture/prose.rs"]
mod prose;
#[path = "architecture/rooms.rs"]
mod rooms;
#[path = "architecture/tree.rs"]
mod tree;
