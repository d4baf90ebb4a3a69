//! Base rules of SIP that need more than one message: transactions by branch and method (RFC 3261 section 17).
//! All SIP between tester and target is seen, in the tester's order, so
//! every request and response of one transaction is there. Bounded.

use bytes::Bytes;

use super::bounded::Bounded;
use super::dialogs::Dialogs;
use super::piece::{Piece, is_white};
use super::sdp::Outline;
use super::sheet::{BaseRule, Sheet, Side, habit, must, shown};
use super::sip::view::{Start, View, parameter};
use crate::evidence::Transport;

static RESPONSE_UNASKED: BaseRule = must(
    "base.sip.response_unasked",
    "RFC 3261 sections 8.2.6 and 17.1.3",
    "A response answers a request that was sent, by branch and method; ACK is never answered.",
);
static RESPONSE_VIA: BaseRule = must(
    "base.sip.response_via",
    "RFC 3261 section 8.2.6.2",
    "A response has the Vias of its request, in their order.",
);
static RESPONSE_COPY: BaseRule = must(
    "base.sip.response_copy",
    "RFC 3261 section 8.2.6.2",
    "A response has the From, the Call-ID, the CSeq, and the tag of To of its request.",
);
static FINAL_ONCE: BaseRule = must(
    "base.sip.final_once",
    "RFC 3261 sections 13.3.1.4 and 17.2",
    "A request has one final response; only forks of an INVITE bring several 2xx, each with its own tag.",
);
static BRANCH_REUSED: BaseRule = must(
    "base.sip.branch_reused",
    "RFC 3261 section 8.1.1.7",
    "A branch belongs to one transaction: another request has another one.",
);
static RETRANSMISSION: BaseRule = habit(
    "base.sip.retransmission",
    "RFC 3261 sections 17.1.1.2 and 17.2.1",
    "What is sent again is the same to the octet.",
);
static ACK_OF_REFUSAL: BaseRule = must(
    "base.sip.ack_of_refusal",
    "RFC 3261 section 17.1.1.3",
    "The ACK of a final response other than 2xx has the branch, the URI and the CSeq number of its INVITE and the To of the response.",
);
static ACK_OF_SUCCESS: BaseRule = must(
    "base.sip.ack_of_success",
    "RFC 3261 sections 13.2.2.4 and 17.1.1.3",
    "The ACK of a 2xx has a branch of its own and the tag that the 2xx put in To; nothing is acknowledged before its final response.",
);
static CANCEL: BaseRule = must(
    "base.sip.cancel",
    "RFC 3261 section 9.1",
    "A CANCEL has the branch, URI, Call-ID, tags and CSeq number of the INVITE that it cancels, and neither Require nor Proxy-Require.",
);
static CANCEL_EARLY: BaseRule = must(
    "base.sip.cancel_early",
    "RFC 3261 section 9.1",
    "No CANCEL is sent before a provisional response to the INVITE was received.",
);
pub(super) static RULES: &[&BaseRule] = &[
    &RESPONSE_UNASKED,
    &RESPONSE_VIA,
    &RESPONSE_COPY,
    &FINAL_ONCE,
    &BRANCH_REUSED,
    &RETRANSMISSION,
    &ACK_OF_REFUSAL,
    &ACK_OF_SUCCESS,
    &CANCEL,
    &CANCEL_EARLY,
];

/// So many transactions are remembered.
const LIMIT: usize = 4096;

/// Who asked, the branch, and the method.
type Key = (Side, String, String);
/// What is remembered of a request and its answers.
#[derive(Debug)]
struct Transaction {
    octets: Bytes,
    transport: Transport,
    copied: Copied,
    uri: String,
    vias: Vec<String>,
    provisional: bool,
    finals: Vec<Final>,
    offer: Option<Outline>,
    /// Sent malformed on purpose: its answers are not held against it.
    excused: bool,
}

/// What a response copies, and a CANCEL repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copied {
    call_id: String,
    from_tag: String,
    to_tag: String,
    cseq: Option<u32>,
}

#[derive(Debug)]
struct Final {
    status: u16,
    to_tag: String,
    octets: Bytes,
}

impl Final {
    fn is_success(&self) -> bool {
        self.status < 300
    }
}

/// What the other messages say of one.
#[derive(Debug, Default)]
pub(super) struct Correlation {
    /// It was seen before, to the octet: everything about it has been said.
    pub repeated: bool,
    /// It answers a request that was malformed on purpose.
    pub excused: bool,
    /// A later request of its dialog may have overtaken it on the way.
    pub overtaken: bool,
    /// The session description that it answers.
    pub offer: Option<Outline>,
}

/// Remembers transactions.
#[derive(Debug)]
pub(super) struct Transactions {
    transactions: Bounded<Key, Transaction>,
    dialogs: Dialogs,
    /// Something that could not be split was sent on purpose: an answer to it cannot be matched.
    blurred: bool,
}

impl Transactions {
    pub fn new() -> Transactions {
        Transactions { transactions: Bounded::new(LIMIT), dialogs: Dialogs::new(), blurred: false }
    }

    /// A message that was malformed on purpose could not even be split.
    pub fn blur(&mut self) {
        self.blurred = true;
    }

    /// Takes a message in, with the session description that it carries, and checks it against those before.
    pub fn observe(
        &mut self,
        sheet: &mut Sheet<'_>,
        view: &View<'_>,
        octets: &Bytes,
        offer: Option<Outline>,
        excused: bool,
    ) -> Correlation {
        match view.status() {
            Some(status) => self.response(sheet, view, octets, status),
            None if excused => {
                self.remember(sheet.side, view, octets, offer, true);
                Correlation { excused: true, ..Correlation::default() }
            }
            None => self.request(sheet, view, octets, offer),
        }
    }

    fn request(
        &mut self,
        sheet: &mut Sheet<'_>,
        view: &View<'_>,
        octets: &Bytes,
        offer: Option<Outline>,
    ) -> Correlation {
        if let Some(before) = view.branch().and_then(|branch| self.transactions.get(&key(sheet.side, branch, view))) {
            again(sheet, view, octets, before);
            return Correlation { repeated: before.octets == *octets, ..Correlation::default() };
        }
        let mut correlation = Correlation::default();
        match view.method() {
            "ACK" => self.ack(sheet, view),
            "CANCEL" => self.cancel(sheet, view),
            _ => correlation.overtaken = self.dialogs.order(sheet, view),
        }
        if view.method() != "ACK" {
            self.remember(sheet.side, view, octets, offer, false);
        }
        correlation
    }

    fn remember(&mut self, side: Side, view: &View<'_>, octets: &Bytes, offer: Option<Outline>, excused: bool) {
        let Some(branch) = view.branch() else {
            self.blurred |= excused;
            return;
        };
        let transaction = Transaction {
            octets: octets.clone(),
            transport: view.transport,
            copied: copied(view),
            uri: uri(view),
            vias: vias(view),
            provisional: false,
            finals: Vec::new(),
            offer,
            excused,
        };
        self.transactions.insert(key(side, branch, view), transaction);
    }

    fn ack(&self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        let own = copied(view);
        let invite = (sheet.side, view.branch().unwrap_or_default().to_owned(), "INVITE".to_owned());
        if let Some(invite) = self.transactions.get(&invite) {
            acknowledges_refusal(sheet, view, invite, &own);
            return;
        }
        let same = |copied: &Copied| {
            copied.call_id == own.call_id && copied.from_tag == own.from_tag && copied.cseq == own.cseq
        };
        let invites: Vec<&Transaction> = self
            .transactions
            .latest_first()
            .filter(|((side, _, method), invite)| *side == sheet.side && method == "INVITE" && same(&invite.copied))
            .map(|(_, invite)| invite)
            .collect();
        let finals = || invites.iter().flat_map(|invite| invite.finals.iter());
        let span = view.line("CSeq").map(Piece::span);
        if invites.is_empty() {
            // Nothing is known of the INVITE.
        } else if finals().next().is_none() {
            sheet.find(&ACK_OF_SUCCESS, span, "a final response first", "an ACK before any final response");
        } else if !finals().any(Final::is_success) {
            let expected = "the branch of the INVITE, for it was refused";
            sheet.find(
                &ACK_OF_REFUSAL,
                span,
                expected,
                format!("the branch {}", shown(view.branch().unwrap_or_default())),
            );
        } else if !finals().any(|last| last.is_success() && last.to_tag == own.to_tag) {
            let span = view.line("To").map(Piece::span);
            sheet.find(&ACK_OF_SUCCESS, span, "the tag that the 2xx put in To", shown(&own.to_tag));
        }
    }

    fn cancel(&self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        let key = (sheet.side, view.branch().unwrap_or_default().to_owned(), "INVITE".to_owned());
        let Some(invite) = self.transactions.get(&key) else {
            if !self.transactions.has_forgotten() && !self.blurred {
                let observed = format!("the branch {}", shown(view.branch().unwrap_or_default()));
                sheet.find(&CANCEL, view.line("Via").map(Piece::span), "the branch of an INVITE", observed);
            }
            return;
        };
        if !invite.provisional {
            sheet.find(&CANCEL_EARLY, None, "a provisional response before the CANCEL", "none so far");
        }
        if let Some(differs) = difference(&invite.copied, &copied(view)) {
            sheet.find(&CANCEL, view.line(differs).map(Piece::span), format!("the {differs} of the INVITE"), "another");
        }
        if let Start::Request { uri, .. } = view.start
            && uri.text != invite.uri
        {
            let expected = format!("the URI of the INVITE, {}", shown(&invite.uri));
            sheet.find(&CANCEL, Some(uri.span()), expected, shown(uri.text));
        }
        for name in ["Require", "Proxy-Require"] {
            if let Some(value) = view.line(name) {
                sheet.find(&CANCEL, Some(value.span()), format!("no {name}"), shown(value.text));
            }
        }
    }

    fn response(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, octets: &Bytes, status: u16) -> Correlation {
        let Some(branch) = view.branch() else { return Correlation::default() };
        let Some(transaction) = self.transactions.get_mut(&key(sheet.side.other(), branch, view)) else {
            if !self.transactions.has_forgotten() && !self.blurred {
                let expected = "a request of this branch and method before it";
                let observed = format!("a {status} to {} with the branch {}", view.method(), shown(branch));
                sheet.find(&RESPONSE_UNASKED, view.line("Via").map(Piece::span), expected, observed);
            }
            return Correlation::default();
        };
        let mut correlation =
            Correlation { excused: transaction.excused, offer: transaction.offer.clone(), ..Correlation::default() };
        if !transaction.excused {
            copies(sheet, view, transaction);
        }
        if status < 200 {
            transaction.provisional = true;
            return correlation;
        }
        let last = Final { status, to_tag: view.tag("To").unwrap_or_default().to_owned(), octets: octets.clone() };
        correlation.repeated = transaction.finals.iter().any(|before| before.octets == last.octets);
        if !correlation.repeated {
            once(sheet, view, transaction, &last);
            transaction.finals.push(last);
        }
        correlation
    }
}

fn key(asked_by: Side, branch: &str, view: &View<'_>) -> Key {
    (asked_by, branch.to_owned(), view.method().to_owned())
}

fn copied(view: &View<'_>) -> Copied {
    Copied {
        call_id: view.call_id().unwrap_or_default().to_owned(),
        from_tag: view.tag("From").unwrap_or_default().to_owned(),
        to_tag: view.tag("To").unwrap_or_default().to_owned(),
        cseq: view.cseq().map(|(number, _)| number),
    }
}

fn uri(view: &View<'_>) -> String {
    match view.start {
        Start::Request { uri, .. } => uri.text.to_owned(),
        Start::Status(_) => String::new(),
    }
}

/// Sender and branch of each Via: what a response has to bring back unchanged. White space around the separators is no
/// part of them, and neither is the case of protocol and host (RFC 3261 sections 7.3.1 and 25.1).
fn vias(view: &View<'_>) -> Vec<String> {
    let one = |via: Piece<'_>| {
        let sent = via.text.split(';').next().unwrap_or_default();
        let mut thirds = sent.splitn(3, '/').map(str::trim);
        let (name, version, rest) = (thirds.next(), thirds.next(), thirds.next().unwrap_or_default());
        let (transport, sent_by) = rest.split_once(is_white).unwrap_or((rest, ""));
        let protocol =
            [name.unwrap_or_default(), version.unwrap_or_default(), transport].join("/").to_ascii_uppercase();
        let sent_by = sent_by.replace(is_white, "").to_ascii_lowercase();
        format!("{protocol} {sent_by};branch={}", parameter(via, "branch").unwrap_or_default())
    };
    view.values("Via").into_iter().map(one).collect()
}

/// The header by which the two differ.
fn difference(asked: &Copied, copy: &Copied) -> Option<&'static str> {
    let pairs = [
        ("Call-ID", asked.call_id == copy.call_id),
        ("From", asked.from_tag == copy.from_tag),
        ("To", asked.to_tag == copy.to_tag),
        ("CSeq", asked.cseq == copy.cseq),
    ];
    pairs.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}

/// The same branch and method again.
fn again(sheet: &mut Sheet<'_>, view: &View<'_>, octets: &Bytes, before: &Transaction) {
    let via = view.line("Via").map(Piece::span);
    if before.excused || before.octets == *octets {
        return;
    }
    if let Some(differs) = difference(&before.copied, &copied(view)) {
        let observed = format!("another {differs} under the branch {}", shown(view.branch().unwrap_or_default()));
        sheet.find(&BRANCH_REUSED, via, "a branch of its own", observed);
    } else if before.transport == view.transport {
        // Over another transport the Via is another one too (section 18.1.1).
        sheet.find(&RETRANSMISSION, None, "the octets of the request sent before", "others");
    }
}

/// An ACK with the branch of an INVITE.
fn acknowledges_refusal(sheet: &mut Sheet<'_>, view: &View<'_>, invite: &Transaction, own: &Copied) {
    let refusals = || invite.finals.iter().filter(|last| !last.is_success());
    if invite.finals.is_empty() {
        sheet.find(&ACK_OF_SUCCESS, None, "a final response first", "an ACK before any final response");
    } else if refusals().next().is_none() {
        let expected = "a branch of its own, for the INVITE was accepted";
        sheet.find(&ACK_OF_SUCCESS, view.line("Via").map(Piece::span), expected, "the branch of the INVITE");
    } else if own.cseq != invite.copied.cseq {
        sheet.find(&ACK_OF_REFUSAL, view.line("CSeq").map(Piece::span), "the CSeq number of the INVITE", "another");
    } else if !refusals().any(|last| last.to_tag == own.to_tag) {
        sheet.find(&ACK_OF_REFUSAL, view.line("To").map(Piece::span), "the To of the response", shown(&own.to_tag));
    } else if uri(view) != invite.uri {
        sheet.find(&ACK_OF_REFUSAL, None, format!("the URI {}", shown(&invite.uri)), shown(&uri(view)));
    }
}

/// What a response copies from its request.
fn copies(sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Transaction) {
    let (own, vias) = (copied(view), vias(view));
    if vias != asked.vias {
        let observed = shown(&vias.join(", "));
        sheet.find(&RESPONSE_VIA, view.line("Via").map(Piece::span), shown(&asked.vias.join(", ")), observed);
    }
    // A response puts the tag in To where the request had none.
    let to_tag = if asked.copied.to_tag.is_empty() { String::new() } else { own.to_tag.clone() };
    if let Some(differs) = difference(&asked.copied, &Copied { to_tag, ..own }) {
        let observed = view.line(differs).map_or_else(|| "none".to_owned(), |value| shown(value.text));
        sheet.find(
            &RESPONSE_COPY,
            view.line(differs).map(Piece::span),
            format!("the {differs} of the request"),
            observed,
        );
    }
}

/// A final response that differs from those before.
fn once(sheet: &mut Sheet<'_>, view: &View<'_>, asked: &Transaction, last: &Final) {
    let Some(before) = asked.finals.first() else { return };
    let fork = |before: &Final| before.is_success() && before.to_tag != last.to_tag;
    if asked.finals.iter().any(|before| before.status == last.status && before.to_tag == last.to_tag) {
        sheet.find(&RETRANSMISSION, None, "the octets of the response sent before", "others");
    } else if view.method() != "INVITE" || !last.is_success() || !asked.finals.iter().all(fork) {
        let observed = format!("a {} after a {}", last.status, before.status);
        sheet.find(&FINAL_ONCE, Some((8, 11)), "one final response", observed);
    }
}
