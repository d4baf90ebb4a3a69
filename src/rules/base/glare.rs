//! Two INVITEs that cross in one dialog (RFC 3261 section 14.2). Bounded.
//!
//! What a side had received when it asked cannot be seen on the wire. But while the wire has carried no answer to its INVITE,
//! none has arrived; and two things tell that the INVITE was on its way when its sender accepted that of the other side:
//!
//! - It was seen before that of the other side. Then it was sent before the other arrived, and so before its answer.
//! - It was seen second, and the 2xx came later over the same connection. A stream keeps the order of its sender, who either
//!   had the INVITE of the other side and was not to ask before it was answered (section 14.1), or had asked before that came
//!   and was to refuse it (section 14.2). Which of the two it was need not be known.
//!
//! Over UDP, and over two connections, nothing more can be told of whoever asked second. The 2xx may have been sent first, and
//! then its sender may ask: a datagram is overtaken, or it is lost and the one seen is another copy, which may come half a minute
//! later, so that no time tells either. Neither can it be told behind a proxy, whose other side may be UDP. There the side that
//! was seen second is not judged.

use std::time::Duration;

use cpm_wire::time::Time;

use super::bounded::Bounded;
use super::digest::digest;
use super::sheet::{BaseRule, Sheet, Side, must};
use super::sip::view::View;

static GLARE: BaseRule = must(
    "base.sip.glare",
    "RFC 3261 sections 14.1 and 14.2",
    "Who waits for the answer to an INVITE in a dialog accepts none of the other side there, but refuses it with 491.",
);

pub(super) static RULES: &[&BaseRule] = &[&GLARE];

/// An INVITE that waits for longer may have been given up by whoever sent it. Those that cross are answered at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who asked, and a digest of Call-ID and the tags of From and To.
type Key = (Side, u64);

/// An INVITE within a dialog that waits for a final response.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: Time,
    /// How many came before it.
    place: u64,
    number: u32,
    /// The stream over which whoever sent it keeps the order of what it sends.
    stream: Option<u64>,
}

/// Remembers those of each side of each dialog.
#[derive(Debug)]
pub(super) struct Glare {
    waiting: Bounded<Key, Option<Waiting>>,
    invites: u64,
    now: Time,
    /// The stream over which comes what comes now.
    stream: Option<u64>,
}

impl Glare {
    pub fn new() -> Glare {
        Glare { waiting: Bounded::new(2048), invites: 0, now: Time::ZERO, stream: None }
    }

    /// What comes next comes now, and over this stream.
    pub fn at(&mut self, now: Time, stream: Option<u64>) {
        (self.now, self.stream) = (now, stream);
    }

    /// Takes a request in that was not seen before.
    pub fn request(&mut self, side: Side, view: &View<'_>) {
        let (Some((number, method)), Some(from), Some(to)) = (view.cseq(), view.tag_from(), view.tag_to()) else {
            return;
        };
        let key = (side, digest((view.call_id(), from, to)));
        match method {
            "INVITE" => {
                self.invites += 1;
                let stream = self.stream.filter(|_| view.vias().count() == 1);
                self.waiting.insert(key, Some(Waiting { since: self.now, place: self.invites, number, stream }));
            }
            // Who acknowledges has been answered, and who ends the session waits for nothing.
            "ACK" | "BYE" => self.ends(&key, None),
            _ => {}
        }
    }

    /// Takes a final response in, which is the first to its request, or is not.
    pub fn response(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>, first: bool) {
        let (Some((number, "INVITE")), Some(from), Some(to)) = (view.cseq(), view.tag_from(), view.tag_to()) else {
            return;
        };
        let of = |side, from, to| self.waiting.get(&(side, digest((view.call_id(), from, to)))).copied().flatten();
        let (asked, own) = (of(sheet.side.other(), from, to), of(sheet.side, to, from));
        self.ends(&(sheet.side.other(), digest((view.call_id(), from, to))), Some(number));
        let in_order = |own: &Waiting| own.stream.is_some() && own.stream == self.stream;
        let before = |own: &Waiting| {
            asked.is_some_and(|asked| asked.number == number && (own.place < asked.place || in_order(own)))
        };
        let recent = |own: &Waiting| self.now.since(own.since) < PATIENCE;
        if let Some(own) = own.filter(before).filter(recent).filter(|_| first && view.is_success()) {
            let expected = format!("491, for the INVITE of its sender with the CSeq {} has no answer yet", own.number);
            sheet.find(&GLARE, Some((8, 11)), expected, view.status().unwrap_or_default().to_string());
        }
    }

    /// The INVITE with this number, or whichever it is, waits no more.
    fn ends(&mut self, key: &Key, number: Option<u32>) {
        if let Some(waiting) = self.waiting.get_mut(key)
            && waiting.is_some_and(|waiting| number.is_none_or(|number| number == waiting.number))
        {
            *waiting = None;
        }
    }
}
