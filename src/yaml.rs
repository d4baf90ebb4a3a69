//! The one place that knows the YAML library: text in, typed value out, and of what is wrong with a text the line, the
//! column and the allowed values, in words for the one who wrote it.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_yaml::Value;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong, beginning with the path of keys to it.
    pub message: String,
    /// What could stand there instead; empty when there is no list of it.
    pub allowed: Vec<String>,
}

/// Reads one document. Keys that stand twice are refused wherever they are.
///
/// # Errors
/// The first fault of the text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    let value = serde_yaml::from_str::<Value>(text).map_err(|error| fault(&error))?;
    serde_yaml::from_str(text).map_err(|error| {
        let mut fault = fault(&error);
        if fault.message.ends_with(ONE_WORD) {
            fault.allowed = words_at::<T>(value, &fault.message);
        }
        fault
    })
}

/// How the message of a wrong type ends where a word of a list was due.
const ONE_WORD: &str = "expected one word";

/// The library's words for a type, and ours.
const TYPES: [(&str, &str); 9] = [
    ("expected u64", "expected a whole number, 0 or more"),
    ("expected u32", "expected a whole number, 0 or more"),
    ("expected u16", "expected a whole number from 0 to 65535"),
    ("expected usize", "expected a whole number, 0 or more"),
    ("expected a boolean", "expected true or false"),
    ("expected a sequence", "expected a list"),
    ("expected a string", "expected text"),
    ("expected a YAML tag starting with '!'", ONE_WORD),
    ("unit value", "nothing"),
];

fn fault(error: &serde_yaml::Error) -> Fault {
    let text = error.to_string();
    let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
    let place = format!(" at line {line} column {column}");
    let mut message = text.replacen(&place, "", 1);
    let mut allowed = Vec::new();
    if message.contains("unknown field") || message.contains("unknown variant") {
        if let Some((head, tail)) = message.split_once(", expected ") {
            allowed = tail.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            message = head.replace("unknown field", "unknown key").replace("unknown variant", "unknown value");
        }
    } else {
        message = message.replace("missing field", "missing key").replace("duplicate field", "the key stands twice:");
        message = message.replace("duplicate entry with key", "the key stands twice:");
        for (theirs, ours) in TYPES {
            message = message.replace(theirs, ours);
        }
    }
    Fault { line, column, message, allowed }
}

/// The words that may stand where the message says that one was due: what the type answers to a word that is none.
fn words_at<T: DeserializeOwned>(mut document: Value, message: &str) -> Vec<String> {
    let path = message.split_once(": ").map_or("", |(path, _)| path);
    let mut place = Some(&mut document);
    for key in path.split(['.', '[']) {
        place = place.and_then(|value| match key.strip_suffix(']').and_then(|index| index.parse::<usize>().ok()) {
            Some(index) => value.get_mut(index),
            None => value.get_mut(key),
        });
    }
    let Some(place) = place else { return Vec::new() };
    *place = Value::String("?".to_owned());
    // By way of its text, since a number may stand where text is due in a text, and may not in a value.
    let Ok(text) = serde_yaml::to_string(&document) else { return Vec::new() };
    serde_yaml::from_str::<T>(&text).err().map(|error| fault(&error).allowed).unwrap_or_default()
}

/// One step on the way from the top of a document to a place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into the value of a key.
    Key(&'a str),
    /// Into an item of a list, counted from 0.
    Item(usize),
}

/// Line and column of the value at a path; of the last part of the path that there is when it is not there at all.
#[must_use]
pub fn locate(text: &str, path: &[Step<'_>]) -> (usize, usize) {
    (0..=path.len())
        .rev()
        .filter_map(|depth| path.get(..depth))
        .find_map(|path| {
            let error = Seek { path }.deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
            error.to_string().contains(FOUND).then(|| error.location()).flatten()
        })
        .map_or((1, 1), |place| (place.line(), place.column()))
}

/// The message of the error that marks the place which is sought.
const FOUND: &str = "the place that was sought";

/// Walks down a document and stops at the place by an error, to which the library adds line and column.
struct Seek<'a> {
    path: &'a [Step<'a>],
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FOUND)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Step::Key(sought), rest)) = self.path.split_first() else { return Err(A::Error::custom(FOUND)) };
        while let Some(key) = map.next_key::<String>()? {
            if key == *sought {
                map.next_value_seed(Seek { path: rest })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Step::Item(sought), rest)) = self.path.split_first() else { return Err(A::Error::custom(FOUND)) };
        for _ in 0..*sought {
            if items.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        items.next_element_seed(Seek { path: rest })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Radio {
        name: String,
        #[serde(default)]
        bands: Vec<Band>,
        #[serde(default)]
        power_mw: u64,
        #[serde(default)]
        on: bool,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Band {
        Short,
        Medium,
    }

    #[test]
    fn a_good_text_is_read() {
        let radio: Radio = read("name: kitchen\nbands: [short, medium]\npower_mw: 12\non: true\n").unwrap();
        assert_eq!(
            (radio.name.as_str(), radio.bands.len(), radio.power_mw, radio.on, matches!(radio.bands[1], Band::Medium)),
            ("kitchen", 2, 12, true, true)
        );
        assert!(matches!(radio.bands[0], Band::Short));
    }

    #[test]
    fn each_fault_has_its_place_its_words_and_what_is_allowed() {
        let table: [(&str, usize, usize, &str, &[&str]); 10] = [
            ("name: a\nband: []\n", 2, 1, "unknown key `band`", &["name", "bands", "power_mw", "on"]),
            ("bands: []\n", 1, 1, "missing key `name`", &[]),
            ("name: a\nbands:\n  - short\n  - long\n", 4, 5, "bands[1]: unknown value `long`", &["short", "medium"]),
            (
                "name: a\nbands: [{short: 1}]\n",
                2,
                9,
                "bands[0]: invalid type: map, expected one word",
                &["short", "medium"],
            ),
            (
                "name: a\npower_mw: much\n",
                2,
                11,
                "power_mw: invalid type: string \"much\", expected a whole number, 0 or more",
                &[],
            ),
            ("name: a\non: maybe\n", 2, 5, "on: invalid type: string \"maybe\", expected true or false", &[]),
            ("name: a\nbands: short\n", 2, 8, "bands: invalid type: string \"short\", expected a list", &[]),
            ("name: a\nname: b\n", 1, 1, "the key stands twice: \"name\"", &[]),
            ("name: a\n  on: true\n", 2, 5, "mapping values are not allowed in this context", &[]),
            ("{", 2, 1, "did not find expected node content, while parsing a flow node", &[]),
        ];
        for (text, line, column, message, allowed) in table {
            let fault = read::<Radio>(text).unwrap_err();
            assert_eq!((fault.line, fault.column, fault.message.as_str()), (line, column, message), "{text}");
            assert_eq!(fault.allowed, allowed, "{text}");
        }
    }

    #[test]
    fn a_place_is_found_in_block_and_in_flow_style() {
        let text = "a:\n  b:\n    - {c: 1}\n    - {c: 2, d: [x, y]}\n";
        let item = [Step::Key("a"), Step::Key("b"), Step::Item(1), Step::Key("d"), Step::Item(1)];
        assert_eq!(locate(text, &item), (4, 21));
        assert_eq!(locate(text, &[Step::Key("a"), Step::Key("b")]), (3, 5));
    }

    #[test]
    fn of_a_place_that_is_missing_its_nearest_parent_is_found() {
        assert_eq!(locate("a:\n  b: 1\n", &[Step::Key("a"), Step::Key("z"), Step::Key("y")]), (2, 3));
    }
}
