//! The keys of the network (IXIT) as a report tells them: each with its value on one line, and nothing that is a secret. A profile
//! has no key for one, it names environment variables; what somebody has written into an address all the same is blotted out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::secrets::{HIDDEN, without_credentials};

/// So many elements of a list are told one by one; of a longer one, how many there are.
const LISTED: usize = 8;
/// So many characters of a value are told.
const VALUE: usize = 200;

/// What stands under `network` of a profile.
pub(super) fn told(profile: &Value) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Some(network) = profile.get("network") {
        put(&mut keys, "network", network);
    }
    keys
}

fn put(keys: &mut BTreeMap<String, String>, name: &str, value: &Value) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, own)| put(keys, &format!("{name}.{key}"), own)),
        Value::Array(list) if list.iter().all(|own| !own.is_object() && !own.is_array()) => {
            let words: Vec<String> = list.iter().map(|own| word(name, own)).collect();
            keys.insert(name.to_owned(), cut(&words.join(", ")));
        }
        Value::Array(list) if list.len() > LISTED => {
            keys.insert(name.to_owned(), format!("{} entries", list.len()));
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(at, own)| put(keys, &format!("{name}[{at}]"), own)),
        _ => {
            keys.insert(name.to_owned(), cut(&word(name, value)));
        }
    }
}

/// A value on its own, without what stands for a password.
fn word(name: &str, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let key = name.rsplit('.').next().unwrap_or(name);
    let secret = ["password", "secret", "credential", "token", "key"].iter().any(|word| key.contains(word));
    if secret && !key.ends_with("_env") { HIDDEN.to_owned() } else { without_credentials(&text) }
}

fn cut(text: &str) -> String {
    let more = text.chars().count().saturating_sub(VALUE);
    let begin: String = text.chars().take(VALUE).collect();
    if more == 0 { begin } else { format!("{begin}\u{2026} ({more} characters cut)") }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_told_without_secrets() {
        let users: Vec<Value> = (0..9).map(|at| json!({"impu": format!("sip:u{at}@a")})).collect();
        let network = json!({
            "domain": "a.example",
            "target": {"sip": ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"]},
            "tls": {"key_env": "TESTER_KEY", "verify": true},
            "devices": [{"name": "phone"}],
            "message_store": {"url": "imap://bob:se@cret@store.example/x@y", "password": "hidden"},
            "users": users,
        });
        let told = told(&json!({"name": "PF", "network": network}));
        let told: Vec<(&str, &str)> = told.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected = [
            ("network.devices[0].name", "phone"),
            ("network.domain", "a.example"),
            ("network.message_store.password", "***"),
            ("network.message_store.url", "imap://***@store.example/x@y"),
            ("network.target.sip", "udp:127.0.0.1:5060, tcp:127.0.0.1:5060"),
            ("network.tls.key_env", "TESTER_KEY"),
            ("network.tls.verify", "true"),
            ("network.users", "9 entries"),
        ];
        assert_eq!(told, expected);
    }
}
