//! What cannot be told of the target where a real core stands before it (topology `ims_core`), by scenario: what needs a reference
//! point at which the tester does not stand, and what the core does as well as the target. Rules that nobody foresaw here are
//! weighed by `judging`, from what was seen.

use super::Written;

const CHARGING: &str = "what passes between the target and a charging server";
const STORE: &str = "what passes between the target and a message store";
const INTERCEPTION: &str = "what passes between the target and a mediation function";
const PRESENCE: &str = "what passes between the target and a presence server";
const INTERWORKING: &str = "what passes between the target and an interworking function";
const REFUSAL: &str = "whether the target or the core refused";
const ASSERTED: &str = "what the target asserts to the network, which the core asserts as well";
const SERVED: &str = "for whom the target tells the serving CSCF that it acts";

/// By the folder of a function.
const FOLDERS: [(&str, &str); 5] = [
    ("features/charging/", CHARGING),
    ("features/conversation_history/", STORE),
    ("features/lawful_interception/", INTERCEPTION),
    ("features/presence/", PRESENCE),
    ("features/interworking/", INTERWORKING),
];

/// By a tag that binds a scenario to what the target does at another reference point.
const TAGS: [(&str, &str); 4] = [
    ("charging_interface", CHARGING),
    ("li_form", INTERCEPTION),
    ("presence_source", PRESENCE),
    ("presence_watcher", PRESENCE),
];

/// By the test purpose, or the beginning of the scenario's id.
const SCENARIOS: [(&str, &str); 25] = [
    ("TP-PF-SES-01-06", REFUSAL),
    ("TP-PF-SES-01-07.too-small", REFUSAL),
    ("TP-PF-SES-02-01", SERVED),
    ("TP-PF-SES-03-02", REFUSAL),
    ("TP-PF-SES-03-03", REFUSAL),
    ("TP-PF-SES-03-04", REFUSAL),
    ("TP-PF-SES-03-05", REFUSAL),
    ("TP-PF-SES-03-06", REFUSAL),
    ("TP-PF-SES-05-03.types", REFUSAL),
    ("TP-PF-SES-05-03.no-messages", REFUSAL),
    ("TP-PF-SES-05-03.two-message-sessions", REFUSAL),
    ("TP-PF-SES-06-02.voice-not-served", REFUSAL),
    ("TP-PF-SES-07-02", REFUSAL),
    ("TP-PF-MSG-01-01", REFUSAL),
    ("TP-PF-MSG-02-04.size", REFUSAL),
    ("TP-PF-MSG-02-04.no-message", REFUSAL),
    ("TP-PF-MSG-04-04", REFUSAL),
    ("TP-PF-PRF-01-01", REFUSAL),
    ("TP-PF-PRF-01-02", ASSERTED),
    ("TP-PF-PRF-01-03", REFUSAL),
    ("TP-PF-PRF-01-04", REFUSAL),
    ("TP-PF-DEV-04-03", REFUSAL),
    ("TP-PF-ENB-01", CHARGING),
    ("TP-PF-GEN-01-01.preferences", REFUSAL),
    ("TP-PF-GEN-01-01.limit", REFUSAL),
];

/// What of a scenario nobody sees at the edges of a core; none where it can be played.
pub(super) fn hidden(written: &Written) -> Option<&'static str> {
    let key = |tag: &str| tag.split_once('=').map_or_else(|| tag.to_owned(), |(key, _)| key.to_owned());
    let of_folder = FOLDERS.iter().find(|(folder, _)| written.feature.starts_with(folder));
    let of_tag = || TAGS.iter().find(|(tag, _)| written.tags.iter().any(|own| key(own) == *tag));
    let of_scenario = || SCENARIOS.iter().find(|(scenario, _)| written.id.starts_with(scenario));
    of_folder.or_else(of_tag).or_else(of_scenario).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::features;

    #[test]
    fn every_line_of_the_tables_is_about_some_scenario() {
        let scenarios: Vec<&Written> = features::all().unwrap().iter().flat_map(|own| &own.scenarios).collect();
        let ids = |scenario: &str| scenarios.iter().any(|written| written.id.starts_with(scenario));
        let folders = |folder: &str| scenarios.iter().any(|written| written.feature.starts_with(folder));
        let tags = |tag: &str| scenarios.iter().flat_map(|written| &written.tags).any(|own| own.starts_with(tag));
        assert!(SCENARIOS.iter().all(|(scenario, _)| ids(scenario)));
        assert!(FOLDERS.iter().all(|(folder, _)| folders(folder)));
        assert!(TAGS.iter().all(|(tag, _)| tags(tag)));
        assert!(scenarios.iter().any(|written| hidden(written).is_none()));
    }
}
