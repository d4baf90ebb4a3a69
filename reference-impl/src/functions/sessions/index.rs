//! Which sessions have something in common: their user, or their contribution.

use std::collections::HashMap;

/// Sessions by a name, in the order in which they began. Most names have one: then there is room for one.
#[derive(Default)]
pub(super) struct Index(HashMap<Box<str>, Vec<u64>>);

impl Index {
    /// A session has this name.
    pub fn note(&mut self, name: &str, id: u64) {
        match self.0.get_mut(name) {
            Some(ids) => ids.push(id),
            None => {
                self.0.insert(name.into(), vec![id]);
            }
        }
    }

    /// A session is over.
    pub fn forget(&mut self, name: &str, id: u64) {
        let Some(ids) = self.0.get_mut(name) else { return };
        ids.retain(|other| *other != id);
        if ids.is_empty() {
            self.0.remove(name);
        }
    }

    /// The sessions of this name.
    pub fn of(&self, name: &str) -> &[u64] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_name_is_forgotten_with_its_last_session() {
        let mut index = Index::default();
        for (name, id) in [("a", 1), ("b", 2), ("a", 3), ("a", 4)] {
            index.note(name, id);
        }
        assert_eq!((index.of("a"), index.of("b"), index.of("c")), (&[1, 3, 4][..], &[2][..], &[][..]));
        index.forget("a", 3);
        index.forget("b", 2);
        index.forget("c", 2);
        assert_eq!((index.of("a"), index.0.len()), (&[1, 4][..], 1));
    }
}
