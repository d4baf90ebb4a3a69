//! Secrets, in the key log format of NSS (draft-ietf-tls-keylogfile): what SSLKEYLOGFILE makes a program write.

use std::collections::HashMap;
use std::fmt;

use super::hello::Random;

/// The secrets of so many connections are remembered.
const MAX_CONNECTIONS: usize = 1 << 18;
/// A secret is as long as a hash: 48 octets at most in the suites that are read.
const MAX_SECRET: usize = 64;

/// Why a file is no key log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyLogError {
    /// No line of it is a secret.
    #[error(
        "no line of it is a secret; expected is what SSLKEYLOGFILE makes a program write: lines of a label \
         (CLIENT_RANDOM, CLIENT_HANDSHAKE_TRAFFIC_SECRET, SERVER_HANDSHAKE_TRAFFIC_SECRET, CLIENT_TRAFFIC_SECRET_0, \
         SERVER_TRAFFIC_SECRET_0), a space, 64 hexadecimal digits, a space, and the secret in hexadecimal digits"
    )]
    NoSecret,
    /// There are too many.
    #[error("it holds the secrets of more than {MAX_CONNECTIONS} connections")]
    TooMany,
}

/// The secrets of connections, by the random octets of their ClientHello.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeyLog {
    connections: HashMap<Random, Secrets>,
}

/// The secrets of a connection, as far as they were written down.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Secrets {
    pub master: Option<Vec<u8>>,
    pub client_handshake: Option<Vec<u8>>,
    pub server_handshake: Option<Vec<u8>>,
    pub client_traffic: Option<Vec<u8>>,
    pub server_traffic: Option<Vec<u8>>,
}

/// Secrets are shown to nobody.
impl fmt::Debug for KeyLog {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "KeyLog of {} connections", self.connections.len())
    }
}

impl KeyLog {
    /// Reads a file. Comments, labels that are not known and lines that are damaged are passed over.
    ///
    /// # Errors
    /// No line of it is a secret that can be used, or there are too many.
    pub fn read(file: &[u8]) -> Result<KeyLog, KeyLogError> {
        let mut log = KeyLog::default();
        let read = log.add(file)?;
        if read == 0 { Err(KeyLogError::NoSecret) } else { Ok(log) }
    }

    /// Takes the lines of another file, and tells how many are secrets.
    pub(in crate::capture) fn add(&mut self, file: &[u8]) -> Result<usize, KeyLogError> {
        let mut read = 0;
        for line in file.split(|octet| matches!(octet, b'\n' | b'\r')) {
            let Some((label, random, secret)) = fields(line) else { continue };
            if self.connections.len() >= MAX_CONNECTIONS && !self.connections.contains_key(&random) {
                return Err(KeyLogError::TooMany);
            }
            let known = self.connections.entry(random).or_default();
            *match label {
                Label::Master => &mut known.master,
                Label::ClientHandshake => &mut known.client_handshake,
                Label::ServerHandshake => &mut known.server_handshake,
                Label::ClientTraffic => &mut known.client_traffic,
                Label::ServerTraffic => &mut known.server_traffic,
            } = Some(secret);
            read += 1;
        }
        Ok(read)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    pub(super) fn of(&self, random: &Random) -> Option<&Secrets> {
        self.connections.get(random)
    }
}

enum Label {
    Master,
    ClientHandshake,
    ServerHandshake,
    ClientTraffic,
    ServerTraffic,
}

fn fields(line: &[u8]) -> Option<(Label, Random, Vec<u8>)> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let label = match words.next()? {
        b"CLIENT_RANDOM" => Label::Master,
        b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Label::ClientHandshake,
        b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Label::ServerHandshake,
        b"CLIENT_TRAFFIC_SECRET_0" => Label::ClientTraffic,
        b"SERVER_TRAFFIC_SECRET_0" => Label::ServerTraffic,
        _ => return None,
    };
    let random = Random::try_from(hexadecimal(words.next()?)?).ok()?;
    let secret = hexadecimal(words.next()?)?;
    (!secret.is_empty() && secret.len() <= MAX_SECRET && words.next().is_none()).then_some((label, random, secret))
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    pairs.iter().map(|[high, low]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()).collect()
}
