//! What a file of a report should hold, and what it holds.

use std::fmt;

use serde_json::Value;

/// Something in the folder of a run that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file, from the folder of the run, and the place in it.
    pub place: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Difference {
    /// A difference.
    pub fn new(place: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Difference {
        Difference { place: place.into(), expected: expected.into(), found: found.into() }
    }

    /// Where two JSON values differ. The members of a list go by their ids, where they have some.
    pub fn between(place: &str, expected: &Value, found: &Value) -> Vec<Difference> {
        match (expected, found) {
            (Value::Object(own), Value::Object(other)) => {
                let both = own.keys().chain(other.keys().filter(|key| !own.contains_key(*key)));
                let absent = &Value::Null;
                both.flat_map(|key| {
                    let (own, other) = (own.get(key).unwrap_or(absent), other.get(key).unwrap_or(absent));
                    Difference::between(&format!("{place}/{key}"), own, other)
                })
                .collect()
            }
            (Value::Array(own), Value::Array(other)) => {
                let (own, other) = (members(own), members(other));
                let both = own.iter().chain(other.iter().filter(|(name, _)| find(&own, name).is_null()));
                both.flat_map(|(name, _)| {
                    Difference::between(&format!("{place}/{name}"), find(&own, name), find(&other, name))
                })
                .collect()
            }
            _ if expected == found => Vec::new(),
            _ => vec![Difference::new(place, expected.to_string(), found.to_string())],
        }
    }

    /// The first line in which two texts differ.
    pub fn of_lines(file: &str, expected: &str, found: &str) -> Option<Difference> {
        if expected == found {
            return None;
        }
        let (own, other) = (expected.lines().chain([END]), found.lines().chain([END]));
        let differing = (1..).zip(own.zip(other)).find(|(_, (own, other))| own != other);
        let (line, (own, other)) = differing.unwrap_or((1, ("other line ends", "these")));
        Some(Difference::new(format!("{file} line {line}"), own, other))
    }
}

const END: &str = "the end";

/// The members of a list by their ids, or by their numbers from 1.
fn members(list: &[Value]) -> Vec<(String, &Value)> {
    let name = |(number, value): (usize, &Value)| {
        value.get("id").and_then(Value::as_str).map_or_else(|| number.to_string(), str::to_owned)
    };
    (1..).zip(list).map(|member| (name(member), member.1)).collect()
}

fn find<'a>(members: &[(String, &'a Value)], name: &str) -> &'a Value {
    members.iter().find(|(own, _)| own == name).map_or(&Value::Null, |(_, value)| value)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}; there is {}", self.place, self.expected, self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn told(expected: &Value, found: &Value) -> Vec<String> {
        Difference::between("f", expected, found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_difference_is_told_with_its_place() {
        let own = json!({"a": [{"id": "x", "v": 1}, {"v": 2}], "b": 1});
        assert_eq!(told(&own, &own), Vec::<String>::new());
        let other = json!({"a": [{"id": "x", "v": 3}, {"v": 4}], "c": true});
        let all = [
            "f/a/x/v: expected 1; there is 3",
            "f/a/2/v: expected 2; there is 4",
            "f/b: expected 1; there is null",
            "f/c: expected null; there is true",
        ];
        assert_eq!(told(&own, &other), all);
        assert_eq!(told(&json!([1]), &json!([])), ["f/1: expected 1; there is null"]);
        let (both, one) = (json!([{"id": "x"}, {"id": "y"}]), json!([{"id": "y"}]));
        assert_eq!(told(&both, &one), [r#"f/x: expected {"id":"x"}; there is null"#]);
        assert_eq!(told(&one, &both), [r#"f/x: expected null; there is {"id":"x"}"#]);
    }

    #[test]
    fn the_first_line_that_differs_is_told() {
        let told = |own, other| Difference::of_lines("f", own, other).map(|difference| difference.to_string());
        assert_eq!(told("a\nb\n", "a\nb\n"), None);
        assert_eq!(told("a\nb\n", "a\nc\n").as_deref(), Some("f line 2: expected b; there is c"));
        assert_eq!(told("a\n", "a\nb\n").as_deref(), Some("f line 2: expected the end; there is b"));
        assert_eq!(told("a\n", "a\r\n").as_deref(), Some("f line 1: expected other line ends; there is these"));
    }
}
