//! What octets can lack to be Diameter.

/// Why octets are no message, or a value not of its type. Offsets count from the first octet of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiameterError {
    /// There is no room for a header.
    #[error("{0} octets hold no header")]
    Short(usize),
    /// RFC 6733 knows version 1 alone.
    #[error("version {0} is not 1")]
    Version(u8),
    /// The length in the header is that of no message.
    #[error("{0} is no length of a message")]
    Length(u32),
    /// There are more octets, or fewer, than the header says.
    #[error("the header says {said} octets, and there are {are}")]
    Octets {
        /// What the header says.
        said: u32,
        /// How many there are.
        are: usize,
    },
    /// The message is longer than is read, or than a length of three octets can say.
    #[error("{0} octets are too many")]
    TooLong(usize),
    /// The header of an AVP is cut off.
    #[error("the AVP at {at} is cut off")]
    AvpCut {
        /// Where it begins.
        at: usize,
    },
    /// The length of an AVP does not cover its header, or reaches past what holds it.
    #[error("the AVP at {at} has a length of {said}")]
    AvpLength {
        /// Where it begins.
        at: usize,
        /// What it says.
        said: u32,
    },
    /// The octets of an AVP are no value of the type.
    #[error("the octets are no {0}")]
    Type(&'static str),
}
