//! Messages of the handshake, which may be spread over records or share one (RFC 8446 section 5.1).

pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const FINISHED: u8 = 20;
pub(super) const KEY_UPDATE: u8 = 24;

/// Type, and length in three octets.
const HEADER: usize = 4;
/// What a message that matters has at most: a hello with keys of the largest groups has some thousands.
const MAX_BODY: usize = 64 << 10;

/// A message that matters is longer than any of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub kind: u8,
    /// Empty, unless it is a hello.
    pub body: Vec<u8>,
}

/// The messages of one direction.
#[derive(Debug, Default)]
pub(super) struct Messages {
    kept: Vec<u8>,
    /// So many octets of a message are passed over, which is then told.
    passing: Option<(u8, usize)>,
}

impl Messages {
    /// Takes a fragment, and gives the messages that end in it.
    pub fn push(&mut self, mut fragment: &[u8]) -> Result<Vec<Message>, TooLong> {
        let mut messages = Vec::new();
        loop {
            if let Some((kind, left)) = self.passing.take() {
                let Some((_, rest)) = fragment.split_at_checked(left) else {
                    self.passing = Some((kind, left - fragment.len()));
                    return Ok(messages);
                };
                fragment = rest;
                messages.push(Message { kind, body: Vec::new() });
            }
            let Some((kind, length)) = self.header(&mut fragment) else { return Ok(messages) };
            if !matches!(kind, CLIENT_HELLO | SERVER_HELLO) {
                self.kept.clear();
                self.passing = Some((kind, length));
                continue;
            }
            if length > MAX_BODY {
                return Err(TooLong);
            }
            if !self.fill(HEADER + length, &mut fragment) {
                return Ok(messages);
            }
            let body = self.kept.split_off(HEADER);
            self.kept.clear();
            messages.push(Message { kind, body });
        }
    }

    pub fn waiting(&self) -> usize {
        self.kept.len()
    }

    /// Type and length of the message that is next.
    fn header(&mut self, fragment: &mut &[u8]) -> Option<(u8, usize)> {
        if !self.fill(HEADER.max(self.kept.len()), fragment) {
            return None;
        }
        let [kind, high, middle, low] = *self.kept.first_chunk::<HEADER>()?;
        Some((kind, u32::from_be_bytes([0, high, middle, low]) as usize))
    }

    /// Keeps so many octets, if there are as many.
    fn fill(&mut self, octets: usize, fragment: &mut &[u8]) -> bool {
        let missing = octets.saturating_sub(self.kept.len()).min(fragment.len());
        let (taken, rest) = fragment.split_at_checked(missing).unwrap_or_default();
        self.kept.extend_from_slice(taken);
        *fragment = rest;
        self.kept.len() >= octets
    }
}
