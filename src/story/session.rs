//! MSRP as the tester's connections carried it (RFC 4975): streams framed per connection and direction, SENDs put
//! together by Message-ID from their byte ranges, and the answer to each chunk.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use cpm_wire::msrp;

use crate::evidence::{Direction, Octets};

/// Messages that may be under way at a time; the oldest is given up first.
const OPEN_TRANSFERS: usize = 1024;
/// Octets of one message; one that is longer is given up.
const TRANSFER_OCTETS: u64 = 16 * 1024 * 1024;
/// Chunks that may wait for their answer.
const WAITING_ANSWERS: usize = 65_536;

/// An answer, and the frame that completed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where it was.
    pub frame: u64,
}

impl Answer {
    /// Whether it is a 2xx.
    pub fn is_success(self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What the streams gave when octets were added to them.
pub(super) enum Seen {
    /// A message is whole.
    Whole(Whole),
    /// A chunk was answered.
    Answered { transfer: u64, answer: Answer, last_chunk: bool },
    /// The sender of a message was told what became of it.
    Told(Told),
}

/// What the sender of a message was told of it, by a REPORT or by the refusal of a chunk of what is not whole.
pub(super) struct Told {
    /// Where.
    pub frame: u64,
    /// Whether the tester sent the message.
    pub to_tester: bool,
    /// The tester's own path of the session, comparable.
    pub session: String,
    pub message_id: String,
    pub status: u16,
    pub by_report: bool,
    /// The last octet that is meant.
    pub until: Option<u64>,
}

/// A message that is whole.
pub(super) struct Whole {
    pub transfer: u64,
    /// The tester's own path of the session, comparable.
    pub session: String,
    pub message_id: String,
    pub content_type: Option<String>,
    pub octets: Bytes,
    pub first: u64,
    /// Where the last chunk stands in the octets that completed it, as far as it does.
    pub span: (usize, usize),
    /// The first refusal of one of its earlier chunks.
    pub refused: Option<Answer>,
    /// Failure-Report is yes, as it is by default: every chunk is to be answered.
    pub expects_answer: bool,
}

/// One SEND or response, and where it was.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    frame: u64,
    sent: bool,
    span: (usize, usize),
    message: &'a msrp::Message,
}

struct Stream {
    framer: msrp::Framer,
    broken: bool,
}

struct Transfer {
    id: u64,
    session: String,
    sent: bool,
    message_id: String,
    content_type: Option<String>,
    first: u64,
    chunks: BTreeMap<u64, Bytes>,
    held: u64,
    /// The length, once the chunk with the last octet has been seen.
    length: Option<u64>,
    refused: Option<Answer>,
}

type Transaction = (Arc<str>, u64, bool, String);

/// All MSRP connections of the scenario.
#[derive(Default)]
pub(super) struct Sessions {
    streams: HashMap<(Arc<str>, u64, bool), Stream>,
    open: Vec<Transfer>,
    started: u64,
    waiting: HashMap<Transaction, (u64, bool)>,
    oldest: VecDeque<Transaction>,
}

impl Sessions {
    /// Adds octets of a connection; what they complete is appended to `seen`.
    pub fn observe(&mut self, frame: u64, octets: &Octets, seen: &mut Vec<Seen>) {
        let connection = octets.connection.unwrap_or_default();
        let sent = octets.direction == Direction::Sent;
        let stream = self
            .streams
            .entry((octets.actor.clone(), connection, sent))
            .or_insert_with(|| Stream { framer: msrp::Framer::default(), broken: false });
        if stream.broken {
            return;
        }
        stream.framer.push(octets.octets.clone());
        let mut messages = Vec::new();
        while let Some(next) = stream.framer.next() {
            let Ok(message) = next else {
                stream.broken = true;
                break;
            };
            let end = octets.octets.len().saturating_sub(stream.framer.waiting());
            let span = (end.saturating_sub(message.octets().len()), end);
            messages.push((message, span));
        }
        for (message, span) in &messages {
            let chunk = Chunk { frame, sent, span: *span, message };
            self.message(&octets.actor, connection, &chunk, seen);
        }
    }

    fn message(&mut self, actor: &Arc<str>, connection: u64, chunk: &Chunk<'_>, seen: &mut Vec<Seen>) {
        let Chunk { frame, sent, message, .. } = *chunk;
        match &message.kind {
            msrp::Kind::Response { status, .. } => {
                let request = (actor.clone(), connection, !sent, message.transaction.clone());
                let Some((transfer, last_chunk)) = self.waiting.remove(&request) else { return };
                let answer = Answer { status: *status, frame };
                if let Some(open) = self.open.iter_mut().find(|open| open.id == transfer) {
                    open.refused = open.refused.or((!answer.is_success()).then_some(answer));
                    seen.extend(open.refusal(answer).map(Seen::Told));
                }
                seen.push(Seen::Answered { transfer, answer, last_chunk });
            }
            msrp::Kind::Request { method: msrp::Method::Send } => {
                let Some((transfer, whole)) = self.chunk(chunk) else { return };
                let last_chunk = whole.is_some();
                self.wait((actor.clone(), connection, sent, message.transaction.clone()), transfer, last_chunk);
                seen.extend(whole.map(Seen::Whole));
            }
            msrp::Kind::Request { method: msrp::Method::Report } => seen.extend(report(chunk).map(Seen::Told)),
            msrp::Kind::Request { .. } => {}
        }
    }

    fn wait(&mut self, transaction: Transaction, transfer: u64, last_chunk: bool) {
        self.waiting.insert(transaction.clone(), (transfer, last_chunk));
        self.oldest.push_back(transaction);
        if self.oldest.len() > WAITING_ANSWERS
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.waiting.remove(&oldest);
        }
    }

    /// Adds one chunk; gives its transfer, and the message when it is whole now.
    fn chunk(&mut self, chunk: &Chunk<'_>) -> Option<(u64, Option<Whole>)> {
        let Chunk { frame, sent, span, message } = *chunk;
        let path = if sent { message.from_path().first().copied() } else { message.to_path().last().copied() };
        let session = session_key(path?);
        let message_id = message.message_id()?.to_owned();
        let at = self.transfer(frame, sent, session, message_id);
        let transfer = self.open.get_mut(at)?;
        let id = transfer.id;
        if transfer.content_type.is_none() {
            transfer.content_type = message.content_type().map(str::to_owned);
        }
        transfer.add(message);
        if message.flag == msrp::Flag::Abort || transfer.held > TRANSFER_OCTETS {
            self.open.remove(at);
            return Some((id, None));
        }
        let Some(octets) = transfer.whole() else { return Some((id, None)) };
        let done = self.open.remove(at);
        let whole = Whole {
            transfer: id,
            session: done.session,
            message_id: done.message_id,
            content_type: done.content_type,
            octets,
            first: done.first,
            span,
            refused: done.refused,
            expects_answer: message.failure_report() == msrp::FailureReport::Yes,
        };
        Some((id, Some(whole)))
    }

    fn transfer(&mut self, frame: u64, sent: bool, session: String, message_id: String) -> usize {
        let known = self
            .open
            .iter()
            .position(|open| open.sent == sent && open.message_id == message_id && open.session == session);
        if let Some(at) = known {
            return at;
        }
        if self.open.len() >= OPEN_TRANSFERS {
            self.open.remove(0);
        }
        self.started += 1;
        self.open.push(Transfer {
            id: self.started,
            session,
            sent,
            message_id,
            content_type: None,
            first: frame,
            chunks: BTreeMap::new(),
            held: 0,
            length: None,
            refused: None,
        });
        self.open.len() - 1
    }
}

/// A REPORT: which message it is about, and what became of that.
fn report(chunk: &Chunk<'_>) -> Option<Told> {
    let Chunk { frame, sent, message, .. } = *chunk;
    let path = if sent { message.from_path().first().copied() } else { message.to_path().last().copied() };
    Some(Told {
        frame,
        to_tester: !sent,
        session: session_key(path?),
        message_id: message.message_id()?.to_owned(),
        status: message.status_header()?,
        by_report: true,
        until: message.byte_range().and_then(|range| range.end),
    })
}

impl Transfer {
    /// What its sender was told by this answer, if that was a refusal.
    fn refusal(&self, answer: Answer) -> Option<Told> {
        (!answer.is_success()).then(|| Told {
            frame: answer.frame,
            to_tester: self.sent,
            session: self.session.clone(),
            message_id: self.message_id.clone(),
            status: answer.status,
            by_report: false,
            until: None,
        })
    }

    fn add(&mut self, chunk: &msrp::Message) {
        let start = chunk.byte_range().map_or(1, |range| range.start).max(1) - 1;
        let body = chunk.body().unwrap_or_default();
        let end = start + body.len() as u64;
        if chunk.flag == msrp::Flag::Complete {
            self.length = Some(end);
        }
        self.held += body.len() as u64;
        let longer = self.chunks.get(&start).is_none_or(|held| held.len() < body.len());
        if longer {
            self.chunks.insert(start, body);
        }
    }

    /// All octets, when none is missing.
    fn whole(&self) -> Option<Bytes> {
        let length = self.length?;
        if let Some(only) = self.chunks.get(&0)
            && only.len() as u64 == length
        {
            return Some(only.clone());
        }
        let mut octets = BytesMut::new();
        for (start, chunk) in &self.chunks {
            let held = octets.len() as u64;
            if *start > held {
                return None;
            }
            let known = usize::try_from(held - start).ok()?;
            octets.extend_from_slice(chunk.get(known..).unwrap_or_default());
        }
        octets.truncate(usize::try_from(length).ok()?);
        (octets.len() as u64 == length).then(|| octets.freeze())
    }
}

/// A path in the form that two spellings of one URI share (RFC 4975 section 6.1).
pub(super) fn session_key(path: &str) -> String {
    match msrp::MsrpUri::parse(path) {
        Ok(uri) => format!(
            "{}:{}/{}",
            uri.host.to_ascii_lowercase(),
            uri.port.unwrap_or_default(),
            uri.session_id.unwrap_or_default()
        ),
        Err(_) => path.to_owned(),
    }
}
