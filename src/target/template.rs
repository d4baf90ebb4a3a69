//! The template of profiles, read as a text: every key with its way, its explanation and its place. It is the one source of
//! keys, explanations and defaults, from which profiles are written and the questions to an implementation (ICS and IXIT of
//! ISO/IEC 9646) are shown.

use std::ops::Range;

/// The commented profile from which a vendor's own is written.
pub const TEMPLATE: &str = include_str!("../../fixtures/targets/template.yaml");

/// A key of a profile, as the text explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The way to it, `network.target.sip`.
    pub key: String,
    /// What it means; empty where what stands above it says that.
    pub meaning: String,
    /// What stands there; empty where further keys do.
    pub value: String,
    /// The lines of its explanation, counted from 0.
    pub explained: Range<usize>,
    /// The lines of the key and its value, without those of further keys.
    pub lines: Range<usize>,
    /// The blanks before it.
    pub depth: usize,
}

/// Every key of the template that has a value or an explanation, in its order.
#[must_use]
pub fn keys() -> Vec<Asked> {
    let mut keys = read(TEMPLATE);
    keys.retain(|asked| !asked.meaning.is_empty() || !asked.value.is_empty());
    keys
}

/// Every key of a text in the manner of the template: one in a line, comments above what they are about. What stands within
/// braces or brackets, or in a list of lines, is the value of the key before it.
#[must_use]
pub fn read(text: &str) -> Vec<Asked> {
    let mut keys: Vec<Asked> = Vec::new();
    let mut way: Vec<(usize, &str)> = Vec::new();
    let mut meaning: Vec<&str> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let words = line.trim_start();
        let depth = line.len() - words.len();
        if let Some(comment) = words.strip_prefix('#') {
            meaning.push(comment.trim());
        } else if words.is_empty() {
            meaning.clear();
        } else if let Some((name, value)) = key(words).filter(|_| !keys.last().is_some_and(|last| is_open(&last.value)))
        {
            way.retain(|(other, _)| *other < depth);
            way.push((depth, name));
            let names: Vec<&str> = way.iter().map(|(_, name)| *name).collect();
            keys.push(Asked {
                key: names.join("."),
                meaning: meaning.join(" "),
                value: value.to_owned(),
                explained: number - meaning.len()..number,
                lines: number..number + 1,
                depth,
            });
            meaning.clear();
        } else if let Some(last) = keys.last_mut() {
            last.value = format!("{} {words}", last.value).trim_start().to_owned();
            last.lines.end = number + 1;
        }
    }
    keys
}

/// A key and its value, if the line begins with one.
fn key(words: &str) -> Option<(&str, &str)> {
    let (name, value) = words.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (is_name && (value.is_empty() || value.starts_with(' '))).then(|| (name, value.trim()))
}

/// Whether a value goes on in the next line: a brace or bracket in it is not closed.
fn is_open(value: &str) -> bool {
    let outside = value.split('"').step_by(2).flat_map(str::chars);
    let depth: i32 = outside
        .map(|c| {
            if "{[".contains(c) {
                1
            } else if "}]".contains(c) {
                -1
            } else {
                0
            }
        })
        .sum();
    depth > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::questions::QUESTIONS;
    use pretty_assertions::assert_eq;

    #[test]
    fn keys_have_their_way_their_meaning_their_value_and_their_place() {
        let text = "# About the file.\n\n# The\n# name.\nname: A\nnet:\n  # Where.\n  at: [a,\n    b]\n  users:\n    - {x: \"{\",\n       y: 1}\nlast: 1\n";
        let read = read(text);
        let told: Vec<_> =
            read.iter().map(|own| (own.key.as_str(), own.meaning.as_str(), own.value.as_str())).collect();
        let expected = [
            ("name", "The name.", "A"),
            ("net", "", ""),
            ("net.at", "Where.", "[a, b]"),
            ("net.users", "", "- {x: \"{\", y: 1}"),
            ("last", "", "1"),
        ];
        assert_eq!(told, expected);
        let places: Vec<_> = read.iter().map(|own| (own.explained.clone(), own.lines.clone(), own.depth)).collect();
        assert_eq!(places, [(2..4, 4..5, 0), (5..5, 5..6, 0), (6..7, 7..9, 2), (9..9, 9..12, 2), (12..12, 12..13, 0)]);
    }

    #[test]
    fn the_template_explains_every_question_of_the_statement_and_leaves_its_words_to_their_source() {
        let keys = keys();
        for question in QUESTIONS {
            let own = keys.iter().find(|own| own.key == format!("statement.{}", question.key));
            let meaning = own.map(|own| own.meaning.as_str()).unwrap_or_default();
            assert!(!meaning.is_empty(), "{}", question.key);
            let twice = ["One of:", "List of:", "Ledger L"].iter().any(|words| meaning.contains(words));
            assert!(!twice, "{}: {meaning}", question.key);
        }
        assert!(keys.iter().any(|own| own.key == "network.actors.serving_cscf.bind"));
    }
}
