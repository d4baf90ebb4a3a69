//! The users whom the vendor has prepared, in pools by policy class, and their devices. A scenario draws users from a
//! pool and never gives them back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::address::Uri;

/// What is set for a user at the target: its policies and preferences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing special.
    #[default]
    Plain,
    /// Has a block list for named callers.
    Blocked,
    /// Nothing is stored.
    StoreOff,
    /// What is stored grows old after `expiry_ms`.
    ShortExpiry,
    /// Few messages are stored.
    SmallQuota,
    /// Devices are tried one after the other.
    Sequential,
    /// Every device that answers stays in.
    AllJoined,
    /// Conversations are kept.
    HistoryOn,
    /// Conversations are not kept.
    HistoryOff,
    /// Pays beforehand.
    Prepaid,
    /// Refuses anonymous callers.
    AnonymousRefused,
    /// Does not wish to be reached.
    Unavailable,
    /// Refuses some content types.
    TypeFilter,
    /// Has presence.
    Present,
}

impl Class {
    /// Every class with its word.
    pub const ALL: [(Class, &'static str); 14] = [
        (Class::Plain, "plain"),
        (Class::Blocked, "blocked"),
        (Class::StoreOff, "store_off"),
        (Class::ShortExpiry, "short_expiry"),
        (Class::SmallQuota, "small_quota"),
        (Class::Sequential, "sequential"),
        (Class::AllJoined, "all_joined"),
        (Class::HistoryOn, "history_on"),
        (Class::HistoryOff, "history_off"),
        (Class::Prepaid, "prepaid"),
        (Class::AnonymousRefused, "anonymous_refused"),
        (Class::Unavailable, "unavailable"),
        (Class::TypeFilter, "type_filter"),
        (Class::Present, "present"),
    ];

    /// The class of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Class> {
        Class::ALL.iter().find(|(_, own)| *own == word).map(|(class, _)| *class)
    }

    /// The word of the class.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Class::ALL.iter().find(|(class, _)| *class == self).map_or("plain", |(_, word)| word)
    }
}

/// One served user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Public identities, the default one first.
    pub impu: Vec<Uri>,
    /// Telephone identity.
    #[serde(default)]
    pub tel: Option<Uri>,
    /// Private identity.
    #[serde(default)]
    pub impi: Option<String>,
    /// Environment variable that holds the secret of SIP digest (topology `ims_core`).
    #[serde(default)]
    pub credentials_env: Option<String>,
    /// The pool to which the user belongs.
    #[serde(default)]
    pub class: Class,
    /// The devices of the user, joined from `network.devices`.
    #[serde(skip)]
    pub devices: Vec<Device>,
}

impl User {
    /// Public identities and the telephone identity, the default one first.
    #[must_use]
    pub fn identities(&self) -> Vec<String> {
        self.impu.iter().chain(&self.tel).map(|uri| uri.as_str().to_owned()).collect()
    }
}

/// One device of a user, as the profile lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The public identity of its user.
    pub user: Uri,
    /// Its `+sip.instance`, a URN.
    pub instance: Uri,
    /// The feature tags with which it registers: the words `chat` and `messages`, or tags as they stand in a Contact.
    #[serde(default = "chat_and_messages")]
    pub tags: Vec<String>,
    /// Its public GRUU.
    #[serde(default)]
    pub gruu: Option<Uri>,
}

fn chat_and_messages() -> Vec<String> {
    vec!["chat".to_owned(), "messages".to_owned()]
}

/// The key `users`: a list, or a rule by which they are made.
#[derive(Clone, Debug)]
pub enum Users {
    /// Users as they are.
    Listed(Vec<User>),
    /// Users by number.
    Generated(Generated),
}

/// A rule by which users and their devices are made, for a target that takes any user of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// How many of each class.
    pub generate: u32,
    /// The public identity, with `{class}`, `{n}` (counted from 1 in each class) and `{domain}` filled in.
    pub pattern: String,
    /// The telephone identity, with `{n}` counted over all users and written with six digits.
    #[serde(default)]
    pub tel: Option<String>,
    /// Devices of each user.
    #[serde(default = "three")]
    pub devices: u32,
    /// The classes of which users are made; all when it is missing.
    #[serde(default)]
    pub classes: Option<Vec<Class>>,
    /// Environment variable that holds the secret of SIP digest, the same for all of them (topology `ims_core`).
    #[serde(default)]
    pub credentials_env: Option<String>,
}

const fn three() -> u32 {
    3
}

impl Default for Users {
    fn default() -> Users {
        Users::Listed(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Users {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Users, D::Error> {
        use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
        struct Either;
        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = Users;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of users, or a map with generate and pattern")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<Users, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Users::Listed)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Users, A::Error> {
                Generated::deserialize(MapAccessDeserializer::new(map)).map(Users::Generated)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Generated {
    /// The users of this rule.
    ///
    /// # Errors
    /// The pattern makes no URI.
    pub fn users(&self, domain: &str) -> Result<Vec<User>, String> {
        let all: Vec<Class> = Class::ALL.iter().map(|(class, _)| *class).collect();
        let classes = self.classes.as_ref().unwrap_or(&all);
        let mut users = Vec::new();
        for class in classes {
            for n in 1..=self.generate {
                let order = users.len() + 1;
                users.push(self.user(domain, *class, n, order)?);
            }
        }
        Ok(users)
    }

    fn user(&self, domain: &str, class: Class, n: u32, order: usize) -> Result<User, String> {
        let impu: Uri = self
            .pattern
            .replace("{class}", class.as_str())
            .replace("{n}", &n.to_string())
            .replace("{domain}", domain)
            .parse()?;
        let tel = self.tel.as_ref().map(|tel| tel.replace("{n}", &format!("{order:06}")).parse()).transpose()?;
        let devices = (1..=self.devices)
            .map(|device| {
                let instance = format!("urn:uuid:00000000-0000-4000-8000-{order:08x}{device:04x}").parse()?;
                Ok(Device { user: impu.clone(), instance, tags: chat_and_messages(), gruu: None })
            })
            .collect::<Result<_, String>>()?;
        let credentials_env = self.credentials_env.clone();
        Ok(User { impu: vec![impu], tel, impi: None, credentials_env, class, devices })
    }
}

/// Users by class.
pub type Pools = BTreeMap<Class, Vec<User>>;

/// Sorts users into pools.
#[must_use]
pub fn pools(users: Vec<User>) -> Pools {
    let mut pools = Pools::new();
    for user in users {
        pools.entry(user.class).or_default().push(user);
    }
    pools
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_users_are_all_different_and_stand_in_their_pools() {
        let rule = Generated {
            generate: 3,
            pattern: "sip:{class}-{n}@{domain}".to_owned(),
            tel: Some("tel:+1900{n}".to_owned()),
            devices: 2,
            classes: Some(vec![Class::Plain, Class::StoreOff]),
            credentials_env: None,
        };
        let pools = pools(rule.users("example.com").unwrap());
        let names = |class| pools[&class].iter().map(|user| user.impu[0].as_str()).collect::<Vec<_>>();
        assert_eq!(
            names(Class::StoreOff),
            ["sip:store_off-1@example.com", "sip:store_off-2@example.com", "sip:store_off-3@example.com"]
        );
        let instances: std::collections::BTreeSet<_> =
            pools.values().flatten().flat_map(|user| &user.devices).map(|device| device.instance.clone()).collect();
        assert_eq!(instances.len(), 12);
        assert_eq!(pools[&Class::StoreOff][0].tel.as_ref().unwrap().as_str(), "tel:+1900000004");
    }

    #[test]
    fn every_class_has_its_own_word() {
        for (class, word) in Class::ALL {
            assert_eq!((Class::parse(word), class.as_str()), (Some(class), word));
            assert_eq!(serde_json::to_value(class).unwrap(), word);
        }
        assert_eq!(Class::parse("golden"), None);
    }

    #[test]
    fn a_pattern_that_makes_no_uri_is_refused() {
        let rule = Generated {
            generate: 1,
            pattern: "bob".to_owned(),
            tel: None,
            devices: 1,
            classes: None,
            credentials_env: None,
        };
        assert!(rule.users("example.com").is_err());
    }
}
