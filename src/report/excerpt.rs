//! The octets that a finding is about, with the rest of their line: what a card shows of a message that stands in the evidence.

use std::collections::BTreeMap;

use super::style::cut;
use crate::evidence::{Record, What};
use crate::verdict::{Finding, FindingVerdict};

/// By frame and octets.
pub type Excerpts = BTreeMap<(u64, (usize, usize)), Excerpt>;

/// So many octets before and after are kept at most.
const AROUND: usize = 120;
/// So many characters of what is marked are kept at most.
const MARKED: usize = 240;

/// A piece of a message, and what stands around it in the same line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The name of the field, if the line has one.
    pub field: Option<String>,
    /// What stands before.
    pub before: String,
    /// What the finding is about.
    pub marked: String,
    /// What stands after.
    pub after: String,
}

/// The excerpts for findings that keep a scenario from a pass.
#[must_use]
pub fn excerpts(records: &[Record], findings: &[Finding]) -> Excerpts {
    let deciding = findings.iter().filter(|finding| finding.verdict != FindingVerdict::Warning);
    let place = |finding: &Finding| {
        let (frame, octets) = (finding.frame?, finding.octets?);
        let record = records.get(usize::try_from(frame.checked_sub(1)?).ok()?)?;
        let What::Octets(own) = &record.what else { return None };
        Some(((frame, octets), excerpt(&own.octets, octets)?))
    };
    deciding.filter_map(place).collect()
}

/// Octets of a message with the rest of their line; none where there are no such octets.
fn excerpt(octets: &[u8], (from, to): (usize, usize)) -> Option<Excerpt> {
    let marked = octets.get(from..to).filter(|marked| !marked.is_empty())?;
    // Of several lines the first is shown, and how many there are.
    let lines = marked.split_inclusive(|octet| *octet == b'\n');
    let (first, further) = (lines.clone().next()?, lines.count() - 1);
    let (head, tail) = (octets.get(..from)?, if marked.contains(&b'\n') { &[] } else { octets.get(to..)? });
    let first = first.trim_ascii_end();
    let begins = memchr::memrchr(b'\n', head).map_or(0, |feed| feed + 1);
    let ends = memchr::memchr(b'\r', tail).unwrap_or(tail.len());
    let line = head.get(begins..)?;
    let near = line.get(line.len().saturating_sub(AROUND)..)?;
    let after = tail.get(..ends.min(AROUND))?;
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let field = name(octets.get(begins..)?).map(text);
    let after = if further == 0 { text(after) } else { format!(" and {further} more lines") };
    Some(Excerpt { field, before: text(near), marked: cut(&text(first), MARKED), after })
}

/// The name of a header field (RFC 3261 section 7.3.1), with which the line begins; of a description its type, `a=path`.
fn name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line.get(..line.len().min(64))?)?;
    let name = line.get(..colon)?.trim_ascii_end();
    let token = |octet: &u8| octet.is_ascii_alphanumeric() || b"-.=_".contains(octet);
    (!name.is_empty() && name.iter().all(token)).then_some(name)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::report::samples;

    #[test]
    fn what_a_finding_is_about_is_kept_with_its_line() {
        let message = b"MESSAGE sip:a@b SIP/2.0\r\nP-Asserted-Identity: <sip:eve@b>;x\r\n\r\nbody";
        let at = 25 + 21;
        let told = excerpt(message, (at, at + 13)).unwrap();
        let parts = (told.field.as_deref(), told.before.as_str(), told.marked.as_str(), told.after.as_str());
        assert_eq!(parts, (Some("P-Asserted-Identity"), "P-Asserted-Identity: ", "<sip:eve@b>;x", ""));
        assert_eq!(excerpt(message, (0, 7)).unwrap().field, None);
        let whole = excerpt(message, (0, message.len())).unwrap();
        assert_eq!((whole.marked.as_str(), whole.after.as_str()), ("MESSAGE sip:a@b SIP/2.0", " and 3 more lines"));
        assert_eq!(excerpt(message, (900, 907)), None);
        assert_eq!(excerpt(message, (3, 3)), None);
    }

    #[test]
    fn of_a_long_line_little_is_kept() {
        let long = "y".repeat(100_000);
        let told = excerpt(long.as_bytes(), (1_000, 99_000)).unwrap();
        assert!(told.marked.len() < 300 && told.marked.contains("characters cut"), "{}", told.marked);
        assert_eq!((told.before.len(), told.after.len()), (AROUND, AROUND));
    }

    #[test]
    fn warnings_have_none() {
        let records = samples::exchange();
        let result = samples::failed_in(&records);
        let told = excerpts(&records, &result.findings);
        let marked: Vec<&str> = told.values().map(|own| own.marked.as_str()).collect();
        assert_eq!(marked, ["<delivered/>"]);
    }
}
