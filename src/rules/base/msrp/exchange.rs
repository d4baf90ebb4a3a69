//! Rules about what the two sides of one MSRP connection say to each other: transactions, chunks of one message, and
//! reports (RFC 4975 sections 7.1 to 7.2). Gives the content of a message when it is whole. Bounded.

use cpm_wire::msrp::{Flag, Kind, Message, Method};

use super::Place;
use super::message::{Range, field};
use crate::rules::base::bodies::Content;
use crate::rules::base::bounded::Bounded;
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, Side, habit, must, shown};

static RESPONSE_UNASKED: BaseRule = must(
    "base.msrp.response_unasked",
    "RFC 4975 section 7.2",
    "A response has the transaction id of a request that came, and there is one.",
);
static RESPONSE_PATHS: BaseRule = must(
    "base.msrp.response_paths",
    "RFC 4975 section 7.2",
    "A response to a SEND goes back to the first URI of From-Path, from the first URI of To-Path.",
);
static RESPONSE_TO_REPORT: BaseRule =
    must("base.msrp.response_to_report", "RFC 4975 section 7.1.2", "A REPORT is never answered.");
static RESPONSE_UNWANTED: BaseRule =
    must("base.msrp.response_unwanted", "RFC 4975 section 7.2", "A SEND with Failure-Report: no is not answered.");
static RESPONSE_PARTIAL: BaseRule = habit(
    "base.msrp.response_partial",
    "RFC 4975 section 7.2",
    "A SEND with Failure-Report: partial is answered by errors only.",
);
static TOTAL: BaseRule =
    must("base.msrp.total", "RFC 4975 section 7.1.1", "All chunks of a message that name a total name the same.");
static GAP: BaseRule =
    habit("base.msrp.gap", "RFC 4975 section 7.1.1", "When the last chunk has come, all octets before it have come.");
static REPORT_UNASKED: BaseRule = must(
    "base.msrp.report_unasked",
    "RFC 4975 section 7.1.2",
    "Success is reported for a message only that asked for it by Success-Report: yes.",
);

pub(super) static RULES: &[&BaseRule] = &[
    &RESPONSE_UNASKED,
    &RESPONSE_PATHS,
    &RESPONSE_TO_REPORT,
    &RESPONSE_UNWANTED,
    &RESPONSE_PARTIAL,
    &TOTAL,
    &GAP,
    &REPORT_UNASKED,
];

/// So many transactions, and messages, of a connection are remembered.
const LIMIT: usize = 4096;
/// So many messages are put together at once for the rules of content, and none that is longer.
const ASSEMBLIES: usize = 64;
const LONGEST_CONTENT: usize = 256 * 1024;

/// What an answer is held against.
#[derive(Debug)]
struct Asked {
    report: bool,
    to: String,
    from: String,
    failure_report: String,
    answered: bool,
    excused: bool,
}

/// A message that comes in chunks.
#[derive(Debug)]
struct Assembly {
    total: Option<u64>,
    content_type: Option<String>,
    encoded: bool,
    /// Octets without a gap from the first on.
    octets: Vec<u8>,
    /// Whether all of them are kept.
    whole: bool,
    /// Where the content stands in its record, when it came in one piece.
    at: Option<usize>,
    excused: bool,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Exchange {
    asked: Bounded<(Side, String), Asked>,
    messages: Bounded<(Side, String), Assembly>,
    /// Whether a message asks for reports of success.
    success_wanted: Bounded<(Side, String), bool>,
    /// One direction could not be read to its end, so answers may lack their requests.
    blurred: bool,
}

impl Default for Exchange {
    fn default() -> Exchange {
        Exchange {
            asked: Bounded::new(LIMIT),
            messages: Bounded::new(ASSEMBLIES),
            success_wanted: Bounded::new(LIMIT),
            blurred: false,
        }
    }
}

impl Exchange {
    /// A part of the connection cannot be read.
    pub fn blur(&mut self) {
        self.blurred = true;
    }

    /// Takes a message; gives its content when it is whole.
    pub fn observe(&mut self, sheet: &mut Sheet<'_>, message: &Message, place: Place) -> Option<Content> {
        match &message.kind {
            Kind::Response { status, .. } => {
                self.response(sheet, message, *status);
                None
            }
            Kind::Request { method } => {
                self.asked.insert((sheet.side, message.transaction.clone()), asked(message, method, place));
                match method {
                    Method::Send => self.chunk(sheet, message, place),
                    Method::Report if !place.excused => {
                        self.report(sheet, message);
                        None
                    }
                    _ => None,
                }
            }
        }
    }

    fn response(&mut self, sheet: &mut Sheet<'_>, message: &Message, status: u16) {
        let id = Some((5, 5 + message.transaction.len()));
        let Some(asked) = self.asked.get_mut(&(sheet.side.other(), message.transaction.clone())) else {
            if !self.asked.has_forgotten() && !self.blurred {
                let expected = "a request of this transaction before it";
                sheet.find(&RESPONSE_UNASKED, id, expected, format!("a {status} to {}", shown(&message.transaction)));
            }
            return;
        };
        if std::mem::replace(&mut asked.answered, true) {
            let observed = format!("another, {status}, to {}", shown(&message.transaction));
            sheet.find(&RESPONSE_UNASKED, id, "one response to a request", observed);
        }
        if asked.excused {
            return;
        }
        if asked.report {
            sheet.find(&RESPONSE_TO_REPORT, id, "no response to a REPORT", format!("a {status}"));
        } else if asked.failure_report == "no" {
            sheet.find(&RESPONSE_UNWANTED, id, "no response under Failure-Report: no", format!("a {status}"));
        } else if asked.failure_report == "partial" && status == 200 {
            sheet.find(&RESPONSE_PARTIAL, id, "no 200 under Failure-Report: partial", "a 200");
        }
        swapped(sheet, message, asked);
    }

    fn chunk(&mut self, sheet: &mut Sheet<'_>, message: &Message, place: Place) -> Option<Content> {
        let key = (sheet.side, field(message, "Message-ID")?.text.to_owned());
        let range = match field(message, "Byte-Range") {
            Some(value) => Range::read(value.text)?,
            None => Range { start: 1, end: None, total: None },
        };
        let body = message.body_range();
        let octets = body.clone().and_then(|body| message.octets().get(body)).unwrap_or_default();
        let wanted = field(message, "Success-Report").is_some_and(|value| value.text.eq_ignore_ascii_case("yes"));
        // Any chunk may carry the wish, and what is malformed on purpose is not held against anybody.
        *self.success_wanted.entry(key.clone(), || false)? |= wanted || place.excused;
        if range.start == 1 {
            self.messages.insert(key.clone(), assembly(message, range, place));
        }
        let known = self.messages.get_mut(&key)?;
        known.excused |= place.excused;
        if known.total.is_some() && range.total.is_some() && known.total != range.total && !known.excused {
            let expected = format!("the total of the chunks before, {}", known.total.unwrap_or_default());
            let span = field(message, "Byte-Range").map(Piece::span);
            sheet.find(&TOTAL, span, expected, range.total.unwrap_or_default().to_string());
        }
        known.total = known.total.or(range.total);
        known.append(range.start, octets, body.map(|body| body.start));
        if message.flag == Flag::More {
            return None;
        }
        let last = range.start.saturating_add(octets.len() as u64);
        let complete = message.flag == Flag::Complete && !known.excused;
        if complete && known.whole && (known.octets.len() as u64).saturating_add(1) < last {
            let observed = format!("octets {} to {} have not", known.octets.len() + 1, range.start - 1);
            sheet.find(&GAP, None, "that all octets have come", observed);
            known.whole = false;
        }
        (complete && known.whole).then(|| known.take_content()).flatten()
    }

    fn report(&mut self, sheet: &mut Sheet<'_>, message: &Message) {
        let (Some(id), Some(status)) = (field(message, "Message-ID"), field(message, "Status")) else { return };
        let wanted = self.success_wanted.get(&(sheet.side.other(), id.text.to_owned()));
        if status.text.starts_with("000 2") && wanted == Some(&false) {
            let expected = "no report of success, for the message did not ask";
            sheet.find(&REPORT_UNASKED, Some(status.span()), expected, shown(status.text));
        }
    }
}

fn asked(message: &Message, method: &Method, place: Place) -> Asked {
    let first = |name| field(message, name).and_then(|path| path.text.split(' ').next()).unwrap_or_default().to_owned();
    Asked {
        report: *method == Method::Report,
        to: first("To-Path"),
        from: first("From-Path"),
        failure_report: field(message, "Failure-Report")
            .map(|value| value.text.to_ascii_lowercase())
            .unwrap_or_default(),
        answered: false,
        excused: place.excused,
    }
}

fn assembly(message: &Message, range: Range, place: Place) -> Assembly {
    Assembly {
        total: range.total,
        content_type: field(message, "Content-Type").map(|value| value.text.to_owned()),
        encoded: field(message, "Content-Encoding").is_some(),
        octets: Vec::new(),
        whole: true,
        // Content that goes on in another chunk has no one place.
        at: place.at.filter(|_| message.flag == Flag::Complete),
        excused: place.excused,
    }
}

impl Assembly {
    /// Chunks may overlap, and come again (section 7.3.1).
    fn append(&mut self, start: u64, octets: &[u8], body_at: Option<usize>) {
        self.at = self.at.zip(body_at).map(|(message, body)| message + body);
        let known = self.octets.len() as u64;
        let Some(overlap) = (known + 1).checked_sub(start).and_then(|overlap| usize::try_from(overlap).ok()) else {
            return;
        };
        self.octets.extend_from_slice(octets.get(overlap..).unwrap_or_default());
        if self.octets.len() > LONGEST_CONTENT {
            self.whole = false;
            self.octets = Vec::new();
        }
    }

    fn take_content(&mut self) -> Option<Content> {
        let content_type = self.content_type.clone().filter(|_| !self.encoded)?;
        self.whole = false;
        Some(Content { content_type, octets: std::mem::take(&mut self.octets), at: self.at })
    }
}

/// RFC 4975 section 7.2: a SEND is answered to the first URI of its From-Path, any other request to the whole of it.
fn swapped(sheet: &mut Sheet<'_>, message: &Message, asked: &Asked) {
    for (name, expected) in [("To-Path", &asked.from), ("From-Path", &asked.to)] {
        let found = field(message, name);
        let first = found.and_then(|path| path.text.split(' ').next()).unwrap_or_default();
        if !first.eq_ignore_ascii_case(expected) {
            sheet.find(&RESPONSE_PATHS, found.map(Piece::span), format!("{expected} in {name}"), shown(first));
        }
    }
}
