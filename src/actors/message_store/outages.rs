//! For whom the store fails: what is put there for these users is refused, until it works again. Others notice nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The users for whom the store fails. Clones are one and the same.
#[derive(Clone, Debug, Default)]
pub struct Outages(Arc<Mutex<BTreeSet<String>>>);

impl Outages {
    /// From now on the store fails for the user with these identities, or works again.
    pub fn set(&self, identities: &[String], fails: bool) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for user in identities.iter().map(|identity| bare(identity)) {
            if fails {
                users.insert(user);
            } else {
                users.remove(&user);
            }
        }
    }

    /// Whether it fails for this object of this user; of one who acts for several, for whom the object names.
    pub(super) fn hold(&self, user: &str, object: &[u8]) -> bool {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if users.is_empty() {
            return false;
        }
        let user = bare(user);
        if user.contains('@') || user.starts_with('+') {
            return users.contains(&user);
        }
        let text = String::from_utf8_lossy(object);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let addresses = fields.filter(|(name, _)| name.eq_ignore_ascii_case("to") || name.eq_ignore_ascii_case("from"));
        addresses.map(|(_, value)| bare(value.trim().trim_matches(['<', '>']))).any(|named| users.contains(&named))
    }
}

/// An identity without its scheme, as clients log in.
fn bare(identity: &str) -> String {
    let without = ["sips:", "sip:", "tel:"].iter().find_map(|scheme| identity.strip_prefix(scheme));
    without.unwrap_or(identity).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fails_for_one_user_and_for_nobody_else() {
        let outages = Outages::default();
        let object = b"From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\n\r\nTo: sip:eve@example.com";
        assert!(!outages.hold("bob@example.com", object));
        outages.set(&["sip:bob@example.com".to_owned(), "tel:+4930".to_owned()], true);
        for (user, holds) in [
            ("bob@example.com", true),
            ("sip:Bob@example.com", true),
            ("+4930", true),
            ("eve@example.com", false),
            ("function", true),
        ] {
            assert_eq!(outages.hold(user, object), holds, "{user}");
        }
        assert!(!outages.hold("function", b"To: <sip:eve@example.com>\r\n\r\n"));
        outages.set(&["sip:bob@example.com".to_owned()], false);
        assert!(!outages.hold("bob@example.com", object));
    }
}
