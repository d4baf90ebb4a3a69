//! Help with a question of the statement: what is asked, in which words it is answered, what each answer means by the ledger,
//! what it does to a verdict, and which requirements and scenarios it switches. Nothing of it is written here: it comes from the
//! template, the questions, the ledger, the catalogue and the features.

use serde::Serialize;

use crate::interpretations::{Entry, Ledger};
use crate::requirements::Catalogue;
use crate::run::{self, RunError, Switched, Switches, switches};
use crate::target::Role;
use crate::target::questions::{Form, OF_CLIENTS, QUESTIONS, Question, question};
use crate::target::template::{self, Asked};

/// The widest line of a profile.
const COLUMNS: usize = 118;
/// So many scenarios are named; of more their number is told.
const NAMED: usize = 3;

/// Help with one question.
#[derive(Clone, Debug, Serialize)]
pub struct Guidance {
    /// The key under `statement`.
    pub key: &'static str,
    /// What is asked.
    pub asks: String,
    /// What an answer looks like.
    pub form: String,
    /// The entry of the ledger about it; none where it is the provider's policy.
    pub ledger: Option<String>,
    /// What the reference answers, as it stands in a profile.
    pub usual: String,
    /// Its answers.
    pub answers: Vec<Meant>,
}

/// One answer.
#[derive(Clone, Debug, Serialize)]
pub struct Meant {
    /// Its word; or a conduct that the ledger tells of, or a word of features for numbers and policies (`limited`).
    pub answer: String,
    /// What it means.
    pub meaning: String,
    /// What it does to verdicts.
    pub effect: String,
    /// What it switches, in words.
    pub switches: Vec<String>,
}

/// Help with every question that an element of this role is asked, in the order of the template.
///
/// # Errors
/// Features at fault.
pub fn guidance(role: Role) -> Result<Vec<Guidance>, RunError> {
    let scenarios = run::procedures()?;
    let of_role = scenarios.iter().map(|procedure| &procedure.written).filter(|own| own.role == role.as_str());
    let switches = switches(&Catalogue::embedded(), of_role);
    let (ledger, keys) = (Ledger::embedded(), template::keys());
    let asked = QUESTIONS.iter().filter(|own| role == Role::ParticipatingFunction || OF_CLIENTS.contains(&own.key));
    Ok(asked.map(|question| of_question(question, &ledger, &keys, &switches)).collect())
}

fn of_question(question: &Question, ledger: &Ledger, keys: &[Asked], switches: &Switches) -> Guidance {
    let entry = ledger.entries().iter().find(|entry| entry.statement.iter().any(|key| key == question.key));
    let asked = keys.iter().find(|own| own.key.strip_prefix("statement.") == Some(question.key));
    let mut words: Vec<String> = words(question.form).iter().map(|&word| word.to_owned()).collect();
    if let Form::WordsOrNone(_) = question.form {
        words.push("none".to_owned());
    }
    words.extend(entry.iter().flat_map(|entry| conducts(entry, question)));
    let others = switches.keys().filter(|(key, _)| key == question.key).map(|(_, answer)| answer.clone());
    for other in others {
        if !words.contains(&other) {
            words.push(other);
        }
    }
    Guidance {
        key: question.key,
        asks: asked.map(|own| own.meaning.clone()).unwrap_or_default(),
        form: question.form.to_string(),
        ledger: entry.map(|entry| entry.id.clone()),
        usual: asked.map(|own| own.value.clone()).unwrap_or_default(),
        answers: words.into_iter().map(|word| meant(question.key, word, entry, switches)).collect(),
    }
}

fn meant(key: &str, answer: String, entry: Option<&Entry>, switches: &Switches) -> Meant {
    let told = |map: fn(&Entry) -> &std::collections::BTreeMap<String, String>| {
        entry.and_then(|entry| map(entry).get(&answer)).cloned().unwrap_or_default()
    };
    let switched = switches.get(&(key.to_owned(), answer.clone())).map(|own| in_words(own)).unwrap_or_default();
    Meant {
        meaning: told(|entry| &entry.alternatives),
        effect: told(|entry| &entry.effect),
        switches: switched,
        answer,
    }
}

/// The words of a form.
fn words(form: Form) -> &'static [&'static str] {
    match form {
        Form::Word(words) | Form::Words(words) | Form::WordsOrNone(words) => words,
        Form::Flag => &["true", "false"],
        Form::Number | Form::NumberOrNone | Form::StorePolicy | Form::Refusals | Form::Codes => &[],
    }
}

/// What the ledger tells of a question that has no words of its own, or of numbers.
fn conducts(entry: &Entry, asked: &Question) -> Vec<String> {
    if matches!(asked.form, Form::Word(_) | Form::Words(_) | Form::WordsOrNone(_)) {
        return Vec::new();
    }
    let questions = entry.statement.iter().filter_map(|key| question(key));
    let taken: Vec<&str> = questions.flat_map(|other| words(other.form)).copied().collect();
    entry.alternatives.keys().filter(|word| !taken.contains(&word.as_str())).cloned().collect()
}

fn in_words(switched: &[Switched]) -> Vec<String> {
    let mut told: Vec<String> = switched
        .iter()
        .filter_map(|what| match what {
            Switched::Claims(id) => Some(format!("claims {id}")),
            Switched::Declines(id) => Some(format!("declines {id}")),
            Switched::Hides(id) => Some(format!("{id} cannot be seen then")),
            Switched::Runs(_) => None,
        })
        .collect();
    let runs: Vec<&str> = switched
        .iter()
        .filter_map(|what| match what {
            Switched::Runs(id) => Some(id.as_str()),
            _ => None,
        })
        .collect();
    let named = runs.get(..NAMED).unwrap_or(&runs).join(", ");
    match runs.len() {
        0 => {}
        few if few <= NAMED => told.push(format!("runs {named}")),
        many => told.push(format!("runs {named} and {} more", many - NAMED)),
    }
    told
}

impl Guidance {
    /// The help as lines of a comment, without the mark of one and without what is asked.
    #[must_use]
    pub fn lines(&self, indent: usize) -> Vec<String> {
        let ledger = self.ledger.as_ref().map(|id| format!(" Ledger {id}.")).unwrap_or_default();
        let width = COLUMNS.saturating_sub(indent + 2);
        let mut lines = wrapped(&format!("Answer: {}.{ledger}", self.form), "", width);
        for own in self.answers.iter().filter(|own| own.says_something()) {
            let rest: Vec<&str> =
                [&own.meaning, &own.effect].into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            let rest = [rest.join("; "), own.switches.join("; ")];
            let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            lines.extend(wrapped(&format!("  {}: {}", own.answer, rest.join(". ")), "      ", width));
        }
        lines
    }
}

impl Meant {
    fn says_something(&self) -> bool {
        !(self.meaning.is_empty() && self.effect.is_empty() && self.switches.is_empty())
    }
}

/// A text in lines that are no wider, all but the first with this before them.
fn wrapped(text: &str, before: &str, width: usize) -> Vec<String> {
    let blanks = text.len() - text.trim_start().len();
    let mut lines = Vec::new();
    let mut line = " ".repeat(blanks);
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > width && !line.trim().is_empty() {
            lines.push(std::mem::replace(&mut line, before.to_owned()));
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn every_question_is_helped_with_and_every_accepted_word_of_the_ledger_is_explained_somewhere() {
        let all = guidance(Role::ParticipatingFunction).unwrap();
        assert_eq!(all.len(), QUESTIONS.len());
        for own in &all {
            assert!(!own.asks.is_empty() && !own.usual.is_empty(), "{}", own.key);
            assert!(own.lines(2).iter().all(|line| line.len() <= COLUMNS), "{}", own.key);
        }
        for entry in Ledger::embedded().entries().iter().filter(|entry| !entry.statement.is_empty()) {
            for word in &entry.accepted {
                let explained = all.iter().flat_map(|own| &own.answers).any(|own| own.answer == *word);
                assert!(explained, "{}: {word}", entry.id);
            }
        }
    }

    #[test]
    fn an_answer_says_what_it_switches() {
        let all = guidance(Role::ParticipatingFunction).unwrap();
        let of = |key: &str, answer: &str| {
            let own = all.iter().find(|own| own.key == key).unwrap();
            own.answers.iter().find(|own| own.answer == answer).unwrap().switches.join("; ")
        };
        assert!(of("final_list_carrier", "carrier_msrp").contains("TP-CPM-CONV-058a-03.by-document.1"));
        assert!(
            of("max_pager_octets", "limited").contains("runs TP-PF-MSG-02-04"),
            "{}",
            of("max_pager_octets", "limited")
        );
    }

    #[test]
    fn a_client_is_asked_what_concerns_it() {
        let keys: Vec<&str> = guidance(Role::Client).unwrap().iter().map(|own| own.key).collect();
        assert_eq!(keys, OF_CLIENTS);
    }

    #[test]
    fn long_texts_are_wrapped() {
        assert_eq!(wrapped("  one two three", "    ", 9), ["  one two", "    three"]);
    }
}
