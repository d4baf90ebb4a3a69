//! Single SIP messages: what each is recognised by, whether it crossed between tester and target or somebody reports that it
//! did. They are kept once somebody is under interception.

use std::collections::BTreeSet;

use cpm_wire::sip::{Message, Method, Name, NameAddr, Uri};
use cpm_wire::time::Time;

use super::cast::Cast;
use super::content::Content;
use super::legs::When;

/// Messages kept of one scenario.
const SIGNALS: usize = 20_000;

/// A SIP message, by what it is recognised.
#[derive(Clone, Debug)]
pub struct Signal {
    /// The frame: of the message, or of what reports it.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// Whether the tester sent it.
    pub sent: bool,
    /// Its method, or that of the request which it answers.
    pub method: Method,
    /// The status of an answer.
    pub status: Option<u16>,
    /// Call-ID.
    pub call_id: String,
    /// The number in CSeq.
    pub cseq: u32,
    /// The served users whom it names, wherever.
    pub people: BTreeSet<String>,
    /// The canonical names of its headers.
    pub names: BTreeSet<String>,
    /// The names of headers that nobody knows, in lower case.
    pub unknown: BTreeSet<String>,
    /// What it says.
    pub content: Content,
}

impl Signal {
    pub(super) fn read(When { frame, at }: When, sent: bool, message: &Message, cast: &Cast) -> Option<Signal> {
        let (unknown, names): (Vec<&Name>, Vec<&Name>) =
            message.fields().iter().map(|field| &field.name).partition(|name| matches!(name, Name::Other(_)));
        Some(Signal {
            frame,
            at,
            sent,
            method: message.method(),
            status: message.status(),
            call_id: message.call_id()?.to_owned(),
            cseq: message.cseq().ok()?.number,
            people: people(message, cast),
            names: names.into_iter().map(|name| name.as_str().to_owned()).collect(),
            unknown: unknown.into_iter().map(|name| name.as_str().to_ascii_lowercase()).collect(),
            content: Content::read(message.header(&Name::ContentType), &message.body_octets()),
        })
    }

    /// Whether it is the same message: of the same transaction, the same request or a like answer. What two legs share is the
    /// same here.
    pub fn is(&self, other: &Signal) -> bool {
        let class = |signal: &Signal| signal.status.map(|status| status / 100);
        self.method == other.method
            && self.cseq == other.cseq
            && self.call_id == other.call_id
            && class(self) == class(other)
    }

    /// How it is called in findings: `INVITE`, `200 to INVITE`.
    pub fn told(&self) -> String {
        match self.status {
            Some(status) => format!("{status} to {}", self.method.as_str()),
            None => self.method.as_str().to_owned(),
        }
    }
}

/// The served users whom a message names: as its sender, its recipient, or whom it is about.
fn people(message: &Message, cast: &Cast) -> BTreeSet<String> {
    let values = [Name::From, Name::To, Name::PAssertedIdentity, Name::PServedUser, Name::PCalledPartyId];
    let named = values.iter().flat_map(|name| message.headers(name)).filter_map(|value| NameAddr::parse(value).ok());
    let named = named.map(|address| address.uri.to_owned());
    let all = message.request_uri().map(str::to_owned).into_iter().chain(named);
    all.filter(|uri| Uri::parse(uri).is_ok()).filter_map(|uri| Some(cast.addressed(&uri)?.0.to_owned())).collect()
}

/// All SIP messages of a scenario, from the first that matters on.
#[derive(Debug, Default)]
pub(super) struct Signals {
    wanted: bool,
    all: Vec<Signal>,
}

impl Signals {
    pub fn all(&self) -> &[Signal] {
        &self.all
    }

    /// From now on they are kept.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// A message of the wire; false where there are too many.
    pub fn observe(&mut self, when: When, sent: bool, message: &Message, cast: &Cast) -> bool {
        if !self.wanted {
            return true;
        }
        let fits = self.all.len() < SIGNALS;
        self.all.extend(Signal::read(when, sent, message, cast).filter(|_| fits));
        fits
    }
}
