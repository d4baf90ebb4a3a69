//! The store on disk: SQLite with a write-ahead log that is synchronised at every commit.
//!
//! One thread owns the database. It takes all batches that wait, writes them in one transaction, and tells their
//! tokens after the commit: under load many messages share one synchronisation of the disk. What cannot be written, since the
//! disk is full or may not be written, is given back, and the next batch is tried as if nothing had happened. A second
//! thread reads beside it: no delivery waits for the disk to be synchronised.

mod deferred;

use super::{
    ChargingRecord, ChatRecord, Contents, DeferredRecord, HistoryRecord, ItemKind, ItemRecord, RegistrationRecord,
    RosterRecord,
};
use super::{Token, Write};
use crate::trouble;
use bytes::Bytes;
use rusqlite::{Connection, Row, params};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What the store has done.
#[derive(Debug)]
pub enum Done {
    /// These batches are on the disk.
    Persisted(Vec<Token>),
    /// This batch could not be written, or this load not be read; the writes are given back.
    Failed(Token, Vec<Write>),
    /// What was to be loaded: the items that there are.
    Loaded(Token, Vec<DeferredRecord>),
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refuses.
    #[error("store: {0}")]
    Database(#[from] rusqlite::Error),
    /// A record cannot be read back.
    #[error("store: a record is not readable: {0}")]
    Record(#[from] serde_json::Error),
    /// The writer thread cannot be started.
    #[error("store: {0}")]
    Thread(#[from] std::io::Error),
}

const SCHEMA: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS chats (id INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
  id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, kind INTEGER NOT NULL, content_type TEXT NOT NULL,
  octets BLOB NOT NULL, received INTEGER NOT NULL, expires INTEGER);
CREATE INDEX IF NOT EXISTS items_of_chat ON items (chat);
CREATE TABLE IF NOT EXISTS deliveries (
  item INTEGER NOT NULL, device TEXT NOT NULL, PRIMARY KEY (item, device)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rosters (
  chat INTEGER NOT NULL, sequence INTEGER NOT NULL, document BLOB NOT NULL, PRIMARY KEY (chat, sequence));
CREATE TABLE IF NOT EXISTS charging (id INTEGER PRIMARY KEY, octets BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY, user TEXT NOT NULL, conversation TEXT NOT NULL, contribution TEXT NOT NULL, object BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS registrations (
  user TEXT NOT NULL, device TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (user, device));
";

/// The most batches in one transaction.
const GROUP: usize = 512;

type Batch = (Token, Vec<Write>);
/// What is to be loaded, and whether with its contents.
type Wanted = (Token, Vec<u64>, bool);

/// The store on disk. Dropping it writes what still waits.
#[derive(Debug)]
pub struct Sqlite {
    batches: Option<Sender<Batch>>,
    loads: Option<Sender<Wanted>>,
    threads: Vec<JoinHandle<()>>,
}

impl Sqlite {
    /// Opens or makes the database, and reads what it holds. `done` is called on the threads of the store.
    ///
    /// # Errors
    /// The database cannot be used, or what it holds not be read.
    pub fn open(path: &Path, done: impl Fn(Done) + Clone + Send + 'static) -> Result<(Sqlite, Contents), StoreError> {
        let database = Connection::open(path)?;
        database.execute_batch(SCHEMA)?;
        database.execute_batch(deferred::SCHEMA)?;
        let contents = read(&database)?;
        let reading = Connection::open(path)?;
        let (batches, waiting) = channel();
        let (loads, wanted) = channel();
        let told = done.clone();
        let threads = vec![
            thread("store", move || write_groups(database, &waiting, &done))?,
            thread("store-reader", move || load_all(&reading, &wanted, &told))?,
        ];
        Ok((Sqlite { batches: Some(batches), loads: Some(loads), threads }, contents))
    }

    /// Hands over one batch.
    pub fn persist(&self, token: Token, writes: Vec<Write>) {
        if let Some(batches) = &self.batches {
            // The thread ends only when this end is dropped.
            let _ = batches.send((token, writes));
        }
    }

    /// Has deferred items loaded that are on the disk.
    pub fn load(&self, token: Token, ids: Vec<u64>, whole: bool) {
        if let Some(loads) = &self.loads {
            // As above.
            let _ = loads.send((token, ids, whole));
        }
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    Ok(std::thread::Builder::new().name(name.to_owned()).spawn(work)?)
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        (self.batches, self.loads) = (None, None);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn load_all(database: &Connection, wanted: &Receiver<Wanted>, done: &impl Fn(Done)) {
    while let Ok((token, ids, whole)) = wanted.recv() {
        done(match deferred::load(database, &ids, whole) {
            Ok(records) => Done::Loaded(token, records),
            Err(error) => {
                trouble::tell(&error);
                Done::Failed(token, Vec::new())
            }
        });
    }
}

fn write_groups(mut database: Connection, waiting: &Receiver<Batch>, done: &impl Fn(Done)) {
    while let Ok(first) = waiting.recv() {
        let group: Vec<Batch> = std::iter::once(first).chain(waiting.try_iter().take(GROUP - 1)).collect();
        if commit(&mut database, &group).is_ok() {
            done(Done::Persisted(group.into_iter().map(|(token, _)| token).collect()));
            continue;
        }
        // One that cannot be written is not to take the others with it.
        for batch in group {
            match commit(&mut database, std::slice::from_ref(&batch)) {
                Ok(()) => done(Done::Persisted(vec![batch.0])),
                Err(error) => {
                    trouble::tell(&error);
                    done(Done::Failed(batch.0, batch.1));
                }
            }
        }
    }
}

fn commit(database: &mut Connection, group: &[Batch]) -> Result<(), StoreError> {
    let transaction = database.transaction()?;
    for write in group.iter().flat_map(|(_, writes)| writes) {
        apply(&transaction, write)?;
    }
    Ok(transaction.commit()?)
}

fn apply(database: &Connection, write: &Write) -> Result<(), StoreError> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| database.prepare_cached(sql)?.execute(values);
    match write {
        Write::Chat(chat) => {
            let record = serde_json::to_string(chat)?;
            run("INSERT OR REPLACE INTO chats VALUES (?1, ?2)", params![chat.id, record])?;
        }
        Write::ForgetChat(id) => {
            run("DELETE FROM deliveries WHERE item IN (SELECT id FROM items WHERE chat = ?1)", params![id])?;
            run("DELETE FROM items WHERE chat = ?1", params![id])?;
            run("DELETE FROM rosters WHERE chat = ?1", params![id])?;
            run("DELETE FROM chats WHERE id = ?1", params![id])?;
        }
        Write::Item(item) => {
            let kind = item.kind == ItemKind::Notification;
            run(
                "INSERT OR REPLACE INTO items VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![item.id, item.chat, kind, item.content_type, item.octets.as_ref(), item.received, item.expires],
            )?;
            for device in &item.delivered {
                run("INSERT OR IGNORE INTO deliveries VALUES (?1, ?2)", params![item.id, device])?;
            }
        }
        Write::ForgetItem(id) => {
            run("DELETE FROM deliveries WHERE item = ?1", params![id])?;
            run("DELETE FROM items WHERE id = ?1", params![id])?;
        }
        Write::Delivered { item, device } => {
            let only_held = "INSERT OR IGNORE INTO deliveries SELECT id, ?2 FROM items WHERE id = ?1";
            run(only_held, params![item, device])?;
        }
        Write::Roster(roster) => {
            let values = params![roster.chat, roster.sequence, roster.document.as_ref()];
            run("INSERT OR REPLACE INTO rosters VALUES (?1, ?2, ?3)", values)?;
        }
        Write::ForgetRosters { chat, before } => {
            run("DELETE FROM rosters WHERE chat = ?1 AND sequence < ?2", params![chat, before])?;
        }
        Write::Deferred(item) => deferred::insert(database, item)?,
        Write::ForgetDeferred(id) => deferred::delete(database, *id)?,
        Write::Charging(record) => {
            run("INSERT OR REPLACE INTO charging VALUES (?1, ?2)", params![record.id, record.octets.as_ref()])?;
        }
        Write::ForgetCharging(id) => {
            run("DELETE FROM charging WHERE id = ?1", params![id])?;
        }
        Write::History(one) => {
            let values = params![one.id, one.user, one.conversation, one.contribution, one.object.as_ref()];
            run("INSERT OR REPLACE INTO history VALUES (?1, ?2, ?3, ?4, ?5)", values)?;
        }
        Write::ForgetHistory(id) => {
            run("DELETE FROM history WHERE id = ?1", params![id])?;
        }
        Write::Registration(device) => {
            let record = serde_json::to_string(device)?;
            let values = params![device.user, device.device, record];
            run("INSERT OR REPLACE INTO registrations VALUES (?1, ?2, ?3)", values)?;
        }
        Write::ForgetRegistration { user, device } => {
            run("DELETE FROM registrations WHERE user = ?1 AND device = ?2", params![user, device])?;
        }
    }
    Ok(())
}

fn read(database: &Connection) -> Result<Contents, StoreError> {
    let mut items: Vec<ItemRecord> = rows(database, "SELECT * FROM items ORDER BY id", |row| {
        let notification: bool = row.get(2)?;
        Ok(ItemRecord {
            id: row.get(0)?,
            chat: row.get(1)?,
            kind: if notification { ItemKind::Notification } else { ItemKind::Message },
            content_type: row.get(3)?,
            octets: Bytes::from(row.get::<_, Vec<u8>>(4)?),
            received: row.get(5)?,
            expires: row.get(6)?,
            delivered: Vec::new(),
        })
    })?;
    let deliveries = "SELECT item, device FROM deliveries ORDER BY item, device";
    for (item, device) in rows(database, deliveries, |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)))? {
        // Items are sorted by their number.
        if let Ok(at) = items.binary_search_by_key(&item, |item| item.id)
            && let Some(item) = items.get_mut(at)
        {
            item.delivered.push(device);
        }
    }
    Ok(Contents {
        chats: json::<ChatRecord>(database, "SELECT record FROM chats ORDER BY id")?,
        items,
        rosters: rows(database, "SELECT * FROM rosters ORDER BY chat, sequence", |row| {
            let document = Bytes::from(row.get::<_, Vec<u8>>(2)?);
            Ok(RosterRecord { chat: row.get(0)?, sequence: row.get(1)?, document })
        })?,
        deferred: deferred::index(database)?,
        charging: rows(database, "SELECT * FROM charging ORDER BY id", |row| {
            Ok(ChargingRecord { id: row.get(0)?, octets: Bytes::from(row.get::<_, Vec<u8>>(1)?) })
        })?,
        history: rows(database, "SELECT * FROM history ORDER BY id", |row| {
            let object = Bytes::from(row.get::<_, Vec<u8>>(4)?);
            let (user, conversation, contribution) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(HistoryRecord { id: row.get(0)?, user, conversation, contribution, object })
        })?,
        registrations: json::<RegistrationRecord>(database, "SELECT record FROM registrations ORDER BY user, device")?,
    })
}

fn rows<T>(
    database: &Connection,
    sql: &str,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = database.prepare(sql)?;
    let found = statement.query_map([], row)?.collect::<rusqlite::Result<Vec<T>>>()?;
    Ok(found)
}

fn json<T: serde::de::DeserializeOwned>(database: &Connection, sql: &str) -> Result<Vec<T>, StoreError> {
    let texts = rows(database, sql, |row| row.get::<_, String>(0))?;
    texts.iter().map(|text| serde_json::from_str(text).map_err(StoreError::from)).collect()
}

#[cfg(test)]
mod tests;
