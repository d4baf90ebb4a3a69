//! What the core sends in chunks, put together again: a message is rewritten as a whole.

use bytes::Bytes;
use cpm_wire::msrp::{FailureReport, Flag, Message};
use std::collections::HashMap;

/// A message of the core, whole or given up.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Its first chunk, whose headers count.
    pub first: Message,
    /// The transaction of the last chunk: its answer is that of the message.
    pub transaction: String,
    /// The content; none for a SEND without a body.
    pub content: Option<Bytes>,
    /// The octets of each chunk.
    pub sizes: Vec<usize>,
    /// How the last chunk ends.
    pub flag: Flag,
}

/// What becomes of a chunk.
#[derive(Debug)]
pub enum Gathered {
    /// The rest is to come. The chunk is answered here and now, as a relay would.
    Partly { answered: bool },
    /// That was all.
    All(Box<Whole>),
    /// It is not the next chunk of anything.
    Odd,
}

/// The messages of which the rest is to come, by the session and their id.
#[derive(Debug, Default)]
pub struct Gathering {
    open: HashMap<(String, String), (Whole, Vec<u8>)>,
}

impl Gathering {
    /// Takes a SEND of the core.
    pub fn take(&mut self, chunk: &Message) -> Gathered {
        let Some(key) = key(chunk) else { return Gathered::Odd };
        let body = chunk.body();
        let known = self.open.get(&key).map_or(0, |(_, octets)| octets.len());
        let start = chunk.byte_range().map(|range| range.start);
        let expected = u64::try_from(known).ok().map(|known| known + 1);
        let in_order = if body.is_some() {
            start.or(Some(1)) == expected
        } else {
            start.is_none_or(|start| start <= 1) || start == expected
        };
        if chunk.header("Byte-Range").is_some() && start.is_none() || !in_order {
            return Gathered::Odd;
        }
        let (mut whole, mut octets) = self.open.remove(&key).unwrap_or_else(|| (Whole::begin(chunk), Vec::new()));
        whole.add(chunk, &mut octets, body.as_ref());
        if chunk.flag == Flag::More {
            self.open.insert(key, (whole, octets));
            return Gathered::Partly { answered: chunk.failure_report() == FailureReport::Yes };
        }
        whole.content = whole.content.map(|_| octets.into());
        Gathered::All(Box::new(whole))
    }
}

/// The session of the core, and the message.
pub fn key(message: &Message) -> Option<(String, String)> {
    let path = message.from_path().first().copied()?.to_owned();
    Some((path, message.message_id()?.to_owned()))
}

impl Whole {
    fn begin(first: &Message) -> Whole {
        Whole { first: first.clone(), transaction: String::new(), content: None, sizes: Vec::new(), flag: Flag::More }
    }

    fn add(&mut self, chunk: &Message, octets: &mut Vec<u8>, body: Option<&Bytes>) {
        self.transaction.clone_from(&chunk.transaction);
        self.flag = chunk.flag;
        if let Some(body) = body {
            octets.extend_from_slice(body);
            self.content = Some(Bytes::new());
            self.sizes.push(body.len());
        }
    }
}
