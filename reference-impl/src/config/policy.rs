//! The provider's policies, and which users have which.

use super::{Charging, Config, DeviceMode, Preset, optional_milliseconds};
use serde::Deserialize;
use std::time::Duration;

/// What the service provider lets be stored for a user.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whether anything is stored at all.
    pub store: bool,
    /// How long an undelivered item is kept.
    #[serde(rename = "retention_ms", deserialize_with = "optional_milliseconds")]
    pub retention: Option<Duration>,
    /// The most messages of one chat that are stored for an absent user.
    pub quota: Option<usize>,
    /// What gives way when there are as many.
    pub quota_conduct: QuotaConduct,
    /// The largest message that is taken.
    pub max_message_octets: Option<u64>,
    /// Media types that are not stored.
    pub refused_types: Vec<String>,
    /// How an invitation reaches the user's devices.
    pub device_mode: Option<DeviceMode>,
    /// Whether the history of conversations is kept; none where nothing is said.
    pub history: Option<bool>,
    /// What the user is taken to wish while no document of preferences is known.
    pub preferences: Preset,
    /// How the user is charged, where there is a charging server.
    pub charging: Charging,
    /// Whether the user has presence, where the function takes part in that.
    pub presence: bool,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            store: true,
            retention: None,
            quota: None,
            quota_conduct: QuotaConduct::RefuseNew,
            max_message_octets: None,
            refused_types: Vec::new(),
            device_mode: None,
            history: None,
            preferences: Preset::default(),
            charging: Charging::default(),
            presence: false,
        }
    }
}

impl Policy {
    /// True for a media type that is not stored.
    pub fn refuses(&self, media_type: &str) -> bool {
        self.refused_types.iter().any(|refused| refused.eq_ignore_ascii_case(media_type))
    }
}

/// What gives way once the quota is reached (statement key `store_policy`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum QuotaConduct {
    /// The new message is refused.
    #[default]
    RefuseNew,
    /// The oldest that no device has is dropped.
    DropOldest,
}

/// One line of the table of users.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PolicyOfUsers {
    /// The beginning of the public identities meant.
    pub prefix: String,
    /// The name of their policy.
    pub policy: String,
}

impl Config {
    /// The policy of a public identity.
    pub fn policy(&self, identity: &str) -> Policy {
        let name = self
            .users
            .iter()
            .find(|user| identity.starts_with(&user.prefix))
            .map_or(&self.default_policy, |user| &user.policy);
        let mut policy = self.policies.get(name).cloned().unwrap_or_default();
        policy.retention = policy.retention.or(self.retention);
        policy.device_mode = policy.device_mode.or(self.delivery.device_mode.first().copied());
        policy
    }
}
