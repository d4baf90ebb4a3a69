//! The vocabulary of the features: one table of sentences, ordered by who acts.

/// Where a sentence may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// Given: what is so before anything happens.
    Given,
    /// When: what happens.
    When,
    /// Then: what is to be seen.
    Then,
}

impl Keyword {
    /// The word as it stands in a feature.
    pub const fn as_str(self) -> &'static str {
        match self {
            Keyword::Given => "Given",
            Keyword::When => "When",
            Keyword::Then => "Then",
        }
    }
}

/// One sentence of the vocabulary.
#[derive(Debug)]
pub struct StepEntry {
    /// Where it may stand.
    pub keywords: &'static [Keyword],
    /// Its pattern, a regular expression over the whole sentence.
    pub pattern: &'static str,
    /// What it means.
    pub what: &'static str,
}

/// All sentences.
pub fn catalogue() -> &'static [StepEntry] {
    &[]
}
