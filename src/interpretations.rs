//! The interpretation ledger: each detail that is known from stage 3 only, what of it is accepted, and what that does to
//! a verdict. A rule that looks at such a detail names its entry, and never fails a target by it alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::yaml;

const FILE: &str = include_str!("../fixtures/interpretations.yaml");

/// All entries.
#[derive(Clone, Debug)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// One open question and its accepted answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `L01` and so on.
    pub id: String,
    /// What the papers leave open.
    pub question: String,
    /// The keys of the statement that answer it.
    pub statement: Vec<String>,
    /// The alternatives, each with what it means.
    pub alternatives: BTreeMap<String, String>,
    /// The alternatives that pass.
    pub accepted: Vec<String>,
    /// What the reference does.
    pub default: Vec<String>,
    /// What each alternative does to a verdict.
    pub effect: BTreeMap<String, String>,
    /// The test purposes in which it has a say.
    pub used_by: Vec<String>,
    /// Where the question comes from.
    pub sources: Vec<String>,
}

impl Ledger {
    /// The ledger that is embedded in the program.
    ///
    /// # Panics
    /// Never: the file is part of the program, and a test reads it.
    #[must_use]
    pub fn embedded() -> Ledger {
        match yaml::read(FILE) {
            Ok(entries) => Ledger { entries },
            Err(fault) => unreachable!("fixtures/interpretations.yaml: {fault:?}"),
        }
    }

    /// Every entry, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry with this id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pretty_assertions::assert_eq;

    use super::*;
    use crate::target::Profile;
    use crate::target::questions::QUESTIONS;

    #[test]
    fn each_entry_is_whole() {
        let mut seen = BTreeSet::new();
        for entry in Ledger::embedded().entries() {
            assert!(seen.insert(entry.id.clone()), "{}", entry.id);
            let alternatives: BTreeSet<&String> = entry.alternatives.keys().collect();
            assert_eq!(entry.effect.keys().collect::<BTreeSet<_>>(), alternatives, "effects of {}", entry.id);
            assert!(entry.accepted.iter().all(|word| alternatives.contains(word)), "accepted of {}", entry.id);
            assert!(entry.default.iter().all(|word| entry.accepted.contains(word)), "default of {}", entry.id);
            assert!(!entry.sources.is_empty() && !entry.used_by.is_empty() && !entry.default.is_empty());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), (1..=36).map(|n| format!("L{n:02}")).collect::<Vec<_>>());
    }

    #[test]
    fn every_question_of_the_statement_has_one_entry_or_is_policy_of_the_provider() {
        // Provider policy and MAY claims: nothing of stage 3 stands behind them.
        let policy = ["drain_retries", "store_policy", "max_sessions", "presence_source", "presence_watcher"];
        let ledger = Ledger::embedded();
        for question in QUESTIONS {
            let entries =
                ledger.entries().iter().filter(|entry| entry.statement.iter().any(|key| key == question.key)).count();
            assert_eq!(entries, usize::from(!policy.contains(&question.key)), "{}", question.key);
        }
        for key in ledger.entries().iter().flat_map(|entry| &entry.statement) {
            assert!(crate::target::questions::question(key).is_some(), "{key}");
        }
    }

    #[test]
    fn the_reference_does_what_the_ledger_says_that_it_does() {
        let statement = Profile::reference().statement;
        for entry in Ledger::embedded().entries() {
            let said: Vec<&str> = entry.statement.iter().flat_map(|key| statement.values(key)).collect();
            for word in said.iter().filter(|word| entry.alternatives.contains_key(**word)) {
                assert!(entry.accepted.iter().any(|own| own == word), "{}: {word}", entry.id);
            }
            let words: Vec<&String> = entry.default.iter().filter(|word| is_an_answer(entry, word)).collect();
            assert!(words.iter().all(|word| said.contains(&word.as_str())), "{}: {words:?} {said:?}", entry.id);
        }
    }

    /// Whether a word of the ledger is an answer of the statement; some describe the conduct behind a number or a flag.
    fn is_an_answer(entry: &Entry, word: &str) -> bool {
        entry.statement.iter().any(|key| {
            let statement = Profile::reference().statement;
            statement.clone().with(key, word.into()).is_ok() || statement.with(key, vec![word].into()).is_ok()
        })
    }

    /// With this variable in the environment the page is written, and not only compared.
    const WRITE: &str = "WRITE_DOCS";
    const HEAD: &str = "# The interpretation ledger

Some details of the wire the papers leave open: they say what has to come about, and not by which form. A suite that picked one form
would fail elements that are right. So each such detail has an entry here: the question, the alternatives, which of them are
accepted, what the reference does, and what each does to a verdict.

How to use it:

- **You fill in a profile.** The keys under *answered by* stand in `statement`. Answer as your element does; where it does what the
  reference does, write the default.
- **You read a finding** that names an entry. Another accepted form than the one that you declared is a *warning*: correct the
  statement, or the element. A form outside of the accepted ones is *inconclusive*, never a fail: tell us of it, with the evidence.
- **You doubt a verdict.** No entry decides a fail by itself, and none turns a lost message into a pass. A rule that looks at an open
  detail names its entry (`cpm-conformance list rules`), and a test refuses one that does not.
- **You know a text that settles a question.** Then the entry goes, or loses alternatives: that is a change of the contract, and stands
  in the changelog.

The entries are those of `fixtures/interpretations.yaml` (`cpm-conformance list interpretations --format json` for programs); this page
is made from it, and a test compares it.
";

    fn page() -> String {
        let mut page = HEAD.to_owned();
        for entry in Ledger::embedded().entries() {
            let Entry { id, question, statement, alternatives, accepted, default, effect, used_by, sources } = entry;
            let keys: Vec<String> = statement.iter().map(|key| format!("`{key}`")).collect();
            let keys = if keys.is_empty() {
                "nothing: all alternatives are taken as they come".to_owned()
            } else {
                keys.join(", ")
            };
            page +=
                &format!("\n## {id}: {question}\n\nAnswered by {keys}. The reference: `{}`.\n\n", default.join("`, `"));
            page += "| alternative | is | accepted | does to the verdict |\n|---|---|---|---|\n";
            let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ");
            for (word, meaning) in alternatives {
                let taken = if accepted.contains(word) { "yes" } else { "no" };
                page += &format!("| `{word}` | {} | {taken} | {} |\n", cell(meaning), cell(&effect[word]));
            }
            page += &format!("\nIn {}. From {}.\n", used_by.join(", "), sources.join("; "));
        }
        page
    }

    #[test]
    fn the_page_of_the_ledger_says_what_the_ledger_says() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/interpretation-ledger.md");
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&path).unwrap_or_default(),
            page(),
            "write it anew with {WRITE}=1 cargo test --lib the_page_of_the_ledger"
        );
    }
}
