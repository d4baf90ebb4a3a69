//! The order of requests within a dialog (RFC 3261 section 12.2), and of registrations (section 10.2). Bounded.

use super::bounded::Bounded;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, Side, habit, must};
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

/// Who asked, Call-ID, From tag, To tag.
type Key = (Side, String, String, String);

/// The last CSeq of each side of each dialog, and what it came over.
#[derive(Debug)]
pub(super) struct Dialogs {
    last: Bounded<Key, (u32, Transport)>,
    /// The last CSeq of the REGISTERs of each side under each Call-ID.
    registered: Bounded<(Side, String), u32>,
}

impl Dialogs {
    pub fn new() -> Dialogs {
        Dialogs { last: Bounded::new(4096), registered: Bounded::new(4096) }
    }

    /// Takes a request in, and holds its CSeq against the last one of its sender in the dialog. True when a later request may
    /// have overtaken it.
    pub fn order(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>) -> bool {
        let Some((number, _)) = view.cseq() else { return false };
        if view.method() == "REGISTER" {
            self.registers(sheet, view, number);
            return false;
        }
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let (call_id, from_tag) = (text(view.call_id()), text(view.tag("From")));
        let outside = (sheet.side, call_id.clone(), from_tag.clone(), String::new());
        let key = (sheet.side, call_id, from_tag, text(view.tag("To")));
        let in_dialog = !key.3.is_empty();
        // The request that made the dialog had no tag in To.
        let before = self.last.get(&key).or_else(|| self.last.get(&outside)).copied().filter(|_| in_dialog);
        let mut overtaken = false;
        if let Some((last, transport)) = before.filter(|(last, _)| number <= *last) {
            let in_order = number == last || transport == Transport::Tcp && view.transport == Transport::Tcp;
            overtaken = !in_order;
            let rule = if in_order { &CSEQ_ORDER } else { &CSEQ_ORDER_UDP };
            let expected = format!("a CSeq above {last}");
            sheet.find(rule, view.line("CSeq").map(Piece::span), expected, number.to_string());
        }
        let highest = before.map_or(number, |(last, _)| last.max(number));
        self.last.insert(key, (highest, view.transport));
        overtaken
    }

    fn registers(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, number: u32) {
        let key = (sheet.side, view.call_id().unwrap_or_default().to_owned());
        let last = self.registered.get(&key).copied();
        if let Some(last) = last.filter(|last| number <= *last) {
            let expected = format!("a CSeq above {last}");
            sheet.find(&REGISTER_CSEQ, view.line("CSeq").map(Piece::span), expected, number.to_string());
        }
        self.registered.insert(key, last.map_or(number, |last| last.max(number)));
    }
}
