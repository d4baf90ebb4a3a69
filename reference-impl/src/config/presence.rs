//! The presence of users, in the words of the statement.

use serde::Deserialize;
use std::num::NonZeroU32;

/// What the function does in the presence of the users whose policy says that they have it [PF-PRS-01].
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PresenceConduct {
    /// Whether it publishes that a user can be reached (statement key `presence_source`).
    #[serde(default)]
    pub source: bool,
    /// Whether it subscribes to the presence of a user, and heeds it (statement key `presence_watcher`).
    #[serde(default)]
    pub watcher: bool,
    /// For how many seconds either is asked for.
    #[serde(default = "hour")]
    pub expires_s: NonZeroU32,
    /// What becomes of the publication of a user whose last device has gone.
    #[serde(default)]
    pub when_gone: WhenGone,
}

/// What becomes of the publication of a user whose last device has gone.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum WhenGone {
    /// It says that the user is not to be reached, until it runs out.
    #[default]
    Closed,
    /// It is removed.
    Removed,
}

impl PresenceConduct {
    /// Source and watcher, with the usual times.
    pub fn both() -> PresenceConduct {
        PresenceConduct { source: true, watcher: true, expires_s: hour(), when_gone: WhenGone::default() }
    }
}

/// The usual life of a subscription to presence (RFC 3856 section 6.4).
fn hour() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(3599)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use pretty_assertions::assert_eq;

    const LEAST: &str = "domain: example.com\nsip: 127.0.0.1:0\nmsrp: 127.0.0.1:0\nserving_cscf: 127.0.0.1:5060\n";

    #[test]
    fn presence_speaks_the_words_of_the_statement_and_needs_the_policy() {
        let read = |more: &str| Config::from_yaml(&format!("{LEAST}{more}"), "test");
        let usual = read("").unwrap();
        assert_eq!((usual.presence.as_ref(), usual.policy("sip:bob@example.com").presence), (None, false));
        let other = read(
            "presence: {source: true, watcher: true}\npolicies: {present: {presence: true}}\n\
             users: [{prefix: 'sip:present-', policy: present}]\n",
        );
        let other = other.unwrap();
        assert_eq!(other.presence, Some(PresenceConduct::both()));
        assert_eq!(other.presence.as_ref().map(|conduct| conduct.expires_s.get()), Some(3600));
        let of = |user: &str| other.policy(user).presence;
        assert_eq!((of("sip:present-1@example.com"), of("sip:bob@example.com")), (true, false));
        let source = read("presence: {source: true, expires_s: 60, when_gone: removed}\n").unwrap().presence.unwrap();
        assert_eq!((source.source, source.watcher, source.when_gone), (true, false, WhenGone::Removed));
        assert!(read("presence: {expires_s: 0}\n").is_err());
    }
}
