//! What each side of a leg described of media: offers and their answers, line by line (RFC 3264, RFC 8866).

use cpm_wire::sdp::{MsrpMedia, Session};
use cpm_wire::sip::{Message, Method};

use super::legs::{Legs, part};
use super::session::session_key;

/// Exchanges kept of one leg.
const EXCHANGES: usize = 256;

/// One medium of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The media type of `m=`.
    pub kind: String,
    /// The port; 0 refuses the medium.
    pub port: u16,
    /// The transport.
    pub protocol: String,
    /// The formats.
    pub formats: String,
    /// The host of `c=`.
    pub address: String,
    /// The fingerprint of a certificate (RFC 8122).
    pub fingerprint: Option<String>,
    /// Whether it is about who may speak (RFC 8856).
    pub floor: bool,
    /// What it says as a message session, if it is one.
    pub message: Option<MsrpMedia>,
}

impl Line {
    fn read(session: &Session<'_>) -> Vec<Line> {
        let lines = session.media().map(|media| Line {
            kind: media.kind.to_ascii_lowercase(),
            port: media.port,
            protocol: media.protocol.to_ascii_uppercase(),
            formats: media.formats.to_owned(),
            address: session.connection_of(&media).map(|of| of.address.to_owned()).unwrap_or_default(),
            fingerprint: session.attribute_of(&media, "fingerprint").and_then(|of| of.value).map(str::to_owned),
            floor: ["floorctrl", "floorid"].iter().any(|name| session.attribute_of(&media, name).is_some()),
            message: MsrpMedia::of_media(session, &media).ok(),
        });
        lines.collect()
    }

    /// Whether it is a message session, usable or not.
    pub fn is_message(&self) -> bool {
        self.kind == "message" && self.protocol.ends_with("/MSRP")
    }

    /// Whether it is refused, or over.
    pub const fn is_refused(&self) -> bool {
        self.port == 0
    }

    /// Whether it is the same medium over the same transport.
    pub fn is_like(&self, other: &Line) -> bool {
        self.kind == other.kind && self.protocol == other.protocol
    }

    /// The path of the side that wrote it, comparable: of its URIs the last, which is the end itself.
    pub fn path(&self) -> Option<String> {
        self.message.as_ref()?.path.last().map(|uri| session_key(uri))
    }
}

/// One description.
#[derive(Clone, Debug)]
pub struct Description {
    /// Where it was.
    pub frame: u64,
    /// Whether the target wrote it.
    pub by_target: bool,
    /// Its media, in order.
    pub lines: Vec<Line>,
}

impl Description {
    fn read(frame: u64, sent: bool, message: &Message) -> Option<Description> {
        let octets = part(message, cpm_wire::sdp::MEDIA_TYPE)?;
        let session = Session::parse(&octets).ok()?;
        Some(Description { frame, by_target: !sent, lines: Line::read(&session) })
    }

    /// The message session that is in use, or else the first.
    pub fn message(&self) -> Option<&Line> {
        let mut all = self.lines.iter().filter(|line| line.is_message());
        let first = all.next()?;
        if first.is_refused() { all.find(|line| !line.is_refused()).or(Some(first)) } else { Some(first) }
    }
}

/// An offer, and what was answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The offer.
    pub offer: Description,
    /// The answer.
    pub answer: Option<Description>,
    /// The number in the CSeq of the request that it belongs to.
    number: u32,
    /// Whether the target sent that request.
    asked_by_target: bool,
}

impl Exchange {
    /// The same offer, with no answer yet: what another end that a request was forked to knows.
    pub(super) fn unanswered(&self) -> Exchange {
        Exchange { answer: None, ..self.clone() }
    }

    /// What one side described in it.
    pub fn of(&self, by_target: bool) -> Option<&Description> {
        [Some(&self.offer), self.answer.as_ref()].into_iter().flatten().find(|of| of.by_target == by_target)
    }
}

impl Legs {
    /// A description in whichever message of a leg.
    pub(super) fn exchanged(&mut self, frame: u64, at: usize, sent: bool, message: &Message) {
        let Some(description) = Description::read(frame, sent, message) else { return };
        let Some(leg) = self.get_mut(at).filter(|leg| leg.exchanges.len() < EXCHANGES) else { return };
        let number = message.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let mut known = leg.exchanges.iter_mut().rev();
        let asked_by_target = match (message.is_request(), message.method()) {
            // They answer what a response offered.
            (true, Method::Ack | Method::Prack) => {
                let open = known.find(|open| open.answer.is_none() && open.offer.by_target != description.by_target);
                if let Some(open) = open {
                    open.answer = Some(description);
                }
                return;
            }
            (true, _) => description.by_target,
            (false, _) => {
                let asked_by_target = !description.by_target;
                let of_request = |of: &&mut Exchange| of.number == number && of.asked_by_target == asked_by_target;
                if let Some(known) = known.find(of_request) {
                    if known.offer.by_target != description.by_target {
                        known.answer.get_or_insert(description);
                    }
                    return;
                }
                asked_by_target
            }
        };
        leg.exchanges.push(Exchange { offer: description, answer: None, number, asked_by_target });
    }
}
