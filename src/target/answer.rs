//! One answer of a statement, in the form that its question has.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::questions::Form;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Word(String),
    Words(Vec<String>),
    Number(u64),
    Flag(bool),
    Codes(Vec<u16>),
    StorePolicy(StorePolicy),
    Refusals(BTreeMap<RefusedCase, Refusal>),
}

/// What the provider's policy keeps of what a user misses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorePolicy {
    /// The most messages that are kept for a user of the class `small_quota`.
    #[serde(deserialize_with = "number_or_none", serialize_with = "none_or_number")]
    pub quota: Option<u64>,
    /// What gives way when the quota is reached.
    pub quota_conduct: QuotaConduct,
    /// Whether what is older than `network.expiry_ms` is thrown away for a user of the class `short_expiry`.
    pub retention: Retention,
    /// Content types that are not kept for a user of the class `type_filter`.
    pub refused_types: Vec<String>,
}

/// What gives way when a quota is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaConduct {
    /// What comes is refused or thrown away.
    RefuseNew,
    /// The oldest that is kept is thrown away.
    DropOldest,
}

/// Whether content grows too old to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    /// After `network.expiry_ms`.
    ExpiryMs,
    /// Never.
    None,
}

/// A case in which a request is refused (ledger L19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedCase {
    /// The caller is on the user's block list.
    Block,
    /// The caller is anonymous.
    Anonymous,
    /// The user does not wish to be reached.
    Unavailable,
    /// The media are not allowed.
    Media,
    /// A limit is exceeded.
    Limit,
    /// The group is closed.
    ClosedGroup,
}

/// How a case is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// With one of these final status codes.
    Codes(Vec<u16>),
    /// Accepted and thrown away.
    Silent,
}

/// The message of the standard errors, which take their words only from constants.
pub(super) fn one_of(what: &str, found: &str, allowed: &[&str]) -> String {
    format!("{what} `{found}`, expected one of `{}`", allowed.join("`, `"))
}

/// Reads the answer to a question of this form.
pub(super) struct AnswerTo(pub(super) Form);

impl<'de> DeserializeSeed<'de> for AnswerTo {
    type Value = Answer;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Answer, D::Error> {
        match self.0 {
            Form::StorePolicy => StorePolicy::deserialize(deserializer).map(Answer::StorePolicy),
            Form::Flag => bool::deserialize(deserializer).map(Answer::Flag),
            Form::Number => u64::deserialize(deserializer).map(Answer::Number),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl AnswerTo {
    /// The words that may stand there by themselves, and those that may stand in a list.
    const fn words(&self) -> (&'static [&'static str], &'static [&'static str]) {
        const NONE: &[&str] = &["none"];
        match self.0 {
            Form::Word(words) => (words, &[]),
            Form::Words(words) => (&[], words),
            Form::WordsOrNone(words) => (NONE, words),
            Form::NumberOrNone => (NONE, &[]),
            Form::Refusals => (&["any_final"], &[]),
            Form::Codes => (&["default_list"], &[]),
            Form::Number | Form::Flag | Form::StorePolicy => (&[], &[]),
        }
    }
}

impl<'de> Visitor<'de> for AnswerTo {
    type Value = Answer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Answer, E> {
        let (bare, listed) = self.words();
        if bare.contains(&word) {
            return Ok(Answer::Word(word.to_owned()));
        }
        if bare.is_empty() || !listed.is_empty() || matches!(self.0, Form::NumberOrNone) {
            return Err(E::invalid_type(Unexpected::Str(word), &self));
        }
        Err(E::custom(one_of("unknown variant", word, bare)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Answer, E> {
        match self.0 {
            Form::NumberOrNone => Ok(Answer::Number(number)),
            _ => Err(E::invalid_type(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Answer, A::Error> {
        if matches!(self.0, Form::Codes) {
            let mut codes = Vec::new();
            while let Some(code) = items.next_element_seed(FinalCode)? {
                codes.push(code);
            }
            return Ok(Answer::Codes(codes));
        }
        let (_, listed) = self.words();
        if listed.is_empty() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut words: Vec<String> = Vec::new();
        while let Some(word) = items.next_element_seed(OneOf(listed))? {
            words.push(word);
        }
        if words.is_empty() { Err(A::Error::invalid_length(0, &self)) } else { Ok(Answer::Words(words)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answer, A::Error> {
        if !matches!(self.0, Form::Refusals) {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        let mut cases = BTreeMap::new();
        while let Some((case, refusal)) = map.next_entry()? {
            cases.insert(case, refusal);
        }
        Ok(Answer::Refusals(cases))
    }
}

/// Reads one word of these.
struct OneOf(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for OneOf {
    type Value = String;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for OneOf {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", self.0.join(", "))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<String, E> {
        if self.0.contains(&word) { Ok(word.to_owned()) } else { Err(E::unknown_variant(word, self.0)) }
    }
}

/// Reads a final status code that is none of success (RFC 3261 section 21).
struct FinalCode;

impl<'de> DeserializeSeed<'de> for FinalCode {
    type Value = u16;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u16, D::Error> {
        let code = u16::deserialize(deserializer)?;
        if (300..700).contains(&code) {
            return Ok(code);
        }
        Err(D::Error::custom(format!("{code} is no status code of a refusal, expected 300 to 699")))
    }
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Refusal, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Refusal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("silent, or a list of status codes")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Refusal, E> {
                if word == "silent" { Ok(Refusal::Silent) } else { Err(E::unknown_variant(word, &["silent"])) }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Refusal, A::Error> {
                let mut codes = Vec::new();
                while let Some(code) = items.next_element_seed(FinalCode)? {
                    codes.push(code);
                }
                Ok(Refusal::Codes(codes))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Refusal::Codes(codes) => codes.serialize(serializer),
            Refusal::Silent => serializer.serialize_str("silent"),
        }
    }
}

fn number_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match (AnswerTo(Form::NumberOrNone)).deserialize(deserializer)? {
        Answer::Number(number) => Ok(Some(number)),
        _ => Ok(None),
    }
}

// The signature is the one that serde asks for.
#[expect(clippy::ref_option)]
fn none_or_number<S: Serializer>(number: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => serializer.serialize_u64(*number),
        None => serializer.serialize_str("none"),
    }
}
