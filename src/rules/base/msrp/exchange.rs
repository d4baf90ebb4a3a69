//! Rules about what the two sides of one MSRP connection say to each other: transactions and reports (RFC 4975 sections
//! 7.1 and 7.2). What is sent is handed on to `chunks`. Bounded.

use cpm_wire::msrp::{Kind, Message, Method};

use super::Place;
use super::chunks::{Chunks, Sent};
use super::fields::Fields;
use super::message::{ByteRange, status_of};
use super::session::{self, Session};
use crate::rules::base::bodies::Content;
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::{digest, digest_without_case, mix};
use crate::rules::base::piece::Piece;
use crate::rules::base::sdp::Sessions;
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
static TRANSACTION_REUSED: BaseRule = must(
    "base.msrp.transaction_reused",
    "RFC 4975 section 7.1",
    "A transaction id that waits for its response names no other request.",
);
static AUTH_ANSWER: BaseRule = must(
    "base.msrp.auth_answer",
    "RFC 4976 sections 4.2 and 5.1",
    "A 200 to an AUTH has a Use-Path, and a 401 a WWW-Authenticate.",
);
static REPORT_UNASKED: BaseRule = must(
    "base.msrp.report_unasked",
    "RFC 4975 section 7.1.2",
    "Success is reported for a message only that asked for it by Success-Report: yes.",
);
static REPORT_UNWANTED: BaseRule = must(
    "base.msrp.report_unwanted",
    "RFC 4975 section 7.1.1",
    "No failure is reported for a message with Failure-Report: no.",
);
static REPORT_SPAN: BaseRule = habit(
    "base.msrp.report_span",
    "RFC 4975 section 7.1.2",
    "A REPORT is about octets that were sent, and names the total that the message named.",
);

pub(super) static RULES: &[&BaseRule] = &[
    &RESPONSE_UNASKED,
    &RESPONSE_PATHS,
    &RESPONSE_TO_REPORT,
    &RESPONSE_UNWANTED,
    &RESPONSE_PARTIAL,
    &TRANSACTION_REUSED,
    &AUTH_ANSWER,
    &REPORT_UNASKED,
    &REPORT_UNWANTED,
    &REPORT_SPAN,
];

/// So many transactions of a connection are remembered.
const LIMIT: usize = 4096;

/// Which request waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Send,
    Report,
    Auth,
    Other,
}

/// Which answers it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    None,
    Errors,
}

/// What an answer is held against.
#[derive(Clone, Copy, Debug)]
struct Asked {
    request: Request,
    wanted: Wanted,
    /// The prints of the next hops in To-Path and From-Path.
    to: u64,
    from: u64,
    answered: bool,
    excused: bool,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Exchange {
    asked: Bounded<u64, Asked>,
    chunks: Chunks,
    session: Session,
    /// One direction could not be read to its end, so answers may lack their requests.
    blurred: bool,
}

impl Default for Exchange {
    fn default() -> Exchange {
        Exchange { asked: Bounded::new(LIMIT), chunks: Chunks::default(), session: Session::default(), blurred: false }
    }
}

/// The print of an id of one side.
pub(super) fn key(side: Side, id: &str) -> u64 {
    mix(digest(id.as_bytes()), side as u64)
}

impl Exchange {
    /// A connection that this side opened.
    pub fn opened_by(side: Side) -> Exchange {
        Exchange { session: Session::opened_by(side), ..Exchange::default() }
    }

    /// How much is remembered, and how many octets of messages that are not whole.
    pub fn weight(&self) -> (usize, usize) {
        let (messages, octets) = self.chunks.weight();
        (self.asked.len() + messages, octets)
    }

    /// Puts no message together any more that has begun.
    pub fn let_go(&mut self) {
        self.chunks.let_go();
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.asked.halve();
        self.chunks.halve();
        self.session.halve();
    }

    /// A part of the connection cannot be read.
    pub fn blur(&mut self) {
        self.blurred = true;
    }

    /// Takes a message; gives its content when it is whole.
    pub fn observe(
        &mut self,
        sheet: &mut Sheet<'_>,
        message: &Message,
        fields: &Fields<'_>,
        place: Place,
        sessions: &Sessions,
    ) -> Option<Content> {
        let method = match &message.kind {
            Kind::Response { status, .. } => {
                self.response(sheet, message, fields, *status);
                return None;
            }
            Kind::Request { method } => method,
        };
        self.request(sheet, message, asked(fields, method, place));
        match method {
            Method::Send => {
                let sent = self.chunks.observe(sheet, message, fields, place);
                let range = sent.as_ref().map(|sent| sent.range);
                if !place.excused && !self.blurred {
                    self.session.sends(sheet, fields, sessions);
                } else {
                    self.session.begins_unseen();
                }
                if !place.excused {
                    session::fits(sheet, fields, range, sessions);
                }
                sent.and_then(|Sent { content, .. }| content)
            }
            Method::Report if !place.excused => {
                self.report(sheet, fields);
                None
            }
            _ => None,
        }
    }

    fn request(&mut self, sheet: &mut Sheet<'_>, message: &Message, asked: Asked) {
        let before = self.asked.insert(key(sheet.side, &message.transaction), asked);
        let waits = |before: &Asked| {
            !before.answered && !before.excused && before.request != Request::Report && before.wanted == Wanted::All
        };
        if before.as_ref().is_some_and(waits) && !asked.excused && !self.blurred {
            let observed = format!("{} again, which was not answered", shown(&message.transaction));
            sheet.find(&TRANSACTION_REUSED, id_of(message), "a transaction id of its own", observed);
        }
    }

    fn response(&mut self, sheet: &mut Sheet<'_>, message: &Message, fields: &Fields<'_>, status: u16) {
        let id = id_of(message);
        let Some(asked) = self.asked.get_mut(&key(sheet.side.other(), &message.transaction)) else {
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
        let fault = match (asked.request, asked.wanted, status) {
            (Request::Report, ..) => Some((&RESPONSE_TO_REPORT, "no response to a REPORT")),
            (_, Wanted::None, _) => Some((&RESPONSE_UNWANTED, "no response under Failure-Report: no")),
            (_, Wanted::Errors, 200) => Some((&RESPONSE_PARTIAL, "no 200 under Failure-Report: partial")),
            (Request::Auth, _, 200) if fields.use_path.is_none() => Some((&AUTH_ANSWER, "a Use-Path")),
            (Request::Auth, _, 401) if !fields.challenges => Some((&AUTH_ANSWER, "a WWW-Authenticate")),
            _ => None,
        };
        if let Some((rule, expected)) = fault {
            sheet.find(rule, id, expected, format!("a {status}"));
        }
        swapped(sheet, fields, *asked);
    }

    fn report(&self, sheet: &mut Sheet<'_>, fields: &Fields<'_>) {
        let (Some(id), Some(value)) = (fields.message_id, fields.status) else { return };
        let Some((0, status)) = status_of(value.text) else { return };
        let Some(message) = self.chunks.message(sheet.side.other(), id.text).filter(|message| !message.excused) else {
            return;
        };
        let success = (200..300).contains(&status);
        if success && !message.wants_success {
            let expected = "no report of success, for the message did not ask";
            sheet.find(&REPORT_UNASKED, Some(value.span()), expected, shown(value.text));
        } else if !success && message.wants_no_failure {
            let expected = "no report of failure, for the message wants none";
            sheet.find(&REPORT_UNWANTED, Some(value.span()), expected, shown(value.text));
        }
        let range = fields.byte_range.and_then(|range| Some((range, ByteRange::read(range.text)?)));
        if let Some((range, ByteRange { end, total, .. })) = range {
            let other = total.zip(message.total).is_some_and(|(total, known)| total != known);
            if end.is_some_and(|end| end > message.sent) || other {
                let expected = format!("octets up to {}, and the total of the message", message.sent);
                sheet.find(&REPORT_SPAN, Some(range.span()), expected, shown(range.text));
            }
        }
    }
}

fn id_of(message: &Message) -> Option<(usize, usize)> {
    Some((5, 5 + message.transaction.len()))
}

fn asked(fields: &Fields<'_>, method: &Method, place: Place) -> Asked {
    let wants = |word: &str| fields.failure_report.is_some_and(|value| value.text.eq_ignore_ascii_case(word));
    Asked {
        request: match method {
            Method::Send => Request::Send,
            Method::Report => Request::Report,
            Method::Other(name) if name == "AUTH" => Request::Auth,
            Method::Other(_) => Request::Other,
        },
        wanted: match fields.failure_report {
            Some(_) if wants("no") => Wanted::None,
            Some(_) if wants("partial") => Wanted::Errors,
            _ => Wanted::All,
        },
        to: digest_without_case(Fields::next(fields.to_path)),
        from: digest_without_case(Fields::next(fields.from_path)),
        answered: false,
        excused: place.excused,
    }
}

/// RFC 4975 section 7.2: a SEND is answered to the first URI of its From-Path, any other request to the whole of it.
fn swapped(sheet: &mut Sheet<'_>, fields: &Fields<'_>, asked: Asked) {
    let both =
        [("To-Path", fields.to_path, asked.from, "From-Path"), ("From-Path", fields.from_path, asked.to, "To-Path")];
    for (name, found, expected, source) in both {
        let next = Fields::next(found);
        if digest_without_case(next) != expected {
            let expected = format!("in {name} the first URI that the request has in {source}");
            sheet.find(&RESPONSE_PATHS, found.map(Piece::span), expected, shown(next));
        }
    }
}
