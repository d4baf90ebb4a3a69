//! What the tester may do with a target beside SIP: reset it, restart it, look into its store, act as a client's user;
//! and how users get their policies.

use std::fmt;
use std::time::Duration;

use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::address::Uri;

/// Hooks. What needs one that is missing is not applicable, or inconclusive where it is the requirement itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// Clears what is stored for a user.
    pub reset: Option<Hook>,
    /// Kills the target and starts it again.
    pub restart: Option<Hook>,
    /// Ends a session by administration.
    pub admin_release: Option<Hook>,
    /// Lists what is stored for a user.
    pub probe_store: Option<Hook>,
    /// Hands over charging records.
    pub charging_records: Option<Hook>,
    /// Hands over intercepted events.
    pub li_delivery: Option<Hook>,
    /// Tells the client under test what its user does.
    pub client: Option<Hook>,
    /// Says what the client under test shows.
    pub observe_client: Option<Hook>,
    /// The most time that a hook takes.
    pub command_timeout_ms: u64,
}

impl Default for Control {
    fn default() -> Control {
        Control {
            reset: None,
            restart: None,
            admin_release: None,
            probe_store: None,
            charging_records: None,
            li_delivery: None,
            client: None,
            observe_client: None,
            command_timeout_ms: 10_000,
        }
    }
}

impl Control {
    /// The most time that a hook takes.
    #[must_use]
    pub const fn command_timeout(&self) -> Duration {
        Duration::from_millis(self.command_timeout_ms)
    }

    /// Every hook that is set, with its key.
    pub fn hooks(&self) -> impl Iterator<Item = (&'static str, &Hook)> {
        [
            ("reset", &self.reset),
            ("restart", &self.restart),
            ("admin_release", &self.admin_release),
            ("probe_store", &self.probe_store),
            ("charging_records", &self.charging_records),
            ("li_delivery", &self.li_delivery),
            ("client", &self.client),
            ("observe_client", &self.observe_client),
        ]
        .into_iter()
        .filter_map(|(key, hook)| hook.as_ref().map(|hook| (key, hook)))
    }
}

/// One hook: a command line, or an address that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// `exec`: run by the shell.
    Exec(String),
    /// `http`: called with POST.
    Http(String),
}

/// What may stand in braces in a hook.
pub const PLACEHOLDERS: [&str; 3] = ["{user}", "{device}", "{scenario}"];

impl Hook {
    /// The text before anything is filled in.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Hook::Exec(text) | Hook::Http(text) => text,
        }
    }

    /// The key under which the text stands.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Hook::Exec(_) => "exec",
            Hook::Http(_) => "http",
        }
    }

    /// The first thing in braces that nothing will be filled in for.
    #[must_use]
    pub fn unknown_placeholder(&self) -> Option<&str> {
        let mut rest = self.text();
        while let Some((_, tail)) = rest.split_once('{') {
            let (name, tail) = tail.split_once('}')?;
            let known = PLACEHOLDERS.iter().any(|own| own.trim_matches(['{', '}']) == name);
            if !known && !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                return Some(name);
            }
            rest = tail;
        }
        None
    }
}

impl<'de> Deserialize<'de> for Hook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hook, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Exec,
            Http,
        }
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Hook;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("null, or a map with one key: exec or http")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hook, A::Error> {
                use serde::de::Error;
                let hook = match map.next_key()? {
                    Some(Kind::Exec) => Hook::Exec(map.next_value()?),
                    Some(Kind::Http) => Hook::Http(map.next_value::<Uri>()?.as_str().to_owned()),
                    None => return Err(A::Error::invalid_length(0, &self)),
                };
                match map.next_key::<Kind>()? {
                    None => Ok(hook),
                    Some(_) => Err(A::Error::invalid_length(2, &self)),
                }
            }
        }
        deserializer.deserialize_map(One)
    }
}

/// How users get their policies: a map, or its mode as a bare word.
#[derive(Clone, Debug)]
pub struct Provisioning {
    /// The way.
    pub mode: ProvisioningMode,
    /// For `xcap` and `http`.
    pub url: Option<Uri>,
    /// For `exec`.
    pub command: Option<String>,
    /// For `preset`: the caller who stands in the block lists of the class `blocked`.
    pub blocked: Option<Uri>,
    /// The wait until a change holds.
    pub settle: Duration,
}

/// The way in which users get their policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisioningMode {
    /// Not at all: plain users only.
    #[default]
    None,
    /// The vendor has prepared pools of users by class.
    Preset,
    /// The suite writes XCAP documents (RFC 4825).
    Xcap,
    /// The suite calls an address.
    Http,
    /// The suite runs a command.
    Exec,
    /// The operator is asked.
    Manual,
}

impl Default for Provisioning {
    fn default() -> Provisioning {
        Provisioning {
            mode: ProvisioningMode::None,
            url: None,
            command: None,
            blocked: None,
            settle: Duration::from_millis(500),
        }
    }
}

impl<'de> Deserialize<'de> for Provisioning {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Provisioning, D::Error> {
        use serde::de::IntoDeserializer;
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Map {
            #[serde(default)]
            mode: ProvisioningMode,
            url: Option<Uri>,
            command: Option<String>,
            blocked: Option<Uri>,
            #[serde(default = "half_a_second")]
            settle_ms: u64,
        }
        const fn half_a_second() -> u64 {
            500
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Provisioning;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of none, preset, xcap, http, exec, manual, or a map with mode")
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Provisioning, E> {
                let mode = ProvisioningMode::deserialize(word.into_deserializer())?;
                Ok(Provisioning { mode, ..Provisioning::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Provisioning, A::Error> {
                let map = Map::deserialize(MapAccessDeserializer::new(map))?;
                let Map { mode, url, command, blocked, settle_ms } = map;
                Ok(Provisioning { mode, url, command, blocked, settle: Duration::from_millis(settle_ms) })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_knows_what_it_cannot_fill_in() {
        let table = [
            ("clear {user} {device} {scenario}", None),
            ("clear {usr}", Some("usr")),
            ("awk '{print $1}'", None),
            ("clear {user} {who}", Some("who")),
            ("open {", None),
        ];
        for (text, unknown) in table {
            assert_eq!(Hook::Exec(text.to_owned()).unknown_placeholder(), unknown, "{text}");
        }
    }

    #[test]
    fn provisioning_is_a_word_or_a_map() {
        let read = crate::yaml::read::<Provisioning>;
        assert_eq!(read("preset").unwrap().mode, ProvisioningMode::Preset);
        let map = read("{mode: exec, command: set-policy, settle_ms: 7}").unwrap();
        assert_eq!((map.mode, map.settle), (ProvisioningMode::Exec, Duration::from_millis(7)));
        assert_eq!(read("presets").unwrap_err().allowed, ["none", "preset", "xcap", "http", "exec", "manual"]);
    }
}
