//! The order of requests within a dialog (RFC 3261 section 12.2), and of registrations (section 10.2). Bounded.

use super::bounded::Bounded;
use super::digest::digest;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, Side, habit, must};
use super::sip::names::Name;
use super::sip::view::View;
use crate::evidence::Transport;

static CSEQ_ORDER: BaseRule =
    must("base.sip.cseq_order", "RFC 3261 section 12.2.1.1", "Within a dialog the CSeq of each side's requests grows.");
static CSEQ_ORDER_UDP: BaseRule = habit(
    "base.sip.cseq_order_datagrams",
    "RFC 3261 section 12.2.1.1",
    "Within a dialog requests arrive in the order of their CSeq, also when datagrams may overtake each other.",
);

static REGISTER_CSEQ: BaseRule = must(
    "base.sip.register_cseq",
    "RFC 3261 section 10.2",
    "The CSeq of the REGISTERs of one Call-ID grows, outside of any dialog.",
);

pub(super) static RULES: &[&BaseRule] = &[&CSEQ_ORDER, &CSEQ_ORDER_UDP, &REGISTER_CSEQ];

/// Who asked, and a digest of Call-ID, From tag and To tag.
type Key = (Side, u64);

/// The last CSeq of each side of each dialog, and what it came over.
#[derive(Debug)]
pub(super) struct Dialogs {
    last: Bounded<Key, (u32, Transport)>,
    /// The first and the last CSeq of the REGISTERs of each side under each Call-ID.
    registered: Bounded<Key, (u32, u32)>,
}

impl Dialogs {
    pub fn new() -> Dialogs {
        Dialogs { last: Bounded::new(4096), registered: Bounded::new(4096) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.last.halve();
        self.registered.halve();
    }

    /// Takes a request in, and holds its CSeq against the last one of its sender in the dialog. True when a later request may
    /// have overtaken it.
    pub fn order(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>) -> bool {
        let Some((number, _)) = view.cseq() else { return false };
        if view.method() == "REGISTER" {
            self.registers(sheet, view, number);
            return false;
        }
        let (call_id, from) = (view.call_id().unwrap_or_default(), view.tag_from().unwrap_or_default());
        let to = view.tag_to().unwrap_or_default();
        let side = sheet.side;
        let key = |to: &str| (side, digest((call_id, from, to)));
        // The request that made the dialog had no tag in To.
        let last = || self.last.get(&key(to)).or_else(|| self.last.get(&key(""))).copied();
        let before = if to.is_empty() { None } else { last() };
        let mut overtaken = false;
        if let Some((last, transport)) = before.filter(|(last, _)| number <= *last) {
            let in_order = number == last || transport == Transport::Tcp && view.transport == Transport::Tcp;
            overtaken = !in_order;
            let rule = if in_order { &CSEQ_ORDER } else { &CSEQ_ORDER_UDP };
            let expected = format!("a CSeq above {last}");
            sheet.find(rule, view.line(Name::CSeq).map(Piece::span), expected, number.to_string());
        }
        let highest = before.map_or(number, |(last, _)| last.max(number));
        self.last.insert(key(to), (highest, view.transport));
        overtaken
    }

    /// Who registers waits for the answer before it does so again, so over datagrams as well only a late copy comes out of
    /// order. Its transaction is known, unless the record began after it.
    fn registers(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, number: u32) {
        let key = (sheet.side, digest(view.call_id().unwrap_or_default()));
        let (first, last) = self.registered.get(&key).copied().unwrap_or((number, 0));
        if number < first && view.transport == Transport::Udp {
            return;
        }
        if self.registered.get(&key).is_some() && number <= last {
            let expected = format!("a CSeq above {last}");
            sheet.find(&REGISTER_CSEQ, view.line(Name::CSeq).map(Piece::span), expected, number.to_string());
        }
        self.registered.insert(key, (first, last.max(number)));
    }
}
