//! A profile as a text that is being written: lines of the template, some of them replaced. Comments stay where they are.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::target::template::{self, Asked, TEMPLATE};
use crate::yaml;

/// A profile that is being written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    lines: Vec<String>,
}

impl Draft {
    /// The template as it is, without what it says of itself.
    pub(super) fn of_template() -> Draft {
        let own = TEMPLATE.split_once("\n#\n").map_or(TEMPLATE, |(_, own)| own);
        Draft { lines: own.lines().map(str::to_owned).collect() }
    }

    /// A profile that is there.
    pub(super) fn of(text: &str) -> Draft {
        Draft { lines: text.lines().map(str::to_owned).collect() }
    }

    /// The text so far.
    pub(super) fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    fn keys(&self) -> Vec<Asked> {
        template::read(&self.text())
    }

    fn find(&self, key: &str) -> Option<Asked> {
        self.keys().into_iter().find(|own| own.key == key)
    }

    fn replace(&mut self, range: Range<usize>, with: Vec<String>) {
        self.lines.splice(range, with);
    }

    /// Writes these lines above everything.
    pub(super) fn head(&mut self, lines: &[String]) {
        let comments = lines.iter().map(|line| format!("# {line}").trim_end().to_owned()).chain(["#".to_owned()]);
        self.replace(0..0, comments.collect());
    }

    /// Adds lines to the explanation of a key.
    pub(super) fn explain(&mut self, key: &str, lines: &[String]) {
        let Some(own) = self.find(key) else { return };
        let comment = |line: &String| format!("{}# {line}", " ".repeat(own.depth));
        self.replace(own.lines.start..own.lines.start, lines.iter().map(comment).collect());
    }

    /// Takes a key away, with its explanation.
    pub(super) fn remove(&mut self, key: &str) {
        if let Some(own) = self.find(key) {
            self.replace(own.explained.start..own.lines.end, Vec::new());
        }
    }

    /// Gives a key another value. A key that is not there goes into the value, or below the key, that its way leads to.
    ///
    /// # Errors
    /// The way leads nowhere.
    pub(super) fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let names: Vec<&str> = key.split('.').collect();
        let ways = (1..=names.len()).rev().filter_map(|depth| {
            let (way, rest) = names.split_at_checked(depth)?;
            Some((self.find(&way.join("."))?, rest))
        });
        let nowhere = || format!("{key}: there is no such key");
        let (own, rest) = ways.into_iter().next().ok_or_else(nowhere)?;
        let name = own.key.rsplit('.').next().unwrap_or_default();
        let line = |depth: usize, name: &str, value: &Value| format!("{}{name}: {}", " ".repeat(depth), flow(value));
        match rest {
            [] if own.value.is_empty() => Err(format!("{key}: holds further keys; set one of those")),
            [] => {
                self.replace(own.lines, vec![line(own.depth, name, value)]);
                Ok(())
            }
            [first, deeper @ ..] if own.value.is_empty() => {
                let after = self.end_below(&own);
                self.replace(after..after, vec![line(own.depth + 2, first, &nested(deeper, value))]);
                Ok(())
            }
            rest => {
                let mut there: Value = yaml::read(&own.value).map_err(|fault| fault.message)?;
                put(&mut there, rest, value).ok_or_else(nowhere)?;
                self.replace(own.lines, vec![line(own.depth, name, &there)]);
                Ok(())
            }
        }
    }

    /// Where what stands below a key ends.
    fn end_below(&self, own: &Asked) -> usize {
        let below = format!("{}.", own.key);
        let last =
            self.keys().into_iter().filter(|other| other.key.starts_with(&below)).map(|other| other.lines.end).max();
        last.unwrap_or(own.lines.end)
    }
}

/// The value within maps of these names.
fn nested(names: &[&str], value: &Value) -> Value {
    names.iter().rev().fold(value.clone(), |value, name| Value::Object(Map::from_iter([((*name).to_owned(), value)])))
}

/// Puts a value into a map, or into one within it.
fn put(there: &mut Value, way: &[&str], value: &Value) -> Option<()> {
    let (first, deeper) = way.split_first()?;
    if there.is_null() {
        *there = Value::Object(Map::new());
    }
    let map = there.as_object_mut()?;
    match map.get_mut(*first) {
        Some(own) if own.is_object() && !deeper.is_empty() => put(own, deeper, value),
        _ => {
            map.insert((*first).to_owned(), nested(deeper, value));
            Some(())
        }
    }
}

/// A value in one line, as profiles write it.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if is_word(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        // A text of JSON is one of YAML.
        other => other.to_string(),
    }
}

/// Whether a text can stand without quotes and stays a text.
fn is_word(text: &str) -> bool {
    const OTHERWISE: [&str; 7] = ["true", "false", "null", "yes", "no", "on", "off"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-/;".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain) && !OTHERWISE.contains(&text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(key: &str, value: Value) -> Result<String, String> {
        let mut draft = Draft::of_template();
        draft.set(key, &value).map(|()| draft.text())
    }

    #[test]
    fn a_value_is_replaced_where_it_stands() {
        let table = [
            ("name", json!("A: b"), "name: \"A: b\"\n"),
            ("network.answer_ms", json!(700), "  answer_ms: 700\n"),
            ("network.tls.verify", json!(false), "key_env: null, verify: false}\n"),
            ("network.isc.third_party_register.request", json!(true), "{request: true, response: false,"),
            ("network.actors.client.bind", json!("192.0.2.1:0"), "    client: {bind: \"192.0.2.1:0\"}\n"),
            ("network.users", json!({"generate": 4}), "  users: {generate: 4}\n"),
            ("statement.drain_order", json!("datetime"), "  drain_order: datetime\n"),
            ("control.client.http", json!("http://lab/act"), "  client: {http: \"http://lab/act\"}\n"),
            ("provisioning.mode", json!("none"), "provisioning: {mode: none, url: null"),
        ];
        for (key, value, expected) in table {
            let text = set(key, value).unwrap();
            assert!(text.contains(expected), "{key}: {text}");
        }
        let text = set("network.users", json!([])).unwrap();
        assert!(!text.contains("- {impu"), "{text}");
    }

    #[test]
    fn a_key_that_leads_nowhere_is_refused() {
        assert!(set("nam", json!("x")).unwrap_err().contains("no such key"));
        assert!(set("network", json!({})).unwrap_err().contains("further keys"));
        assert!(set("name.first", json!("x")).unwrap_err().contains("no such key"));
    }

    #[test]
    fn two_keys_of_an_actor_stand_in_one_line() {
        let mut draft = Draft::of_template();
        draft.set("network.actors.client.bind", &json!("192.0.2.1:0")).unwrap();
        draft.set("network.actors.client.advertise", &json!("tester:1")).unwrap();
        let text = draft.text();
        assert!(text.contains("    client: {bind: \"192.0.2.1:0\", advertise: \"tester:1\"}\n"), "{text}");
    }
}
