//! Rules about the records of one session, accounting or credit control: their numbers, and which type follows which
//! (RFC 6733 section 9.8, RFC 8506 sections 8.2 and 8.3). Bounded.

use std::collections::VecDeque;

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{CommandFlags, application, command};

use super::view::{Seen, View};
use crate::rules::base::bounded::Bounded;
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must};

static NUMBER: BaseRule = must(
    "base.diameter.record_number",
    "RFC 6733 section 9.8.3, RFC 8506 section 8.2",
    "No two records of one session have the same number.",
);
static ORDER: BaseRule = habit(
    "base.diameter.record_order",
    "RFC 6733 section 9.8.3, RFC 8506 section 8.2",
    "The numbers of the records of one session grow.",
);
static SEQUENCE: BaseRule = must(
    "base.diameter.record_sequence",
    "RFC 6733 section 9.8.1, RFC 8506 section 8.3",
    "A session is begun once, and nothing follows its end; an accounting event is the only record of its session.",
);

pub(super) static RULES: &[&BaseRule] = &[&NUMBER, &ORDER, &SEQUENCE];

/// So many sessions are remembered, and so many of the last records of each.
const SESSIONS: usize = 4096;
const RECORDS: usize = 32;

/// What a record does to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Event,
    Begin,
    Middle,
    End,
}

/// A session: its command, and the values of Session-Id and of the AVP that tells sessions within it apart.
type Key = (u32, Box<[u8]>, Box<[u8]>);

/// What is known of a session.
#[derive(Debug, Default)]
struct Session {
    /// The last record that was looked at.
    last: Option<Step>,
    highest: Option<u32>,
    /// Numbers, and the End-to-End Identifiers of the requests that bore them.
    records: VecDeque<(u32, u32)>,
}

/// All sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    sessions: Bounded<Key, Session>,
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions { sessions: Bounded::new(SESSIONS) }
    }
}

impl Sessions {
    /// Takes a message that can be read. One that is excused tells nothing of the order of the others.
    pub fn observe(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, excused: bool) {
        let Some(key) = key(view) else { return };
        if !view.is_request() {
            return self.answer(view, key);
        }
        let Some((kind, number, step)) = record(view) else { return };
        let Some(session) = self.sessions.entry(key, Session::default) else { return };
        // The same request again, on its next hop or after a failure.
        let again = session.records.iter().any(|(_, end_to_end)| *end_to_end == view.end_to_end);
        let value = number.word().filter(|_| !again);
        let Some(value) = value else { return };
        if !excused && !view.has(CommandFlags::RETRANSMITTED) {
            session.check(sheet, (kind, step), (number, value));
        }
        session.take(step, value, view.end_to_end);
    }

    /// What was refused has not happened; the client may say it again, as something new.
    fn answer(&mut self, view: &View<'_>, key: Key) {
        let went_well = view.find(&RESULT_CODE).and_then(Seen::word).is_some_and(|code| (2000..3000).contains(&code));
        if let Some(session) = self.sessions.get_mut(&key).filter(|_| !went_well) {
            *session = Session::default();
        }
    }
}

impl Session {
    fn check(&self, sheet: &mut Sheet<'_>, (kind, step): (&Seen<'_>, Step), (number, value): (&Seen<'_>, u32)) {
        let before = self.last.map_or("", |last| match last {
            Step::Event => "the one record of an event",
            Step::Begin => "the begin of the session",
            Step::Middle => "a record in its midst",
            Step::End => "its end",
        });
        let accounting = kind.is(&ACCOUNTING_RECORD_TYPE);
        let fits = match (self.last, step) {
            (None, _) => true,
            (Some(Step::End), step) => step == Step::Event && !accounting,
            (Some(Step::Event), _) => !accounting,
            (Some(_), Step::Begin) => false,
            // Questions about prices and balances may be asked meanwhile.
            (Some(_), Step::Event) => !accounting,
            (Some(_), Step::Middle | Step::End) => true,
        };
        if !fits {
            sheet.find(
                &SEQUENCE,
                Some(kind.data_span()),
                "a record that can follow",
                format!("{step:?} after {before}"),
            );
        }
        if self.records.iter().any(|(known, _)| *known == value) {
            sheet.find(&NUMBER, Some(number.data_span()), "a number of its own", format!("{value} again"));
        } else if let Some(highest) = self.highest.filter(|highest| value < *highest) {
            sheet.find(&ORDER, Some(number.data_span()), format!("more than {highest}"), value.to_string());
        }
    }

    fn take(&mut self, step: Step, value: u32, end_to_end: u32) {
        self.last = Some(step);
        self.highest = self.highest.max(Some(value));
        if self.records.len() == RECORDS {
            self.records.pop_front();
        }
        self.records.push_back((value, end_to_end));
    }
}

/// The session of a message, if it is of one that has records.
fn key(view: &View<'_>) -> Option<Key> {
    let within = match (view.command, view.application) {
        (command::ACCOUNTING, application::ACCOUNTING) => &ACCOUNTING_SUB_SESSION_ID,
        (command::CREDIT_CONTROL, application::CREDIT_CONTROL) => &CC_SUB_SESSION_ID,
        _ => return None,
    };
    let within = view.find(within).map_or(Box::default(), |avp| avp.data.into());
    Some((view.command, view.find(&SESSION_ID)?.data.into(), within))
}

/// The AVPs with type and number of the record of a request, and what it does.
fn record<'v, 'a>(view: &'v View<'a>) -> Option<(&'v Seen<'a>, &'v Seen<'a>, Step)> {
    let accounting = view.command == command::ACCOUNTING;
    let (kind, number) = match accounting {
        true => (&ACCOUNTING_RECORD_TYPE, &ACCOUNTING_RECORD_NUMBER),
        false => (&CC_REQUEST_TYPE, &CC_REQUEST_NUMBER),
    };
    let (kind, number) = (view.find(kind)?, view.find(number)?);
    let step = match (accounting, kind.word()?) {
        (true, 1) | (false, 4) => Step::Event,
        (true, 2) | (false, 1) => Step::Begin,
        (true, 3) | (false, 2) => Step::Middle,
        (true, 4) | (false, 3) => Step::End,
        _ => return None,
    };
    Some((kind, number, step))
}
