//! Requirement rules by name: what evidence calls a rule, and with which arguments, is made into that rule again.

use super::{
    Rule, RuleEntry, charging, client_deferred_content, conversation_history, deferred_messages, disposition_reports,
    interworking, lawful_interception, media_negotiation, messages, missed_group_content, multi_device,
    policies_and_preferences, presence, session_continuity, sessions,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// A rule that was awaited in evidence cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    /// No requirement rule is called so.
    #[error("there is no requirement rule {0}")]
    Rule(String),
    /// The rule takes others.
    #[error("the rule {rule} takes no such arguments: {why}")]
    Arguments {
        /// The rule.
        rule: String,
        /// What is wrong with them.
        why: serde_json::Error,
    },
}

/// A rule in the table of its function: what it is, and how it is made of its arguments.
#[derive(Clone, Copy)]
pub(super) struct Named {
    entry: RuleEntry,
    made_of: fn() -> &'static str,
    make: fn(&Value) -> Result<Arc<dyn Rule>, serde_json::Error>,
}

impl Named {
    /// The line of a rule in the table.
    pub const fn new<R: Rule + DeserializeOwned + 'static>(entry: RuleEntry) -> Named {
        Named { entry, made_of: std::any::type_name::<R>, make: make::<R> }
    }

    /// What the rule is.
    pub const fn entry(&self) -> RuleEntry {
        self.entry
    }

    /// The path of its type.
    fn made_of(&self) -> &'static str {
        (self.made_of)()
    }
}

fn make<R: Rule + DeserializeOwned + 'static>(arguments: &Value) -> Result<Arc<dyn Rule>, serde_json::Error> {
    Ok(Arc::new(R::deserialize(arguments)?))
}

/// The tables of all functions.
pub(super) fn all() -> impl Iterator<Item = &'static Named> {
    let tables = [
        missed_group_content::CATALOGUE,
        client_deferred_content::CATALOGUE,
        sessions::CATALOGUE,
        media_negotiation::CATALOGUE,
        policies_and_preferences::CATALOGUE,
        multi_device::CATALOGUE,
        session_continuity::CATALOGUE,
        messages::CATALOGUE,
        deferred_messages::CATALOGUE,
        disposition_reports::CATALOGUE,
        charging::CATALOGUE,
        interworking::CATALOGUE,
        conversation_history::CATALOGUE,
        presence::CATALOGUE,
        lawful_interception::CATALOGUE,
    ];
    tables.into_iter().flatten()
}

/// Every requirement rule by name, with the word of its room and the name of its type, by which a sentence awaits it.
pub fn types() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    all().filter_map(|named| {
        let (path, own) = named.made_of().rsplit_once("::")?;
        let room = path.split("::").skip_while(|part| *part != "rules").nth(1)?;
        Some((named.entry.id, room, own))
    })
}

/// The requirement rule of this name about these persons, groups and messages.
///
/// # Errors
/// There is no such rule, or it takes other arguments.
pub fn named(id: &str, arguments: &Value) -> Result<Arc<dyn Rule>, Unknown> {
    let found = all().find(|named| named.entry.id == id).ok_or_else(|| Unknown::Rule(id.to_owned()))?;
    let rule = (found.make)(arguments).map_err(|why| Unknown::Arguments { rule: id.to_owned(), why })?;
    if rule.id() == id { Ok(rule) } else { Err(Unknown::Rule(id.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    /// Something for every argument that any rule takes.
    fn arguments() -> Value {
        let mut arguments = json!({
            "person": "Bob", "session": "Lunch", "group": "Book club", "device": "phone", "since": "loss", "message_id": "m", "label": "m1",
            "carrier": "declared", "about": "m", "kind": "delivered", "people": [], "groups": [], "conduct": "left",
            "message_ids": [], "retries": 1, "messages": 1, "by_device": true, "why": "deregistered", "sessions": ["Lunch"], "refused": "Third", "later": "Fourth", "first": "phone", "second": "tablet", "live": "phone",
            "returning": "tablet", "author": "Alice", "what": "add", "outcome": "granted", "identity_name": "Carol",
            "reporters": [], "tagless": false, "status": 200, "case": "block", "medium": "audio", "blocked": "Carol", "accepted": true, "state": "delivered", "wished": true,
        });
        let of_devices = json!({
            "devices": ["phone", "tablet"], "least": 1, "order": ["phone"], "other": "tablet", "from": "phone",
            "to": "tablet", "stranger": "Eve", "contribution": "c",
        });
        if let (Some(all), Value::Object(more)) = (arguments.as_object_mut(), of_devices) {
            all.extend(more);
        }
        arguments
    }

    #[test]
    fn each_line_of_the_table_makes_the_rule_that_it_names() {
        for line in all() {
            let id = line.entry.id;
            // The frame after which something counts has the name of what a user missed.
            let by_frame = ["missed_group_content.not_twice", "missed_group_content.nothing_delivered"].contains(&id);
            let mut arguments = arguments();
            if by_frame {
                arguments["since"] = json!(17);
            }
            assert_eq!(named(id, &arguments).unwrap().id(), id);
        }
    }

    #[test]
    fn what_is_no_rule_or_has_other_arguments_is_refused() {
        let why = |id, arguments: Value| named(id, &arguments).unwrap_err().to_string();
        assert_eq!(
            why("missed_group_content.nothing", json!({})),
            "there is no requirement rule missed_group_content.nothing"
        );
        let other = why("missed_group_content.in_order", json!({"group": "Book club"}));
        assert!(other.contains("in_order takes no such arguments: missing field `person`"), "{other}");
    }
}
