//! What each answer of a statement switches: the requirements that it claims, declines or makes invisible, and the scenarios
//! that run under it alone.

use super::Written;
use crate::requirements::Catalogue;
use std::collections::BTreeMap;

/// One thing that depends on an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Switched {
    /// A requirement is claimed by it, or by another answer to the same question.
    Claims(String),
    /// A requirement is declined.
    Declines(String),
    /// A requirement cannot be seen at the target.
    Hides(String),
    /// A scenario runs, which needs this answer or another that it names.
    Runs(String),
}

/// By question and answer. An answer is a word of the statement, or what tags say of numbers and policies: `limited`,
/// `at_least_3`, `quota`.
pub type Switches = BTreeMap<(String, String), Vec<Switched>>;

/// What the answers switch in these requirements and scenarios.
pub fn switches<'a>(catalogue: &Catalogue, scenarios: impl Iterator<Item = &'a Written>) -> Switches {
    let mut all = Switches::new();
    for requirement in catalogue.requirements() {
        let id = || requirement.id.clone();
        for (answers, switched) in [
            (&requirement.needs, Switched::Claims(id())),
            (&requirement.declined, Switched::Declines(id())),
            (&requirement.not_observable, Switched::Hides(id())),
        ] {
            for (key, value) in answers.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value))) {
                all.entry((key.clone(), value.clone())).or_default().push(switched.clone());
            }
        }
    }
    for written in scenarios {
        for (key, value) in written.tags.iter().filter_map(|tag| tag.split_once('=')) {
            all.entry((key.to_owned(), value.to_owned())).or_default().push(Switched::Runs(written.id.clone()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::features;
    use crate::target::questions::question;

    #[test]
    fn answers_switch_requirements_and_scenarios_and_are_of_questions_that_there_are() {
        let features = features::all().unwrap();
        let all = switches(&Catalogue::embedded(), features.iter().flat_map(|feature| &feature.scenarios));
        let of = |key: &str, value: &str| all.get(&(key.to_owned(), value.to_owned())).cloned().unwrap_or_default();
        let by_document = Switched::Runs("TP-CPM-CONV-058a-03.by-document.1".to_owned());
        assert!(of("final_list_carrier", "carrier_msrp").contains(&by_document));
        assert!(!of("final_list_carrier", "carrier_notify").contains(&by_document));
        assert!(all.values().flatten().any(|what| matches!(what, Switched::Declines(_) | Switched::Claims(_))));
        assert!(all.keys().all(|(key, _)| question(key).is_some()));
    }
}
