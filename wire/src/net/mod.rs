//! Real sockets under the sans-IO machines: octets and time, nothing else.
//!
//! A [`Driver`] executes the [`Output`](crate::io::Output)s of one host and hands it the
//! [`Input`](crate::io::Input)s of its sockets, each stamped by one [`Clock`]. It knows no protocol above UDP
//! (RFC 768), TCP (RFC 9293) and TLS (RFC 8446, RFC 5246), whose [`Credentials`] a host presents.

mod clock;
mod connection;
mod credentials;
mod driver;
mod drops;
mod secured;
mod sockets;
#[cfg(test)]
mod tests;
mod udp;

pub use clock::Clock;
pub use credentials::{Credentials, CredentialsError};
pub use driver::{Binding, Driver, Inputs};
pub use sockets::RECEIVE_BUFFER_OCTETS;
