//! The statement of a target: its answer to every question that the papers leave open (the ICS of ISO/IEC 9646). Rules
//! read it; they never guess.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::Role;
use super::answer::{Answer, AnswerTo, Refusal, RefusedCase, StorePolicy, one_of};
use super::questions::{OF_CLIENTS, QUESTIONS, Question, question};

/// The final codes after which what CPM does not reach is interworked, where a statement names none of its own (L20).
const INTERWORKING_CODES: [u16; 9] = [404, 405, 410, 414, 415, 416, 480, 488, 606];

/// The answers of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    answers: BTreeMap<&'static str, Answer>,
}

impl Statement {
    /// The words of an answer: those of a list, the one word, a number or a flag as text.
    #[must_use]
    pub fn values(&self, key: &str) -> Vec<&str> {
        match self.answers.get(key) {
            Some(Answer::Word(word)) => vec![word],
            Some(Answer::Words(words)) => words.iter().map(String::as_str).collect(),
            Some(Answer::Flag(true)) => vec!["true"],
            Some(Answer::Flag(false)) => vec!["false"],
            _ => Vec::new(),
        }
    }

    /// Whether an answer is this word, or a list that holds it.
    #[must_use]
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.values(key).contains(&value)
    }

    /// The first word of an answer; empty when it is no word.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.values(key).first().copied().unwrap_or_default()
    }

    /// The number of an answer; none where it says `none`.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        match self.answers.get(key) {
            Some(Answer::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Whether an answer is `true`.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        self.answers.get(key) == Some(&Answer::Flag(true))
    }

    /// The status codes of an answer; none where it leaves them to the ledger.
    #[must_use]
    pub fn codes(&self, key: &str) -> Option<&[u16]> {
        match self.answers.get(key) {
            Some(Answer::Codes(codes)) => Some(codes),
            _ => None,
        }
    }

    /// The final codes that lead to interworking: its own, or those of the ledger (L20).
    #[must_use]
    pub fn interworking_codes(&self) -> Vec<u16> {
        self.codes("iwf_codes").unwrap_or(&INTERWORKING_CODES).to_vec()
    }

    /// What the provider's policy keeps.
    #[must_use]
    pub fn store_policy(&self) -> Option<&StorePolicy> {
        match self.answers.get("store_policy") {
            Some(Answer::StorePolicy(policy)) => Some(policy),
            _ => None,
        }
    }

    /// How a case is refused; none where any final answer will do.
    #[must_use]
    pub fn refusal(&self, case: RefusedCase) -> Option<&Refusal> {
        match self.answers.get("refusals") {
            Some(Answer::Refusals(cases)) => cases.get(&case),
            _ => None,
        }
    }

    /// The questions that an element of this role has to answer and did not.
    #[must_use]
    pub fn unanswered(&self, role: Role) -> Vec<&'static str> {
        let asked = |key: &str| role == Role::ParticipatingFunction || OF_CLIENTS.contains(&key);
        let keys = QUESTIONS.iter().map(|question| question.key);
        keys.filter(|key| asked(key) && !self.answers.contains_key(key)).collect()
    }

    /// The answers as they go into the evidence, from which they can be read again.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The same statement with another answer to one question.
    ///
    /// # Errors
    /// The key or the value is none that the statement knows.
    pub fn with(mut self, key: &str, value: serde_json::Value) -> Result<Statement, serde_json::Error> {
        let question = question(key).ok_or_else(|| serde_json::Error::custom(format!("unknown key `{key}`")))?;
        self.answers.insert(question.key, AnswerTo(question.form).deserialize(value)?);
        Ok(self)
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.answers.len()))?;
        for question in QUESTIONS {
            if let Some(answer) = self.answers.get(question.key) {
                map.serialize_entry(question.key, answer)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Statement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Statement, D::Error> {
        deserializer.deserialize_map(Answers)
    }
}

struct Answers;

impl<'de> Visitor<'de> for Answers {
    type Value = Statement;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one answer for each question of the statement")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Statement, A::Error> {
        let mut answers = BTreeMap::new();
        while let Some(key) = map.next_key_seed(QuestionKey)? {
            answers.insert(key.key, map.next_value_seed(AnswerTo(key.form))?);
        }
        Ok(Statement { answers })
    }
}

/// Reads a key of the statement.
struct QuestionKey;

impl<'de> DeserializeSeed<'de> for QuestionKey {
    type Value = &'static Question;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for QuestionKey {
    type Value = &'static Question;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key of the statement")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        question(key).ok_or_else(|| {
            let keys: Vec<&str> = QUESTIONS.iter().map(|question| question.key).collect();
            E::custom(one_of("unknown field", key, &keys))
        })
    }
}
