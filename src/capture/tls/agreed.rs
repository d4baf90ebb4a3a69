//! What both hellos agree upon, and the keys that follow from it and the secrets.

use super::derive::prf;
use super::hello::{ClientHello, ServerHello};
use super::key_log::{KeyLog, Secrets};
use super::opener::{Opener, Tls12, next_secret, sizes};
use super::sealed::Sealed;
use super::suite::{Suite, of_tls12, of_tls13};

const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;

/// The keys of both ends.
#[derive(Debug)]
pub(super) struct Agreed {
    pub client: Keys,
    pub server: Keys,
}

/// The keys of one direction.
#[derive(Debug)]
pub(super) struct Keys {
    /// Those in force from here on, if it does not go on in the clear.
    pub now: Option<Opener>,
    pub ahead: Ahead,
}

/// The keys that come in force next.
#[derive(Debug, Default)]
pub(super) enum Ahead {
    /// Nothing is agreed upon yet.
    #[default]
    Unknown,
    /// With ChangeCipherSpec.
    Tls12(Option<Opener>),
    /// With Finished, then with each KeyUpdate: those of this secret.
    Tls13 { suite: Suite, secret: Secret },
}

/// A traffic secret, which is shown to nobody.
pub(super) struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a secret")
    }
}

impl Agreed {
    /// Fails where version or suite are not read, or the secrets are not there.
    pub fn new(client: &ClientHello, server: &ServerHello, keys: &KeyLog) -> Result<Agreed, Sealed> {
        let secrets = || keys.of(&client.random).ok_or(Sealed::NoSecret);
        let unread = Sealed::Suite(server.suite);
        match server.version {
            TLS12 => {
                let suite = of_tls12(server.suite).ok_or(unread)?;
                let master = secrets()?.master.as_deref().ok_or(Sealed::NoSecret)?;
                Agreed::tls12(suite, master, client, server).ok_or(Sealed::NoSecret)
            }
            TLS13 => {
                let suite = of_tls13(server.suite).ok_or(unread)?;
                Agreed::tls13(suite, secrets()?).ok_or(Sealed::NoSecret)
            }
            version => Err(Sealed::Version(version)),
        }
    }

    /// The key block of RFC 5246 section 6.3: for each purpose the client's, then the server's.
    fn tls12(suite: Suite, master: &[u8], client: &ClientHello, server: &ServerHello) -> Option<Agreed> {
        let sizes = sizes(suite.protection);
        let seed = [server.random, client.random].concat();
        let block = prf(suite.hash, master, b"key expansion", &seed, sizes.iter().sum::<usize>() * 2);
        let mut rest = block.as_slice();
        let mut next = |size| {
            let (taken, left) = rest.split_at_checked(size)?;
            rest = left;
            Some(taken)
        };
        let [mac, key, iv] = sizes.map(|size| Some((next(size)?, next(size)?)));
        let (mac, key, iv) = (mac?, key?, iv?);
        let encrypt_then_mac = server.encrypt_then_mac;
        let keys = |tls12: Tls12<'_>| {
            let ahead = Ahead::Tls12(Some(Opener::tls12(suite, &tls12)?));
            Some(Keys { now: None, ahead })
        };
        Some(Agreed {
            client: keys(Tls12 { mac: mac.0, key: key.0, iv: iv.0, encrypt_then_mac })?,
            server: keys(Tls12 { mac: mac.1, key: key.1, iv: iv.1, encrypt_then_mac })?,
        })
    }

    fn tls13(suite: Suite, secrets: &Secrets) -> Option<Agreed> {
        let keys = |handshake: &Option<Vec<u8>>, traffic: &Option<Vec<u8>>| {
            let now = Some(Opener::tls13(suite, handshake.as_deref()?)?);
            Some(Keys { now, ahead: Ahead::Tls13 { suite, secret: Secret(traffic.clone()?) } })
        };
        Some(Agreed {
            client: keys(&secrets.client_handshake, &secrets.client_traffic)?,
            server: keys(&secrets.server_handshake, &secrets.server_traffic)?,
        })
    }
}

impl Ahead {
    /// Brings the next keys in force; none where there are none.
    pub fn take(&mut self) -> Option<Opener> {
        match self {
            Ahead::Unknown => None,
            Ahead::Tls12(opener) => opener.take(),
            Ahead::Tls13 { suite, secret } => {
                let opener = Opener::tls13(*suite, &secret.0)?;
                secret.0 = next_secret(suite.hash, &secret.0)?;
                Some(opener)
            }
        }
    }

    pub fn is_tls13(&self) -> bool {
        matches!(self, Ahead::Tls13 { .. })
    }
}
