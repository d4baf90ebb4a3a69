//! Names that the tester makes: branches, tags, Call-IDs, message ids, session ids.
//!
//! Every name starts with the scenario's mark, so that whatever the target sends back can be traced to the scenario it
//! belongs to, and each is drawn from a seeded generator, so that a run can be repeated.

/// A seeded source of names for one scenario.
#[derive(Clone, Debug)]
pub struct Ids {
    mark: String,
    state: u64,
}

impl Ids {
    /// A source for the scenario with this `mark`.
    pub fn new(mark: &str, seed: u64) -> Ids {
        Ids { mark: mark.to_owned(), state: seed }
    }

    /// The scenario's mark: letters and digits only.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// The next 64 pseudo-random bits (SplitMix64).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A name nobody else has: the mark, a hyphen, sixteen hexadecimal digits.
    pub fn token(&mut self) -> String {
        let bits = self.bits();
        format!("{}-{bits:016x}", self.mark)
    }

    /// A branch parameter (RFC 3261 section 8.1.1.7).
    pub fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.token())
    }

    /// 32 hexadecimal digits, the customary form of a Contribution-ID.
    pub fn digits32(&mut self) -> String {
        format!("{:016x}{:016x}", self.bits(), self.bits())
    }

    /// A UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }
}

/// The mark inside a name made by [`Ids`], if `name` is one: the text before the last hyphen of `mark-digits`.
pub fn mark_of(name: &str) -> Option<&str> {
    let name = name.strip_prefix("z9hG4bK").unwrap_or(name);
    let (mark, rest) = name.split_once('-')?;
    let digits = rest.split(['@', '.', ';']).next()?;
    (digits.len() == 16 && digits.bytes().all(|octet| octet.is_ascii_hexdigit())).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_scenario() {
        let mut ids = Ids::new("s12", 7);
        assert_eq!(mark_of(&ids.branch()), Some("s12"));
        assert_eq!(mark_of(&format!("{}@127.0.0.1", ids.token())), Some("s12"));
        assert_eq!(mark_of("z9hG4bK776asdhds"), None);
        assert_eq!(mark_of("a-b"), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_names() {
        assert_eq!(Ids::new("s1", 3).token(), Ids::new("s1", 3).token());
        assert_ne!(Ids::new("s1", 3).token(), Ids::new("s1", 4).token());
    }
}
