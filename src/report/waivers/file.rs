//! The file of waivers: a list of entries, each with what it excuses, until when, and why. Unknown keys, missing ones and bad
//! values are refused with their place.

use super::versions::Versions;
use crate::yaml::{self, Fault, Step};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// What a user excuses, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// What serves this requirement is excused ..
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// .. or this scenario alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The rule whose findings are excused; of no other rule.
    pub rule: String,
    /// The versions of the target for which that holds, such as `>=1.4, <2`.
    pub versions: String,
    /// Why.
    pub reason: String,
    /// Where it is followed up.
    pub issue: String,
    /// The last day on which it holds, `2026-12-31`.
    pub expires: String,
}

/// Waivers that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waivers {
    pub(super) entries: Vec<Entry>,
    pub(super) text: String,
}

/// One, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub waiver: Waiver,
    pub versions: Versions,
    /// Its first line, from 1.
    pub line: usize,
}

/// Why waivers cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NoWaivers {
    file: PathBuf,
    fault: Fault,
}

impl fmt::Display for NoWaivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { line, column, message, allowed } = &self.fault;
        write!(f, "{}:{line}:{column}: {message}", self.file.display())?;
        if allowed.is_empty() { Ok(()) } else { write!(f, "; allowed: {}", allowed.join(", ")) }
    }
}

impl Waivers {
    /// Reads the waivers in a file.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn load(file: &Path) -> Result<Waivers, NoWaivers> {
        let unread =
            |error: std::io::Error| Fault { line: 1, column: 1, message: error.to_string(), allowed: Vec::new() };
        let text = fs::read_to_string(file).map_err(unread);
        text.and_then(Waivers::read).map_err(|fault| NoWaivers { file: file.to_owned(), fault })
    }

    /// Reads waivers.
    ///
    /// # Errors
    /// The first fault of the text.
    pub fn read(text: String) -> Result<Waivers, Fault> {
        let waivers: Vec<Waiver> = yaml::read(&text)?;
        let entry = |(number, waiver): (usize, Waiver)| {
            let versions = checked(&waiver).map_err(|(key, message)| {
                let (line, column) = yaml::locate(&text, &[Step::Item(number), Step::Key(key)]);
                Fault { line, column, message, allowed: Vec::new() }
            })?;
            Ok(Entry { waiver, versions, line: yaml::locate(&text, &[Step::Item(number)]).0 })
        };
        let entries = waivers.into_iter().enumerate().map(entry).collect::<Result<_, Fault>>()?;
        Ok(Waivers { entries, text })
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The range of an entry whose other values are good; else the key that is not, and why.
fn checked(waiver: &Waiver) -> Result<Versions, (&'static str, String)> {
    match (&waiver.requirement, &waiver.scenario) {
        (None, None) => return Err(("rule", "one of the keys `requirement` and `scenario` is missing".to_owned())),
        (Some(_), Some(_)) => {
            return Err(("scenario", "an entry has `requirement` or `scenario`, and not both".to_owned()));
        }
        _ => {}
    }
    for (key, value) in [("rule", &waiver.rule), ("reason", &waiver.reason)] {
        if value.trim().is_empty() {
            return Err((key, format!("{key}: there is nothing")));
        }
    }
    let link = ["https://", "http://"]
        .iter()
        .any(|scheme| waiver.issue.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if !link || waiver.issue.contains(char::is_whitespace) {
        return Err(("issue", "issue: expected a link, https://..".to_owned()));
    }
    if !is_day(&waiver.expires) {
        return Err(("expires", format!("expires: `{}` is no day; expected one such as 2026-12-31", waiver.expires)));
    }
    waiver
        .versions
        .parse()
        .map_err(|why| ("versions", format!("versions: {why}; expected one such as `>=1.4, <2`, or `*`")))
}

/// Whether a text is a day of the calendar, as of RFC 3339 `full-date`.
fn is_day(text: &str) -> bool {
    let mut parts = text.split('-').map(|part| part.parse::<u32>().ok().filter(|_| part.len() == 4 || part.len() == 2));
    let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    text.len() == 10 && (1..=days).contains(&day)
}
