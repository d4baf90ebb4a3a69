//! What waits outside sessions, on disk: a small row of each item for the index, which a start reads as a whole, and a large
//! one that is read when the item is delivered. Both are only ever appended and deleted.

use super::{StoreError, rows};
use crate::store::{DeferredEntry, DeferredKind, DeferredRecord, Held};
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;
use std::sync::Arc;

pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS deferred (
  id INTEGER PRIMARY KEY, user TEXT NOT NULL, contribution INTEGER NOT NULL, octets INTEGER NOT NULL,
  expires INTEGER, kind INTEGER NOT NULL, held INTEGER NOT NULL, wants_failure INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deferred_contents (
  id INTEGER PRIMARY KEY, identity TEXT NOT NULL, about TEXT NOT NULL, head BLOB NOT NULL, content_type TEXT NOT NULL,
  octets BLOB NOT NULL);
";

const INDEX: &str = "SELECT id, user, contribution, octets, expires, kind, held, wants_failure FROM deferred";
/// What a notice needs stands before the octets, so that those of a large message are not even read.
const HEAD: &str = "SELECT identity, about, head, content_type FROM deferred_contents WHERE id = ?1";
const WHOLE: &str = "SELECT identity, about, head, content_type, octets FROM deferred_contents WHERE id = ?1";

/// Writes an item.
pub(super) fn insert(database: &Connection, item: &DeferredRecord) -> Result<(), StoreError> {
    let entry = &item.entry;
    let kind = match entry.kind {
        DeferredKind::Pager => 0,
        DeferredKind::Large => 1,
        DeferredKind::Report => 2,
    };
    let held = match entry.held {
        None => 0,
        Some(Held::BySetting) => 1,
        Some(Held::BySender) => 2,
    };
    database.prepare_cached("INSERT OR REPLACE INTO deferred VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(
        params![
            entry.id,
            &*entry.user,
            entry.contribution,
            entry.octets,
            entry.expires,
            kind,
            held,
            entry.wants_failure
        ],
    )?;
    let about = serde_json::to_string(&item.about)?;
    database.prepare_cached("INSERT OR REPLACE INTO deferred_contents VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(
        params![entry.id, item.identity, about, item.head.as_ref(), item.content_type, item.octets.as_ref()],
    )?;
    Ok(())
}

/// Deletes an item.
pub(super) fn delete(database: &Connection, id: u64) -> Result<(), StoreError> {
    database.prepare_cached("DELETE FROM deferred WHERE id = ?1")?.execute(params![id])?;
    database.prepare_cached("DELETE FROM deferred_contents WHERE id = ?1")?.execute(params![id])?;
    Ok(())
}

/// The index, in the order of arrival. The items of a user share the user's name.
pub(super) fn index(database: &Connection) -> Result<Vec<DeferredEntry>, StoreError> {
    let mut users: HashSet<Arc<str>> = HashSet::new();
    let mut shared = |user: &str| match users.get(user) {
        Some(user) => user.clone(),
        None => {
            let user: Arc<str> = user.into();
            users.insert(user.clone());
            user
        }
    };
    rows(database, &format!("{INDEX} ORDER BY id"), |row| {
        let user = shared(row.get_ref(1)?.as_str()?);
        entry(row, user)
    })
}

fn entry(row: &rusqlite::Row<'_>, user: Arc<str>) -> rusqlite::Result<DeferredEntry> {
    let (kind, held): (u8, u8) = (row.get(5)?, row.get(6)?);
    Ok(DeferredEntry {
        id: row.get(0)?,
        user,
        contribution: row.get(2)?,
        octets: row.get(3)?,
        expires: row.get(4)?,
        kind: match kind {
            0 => DeferredKind::Pager,
            1 => DeferredKind::Large,
            _ => DeferredKind::Report,
        },
        held: match held {
            0 => None,
            1 => Some(Held::BySetting),
            _ => Some(Held::BySender),
        },
        wants_failure: row.get(7)?,
    })
}

/// The items of these numbers that there are; without `whole` their contents are left out.
pub(super) fn load(database: &Connection, ids: &[u64], whole: bool) -> Result<Vec<DeferredRecord>, StoreError> {
    let mut of_index = database.prepare_cached(&format!("{INDEX} WHERE id = ?1"))?;
    let mut contents = database.prepare_cached(if whole { WHOLE } else { HEAD })?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let entry = of_index.query_row(params![id], |row| entry(row, row.get_ref(1)?.as_str()?.into())).optional()?;
        let Some(entry) = entry else { continue };
        let read = contents.query_row(params![id], |row| {
            let octets = if whole { row.get(4)? } else { Vec::new() };
            let head: Vec<u8> = row.get(2)?;
            Ok((row.get(0)?, row.get::<_, String>(1)?, head, row.get(3)?, octets))
        });
        let Some((identity, about, head, content_type, octets)) = read.optional()? else { continue };
        let about = serde_json::from_str(&about)?;
        found.push(DeferredRecord {
            entry,
            identity,
            about,
            head: Bytes::from(head),
            content_type,
            octets: Bytes::from(octets),
        });
    }
    Ok(found)
}
