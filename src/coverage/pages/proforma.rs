//! The questions to an implementation, read from the template of profiles, where each stands with its explanation: the statement
//! (ICS) and the keys of the network (IXIT), as in ISO/IEC 9646.

use crate::target::TEMPLATE;

/// A key of a profile, as the template explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The way to it, `network.target.sip`.
    pub key: String,
    /// What it means; empty where what stands above it says that.
    pub meaning: String,
    /// What stands there in the template.
    pub value: String,
}

/// Every key of the template that has a value or an explanation, in its order.
pub(super) fn keys() -> Vec<Asked> {
    read(TEMPLATE)
}

fn read(text: &str) -> Vec<Asked> {
    let mut keys: Vec<Asked> = Vec::new();
    let mut way: Vec<(usize, String)> = Vec::new();
    let mut meaning: Vec<&str> = Vec::new();
    for line in text.lines() {
        let words = line.trim_start();
        let depth = line.len() - words.len();
        if let Some(comment) = words.strip_prefix('#') {
            meaning.push(comment.trim());
        } else if words.is_empty() {
            meaning.clear();
        } else if let Some((name, value)) = key(words) {
            way.retain(|(other, _)| *other < depth);
            way.push((depth, name.to_owned()));
            let names: Vec<&str> = way.iter().map(|(_, name)| name.as_str()).collect();
            keys.push(Asked { key: names.join("."), meaning: meaning.join(" "), value: value.to_owned() });
            meaning.clear();
        } else if let Some(last) = keys.last_mut() {
            last.value = format!("{} {words}", last.value).trim_start().to_owned();
        }
    }
    keys.retain(|asked| !asked.meaning.is_empty() || !asked.value.is_empty());
    keys
}

/// A key and its value, if the line begins with one.
fn key(words: &str) -> Option<(&str, &str)> {
    let (name, value) = words.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (is_name && (value.is_empty() || value.starts_with(' '))).then(|| (name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::questions::QUESTIONS;
    use pretty_assertions::assert_eq;

    #[test]
    fn keys_have_their_way_their_meaning_and_their_value() {
        let text = "# About the file.\n\n# The\n# name.\nname: A\nnet:\n  # Where.\n  at: [a,\n    b]\n  users:\n    - {x: 1}\nlast: 1\n";
        let told: Vec<_> = read(text).into_iter().map(|own| (own.key, own.meaning, own.value)).collect();
        let expected = [
            ("name", "The name.", "A"),
            ("net.at", "Where.", "[a, b]"),
            ("net.users", "", "- {x: 1}"),
            ("last", "", "1"),
        ];
        assert_eq!(told, expected.map(|(key, meaning, value)| (key.to_owned(), meaning.to_owned(), value.to_owned())));
    }

    #[test]
    fn the_template_explains_every_question_of_the_statement() {
        let keys = keys();
        for question in QUESTIONS {
            let own = keys.iter().find(|own| own.key == format!("statement.{}", question.key));
            assert!(own.is_some_and(|own| !own.meaning.is_empty()), "{}", question.key);
        }
        assert!(keys.iter().any(|own| own.key == "network.actors.serving_cscf.bind"));
    }
}
