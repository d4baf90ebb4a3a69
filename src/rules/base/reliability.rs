//! Reliable provisional responses and what acknowledges them (RFC 3262). Bounded.

use super::bounded::Bounded;
use super::piece::{Piece, is_white};
use super::sheet::{BaseRule, Sheet, Side, must, shown};
use super::sip::names::Name;
use super::sip::view::View;

static UNASKED: BaseRule = must(
    "base.sip.reliable_unasked",
    "RFC 3262 section 3",
    "A provisional response is reliable only where the INVITE supports or requires 100rel.",
);
static ORDER: BaseRule = must(
    "base.sip.rseq_order",
    "RFC 3262 section 3",
    "The RSeq of each further reliable response to an INVITE is greater by one.",
);
static PRACK: BaseRule = must(
    "base.sip.prack",
    "RFC 3262 sections 4 and 7.2",
    "The RAck of a PRACK has the RSeq of a reliable response and the CSeq of it.",
);

pub(super) static RULES: &[&BaseRule] = &[&UNASKED, &ORDER, &PRACK];

/// So many numbers of one call are remembered.
const NUMBERS: usize = 64;

/// A reliable response: the tag of who sent it, its RSeq, and the number of its INVITE.
#[derive(Debug)]
struct Sent {
    tag: String,
    number: u32,
    cseq: u32,
}

/// What was sent reliably, by who answered and by Call-ID.
#[derive(Debug)]
pub(super) struct Reliability {
    sent: Bounded<(Side, String), Vec<Sent>>,
}

impl Reliability {
    pub fn new() -> Reliability {
        Reliability { sent: Bounded::new(1024) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.sent.halve();
    }

    /// Takes a provisional response in; `supported` tells whether its INVITE knows of 100rel.
    pub fn response(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, supported: bool) {
        let (Some(value), Some((cseq, _))) = (view.line(Name::RSeq), view.cseq()) else { return };
        let Ok(number) = value.text.parse::<u32>() else { return };
        if !supported {
            let observed = format!("RSeq {}", shown(value.text));
            sheet.find(&UNASKED, Some(value.span()), "no reliable response without 100rel in the INVITE", observed);
        }
        let key = (sheet.side, view.call_id().unwrap_or_default().to_owned());
        let tag = view.tag_to().unwrap_or_default();
        let Some(sent) = self.sent.entry(key, Vec::new) else { return };
        let of_invite = sent.iter().filter(|sent| sent.tag == tag && sent.cseq == cseq);
        let last = of_invite.map(|sent| sent.number).max();
        if let Some(last) = last.filter(|last| number > last.saturating_add(1)) {
            sheet.find(&ORDER, Some(value.span()), format!("the RSeq {}", last + 1), shown(value.text));
        }
        // One that is not above the last one is sent again.
        if last.is_none_or(|last| number > last) && sent.len() < NUMBERS {
            sent.push(Sent { tag: tag.to_owned(), number, cseq });
        }
    }

    /// Takes a PRACK in. Of a call of which no reliable response was seen nothing is said.
    pub fn acknowledged(&self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        let Some(value) = view.line(Name::RAck) else { return };
        let key = (sheet.side.other(), view.call_id().unwrap_or_default().to_owned());
        let Some(sent) = self.sent.get(&key).filter(|sent| sent.len() < NUMBERS) else { return };
        let tag = view.tag_to().unwrap_or_default();
        let mut words = value.text.split(is_white).filter(|word| !word.is_empty());
        let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
        // Of what is no RAck base.sip.reliable_number tells.
        let (Some(rseq), Some(cseq)) = (number(), number()) else { return };
        let fits = |sent: &Sent| (sent.tag.as_str(), sent.number, sent.cseq) == (tag, rseq, cseq);
        if sent.iter().any(|sent| sent.tag == tag) && !sent.iter().any(fits) {
            let expected = "the RSeq and CSeq of a reliable response";
            sheet.find(&PRACK, view.line(Name::RAck).map(Piece::span), expected, shown(value.text));
        }
    }
}
