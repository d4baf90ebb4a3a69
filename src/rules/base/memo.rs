//! What was seen to be right, known again by its print: most of what a header field says stands in thousands of messages,
//! letter for letter. Bounded: one forgets another.

/// So many prints are kept, of a few octets each.
const PLACES: usize = 4096;

/// Prints of texts that were right.
#[derive(Debug, Default)]
pub(super) struct Memo {
    prints: Vec<u64>,
}

impl Memo {
    /// Whether this was right before.
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    pub fn knows(&self, print: u64) -> bool {
        self.prints.get(print as usize % PLACES) == Some(&print)
    }

    /// This is right.
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    pub fn learn(&mut self, print: u64) {
        if self.prints.is_empty() {
            // Every place holds what belongs to the next one.
            self.prints = (1..=PLACES as u64).collect();
        }
        if let Some(place) = self.prints.get_mut(print as usize % PLACES) {
            *place = print;
        }
    }
}
