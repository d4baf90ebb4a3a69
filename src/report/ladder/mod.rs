//! The exchange as a ladder: who sent what to whom, top to bottom. [`lines`] are the few of a failure block; [`Ladder`] is
//! all of it, and [`svg`] and [`mermaid`] draw that. What a line says stands in [`words`], once for all of them.

mod drawing;
pub mod mermaid;
pub mod messages;
mod rows;
pub mod svg;
#[cfg(test)]
mod tests;
mod text;
pub mod words;

pub use drawing::{Arrow, Column, Ladder, Row, Wait};
pub use text::lines;
