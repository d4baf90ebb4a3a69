//! Documents with versions that the notifications of one subscription bring: RFC 4575 section 4.3 and RFC 3680 section
//! 5.1 ask the same of them. Bounded.

use super::bounded::Bounded;
use super::digest::{digest, mix};
use super::sheet::{BaseRule, Sheet};

/// The rules of one type of document.
#[derive(Debug)]
pub(super) struct VersionRules {
    /// The first document is full.
    pub first_full: &'static BaseRule,
    /// The version grows.
    pub version: &'static BaseRule,
    /// It grows by one.
    pub step: &'static BaseRule,
}

/// What a document says of its version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Versioned {
    pub rules: &'static VersionRules,
    pub version: Option<u32>,
    pub full: bool,
    /// Where the document stands.
    pub span: (usize, usize),
}

impl Versioned {
    /// The same, where the document begins so many octets further on.
    pub fn moved(self, at: usize) -> Versioned {
        Versioned { span: (self.span.0 + at, self.span.1 + at), ..self }
    }

    fn find(&self, sheet: &mut Sheet<'_>, rule: &'static BaseRule, expected: impl Into<String>) {
        let observed = self.version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        sheet.find(rule, Some(self.span), expected, observed);
    }
}

/// Remembers the last version of each subscription.
#[derive(Debug)]
pub(super) struct Versions {
    last: Bounded<u64, Option<u32>>,
    /// A notification may be missing: the one by which a notifier began anew, too.
    gaps: bool,
}

impl Versions {
    pub fn new() -> Versions {
        Versions { last: Bounded::new(4096), gaps: false }
    }

    /// From now on a notification may be missing.
    pub fn allow_gaps(&mut self) {
        self.gaps = true;
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.last.halve();
    }

    /// Checks a document that came in a NOTIFY of the subscription with this Call-ID and these tags.
    pub fn check(&mut self, sheet: &mut Sheet<'_>, call_id: &str, tags: (&str, &str), document: Versioned) {
        let print = digest([call_id, tags.0, tags.1, document.rules.version.id]);
        let forgotten = self.last.has_forgotten();
        match self.last.insert(mix(print, sheet.side as u64), document.version) {
            None if !document.full && !forgotten => {
                sheet.find(document.rules.first_full, Some(document.span), "full state first", "a partial document");
            }
            None => {}
            Some(last) => grows(sheet, last, document, self.gaps),
        }
    }
}

fn grows(sheet: &mut Sheet<'_>, last: Option<u32>, document: Versioned, gaps: bool) {
    let rules = document.rules;
    match (last, document.version) {
        // A notifier that begins anew with full state after a refresh is seen.
        (Some(last), Some(version)) if version <= last && anew(version, document.full, gaps) => {
            document.find(sheet, rules.step, format!("a version above {last}"));
        }
        (Some(last), Some(version)) if version <= last => {
            document.find(sheet, rules.version, format!("a version above {last}"));
        }
        (Some(last), Some(version)) if version - last > 1 => {
            document.find(sheet, rules.step, (last + 1).to_string());
        }
        (_, None) if !document.full => document.find(sheet, rules.step, "a version of a partial document"),
        _ => {}
    }
}

/// Whether a document may be the first of a notifier that begins anew with full state, or the one after it.
const fn anew(version: u32, full: bool, gaps: bool) -> bool {
    full && version <= 1 || gaps && version <= 2
}
