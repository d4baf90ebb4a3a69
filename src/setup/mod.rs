//! How a profile comes to be: written from the template, with what is known of the target put in its place and each question of
//! the statement explained. What is written is read again before it counts, so that `run --plan` takes it.

mod draft;
mod guidance;
mod interview;

use serde_json::{Value, json};

pub use guidance::{Guidance, Meant, guidance};
pub use interview::{Asking, interview};

use crate::run::RunError;
use crate::target::questions::{OF_CLIENTS, QUESTIONS};
use crate::target::{Profile, Role};
use crate::yaml;
use draft::Draft;

/// Why no profile is written.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A key that was given is none, or its value is not allowed.
    #[error("{0}")]
    Given(String),
    /// Features at fault.
    #[error("{0}")]
    Features(#[from] RunError),
    /// Nobody could be asked.
    #[error("cannot ask: {0}")]
    Asking(#[from] std::io::Error),
}

/// What is known of a target: values by the ways of their keys, in the order in which they are put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    values: Vec<(String, Value)>,
}

impl Known {
    /// Adds a value. A later one of the same key replaces an earlier one.
    pub fn put(&mut self, key: &str, value: Value) {
        self.values.retain(|(other, _)| other != key);
        self.values.push((key.to_owned(), value));
    }

    /// Whether a key has a value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.values.iter().any(|(other, _)| other == key)
    }

    /// Adds `KEY=VALUE`, the value as a profile writes it.
    ///
    /// # Errors
    /// It has another form.
    pub fn put_text(&mut self, given: &str) -> Result<(), SetupError> {
        let (key, value) =
            given.split_once('=').ok_or_else(|| SetupError::Given(format!("{given}: has to be KEY=VALUE")))?;
        self.put(key.trim(), read(value)?);
        Ok(())
    }

    /// Makes users of a pattern out of a number of each class, with devices of their own.
    pub fn put_pattern(&mut self, pattern: &str, each: u64, role: Role) {
        let rule = match role {
            Role::ParticipatingFunction => {
                json!({"generate": each, "pattern": pattern, "tel": "tel:+1999{n}", "devices": 3})
            }
            // A client under test serves plain users, and is the one device of each.
            Role::Client => {
                json!({"generate": each, "pattern": pattern, "tel": "tel:+1999{n}", "devices": 1, "classes": ["plain"]})
            }
        };
        self.put("network.users", rule);
        self.put("network.devices", json!([]));
    }
}

/// Reads a value as a profile writes it.
fn read(text: &str) -> Result<Value, SetupError> {
    yaml::read(text).map_err(|fault| SetupError::Given(format!("{text}: {}", fault.message)))
}

/// The text of a profile for an element of this role.
///
/// # Errors
/// What is known contradicts what a profile may say.
pub fn written(role: Role, known: &Known) -> Result<String, SetupError> {
    drafted(role, known, &guidance(role)?)
}

/// A profile that is there with these values, and everything else in it as it stands.
///
/// # Errors
/// With them it would be no profile.
pub fn amended(text: &str, known: &Known) -> Result<String, SetupError> {
    let mut draft = Draft::of(text);
    for (key, value) in &known.values {
        draft.set(key, value).map_err(SetupError::Given)?;
    }
    let text = draft.text();
    Profile::check(&text).map(|()| text).map_err(|fault| SetupError::Given(fault.message))
}

/// The text with these explanations of the statement.
fn drafted(role: Role, known: &Known, explained: &[Guidance]) -> Result<String, SetupError> {
    let mut draft = Draft::of_template();
    draft.head(&[
        "Profile of a target: what is tested, where it is, what it claims. Written by `cpm-conformance init`."
            .to_owned(),
        String::new(),
        "1. cpm-conformance doctor FILE                      what stands in the way of a run, and what helps"
            .to_owned(),
        "2. cpm-conformance run --target FILE --plan         what would run, and why not".to_owned(),
        "3. cpm-conformance run --target FILE --tags @smoke  a few scenarios that tell most; then all without --tags"
            .to_owned(),
    ]);
    for own in explained {
        draft.explain(&format!("statement.{}", own.key), &own.lines(2));
    }
    let set = |draft: &mut Draft, key: &str, value: &Value| draft.set(key, value).map_err(SetupError::Given);
    set(&mut draft, "role", &role.as_str().into())?;
    if role == Role::Client {
        for question in QUESTIONS.iter().filter(|own| !OF_CLIENTS.contains(&own.key)) {
            draft.remove(&format!("statement.{}", question.key));
        }
        // It comes to the tester by itself.
        set(&mut draft, "network.target.sip", &json!([]))?;
        set(&mut draft, "provisioning", &"none".into())?;
    }
    for (key, value) in &known.values {
        set(&mut draft, key, value)?;
    }
    let text = draft.text();
    match Profile::check(&text) {
        Ok(()) => Ok(text),
        Err(fault) if fault.allowed.is_empty() => Err(SetupError::Given(fault.message)),
        Err(fault) => Err(SetupError::Given(format!("{}; allowed: {}", fault.message, fault.allowed.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn what_is_written_is_a_profile_for_either_role() {
        for role in [Role::ParticipatingFunction, Role::Client] {
            let mut known = Known::default();
            known.put_pattern("sip:{class}-{n}@{domain}", 4, role);
            let text = written(role, &known).unwrap();
            assert!(text.contains(&format!("\nrole: {}\n", role.as_str())));
            assert!(text.lines().all(|line| line.len() <= 132), "{text}");
        }
        let text = written(Role::Client, &Known::default()).unwrap();
        assert!(!text.contains("storage_locus") && text.contains("client_drain_answer: recvonly"));
    }

    #[test]
    fn an_answer_is_explained_where_it_is_given() {
        let text = written(Role::ParticipatingFunction, &Known::default()).unwrap();
        let (before, _) = text.split_once("\n  drain_order: ").unwrap();
        let comment: Vec<&str> = before.lines().rev().take_while(|line| line.starts_with("  #")).collect();
        assert!(
            comment.iter().any(|line| line.contains("Answer: one of completion, datetime. Ledger L08.")),
            "{comment:?}"
        );
        assert!(comment.iter().any(|line| line.starts_with("  #   datetime: ")), "{comment:?}");
    }

    #[test]
    fn what_a_profile_may_not_say_is_refused_with_what_is_allowed() {
        let refused = |given: &str| {
            let mut known = Known::default();
            known.put_text(given).and_then(|()| written(Role::ParticipatingFunction, &known)).unwrap_err().to_string()
        };
        let text = refused("statement.drain_order=alphabetical");
        assert!(text.contains("alphabetical") && text.contains("completion, datetime"), "{text}");
        assert!(refused("network.answer_ms=soon").contains("expected a whole number"));
        assert!(
            refused("network.answer=1").contains("no such key") || refused("network.answer=1").contains("unknown key")
        );
        assert!(refused("answer_ms").contains("KEY=VALUE"));
    }

    #[test]
    fn a_later_value_counts() {
        let mut known = Known::default();
        known.put("name", "one".into());
        known.put("name", "two".into());
        assert_eq!(known.values, [("name".to_owned(), Value::from("two"))]);
    }
}
