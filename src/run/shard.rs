//! A part of a run, so that several machines can share one: every so manieth of what was selected, in the order of the
//! features. Parts are made the same way everywhere, so that together they are the whole.

use std::fmt;
use std::str::FromStr;

/// One of so many parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

/// A word that names no part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}: a part is written I/N, such as 1/3 for the first of three; auto/N takes it from JOB_COMPLETION_INDEX, which counts from 0"
)]
pub struct NoShard(String);

impl Shard {
    /// The whole.
    pub const WHOLE: Shard = Shard { index: 1, of: 1 };

    /// Reads `I/N`, or `auto/N` where `index` (`JOB_COMPLETION_INDEX` of an indexed job of Kubernetes, counted from 0) says
    /// which part it is.
    ///
    /// # Errors
    /// It is neither, or there is no such part.
    pub fn read(text: &str, index: Option<&str>) -> Result<Shard, NoShard> {
        let wrong = || NoShard(text.to_owned());
        let (part, of) = text.split_once('/').ok_or_else(wrong)?;
        let of: usize = of.parse().map_err(|_| wrong())?;
        let part = match (part, index) {
            ("auto", Some(index)) => index.parse::<usize>().ok().and_then(|index| index.checked_add(1)),
            ("auto", None) => None,
            _ => part.parse().ok(),
        };
        part.filter(|part| (1..=of).contains(part)).map(|index| Shard { index, of }).ok_or_else(wrong)
    }

    /// Whether the scenario at this place of what is selected, counted from 0, is in this part.
    #[must_use]
    pub fn takes(self, place: usize) -> bool {
        place % self.of + 1 == self.index
    }

    /// How many parts there are.
    #[must_use]
    pub fn of(self) -> usize {
        self.of
    }
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::WHOLE
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Shard, NoShard> {
        Shard::read(text, std::env::var("JOB_COMPLETION_INDEX").ok().as_deref())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_in_one_part() {
        for of in 1..=7 {
            let parts: Vec<Shard> =
                (1..=of).map(|index| Shard::read(&format!("{index}/{of}"), None).unwrap()).collect();
            for place in 0..50 {
                assert_eq!(parts.iter().filter(|part| part.takes(place)).count(), 1, "{place} of {of}");
            }
        }
    }

    #[test]
    fn a_job_of_an_index_knows_its_part() {
        assert_eq!(Shard::read("auto/3", Some("2")).unwrap().to_string(), "3/3");
        for (text, index) in
            [("auto/3", None), ("auto/3", Some("3")), ("auto/3", Some("x")), ("0/3", None), ("4/3", None)]
        {
            assert!(Shard::read(text, index).is_err(), "{text} {index:?}");
        }
        for text in ["", "3", "/", "1/0", "-1/3", "1/3/3", "1/auto"] {
            assert_eq!(Shard::read(text, Some("0")), Err(NoShard(text.to_owned())));
        }
    }
}
