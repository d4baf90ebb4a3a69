//! Base rules of SIP that need more than one message: transactions by branch and method (RFC 3261 section 17).
//! All SIP between tester and target is seen, in the tester's order, so
//! every request and response of one transaction is there. Bounded.

use cpm_wire::search::find;
use cpm_wire::time::Time;

use super::alone::Read;
use super::bounded::Bounded;
use super::dialogs::Dialogs;
use super::digest::{digest, mix};
use super::glare::Glare;
use super::lifetimes::{Asked, Lifetimes};
use super::piece::Piece;
use super::reliability::Reliability;
use super::sdp::Outline;
use super::sessions::Sessions;
use super::sheet::{BaseRule, SHOWN, Sheet, Side, habit, must, shown};
use super::sip::names::Name;
use super::sip::view::{Start, View};
use super::subscriptions::Subscriptions;
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
static LATE_TRYING: BaseRule = habit(
    "base.sip.late_trying",
    "RFC 3261 sections 8.2.6.1 and 17.2.1",
    "A 100 comes before every other response to its request.",
);
pub(super) static RULES: &[&BaseRule] = &[
    &LATE_TRYING,
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

/// Who asked, and a digest of the branch and the method.
type Key = (Side, u64);
/// So many transactions of one request that was asked several ways are held against its ACK.
const FORKS: usize = 16;

/// What is remembered of a request and its answers.
#[derive(Debug)]
pub(super) struct Transaction {
    /// The print of the request.
    octets: u64,
    transport: Transport,
    copied: Copied,
    /// That of an INVITE, which its CANCEL and ACK repeat.
    uri: String,
    vias: u64,
    /// The Vias as they stand, as far as a finding shows them.
    said: Box<str>,
    asked: Asked,
    provisional: bool,
    /// Another response than 100 was sent.
    answered: bool,
    finals: Vec<Final>,
    offer: Option<Outline>,
    /// Sent malformed on purpose: its answers are not held against it.
    excused: bool,
}

/// The prints of a message, by which it is known again and found.
#[derive(Debug)]
pub(super) struct Prints {
    /// Of the branch and the method.
    key: u64,
    octets: u64,
    copied: Copied,
    vias: u64,
}

impl Prints {
    pub fn of(view: &View<'_>, octets: &[u8]) -> Prints {
        let key = digest((view.branch().unwrap_or_default(), view.method()));
        Prints { key, octets: digest(octets), copied: copied(view), vias: vias(view) }
    }
}

impl Transaction {
    /// What will be remembered of a request; none where it has no branch to be found by.
    pub fn of(view: &View<'_>, prints: &Prints, offer: Option<&Outline>) -> Option<Transaction> {
        view.branch().filter(|_| view.is_request())?;
        Some(Transaction {
            octets: prints.octets,
            transport: view.transport,
            copied: prints.copied,
            uri: if view.method() == "INVITE" { uri(view).to_owned() } else { String::new() },
            vias: prints.vias,
            said: said(view).into(),
            asked: Asked::of(view),
            provisional: false,
            answered: false,
            finals: Vec::new(),
            offer: offer.map(Outline::kept),
            excused: false,
        })
    }
}

/// What a response copies, and a CANCEL repeats: digests, for they are compared alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Copied {
    call_id: u64,
    from_tag: u64,
    to_tag: u64,
    /// Whether there is a tag in To.
    in_dialog: bool,
    cseq: Option<u32>,
}

#[derive(Debug)]
struct Final {
    status: u16,
    to_tag: u64,
    octets: u64,
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
    /// The INVITEs of each side by Call-ID, tag of From, and CSeq: what the ACK of a 2xx is found by.
    invites: Bounded<(Side, u64), Vec<Key>>,
    dialogs: Dialogs,
    sessions: Sessions,
    subscriptions: Subscriptions,
    lifetimes: Lifetimes,
    reliability: Reliability,
    glare: Glare,
    /// Something that could not be split was sent on purpose: an answer to it cannot be matched.
    blurred: bool,
}

impl Transactions {
    pub fn new() -> Transactions {
        Transactions {
            transactions: Bounded::new(LIMIT),
            invites: Bounded::new(LIMIT),
            dialogs: Dialogs::new(),
            sessions: Sessions::new(),
            subscriptions: Subscriptions::new(),
            lifetimes: Lifetimes::new(),
            reliability: Reliability::new(),
            glare: Glare::new(),
            blurred: false,
        }
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.transactions.halve();
        self.invites.halve();
        self.dialogs.halve();
        self.sessions.halve();
        self.subscriptions.halve();
        self.lifetimes.halve();
        self.reliability.halve();
    }

    /// What comes next comes now, and over this stream, if it comes over one.
    pub fn at(&mut self, now: Time, stream: Option<u64>) {
        self.glare.at(now, stream);
    }

    /// A message that was malformed on purpose could not even be split.
    pub fn blur(&mut self) {
        self.blurred = true;
    }

    /// Takes a message in, and checks it against those before.
    pub fn observe(&mut self, sheet: &mut Sheet<'_>, read: &mut Read<'_>) -> Correlation {
        match read.view.status() {
            Some(status) => self.response(sheet, read, status),
            None => self.request(sheet, read),
        }
    }

    /// Takes a message in that is malformed on purpose: a request is remembered, so that nobody is blamed for its answers.
    pub fn excuse(&mut self, sheet: &mut Sheet<'_>, read: &mut Read<'_>) {
        if let Some(status) = read.view.status() {
            self.response(sheet, read, status);
        } else if let Some(transaction) = read.transaction.take() {
            self.remember(sheet.side, read, Transaction { offer: None, excused: true, ..transaction });
        } else {
            self.blurred = true;
        }
    }

    fn request(&mut self, sheet: &mut Sheet<'_>, read: &mut Read<'_>) -> Correlation {
        let (view, prints) = (&read.view, &read.prints);
        if let Some(before) = view.branch().and_then(|_| self.transactions.get(&(sheet.side, prints.key))) {
            again(sheet, view, prints, before);
            return Correlation { repeated: before.octets == prints.octets, ..Correlation::default() };
        }
        let mut correlation = Correlation::default();
        match view.method() {
            "ACK" => self.ack(sheet, view, prints.copied),
            "CANCEL" => self.cancel(sheet, view, prints.copied),
            _ => correlation.overtaken = self.dialogs.order(sheet, view),
        }
        self.sessions.request(sheet, view, read.begun.take());
        self.subscriptions.request(sheet, view);
        self.lifetimes.request(sheet, view);
        self.reliability.acknowledged(sheet, view);
        self.glare.request(sheet.side, view);
        if let Some(transaction) = read.transaction.take().filter(|_| view.method() != "ACK") {
            self.remember(sheet.side, read, transaction);
        }
        correlation
    }

    fn remember(&mut self, side: Side, read: &Read<'_>, transaction: Transaction) {
        let key = (side, read.prints.key);
        self.transactions.insert(key, transaction);
        if read.view.method() == "INVITE"
            && let Some(invites) = self.invites.entry((side, of_ack(&read.prints.copied)), Vec::new)
            && invites.len() < FORKS
        {
            invites.push(key);
        }
    }

    fn ack(&self, sheet: &mut Sheet<'_>, view: &View<'_>, own: Copied) {
        let invite = (sheet.side, digest((view.branch().unwrap_or_default(), "INVITE")));
        if let Some(invite) = self.transactions.get(&invite) {
            acknowledges_refusal(sheet, view, invite, &own);
            return;
        }
        let keys = self.invites.get(&(sheet.side, of_ack(&own))).map_or(&[][..], Vec::as_slice);
        let invites: Vec<&Transaction> = keys.iter().filter_map(|key| self.transactions.get(key)).collect();
        let finals = || invites.iter().flat_map(|invite| invite.finals.iter());
        let span = view.line(Name::CSeq).map(Piece::span);
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
            let (span, tag) = (view.line(Name::To).map(Piece::span), view.tag_to().unwrap_or_default());
            sheet.find(&ACK_OF_SUCCESS, span, "the tag that the 2xx put in To", shown(tag));
        }
    }

    fn cancel(&self, sheet: &mut Sheet<'_>, view: &View<'_>, own: Copied) {
        let key = (sheet.side, digest((view.branch().unwrap_or_default(), "INVITE")));
        let Some(invite) = self.transactions.get(&key) else {
            if !self.transactions.has_forgotten() && !self.blurred {
                let observed = format!("the branch {}", shown(view.branch().unwrap_or_default()));
                sheet.find(&CANCEL, view.line(Name::Via).map(Piece::span), "the branch of an INVITE", observed);
            }
            return;
        };
        if !invite.provisional {
            sheet.find(&CANCEL_EARLY, None, "a provisional response before the CANCEL", "none so far");
        }
        if let Some(differs) = difference(invite.copied, own) {
            sheet.find(
                &CANCEL,
                view.line(differs).map(Piece::span),
                format!("the {} of the INVITE", differs.text()),
                "another",
            );
        }
        if let Start::Request { uri, .. } = view.start
            && uri.text != invite.uri
        {
            let expected = format!("the URI of the INVITE, {}", shown(&invite.uri));
            sheet.find(&CANCEL, Some(uri.span()), expected, shown(uri.text));
        }
        for name in [Name::Require, Name::ProxyRequire] {
            if let Some(value) = view.line(name) {
                sheet.find(&CANCEL, Some(value.span()), format!("no {}", name.text()), shown(value.text));
            }
        }
    }

    fn response(&mut self, sheet: &mut Sheet<'_>, read: &Read<'_>, status: u16) -> Correlation {
        let (view, prints) = (&read.view, &read.prints);
        let Some(branch) = view.branch() else { return Correlation::default() };
        let Some(transaction) = self.transactions.get_mut(&(sheet.side.other(), prints.key)) else {
            if !self.transactions.has_forgotten() && !self.blurred {
                let expected = "a request of this branch and method before it";
                let observed = format!("a {status} to {} with the branch {}", view.method(), shown(branch));
                sheet.find(&RESPONSE_UNASKED, view.line(Name::Via).map(Piece::span), expected, observed);
            }
            return Correlation::default();
        };
        let mut correlation =
            Correlation { excused: transaction.excused, offer: transaction.offer.clone(), ..Correlation::default() };
        if !transaction.excused {
            copies(sheet, view, prints, transaction);
        }
        if status == 100 && transaction.answered {
            sheet.find(&LATE_TRYING, Some((8, 11)), "no 100 after another response", "a 100");
        }
        transaction.answered |= status > 100;
        self.sessions.response(sheet, view);
        if status < 200 {
            transaction.provisional = true;
            self.reliability.response(sheet, view, transaction.asked.reliable || transaction.excused);
            return correlation;
        }
        let last = Final { status, to_tag: prints.copied.to_tag, octets: prints.octets };
        correlation.repeated = transaction.finals.iter().any(|before| before.octets == last.octets);
        if !correlation.repeated {
            once(sheet, view, transaction, &last);
            self.glare.response(sheet, view, transaction.finals.is_empty() && !transaction.excused);
            self.subscriptions.response(sheet, view);
            self.lifetimes.response(sheet, view, &transaction.asked);
            transaction.finals.push(last);
        }
        correlation
    }
}

fn copied(view: &View<'_>) -> Copied {
    Copied {
        call_id: digest(view.call_id().unwrap_or_default()),
        from_tag: digest(view.tag_from().unwrap_or_default()),
        to_tag: digest(view.tag_to().unwrap_or_default()),
        in_dialog: view.tag_to().is_some_and(|tag| !tag.is_empty()),
        cseq: view.cseq().map(|(number, _)| number),
    }
}

/// What an ACK has in common with its INVITE, whatever the branch.
fn of_ack(copied: &Copied) -> u64 {
    digest((copied.call_id, copied.from_tag, copied.cseq))
}

fn uri<'m>(view: &View<'m>) -> &'m str {
    match view.start {
        Start::Request { uri, .. } => uri.text,
        Start::Status(_) => "",
    }
}

/// Sender and branch of each Via: what a response has to bring back unchanged. White space around the separators is no
/// part of them, and neither is the case of protocol and host (RFC 3261 sections 7.3.1 and 25.1).
fn vias(view: &View<'_>) -> u64 {
    view.vias().fold(0, |before, (via, branch)| {
        let octets = via.text.as_bytes();
        let sent = octets.get(..memchr::memchr(b';', octets).unwrap_or(octets.len())).unwrap_or_default();
        mix(mix(before, without_space(sent)), digest(branch))
    })
}

/// The print of protocol and host, which white space parts. Elsewhere it is dropped: two that differ in no more say the same.
fn without_space(sent: &[u8]) -> u64 {
    let mut kept = Vec::with_capacity(sent.len());
    let mut rest = sent;
    while let Some(white) = find([b' ', b'\t', b'\r', b'\n', 0x0c], rest) {
        kept.extend_from_slice(rest.get(..white).unwrap_or_default());
        rest = rest.get(white + 1..).unwrap_or_default();
    }
    kept.extend_from_slice(rest);
    kept.make_ascii_lowercase();
    digest(&kept[..])
}

/// The Vias, as far as they are shown.
fn said(view: &View<'_>) -> String {
    let room = view.lines(Name::Via).map(|line| line.text.len() + 2).sum::<usize>().saturating_sub(2);
    let mut said = String::with_capacity(room.min(5 * SHOWN));
    for (place, (via, _)) in view.vias().enumerate() {
        said.push_str(if place == 0 { "" } else { ", " });
        said.push_str(via.text);
        if said.len() > 4 * SHOWN {
            break;
        }
    }
    said
}

/// The header by which the two differ.
fn difference(asked: Copied, copy: Copied) -> Option<Name> {
    let pairs = [
        (Name::CallId, asked.call_id == copy.call_id),
        (Name::From, asked.from_tag == copy.from_tag),
        (Name::To, asked.to_tag == copy.to_tag),
        (Name::CSeq, asked.cseq == copy.cseq),
    ];
    pairs.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}

/// The same branch and method again.
fn again(sheet: &mut Sheet<'_>, view: &View<'_>, prints: &Prints, before: &Transaction) {
    let via = view.line(Name::Via).map(Piece::span);
    if before.excused || before.octets == prints.octets {
        return;
    }
    if let Some(differs) = difference(before.copied, prints.copied) {
        let observed =
            format!("another {} under the branch {}", differs.text(), shown(view.branch().unwrap_or_default()));
        sheet.find(&BRANCH_REUSED, via, "a branch of its own", observed);
    } else if before.transport == view.transport {
        // Over another transport the Via is another one too (section 18.1.1).
        sheet.find(&RETRANSMISSION, None, "the octets of the request sent before", "others");
    }
}

/// An ACK with the branch of an INVITE.
fn acknowledges_refusal(sheet: &mut Sheet<'_>, view: &View<'_>, invite: &Transaction, own: &Copied) {
    let tag = view.tag_to().unwrap_or_default();
    let refusals = || invite.finals.iter().filter(|last| !last.is_success());
    if invite.finals.is_empty() {
        sheet.find(&ACK_OF_SUCCESS, None, "a final response first", "an ACK before any final response");
    } else if refusals().next().is_none() {
        let expected = "a branch of its own, for the INVITE was accepted";
        sheet.find(&ACK_OF_SUCCESS, view.line(Name::Via).map(Piece::span), expected, "the branch of the INVITE");
    } else if own.cseq != invite.copied.cseq {
        sheet.find(&ACK_OF_REFUSAL, view.line(Name::CSeq).map(Piece::span), "the CSeq number of the INVITE", "another");
    } else if !refusals().any(|last| last.to_tag == own.to_tag) {
        sheet.find(&ACK_OF_REFUSAL, view.line(Name::To).map(Piece::span), "the To of the response", shown(tag));
    } else if uri(view) != invite.uri {
        sheet.find(&ACK_OF_REFUSAL, None, format!("the URI {}", shown(&invite.uri)), shown(uri(view)));
    }
}

/// What a response copies from its request.
fn copies(sheet: &mut Sheet<'_>, view: &View<'_>, prints: &Prints, asked: &Transaction) {
    let own = prints.copied;
    if prints.vias != asked.vias {
        sheet.find(&RESPONSE_VIA, view.line(Name::Via).map(Piece::span), shown(&asked.said), shown(&said(view)));
    }
    // A response puts the tag in To where the request had none.
    let to_tag = if asked.copied.in_dialog { own.to_tag } else { asked.copied.to_tag };
    if let Some(differs) = difference(asked.copied, Copied { to_tag, ..own }) {
        let observed = view.line(differs).map_or_else(|| "none".to_owned(), |value| shown(value.text));
        sheet.find(
            &RESPONSE_COPY,
            view.line(differs).map(Piece::span),
            format!("the {} of the request", differs.text()),
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
