//! When offers and answers are made: RFC 3264 section 4, RFC 3261 section 13.2.1, RFC 3311 section 5. Bounded.

use super::exchange::{Outline, check_answer};
use super::read::Description;
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, Side, habit, must};
use crate::rules::base::sip::names::Name;
use crate::rules::base::sip::view::View;

static MISSING: BaseRule = must(
    "base.sdp.answer_missing",
    "RFC 3261 section 13.2.1, RFC 3311 section 5.2",
    "An offer in an INVITE is answered in the 2xx at the latest, one in the 2xx in the ACK, one in an UPDATE in its 2xx.",
);
static PENDING: BaseRule = habit(
    "base.sdp.offer_pending",
    "RFC 3264 section 4",
    "Nobody makes another offer in a dialog before his last one was answered or refused.",
);

pub(super) static RULES: &[&BaseRule] = &[&MISSING, &PENDING];

/// An INVITE or an UPDATE.
#[derive(Clone, Copy, Debug)]
struct Asked {
    offered: bool,
    /// A description came in a response.
    described: bool,
    /// The asker's end of the dialog, by its print.
    end: u64,
}

/// Remembers offers.
#[derive(Debug)]
pub(in crate::rules::base) struct Negotiations {
    /// By side, branch and method.
    asked: Bounded<u64, Asked>,
    /// The transaction whose offer each end of a dialog has open, and its CSeq number; none when none is.
    open: Bounded<u64, Option<(u64, u64)>>,
    /// Offers in 2xx responses, which an ACK answers: by side, Call-ID, tag and CSeq number.
    to_acknowledge: Bounded<u64, Option<Outline>>,
}

/// A message with the description that it carries.
#[derive(Clone, Copy)]
pub(in crate::rules::base) struct Told<'m> {
    pub view: &'m View<'m>,
    pub description: Option<&'m Description<'m>>,
    /// Where the description begins in the record.
    pub at: usize,
}

impl Negotiations {
    pub fn new() -> Negotiations {
        Negotiations { asked: Bounded::new(4096), open: Bounded::new(4096), to_acknowledge: Bounded::new(4096) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.asked.halve();
        self.open.halve();
        self.to_acknowledge.halve();
    }

    /// Takes a message in that was seen for the first time.
    pub fn observe(&mut self, sheet: &mut Sheet<'_>, told: Told<'_>, outline: Option<&Outline>) {
        match (told.view.method(), told.view.status()) {
            ("INVITE" | "UPDATE", None) => self.request(sheet, told),
            ("INVITE" | "UPDATE", Some(status)) => self.response(sheet, told, status, outline),
            ("ACK", None) => self.ack(sheet, told),
            _ => {}
        }
    }

    fn request(&mut self, sheet: &mut Sheet<'_>, told: Told<'_>) {
        let view = told.view;
        let transaction = transaction(sheet.side, view);
        let end = end(sheet.side, view, view.tag_from(), 0);
        let offered = told.description.is_some();
        if offered {
            let now = (transaction, number(view));
            let before = self.open.insert(end, Some(now)).flatten();
            // The same request may come by two ways, as two transactions (RFC 3261 section 8.2.2.2).
            if before.is_some_and(|before| before.0 != now.0 && before.1 != now.1) {
                let span = view.line(Name::CSeq).map(Piece::span);
                sheet.find(&PENDING, span, "the answer to the offer before", "another offer");
            }
        }
        self.asked.insert(transaction, Asked { offered, described: false, end });
    }

    fn response(&mut self, sheet: &mut Sheet<'_>, told: Told<'_>, status: u16, outline: Option<&Outline>) {
        let view = told.view;
        let transaction = transaction(sheet.side.other(), view);
        let Some(asked) = self.asked.get_mut(&transaction) else { return };
        let first = told.description.is_some() && !asked.described;
        asked.described |= first;
        if (first || status >= 200)
            && let Some(open) =
                self.open.get_mut(&asked.end).filter(|open| open.is_some_and(|(own, _)| own == transaction))
        {
            *open = None;
        }
        if !view.is_success() {
            return;
        }
        if asked.offered && !asked.described && view.body.is_empty() {
            let expected = format!("the answer to the offer in the {}", view.method());
            sheet.find(&MISSING, None, expected, "no session description, here or in a response before");
        } else if !asked.offered && first && view.method() == "INVITE" {
            self.to_acknowledge.insert(end(sheet.side, view, view.tag_to(), number(view)), outline.map(Outline::kept));
        }
    }

    fn ack(&mut self, sheet: &mut Sheet<'_>, told: Told<'_>) {
        let view = told.view;
        let end = end(sheet.side.other(), view, view.tag_to(), number(view));
        let Some(offer) = self.to_acknowledge.get_mut(&end).and_then(Option::take) else { return };
        match told.description {
            Some(answer) => check_answer(&mut sheet.inside(Some(told.at)), answer, &offer),
            None if view.body.is_empty() => {
                sheet.find(&MISSING, None, "the answer to the offer in the 2xx", "no session description");
            }
            None => {}
        }
    }
}

fn transaction(asked_by: Side, view: &View<'_>) -> u64 {
    let print = digest([view.branch().unwrap_or_default(), view.method(), view.call_id().unwrap_or_default()]);
    mix(print, asked_by as u64).max(1)
}

/// The end of a dialog that has this tag.
fn end(side: Side, view: &View<'_>, tag: Option<&str>, number: u64) -> u64 {
    let print = digest([view.call_id().unwrap_or_default(), tag.unwrap_or_default()]);
    mix(mix(print, side as u64), number)
}

fn number(view: &View<'_>) -> u64 {
    view.cseq().map_or(0, |(number, _)| u64::from(number) + 1)
}
