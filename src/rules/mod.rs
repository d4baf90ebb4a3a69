//! Rules: what a correct element does, each a pure function of what was seen.

use crate::verdict::Level;

/// One rule, for those who ask what there is.
#[derive(Clone, Copy, Debug)]
pub struct RuleEntry {
    /// Its name, `missed_group_content.complete`.
    pub id: &'static str,
    /// The requirement that it serves; none for a base rule.
    pub requirement: Option<&'static str>,
    /// How binding it is.
    pub level: Level,
    /// Whether it asserts that something did not happen, and so needs a contrast in its scenario.
    pub absence: bool,
    /// The ledger entries that it heeds.
    pub ledger: &'static [&'static str],
    /// Whether a detail known from stage 3 alone has a part in it; it then warns or ends inconclusive, and never fails.
    pub stage3: bool,
    /// What it asks, in one sentence.
    pub what: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

/// Every rule that there is.
pub fn catalogue() -> &'static [RuleEntry] {
    &[]
}
