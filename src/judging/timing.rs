//! How long answers of the target took, from the octets that asked for them: for information, and nothing is judged by it.
//! A repeated request is timed from its first octets.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use cpm_wire::msrp::{self, Flag, Kind};
use cpm_wire::sip::{self, Method, Name, Via};
use cpm_wire::time::Time;
use cpm_wire::{cpim, imdn};

use crate::evidence::{Direction, Octets};
use crate::report::{Seen, Timed};

/// A request of the tester that waits for its answers.
struct Asked {
    at: Time,
    what: Timed,
    is_provisional: bool,
    is_final: bool,
}

/// A stream of MSRP: whose end it is, and which connection.
type Stream = (String, Option<u64>);

/// Takes the times of one scenario.
#[derive(Default)]
pub(super) struct Stopwatch {
    /// By branch and method (RFC 3261 section 17.1.3).
    asked: HashMap<(String, String), Asked>,
    /// By stream and transaction identifier.
    sends: HashMap<(Stream, String), Time>,
    /// Which message the chunks of an MSRP message belong to, until it is whole: its imdn.Message-ID.
    coming: HashMap<(Stream, String), String>,
    /// When a message was whole at the tester, by imdn.Message-ID.
    delivered: HashMap<String, Time>,
    /// Of which messages the delivery was told.
    told: HashSet<String>,
}

impl Stopwatch {
    /// A message of SIP.
    pub fn sip(&mut self, seen: &mut Seen, at: Time, direction: Direction, message: &sip::Message) {
        let branch =
            message.values(&Name::Via).next().and_then(|via| Via::parse(via).ok()?.branch().map(str::to_owned));
        let method = message.method();
        match (direction, message.status(), branch) {
            (Direction::Sent, None, Some(branch)) => {
                if let Some(what) = timed(&method) {
                    let key = (branch, method.as_str().to_owned());
                    let asked = Asked { at, what, is_provisional: false, is_final: false };
                    self.asked.entry(key).or_insert(asked);
                }
            }
            (Direction::Received, Some(status), Some(branch)) => {
                let Some(asked) = self.asked.get_mut(&(branch, method.as_str().to_owned())) else { return };
                answered(seen, asked, status, at);
            }
            _ => {}
        }
        if direction == Direction::Received && message.is_request() && is_envelope(message.header(&Name::ContentType)) {
            self.envelope(seen, at, message.body_octets(), None);
        }
    }

    /// A message of MSRP, whole with these octets.
    pub fn msrp(&mut self, seen: &mut Seen, at: Time, octets: &Octets, message: &msrp::Message) {
        let stream: Stream = (octets.actor.to_string(), octets.connection);
        let is_send = message.is(&msrp::Method::Send);
        match (octets.direction, &message.kind) {
            (Direction::Sent, Kind::Request { .. }) if is_send => {
                self.sends.insert((stream, message.transaction.clone()), at);
            }
            (Direction::Received, Kind::Response { status: 200, .. }) => {
                if let Some(sent) = self.sends.remove(&(stream, message.transaction.clone())) {
                    seen.took(Timed::MsrpSend, us(sent, at));
                }
            }
            (Direction::Received, Kind::Request { .. }) if is_send => self.chunk(seen, at, stream, message),
            _ => {}
        }
    }

    /// A chunk from the target: the first has the envelope, the last makes the message whole.
    fn chunk(&mut self, seen: &mut Seen, at: Time, stream: Stream, message: &msrp::Message) {
        let Some(id) = message.message_id() else { return };
        let key = (stream, id.to_owned());
        let is_first = message.byte_range().is_none_or(|range| range.start == 1);
        let is_whole = message.flag == Flag::Complete;
        match message.body().filter(|_| is_first && is_envelope(message.content_type())) {
            Some(body) if is_whole => self.envelope(seen, at, body, None),
            Some(body) => self.envelope(seen, at, body, Some(key)),
            None if is_whole => {
                if let Some(id) = self.coming.remove(&key) {
                    self.delivered.entry(id).or_insert(at);
                }
            }
            None => {}
        }
    }

    /// An envelope from the target, whole or its beginning: a message that is delivered, or what tells of one.
    fn envelope(&mut self, seen: &mut Seen, at: Time, octets: Bytes, unfinished: Option<(Stream, String)>) {
        let Ok(envelope) = cpim::Message::parse(octets) else { return };
        let is_notification = envelope.content_type().is_some_and(|own| own.starts_with(imdn::MEDIA_TYPE));
        match (is_notification, unfinished, envelope.imdn_message_id()) {
            (true, None, _) => {
                let told = imdn::Notification::parse(envelope.body()).ok();
                let told = told.filter(|own| own.kind == imdn::Kind::Delivery && own.status == imdn::Status::Delivered);
                let Some(id) = told.map(|own| own.message_id) else { return };
                // A notification that is ahead of the message tells of no delivery to a device.
                if let Some(delivered) = self.delivered.get(&id)
                    && self.told.insert(id)
                {
                    seen.took(Timed::Notification, us(*delivered, at));
                }
            }
            (false, None, Some(id)) => {
                self.delivered.entry(id.to_owned()).or_insert(at);
            }
            (false, Some(key), Some(id)) => {
                self.coming.insert(key, id.to_owned());
            }
            _ => {}
        }
    }
}

/// An answer to a request: the first provisional one other than 100, and the first final one, are timed.
fn answered(seen: &mut Seen, asked: &mut Asked, status: u16, at: Time) {
    match status {
        101..=199 if asked.what == Timed::InviteFinal && !asked.is_provisional => {
            asked.is_provisional = true;
            seen.took(Timed::InviteProvisional, us(asked.at, at));
        }
        200.. if !asked.is_final => {
            asked.is_final = true;
            seen.took(asked.what, us(asked.at, at));
        }
        _ => {}
    }
}

/// Under what a request is timed; an ACK has no answer.
fn timed(method: &Method) -> Option<Timed> {
    Some(match method.as_str() {
        "INVITE" => Timed::InviteFinal,
        "MESSAGE" => Timed::Message,
        "REGISTER" => Timed::Register,
        "SUBSCRIBE" => Timed::Subscribe,
        "NOTIFY" => Timed::Notify,
        "PUBLISH" => Timed::Publish,
        "OPTIONS" => Timed::Options,
        "ACK" => return None,
        _ => Timed::Other,
    })
}

fn is_envelope(content_type: Option<&str>) -> bool {
    content_type
        .is_some_and(|own| own.trim_start().get(..12).is_some_and(|own| own.eq_ignore_ascii_case("message/cpim")))
}

fn us(from: Time, to: Time) -> u64 {
    u64::try_from(to.since(from).as_micros()).unwrap_or(u64::MAX)
}
