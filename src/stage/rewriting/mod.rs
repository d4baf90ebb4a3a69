//! What a target sends, said otherwise: with the freedoms that the RFCs give to every sender, and to the same effect.
//!
//! On the virtual link it stands between the core and the network. No verdict may depend on what it does.

pub mod chance;
pub mod cpim;
pub mod documents;
pub mod freedoms;
pub mod mime;
pub mod msrp;
mod rewriter;
mod sdp;
pub mod sip;
pub mod timing;
pub mod xml;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use rewriter::{Rewriter, Variety};
