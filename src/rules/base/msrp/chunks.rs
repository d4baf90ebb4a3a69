//! Messages that come in chunks: what the chunks of one say of it, and what it is when it is whole (RFC 4975 sections 5.1
//! and 7.1.1). Bounded.

use bytes::Bytes;
use cpm_wire::msrp::{Flag, Message};

use super::Place;
use super::exchange::key;
use super::fields::Fields;
use super::message::ByteRange;
use crate::rules::base::bodies::Content;
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::digest;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, Side, habit, must, shown};

static TOTAL: BaseRule =
    must("base.msrp.total", "RFC 4975 section 7.1.1", "All chunks of a message that name a total name the same.");
static GAP: BaseRule =
    habit("base.msrp.gap", "RFC 4975 section 7.1.1", "When the last chunk has come, all octets before it have come.");
static AFTER_ABORT: BaseRule = must(
    "base.msrp.after_abort",
    "RFC 4975 sections 5.1 and 7.1.1",
    "A message that was broken off with # does not go on.",
);
static CHUNK_HEADERS: BaseRule = habit(
    "base.msrp.chunk_headers",
    "RFC 4975 section 5.1",
    "All chunks of a message have the same To-Path, From-Path and Content-Type.",
);
static MESSAGE_ID_REUSED: BaseRule = habit(
    "base.msrp.message_id_reused",
    "RFC 4975 section 7.1",
    "A Message-ID names one message: what is sent again under it is the same.",
);

pub(super) static RULES: &[&BaseRule] = &[&TOTAL, &GAP, &AFTER_ABORT, &CHUNK_HEADERS, &MESSAGE_ID_REUSED];

/// So many messages of a connection are remembered.
const LIMIT: usize = 4096;
/// So many are put together at once for the rules of content, and none that is longer.
const ASSEMBLIES: usize = 64;
const LONGEST_CONTENT: usize = 256 * 1024;

/// What is remembered of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub wants_success: bool,
    pub wants_no_failure: bool,
    pub total: Option<u64>,
    /// The last octet that was sent.
    pub sent: u64,
    pub excused: bool,
    aborted: bool,
    /// The print of paths and type.
    headers: u64,
    /// The print of the body, of a message of one chunk.
    body: Option<u64>,
}

/// The content of a message, as far as it came.
#[derive(Debug, Default)]
struct Assembly {
    content_type: Bytes,
    octets: Vec<u8>,
    /// Whether all octets from the first on are kept.
    whole: bool,
    /// So many octets from the first on have come, kept or not.
    came: u64,
    /// Its last chunk has come.
    over: bool,
}

/// What a chunk was.
pub(super) struct Sent {
    pub range: ByteRange,
    /// The content, when it is whole.
    pub content: Option<Content>,
}

/// The messages of one connection.
#[derive(Debug)]
pub(super) struct Chunks {
    messages: Bounded<u64, Known>,
    assemblies: Bounded<u64, Assembly>,
}

impl Default for Chunks {
    fn default() -> Chunks {
        Chunks { messages: Bounded::new(LIMIT), assemblies: Bounded::new(ASSEMBLIES) }
    }
}

impl Chunks {
    /// How many messages are remembered, and how many octets of those that are not whole.
    pub fn weight(&self) -> (usize, usize) {
        (self.messages.len(), self.assemblies.values().map(|assembly| assembly.octets.len()).sum())
    }

    /// Puts no message together any more that has begun.
    pub fn let_go(&mut self) {
        for assembly in self.assemblies.values_mut() {
            (assembly.whole, assembly.octets) = (false, Vec::new());
        }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.messages.halve();
        self.assemblies.halve();
    }

    /// What is known of a message.
    pub fn message(&self, side: Side, id: &str) -> Option<Known> {
        self.messages.get(&key(side, id)).copied()
    }

    /// Takes a chunk.
    pub fn observe(
        &mut self,
        sheet: &mut Sheet<'_>,
        message: &Message,
        fields: &Fields<'_>,
        place: Place,
    ) -> Option<Sent> {
        let id = key(sheet.side, fields.message_id?.text);
        let range = match fields.byte_range {
            Some(value) => ByteRange::read(value.text)?,
            None => ByteRange { start: 1, end: None, total: None },
        };
        let chunk = Chunk { message, fields, range, body: message.body().unwrap_or_default() };
        let own = chunk.known(place);
        let last = own.sent;
        match self.messages.get_mut(&id) {
            Some(known) if range.start > 1 => {
                goes_on(sheet, &chunk, known, &own);
                known.take(own);
            }
            known => {
                if let Some(known) = known {
                    begins_again(sheet, fields, known, &own);
                }
                self.messages.insert(id, own);
            }
        }
        let excused = self.messages.get(&id).is_none_or(|known| known.excused);
        if range.start == 1 && message.flag == Flag::Complete {
            let content = (!excused).then(|| chunk.content(place)).flatten();
            return Some(Sent { range, content });
        }
        if range.start == 1 {
            let content_type = chunk.content_type().unwrap_or_default();
            self.assemblies.insert(id, Assembly { content_type, whole: !fields.encoded, ..Assembly::default() });
        }
        let content = self.assemblies.get_mut(&id).and_then(|assembly| {
            assembly.append(range.start, &chunk.body);
            (message.flag == Flag::Complete && !excused).then(|| assembly.end(sheet, range.start, last)).flatten()
        });
        Some(Sent { range, content })
    }
}

/// One chunk.
struct Chunk<'m> {
    message: &'m Message,
    fields: &'m Fields<'m>,
    range: ByteRange,
    body: Bytes,
}

impl Chunk<'_> {
    fn known(&self, place: Place) -> Known {
        let fields = self.fields;
        let texts =
            [fields.to_path, fields.from_path, fields.content_type].map(|piece| piece.map_or("", |piece| piece.text));
        let single = self.range.start == 1 && self.message.flag == Flag::Complete;
        Known {
            wants_success: fields.wants_success(),
            wants_no_failure: fields.failure_report.is_some_and(|value| value.text.eq_ignore_ascii_case("no")),
            total: self.range.total,
            sent: self.range.start.saturating_add(self.body.len() as u64).saturating_sub(1),
            excused: place.excused,
            aborted: self.message.flag == Flag::Abort,
            headers: digest(texts),
            body: single.then(|| digest(&self.body)),
        }
    }

    fn content_type(&self) -> Option<Bytes> {
        let (start, end) = self.fields.content_type.filter(|_| !self.fields.encoded)?.span();
        (end <= self.message.octets().len()).then(|| self.message.octets().slice(start..end))
    }

    /// The content of a message of one chunk.
    fn content(&self, place: Place) -> Option<Content> {
        let body = self.message.body_range()?.start;
        let at = place.at.map(|message| message + body);
        Some(Content { content_type: self.content_type()?, octets: self.body.clone(), at })
    }
}

impl Known {
    /// Takes in a further chunk. Any chunk may carry the wish for a report, and what is malformed on purpose is not held
    /// against anybody.
    fn take(&mut self, chunk: Known) {
        self.wants_success |= chunk.wants_success;
        self.excused |= chunk.excused;
        self.aborted |= chunk.aborted;
        self.total = self.total.or(chunk.total);
        self.sent = self.sent.max(chunk.sent);
    }
}

/// A chunk that is not the first.
fn goes_on(sheet: &mut Sheet<'_>, chunk: &Chunk<'_>, known: &Known, own: &Known) {
    if known.excused || own.excused {
        return;
    }
    let range = chunk.fields.byte_range.map(Piece::span);
    if let (Some(before), Some(total)) = (known.total, own.total)
        && before != total
    {
        sheet.find(&TOTAL, range, format!("the total of the chunks before, {before}"), total.to_string());
    }
    if known.aborted {
        sheet.find(&AFTER_ABORT, range, "nothing more of this message", format!("octets from {}", chunk.range.start));
    }
    if known.headers != own.headers {
        let span = chunk.fields.content_type.or(chunk.fields.to_path).map(Piece::span);
        sheet.find(&CHUNK_HEADERS, span, "the paths and the type of the first chunk", "others");
    }
}

/// A first chunk under a Message-ID that was there before.
fn begins_again(sheet: &mut Sheet<'_>, fields: &Fields<'_>, known: &Known, own: &Known) {
    let other = known.body.zip(own.body).is_some_and(|(before, now)| before != now);
    if other && !known.excused && !own.excused {
        let span = fields.message_id.map(Piece::span);
        let observed = fields.message_id.map_or_else(String::new, |id| format!("{} again", shown(id.text)));
        sheet.find(&MESSAGE_ID_REUSED, span, "a Message-ID of its own", observed);
    }
}

impl Assembly {
    /// Chunks may overlap, and come again (section 7.3.1).
    fn append(&mut self, start: u64, octets: &[u8]) {
        let Some(overlap) = (self.came + 1).checked_sub(start).and_then(|overlap| usize::try_from(overlap).ok()) else {
            return;
        };
        let fresh = octets.get(overlap..).unwrap_or_default();
        self.came += fresh.len() as u64;
        if self.whole {
            self.octets.extend_from_slice(fresh);
        }
        if self.octets.len() > LONGEST_CONTENT {
            self.whole = false;
            self.octets = Vec::new();
        }
    }

    /// The last chunk has come, which begins and ends there. Content of several chunks has no one place.
    fn end(&mut self, sheet: &mut Sheet<'_>, start: u64, last: u64) -> Option<Content> {
        let whole = std::mem::replace(&mut self.whole, false);
        let first = !std::mem::replace(&mut self.over, true);
        if first && self.came < last {
            let observed = format!("octets {} to {} have not", self.came + 1, start - 1);
            sheet.find(&GAP, None, "that all octets have come", observed);
            return None;
        }
        let octets = Bytes::from(std::mem::take(&mut self.octets));
        (whole && !self.content_type.is_empty()).then(|| Content {
            content_type: std::mem::take(&mut self.content_type),
            octets,
            at: None,
        })
    }
}
