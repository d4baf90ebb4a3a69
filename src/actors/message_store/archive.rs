//! What the store keeps: of each account its folders, of each folder its objects. All of it is bounded.

use super::outages::Outages;
use bytes::Bytes;
use std::collections::BTreeMap;

/// The character between the names of a folder and those within it (RFC 3501 section 5.1.1).
pub(super) const DELIMITER: char = '/';
const MOST_FOLDERS: usize = 20_000;
const MOST_OBJECTS: usize = 50_000;
const MOST_OCTETS: usize = 256 * 1024 * 1024;
/// How deep folders lie in one another.
const DEPTH: usize = 8;
const LONGEST_NAME: usize = 1024;

type Folders = BTreeMap<String, Vec<Bytes>>;

/// Why something is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is such a folder already.
    Exists,
    /// There is no such folder.
    Missing,
    /// No folder can have that name.
    Name,
    /// There is no more room.
    Full,
    /// Nothing of this user is taken now.
    Down,
}

#[derive(Debug, Default)]
pub(super) struct Archive {
    accounts: BTreeMap<String, Folders>,
    folders: usize,
    objects: usize,
    octets: usize,
    outages: Outages,
}

impl Archive {
    /// An empty one that fails for some users.
    pub(super) fn new(outages: Outages) -> Archive {
        Archive { outages, ..Archive::default() }
    }

    /// Makes a folder, and those that it lies in.
    pub(super) fn create(&mut self, user: &str, folder: &str) -> Result<(), Refusal> {
        // A trailing delimiter only says that folders will be made within (RFC 3501 section 6.3.3).
        let folder = folder.strip_suffix(DELIMITER).unwrap_or(folder);
        let names: Vec<&str> = folder.split(DELIMITER).collect();
        if folder.len() > LONGEST_NAME || names.len() > DEPTH || names.iter().any(|name| name.is_empty()) {
            return Err(Refusal::Name);
        }
        if self.has(user, folder) {
            return Err(Refusal::Exists);
        }
        if self.folders + names.len() > MOST_FOLDERS {
            return Err(Refusal::Full);
        }
        let account = self.accounts.entry(user.to_owned()).or_default();
        let ends = folder.char_indices().filter(|(_, c)| *c == DELIMITER).map(|(at, _)| at);
        for end in ends.chain([folder.len()]) {
            let name = folder.get(..end).unwrap_or(folder);
            self.folders += usize::from(!account.contains_key(name));
            account.entry(name.to_owned()).or_default();
        }
        Ok(())
    }

    /// INBOX is always there (RFC 3501 section 5.1).
    pub(super) fn has(&self, user: &str, folder: &str) -> bool {
        folder == "INBOX" || self.accounts.get(user).is_some_and(|folders| folders.contains_key(folder))
    }

    /// Keeps an object.
    pub(super) fn append(&mut self, user: &str, folder: &str, object: Bytes) -> Result<(), Refusal> {
        if self.outages.hold(user, &object) {
            return Err(Refusal::Down);
        }
        if !self.has(user, folder) {
            return Err(Refusal::Missing);
        }
        if self.objects >= MOST_OBJECTS || self.octets.saturating_add(object.len()) > MOST_OCTETS {
            return Err(Refusal::Full);
        }
        self.objects += 1;
        self.octets += object.len();
        let account = self.accounts.entry(user.to_owned()).or_default();
        account.entry(folder.to_owned()).or_default().push(object);
        Ok(())
    }

    pub(super) fn objects(&self, user: &str, folder: &str) -> &[Bytes] {
        self.accounts.get(user).and_then(|folders| folders.get(folder)).map_or(&[], Vec::as_slice)
    }

    /// The folders of an account that fit a pattern of LIST.
    pub(super) fn list<'a>(&'a self, user: &str, pattern: &'a str) -> impl Iterator<Item = &'a str> {
        let folders = self.accounts.get(user).into_iter().flat_map(Folders::keys).map(String::as_str);
        folders.filter(|name| *name != "INBOX").chain(["INBOX"]).filter(move |name| fits(name, pattern))
    }
}

/// RFC 3501 section 6.3.8: `*` is any characters, `%` any but the delimiter.
fn fits(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    // reached[n]: the pattern so far fits the first n characters of the name.
    let mut reached = vec![false; name.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern {
        let mut next = Vec::with_capacity(reached.len());
        let mut before = false;
        for (at, here) in reached.iter().enumerate() {
            let last = at.checked_sub(1).and_then(|last| name.get(last)).copied();
            let one_less = at.checked_sub(1).and_then(|last| reached.get(last)).copied().unwrap_or(false);
            let fit = match wanted {
                '*' => *here || before,
                '%' => *here || before && last != Some(DELIMITER),
                wanted => one_less && last == Some(wanted),
            };
            next.push(fit);
            before = fit;
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_pattern_fits_as_rfc_3501_says() {
        for (name, pattern, fit) in [
            ("a/b", "*", true),
            ("a/b", "%", false),
            ("a", "%", true),
            ("a/b", "a/%", true),
            ("a/b/c", "a/%", false),
            ("a/b/c", "a/*c", true),
            ("ab", "a", false),
            ("", "", true),
            ("aaa", "*a*a", true),
        ] {
            assert_eq!(fits(name, pattern), fit, "{name} {pattern}");
        }
    }

    #[test]
    fn a_folder_brings_those_that_it_lies_in() {
        let mut archive = Archive::default();
        assert_eq!(archive.create("bob", "conv/c1/"), Ok(()));
        assert_eq!(archive.list("bob", "*").collect::<Vec<_>>(), ["conv", "conv/c1", "INBOX"]);
        assert_eq!(archive.create("bob", "conv"), Err(Refusal::Exists));
        assert_eq!(archive.create("bob", "conv//x"), Err(Refusal::Name));
        assert_eq!(archive.create("bob", &"x/".repeat(99)), Err(Refusal::Name));
        assert_eq!(archive.append("erin", "conv", Bytes::from_static(b"x")), Err(Refusal::Missing));
        assert_eq!(archive.append("bob", "conv", Bytes::from_static(b"x")), Ok(()));
        assert_eq!(archive.objects("bob", "conv").len(), 1);
    }
}
