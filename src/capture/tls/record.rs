//! The record layer: a stream becomes records (RFC 8446 section 5.1, RFC 5246 section 6.2).

pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

pub(super) const HEADER: usize = 5;
/// What protection adds is no more than 2048 octets (RFC 5246 section 6.2.3).
const MAX_FRAGMENT: usize = (1 << 14) + 2048;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub kind: u8,
    pub version: [u8; 2],
    pub fragment: Vec<u8>,
}

/// What follows is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoRecord;

/// Whether octets begin as a record does; not known as long as the header is not there as a whole.
pub(in crate::capture) fn begins(octets: &[u8]) -> Option<bool> {
    Some(match *octets {
        [] => return None,
        [kind, ..] if !(CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(&kind) => false,
        [_, major, ..] if major != 3 => false,
        [_, _, minor, ..] if minor > 4 => false,
        [kind, _, _, high, low, ..] => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            length <= MAX_FRAGMENT && (length > 0 || kind == APPLICATION_DATA)
        }
        _ => return None,
    })
}

/// The records of one direction.
#[derive(Debug, Default)]
pub(super) struct Records {
    kept: Vec<u8>,
    /// So much of it was given out.
    given: usize,
}

impl Records {
    pub fn push(&mut self, octets: &[u8]) {
        self.kept.drain(..self.given.min(self.kept.len()));
        self.given = 0;
        self.kept.extend_from_slice(octets);
    }

    /// The next record that is there as a whole.
    pub fn next(&mut self) -> Result<Option<Record>, NoRecord> {
        let rest = self.kept.get(self.given..).unwrap_or_default();
        match begins(rest) {
            None => return Ok(None),
            Some(false) => return Err(NoRecord),
            Some(true) => {}
        }
        let Some(([kind, major, minor, high, low], rest)) = rest.split_first_chunk::<HEADER>() else { return Ok(None) };
        let Some(fragment) = rest.get(..usize::from(u16::from_be_bytes([*high, *low]))) else { return Ok(None) };
        let record = Record { kind: *kind, version: [*major, *minor], fragment: fragment.to_vec() };
        self.given += HEADER + record.fragment.len();
        Ok(Some(record))
    }

    /// How many octets wait for the rest of their record.
    pub fn waiting(&self) -> usize {
        self.kept.len() - self.given.min(self.kept.len())
    }
}
