//! The two messages that tell which secrets and which suite: ClientHello and ServerHello (RFC 8446 sections 4.1.2 and
//! 4.1.3, RFC 5246 sections 7.4.1.2 and 7.4.1.3).

use sha2::{Digest, Sha256};

use super::fields::Fields;

/// RFC 7366.
const ENCRYPT_THEN_MAC: u16 = 22;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;

/// The random octets of a hello.
pub(super) type Random = [u8; 32];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientHello {
    pub random: Random,
    /// Whether application data may come before the answer.
    pub early: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerHello {
    pub random: Random,
    pub version: u16,
    pub suite: u16,
    pub encrypt_then_mac: bool,
}

impl ClientHello {
    pub fn read(body: &[u8]) -> Option<ClientHello> {
        let mut fields = Fields(body);
        fields.u16()?;
        let random = fields.array()?;
        fields.short()?;
        fields.long()?;
        fields.short()?;
        let mut early = false;
        extensions(fields, |kind, _| early |= kind == EARLY_DATA)?;
        Some(ClientHello { random, early })
    }
}

impl ServerHello {
    pub fn read(body: &[u8]) -> Option<ServerHello> {
        let mut fields = Fields(body);
        let version = fields.u16()?;
        let random = fields.array()?;
        fields.short()?;
        let suite = fields.u16()?;
        fields.take(1)?;
        let mut hello = ServerHello { random, version, suite, encrypt_then_mac: false };
        extensions(fields, |kind, value| match kind {
            SUPPORTED_VERSIONS => hello.version = Fields(value).u16().unwrap_or(version),
            ENCRYPT_THEN_MAC => hello.encrypt_then_mac = true,
            _ => {}
        })?;
        Some(hello)
    }

    /// Whether it asks for another ClientHello (RFC 8446 section 4.1.3).
    pub fn is_retry(&self) -> bool {
        Sha256::digest(b"HelloRetryRequest")[..] == self.random
    }
}

/// Shows the extensions, which may be missing as a whole.
fn extensions(mut fields: Fields<'_>, mut show: impl FnMut(u16, &[u8])) -> Option<()> {
    if fields.0.is_empty() {
        return Some(());
    }
    let mut extensions = Fields(fields.long()?);
    while !extensions.0.is_empty() {
        show(extensions.u16()?, extensions.long()?);
    }
    Some(())
}
