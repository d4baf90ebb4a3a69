//! Ranges of versions, as vendors number them: `>=1.4, <2`. Numbers between dots and dashes are compared as numbers, what is
//! left out is 0, and what is no number comes before: 2.0-rc1 is before 2.0.

use std::cmp::Ordering;
use std::str::FromStr;

/// A range: everything that it asks holds at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    asked: Vec<(Asked, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Any,
    Is(Ordering),
    IsNot(Ordering),
}

/// The signs, the longer ones first.
const SIGNS: [(&str, Asked); 5] = [
    (">=", Asked::IsNot(Ordering::Less)),
    ("<=", Asked::IsNot(Ordering::Greater)),
    (">", Asked::Is(Ordering::Greater)),
    ("<", Asked::Is(Ordering::Less)),
    ("=", Asked::Is(Ordering::Equal)),
];

impl FromStr for Versions {
    type Err = String;

    /// Reads parts between commas: `*`, a version, or one after `=`, `<`, `<=`, `>` or `>=`.
    fn from_str(text: &str) -> Result<Versions, String> {
        let part = |part: &str| {
            let part = part.trim();
            let sign = SIGNS.into_iter().find_map(|(sign, asked)| Some((asked, part.strip_prefix(sign)?.trim())));
            match sign.unwrap_or((Asked::Is(Ordering::Equal), part)) {
                (_, "*") => Ok((Asked::Any, String::new())),
                (asked, version)
                    if version.chars().any(char::is_alphanumeric) && !version.contains(['<', '>', '=']) =>
                {
                    Ok((asked, version.to_owned()))
                }
                _ => Err(format!("`{part}` is no range of versions")),
            }
        };
        Ok(Versions { asked: text.split(',').map(part).collect::<Result<_, _>>()? })
    }
}

impl Versions {
    /// Whether a version lies within.
    #[must_use]
    pub fn contain(&self, version: &str) -> bool {
        self.asked.iter().all(|(asked, than)| match asked {
            Asked::Any => true,
            Asked::Is(order) => compared(version, than) == *order,
            Asked::IsNot(order) => compared(version, than) != *order,
        })
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    // As text without zeros in front, by its length first: a number of any size.
    Number(usize, String),
}

fn compared(one: &str, other: &str) -> Ordering {
    let (one, other) = (parts(one), parts(other));
    let nothing = Part::Number(0, String::new());
    (0..one.len().max(other.len()))
        .map(|place| one.get(place).unwrap_or(&nothing).cmp(other.get(place).unwrap_or(&nothing)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The parts of a version: runs of digits, and runs of letters.
fn parts(version: &str) -> Vec<Part> {
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    for character in version.trim().to_lowercase().chars() {
        let sort = character.is_alphanumeric().then(|| character.is_ascii_digit());
        if let Some(sort) = sort {
            match parts.last_mut() {
                Some(part) if last == Some(Some(sort)) => part.push(character),
                _ => parts.push(character.to_string()),
            }
        }
        last = Some(sort);
    }
    let part = |part: String| {
        if part.starts_with(|first: char| first.is_ascii_digit()) {
            let number = part.trim_start_matches('0').to_owned();
            Part::Number(number.len(), number)
        } else {
            Part::Word(part)
        }
    };
    parts.into_iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_lie_within_or_not() {
        let table = [
            ("*", "anything at all", true),
            ("1.4", "1.4.0", true),
            ("=1.4", "1.4.1", false),
            (">=1.4, <2", "1.10", true),
            (">=1.4, <2", "1.3.9", false),
            (">=1.4, <2", "2.0", false),
            (">=1.4,<2", "2.0-rc1", true),
            ("<=2.0", "2.0.0-rc10", true),
            (">2.0-rc2", "2.0-rc10", true),
            (">=7.20261121", "7.20261120999999999999999999999", true),
            ("<24b", "24a", true),
            (">=R23", "r24", true),
        ];
        for (range, version, within) in table {
            let versions: Versions = range.parse().unwrap();
            assert_eq!(versions.contain(version), within, "{version} in {range}");
        }
    }

    #[test]
    fn what_is_no_range_is_said() {
        for text in ["", ">=", "1.4,,2", "<>2", "=> 1"] {
            assert!(text.parse::<Versions>().is_err(), "{text}");
        }
    }
}
