//! Why what a connection over TLS carries is not read.

use std::fmt;
use std::net::SocketAddr;

/// Why what a connection over TLS carries is not read, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sealed {
    /// There are no secrets at all.
    NoKeyLog,
    /// There are secrets, but not those of the connection.
    NoSecret,
    /// One or both hellos are not in the capture.
    NoHandshake,
    /// It never came to be: one side has refused it in the clear.
    Refused,
    /// A version that is not read.
    Version(u16),
    /// A cipher suite that is not read, by its number in the registry.
    Suite(u16),
    /// Application data that came before the handshake was over (RFC 8446 section 2.3); all that follows is read.
    EarlyData,
    /// Octets are not in the capture.
    Gap,
    /// A record that the secrets do not open.
    Undecryptable,
    /// What stands where a record or a hello must is none.
    Malformed,
}

/// How often that was so, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedAt {
    /// So many connections.
    pub connections: u64,
    /// The packet that showed it first.
    pub frame: u64,
    /// Who sent that.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
}

impl Sealed {
    /// Whether something of such a connection may have been read all the same.
    #[must_use]
    pub fn is_partial(self) -> bool {
        matches!(self, Sealed::EarlyData | Sealed::Gap | Sealed::Undecryptable | Sealed::Malformed)
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sealed::NoKeyLog => to.write_str("there are no secrets to decrypt them with"),
            Sealed::NoSecret => to.write_str("their secrets are not in the key log"),
            Sealed::NoHandshake => to.write_str("their handshake is not in the capture"),
            Sealed::Refused => to.write_str("their handshake was refused"),
            Sealed::Version(version) => match version {
                0x0300 => to.write_str("SSL 3.0 is not read"),
                0x0301..=0x0302 => write!(to, "TLS 1.{} is not read", version - 0x0301),
                _ => write!(to, "version {version:#06x} of TLS is not read"),
            },
            Sealed::Suite(number) => write!(to, "cipher suite {number:#06x} is not read"),
            Sealed::EarlyData => to.write_str("early data (0-RTT) is passed over"),
            Sealed::Gap => to.write_str("octets are missing in the capture, behind which nothing can be decrypted"),
            Sealed::Undecryptable => {
                to.write_str("a record does not decrypt: its octets were changed, or the secret is another's")
            }
            Sealed::Malformed => to.write_str("a record or a hello is malformed"),
        }
    }
}
